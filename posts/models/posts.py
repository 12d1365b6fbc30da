"""What people publish, and what others say to it."""

from typing import Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, OuterRef, Q

from core.db import limit_needs_decision, one_of
from core.ids import uuid7
from media.models import Asset
from provenance import vocabulary
from users.models import User, Viewer
from users.queries import blocked_between, follows


class Tag(models.Model):
    """A word under which posts are found; stored in one form (posts.tags.normalise)."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    name = models.CharField(max_length=50, unique=True)

    def __str__(self) -> str:
        return f"#{self.name}"


class TagFollow(models.Model):
    """Posts under this tag come to the follower's home feed."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="followed_tags")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="follows")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "tag"], name="tag_follow_once")]

    def __str__(self) -> str:
        return f"{self.user_id} #{self.tag_id}"


class TagHide(models.Model):
    """Posts under this tag are not met in feeds; who looks at the tag itself sees them."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="hidden_tags")
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="hides")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "tag"], name="tag_hide_once")]

    def __str__(self) -> str:
        return f"{self.user_id} ~#{self.tag_id}"


class PostQuerySet(models.QuerySet["Post"]):
    def visible_to(self, viewer: Viewer) -> Self:
        """Every read of posts starts here: what `viewer` may know to exist.

        One's own in any state; other people's when published, not hidden by a Decision, with
        something to show, their author not suspended, nobody blocked, and the visibility (or
        following) allows it.
        """
        open_to_all = Q(
            visibility__in=[Post.Visibility.PUBLIC, Post.Visibility.UNLISTED],
            author__private=False,
        )
        standing = Q(state=Post.State.PUBLISHED, limit="", author__limit="", author__is_active=True)
        if not viewer.is_authenticated:
            return self.filter(shows_something(), standing, open_to_all)
        for_followers = Q(follows(viewer, "author")) & ~Q(visibility=Post.Visibility.PRIVATE)
        mine = Q(author=viewer.pk) & ~Q(state=Post.State.REMOVED)
        # One's own, or all of these; said so, Postgres asks about images and blocks once.
        return self.filter(
            mine | shows_something(),
            mine | ~Q(blocked_between(viewer, "author")),
            mine | (standing & (open_to_all | for_followers)),
        )

    def published(self) -> Self:
        return self.filter(state=Post.State.PUBLISHED)

    def discoverable(self) -> Self:
        """What may be met without looking for its author: explore, tags, search."""
        return self.published().filter(
            visibility=Post.Visibility.PUBLIC, limit="", author__private=False
        )


def shows_something() -> Q:
    """A condition on posts: a text, or an image that is neither hidden nor held."""
    images = PostAsset.objects.filter(post=OuterRef("pk"), asset__in=Asset.objects.shown())
    return Q(kind=PostKind.TEXT) | Q(Exists(images))


class PostKind(models.TextChoices):
    IMAGE = "image"
    TEXT = "text"


class PostVisibility(models.TextChoices):
    PUBLIC = "public"
    UNLISTED = "unlisted"
    FOLLOWERS = "followers"
    PRIVATE = "private"


class PostState(models.TextChoices):
    DRAFT = "draft"
    SCHEDULED = "scheduled"
    PUBLISHED = "published"
    HELD = "held"
    REMOVED = "removed"


class Licence(models.TextChoices):
    """What others may do with a work, as Creative Commons names it; the first grants nothing."""

    ALL_RIGHTS_RESERVED = "all_rights_reserved"
    CC0 = "cc0"
    CC_BY = "cc_by"
    CC_BY_SA = "cc_by_sa"
    CC_BY_ND = "cc_by_nd"
    CC_BY_NC = "cc_by_nc"
    CC_BY_NC_SA = "cc_by_nc_sa"
    CC_BY_NC_ND = "cc_by_nc_nd"


class Post(models.Model):
    """One publication: images in order, or a text.

    `published_key` is minted at publication and is the order of every feed. `flag` selects
    candidates for filtered feeds; what is shown is read from the verdicts.
    """

    Kind = PostKind
    Visibility = PostVisibility
    State = PostState
    Licence = Licence

    class Limit(models.TextChoices):
        HIDDEN = "hidden"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    author = models.ForeignKey(User, on_delete=models.CASCADE, related_name="posts")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    body = models.TextField(blank=True, default="")
    mood = models.CharField(max_length=40, blank=True, default="")
    assets = models.ManyToManyField(Asset, through="PostAsset", related_name="posts")
    tags = models.ManyToManyField(Tag, through="PostTag", related_name="posts")
    visibility = models.CharField(
        max_length=10, choices=Visibility.choices, default=Visibility.PUBLIC
    )
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    flag = models.CharField(max_length=8, choices=vocabulary.FLAG_CHOICES, default="unknown")
    allow_remix = models.BooleanField(default=True)
    allow_saving = models.BooleanField(default=True)
    licence = models.CharField(
        max_length=20, choices=Licence.choices, default=Licence.ALL_RIGHTS_RESERVED
    )
    limit = models.CharField(max_length=12, blank=True, default="")
    decision_id = models.UUIDField(null=True)
    reason_code = models.CharField(max_length=40, blank=True, default="")
    reactions_count = models.PositiveIntegerField(default=0)
    comments_count = models.PositiveIntegerField(default=0)
    saves_count = models.PositiveIntegerField(default=0)
    remixes_count = models.PositiveIntegerField(default=0)
    published_key = models.UUIDField(null=True, unique=True)
    publish_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField(null=True)
    edited_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = PostQuerySet.as_manager()

    class Meta:
        constraints = [
            one_of("kind", PostKind, table="post"),
            one_of("visibility", PostVisibility, table="post"),
            one_of("state", PostState, table="post"),
            one_of("licence", Licence, table="post"),
            limit_needs_decision(table="post"),
            models.CheckConstraint(
                condition=~Q(state="published")
                | Q(published_key__isnull=False, published_at__isnull=False),
                name="post_published_has_key",
            ),
            models.CheckConstraint(
                condition=~Q(state="scheduled") | Q(publish_at__isnull=False),
                name="post_scheduled_has_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["-published_key"],
                name="post_explore",
                condition=Q(state="published", visibility="public"),
            ),
            models.Index(
                fields=["author", "-published_key"],
                name="post_by_author",
                condition=Q(state="published"),
            ),
            models.Index(
                fields=["publish_at"], name="post_scheduled", condition=Q(state="scheduled")
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} by {self.author_id}"


class PostTag(models.Model):
    """A post under a tag. `published_key` is the post's own: a tag's latest are found by it."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE)
    tag = models.ForeignKey(Tag, on_delete=models.CASCADE)
    published_key = models.UUIDField(null=True)

    class Meta:
        db_table = "posts_post_tags"
        constraints = [models.UniqueConstraint(fields=["post", "tag"], name="post_tag_once")]
        indexes = [
            models.Index(
                fields=["tag", "-published_key"],
                name="post_tag_latest",
                condition=Q(published_key__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return f"{self.post_id} #{self.tag_id}"


class PostVersion(models.Model):
    """What a published post said before it was edited: its words as of `written_at`.

    `visibility` is whom they were shown to then: nobody else reads them, whatever it is now.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="versions")
    body = models.TextField(blank=True)
    mood = models.CharField(max_length=40, blank=True)
    tags = ArrayField(models.CharField(max_length=50))
    visibility = models.CharField(max_length=10, choices=PostVisibility.choices)
    written_at = models.DateTimeField()

    class Meta:
        constraints = [one_of("visibility", PostVisibility, table="post_version")]
        indexes = [models.Index(fields=["post", "-id"], name="post_version_latest")]

    def __str__(self) -> str:
        return f"{self.post_id} as of {self.written_at}"


class PostAsset(models.Model):
    """An image in a post, in its place."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE)
    asset = models.ForeignKey(Asset, on_delete=models.PROTECT)
    position = models.PositiveSmallIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["post", "position"], name="post_asset_one_per_place"),
            models.UniqueConstraint(fields=["post", "asset"], name="post_asset_once"),
        ]

    def __str__(self) -> str:
        return f"{self.post_id}[{self.position}]"


class ReactionKind(models.TextChoices):
    LIKE = "like"
    LOVE = "love"
    WOW = "wow"
    INSPIRED = "inspired"


class Reaction(models.Model):
    """One of each kind per person and post."""

    Kind = ReactionKind

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="reactions")
    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="reactions")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            one_of("kind", ReactionKind, table="reaction"),
            models.UniqueConstraint(fields=["post", "user", "kind"], name="reaction_once"),
        ]

    def __str__(self) -> str:
        return self.kind


class CommentQuerySet(models.QuerySet["Comment"]):
    def visible_to(self, viewer: Viewer) -> Self:
        """Comments under posts that `viewer` may see, by people they have no block with."""
        posts = Post.objects.visible_to(viewer).filter(pk=OuterRef("post"))
        rows = self.filter(
            Exists(posts), deleted_at=None, limit="", author__limit="", author__is_active=True
        )
        if viewer.is_authenticated:
            rows = rows.exclude(blocked_between(viewer, "author"))
        return rows

    def said_by(self, author: User) -> Self:
        """What `author` said and may take back: also where they see it no more themselves."""
        return self.filter(author=author, deleted_at=None, limit="")


class Comment(models.Model):
    """What somebody said under a post."""

    class Limit(models.TextChoices):
        HIDDEN = "hidden"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(User, on_delete=models.CASCADE, related_name="comments")
    parent = models.ForeignKey("self", null=True, on_delete=models.CASCADE, related_name="replies")
    body = models.CharField(max_length=2000)
    limit = models.CharField(max_length=12, blank=True, default="")
    decision_id = models.UUIDField(null=True)
    reason_code = models.CharField(max_length=40, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)
    deleted_at = models.DateTimeField(null=True)

    objects = CommentQuerySet.as_manager()

    class Meta:
        constraints = [limit_needs_decision(table="comment")]
        indexes = [models.Index(fields=["post", "-id"], name="comment_by_post")]

    def __str__(self) -> str:
        return self.body[:40]
