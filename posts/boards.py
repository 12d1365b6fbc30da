"""What people do with boards. One function, one transaction.

Locks are taken in one order: the board, its items, then posts by their keys. `saves_count` of a
post counts the public boards that it is on: a secret one is nobody's business.
"""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F, Max, Q

from core.errors import Conflict, DomainError, NotFound
from core.outbox import emit
from posts.events import (
    BoardFollowed,
    BoardShared,
    BoardUnfollowed,
    BoardUnshared,
    Saved,
    Unsaved,
    Withdrawn,
)
from posts.models import (
    Board,
    BoardCollaborator,
    BoardFollow,
    BoardItem,
    BoardSection,
    Post,
)
from users.events import PeopleParted
from users.models import User
from users.queries import is_blocked_between
from users.services import Blocked, NotOneself, lock_people

MAX_BOARDS, MAX_SECTIONS, MAX_ITEMS, MAX_COLLABORATORS = 500, 100, 2000, 50


class NameTaken(Conflict):
    """There is one of this name already."""

    code = "name_taken"
    field = "name"


class TooMany(Conflict):
    """There are as many as there may be. Remove one first."""

    code = "too_many"


class NotForBoards(DomainError):
    """Its author does not want it on boards."""

    status = 403
    code = "saving_denied"


class NotTheSame(DomainError):
    """Name each of them once, and nothing else."""

    code = "order_incomplete"


class UnknownSection(DomainError):
    """There is no such section on this board."""

    code = "unknown_section"
    field = "section"


class NotOnBoard(DomainError):
    """There is no such post with an image on this board."""

    code = "unknown_post"
    field = "cover"


@transaction.atomic
def create_board(*, owner: User, name: str, **fields: Any) -> Board:
    """Raises NameTaken, TooMany."""
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)
    mine = Board.objects.filter(owner=owner)
    if mine.count() >= MAX_BOARDS:
        raise TooMany
    try:
        with transaction.atomic():
            return Board.objects.create(owner=owner, name=name, position=_on_top(mine), **fields)
    except IntegrityError as error:
        raise NameTaken from error


@transaction.atomic
def change_board(*, board: Board, changes: dict[str, Any]) -> None:
    """Apply validated changes; what is secret now counts no more. Raises NameTaken, NotOnBoard."""
    board = _locked(board)
    before = board.visibility
    cover = changes.get("cover")
    pictures = board.items.filter(post__kind=Post.Kind.IMAGE)
    if cover is not None and not pictures.filter(post=cover).exists():
        raise NotOnBoard
    for name, value in changes.items():
        setattr(board, name, value)
    try:
        with transaction.atomic():
            board.save()
    except IntegrityError as error:
        raise NameTaken from error
    if board.visibility != before:
        by = 1 if board.visibility == Board.Visibility.PUBLIC else -1
        _count_saves(board.items.values_list("post", flat=True), by=by)


@transaction.atomic
def delete_board(*, board: Board) -> None:
    board = _locked(board)
    posts = list(board.items.values_list("post", flat=True))
    board.delete()
    if board.visibility == Board.Visibility.PUBLIC:
        _count_saves(posts, by=-1)


@transaction.atomic
def save_to_board(
    *, board: Board, post: Post, by: User, kept: Mapping[str, Any] | None = None
) -> None:
    """Put a post on a board, on top. `kept` may have its `section_id` and its `note`; of a post
    that is there already those change that are given.

    Raises NotForBoards, UnknownSection, TooMany.
    """
    board, kept = _locked(board), dict(kept or {})
    section = kept.get("section_id")
    if section is not None and not board.sections.filter(pk=section).exists():
        raise UnknownSection
    there = board.items.filter(post=post)
    if there.exists():
        there.update(**kept)
        return
    if board.items.count() >= MAX_ITEMS:
        raise TooMany
    top = _on_top(board.items.all())
    BoardItem.objects.create(board=board, post=post, position=top, saved_by=by, **kept)
    # Its author may change their mind meanwhile: who is first with the post's row is first.
    post = Post.objects.select_for_update(no_key=True).get(pk=post.pk)
    if not (post.allow_saving or post.author_id == board.owner_id):
        raise NotForBoards
    if board.visibility == Board.Visibility.PUBLIC:
        _count_saves([post.pk], by=1)
        if by.pk == board.owner_id:
            emit(Saved(post_id=str(post.pk), board_id=str(board.pk)))


@transaction.atomic
def remove_from_board(*, board: Board, post_id: UUID) -> None:
    """Take a post off a board, if it is there."""
    board = _locked(board)
    if not board.items.filter(post=post_id).delete()[0]:
        return
    emit(Unsaved(post_id=str(post_id), board_id=str(board.pk)))
    if board.visibility == Board.Visibility.PUBLIC:
        _count_saves([post_id], by=-1)


@transaction.atomic
def withdraw_from_boards(*, post: Post) -> None:
    """Take a post off the boards of others, if its author does not want it there any more. It is
    not shown there from the moment they said so."""
    if post.allow_saving:
        return
    theirs = BoardItem.objects.filter(post=post).exclude(board__owner=post.author_id)
    locked = Board.objects.select_for_update().filter(pk__in=theirs.values("board")).order_by("pk")
    secret = [board.pk for board in locked if board.visibility == Board.Visibility.SECRET]
    public, _ = theirs.exclude(board__in=secret).delete()
    theirs.delete()
    _count_saves([post.pk], by=-public)
    emit(Withdrawn(post_id=str(post.pk)))


def limit_board(*, board: Board, limit: str, decision_id: Any, reason_code: str) -> None:
    """Carry out what a Decision says about a board; an empty `limit` lifts it."""
    Board.objects.filter(pk=board.pk).update(
        limit=limit, decision_id=decision_id, reason_code=reason_code
    )


@transaction.atomic
def create_section(*, board: Board, name: str) -> BoardSection:
    """Raises NameTaken, TooMany."""
    board = _locked(board)
    if board.sections.count() >= MAX_SECTIONS:
        raise TooMany
    try:
        with transaction.atomic():
            return BoardSection.objects.create(
                board=board, name=name, position=_on_top(board.sections.all())
            )
    except IntegrityError as error:
        raise NameTaken from error


@transaction.atomic
def rename_section(*, section: BoardSection, name: str) -> None:
    """Raises NameTaken."""
    try:
        with transaction.atomic():
            BoardSection.objects.filter(pk=section.pk).update(name=name)
    except IntegrityError as error:
        raise NameTaken from error


@transaction.atomic
def delete_section(*, section: BoardSection) -> None:
    """Its items stay on the board."""
    _locked(section.board)
    section.delete()


@transaction.atomic
def order_boards(*, owner: User, boards: Sequence[UUID]) -> None:
    """Raises NotTheSame."""
    User.objects.select_for_update(no_key=True).get(pk=owner.pk)
    _reorder(Board.objects.filter(owner=owner), "pk", boards, field="boards")


@transaction.atomic
def order_sections(*, board: Board, sections: Sequence[UUID]) -> None:
    """Raises NotTheSame."""
    _reorder(_locked(board).sections.all(), "pk", sections, field="sections")


@transaction.atomic
def order_items(*, board: Board, posts: Sequence[UUID], shown: Sequence[UUID]) -> None:
    """Bring the items that somebody sees (`shown`) into the order of `posts`; others, which they
    cannot see, stay where they are. Raises NotTheSame."""
    rows = _locked(board).items.filter(post__in=shown)
    _reorder(rows, "post_id", posts, field="items")


@transaction.atomic
def let_in(*, board: Board, user: User, role: str) -> None:
    """Make somebody a collaborator, or change their role. Raises TooMany, Blocked."""
    board = _locked(board)
    lock_people(board.owner, user)  # nobody blocks the other meanwhile
    if is_blocked_between(board.owner, user.pk):
        raise Blocked
    others = board.collaborators.exclude(user=user)
    if others.count() >= MAX_COLLABORATORS:
        raise TooMany
    _, new = BoardCollaborator.objects.update_or_create(
        board=board, user=user, defaults={"role": role}
    )
    if new:
        emit(BoardShared(board_id=str(board.pk), user_id=str(user.pk)))


@transaction.atomic
def let_out(*, board: Board, user: User) -> None:
    """End a collaboration, by either side."""
    if BoardCollaborator.objects.filter(board=board, user=user).delete()[0]:
        emit(BoardUnshared(board_id=str(board.pk), user_id=str(user.pk)))


def part(event: PeopleParted) -> None:
    """Who is parted from somebody works on their boards no more, and follows none, also when the
    block is lifted."""
    two = {UUID(event.blocker_id), UUID(event.blocked_id)}
    between = Q(user__in=two, board__owner__in=two)
    for share in BoardCollaborator.objects.filter(between).select_related("board", "user"):
        let_out(board=share.board, user=share.user)
    for follow in BoardFollow.objects.filter(between).select_related("board", "user"):
        unfollow_board(board=follow.board, user=follow.user)


@transaction.atomic
def follow_board(*, board: Board, user: User) -> None:
    """Raises NotOneself."""
    if board.owner_id == user.pk:
        raise NotOneself
    board = _locked(board)
    lock_people(board.owner, user)
    if is_blocked_between(board.owner, user.pk):
        raise NotFound
    _, new = BoardFollow.objects.get_or_create(board=board, user=user)
    if new:
        emit(BoardFollowed(board_id=str(board.pk), user_id=str(user.pk)))


@transaction.atomic
def unfollow_board(*, board: Board, user: User) -> None:
    if BoardFollow.objects.filter(board=board, user=user).delete()[0]:
        emit(BoardUnfollowed(board_id=str(board.pk), user_id=str(user.pk)))


def _locked(board: Board) -> Board:
    """The board as it is now. Raises NotFound if it was deleted meanwhile."""
    found = Board.objects.select_for_update().filter(pk=board.pk).first()
    if found is None:
        raise NotFound
    return found


def _on_top(rows: Any) -> int:
    highest: int | None = rows.aggregate(highest=Max("position"))["highest"]
    return (highest or 0) + 1


def _reorder(rows: Any, key: str, wanted: Sequence[UUID], *, field: str) -> None:
    """Deal the places that these rows have out anew, the greatest to the first."""
    found = {getattr(row, key): row for row in rows}
    if len(wanted) != len(found) or set(wanted) != found.keys():
        raise NotTheSame(field=field)
    places = sorted((row.position for row in found.values()), reverse=True)
    for name, place in zip(wanted, places, strict=True):
        found[name].position = place
    rows.model.objects.bulk_update(found.values(), ["position"], batch_size=500)


def _count_saves(posts: Any, *, by: int) -> None:
    keys = list(posts)
    list(Post.objects.select_for_update(no_key=True).filter(pk__in=keys).order_by("pk"))
    Post.objects.filter(pk__in=keys).update(saves_count=F("saves_count") + by)
