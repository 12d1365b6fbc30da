"""How the ledger looks in the API."""

from collections.abc import Iterable
from typing import Any

from rest_framework import serializers

from core.serializers import Output
from credits.models import Entry, Transfer


class LedgerEntry(Output):
    id = serializers.UUIDField()
    kind = serializers.ChoiceField(Transfer.Kind.choices)
    amount = serializers.IntegerField()
    reference = serializers.UUIDField()
    created_at = serializers.DateTimeField()


def present_entries(entries: Iterable[Entry]) -> list[dict[str, Any]]:
    return [
        {
            "id": str(entry.pk),
            "kind": entry.transfer.kind,
            "amount": entry.amount,
            "reference": str(entry.transfer.reference),
            "created_at": entry.transfer.created_at,
        }
        for entry in entries
    ]
