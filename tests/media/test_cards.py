"""Images as parts of answers: kept, and never out of date."""

from datetime import timedelta

import pytest
from django.db.models import F

from core import clock
from core.renderers import as_read
from media import cards as kept
from media.cards import Sight, Wish, cards, sight
from media.models import Asset, Avatar, Rendition
from provenance.models import Evidence, Generation, Record
from tests.helpers.rows import picture_of
from users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture
def owner():
    return User.objects.create(username="ann", email="ann@example.org")


@pytest.fixture
def asset(owner):
    return Asset.objects.get(pk=picture_of(owner))


@pytest.fixture
def stranger():
    return User.objects.create(username="ben", email="ben@example.org")


@pytest.fixture
def made(monkeypatch):
    """The assets that were put together, in order."""
    done = []
    present = kept.present_asset

    def noted(asset, viewer, *, may_remix):
        done.append(asset.pk)
        return present(asset, viewer, may_remix=may_remix)

    monkeypatch.setattr(kept, "present_asset", noted)
    return done


def shown(asset, viewer, *, may_remix=False):
    text = Asset.objects.filter(pk=asset.pk).values_list(sight(), flat=True).get()
    look = User.objects.values_list(
        "username", "display_name", "kind", "avatar__file_name", "avatar__asset__token"
    )
    wish = Wish(Sight.read(text), look.get(pk=asset.owner_id), may_remix)
    (card,) = cards([wish], viewer).values()
    return as_read(card.asset)


def test_a_card_is_put_together_once(asset, stranger, made):
    assert shown(asset, stranger) == shown(asset, stranger)
    assert made == [asset.pk]


def _rename(asset):
    User.objects.filter(pk=asset.owner_id).update(display_name="Ann the Great")


def _choose_avatar(asset):
    Avatar.objects.create(user=asset.owner, asset=asset, file_name="200.webp")


def _relabel(asset):
    Record.objects.filter(pk=asset.record_id).update(origin="ai_generated", flag="ai")


def _learn(asset):
    Evidence.objects.create(
        record=asset.record, kind="declaration", claims="human_captured", grade="declared",
        detector="test", sequence=1,
    )  # fmt: skip


def _render(asset):
    Rendition.objects.create(
        asset=asset, media_type="image/webp", width=1, height=1, size=1, key="k"
    )
    Asset.objects.filter(pk=asset.pk).update(rendered_origin="unknown")


def _remember(asset):
    Generation.objects.create(
        record=asset.record, backend="b", model="m", source_type="s", prompt="Stones"
    )


def _describe(asset):
    Asset.objects.filter(pk=asset.pk).update(alt_text="Stones")


@pytest.mark.parametrize(
    "change", [_rename, _choose_avatar, _relabel, _learn, _render, _remember, _describe]
)
def test_whatever_a_card_is_made_of_makes_it_anew(asset, stranger, made, change):
    before = shown(asset, stranger)
    change(asset)
    assert shown(asset, stranger) != before
    assert made == [asset.pk, asset.pk]


def test_so_does_an_avatar_whose_address_changes(asset, stranger, made):
    _choose_avatar(asset)
    before = shown(asset, stranger)["owner"]["avatar_url"]
    Asset.objects.filter(pk=asset.pk).update(token="new")
    assert shown(asset, stranger)["owner"]["avatar_url"] != before


def test_an_unrelated_change_of_its_owner_keeps_it(asset, stranger, made):
    shown(asset, stranger)
    User.objects.filter(pk=asset.owner_id).update(followers_count=F("followers_count") + 1)
    shown(asset, stranger)
    assert made == [asset.pk]


def test_a_prompt_is_read_by_its_owner_and_by_who_may_remix(asset, owner, stranger):
    _remember(asset)
    Generation.objects.update(prompt_visibility="remixers")
    for _ in range(2):  # as they are made, and as they are kept
        assert "prompt" not in shown(asset, stranger)["generation"]
        assert shown(asset, stranger, may_remix=True)["generation"]["prompt"] == "Stones"
        assert shown(asset, owner)["generation"]["prompt"] == "Stones"


def test_addresses_that_run_out_are_given_anew(asset, stranger, monkeypatch):
    _render(asset)
    moment = clock.now()
    monkeypatch.setattr("media.addresses.now", lambda: moment)
    before = shown(asset, stranger)["urls"]
    moment += timedelta(seconds=31)
    after = shown(asset, stranger)["urls"]
    assert before["1"].partition("?")[0] == after["1"].partition("?")[0]
    assert before != after
    Asset.objects.filter(pk=asset.pk).update(public=True)
    assert shown(asset, stranger)["urls"] == {"1": before["1"].partition("?")[0]}


def test_what_went_away_meanwhile_has_no_card(asset, stranger):
    text = Asset.objects.filter(pk=asset.pk).values_list(sight(), flat=True).get()
    gone = text.replace(str(asset.pk), str(asset.record_id))
    assert cards([Wish(Sight.read(gone), None, False)], stranger) == {}


def test_one_whose_owner_was_not_read_is_not_kept(asset, stranger, made):
    text = Asset.objects.filter(pk=asset.pk).values_list(sight(), flat=True).get()
    for _ in range(2):
        assert cards([Wish(Sight.read(text), None, False)], stranger)
    assert made == [asset.pk, asset.pk]
