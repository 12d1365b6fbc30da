"""What can be reported, and the one place that knows how each kind is found, hidden, relabelled."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from core.errors import DomainError
from media import services as media
from media.models import Asset
from moderation.models import TargetKind
from posts import boards
from posts import services as posts
from posts.models import Board, Comment, Post
from posts.queries import assets_visible_to
from provenance.models import Record
from safety.images import Hold, HoldReason
from users import services as users
from users.models import User

Thing = Post | Asset | User | Comment | Board


class CannotBeHidden(DomainError):
    """An account is suspended, not hidden."""

    code = "cannot_be_hidden"
    field = "action"


@dataclass(frozen=True, slots=True)
class Target:
    kind: TargetKind
    thing: Thing

    @property
    def id(self) -> UUID:
        return self.thing.pk

    @property
    def author(self) -> User:
        match self.thing:
            case User():
                return self.thing
            case Asset() | Board():
                return self.thing.owner
            case Post() | Comment():
                return self.thing.author

    def records(self) -> list[Record]:
        """The provenance records that a relabelling of this target concerns."""
        match self.thing:
            case Asset():
                return [self.thing.record]
            case Post():
                return list(Record.objects.filter(asset__posts=self.thing))
            case _:
                return []

    def assets(self) -> list[Asset]:
        """The images to look at."""
        match self.thing:
            case Asset():
                found = Asset.objects.filter(pk=self.thing.pk)
            case Post():
                found = Asset.objects.filter(posts=self.thing).order_by("postasset__position")
            case _:
                return []
        return list(found.hydrated())

    def pictures(self) -> list["Target"]:
        """The images of a post, as targets of their own."""
        match self.thing:
            case Post():
                images = self.thing.assets.order_by("pk")
                return [Target(TargetKind.ASSET, image) for image in images]
            case _:
                return []

    def limits(self) -> dict[str, Any]:
        """The limit columns as they are now, ready to be stored in a Decision."""
        self.thing.refresh_from_db(fields=["limit", "decision_id", "reason_code"])
        decided = self.thing.decision_id
        return {
            "limit": self.thing.limit,
            "decision_id": str(decided) if decided else None,
            "reason_code": self.thing.reason_code,
        }

    def set_limit(self, *, limit: str, decision_id: Any, reason_code: str) -> None:
        """Hide (`hidden`) or show again (empty). Raises CannotBeHidden for accounts."""
        why = {"limit": limit, "decision_id": decision_id, "reason_code": reason_code}
        match self.thing:
            case Post():
                posts.limit_post(post=self.thing, **why)
            case Asset():
                media.limit_asset(asset=self.thing, **why)
            case Comment():
                posts.limit_comment(comment=self.thing, **why)
            case Board():
                boards.limit_board(board=self.thing, **why)
            case User():
                raise CannotBeHidden

    def hold(self) -> dict[str, Any]:
        """Why this image is held, ready to be stored in a Decision; empty if it is not."""
        if not isinstance(self.thing, Asset):
            return {}
        self.thing.refresh_from_db(fields=["state", "held_for", "held_like"])
        if self.thing.state != Asset.State.HELD:
            return {}
        like = self.thing.held_like_id
        return {"held_for": self.thing.held_for, "held_like": str(like) if like else None}

    def let_in(self) -> None:
        """Release a held image."""
        if isinstance(self.thing, Asset):
            media.release_asset(asset=self.thing)

    def hold_again(self, *, held_for: str, held_like: str | None) -> None:
        """Undo `let_in`: hold the image as `hold()` said that it was."""
        if isinstance(self.thing, Asset):
            like = UUID(held_like) if held_like else None
            media.hold_asset(asset=self.thing, hold=Hold(HoldReason(held_for), like))


def account(user: User) -> Target:
    return Target(TargetKind.USER, user)


def suspend(user: User, *, limit: str, decision_id: Any, reason_code: str) -> None:
    users.limit_account(user=user, limit=limit, decision_id=decision_id, reason_code=reason_code)


def visible_target(viewer: User, kind: str, key: str) -> Target | None:
    """What a reporter points at, if they may see it; a user by name, everything else by id."""
    if kind == TargetKind.USER:
        person = User.objects.visible_to(viewer).filter(username=key).first()
        return Target(TargetKind.USER, person) if person else None
    if kind not in _ROWS:
        return None
    try:
        wanted = UUID(key)
    except ValueError:
        return None
    thing = _ROWS[kind](viewer).filter(pk=wanted).first()
    return Target(TargetKind(kind), thing) if thing else None


_ROWS: dict[str, Callable[[User], QuerySet[Any]]] = {
    TargetKind.POST: Post.objects.visible_to,
    TargetKind.ASSET: assets_visible_to,
    TargetKind.COMMENT: Comment.objects.visible_to,
    TargetKind.BOARD: Board.objects.visible_to,
}


def load(kind: str, target_id: UUID) -> Target | None:
    """The target of a case, whoever may see it. For moderators only."""
    model: Any = {
        TargetKind.POST: Post,
        TargetKind.ASSET: Asset,
        TargetKind.USER: User,
        TargetKind.COMMENT: Comment,
        TargetKind.BOARD: Board,
    }[TargetKind(kind)]
    thing = model.objects.filter(pk=target_id).first()
    return Target(TargetKind(kind), thing) if thing else None
