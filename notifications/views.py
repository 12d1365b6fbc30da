"""One's own notifications."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.openapi import cursor_page
from core.pagination import page
from notifications import queries, services
from notifications.live import STREAM
from notifications.serializers import NotificationOut, ReadIn, present_notifications
from users import tickets
from users.authentication import current_user
from users.permissions import SignedIn
from users.scopes import ORDINARY, READING
from users.serializers import Ticket


class NotificationsView(APIView):
    permission_classes = [SignedIn]
    scopes = ORDINARY

    @extend_schema(
        responses=cursor_page(NotificationOut, unread=True), operation_id="notifications_list"
    )
    def get(self, request: Request) -> Response:
        recipient = current_user(request)
        rows = queries.told_together(recipient)
        shown = page(request, rows, lambda found: present_notifications(found, recipient))
        return Response({**shown, "unread": queries.unread(recipient)})


class ReadView(APIView):
    permission_classes = [SignedIn]
    scopes = ORDINARY

    @extend_schema(request=ReadIn, responses={204: None}, operation_id="notifications_read")
    def post(self, request: Request) -> Response:
        wanted = ReadIn(data=request.data)
        wanted.is_valid(raise_exception=True)
        ids = None if wanted.validated_data["all"] else wanted.validated_data.get("ids", [])
        services.mark_read(recipient=current_user(request), ids=ids)
        return Response(status=204)


class TicketView(APIView):
    permission_classes = [SignedIn]
    scopes = READING

    @extend_schema(request=None, responses=Ticket, operation_id="notifications_ticket")
    def post(self, request: Request) -> Response:
        """Opens the event stream once, for a browser's EventSource."""
        ticket = tickets.issue(current_user(request).pk, STREAM)
        return Response({"ticket": ticket, "expires_in": tickets.LIFETIME_SECONDS})
