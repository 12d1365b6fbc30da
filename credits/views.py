"""One's own ledger."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.openapi import cursor_page
from core.pagination import page
from credits.models import Entry
from credits.serializers import LedgerEntry, present_entries
from users.authentication import current_user
from users.permissions import Active
from users.scopes import ORDINARY


class LedgerView(APIView):
    permission_classes = [Active]
    scopes = ORDINARY

    @extend_schema(responses=cursor_page(LedgerEntry), operation_id="me_ledger")
    def get(self, request: Request) -> Response:
        rows = Entry.objects.filter(account__user=current_user(request)).select_related("transfer")
        return Response(page(request, rows, present_entries))
