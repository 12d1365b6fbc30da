"""Import, list and retire the certificate lists whose signatures are trusted."""

import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

from django.core.management.base import BaseCommand, CommandError

from core.errors import DomainError
from provenance import trust
from provenance.models import TrustList

MAX_BYTES = 5_000_000
TIMEOUT_SECONDS = 30


class Command(BaseCommand):
    help = __doc__ or ""

    def add_arguments(self, parser: ArgumentParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        add = verbs.add_parser(
            "import",
            help="import a list, replacing the one of the same name",
            epilog="Images that were uploaded before keep the evidence of their day; "
            "`manage.py reverdict --read-again` reads their files anew.",
        )
        add.add_argument(
            "list",
            metavar="FILE|URL",
            help="a PEM file, its https address, or - for what is piped in",
        )
        add.add_argument("--source", help="where the list is from, if FILE does not say it")
        add.add_argument("--name", required=True, help="a short name of your own for the list")
        add.add_argument("--kind", required=True, choices=TrustList.Kind.values)
        add.add_argument(
            "--tier", default="imported", help="shown with evidence, for example: c2pa, interim"
        )
        verbs.add_parser("list", help="show what is trusted, with source, date and hash")
        remove = verbs.add_parser("retire", help="trust a list no longer; it is kept as history")
        remove.add_argument("name")

    def handle(self, *args: Any, **options: Any) -> None:
        verbs = {"import": self.take_in, "list": self.show, "retire": self.retire}
        verbs[options["verb"]](options)

    def take_in(self, options: dict[str, Any]) -> None:
        try:
            taken = trust.import_list(
                name=options["name"],
                kind=options["kind"],
                tier=options["tier"],
                source=options["source"] or options["list"],
                content=read(options["list"]),
            )
        except DomainError as error:
            raise CommandError(f"{options['list']}: {error.detail}") from error
        self.stdout.write(f"✓ {taken.name}: {taken.entries} {taken.kind}, sha256 {taken.sha256}")

    def show(self, options: dict[str, Any]) -> None:
        standing = TrustList.objects.filter(retired_at=None).order_by("name")
        if not standing:
            self.stdout.write("No list is trusted yet: manage.py trustlist import --help")
        for each in standing:
            self.stdout.write(
                f"{each.name:20} {each.kind:8} {each.tier:10} {each.entries:4}  "
                f"{each.imported_at:%Y-%m-%d}  {each.sha256[:16]}  {each.source}"
            )

    def retire(self, options: dict[str, Any]) -> None:
        if not trust.retire_list(name=options["name"]):
            raise CommandError(f"No list of this name is trusted: {options['name']}")
        self.stdout.write(f"✓ {options['name']} is trusted no longer.")


def read(source: str) -> str:
    """The text of a file, an https address or the standard input. Raises CommandError."""
    try:
        if source == "-":
            data = sys.stdin.buffer.read(MAX_BYTES + 1)
        elif urlsplit(source).scheme == "https":
            with urlopen(source, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310  # https only, by the operator
                data = answer.read(MAX_BYTES + 1)
        else:
            data = Path(source).read_bytes()
        if len(data) > MAX_BYTES:
            raise CommandError(f"{source} is larger than {MAX_BYTES:,} bytes.")
        return str(data.decode())
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"{source} cannot be read: {error}") from error
