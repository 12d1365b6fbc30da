"""People, and what stands between them."""

from datetime import datetime
from typing import Any, ClassVar, Self

from django.contrib.auth.models import (
    AbstractBaseUser,
    AnonymousUser,
    BaseUserManager,
    PermissionsMixin,
)
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Lower

from core.clock import now
from core.db import limit_needs_decision, one_of
from core.ids import uuid7
from users.names import USERNAME_PATTERN, normalise
from users.scopes import Scope


class UserQuerySet(models.QuerySet["User"]):
    def visible_to(self, viewer: "Viewer") -> Self:
        """People whose profile `viewer` may open: everyone active who has not blocked them."""
        rows = self.filter(is_active=True)
        if viewer.is_authenticated:
            theirs = Block.objects.filter(blocker=OuterRef("pk"), blocked=viewer.pk)
            rows = rows.exclude(Exists(theirs))
        return rows


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]  # django-stubs cannot type a made base
    use_in_migrations = True

    def create_user(
        self, username: str, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        user = User(username=normalise(username), email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(
        self, username: str, email: str, password: str | None = None, **fields: Any
    ) -> "User":
        return self.create_user(
            username, email, password, **{"is_staff": True, "is_superuser": True, **fields}
        )

    def get_by_natural_key(self, username: str | None) -> "User":
        found: User = self.get(username=normalise(username or ""))
        return found


class UserKind(models.TextChoices):
    PERSON = "person"
    AGENT = "agent"
    ORGANIZATION = "organization"


class User(AbstractBaseUser, PermissionsMixin):
    """A person, an automated account (`agent`) or an organization.

    `following_version` changes with whom they follow. `never_pushed`: they have, or had, too many
    followers for what they publish to be pushed to each (feeds/homes.py).
    """

    Kind = UserKind

    class Limit(models.TextChoices):
        SUSPENDED = "suspended"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    username = models.CharField(max_length=30, unique=True)
    email = models.EmailField(max_length=254, unique=True)
    display_name = models.CharField(max_length=60, blank=True, default="")
    bio = models.CharField(max_length=500, blank=True, default="")
    kind = models.CharField(max_length=12, choices=Kind.choices, default=Kind.PERSON)
    private = models.BooleanField(default=False)
    preferences = models.JSONField(default=dict, blank=True)
    followers_count = models.PositiveIntegerField(default=0)
    following_count = models.PositiveIntegerField(default=0)
    posts_count = models.PositiveIntegerField(default=0)
    following_version = models.PositiveBigIntegerField(default=0)
    never_pushed = models.BooleanField(default=False)
    limit = models.CharField(max_length=12, blank=True, default="")
    decision_id = models.UUIDField(null=True, blank=True)
    reason_code = models.CharField(max_length=40, blank=True, default="")
    is_active = models.BooleanField(default=True)
    is_staff = models.BooleanField(default=False)
    date_joined = models.DateTimeField(auto_now_add=True)

    objects = UserManager()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta:
        constraints = [
            one_of("kind", UserKind, table="user"),
            limit_needs_decision(table="user"),
            models.CheckConstraint(
                condition=Q(username__regex=rf"^{USERNAME_PATTERN}$"), name="user_username_form"
            ),
            models.CheckConstraint(
                condition=Q(email=Lower(F("email"))), name="user_email_lower_case"
            ),
        ]
        indexes = [
            models.Index(fields=["id"], name="user_never_pushed", condition=Q(never_pushed=True)),
            models.Index(
                fields=["-followers_count", "id"],
                name="user_by_followers",
                condition=Q(private=False, limit="", followers_count__gt=0),
            ),
        ]
        default_manager_name = "objects"

    def __str__(self) -> str:
        return f"@{self.username}"

    @property
    def suspended(self) -> bool:
        return self.limit == self.Limit.SUSPENDED

    def clean(self) -> None:
        super().clean()
        self.username = normalise(self.username)
        self.email = self.email.strip().lower()


class Follow(models.Model):
    """`follower` sees what `followee` publishes, once accepted."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    follower = models.ForeignKey(User, on_delete=models.CASCADE, related_name="following")
    followee = models.ForeignKey(User, on_delete=models.CASCADE, related_name="followers")
    accepted = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["follower", "followee"], name="follow_once"),
            models.CheckConstraint(condition=~Q(follower=F("followee")), name="follow_not_oneself"),
        ]
        indexes = [
            models.Index(
                fields=["follower", "-id"], name="follow_latest", condition=Q(accepted=True)
            )
        ]

    def __str__(self) -> str:
        return f"{self.follower_id} → {self.followee_id}"


class Block(models.Model):
    """Neither of the two sees what the other publishes, keeps or says, anywhere. `blocked` does not
    see that there is a `blocker`; who lifts a block has to find whom they blocked."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    blocker = models.ForeignKey(User, on_delete=models.CASCADE, related_name="blocks")
    blocked = models.ForeignKey(User, on_delete=models.CASCADE, related_name="blocked_by")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["blocker", "blocked"], name="block_once"),
            models.CheckConstraint(condition=~Q(blocker=F("blocked")), name="block_not_oneself"),
        ]

    def __str__(self) -> str:
        return f"{self.blocker_id} ⊘ {self.blocked_id}"


class MuteQuerySet(models.QuerySet["Mute"]):
    def standing(self, at: datetime | None = None) -> Self:
        """Mutes that have not run out; or had not, then."""
        return self.filter(Q(until=None) | Q(until__gt=at or now()))


class Mute(models.Model):
    """`muter` does not meet `muted` in feeds and notifications; the profile stays visible.

    It ends by itself at `until`, if that is given.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    muter = models.ForeignKey(User, on_delete=models.CASCADE, related_name="mutes")
    muted = models.ForeignKey(User, on_delete=models.CASCADE, related_name="muted_by")
    until = models.DateTimeField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = MuteQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["muter", "muted"], name="mute_once"),
            models.CheckConstraint(condition=~Q(muter=F("muted")), name="mute_not_oneself"),
        ]

    def __str__(self) -> str:
        return f"{self.muter_id} ~ {self.muted_id}"


class SuggestionDismissed(models.Model):
    """`person` is not suggested to `user` again."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "person"], name="suggestion_dismissed_once")
        ]

    def __str__(self) -> str:
        return f"{self.user_id} ✕ {self.person_id}"


class ApiKeyQuerySet(models.QuerySet["ApiKey"]):
    def standing(self) -> Self:
        """Keys that are neither revoked nor expired."""
        return self.filter(Q(expires_at=None) | Q(expires_at__gt=now()), revoked_at=None)


class ApiKey(models.Model):
    """What a program shows instead of a session; only `digest` is kept of its secret.

    `beginning` is what its owner tells it by. `spent` counts credits: held or charged by jobs that
    were asked for with it.
    """

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    owner = models.ForeignKey(User, on_delete=models.CASCADE, related_name="api_keys")
    name = models.CharField(max_length=60)
    beginning = models.CharField(max_length=20)
    digest = models.CharField(max_length=64, unique=True)
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope.choices))
    spend_cap = models.PositiveIntegerField(null=True)
    spent = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField(auto_now_add=True)
    used_at = models.DateTimeField(null=True)
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    objects = ApiKeyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(scopes__contained_by=Scope.values) & Q(scopes__len__gt=0),
                name="api_key_scopes_known",
            ),
            models.CheckConstraint(
                condition=Q(spend_cap=None) | Q(spend_cap__gte=F("spent")),
                name="api_key_within_its_cap",
            ),
        ]
        indexes = [models.Index(fields=["owner", "-id"], name="api_key_by_owner")]

    def __str__(self) -> str:
        return f"{self.beginning}… of {self.owner_id}"


Viewer = User | AnonymousUser
