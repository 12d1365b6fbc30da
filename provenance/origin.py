"""The verdict: what all the evidence about one work adds up to. Pure algebra, no database.

The rules are docs/architecture.md, "Provenance". In one paragraph: the last ruling decides; else
any AI claim by anybody makes a work AI, and among AI claims the strongest grade says which kind;
else the strongest human claim counts, which only a trusted and intact signature lifts above
`declared`; else the origin is unknown. The order in which evidence arrives never matters.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from provenance.vocabulary import (
    AI_ORIGINS,
    HUMAN_ORIGINS,
    EvidenceKind,
    Flag,
    Grade,
    Integrity,
    Origin,
)

POLICY_VERSION = 1

# More AI first: breaks ties between claims of equal grade (rule 7).
_LATTICE = [
    Origin.AI_GENERATED,
    Origin.AI_EDITED,
    Origin.ALGORITHMIC,
    Origin.HUMAN_CREATED,
    Origin.HUMAN_CAPTURED,
    Origin.UNKNOWN,
]
_AI_WEAKEST_FIRST = [Origin.ALGORITHMIC, Origin.AI_EDITED, Origin.AI_GENERATED]
_WORST_FIRST = [Integrity.TAMPERED, Integrity.STRIPPED, Integrity.INTACT, Integrity.NONE]


@dataclass(frozen=True, slots=True)
class Fact:
    """One piece of evidence, reduced to what the verdict depends on.

    `sequence` numbers the evidence; among rulings the greatest decides. `withdraws` is the number
    of the evidence that this one takes back. `named`: it is of a work that the uploader named as
    what this one was made of.
    """

    kind: EvidenceKind
    claims: Origin
    grade: Grade
    integrity: Integrity = Integrity.NONE
    sequence: int = 0
    withdraws: int | None = None
    named: bool = False


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is shown: two axes (origin, grade), what happened to the marks, and the conflict."""

    origin: Origin
    grade: Grade
    integrity: Integrity
    disputed: bool
    rule: str

    @property
    def flag(self) -> Flag:
        return self.origin.flag


def judge(facts: Iterable[Fact], *, dispute_open: bool = False) -> Judgement:
    """Weigh the evidence about one work.

    `dispute_open` is whether its author has asked for a ruling that is still to come.
    """
    weighed = [_worth(fact) for fact in _standing(list(facts))]
    integrity = min(
        (fact.integrity for fact in weighed), key=_WORST_FIRST.index, default=Integrity.NONE
    )
    origin, grade, rule = _decide(weighed)
    conflict = rule != "ruling" and _contradicts_itself(weighed)
    return Judgement(origin, grade, integrity, conflict or dispute_open, rule)


def what_a_match_says(
    *, source_origin: Origin, source_grade: Grade, source_ruled: bool, same_owner: bool, exact: bool
) -> tuple[Origin, Grade]:
    """What it means for a work that its pixels are those of an earlier one.

    Only works that are proven, signed by a trusted issuer or ruled AI label other people's
    uploads; a match to a merely declared or metadata work is a note, or anybody could poison
    somebody's photograph by uploading it "as AI" first. A match to human work is a duplicate,
    never evidence that the copy is human.
    """
    if source_origin not in AI_ORIGINS:
        return Origin.UNKNOWN, Grade.NONE
    if source_grade is Grade.PLATFORM_PROVEN and exact:
        return source_origin, Grade.PLATFORM_PROVEN
    if source_grade in {Grade.PLATFORM_PROVEN, Grade.SIGNED_TRUSTED} or source_ruled:
        return source_origin, Grade.MATCHED
    if same_owner:
        return source_origin, min(Grade.MATCHED, source_grade, key=lambda grade: grade.weight)
    return Origin.UNKNOWN, Grade.NONE


def _worth(fact: Fact) -> Fact:
    """The fact at the grade at which its claim may count (rules 4 and 5)."""
    tampered = fact.integrity is Integrity.TAMPERED
    if fact.claims in AI_ORIGINS and tampered:
        return _at(fact, min(fact.grade, Grade.METADATA, key=lambda grade: grade.weight))
    if fact.claims in HUMAN_ORIGINS and fact.kind is not EvidenceKind.RULING:
        if tampered:
            return replace(fact, claims=Origin.UNKNOWN, grade=Grade.NONE)
        signed = fact.kind is EvidenceKind.C2PA and fact.grade is Grade.SIGNED_TRUSTED
        if not (signed and fact.integrity is Integrity.INTACT):
            return _at(fact, Grade.DECLARED)
    return fact


def _decide(facts: list[Fact]) -> tuple[Origin, Grade, str]:
    rulings = [fact for fact in facts if fact.kind is EvidenceKind.RULING]
    if rulings:
        last = max(rulings, key=lambda fact: fact.sequence)
        agreeing = [f.grade for f in facts if f.claims.flag is last.claims.flag]
        return last.claims, max(agreeing, key=lambda grade: grade.weight), "ruling"
    for rule, origins in (("ai_evidence", AI_ORIGINS), ("human_claim", HUMAN_ORIGINS)):
        claims = [fact for fact in facts if fact.claims in origins]
        if claims:
            best = max(claims, key=_strength)
            return best.claims, best.grade, f"{rule}:{best.kind}"
    return Origin.UNKNOWN, Grade.NONE, "no_evidence"


def _standing(facts: list[Fact]) -> list[Fact]:
    """Without what was taken back, and without the taking back."""
    withdrawn = {fact.withdraws for fact in facts if fact.withdraws is not None}
    return [f for f in facts if f.withdraws is None and f.sequence not in withdrawn]


def _strength(fact: Fact) -> tuple[int, int, int]:
    """Sorts claims; total over everything that shows, so that the order of arrival does not."""
    kinds = list(EvidenceKind)
    return (fact.grade.weight, -_LATTICE.index(fact.claims), -kinds.index(fact.kind))


def _contradicts_itself(facts: list[Fact]) -> bool:
    """Whether something speaks against the uploader's word that it was made by hand.

    Who says so, and names the machine's work under it, has said both.
    """
    declared_human = any(
        fact.kind is EvidenceKind.DECLARATION and fact.claims in HUMAN_ORIGINS for fact in facts
    )
    return declared_human and any(fact.claims in AI_ORIGINS and not fact.named for fact in facts)


def _at(fact: Fact, grade: Grade) -> Fact:
    return replace(fact, grade=grade)


def ai_ward(origin: Origin, grade: Grade) -> tuple[int, int]:
    """A sort key: the most AI-ward of several verdicts is the greatest.

    AI kinds come before unknown, and unknown before human: a gallery is as human as its least
    certain picture.
    """
    order = [*sorted(HUMAN_ORIGINS, key=_LATTICE.index), Origin.UNKNOWN, *_AI_WEAKEST_FIRST]
    return (order.index(origin), grade.weight)
