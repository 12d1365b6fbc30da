"""What looks like a banned image is held at the door, whoever brings it; the door fails closed."""

from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.db.utils import IntegrityError

from core.clock import now
from media import looking
from media import services as media
from media.models import Asset
from media_gen.tasks import serve
from moderation.models import Case
from provenance.models import Record
from safety.images import Hold, HoldReason, why_to_hold
from safety.models import BannedImage
from tests.helpers import pictures
from tests.safety.conftest import framed, mirrored, report, waiting_case, work_on

pytestmark = pytest.mark.django_db


def bring(upload, client, picture, kind="JPEG", **options):
    asset = upload(client, data=pictures.encoded(picture, kind, **options))
    return asset, Asset.objects.get(pk=asset["id"])


def test_a_ban_holds_copies_by_anybody_and_nothing_else(
    author, stranger, follower, upload, banned, shot
):
    original = Asset.objects.get(pk=banned[0]["id"])
    copies = [
        (author, shot, {"quality": 92}),  # the very same pixels, its own author's
        (stranger, mirrored(shot), {}),
        (follower, framed(shot), {}),
        (follower, shot.resize((200, 150)), {"kind": "WEBP"}),
    ]
    for client, copy, options in copies:
        shown, asset = bring(upload, client, copy, **options)
        assert shown["state"] == "held"
        assert (asset.held_for, asset.held_like) == ("banned_image", original.record)
        assert waiting_case(shown).held
    assert follower.delete(f"/api/v1/assets/{shown['id']}").status_code == 204
    asset.refresh_from_db()
    assert (asset.state, asset.held_for, asset.held_like) == ("removed", "", None)
    shown, asset = bring(upload, stranger, pictures.picture(6, (240, 180)))
    assert (shown["state"], asset.held_for) == ("processing", "")
    assert not Case.objects.filter(target_id=asset.pk).exists()


def test_a_lifted_ban_lets_new_copies_in_unless_another_stands(
    stranger, upload, banned, held, decide, reverse, shot
):
    """What was held for it stays held: a moderator looks at each."""
    original, decision = banned
    copy, _ = held
    second = decide(copy, "ban")
    reverse(decision)
    assert stranger.get(f"/api/v1/assets/{original['id']}").status_code == 200
    assert bring(upload, stranger, shot, quality=61)[0]["state"] == "held"
    reverse(second)
    assert bring(upload, stranger, shot, quality=62)[0]["state"] == "processing"
    assert Asset.objects.get(pk=copy["id"]).state == "held"
    assert waiting_case(copy).held


def test_banning_a_post_bans_all_its_pictures_and_a_reversal_restores_them(
    author, stranger, upload, decide, reverse, shot
):
    other = pictures.picture(6, (240, 180))
    assets = [bring(upload, author, picture)[0]["id"] for picture in (other, shot)]
    post = author.post("/api/v1/posts", {"assets": assets}).json()
    report(stranger, f"post:{post['id']}")
    decision = decide(post, "ban")
    again = author.post("/api/v1/posts", {"assets": assets, "body": "Once more"}).json()
    for address in (f"posts/{post['id']}", f"posts/{again['id']}", f"assets/{assets[0]}"):
        assert stranger.get(f"/api/v1/{address}").status_code == 404
    assert BannedImage.objects.filter(lifted_at=None).count() == 2
    assert bring(upload, stranger, shot, quality=50)[0]["state"] == "held"
    reverse(decision)
    assert not BannedImage.objects.filter(lifted_at=None).exists()
    seen = stranger.get(f"/api/v1/posts/{post['id']}").json()["assets"]
    assert [asset["id"] for asset in seen] == assets


def test_only_pictures_can_be_banned(author, stranger, moderator):
    post = author.post("/api/v1/posts", {"body": "Words"}).json()
    said = author.post(f"/api/v1/posts/{post['id']}/comments", {"body": "rude"}).json()
    for target in (f"post:{post['id']}", f"comment:{said['id']}", "user:author"):
        report(stranger, target)
    for case in Case.objects.all():
        address = f"/api/v1/moderation/cases/{case.pk}/decisions"
        answer = moderator.post(address, {"action": "ban", "reason": "Because."})
        assert (answer.status_code, answer.json()["code"]) == (400, "nothing_to_ban")
    assert not BannedImage.objects.exists()


# --- the index cannot answer ----------------------------------------------------------------------


@contextmanager
def index_away():
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE provenance_perceptualhash RENAME TO away")
        try:
            yield
        finally:
            cursor.execute("ALTER TABLE away RENAME TO provenance_perceptualhash")


@pytest.fixture
def unanswered(follower, upload, shot):
    """An image that was brought while the index was away, and its post."""
    with index_away():
        shown, asset = bring(upload, follower, shot, quality=60)
    post = follower.post("/api/v1/posts", {"assets": [shown["id"]]}).json()
    return asset, post


def test_what_nobody_could_look_at_is_not_shown_until_somebody_has(
    author, stranger, unanswered, upload, decide, shot
):
    asset, post = unanswered
    assert (asset.state, asset.held_for) == ("held", "unchecked")
    media.settle_hold(asset=asset, alike=None)
    assert stranger.get(f"/api/v1/posts/{post['id']}").status_code == 404
    for _ in range(looking.MAX_LOOKS + 2):  # it is looked at again until there is an answer
        Record.objects.update(looked_at=now() - 2 * looking.OVERDUE_AFTER)
        assert looking.overlooked() == [asset.pk]
    work_on(asset)
    assert (asset.state, asset.held_for, asset.public) == ("processing", "", True)
    assert stranger.get(f"/api/v1/posts/{post['id']}").status_code == 200
    assert not Case.objects.exists()  # no moderator is asked what a machine can answer
    report(stranger, f"asset:{asset.pk}")  # and now it is itself in the index
    decide({"id": asset.pk}, "ban")
    assert bring(upload, author, shot.resize((200, 150)))[0]["state"] == "held"


def test_what_it_turns_out_to_be_it_is_held_for(stranger, unanswered, banned):
    asset, post = unanswered
    work_on(asset)
    original = Asset.objects.get(pk=banned[0]["id"])
    assert (asset.held_for, asset.held_like) == ("banned_image", original.record)
    assert waiting_case({"id": asset.pk}).held
    media.settle_hold(asset=asset, alike=frozenset())  # only a moderator releases it now
    asset.refresh_from_db()
    assert asset.state == "held"
    assert stranger.get(f"/api/v1/posts/{post['id']}").status_code == 404


def test_a_ban_that_came_while_a_copy_was_brought_is_found_by_the_closer_look(
    author, stranger, follower, upload, shot, decide
):
    """At the door the copy did not look like anything banned yet."""
    first, _ = bring(upload, author, shot, quality=92)
    assert author.post("/api/v1/posts", {"assets": [first["id"]]}).status_code == 201
    copy, asset = bring(upload, follower, shot, quality=60)
    post = follower.post("/api/v1/posts", {"assets": [copy["id"]]}).json()
    address = stranger.get(f"/api/v1/posts/{post['id']}").json()["assets"][0]["urls"]["240"]
    assert stranger.get(address).status_code == 200
    report(stranger, f"asset:{first['id']}")
    decide(first, "ban")
    work_on(asset)
    assert stranger.get(f"/api/v1/posts/{post['id']}").status_code == 404
    assert stranger.get(address).status_code == 404
    assert follower.get("/api/v1/users/follower").json()["counts"]["posts"] == 0
    assert waiting_case(copy).held


def test_generated_images_pass_the_same_door(author, stranger, decide):
    def generate():
        wish = {"prompt": "a heron", "seed": 5, "width": 64, "height": 64}
        job = author.post("/api/v1/generations", wish).json()["id"]
        serve.apply(kwargs={"queue": "generate"}, throw=True)
        (shown,) = author.get(f"/api/v1/generations/{job}").json()["outputs"]
        return Asset.objects.get(pk=shown["id"])

    with index_away():
        first = generate()
    assert (first.state, first.held_for) == ("held", "unchecked")
    work_on(first)
    assert (first.state, first.record.checking) == ("processing", False)
    assert author.post("/api/v1/posts", {"assets": [str(first.pk)]}).status_code == 201
    report(stranger, f"asset:{first.pk}")
    decide({"id": first.pk}, "ban")
    second = generate()
    assert (second.state, second.held_like) == ("held", first.record)
    assert waiting_case({"id": second.pk}).held


# --- rules that hold whoever writes ---------------------------------------------------------------


def test_the_rule():
    clear, taboo = Record.objects.create(), Record.objects.create()
    BannedImage.objects.create(record=taboo, decision_id=taboo.pk, reason_code="illegal")
    assert why_to_hold(None) == Hold(HoldReason.UNCHECKED)
    assert why_to_hold(frozenset()) is None
    assert why_to_hold(frozenset([clear.pk])) is None
    assert why_to_hold(frozenset([clear.pk, taboo.pk])) == Hold(HoldReason.BANNED_IMAGE, taboo.pk)


@pytest.mark.parametrize(
    "columns",
    [
        {"state": "held"},
        {"held_for": "unchecked"},
        {"state": "held", "held_for": "banned_image"},
        {"state": "held", "held_for": "boredom"},
        {"state": "held", "held_for": "unchecked", "public": True},
    ],
)
def test_the_database_refuses_what_cannot_be(author, columns):
    with pytest.raises(IntegrityError), transaction.atomic():
        Asset.objects.create(
            owner=author.user, record=Record.objects.create(), width=1, height=1, size=1, **columns
        )
