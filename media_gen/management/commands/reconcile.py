"""manage.py reconcile: proves that the books are right, or names what is off."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from credits import queries as credits
from credits.models import Entry, Transfer
from media_gen import reconciliation
from media_gen.models import GenerationJob


class Command(BaseCommand):
    help = (
        "Hold the ledger of credits against itself and against the jobs. Exits 1 and names every "
        "transfer, account and job that is off. Runs nightly as a task, too, which logs an error."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        faults = list(reconciliation.faults())
        for subject, detail in faults:
            self.stdout.write(f"{subject}: {detail}")
        self.stdout.write(
            f"{Transfer.objects.count():,} transfers, {Entry.objects.count():,} entries, "
            f"their sum is {credits.total()}; {GenerationJob.objects.count():,} jobs."
        )
        if faults:
            raise CommandError(f"{len(faults):,} faults. What to do: docs/operations.md, Credits.")
        self.stdout.write(self.style.SUCCESS("The books are right."))
