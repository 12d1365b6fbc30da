"""The mark in pictures that came back, and its absence in others."""

from functools import cache

import cv2
import numpy as np
import pytest

from provenance.marks.watermark.codebook import Codebook
from provenance.marks.watermark.detection import find
from provenance.marks.watermark.embedding import embed
from provenance.marks.watermark.keys import Key
from provenance.marks.watermark.reading import confirms, read
from tests.provenance.watermark.pictures import (
    KEY,
    NUMBER,
    OTHER,
    jpeg,
    luma,
    painted,
    scaled,
    turned,
)

ISSUED = np.append(np.random.default_rng(9).integers(2**48, size=20_000), NUMBER)


@cache
def marked(name):
    return embed(painted(name), NUMBER, KEY)


def brighter(picture, by):
    return np.clip(picture.astype(int) + by, 0, 255).astype(np.uint8)


FATES = {
    "untouched": ("city", lambda p: p),
    "jpeg 30": ("fog", lambda p: jpeg(p, 30)),
    "half the size": ("night", lambda p: scaled(p, 0.5)),
    "an odd size": ("fog", lambda p: jpeg(scaled(p, 1.31), 80)),
    "cropped": ("city", lambda p: p[71:481, 33:443]),
    "mirrored on its side": ("fog", lambda p: np.rot90(p[:, ::-1])),
    "tilted": ("city", lambda p: turned(p, 5)),
    "upside down, blurred": ("night", lambda p: cv2.GaussianBlur(p[::-1, ::-1], (0, 0), 2)),
    "all at once": ("fog", lambda p: brighter(jpeg(scaled(p[20:480, 480:20:-1], 0.6), 70), 15)),
}


@pytest.mark.parametrize("fate", FATES)
def test_the_number_is_read_blindly(fate):
    name, change = FATES[fate]
    (trace,) = find(luma(np.ascontiguousarray(change(marked(name)))), [KEY])
    assert trace.key == KEY.id
    assert read(trace, KEY).number == NUMBER


def test_of_two_keys_the_one_that_marked_stands_out():
    first, second = find(luma(marked("fog")[:300, :300]), [OTHER, KEY])
    assert (first.key, second.key) == (KEY.id, OTHER.id)
    assert read(second, OTHER) is None


def test_the_placement_says_where_the_picture_was_taken_from():
    trace = find(luma(scaled(marked("fog")[64:448, 96:480], 0.75)), [KEY])[0]
    assert np.allclose(trace.placement[:, :2], np.eye(2) / 0.75, atol=4e-3)
    middle = trace.placement @ [144, 144, 1] - [96 + 192, 64 + 192]
    assert np.allclose((middle + 128) % 256 - 128, 0, atol=1.5)


RANDOM = np.random.default_rng(2).integers(0, 256, (320, 400), np.uint8)


def wall():
    y, x = np.mgrid[:400, :400]
    mortar = (y % 24 < 2) | ((x + y // 24 % 2 * 24) % 48 < 2)
    return np.where(mortar, 220, 90).astype(np.uint8)


STRANGE = {
    "city": lambda: luma(painted("city")),
    "another key": lambda: luma(embed(painted("fog")[:400, :400], NUMBER, OTHER)),
    "noise": lambda: RANDOM,
    "wall": wall,
    "tiles": lambda: np.tile(RANDOM[:64, :64], (6, 6)),
    "flat": lambda: np.full((300, 300), 90, np.uint8),
}


@pytest.mark.parametrize("name", STRANGE)
def test_nothing_is_found_where_nothing_is(name):
    upright = np.eye(3)[:2]
    for trace in find(STRANGE[name](), [KEY], placements=[upright]):
        assert read(trace, KEY) is None
        assert not confirms(trace, NUMBER, KEY)
        assert Codebook(KEY, ISSUED).likeliest(trace) is None


def worn(name):
    """A small, noisy copy, and about where it lies in the original."""
    noise = np.random.default_rng(4).normal(0, 9.5, (256, 256, 1))
    copy = np.clip(jpeg(scaled(marked(name), 0.5), 90) + noise, 0, 255).astype(np.uint8)
    return luma(copy), np.array([[2.0, 0.0, 3.0], [0.0, 2.0, -2.0]])


def test_a_placement_finds_what_the_blind_search_misses():
    picture, placement = worn("clear")
    (blind,) = find(picture, [KEY])
    assert not confirms(blind, NUMBER, KEY)
    traces = find(picture, [KEY], placements=[placement])
    assert [trace.strength for trace in traces] == sorted(
        (t.strength for t in traces), reverse=True
    )
    (placed,) = [trace for trace in traces if trace.trials < blind.trials]
    assert confirms(placed, NUMBER, KEY)
    assert not confirms(placed, NUMBER ^ 1, KEY)


def test_a_number_too_worn_to_spell_is_recognised_among_the_issued():
    picture, placement = worn("clear")
    trace = find(picture, [KEY], placements=[placement])[0]
    assert read(trace, KEY) is None
    book = Codebook(KEY, ISSUED[:-1])
    assert book.likeliest(trace) is None
    book.add(ISSUED[-1:])
    likely = book.likeliest(trace)
    assert likely.number == NUMBER
    assert likely.margin > 2


def test_a_plain_mark_of_a_number_that_is_not_in_the_book_is_not_taken_for_another():
    trace = find(luma(marked("fog")), [KEY])[0]
    assert read(trace, KEY).number == NUMBER
    assert Codebook(KEY, ISSUED[:-1]).likeliest(trace) is None


def test_an_empty_book_knows_no_number():
    assert Codebook(KEY).likeliest(find(luma(marked("fog")), [KEY])[0]) is None


@pytest.mark.parametrize("shape", [(1, 1), (1, 300), (64, 64), (200, 300)])
@pytest.mark.parametrize("period", [1, 2, 40])
def test_a_picture_with_nothing_or_only_stripes_in_it_has_no_trace_that_counts(shape, period):
    stripes = np.broadcast_to(np.arange(shape[1]) % period * 6, shape).astype(np.uint8)
    key = Key(1, b"any key will do, as long as it is long")
    book = Codebook(key, np.arange(1, 50, dtype=np.int64))
    for trace in find(np.ascontiguousarray(stripes), [key], placements=[np.eye(2, 3)]):
        assert read(trace, key) is None
        assert not confirms(trace, 7, key)
        assert book.likeliest(trace) is None
