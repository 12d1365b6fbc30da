"""The manifests of a file as a tree, as pages show them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from provenance.vocabulary import source_type_from


@dataclass(frozen=True, slots=True)
class Manifest:
    """A signed statement in a file, and those of the works that it is made of.

    `source_types` are IPTC's short codes; a term that nobody lists stays as it was written.
    """

    said: Mapping[str, Any]
    source_types: list[str]
    parts: list["Manifest"] = field(default_factory=list)


def tree_of(said: Sequence[Mapping[str, Any]]) -> list[Manifest]:
    """The C2PA reader's list, each manifest under the one that it is a part of: the roots.

    The reader lists a whole before its parts.
    """
    manifests = [Manifest(each, [_code(text) for text in each["source_types"]]) for each in said]
    roots: list[Manifest] = []
    for manifest in manifests:
        whole = manifest.said.get("of")
        (roots if whole is None else manifests[whole].parts).append(manifest)
    return roots


def _code(source_type: str) -> str:
    known = source_type_from(source_type)
    return known.value if known else source_type
