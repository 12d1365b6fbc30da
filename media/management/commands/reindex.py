"""Fill the indexes that images are recognised by: what is missing, or a new version beside the old.

Nothing stands still meanwhile: works are looked up in the old version until the new one is whole.
"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from media import reindexing
from media.indexes import INDEXES, Index
from provenance.matching import versions


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = [index.algorithm.value for index in INDEXES]
        parser.add_argument(
            "--algorithm", choices=names, action="append", help="only this one (else all)"
        )
        parser.add_argument("--dry-run", action="store_true", help="say what is missing, and stop")
        parser.add_argument(
            "--despite-failures",
            action="store_true",
            help="take a new version into use although some images could not be read",
        )
        parser.add_argument(
            "--drop-retired", action="store_true", help="delete the rows of versions out of use"
        )

    def handle(
        self,
        *args: Any,
        algorithm: list[str] | None,
        dry_run: bool,
        despite_failures: bool,
        drop_retired: bool,
        **options: Any,
    ) -> None:
        for index in INDEXES:
            if algorithm and index.algorithm.value not in algorithm:
                continue
            if dry_run:
                self._say_what_is_missing(index)
                continue
            self._renew(index, despite_failures=despite_failures)
            for version in versions.retired(index.algorithm) if drop_retired else []:
                index.forget(version)
                self.stdout.write(f"✓ {index.algorithm} {version}: deleted.")

    def _say_what_is_missing(self, index: Index) -> None:
        newest = index.newest()
        used = versions.active(index.algorithm, newest)
        for version in sorted({used, newest}):
            state = "in use" if version == used else "not in use"
            count = reindexing.missing(index, version)
            self.stdout.write(f"{index.algorithm} {version} ({state}): {count} images missing")

    def _renew(self, index: Index, *, despite_failures: bool) -> None:
        newest = index.newest()
        if versions.active(index.algorithm, newest) == newest:
            self._fill(index, newest)
            return
        versions.begin(index.algorithm, newest)
        if self._fill(index, newest) and not despite_failures:
            raise CommandError(
                f"{index.algorithm} {newest} is not taken into use: some images could not be read "
                "(see the log). Run it again, or with --despite-failures."
            )
        versions.activate(index.algorithm, newest)
        # Uploads that began before the new version was there entered only the old one.
        self._fill(index, newest)
        self.stdout.write(f"✓ {index.algorithm} {newest} is in use.")

    def _fill(self, index: Index, version: int) -> int:
        """Enter what is missing; how many images could not be read."""
        name, total = f"{index.algorithm} {version}", reindexing.missing(index, version)
        progress = reindexing.Progress()
        for progress in reindexing.fill(index, version):  # the last one is used
            done = progress.entered + progress.failed
            self.stdout.write(f"… {name}: {done} of {max(total, done)} images")
        self.stdout.write(
            f"✓ {name}: {progress.entered} images entered, {progress.failed} not readable."
        )
        return progress.failed
