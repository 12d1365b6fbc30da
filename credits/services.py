"""Moving credits. Each verb is one transfer, and doing it twice is doing it once."""

from uuid import UUID, uuid5

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q

from core.clock import now
from core.errors import DomainError
from credits.models import Account, Entry, Transfer, TransferKind
from users.events import SignedUp
from users.models import User

GRANTS, HOLDS, SPENT = Account.Book.GRANTS, Account.Book.HOLDS, Account.Book.SPENT


class InsufficientCredits(DomainError):
    """You do not have enough credits for this."""

    status = 402
    code = "insufficient_credits"


@transaction.atomic
def open_account(event: SignedUp) -> None:
    """A new person begins with settings.SIGNUP_CREDITS; part of their sign-up's transaction."""
    user = User.objects.get(pk=event.user_id)
    account, _ = Account.objects.get_or_create(user=user, defaults={"granted_on": now().date()})
    if settings.SIGNUP_CREDITS:
        _move(
            Transfer.Kind.GRANT,
            user.pk,
            {_book(GRANTS): -settings.SIGNUP_CREDITS, account: settings.SIGNUP_CREDITS},
        )


@transaction.atomic
def grant_daily(*, user: User) -> None:
    """Today's settings.DAILY_CREDITS, unless they were given. Nobody gets those of days away."""
    amount, today = settings.DAILY_CREDITS, now().date()
    account = _account(user)
    due = Q(granted_on=None) | Q(granted_on__lt=today)
    if amount and Account.objects.filter(due, pk=account.pk).update(granted_on=today):
        reference = uuid5(user.pk, today.isoformat())
        _move(Transfer.Kind.DAILY, reference, {_book(GRANTS): -amount, account: amount})


@transaction.atomic
def hold(*, user: User, amount: int, reference: UUID) -> None:
    """Set `amount` credits aside for a job. Raises InsufficientCredits."""
    if amount:
        grant_daily(user=user)
        _move(
            Transfer.Kind.HOLD,
            reference,
            {_account(user): -amount, _book(HOLDS): amount},
        )


@transaction.atomic
def capture(*, user: User, held: int, spent: int, reference: UUID) -> None:
    """Spend `spent` of the `held` credits and give the rest back."""
    if held:
        _move(
            Transfer.Kind.CAPTURE,
            reference,
            {_book(HOLDS): -held, _book(SPENT): spent, _account(user): held - spent},
        )


@transaction.atomic
def release(*, user: User, held: int, reference: UUID) -> None:
    """Give everything that was held for a job back."""
    if held:
        _move(Transfer.Kind.RELEASE, reference, {_book(HOLDS): -held, _account(user): held})


def _move(kind: TransferKind, reference: UUID, amounts: dict[Account, int]) -> None:
    transfer, created = Transfer.objects.get_or_create(kind=kind, reference=reference)
    if not created:
        return
    for account, amount in amounts.items():
        if amount == 0:
            continue
        if account.user_id:
            _change_balance(account, amount)
        Entry.objects.create(transfer=transfer, account=account, amount=amount)


def _change_balance(account: Account, amount: int) -> None:
    enough = Account.objects.filter(pk=account.pk, balance__gte=-amount)
    if not enough.update(balance=F("balance") + amount):
        raise InsufficientCredits


def _account(user: User) -> Account:
    return Account.objects.get_or_create(user=user)[0]


def _book(book: Account.Book) -> Account:
    return Account.objects.get_or_create(book=book)[0]
