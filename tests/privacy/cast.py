"""Everybody who may ask, and something of each kind to ask for: all of it is the owner's."""

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from moderation.models import Case, Decision
from posts.models import Post
from tests.helpers import pictures
from tests.helpers.access import access_token
from tests.helpers.contract import Client
from users.scopes import Scope
from users.services import create_account

ACTORS = [
    "anonymous", "stranger", "follower", "removed", "blocked", "owner", "moderator", "suspended",
]  # fmt: skip


@dataclass
class Cast:
    clients: dict[str, Client]
    #: What stands in an address for each name in braces.
    ids: dict[str, str] = field(default_factory=dict)
    keys: dict[tuple[str, str], Client] = field(default_factory=dict)


def gather() -> Cast:
    """The owner has a private account: what is theirs, their followers see, if anybody does.

    Who was removed asks to follow again, which opens nothing.
    """
    cast = Cast({name: _client(name) for name in ACTORS})
    owner = cast.clients["owner"]
    for name in ("follower", "removed", "blocked"):
        cast.clients[name].put("/api/v1/users/owner_/follow")
    owner.patch("/api/v1/me", {"private": True})
    owner.delete("/api/v1/me/followers/removed_")
    owner.put("/api/v1/users/blocked_/block")
    cast.clients["removed"].put("/api/v1/users/owner_/follow")
    cast.ids = {"username": "owner_", "tag": "stones", "kind": "like", **_made(owner)}
    cast.ids |= _decided(owner.user, cast.clients["moderator"])
    for name in ("owner", "moderator"):
        for scope in Scope.values:
            cast.keys[name, scope] = _keyed(cast.clients[name], scope)
    return cast


def _client(name: str) -> Client:
    client = Client()
    if name != "anonymous":
        fields: dict[str, Any] = {"is_staff": name == "moderator"}
        if name == "suspended":
            fields |= {"limit": "suspended", "decision_id": uuid4()}
        client.user = create_account(
            username=f"{name}_", email=f"{name}@example.org", password="a long secret", **fields
        )
        client.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token(client.user)}")
    return client


def _keyed(client: Client, scope: str) -> Client:
    made = client.post("/api/v1/me/keys", {"name": scope, "scopes": [scope]}).json()
    keyed = Client()
    keyed.credentials(HTTP_AUTHORIZATION=f"Bearer {made['key']}")
    return keyed


def _made(owner: Client) -> dict[str, str]:
    picture = {"file": pictures.upload(pictures.jpeg(1))}
    asset = owner.post("/api/v1/assets", picture, format="multipart").json()["id"]
    post = _id(owner, "/posts", {"assets": [asset], "tags": ["stones"]})
    board = _id(owner, "/boards", {"name": "Board"})
    owner.put(f"/api/v1/boards/{board}/items/{post}")
    return {
        "asset_id": asset,
        "arrival_id": _id(
            owner, "/assets/presign", {"media_type": "image/png", "bytes": 99}, name="asset"
        ),
        "post_id": post,
        "comment_id": _id(owner, f"/posts/{post}/comments", {"body": "Oh!"}),
        "board_id": board,
        "section_id": _id(owner, f"/boards/{board}/sections", {"name": "Section"}),
        "job_id": _id(owner, "/generations", {"prompt": "stones", "width": 64, "height": 64}),
        "key_id": _id(owner, "/me/keys", {"name": "key", "scopes": ["read"]}),
        "preset_id": _id(owner, "/presets", {"name": "mine", "fields": {"prompt": "stones"}}),
    }


def _decided(owner: Any, moderator: Client) -> dict[str, str]:
    """A decision about another post, and the case that it ended."""
    post = Post.objects.create(author=owner, kind="text", body="Buy!", state="draft")
    case = Case.objects.create(target_kind="post", target_id=post.pk, author=owner)
    body = {"action": "hide", "reason": "Because."}
    decided = moderator.post(f"/api/v1/moderation/cases/{case.pk}/decisions", body)
    assert decided.status_code == 201, decided.content
    return {"case_id": str(case.pk), "decision_id": str(Decision.objects.get().pk)}


def _id(client: Client, path: str, body: dict[str, Any], *, name: str = "id") -> str:
    answer = client.post(f"/api/v1{path}", body)
    assert answer.status_code in {200, 201, 202}, (path, answer.content)
    return str(answer.json()[name])
