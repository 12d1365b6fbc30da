"""What is known of a work that was made here, and what its record and its file say of that."""

from dataclasses import asdict, dataclass

from provenance.evidence import Observation
from provenance.marks.mark import Mark
from provenance.marks.of_record import choice_of, shown_prompt, system_of
from provenance.models import Generation, Record
from provenance.vocabulary import EvidenceKind, Flag, Grade, Integrity, Origin, SourceType
from users.models import User


@dataclass(frozen=True, slots=True, kw_only=True)
class GenerationFacts:
    """What is known of a work that was made here."""

    backend: str
    model: str
    source_type: SourceType
    seed: int | None
    prompt: str
    prompt_visibility: str


def mark_of(facts: GenerationFacts, parents: list[Record], owner: User) -> Mark:
    """What the file of a generated work says; `parents`: the works that it is made of."""
    generation = Generation(**asdict(facts))
    return Mark(
        origin=_origin_of(facts, parents),
        known=True,
        system=system_of(generation),
        prompt=shown_prompt(generation),
        data_mining=choice_of(owner),
    )


def observation_of(facts: GenerationFacts, parents: list[Record]) -> Observation:
    """How it was made, as evidence about the work."""
    return Observation(
        kind=EvidenceKind.PLATFORM_GENERATION,
        claims=_origin_of(facts, parents),
        grade=Grade.PLATFORM_PROVEN,
        generator=f"{facts.backend}/{facts.model}",
        detector="platform",
        integrity=Integrity.INTACT,
        detail={"source_type": facts.source_type.uri},
    )


def _origin_of(facts: GenerationFacts, parents: list[Record]) -> Origin:
    """What the backend declares; a trained model that reworked a non-AI parent edited it."""
    claims = facts.source_type.origin
    if claims is Origin.AI_GENERATED and parents and all(p.flag != Flag.AI for p in parents):
        return Origin.AI_EDITED
    return claims
