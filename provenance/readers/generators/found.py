"""What a signature gives."""

from collections.abc import Callable
from dataclasses import dataclass

from provenance.readers.raw import RawMetadata
from provenance.vocabulary import Origin


@dataclass(frozen=True, slots=True)
class Found:
    """A generator that left its settings. `model` and `version` are as brief as they are shown."""

    generator: str
    claims: Origin = Origin.AI_GENERATED
    model: str = ""
    version: str = ""


Signature = Callable[[RawMetadata], Found | None]


def edited_if(condition: bool) -> Origin:
    """Whether a picture went into the generator, or only words."""
    return Origin.AI_EDITED if condition else Origin.AI_GENERATED
