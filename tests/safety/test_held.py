"""A held image is its owner's and the moderators' to see, until it is let in."""

import pytest
from django.test import Client as Browser
from django.urls import reverse as address_of

from media import services as media
from media.models import Asset
from moderation import queries
from moderation.models import Case
from tests.helpers import pictures
from tests.safety.conftest import report, waiting_case

pytestmark = pytest.mark.django_db


def texts(client, kind):
    rows = client.get("/api/v1/notifications").json()["results"]
    return [row["text"] for row in rows if row["type"] == kind]


def test_nobody_but_its_owner_meets_it_anywhere(stranger, anonymous, follower, held, shot, upload):
    copy, post = held
    other = upload(follower, seed=9)
    both = follower.post("/api/v1/posts", {"assets": [copy["id"], other["id"]]}).json()
    for client in (stranger, anonymous):
        for address in (
            f"/api/v1/assets/{copy['id']}",
            f"/api/v1/assets/{copy['id']}/provenance",
            f"/api/v1/assets/{copy['id']}/download",
            f"/assets/{copy['id']}/provenance",
            f"/api/v1/posts/{post['id']}",
            f"/posts/{post['id']}",
        ):
            assert client.get(address).status_code == 404, address
        for feed in ("/api/v1/feeds/explore", "/api/v1/users/follower/posts", "/"):
            seen = client.get(feed).content.decode()
            assert post["id"] not in seen, feed
            assert copy["id"] not in seen, feed
    seen = stranger.get(f"/api/v1/posts/{both['id']}").json()["assets"]
    assert [asset["id"] for asset in seen] == [other["id"]]
    assert stranger.get("/api/v1/users/follower").json()["counts"]["posts"] == 1
    parents = [{"asset": copy["id"], "relation": "inspired_by"}]
    for client, code in ((stranger, "unknown_asset"), (follower, "remix_denied")):
        wish = {"prompt": "Mine now", "parents": parents}
        assert client.post("/api/v1/generations", wish).json()["code"] == code
    file = pictures.encoded(shot.resize((200, 150)), "JPEG", quality=60)
    body = {"file": pictures.upload(file)}
    assert anonymous.post("/api/v1/verify", body, format="multipart").json()["match"] is None
    mine = follower.get(f"/api/v1/assets/{copy['id']}").json()  # its owner has a row of it
    assert mine["state"] == "held"
    assert [follower.get(url).status_code for url in mine["urls"].values()] == [404]
    assert follower.get(f"/api/v1/assets/{copy['id']}/download").status_code == 200
    avatar = follower.put("/api/v1/me/avatar", {"asset": copy["id"]})
    assert (avatar.status_code, avatar.json()["code"]) == (409, "asset_held")


def test_a_dismissal_lets_it_in_and_a_reversal_of_that_holds_it_again(
    stranger, follower, held, banned, decide, reverse, settle
):
    copy, post = held
    case = waiting_case(copy)
    held_for = Asset.objects.filter(pk=copy["id"]).values("held_for", "held_like")
    before = held_for.get()
    decision = decide(copy, "dismiss", reason="Another picture.")
    settle(files=True)
    seen = stranger.get(f"/api/v1/posts/{post['id']}").json()["assets"]
    assert [(asset["id"], asset["state"]) for asset in seen] == [(copy["id"], "ready")]
    assert stranger.get(seen[0]["urls"]["200"]).status_code == 200
    assert stranger.get("/api/v1/users/follower").json()["counts"]["posts"] == 1
    (told,) = texts(follower, "decision")
    assert "it was held, and is let in now. Another picture." in told
    assert follower.get("/api/v1/me/decisions").json()["results"][0]["action"] == "dismiss"
    original = Asset.objects.get(pk=banned[0]["id"])  # the machine does not know better
    media.settle_hold(asset=Asset.objects.get(pk=copy["id"]), alike=frozenset([original.record_id]))
    assert stranger.get(f"/api/v1/posts/{post['id']}").status_code == 200
    reverse(decision)
    assert stranger.get(f"/api/v1/posts/{post['id']}").status_code == 404
    assert stranger.get(seen[0]["urls"]["200"]).status_code == 404
    assert held_for.get() == before
    assert waiting_case(copy) == case  # with all that was said about it
    assert waiting_case(copy).held


def test_no_other_decision_lets_it_in(stranger, follower, join, held, decide, reverse):
    """Not even a new label: else whoever disputes it would have it shown by the answer."""
    copy, post = held
    for action in ("hide", "ban", "suspend"):
        decision = decide(copy, action)
        assert not Case.objects.filter(target_id=copy["id"], state__in=Case.WAITING).exists()
        reverse(decision)
        assert waiting_case(copy).held
        assert Asset.objects.get(pk=copy["id"]).state == "held"
    other = join("another_judge", is_staff=True)
    for refused in (True, False):  # an appeal against hiding it
        decision = decide(copy, "hide")
        appeal = follower.post(f"/api/v1/decisions/{decision['id']}/appeal", {"statement": "No!"})
        assert appeal.status_code == 201
        if refused:
            address = f"/api/v1/moderation/cases/{waiting_case(copy).pk}/decisions"
            refusal = other.post(address, {"action": "dismiss", "reason": "It stays."})
            assert refusal.status_code == 201
            assert Asset.objects.get(pk=copy["id"]).state == "held"
        reverse(decision)
        assert waiting_case(copy).held
        assert Asset.objects.get(pk=copy["id"]).state == "held"
    decide(copy, "relabel", origin="ai_generated")
    assert waiting_case(copy).held
    assert stranger.get(f"/api/v1/posts/{post['id']}").status_code == 404
    decide(copy, "dismiss")
    assert stranger.get(f"/api/v1/posts/{post['id']}").status_code == 200


def at_the_panel(user):
    client = Browser()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    return client


def picture_in(case, asset):
    return address_of("moderation:case_picture", args=[case.pk, asset["id"], 640])


def test_the_panel_lays_the_banned_image_beside_the_held_one(
    author, stranger, follower, moderator, held, banned, publish, decide
):
    copy, original = held[0], banned[0]
    post = publish(author, seed=9)
    report(stranger, f"post:{post['id']}")
    other = post["assets"][0]
    case = waiting_case(copy)
    assert [each.held for each in queries.queue()] == [True, False]
    judge = at_the_panel(moderator.user)
    queue = judge.get("/moderation/moderation/case/?reason=held").content.decode()
    assert str(case.pk) in queue
    assert str(waiting_case(post).pk) not in queue
    page = address_of("moderation:moderation_case_change", args=[case.pk])
    shown = judge.get(page).content.decode()
    for words in ("It looks like a banned image", "Let it in", 'data-key="b"'):
        assert words in shown
    for asset, status in ((copy, 200), (original, 200), (other, 404)):
        assert judge.get(picture_in(case, asset)).status_code == status
        assert (asset["id"] in shown) == (status == 200)
        for client in (at_the_panel(follower.user), Browser()):
            assert client.get(picture_in(case, asset)).status_code == 302
    (told,) = [
        each for each in moderator.get("/api/v1/moderation/cases").json()["results"] if each["held"]
    ]
    assert told["images"][0]["held_for"] == "banned_image"
    decide(copy, "dismiss")  # then there is nothing to compare any more
    assert judge.get(picture_in(case, original)).status_code == 404
