"""How people look in the API."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from rest_framework import serializers

from core.clock import now
from core.serializers import Input, Name, Output, Switch, Text
from users import preferences
from users.models import ApiKey, User, Viewer
from users.queries import relation
from users.scopes import Scope


class PersonRef(Output):
    id = serializers.UUIDField()
    username = serializers.CharField()
    display_name = serializers.CharField()
    avatar_url = serializers.CharField(allow_null=True)
    kind = serializers.ChoiceField(User.Kind.choices)


class Relation(Output):
    follow = serializers.ChoiceField(["none", "requested", "following"])
    followed_by = serializers.BooleanField()
    block = serializers.BooleanField()
    mute = serializers.BooleanField()
    mute_until = serializers.DateTimeField(allow_null=True)


class MutedPerson(PersonRef):
    until = serializers.DateTimeField(allow_null=True)


class Suggestion(PersonRef):
    common = serializers.IntegerField(help_text="How many of those you follow follow them.")


class Suggestions(Output):
    results = Suggestion(many=True)


class RelationAnswer(Output):
    relation = Relation()


class Counts(Output):
    followers = serializers.IntegerField()
    following = serializers.IntegerField()
    posts = serializers.IntegerField()


class Profile(PersonRef):
    bio = serializers.CharField()
    private = serializers.BooleanField()
    counts = Counts()
    relation = Relation()
    joined_at = serializers.DateTimeField()


class Me(PersonRef):
    bio = serializers.CharField()
    private = serializers.BooleanField()
    preferences = serializers.JSONField()
    credits = serializers.IntegerField()
    suspended = serializers.BooleanField()
    counts = Counts()


class AiMaxShare(Input):
    home = serializers.IntegerField(min_value=0, max_value=100, required=False, allow_null=True)
    explore = serializers.IntegerField(min_value=0, max_value=100, required=False, allow_null=True)
    tag = serializers.IntegerField(min_value=0, max_value=100, required=False, allow_null=True)
    search = serializers.IntegerField(min_value=0, max_value=100, required=False, allow_null=True)
    related = serializers.IntegerField(min_value=0, max_value=100, required=False, allow_null=True)
    board = serializers.IntegerField(min_value=0, max_value=100, required=False, allow_null=True)


class RemixPolicy(Input):
    who = serializers.ChoiceField(["everyone", "followers", "nobody"], required=False)
    style_transfer = Switch(required=False)


class NotificationChoices(Input):
    """One switch per type of notification."""

    def get_fields(self) -> dict[str, serializers.Field[Any, Any, Any, Any]]:
        return {
            name: Switch(required=False, allow_null=True) for name in preferences.NOTIFICATION_TYPES
        }


class Preferences(Input):
    ai_max_share = AiMaxShare(required=False, allow_null=True)
    unknown_policy = serializers.ChoiceField(
        preferences.UNKNOWN_POLICIES, required=False, allow_null=True
    )
    agents = serializers.ChoiceField(preferences.AGENTS, required=False, allow_null=True)
    training_consent = serializers.ChoiceField(
        ["unset", "allow", "deny"], required=False, allow_null=True
    )
    remix_policy = RemixPolicy(required=False, allow_null=True)
    notifications = NotificationChoices(required=False, allow_null=True)


class KeyIn(Input):
    name = Text(max_length=60)
    scopes = serializers.MultipleChoiceField(choices=Scope.choices, allow_empty=False)
    spend_cap = serializers.IntegerField(
        min_value=0, max_value=1_000_000_000, required=False, allow_null=True
    )
    expires_at = serializers.DateTimeField(required=False, allow_null=True)

    def validate_expires_at(self, value: datetime | None) -> datetime | None:
        return _to_come(value)


class KeyOut(Output):
    id = serializers.UUIDField()
    name = serializers.CharField()
    beginning = serializers.CharField()
    scopes = serializers.ListField(child=serializers.ChoiceField(Scope.choices))
    spend_cap = serializers.IntegerField(allow_null=True)
    spent = serializers.IntegerField()
    created_at = serializers.DateTimeField()
    used_at = serializers.DateTimeField(allow_null=True)
    expires_at = serializers.DateTimeField(allow_null=True)


class NewKey(KeyOut):
    key = serializers.CharField(help_text="The secret. Nobody can read it again.")


class Ticket(Output):
    ticket = serializers.CharField()
    expires_in = serializers.IntegerField()


class MuteIn(Input):
    until = serializers.DateTimeField(required=False, allow_null=True)

    def validate_until(self, value: datetime | None) -> datetime | None:
        return _to_come(value)


class ProfileChange(Input):
    display_name = Name(max_length=60, allow_blank=True, required=False)
    bio = Text(max_length=500, allow_blank=True, required=False)
    private = Switch(required=False)
    kind = serializers.ChoiceField(User.Kind.choices, required=False)
    preferences = Preferences(required=False, allow_null=True)


def _to_come(moment: datetime | None) -> datetime | None:
    """Raises ValidationError for what is over."""
    if moment is not None and moment <= now():
        raise serializers.ValidationError("This has passed.")
    return moment


def present_person(person: User) -> dict[str, Any]:
    """The short form, as author of posts and comments."""
    return present_ref(
        person.pk, person.username, person.display_name, avatar_url(person), person.kind
    )


def present_ref(
    key: UUID | str, username: str, display_name: str, avatar_url: str | None, kind: str
) -> dict[str, Any]:
    """The same, of somebody whose row was not read whole."""
    return {
        "id": str(key),
        "username": username,
        "display_name": display_name or username,
        "avatar_url": avatar_url,
        "kind": kind,
    }


def present_profile(person: User, viewer: Viewer) -> dict[str, Any]:
    return {
        **present_person(person),
        "bio": person.bio,
        "private": person.private,
        "counts": _counts(person),
        "relation": relation(viewer, person),
        "joined_at": person.date_joined,
    }


def present_me(person: User) -> dict[str, Any]:
    account = getattr(person, "credit_account", None)
    return {
        **present_person(person),
        "bio": person.bio,
        "private": person.private,
        "preferences": preferences.effective(person.preferences),
        "credits": account.available if account else 0,
        "suspended": person.suspended,
        "counts": _counts(person),
    }


def present_key(key: ApiKey) -> dict[str, Any]:
    return {
        "id": str(key.pk),
        "name": key.name,
        "beginning": key.beginning,
        "scopes": key.scopes,
        "spend_cap": key.spend_cap,
        "spent": key.spent,
        "created_at": key.created_at,
        "used_at": key.used_at,
        "expires_at": key.expires_at,
    }


def present_keys(keys: Iterable[ApiKey]) -> list[dict[str, Any]]:
    return [present_key(key) for key in keys]


def avatar_url(person: User) -> str | None:
    """The address of the chosen avatar, if any; the row is media's."""
    avatar = getattr(person, "avatar", None)
    return avatar.url if avatar else None


def _counts(person: User) -> dict[str, int]:
    return {
        "followers": person.followers_count,
        "following": person.following_count,
        "posts": person.posts_count,
    }
