"""Where people keep what others published."""

from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q

from core.db import limit_needs_decision, one_of
from core.ids import uuid7
from posts.models.posts import Post
from users.models import User, Viewer
from users.queries import blocked_between, follows


class BoardVisibility(models.TextChoices):
    PUBLIC = "public"
    SECRET = "secret"  # noqa: S105  # a word of the API


class BoardRole(models.TextChoices):
    """A viewer sees a secret board; an editor also keeps its items and sections."""

    VIEWER = "viewer"
    EDITOR = "editor"


class BoardStanding(models.TextChoices):
    """What somebody is to a board."""

    OWNER = "owner"
    EDITOR = "editor"
    VIEWER = "viewer"
    NONE = "none"


class BoardQuerySet(models.QuerySet["Board"]):
    def visible_to(self, viewer: Viewer) -> Self:
        """Every read of boards starts here: what `viewer` may know to exist.

        One's own; those one was let into; and public ones of people whose posts one might see.
        Nobody sees a board of somebody with whom they have a block.
        """
        standing = Q(limit="", owner__limit="", owner__is_active=True)
        public = Q(visibility=BoardVisibility.PUBLIC)
        if not viewer.is_authenticated:
            return self.filter(standing, public, owner__private=False)
        let_in = BoardCollaborator.objects.filter(board=OuterRef("pk"), user=viewer)
        open_to = public & (Q(owner__private=False) | Q(follows(viewer, "owner")))
        others = standing & (open_to | Q(Exists(let_in))) & ~Q(blocked_between(viewer, "owner"))
        return self.filter(Q(owner=viewer) | others)

    def kept_by(self, viewer: Viewer) -> Self:
        """Those whose items `viewer` may change: one's own, and where one is an editor."""
        editors = BoardCollaborator.objects.filter(
            board=OuterRef("pk"), user=viewer.pk, role=BoardRole.EDITOR
        )
        return self.visible_to(viewer).filter(Q(owner=viewer.pk) | Q(Exists(editors)))


class Board(models.Model):
    """A named collection of posts. `position` orders a person's boards, the greatest first.

    `cover` is the post that stands for it; without one its newest item does.
    """

    Visibility = BoardVisibility

    class Limit(models.TextChoices):
        HIDDEN = "hidden"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="boards")
    name = models.CharField(max_length=80)
    description = models.CharField(max_length=500, blank=True, default="")
    visibility = models.CharField(
        max_length=8, choices=BoardVisibility.choices, default=BoardVisibility.PUBLIC
    )
    cover = models.ForeignKey(Post, null=True, on_delete=models.SET_NULL, related_name="+")
    position = models.BigIntegerField()
    limit = models.CharField(max_length=12, blank=True, default="")
    decision_id = models.UUIDField(null=True)
    reason_code = models.CharField(max_length=40, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = BoardQuerySet.as_manager()

    class Meta:
        constraints = [
            one_of("visibility", BoardVisibility, table="board"),
            limit_needs_decision(table="board"),
            models.UniqueConstraint(fields=["owner", "name"], name="board_name_once"),
            models.UniqueConstraint(
                fields=["owner", "position"],
                name="board_one_per_place",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return self.name


class BoardSection(models.Model):
    """A part of a board; the greatest `position` comes first."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="sections")
    name = models.CharField(max_length=80)
    position = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["board", "name"], name="board_section_name_once")
        ]

    def __str__(self) -> str:
        return self.name


class BoardItem(models.Model):
    """A post on a board. The greatest `position` comes first, so that what is new is on top."""

    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="items")
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="board_items")
    section = models.ForeignKey(
        BoardSection, null=True, on_delete=models.SET_NULL, related_name="items"
    )
    note = models.CharField(max_length=500, blank=True, default="")
    position = models.BigIntegerField()
    saved_by = models.ForeignKey(User, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["board", "post"], name="board_item_once"),
            models.UniqueConstraint(
                fields=["board", "position"],
                name="board_item_one_per_place",
                deferrable=models.Deferrable.DEFERRED,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.board_id}[{self.position}]"


class BoardCollaborator(models.Model):
    """Somebody whom the owner of a board let in."""

    Role = BoardRole

    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="collaborators")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="collaborations")
    role = models.CharField(max_length=8, choices=BoardRole.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            one_of("role", BoardRole, table="board_collaborator"),
            models.UniqueConstraint(fields=["board", "user"], name="board_collaborator_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} ({self.role})"


class BoardFollow(models.Model):
    """Somebody keeps an eye on a board."""

    board = models.ForeignKey(Board, on_delete=models.CASCADE, related_name="follows")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="followed_boards")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["board", "user"], name="board_follow_once")]

    def __str__(self) -> str:
        return f"{self.user_id} → {self.board_id}"
