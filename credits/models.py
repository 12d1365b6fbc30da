"""Credits: a double-entry ledger. Every transfer's entries sum to zero; none is ever changed.

That is what the database holds: triggers refuse UPDATE and DELETE, and a commit that would leave a
transfer unbalanced (credits/migrations).
"""

from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.clock import now
from core.db import one_of
from core.ids import uuid7
from users.models import User


class Account(models.Model):
    """A person's credits, or one of the platform's own books.

    `balance` is kept for people only and is never negative; the books' balances are sums.
    `granted_on` is the last day (UTC) whose grant a person has.
    """

    class Book(models.TextChoices):
        GRANTS = "grants"
        HOLDS = "holds"
        SPENT = "spent"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    user = models.OneToOneField(
        User, null=True, on_delete=models.PROTECT, related_name="credit_account"
    )
    book = models.CharField(max_length=10, null=True, unique=True, choices=Book.choices)  # noqa: DJ001  # null is "none of the books", and unique
    balance = models.BigIntegerField(default=0)
    granted_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=True) ^ Q(book__isnull=True), name="account_of_one_kind"
            ),
            models.CheckConstraint(condition=Q(balance__gte=0), name="account_never_negative"),
        ]

    def __str__(self) -> str:
        return self.book or str(self.user)

    @property
    def available(self) -> int:
        """What can be spent: today's grant counts, though it is moved only when it is needed."""
        return self.balance + (settings.DAILY_CREDITS if self.grant_is_due(now().date()) else 0)

    def grant_is_due(self, today: date) -> bool:
        return self.granted_on is None or self.granted_on < today


class TransferKind(models.TextChoices):
    GRANT = "grant"
    DAILY = "daily"
    HOLD = "hold"
    CAPTURE = "capture"
    RELEASE = "release"


class Transfer(models.Model):
    """Credits that moved, and why. At most once per kind and reference: a person, a person's day,
    or a job, whose hold is settled once, by a capture or by a release."""

    Kind = TransferKind

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    reference = models.UUIDField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            one_of("kind", TransferKind, table="transfer"),
            models.UniqueConstraint(fields=["reference", "kind"], name="transfer_once"),
            models.UniqueConstraint(
                fields=["reference"],
                name="transfer_settles_once",
                condition=Q(kind__in=["capture", "release"]),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.reference}"


class Entry(models.Model):
    """One side of a transfer: `amount` credits into (+) or out of (−) an account."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="entries")
    account = models.ForeignKey(Account, on_delete=models.PROTECT, related_name="entries")
    amount = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "entries"
        constraints = [models.CheckConstraint(condition=~Q(amount=0), name="entry_moves_something")]

    def __str__(self) -> str:
        return f"{self.amount:+d}"
