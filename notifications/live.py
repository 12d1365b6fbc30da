"""The event stream of what one is told.

    event: unread         how many are unread, at the beginning and whenever it changed
    event: notification   one that is new, as the list shows it        id: its own
Who comes back with Last-Event-ID is told what they missed. The rows are read at the beginning, when
the doorbell rings, and every ten seconds.
"""

import time
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from asgiref.sync import sync_to_async
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.views.decorators.csrf import csrf_exempt

from core import sse
from core.bells import Doorbell
from core.db import release_connection
from core.ids import uuid7
from notifications import queries
from notifications.models import Notification
from notifications.serializers import present_notifications
from notifications.services import channel
from users.live import viewer_of
from users.models import User

LOOK_AGAIN_SECONDS = 10.0
#: So much after its id was made a notification may be committed, and after others of later ids.
LATE_MILLISECONDS = 10_000
STREAM = "notifications"
AT_ONCE = 100


@dataclass(frozen=True, slots=True)
class Seen:
    """How far a stream has come: the latest that was told, and all of the moments before it, in
    which others may still appear."""

    last: UUID
    told: frozenset[UUID]

    @property
    def since(self) -> UUID:
        milliseconds = (self.last.int >> 80) - LATE_MILLISECONDS  # RFC 9562: the first 48 bits
        return UUID(int=max(milliseconds, 0) << 80)

    def and_also(self, told: Sequence[UUID]) -> "Seen":
        further = Seen(max(self.last, *told), self.told.union(told)) if told else self
        recent = frozenset(key for key in further.told if key > further.since)
        return Seen(further.last, recent)


@csrf_exempt
async def notification_events(request: HttpRequest) -> HttpResponseBase:
    """GET /notifications/events with a Bearer token or ?ticket=; resumes after Last-Event-ID."""
    if request.method != "GET":
        return sse.only_read(request)
    user = await sync_to_async(viewer_of, thread_sensitive=False)(request, STREAM)
    if user is None:
        return sse.unknown_viewer(request)
    last = _last_seen(request)
    seen = Seen(last, frozenset([last])) if last else None
    return sse.stream(channel(user.pk), partial(_follow, user.pk, seen))


async def _follow(user_id: UUID, seen: Seen | None, bell: Doorbell | None) -> AsyncIterator[bytes]:
    pinged, unread = time.monotonic(), -1
    while True:
        news = await sync_to_async(_news, thread_sensitive=False)(user_id, seen)
        if news is None:
            return
        for told in news["told"]:
            yield sse.event("notification", max(told["id"], str(seen.last) if seen else ""), told)
        seen = news["seen"]
        if news["unread"] != unread:
            unread = news["unread"]
            yield sse.event("unread", str(seen.last), {"unread": unread})
        await sse.wait(bell, LOOK_AGAIN_SECONDS)
        if time.monotonic() - pinged > sse.PING_SECONDS:
            pinged = time.monotonic()
            yield sse.PING


def _news(user_id: UUID, seen: Seen | None) -> dict[str, Any] | None:
    """What came after `seen`, oldest first; of the past nothing, if nothing was seen.

    None once there is no such account any more. Who is signed out elsewhere keeps the stream until
    it breaks; it says nothing that they did not open it for.
    """
    try:
        user = User.objects.filter(pk=user_id, is_active=True).first()
        if user is None:
            return None
        rows = queries.told_together(user)
        if seen is None:
            return {"told": [], "seen": _past(user), "unread": queries.unread(user)}
        new = rows.filter(pk__gt=seen.since).exclude(pk__in=seen.told)
        found = list(new.order_by("id")[:AT_ONCE])
        return {
            "told": present_notifications(found, user),
            "seen": seen.and_also([row.pk for row in found]),
            "unread": queries.unread(user),
        }
    finally:
        release_connection()


def _past(user: User) -> Seen:
    """All that was told before: also what others hide that are told together with it."""
    rows = Notification.objects.filter(recipient=user).order_by("-id").values_list("pk", flat=True)
    last = Seen(rows.first() or UUID(int=0), frozenset())
    return last.and_also(list(rows.filter(pk__gt=last.since)))


def _last_seen(request: HttpRequest) -> UUID | None:
    """Not what nobody can have seen yet: after it nothing would ever come."""
    try:
        seen = UUID(request.headers.get("Last-Event-ID", ""))
    except ValueError:
        return None
    return seen if seen < uuid7() else None
