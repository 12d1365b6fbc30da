"""What can be typed after ./dev, and its help. Standard library only: ./dev reads this first."""

import argparse
from collections.abc import Sequence

EPILOGUE = """\
environment:
  PORT           the port of ./dev run (8000)
  APP_DATA_DIR   where the database and the images are kept (var/)
  DATABASE_URL   your own Postgres instead of the embedded one
  REDIS_URL      your own Redis or Valkey instead of the embedded one
  DEBUG          1 unless set; with DEBUG=0 no demo accounts are made

The first start downloads what is needed into .venv; later starts use it as it is.
"""

# These hand on whatever follows them, options included, so argparse must not look at it.
_PASSING_ON = {"test", "generate", "manage", "bench"}


def parse(argv: Sequence[str]) -> argparse.Namespace:
    """The command and its arguments; prints help or a usage error and exits where asked."""
    command, rest = (argv[0], list(argv[1:])) if argv else ("", [])
    if command in _PASSING_ON and rest and rest[0] not in ("-h", "--help"):
        return argparse.Namespace(command=command, rest=rest)
    return _parser().parse_args(argv)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="./dev",
        description="Everything a developer types, without Docker and without root.",
        epilog=EPILOGUE,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)

    def add(name: str, text: str, more: str = "") -> argparse.ArgumentParser:
        return commands.add_parser(name, help=text, description=f"{text}. {more}".strip())

    add(
        "run",
        "Start everything in the foreground: database, web, worker, beat",
        "Ends with Ctrl-C. What it keeps lies in APP_DATA_DIR and is there at the next start.",
    )
    _passing_on(
        add(
            "test", "Run the tests on throwaway servers", "Two processes unless -n says otherwise."
        ),
        "PYTEST_ARGUMENT",
        "for example: -k lineage -x, or tests/posts",
        needed=False,
    )
    check = add("check", "Run every static check: style, types, layers, migrations, OpenAPI")
    check.add_argument(
        "--write-openapi", action="store_true", help="rewrite docs/openapi.yml from the code"
    )
    _passing_on(
        add(
            "generate",
            "Make an image from the terminal",
            "Options after the prompt: --seed N, --size WIDTHxHEIGHT, --count N, --negative TEXT, "
            "--backend NAME, --model NAME, --out FOLDER; to work from an image --from FILE, "
            "--as RELATION, --mask FILE, --strength 0..1.",
        ),
        "PROMPT",
        "the prompt, then any option of manage.py generate",
    )
    _passing_on(
        add("manage", "Run manage.py with the development servers up"),
        "ARGUMENT",
        "for example: shell, or migrate posts",
    )
    _passing_on(
        add("bench", "Run a benchmark on servers of its own"),
        "NAME",
        "the benchmark, then its options",
    )
    servers = add("servers", "Start only Postgres and Valkey, in the foreground")
    servers.add_argument(
        "--throwaway", action="store_true", help="fast and forgetful, removed afterwards"
    )
    return parser


def _passing_on(
    parser: argparse.ArgumentParser, metavar: str, text: str, *, needed: bool = True
) -> None:
    parser.add_argument("rest", nargs="+" if needed else "*", metavar=metavar, help=text)
