"""Accounts and relations over REST. Signing up and in is allauth's, under /_allauth/app/v1/."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.errors import NotFound
from core.openapi import cursor_page
from core.pagination import page
from users import keys, queries, services, suggestions
from users.authentication import current_user
from users.models import ApiKey, Block, Follow, Mute, User, UserQuerySet, Viewer
from users.permissions import Active
from users.scopes import IN_PERSON, ORDINARY
from users.serializers import (
    KeyIn,
    KeyOut,
    Me,
    MutedPerson,
    MuteIn,
    NewKey,
    PersonRef,
    Profile,
    ProfileChange,
    RelationAnswer,
    Suggestions,
    present_key,
    present_keys,
    present_me,
    present_person,
    present_profile,
    present_ref,
)


class MeView(APIView):
    permission_classes = [Active]
    scopes = ORDINARY

    @extend_schema(responses=Me, operation_id="me_read")
    def get(self, request: Request) -> Response:
        return Response(present_me(current_user(request)))

    @extend_schema(request=ProfileChange, responses=Me, operation_id="me_change")
    def patch(self, request: Request) -> Response:
        change = ProfileChange(data=request.data)
        change.is_valid(raise_exception=True)
        person = services.change_profile(user=current_user(request), changes=change.validated_data)
        return Response(present_me(person))


class ProfileView(APIView):
    scopes = ORDINARY

    @extend_schema(responses=Profile, operation_id="user_read")
    def get(self, request: Request, username: str) -> Response:
        return Response(present_profile(_person(request, username), request.user))


class RelationView(APIView):
    """One verb between two people; PUT does it, DELETE undoes it, both answer what holds now."""

    scopes = ORDINARY

    do: Callable[..., None]
    undo: Callable[..., None]
    actor = ""
    target = ""

    @extend_schema(request=None, responses=RelationAnswer)
    def put(self, request: Request, username: str) -> Response:
        return self._apply(request, username, type(self).do)

    @extend_schema(responses={200: RelationAnswer})
    def delete(self, request: Request, username: str) -> Response:
        return self._apply(request, username, type(self).undo)

    def _apply(self, request: Request, username: str, verb: Callable[..., None]) -> Response:
        person = get_object_or_404(self.within_reach(request), username=username)
        verb(**{self.actor: current_user(request), self.target: person})
        return Response({"relation": queries.relation(request.user, person)})

    def within_reach(self, request: Request) -> UserQuerySet:
        """To whom one can do it."""
        seen: UserQuerySet = User.objects.visible_to(request.user)
        return seen


class FollowView(RelationView):
    do = services.follow
    undo = services.unfollow
    actor, target = "follower", "followee"


class BlockView(RelationView):
    do = services.block
    undo = services.unblock
    actor, target = "blocker", "blocked"

    def within_reach(self, request: Request) -> UserQuerySet:
        """Everybody: who is blocked may want peace too, before the other lifts their block. That
        somebody has the name is no secret, since nobody else can take it."""
        anybody: UserQuerySet = User.objects.filter(is_active=True)
        return anybody


class MuteView(RelationView):
    do = services.mute
    undo = services.unmute
    actor, target = "muter", "muted"

    def within_reach(self, request: Request) -> UserQuerySet:
        """Whom one has muted one hears again, whatever they have done since."""
        muted = Mute.objects.standing().filter(muter=current_user(request), muted=OuterRef("pk"))
        mine: UserQuerySet = User.objects.filter(Exists(muted), is_active=True)
        return super().within_reach(request) | mine

    @extend_schema(request=MuteIn, responses=RelationAnswer)
    def put(self, request: Request, username: str) -> Response:
        wanted = MuteIn(data=request.data)
        wanted.is_valid(raise_exception=True)
        return self._apply(request, username, partial(services.mute, **wanted.validated_data))


class SuggestionsView(APIView):
    permission_classes = [Active]
    scopes = ORDINARY

    @extend_schema(responses=Suggestions, operation_id="suggestions")
    def get(self, request: Request) -> Response:
        found = suggestions.suggestions_for(current_user(request))
        shown = [{**present_person(person), "common": common} for person, common in found]
        return Response({"results": shown})


class SuggestionView(APIView):
    permission_classes = [Active]
    scopes = ORDINARY

    @extend_schema(responses={204: None}, operation_id="suggestion_dismiss")
    def delete(self, request: Request, username: str) -> Response:
        suggestions.dismiss(viewer=current_user(request), person=_person(request, username))
        return Response(status=204)


class FollowersView(APIView):
    scopes = ORDINARY

    @extend_schema(responses=cursor_page(PersonRef), operation_id="user_followers")
    def get(self, request: Request, username: str) -> Response:
        person = _open_person(request, username)
        rows = queries.followers_of(person, request.user).select_related("follower__avatar__asset")
        return Response(page(request, rows, _present_followers))


class FollowingView(APIView):
    scopes = ORDINARY

    @extend_schema(responses=cursor_page(PersonRef), operation_id="user_following")
    def get(self, request: Request, username: str) -> Response:
        person = _open_person(request, username)
        rows = queries.followed_by(person, request.user).select_related("followee__avatar__asset")
        return Response(page(request, rows, _present_followed))


class KeysView(APIView):
    permission_classes = [Active]
    scopes = IN_PERSON

    @extend_schema(responses=cursor_page(KeyOut), operation_id="keys_list")
    def get(self, request: Request) -> Response:
        rows = ApiKey.objects.standing().filter(owner=current_user(request))
        return Response(page(request, rows, present_keys))

    @extend_schema(request=KeyIn, responses={201: NewKey}, operation_id="keys_create")
    def post(self, request: Request) -> Response:
        wanted = KeyIn(data=request.data)
        wanted.is_valid(raise_exception=True)
        key, secret = keys.create(owner=current_user(request), **wanted.validated_data)
        return Response({**present_key(key), "key": secret}, status=201)


class KeyView(APIView):
    permission_classes = [Active]
    scopes = IN_PERSON

    @extend_schema(request=None, responses={204: None}, operation_id="key_revoke")
    def delete(self, request: Request, key_id: UUID) -> Response:
        rows = ApiKey.objects.standing().filter(owner=current_user(request))
        keys.revoke(key=get_object_or_404(rows, pk=key_id))
        return Response(status=204)


class FollowRequestsView(APIView):
    permission_classes = [Active]
    scopes = ORDINARY

    @extend_schema(responses=cursor_page(PersonRef), operation_id="follow_requests")
    def get(self, request: Request) -> Response:
        rows = Follow.objects.filter(followee=current_user(request), accepted=False).select_related(
            "follower__avatar__asset"
        )
        return Response(page(request, rows, _present_followers))


class BlocksView(APIView):
    permission_classes = [Active]
    scopes = ORDINARY

    @extend_schema(responses=cursor_page(PersonRef), operation_id="blocks_list")
    def get(self, request: Request) -> Response:
        rows = Block.objects.filter(blocker=current_user(request), blocked__is_active=True)
        rows = rows.select_related("blocked__avatar__asset")
        return Response(page(request, rows, partial(_blocked, viewer=request.user)))


class MutesView(APIView):
    permission_classes = [Active]
    scopes = ORDINARY

    @extend_schema(responses=cursor_page(MutedPerson), operation_id="mutes_list")
    def get(self, request: Request) -> Response:
        visible = User.objects.visible_to(request.user)
        rows = Mute.objects.standing().filter(muter=current_user(request), muted__in=visible)
        return Response(page(request, rows.select_related("muted__avatar__asset"), _muted))


class AnswerFollowRequestView(APIView):
    permission_classes = [Active]
    scopes = ORDINARY
    verb: Callable[..., None]

    @extend_schema(request=None, responses=RelationAnswer)
    def post(self, request: Request, username: str) -> Response:
        person = _person(request, username)
        type(self).verb(followee=current_user(request), follower=person)
        return Response({"relation": queries.relation(request.user, person)})


class AcceptFollowView(AnswerFollowRequestView):
    verb = services.accept_follow


class RejectFollowView(AnswerFollowRequestView):
    verb = services.reject_follow


class RemoveFollowerView(APIView):
    permission_classes = [Active]
    scopes = ORDINARY

    @extend_schema(responses={204: None})
    def delete(self, request: Request, username: str) -> Response:
        services.unfollow(follower=_person(request, username), followee=current_user(request))
        return Response(status=204)


def _person(request: Request, username: str) -> User:
    person: User = get_object_or_404(User.objects.visible_to(request.user), username=username)
    return person


def _open_person(request: Request, username: str) -> User:
    """Somebody whose lists the viewer may see; otherwise there are no such lists."""
    person = _person(request, username)
    if not queries.may_see_lists_of(request.user, person):
        raise NotFound
    return person


def _present_followers(rows: Any) -> list[dict[str, Any]]:
    return [present_person(row.follower) for row in rows]


def _blocked(rows: Any, viewer: Viewer) -> list[dict[str, Any]]:
    """Of who has blocked `viewer` too only the name, by which a block is lifted."""
    people = [row.blocked for row in rows]
    seen = set(User.objects.visible_to(viewer).filter(pk__in=[person.pk for person in people]))
    return [
        present_person(person)
        if person in seen
        else present_ref(person.pk, person.username, "", None, person.kind)
        for person in people
    ]


def _muted(rows: Any) -> list[dict[str, Any]]:
    return [{**present_person(row.muted), "until": row.until} for row in rows]


def _present_followed(rows: Any) -> list[dict[str, Any]]:
    return [present_person(row.followee) for row in rows]
