"""The benchmark itself: attacks do what their names say, and a stopped run goes on."""

import math
import random
from functools import partial

import numpy as np
import pytest
from PIL import Image, ImageDraw

from tests.benchmarks.laundering import attacks, corpora, harness, layers, report, screens
from tests.helpers.pictures import picture

SIZE = (400, 300)
ALL = list(attacks.ATTACKS)
PLACES = ("centre", "corner", "off grid")


def _map() -> Image.Image:
    """Each pixel says where it is: red and green of x and y, halved, blue of what is left."""
    x, y = np.meshgrid(np.arange(SIZE[0]), np.arange(SIZE[1]))
    return Image.fromarray(np.dstack([x // 2, y // 2, x % 2 * 2 + y % 2]).astype(np.uint8))


def _place(image: Image.Image) -> tuple[int, int]:
    """Where on the map the upper left pixel was."""
    red, green, blue = image.getpixel((0, 0))
    return red * 2 + blue // 2, green * 2 + blue % 2


@pytest.mark.parametrize("name", ALL)
def test_an_attack_is_a_function_of_the_picture_its_name_and_its_key(name):
    original = picture(1, SIZE)
    once, again = (attacks.attacked(original, name, "a") for _ in range(2))
    assert original.tobytes() == picture(1, SIZE).tobytes()
    assert (once.mode, once.size) == ("RGB", again.size)
    assert once.tobytes() == again.tobytes()
    assert (once.tobytes() == original.tobytes()) == (name == "unchanged")


@pytest.mark.parametrize("name", ["crop 20 % off grid", "noise 8", "screenshot light"])
def test_chance_differs_from_picture_to_picture(name):
    one, other = (attacks.attacked(picture(1, SIZE), name, key) for key in "ab")
    assert one.tobytes() != other.tobytes()


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("resize 25 %", (100, 75)),
        ("resize 1.31 + JPEG 80", (524, 393)),
        ("crop 5 % centre", (380, 285)),
        ("crop 35 % off grid", (260, 195)),
        ("crop 50 % corner", (200, 150)),
        ("quarter turn", (300, 400)),
        ("border 5 % white", (440, 330)),
        ("border 15 % blurred", (520, 390)),
        ("text bar", SIZE),
        ("crop+resize+JPEG+bright", (192, 144)),
        ("screenshot of a crop", (1080, 2340)),
        ("WebP+JPEG+resize", (200, 150)),
    ],
)
def test_sizes(name, size):
    assert attacks.attacked(picture(1, SIZE), name, "a").size == size


def test_crops_are_cut_where_their_names_say():
    cut = {place: _place(attacks.attacked(_map(), f"crop 20 % {place}", "a")) for place in PLACES}
    assert cut["centre"] == (40, 30)
    assert cut["corner"] in [(0, 0), (80, 0), (0, 60), (80, 60)]
    assert all(offset % 2 for offset in cut["off grid"])


def test_the_mirror_and_the_quarter_turn_move_every_pixel():
    assert _place(attacks.attacked(_map(), "mirror", "a")) == (SIZE[0] - 1, 0)
    assert _place(attacks.attacked(_map(), "quarter turn", "a")) == (SIZE[0] - 1, 0)


@pytest.mark.parametrize("degrees", [2, 5])
def test_rotation_leaves_no_empty_corner_unless_it_is_to_be_filled(degrees):
    black = Image.new("RGB", SIZE)
    cropped = attacks.attacked(black, f"rotate {degrees}° cropped", "a")
    assert cropped.getextrema() == ((0, 0),) * 3
    assert cropped.width / cropped.height == pytest.approx(SIZE[0] / SIZE[1], abs=0.03)
    filled = attacks.attacked(black, f"rotate {degrees}° filled", "a")
    assert filled.getpixel((0, 0)) == (255, 255, 255)
    assert filled.width > SIZE[0]


def test_a_border_leaves_the_picture_whole():
    for kind in ("white", "blurred"):
        framed = attacks.attacked(_map(), f"border 15 % {kind}", "a")
        assert framed.crop((60, 45, 460, 345)).tobytes() == _map().tobytes()


def test_words_cover_only_their_place():
    barred = attacks.attacked(_map(), "text bar", "a")
    assert barred.crop((0, 0, 400, 262)).tobytes() == _map().crop((0, 0, 400, 262)).tobytes()
    captioned = attacks.attacked(_map(), "caption across", "a")
    assert captioned.crop((0, 0, 400, 110)).tobytes() == _map().crop((0, 0, 400, 110)).tobytes()


def test_light_and_noise_have_the_stated_strength():
    level = Image.new("RGB", SIZE, (100, 100, 100))
    assert attacks.attacked(level, "brightness +25 %", "a").getpixel((9, 9)) == (125, 125, 125)
    assert attacks.attacked(level, "brightness -25 %", "a").getpixel((9, 9)) == (75, 75, 75)
    noise = np.asarray(attacks.attacked(level, "noise 8", "a"), dtype=float)
    assert noise.std() == pytest.approx(8, abs=0.2)
    dot = Image.new("L", SIZE)
    ImageDraw.Draw(dot).rectangle((190, 140, 209, 159), fill=255)
    soft = np.asarray(attacks.attacked(dot.convert("RGB"), "blur 3", "a"), dtype=float)[:, :, 0]
    across = soft.sum(axis=0) / soft.sum()
    spread = math.sqrt(sum(across * (np.arange(SIZE[0]) - 199.5) ** 2))
    assert spread == pytest.approx(math.hypot(20 / math.sqrt(12), 3), abs=0.3)


def test_both_screens_show_the_whole_picture():
    light = screens.feed(picture(1, SIZE), random.Random(1)).crop((0, 550, 1080, 1360))
    assert light.tobytes() == picture(1, SIZE).resize(light.size, 1).tobytes()
    dark = screens.viewer(picture(1, SIZE), random.Random(1)).crop((72, 828, 1008, 1512))
    whole = picture(1, SIZE).resize((1008, 756), 1)
    assert dark.tobytes() == whole.crop((36, 36, 972, 720)).tobytes()


def test_corpora_name_each_picture_once():
    known = [*corpora.works(None, None), *corpora.decoys()]
    fresh = [*corpora.fresh_strangers(1), *corpora.fresh_strangers(2)]
    names = [piece.key for piece in (*known, *corpora.strangers(None), *fresh)]
    assert len(names) == len(set(names))
    assert sum(piece.kind == corpora.PAINTER for piece in known) >= 100


def test_fresh_strangers_are_other_pictures_of_the_same_families():
    shapes, others = (
        {piece.key.removesuffix(end): piece.make() for piece in pieces if piece.kind == "grid"}
        for end, pieces in (
            ("", [*corpora.decoys(), *corpora.strangers(None)]),
            (" of 1", corpora.fresh_strangers(1)),
        )
    )
    assert shapes.keys() == others.keys()
    assert all(shapes[key].tobytes() != others[key].tobytes() for key in shapes)


class Remembering:
    """A layer that knows pictures by their size, and writes down what it was asked."""

    marked_only = False

    def __init__(self, name, asked):
        self.name, self._asked = name, asked

    def index(self, works):
        self._sizes = {work.key: work.picture().size for work in works}

    def search(self, picture):
        self._asked.append((self.name, picture.size))
        return layers.Found(
            frozenset(key for key, size in self._sizes.items() if size == picture.size)
        )


class Watermark(Remembering):
    marked_only = True


def _framed(original, number):
    return original.crop((0, 0, 100 + number, 50))


def _piece(key, kind, size):
    return corpora.Piece(key, kind, partial(Image.new, "RGB", size))


@pytest.fixture
def bench(tmp_path):
    """Runs the harness on two painted works, a photograph, a decoy and a stranger."""
    asked = []

    def connect():
        return layers.Connected([Remembering("sizes", asked), Watermark("mark", asked)], _framed)

    def run(names, *, decoy="grid 0", **options):
        plan = harness.Plan(
            folder=tmp_path,
            works=[
                _piece("painter 1", corpora.PAINTER, (60, 40)),
                _piece("painter 2", corpora.PAINTER, (100, 80)),
                _piece("photograph 1", corpora.PHOTOGRAPH, (80, 80)),
            ],
            decoys=[_piece(decoy, "grid", (90, 90))],
            strangers=[_piece("grid 1", "grid", (90, 90))],
            sampled=1, jobs=1, connect=connect,
        )  # fmt: skip
        asked.clear()
        harness.measure(plan, tmp_path / "records.jsonl", names, **options)
        return list(asked)

    run.records = tmp_path / "records.jsonl"
    return run


def test_each_layer_is_asked_about_what_it_can_know(bench):
    asked = bench(["unchanged"])
    assert [size for name, size in asked if name == "mark"] == [
        (90, 90), (1080, 2340), (101, 50),
    ]  # fmt: skip
    assert len([size for name, size in asked if name == "sizes"]) == 3 + 2
    marked = [each for each in harness.recorded(bench.records) if each.marked]
    assert {(each.key, each.layer, each.asked, each.hit) for each in marked} == {
        ("painter 1", "sizes", True, True), ("painter 1", "mark", True, True),
        ("painter 2", "sizes", True, True), ("painter 2", "mark", False, False),
    }  # fmt: skip
    assert ("mark", (50, 102)) in bench(["unchanged", "quarter turn"])


def test_a_run_goes_on_where_it_was_stopped(bench):
    first = bench(["unchanged"])
    assert bench(["unchanged"]) == []
    whole = bench.records.read_text()
    bench.records.write_text(whole[:-20])
    assert bench(["unchanged"]) == first[-1:]
    assert bench(["unchanged", "mirror"], works=1) == [
        ("sizes", (101, 50)), ("mark", (101, 50)), ("sizes", (80, 80)),
    ]  # fmt: skip
    answers = harness.recorded(bench.records)
    assert len({each.question for each in answers}) == len(answers)


def test_records_are_forgotten_only_when_told(bench):
    first = bench(["unchanged"])
    assert bench(["unchanged"], forget=["mark"]) == [each for each in first if each[0] == "mark"]
    with pytest.raises(SystemExit, match="--fresh"):
        bench(["unchanged"], decoy="grid 2")
    assert bench(["unchanged"], fresh=True) == first


def test_the_report_counts_pairs_and_names_misses_and_false_matches(bench):
    bench(["unchanged", "quarter turn"])
    summary = report.Summary(harness.recorded(bench.records))
    assert [(each.key, each.wrong) for each in summary.false_matches] == [("grid 1", ["grid 0"])]
    text = summary.text()
    assert max(map(len, text.splitlines())) <= report.WIDTH
    rows = [line.split() for line in text.splitlines()]
    # sizes: three works, two attacks, among three others; a stranger, two attacks, among four
    assert ["sizes", "8", "26", "1"] in rows
    # mark: the first work and the stranger, and of the other work what no layer knew
    assert ["mark", "5", "7", "0"] in rows
    assert "FALSE sizes: grid 1 (unchanged): grid 0" in text
    assert "Missed by all layers: 2 of 6" in text
    assert "quarter turn: 2: painter 1; painter 2" in text
