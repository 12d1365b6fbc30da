"""Whether the books are right. Whoever keeps other books of credits adds questions of its own."""

from collections.abc import Iterator
from typing import NamedTuple

from django.db.models import F, Sum
from django.db.models.functions import Coalesce

from credits.models import Account, Entry, Transfer


class Fault(NamedTuple):
    """Something that is off: what it is about, and how far."""

    subject: str
    detail: str


def total() -> int:
    """The sum of all entries; anything but 0 is a fault."""
    return int(Entry.objects.aggregate(total=Coalesce(Sum("amount"), 0))["total"])


def faults() -> Iterator[Fault]:
    """Transfers that do not balance; people's balances that are not the sum of their entries."""
    unbalanced = Transfer.objects.annotate(total=Sum("entries__amount")).exclude(total=0)
    for transfer in unbalanced.iterator():
        yield Fault(
            f"transfer {transfer.pk}", f"{transfer}: its entries add up to {transfer.total}"
        )
    own = Coalesce(Sum("entries__amount"), 0)
    wrong = Account.objects.filter(book=None).annotate(total=own).exclude(total=F("balance"))
    for account in wrong.select_related("user").iterator():
        yield Fault(
            f"account of {account.user}",
            f"shows {account.balance}, but its entries add up to {account.total}",
        )
