"""Credits: a double-entry ledger. Every transfer's entries sum to zero; none is ever changed."""

from django.db import models
from django.db.models import Q

from core.db import one_of
from core.ids import uuid7
from users.models import User


class Account(models.Model):
    """A person's credits, or one of the platform's own books.

    `balance` is kept for people only and is never negative; the books' balances are sums.
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

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(user__isnull=True) ^ Q(book__isnull=True), name="account_of_one_kind"
            ),
            models.CheckConstraint(condition=Q(balance__gte=0), name="account_never_negative"),
        ]

    def __str__(self) -> str:
        return self.book or str(self.user)


class TransferKind(models.TextChoices):
    GRANT = "grant"
    HOLD = "hold"
    CAPTURE = "capture"
    RELEASE = "release"


class Transfer(models.Model):
    """Credits that moved, and why. At most once per kind and reference (a job)."""

    Kind = TransferKind

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    reference = models.UUIDField()
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        constraints = [
            one_of("kind", TransferKind, table="transfer"),
            models.UniqueConstraint(fields=["reference", "kind"], name="transfer_once"),
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
