"""A picture, and moderators who ban it over the API."""

import pytest
from PIL import Image, ImageOps

from media.tasks import look_closely, render_renditions
from moderation.models import Case
from tests.helpers import pictures

CASES = "/api/v1/moderation/cases"


@pytest.fixture
def shot():
    """Small enough that its files need no signature, which is not what is looked at here."""
    return pictures.picture(5, (240, 180))


def framed(picture):
    return ImageOps.expand(picture, border=14, fill=(250, 250, 250))


def mirrored(picture):
    return picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def work_on(asset):
    """What workers do with a new image."""
    for task in (render_renditions, look_closely):
        task.apply(kwargs={"asset_id": str(asset.pk)}, throw=True)
    asset.refresh_from_db()


def report(client, target):
    answer = client.post("/api/v1/reports", {"target": target, "reason": "illegal"})
    assert answer.status_code == 201, answer.content


def waiting_case(target):
    return Case.objects.get(target_id=target["id"], state__in=Case.WAITING)


@pytest.fixture
def decide(moderator):
    def decide(target, action, **fields):
        """The decision of the case that waits about this image or post, as the API shows it."""
        body = {"action": action, "reason": "Because.", **fields}
        answer = moderator.post(f"{CASES}/{waiting_case(target).pk}/decisions", body)
        assert answer.status_code == 201, answer.content
        return answer.json()

    return decide


@pytest.fixture
def reverse(moderator):
    def reverse(decision):
        address = f"/api/v1/moderation/decisions/{decision['id']}/reverse"
        answer = moderator.post(address, {"reason": "A mistake."})
        assert answer.status_code == 201, answer.content

    return reverse


@pytest.fixture
def banned(author, stranger, upload, decide, shot):
    """A public image of the author's that was banned: (asset, decision)."""
    asset = upload(author, data=pictures.encoded(shot, "JPEG", quality=92))
    assert author.post("/api/v1/posts", {"assets": [asset["id"]]}).status_code == 201
    report(stranger, f"asset:{asset['id']}")
    return asset, decide(asset, "ban")


@pytest.fixture
def held(banned, follower, upload, shot):
    """A smaller copy of the banned image, brought by somebody else, who posts it at once."""
    copy = upload(follower, data=pictures.encoded(shot.resize((200, 150)), "JPEG", quality=60))
    post = follower.post("/api/v1/posts", {"assets": [copy["id"]], "body": "Look!"})
    assert post.status_code == 201
    return copy, post.json()
