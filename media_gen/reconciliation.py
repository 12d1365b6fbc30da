"""Holds the ledger against the jobs: each was paid for as it ended, and nothing else is held."""

from collections.abc import Iterator

from django.db.models import (
    Case,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    When,
)
from django.db.models.functions import Coalesce

from credits import queries as credits
from credits.models import Account, Entry, Transfer
from credits.queries import Fault
from media_gen.models import GenerationJob
from users.models import ApiKey

HOLDS, SPENT = Account.Book.HOLDS, Account.Book.SPENT
SETTLES = (Transfer.Kind.CAPTURE, Transfer.Kind.RELEASE)


def faults() -> Iterator[Fault]:
    """All that is off, in the ledger alone and between it and the jobs."""
    yield from credits.faults()
    yield from _faults_of_jobs()
    yield from _faults_of_keys()
    for transfer in _holds_of_nothing().iterator():
        yield Fault(f"transfer {transfer.pk}", f"{transfer}: there is no such job")


def _faults_of_jobs() -> Iterator[Fault]:
    jobs = GenerationJob.objects.annotate(
        held=_moved(HOLDS, transfer__kind=Transfer.Kind.HOLD),
        freed=_moved(HOLDS, transfer__kind__in=SETTLES),
        spent=_moved(SPENT, transfer__kind=Transfer.Kind.CAPTURE),
    )
    shown = ("pk", "state", "cost_quoted", "held", "freed", "cost_charged", "spent")
    ended = Q(state__in=GenerationJob.TERMINAL)
    for why, wrong in (
        ("not held as quoted", ~Q(held=F("cost_quoted"))),
        ("ended without its hold being settled", ended & ~Q(freed=-F("held"))),
        ("settled before it ended", ~ended & ~Q(freed=0)),
        ("not charged as it says", ~Q(spent=F("cost_charged"))),
    ):
        found = jobs.filter(wrong).values_list(*shown).iterator()
        for job, state, quoted, held, freed, charged, spent in found:
            yield Fault(
                f"job {job}",
                f"{state}, {why}: quoted {quoted}, held {held}, freed {-freed}, "
                f"charged {charged}, spent {spent}",
            )


def _faults_of_keys() -> Iterator[Fault]:
    ended = Q(generation_jobs__state__in=GenerationJob.TERMINAL)
    cost = Case(
        When(ended, then=F("generation_jobs__cost_charged")),
        default=F("generation_jobs__cost_quoted"),
    )
    keys = ApiKey.objects.annotate(asked=Coalesce(Sum(cost), 0)).exclude(asked=F("spent"))
    for key, spent, asked in keys.values_list("pk", "spent", "asked").iterator():
        yield Fault(f"API key {key}", f"counts {spent}, but its jobs hold or cost {asked}")


def _moved(book: Account.Book, **which: object) -> Coalesce:
    entries = Entry.objects.filter(
        transfer__reference=OuterRef("pk"), account__book=book, **which
    ).values("amount")
    return Coalesce(Subquery(entries[:1]), 0, output_field=IntegerField())


def _holds_of_nothing() -> QuerySet[Transfer]:
    job = GenerationJob.objects.filter(pk=OuterRef("reference"))
    return Transfer.objects.filter(~Exists(job), kind=Transfer.Kind.HOLD)
