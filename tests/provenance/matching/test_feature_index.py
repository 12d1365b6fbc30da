"""The index of works by their parts, on a real database."""

import threading

import numpy as np
import pytest
from django.db import DatabaseError, connections

from provenance.matching import feature_index, features
from provenance.matching.words import POSTING
from provenance.models import FeatureSet, FeatureWord, Record
from tests.helpers import attacks, pictures
from tests.helpers.attacks import luma


def entered(source):
    record = Record.objects.create()
    feature_index.enter(record, {features.VERSION: source})
    return record


@pytest.fixture
def works(db, sources):
    """Fifty works, the paintings last."""
    return [entered(source) for source in sources]


def postings():
    return b"".join(bytes(row.postings) for row in FeatureWord.objects.order_by("word"))


ATTACKS = {
    "a crop": lambda p: attacks.as_jpeg(attacks.cropped(p, 0.5), 75),
    "turned": lambda p: attacks.rotated(p, 5),
    "a screenshot": lambda p: attacks.as_jpeg(attacks.screenshot(p), 70),
    "mirrored and cut": lambda p: attacks.cropped(features.mirrored(p), 0.7),
    "a quarter of the size": lambda p: attacks.resized(p, 0.25),
}


def test_works_are_found_by_their_parts(works, paintings):
    for name, attack in ATTACKS.items():
        for record, painting in zip(works[-len(paintings) :], paintings, strict=True):
            (sight,) = feature_index.seen_in(attack(painting))
            assert (name, sight.work) == (name, record.pk)
            assert sight.mirrored is (name == "mirrored and cut")
            assert sight.registration.judgement == "same"


def test_strangers_find_nothing(works):
    for seed in range(200, 203):
        assert feature_index.seen_in(luma(pictures.picture(seed))) == []


def test_a_picture_without_features_finds_nothing_and_is_kept(works):
    fog = luma(pictures.Image.linear_gradient("L"))
    before = postings()
    record = Record.objects.create()
    feature_index.enter(record, feature_index.describe(fog))
    assert feature_index.seen_in(fog) == []
    assert record.feature_sets.get().points == b""
    assert postings() == before


def test_a_work_that_is_entered_twice_is_there_once(works, paintings):
    before = postings()
    feature_index.enter(works[-1], feature_index.describe(paintings[-1]))
    assert postings() == before
    assert FeatureSet.objects.filter(record=works[-1]).count() == 1


def test_of_two_works_that_are_seen_the_surest_comes_first(works, paintings, kept):
    part = entered(kept(attacks.cropped(paintings[1], 0.7)))
    seen = [sight.work for sight in feature_index.seen_in(paintings[1])]
    assert seen == [works[-2].pk, part.pk]


def test_a_list_does_not_grow_beyond_its_limit(db, sources, monkeypatch):
    monkeypatch.setattr(feature_index, "MAX_POSTINGS", 3)
    for _ in range(5):
        entered(sources[-1])
    numbers = [np.frombuffer(row.postings, POSTING)["number"] for row in FeatureWord.objects.all()]
    assert max(len(np.unique(each)) for each in numbers) == 3


def test_what_is_loaded_is_what_was_entered(works, paintings):
    kept = works[-1].feature_sets.get()
    ((number, (record_id, source)),) = feature_index.load([kept.pk, 0]).items()
    expected = features.of_work(paintings[-1])
    assert (number, record_id) == (kept.pk, works[-1].pk)
    assert np.array_equal(source.features.points, expected.points)
    assert np.array_equal(source.features.descriptors, expected.descriptors)
    assert (source.width, source.height) == paintings[-1].shape[::-1]


@pytest.mark.django_db(transaction=True)
def test_writers_of_the_same_words_wait_for_each_other(sources):
    """Both enter works with the same words, in turns that often meet; none is lost."""
    described = {features.VERSION: sources[-1]}
    gate, failures = threading.Barrier(2), []

    def write():
        try:
            for _ in range(5):
                record = Record.objects.create()
                gate.wait(timeout=20)
                feature_index.enter(record, described)
        except DatabaseError as failure:
            failures.append(failure)
            gate.abort()
        finally:
            connections.close_all()

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert failures == []
    rows = np.frombuffer(postings(), POSTING)
    numbers, many = np.unique(rows["number"], return_counts=True)
    assert len(numbers) == 10
    assert {*many.tolist()} == {len(sources[-1].features)}


@pytest.mark.django_db(transaction=True)
def test_the_same_work_entered_by_two_at_once_is_there_once(sources):
    described, record = {features.VERSION: sources[-1]}, Record.objects.create()
    gate = threading.Barrier(2)

    def write():
        gate.wait(timeout=20)
        feature_index.enter(record, described)
        connections.close_all()

    writers = [threading.Thread(target=write) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(postings()) == POSTING.itemsize * len(sources[-1].features)
