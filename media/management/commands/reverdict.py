"""Reach all verdicts again under the present policy, and report what changed."""

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand

from core.errors import DomainError
from media.models import Asset
from media.reading_again import read_again
from provenance import services as provenance
from provenance.models import Record
from provenance.origin import POLICY_VERSION

SAY_EVERY = 500


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--dry-run", action="store_true", help="say what would change, change nothing"
        )
        parser.add_argument(
            "--read-again",
            action="store_true",
            help="read the stored files anew first, for example after a trust list was imported; "
            "about a second for each",
        )

    def handle(self, *args: Any, dry_run: bool, read_again: bool, **options: Any) -> None:
        if read_again and not dry_run:
            self._read_all_again()
        changed: Counter[tuple[str, str]] = Counter()
        total = 0
        for total, record in enumerate(self._records(), 1):  # the count is used
            before = _said(record)
            after = _said(provenance.reach_verdict(record=record, keep=not dry_run))
            if before != after:
                changed[before, after] += 1
            if total % SAY_EVERY == 0:
                self.stdout.write(f"… {total} verdicts")
        verb = "would change" if dry_run else "changed"
        self.stdout.write(
            f"✓ {total} verdicts under policy {POLICY_VERSION}, {changed.total()} {verb}."
        )
        for (before, after), count in changed.most_common():
            self.stdout.write(f"  {count:6}  {before} → {after}")

    def _records(self) -> Iterator[Record]:
        return Record.objects.order_by("pk").iterator(chunk_size=SAY_EVERY)

    def _read_all_again(self) -> None:
        assets = Asset.objects.present().filter(record__generation=None).order_by("pk")
        differing = failed = 0
        for number, asset in enumerate(assets.select_related("record").iterator(), 1):
            try:
                differing += read_again(asset=asset)
            except DomainError as error:
                failed += 1
                self.stderr.write(f"{asset.pk}: {error.detail}")
            if number % SAY_EVERY == 0:
                self.stdout.write(f"… {number} files")
        self.stdout.write(f"✓ {differing} files say something else now, {failed} not readable.")


def _said(record: Record) -> str:
    return f"{record.origin} ({record.grade}, {record.rule})"
