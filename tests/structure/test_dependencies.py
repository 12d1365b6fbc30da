"""docs/dependencies.md says why each package is here: all of them, and no others."""

import re
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[2]
PAGE = REPOSITORY / "docs" / "dependencies.md"
PIN = re.compile(r"^(?P<name>[A-Za-z0-9._-]+)(\[[a-z0-9,-]+\])?==(?P<version>\S+)$")


def pins(file_name: str) -> dict[str, str]:
    lines = (REPOSITORY / file_name).read_text().splitlines()
    found = [PIN.match(line) for line in lines if line and not line.startswith("#")]
    assert all(found), f"{file_name}: every line is a comment or an exact pin"
    return {match["name"]: match["version"] for match in found if match}


def packages_in(heading: str) -> list[str]:
    """The first column of the tables below `heading`, up to the next heading of its rank."""
    section = PAGE.read_text().split(f"\n## {heading}", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"^\| `([A-Za-z0-9._-]+)` \|", section, flags=re.MULTILINE)


@pytest.mark.parametrize(
    ("file_name", "heading"),
    [("requirements.txt", "The service"), ("requirements-dev.txt", "Tests and checks")],
)
def test_the_page_names_what_is_pinned(file_name: str, heading: str) -> None:
    assert sorted(packages_in(heading)) == sorted(pins(file_name))


def test_nothing_is_pinned_twice() -> None:
    assert not pins("requirements.txt").keys() & pins("requirements-dev.txt").keys()


def test_every_row_says_why() -> None:
    rows = re.findall(r"^\| `[^`]+` \| (.*?) \|", PAGE.read_text(), flags=re.MULTILINE)
    assert rows
    assert all(len(reason) > 10 for reason in rows)
