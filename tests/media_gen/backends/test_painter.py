"""What the procedural painter promises: same arguments same bytes, words matter, steps are real."""

import os
import random
import subprocess
import sys
from collections.abc import Callable
from functools import cache
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from PIL import Image

from media_gen.backends.procedural.painter import ENGINE_VERSION, paint, understood
from media_gen.backends.procedural.vocabulary import SCENES, STYLES

HERON = "a heron at dawn over a misty lake"
SIZE = {"width": 128, "height": 96}
Preview = Callable[[], Image.Image]


def picture(prompt: str, seed: int = 7, **more: object) -> Image.Image:
    return paint(prompt, **{"seed": seed, **SIZE, **more})  # type: ignore[arg-type]


def pixels(image: Image.Image) -> np.ndarray:
    return np.asarray(image, dtype=np.float64) / 255


@cache
def heron() -> Image.Image:
    return picture(HERON)


def brightness(prompt: str, **more: object) -> float:
    return float(np.mean([pixels(picture(prompt, seed, **more)).mean() for seed in (1, 2, 3)]))


def channels(prompt: str, **more: object) -> np.ndarray:
    """Mean red, green, blue over two seeds."""
    return np.mean([pixels(picture(prompt, seed, **more)).mean((0, 1)) for seed in (1, 2)], 0)


def distance(first: Image.Image, second: Image.Image) -> float:
    return float(np.abs(pixels(first) - pixels(second)).mean())


@pytest.fixture(scope="module")
def source() -> Image.Image:
    return picture("a lighthouse by the sea at noon, summer", seed=4)


# determinism


def test_same_arguments_give_the_same_bytes() -> None:
    first = picture(HERON, 1)
    picture("stormy city at night, oil painting", 2)
    assert first.tobytes() == picture(HERON, 1).tobytes()


def test_repaint_is_deterministic_too(source: Image.Image) -> None:
    again = [picture("sunset, oil painting", source=source, strength=0.8) for _ in range(2)]
    assert again[0].tobytes() == again[1].tobytes()


@pytest.mark.parametrize("change", [{"seed": 8}, {"negative_prompt": "birds"}, {"prompt": "a "}])
def test_every_argument_changes_the_picture(change: dict[str, object]) -> None:
    arguments = {"prompt": HERON, "seed": 7, **SIZE}
    assert paint(**arguments).tobytes() != paint(**{**arguments, **change}).tobytes()  # type: ignore[arg-type]


def test_bytes_do_not_depend_on_the_hash_seed_of_the_process() -> None:
    program = (
        "import hashlib;from media_gen.backends.procedural.painter import paint;"
        "print(hashlib.sha256(paint('two red boats on a lake, autumn, no birds', seed=5, "
        "width=96, height=64).tobytes()).hexdigest())"
    )
    path = os.pathsep.join(filter(None, sys.path))
    outputs = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": path},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for hash_seed in ("0", "1")
    }
    assert len(outputs) == 1
    assert len(outputs.pop().strip()) == 64


def test_global_random_state_is_neither_used_nor_touched() -> None:
    random.seed(1)
    np.random.seed(1)
    before = random.getstate(), np.random.get_state()[1].tobytes()
    first = picture("meadow with a tree, storm")
    assert (random.getstate(), np.random.get_state()[1].tobytes()) == before
    np.random.seed(2)
    random.seed(2)
    assert first.tobytes() == picture("meadow with a tree, storm").tobytes()


# sizes and arguments


@pytest.mark.parametrize("size", [(67, 301), (333, 65)])
@pytest.mark.parametrize("prompt", [HERON, "a city at night", "a cat on the windowsill", "planet"])
def test_size_is_exact(prompt: str, size: tuple[int, int]) -> None:
    image = paint(prompt, seed=3, width=size[0], height=size[1])
    assert image.size == size
    assert image.mode == "RGB"
    assert pixels(image).std() > 0.02


@pytest.mark.parametrize("wrong", [
    {"width": 63}, {"height": 2049}, {"seed": -1}, {"seed": 2**32}, {"strength": 1.1},
])  # fmt: skip
def test_arguments_out_of_range_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match="must lie"):
        picture(HERON, **wrong)


def test_largest_seed_is_accepted() -> None:
    assert picture(HERON, 2**32 - 1).size == (128, 96)


@pytest.mark.parametrize("scene", SCENES)
def test_every_scene_paints_and_scenes_differ(scene: str) -> None:
    word = SCENES[scene].split()[0]
    image = picture(f"{word} at sunset")
    assert understood(word)["scene"] == scene
    assert pixels(image).std() > 0.04
    assert distance(image, heron()) > 0.03


@pytest.mark.parametrize("style", STYLES)
def test_every_style_changes_the_surface(style: str) -> None:
    word = STYLES[style].split()[0].replace("_", " ")
    assert understood(word)["styles"] == [style]
    styled = picture(f"a lighthouse by the sea, {word}", width=96, height=96)
    assert styled.size == (96, 96)
    assert pixels(styled).std() > 0.03


# steps and previews


class Watch:
    """Records every step and looks at every preview."""

    def __init__(self) -> None:
        self.fractions: list[float] = []
        self.previews: list[Image.Image] = []

    def __call__(self, fraction: float, preview: Preview) -> None:
        self.fractions.append(fraction)
        self.previews.append(preview())


@pytest.mark.parametrize(
    ("prompt", "strength"),
    [*((p, None) for p in (HERON, "marble", "bauhaus", "space", "coral reef", "window, oil")),
     (HERON, 0.0), (HERON, 0.5), (HERON, 1.0), ("red marble", 0.9)],
)  # fmt: skip
def test_fractions_rise_to_one(prompt: str, strength: float | None, source: Image.Image) -> None:
    fractions: list[float] = []
    more = {} if strength is None else {"source": source, "strength": strength}
    picture(prompt, step=lambda fraction, _: fractions.append(fraction), **more)
    assert all(early < late for early, late in pairwise(fractions))
    assert fractions[0] > 0
    assert fractions[-1] == 1.0
    assert len(fractions) >= 10


def test_previews_are_small_and_grow_into_the_picture() -> None:
    watch = Watch()
    final = paint(HERON, seed=7, width=400, height=300, step=watch)
    assert all(max(preview.size) <= 256 for preview in watch.previews)
    assert all(preview.mode == "RGB" for preview in watch.previews)
    small = final.resize(watch.previews[-1].size, Image.Resampling.BOX)
    gaps = [distance(preview, small) for preview in watch.previews]
    assert gaps[-1] < 0.01
    assert gaps[0] > 5 * gaps[-1]
    assert len({preview.tobytes() for preview in watch.previews}) >= 8


def test_previews_already_wear_the_style() -> None:
    watch = Watch()
    picture(HERON + ", noir", step=watch)
    for preview in watch.previews:
        red, green, blue = (np.asarray(band, dtype=int) for band in preview.split())
        assert np.abs(red - green).max() <= 1
        assert np.abs(green - blue).max() <= 1


def test_looking_at_previews_does_not_change_the_picture() -> None:
    assert picture(HERON + ", oil", step=Watch()).tobytes() == picture(HERON + ", oil").tobytes()


@pytest.mark.parametrize("at", [1, 5, 9])
def test_an_exception_of_step_stops_the_work_at_once(at: int, source: Image.Image) -> None:
    class CancelledError(Exception):
        pass

    for more in ({}, {"source": source, "strength": 0.7}, {"source": source, "strength": 0.0}):
        calls: list[float] = []

        def step(fraction: float, preview: Preview, calls: list[float] = calls) -> None:
            assert callable(preview)
            calls.append(fraction)
            if len(calls) == at:
                raise CancelledError

        with pytest.raises(CancelledError):
            picture(HERON, step=step, **more)
        assert len(calls) == at


# words matter


def test_night_is_darker_than_noon() -> None:
    assert brightness("sea at night") < 0.6 * brightness("sea at noon")


@pytest.mark.parametrize(("colour", "channel"), [("red", 0), ("green", 1), ("blue", 2)])
def test_colour_words_shift_the_hue(colour: str, channel: int) -> None:
    plain, tinted = channels("desert at noon"), channels(f"{colour} desert at noon")
    assert tinted[channel] / tinted.sum() > plain[channel] / plain.sum() + 0.01


def test_two_colours_share_lights_and_shadows() -> None:
    image = pixels(picture("teal and gold sea at sunset", width=256, height=256)).reshape(-1, 3)
    order = image.mean(1).argsort()
    dark, light = image[order[: len(order) // 4]].mean(0), image[order[-len(order) // 8 :]].mean(0)
    assert dark[2] > dark[0], "shadows are teal"
    assert light[0] > light[2], "lights are gold"


@pytest.mark.parametrize("word", ["noir", "monochrome", "schwarzweiß", "noir et blanc"])
def test_noir_is_grey(word: str) -> None:
    image = np.asarray(picture(f"red sunset over the sea, {word}"), dtype=int)
    assert (image.max(2) - image.min(2)).max() <= 1


def test_snow_whitens_the_ground() -> None:
    def ground(prompt: str) -> np.ndarray:
        return np.mean([pixels(picture(prompt, seed))[70:].mean((0, 1)) for seed in (1, 2, 3)], 0)

    summer, snowy = ground("meadow at noon, summer"), ground("snowy meadow at noon")
    assert snowy.mean() > summer.mean() + 0.15
    assert np.ptp(snowy) < 0.16


def test_mist_lowers_the_contrast_at_the_horizon() -> None:
    def contrast(prompt: str) -> float:
        bands = [pixels(picture(prompt, seed))[44:60].mean(2) for seed in range(1, 6)]
        return float(np.mean([np.abs(np.diff(band, axis=1)).mean() for band in bands]))

    assert contrast("mountain lake at noon, mist") < 0.8 * contrast("mountain lake at noon, clear")


def test_a_subject_is_drawn_where_there_was_none() -> None:
    with_heron = pixels(picture("a heron on a lake at noon", 7, width=256, height=256))
    assert understood("a heron on a lake")["subjects"] == [
        {"name": "heron", "count": 1, "colour": None}
    ]
    # a heron is an upright thing in the lower half: sharp sideways edges appear there
    without = pixels(picture("a heron on a lake at noon", 7, width=256, height=256,
                             negative_prompt="heron"))  # fmt: skip
    sideways = [np.abs(np.diff(image[150:225], axis=1)).max() for image in (with_heron, without)]
    assert sideways[0] > 1.3 * sideways[1]


@pytest.mark.parametrize(("prompt", "negative", "kind", "value"), [
    ("a lake without clouds, cloudy lake", "", "weather", "clouds"),
    ("a beach with no people", "", "subjects", "person"),
    ("ein See ohne Nebel, Nebel", "", "weather", "fog"),
    ("foggy forest", "fog", "weather", "fog"),
    ("a boat on a lake", "boats", "subjects", "boat"),
    ("red desert", "red", "colours", "red"),
])  # fmt: skip
def test_negation_removes(prompt: str, negative: str, kind: str, value: str) -> None:
    read = understood(prompt, negative)
    names = [item["name"] if isinstance(item, dict) else item for item in read[kind]]  # type: ignore[attr-defined]
    assert value not in names
    assert value in read["refused"]  # type: ignore[operator]


def test_negation_ends_where_the_sentence_turns() -> None:
    read = understood("no clouds and a red boat on the sea, without birds but with a lighthouse")
    assert [subject["name"] for subject in read["subjects"]] == ["boat", "lighthouse"]  # type: ignore[attr-defined]
    assert read["subjects"][0]["colour"] == "red"  # type: ignore[index]
    assert read["refused"] == ["birds", "clouds"]


def test_refused_clouds_leave_a_plain_sky() -> None:
    def texture(prompt: str) -> float:
        """Sideways unevenness of the sky that is coarser than grain and finer than its glow."""
        skies = [picture(prompt, seed).crop((0, 2, 128, 34)).resize((32, 8)) for seed in range(5)]
        return float(np.mean([np.abs(np.diff(pixels(sky), n=2, axis=1)).mean() for sky in skies]))

    plain = texture("desert at noon without clouds or birds or sun")
    assert plain < 0.6 * texture("cloudy desert at noon, no birds, no sun")


@pytest.mark.parametrize(("prompt", "scene", "subject"), [
    ("two boats on a mountain lake", "lake", "boat"),
    ("Ein Leuchtturm am Meer", "sea", "lighthouse"),
    ("un héron sur un lac à l'aube", "lake", "heron"),
    ("un faro junto al mar", "sea", "lighthouse"),
    ("un gatto alla finestra", "window", "cat"),
    ("herons", "lake", "heron"),
    ("a hot air balloon", "mountain", "balloon"),
])  # fmt: skip
def test_synonyms_plurals_and_languages(prompt: str, scene: str, subject: str) -> None:
    read = understood(prompt)
    assert read["scene"] == scene
    assert read["subjects"][0]["name"] == subject  # type: ignore[index]


def test_understood_says_nothing_it_was_not_told() -> None:
    assert understood("gfdhgj 🦑 東京") == {
        "scene": None, "backdrop": None, "time": None, "weather": [], "season": None,
        "styles": [], "colours": [], "subjects": [], "refused": [],
    }  # fmt: skip
    assert ENGINE_VERSION == "1"


# image to image


def test_strength_zero_returns_the_source(source: Image.Image) -> None:
    assert picture("night", source=source, strength=0.0).tobytes() == source.tobytes()
    smaller = paint("night", seed=1, width=80, height=64, source=source, strength=0.0)
    expected = source.resize((80, 64), Image.Resampling.LANCZOS)
    assert smaller.tobytes() == expected.tobytes()


def test_distance_from_the_source_grows_with_strength(source: Image.Image) -> None:
    prompt = "night in a forest"
    results = [picture(prompt, source=source, strength=s) for s in (0.0, 0.1, 0.25, 0.5, 0.8, 1.0)]
    gaps = [distance(result, source) for result in results]
    assert gaps[0] == 0
    assert all(late > early - 0.004 for early, late in pairwise(gaps))
    assert gaps[1] > 0.01
    assert gaps[-1] > 3 * gaps[1]


def test_middle_strength_keeps_the_forms_and_takes_the_light(source: Image.Image) -> None:
    night = picture("night", source=source, strength=0.35)
    assert pixels(night).mean() < 0.6 * pixels(source).mean()

    def forms(image: Image.Image) -> np.ndarray:
        return np.asarray(image.convert("L").resize((32, 24)), dtype=float).ravel()

    kept = np.corrcoef(forms(source), forms(night))[0, 1]
    unrelated = np.corrcoef(forms(source), forms(picture("night")))[0, 1]
    assert kept > 0.7
    assert kept > unrelated + 0.2


def test_full_strength_forgets_the_source(source: Image.Image) -> None:
    other = picture("red desert at night")
    prompt = "a forest in the morning"
    results = [picture(prompt, source=each, strength=1.0) for each in (source, other)]
    assert distance(*results) < 0.02


@pytest.mark.parametrize("mode", ["L", "RGBA", "P", "1", "CMYK", "LA"])
def test_any_source_mode_is_taken(mode: str, source: Image.Image) -> None:
    image = picture("sunset", source=source.convert(mode), strength=0.5)
    assert (image.mode, image.size) == ("RGB", (128, 96))


# robustness


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    prompt=st.text(max_size=60),
    negative=st.text(max_size=12),
    seed=st.integers(0, 2**32 - 1),
    width=st.integers(64, 110),
    height=st.integers(64, 110),
)
def test_any_unicode_prompt_paints(
    prompt: str, negative: str, seed: int, width: int, height: int
) -> None:
    image = paint(prompt, seed=seed, width=width, height=height, negative_prompt=negative)
    assert image.size == (width, height)
    assert pixels(image).std() > 0.01


WORDS = sorted({w.replace("_", " ") for table in (SCENES, STYLES) for ws in table.values()
                for w in ws.split()[:2]} | {"no", "without", "two", "red", "snow", "storm", "moon",
                "heron", "boats", "lighthouse", "cat", "bridge", "planet", "fish", "rainbow",
                "aurora", "night", "winter", "tree", "temple"})  # fmt: skip


@settings(max_examples=9, deadline=None, suppress_health_check=list(HealthCheck))
@example(words=["planet", "window"], seed=0)  # a heavenly body is no still life
@given(words=st.lists(st.sampled_from(WORDS), max_size=7), seed=st.integers(0, 99))
def test_any_mixture_of_known_words_paints(words: list[str], seed: int) -> None:
    assert paint(" ".join(words), seed=seed, width=72, height=64).size == (72, 64)


@pytest.mark.parametrize("prompt", ["", "   ", "🦑🦑", "東京の夜", "\ud800", "a" * 5000, "\x00"])
def test_odd_prompts_paint(prompt: str) -> None:
    assert pixels(picture(prompt)).std() > 0.02
