"""Images and the files made of them. Bytes enter only through `media.services`."""

import secrets
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.clock import now
from core.db import limit_needs_decision, one_of
from core.ids import uuid7
from media.addresses import address_of
from provenance.models import Record
from provenance.vocabulary import ORIGIN_CHOICES
from safety.images import HoldReason
from users.models import User, Viewer


def new_token() -> str:
    """What makes the address of a file unguessable: 160 bits."""
    return secrets.token_urlsafe(20)


class AssetState(models.TextChoices):
    PROCESSING = "processing"
    READY = "ready"
    HELD = "held"
    FAILED = "failed"
    REMOVED = "removed"


# Neither deleted nor held, and not limited by a Decision.
SHOWN = Q(limit="") & ~Q(state__in=[AssetState.HELD, AssetState.REMOVED])


class AssetQuerySet(models.QuerySet["Asset"]):
    def present(self) -> Self:
        """Neither deleted by their owner nor taken away."""
        return self.exclude(state=Asset.State.REMOVED)

    def shown(self) -> Self:
        """What others than the owner may see, if a post shows it to them."""
        return self.filter(SHOWN)

    def served(self) -> Self:
        """What may be at an address at all: nothing hidden or held, nothing of suspended people."""
        return self.shown().filter(owner__limit="", owner__is_active=True)

    def owned_by(self, viewer: Viewer) -> Self:
        return self.present().filter(owner_id=viewer.pk)

    def hydrated(self) -> Self:
        """With all that the API shows of them, in a fixed number of queries."""
        return self.select_related("owner__avatar__asset", "record__generation").prefetch_related(
            "renditions", "record__evidence__matched"
        )


class Asset(models.Model):
    """One immutable image. Its original is private; others are served its renditions.

    `uses` counts what refers to it (posts, avatars, open disputes); `token` is part of every
    served address. `public` says that everybody may see it: posts know
    (posts.standing.refresh_exposure). `rendered_origin` is the label that the served files carry,
    `discarded_at` when a removed image's bytes were deleted.

    A held image is its owner's and the moderators' to see: `held_for` says why, `held_like` is the
    banned work that it looks like. `cleared`: a moderator let it in, so it is not held anew.
    """

    class Limit(models.TextChoices):
        HIDDEN = "hidden"

    State = AssetState

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="assets")
    record = models.OneToOneField(Record, on_delete=models.PROTECT, related_name="asset")
    state = models.CharField(max_length=12, choices=State.choices, default=State.PROCESSING)
    media_type = models.CharField(max_length=40)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    frames = models.PositiveIntegerField(default=1)
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64, db_index=True)
    key = models.CharField(max_length=200)
    token = models.CharField(max_length=40, unique=True, default=new_token)
    public = models.BooleanField(default=False)
    blurhash = models.CharField(max_length=60, blank=True, default="")
    alt_text = models.CharField(max_length=1500, blank=True, default="")
    uses = models.PositiveIntegerField(default=0)
    render_asked_at = models.DateTimeField(default=now)
    rendered_origin = models.CharField(max_length=16, blank=True, default="")
    discarded_at = models.DateTimeField(null=True)
    held_for = models.CharField(max_length=12, choices=HoldReason.choices, blank=True, default="")
    held_like = models.ForeignKey(
        Record, null=True, on_delete=models.PROTECT, related_name="held_for_it"
    )
    cleared = models.BooleanField(default=False)
    limit = models.CharField(max_length=12, blank=True, default="")
    decision_id = models.UUIDField(null=True)
    reason_code = models.CharField(max_length=40, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AssetQuerySet.as_manager()

    class Meta:
        constraints = [
            one_of("state", AssetState, table="asset"),
            limit_needs_decision(table="asset"),
            models.CheckConstraint(
                condition=Q(width__gt=0) & Q(height__gt=0), name="asset_has_pixels"
            ),
            models.CheckConstraint(condition=Q(public=False) | SHOWN, name="asset_public_is_shown"),
            models.CheckConstraint(
                condition=Q(state="held", held_for="banned_image", held_like__isnull=False)
                | Q(state="held", held_for="unchecked", held_like=None)
                | (~Q(state="held") & Q(held_for="", held_like=None)),
                name="asset_held_for_a_reason",
            ),
        ]
        indexes = [models.Index(fields=["owner", "-id"], name="asset_library")]

    def __str__(self) -> str:
        return f"{self.width}×{self.height} {self.media_type}"

    @property
    def sheet_url(self) -> str:
        """The address of the page that shows where this image came from."""
        return f"{settings.PUBLIC_URL}/assets/{self.pk}/provenance"


class Rendition(models.Model):
    """A file made of an asset for showing it. Never the truth, and never larger."""

    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="renditions")
    media_type = models.CharField(max_length=40)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveBigIntegerField()
    key = models.CharField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["asset", "width", "media_type"], name="rendition_once_per_width_and_type"
            )
        ]

    def __str__(self) -> str:
        return f"{self.width} {self.media_type}"

    @property
    def file_name(self) -> str:
        """`<width>.<extension>`, the last part of its address."""
        return f"{self.width}.{EXTENSIONS[self.media_type]}"


class Avatar(models.Model):
    """The picture that somebody chose for their profile: everybody may see this one file of it."""

    user = models.OneToOneField(
        User, on_delete=models.CASCADE, primary_key=True, related_name="avatar"
    )
    asset = models.ForeignKey(Asset, on_delete=models.CASCADE, related_name="+")
    file_name = models.CharField(max_length=40)

    def __str__(self) -> str:
        return self.url

    @property
    def url(self) -> str:
        """Where it is served now, to everybody: addresses change."""
        return address_of(self.asset.token, self.file_name, public=True)


class ArrivalQuerySet(models.QuerySet["Arrival"]):
    def owned_by(self, viewer: Viewer) -> Self:
        """Arrivals are private: nobody but the owner knows that they exist."""
        return self.filter(owner_id=viewer.pk)

    def open(self) -> Self:
        """Those that may still become an image."""
        return self.filter(state__in=[ArrivalState.WAITING, ArrivalState.WORKING])

    def free(self) -> Self:
        """Those that nobody works on, and that need not wait before the next attempt."""
        return self.filter(Q(held_until=None) | Q(held_until__lte=now()))


class ArrivalKind(models.TextChoices):
    IMPORT = "import"
    DIRECT = "direct"


class ArrivalState(models.TextChoices):
    WAITING = "waiting"
    WORKING = "working"
    DONE = "done"
    FAILED = "failed"


class Arrival(models.Model):
    """An image on its way in, otherwise than by a form. Its id becomes the asset's.

    waiting ⇄ working → done | failed

    An import is fetched from `url`. For a direct upload the client puts `size` bytes of
    `media_type` under `key`, from where nothing is served; it must be completed before
    `expires_at`, when its raw bytes are deleted and `key` is emptied. Whoever works on an arrival
    owns the row while `attempts` is the number that they took; nobody else begins before
    `held_until`. `asked_at` is when a worker was last called.
    """

    Kind = ArrivalKind
    State = ArrivalState

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="arrivals")
    kind = models.CharField(max_length=8, choices=Kind.choices)
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    url = models.CharField(max_length=2000, blank=True, default="")
    media_type = models.CharField(max_length=40, blank=True, default="")
    size = models.PositiveBigIntegerField(null=True)
    key = models.CharField(max_length=200, blank=True, default="")
    alt_text = models.CharField(max_length=1500, blank=True, default="")
    declared_origin = models.CharField(max_length=16, choices=ORIGIN_CHOICES, default="unknown")
    error_code = models.CharField(max_length=40, blank=True, default="")
    error_detail = models.CharField(max_length=300, blank=True, default="")
    attempts = models.PositiveIntegerField(default=0)
    held_until = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(default=now)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_at = models.DateTimeField(null=True)

    objects = ArrivalQuerySet.as_manager()

    class Meta:
        constraints = [
            one_of("kind", ArrivalKind, table="arrival"),
            one_of("state", ArrivalState, table="arrival"),
            models.CheckConstraint(
                condition=Q(declared_origin__in=[name for name, _ in ORIGIN_CHOICES]),
                name="arrival_declared_origin_known",
            ),
            models.CheckConstraint(
                condition=(Q(kind=ArrivalKind.IMPORT) & ~Q(url="") & Q(expires_at=None))
                | (Q(kind=ArrivalKind.DIRECT, size__gt=0) & Q(expires_at__isnull=False)),
                name="arrival_has_what_its_kind_needs",
            ),
            models.CheckConstraint(
                condition=(Q(state=ArrivalState.FAILED) & ~Q(error_code=""))
                | (~Q(state=ArrivalState.FAILED) & Q(error_code="")),
                name="arrival_failed_with_a_reason",
            ),
        ]
        indexes = [
            models.Index(
                fields=["owner"],
                name="arrival_open",
                condition=Q(state__in=[ArrivalState.WAITING, ArrivalState.WORKING]),
            ),
            models.Index(fields=["expires_at"], name="arrival_bytes_left", condition=~Q(key="")),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


EXTENSIONS = {
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
    "image/gif": "gif",
    "image/avif": "avif",
    "image/heic": "heic",
}
