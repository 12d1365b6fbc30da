"""What a manifest store is evidence of. Pure: a store goes in, at most one observation comes out.

Rules (docs/architecture.md, "Provenance"): an AI claim counts from anybody, also when only a part
of the work makes it; it is worth what the weakest link between it and the file is worth, or anyone
could wrap somebody's manifest around a picture of their choice. A human claim counts only if every
part of the work makes one, under trusted and intact signatures. `validation_state` is no verdict:
"Valid" only says that somebody signed, and failing identities turn it to "Invalid".

Status codes: C2PA 2.2, 15.2.2.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import count

from provenance.evidence import Observation
from provenance.origin import ai_ward
from provenance.readers.c2pa.store import Ingredient, Manifest, Store, Validation
from provenance.vocabulary import (
    AI_ORIGINS,
    HUMAN_ORIGINS,
    EvidenceKind,
    Grade,
    Integrity,
    Origin,
    source_type_from,
)

DETECTOR = "c2pa"
TRUSTED = "signingCredential.trusted"
_INTEGRITY = re.compile(
    r"assertion\.(dataHash|bmffHash|boxesHash|collectionHash|hashedURI)\.mismatch"
    r"|assertion\.(missing|inaccessible|undeclared|notRedacted|selfRedacted|action\.redacted)"
    r"|assertion\.multipleHardBindings|hashedURI\.(mismatch|missing)"
    r"|claimSignature\.(mismatch|missing)|claim\.(missing|multiple|hardBindings\.missing)"
    r"|ingredient\.(manifest|claimSignature|hashedURI)\.(missing|mismatch)"
)
_ISSUER = re.compile(r"signingCredential\.|claimSignature\.outsideValidity|timeStamp\.")
_IDENTITY = re.compile(r"cawg\.")
# Generators that state no source type, or did not always. Not here: names of libraries and
# companies that also sign photographs (Google's, Adobe Photoshop's, Samsung's).
_MAKES_AI = re.compile(
    r"(?<![a-z])(adobe[ _]firefly|chatgpt|openai|dall[-·. ]?e( ?[23])?|gpt-4o|gpt-image-\d"
    r"|bing image creator|image creator from designer|microsoft_responsible_ai|amazon[ _]bedrock"
    r"|titan image generator|midjourney|stable diffusion|stable image|stability ?ai|ideogram"
    r"|xai grok|grok imagine|grok-\d|google imagen|leonardo\.ai)(?![a-z])",
    re.IGNORECASE,
)
# Sentences that generators write, whole: a description may also say that something is not AI.
_SAYS_AI = re.compile(
    r"(an? )?(ai[- ]generated( (image|content|media))?|(image )?generated (by|with) ai)\.?",
    re.IGNORECASE,
)
_MADE_FROM_NOTHING = {"c2pa.created"}
# What a model was given as input (`inputTo`) is not what the picture is made of.
_PIXEL_RELATIONS = {"parentOf", "componentOf"}


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a manifest can be believed, by itself and through all that lead to it.

    `trusted`: its signer. `intact`: what it is bound to. `sound`: it breaks no other
    rule of the standard.
    """

    trusted: bool
    intact: bool
    sound: bool

    def through(self, outer: "Standing") -> "Standing":
        return Standing(
            self.trusted and outer.trusted,
            self.intact and outer.intact,
            self.sound and outer.sound,
        )


@dataclass(frozen=True, slots=True)
class Reached:
    """A manifest that the file's own one leads to. `part`: as one component among others.

    `of`: the place, in the order of the walk, of the manifest whose work it is a part of.
    """

    manifest: Manifest
    standing: Standing
    depth: int
    part: bool = False
    relationship: str = ""
    of: int | None = None


@dataclass(frozen=True, slots=True)
class Claim:
    """What one manifest says about the origin, and what that is worth."""

    origin: Origin
    grade: Grade
    by: Reached


def observe(store: Store, *, tier: str = "") -> list[Observation]:
    """The evidence in a store; nothing if the file has none. `tier`: of the vouching trust list."""
    if store.state == "absent":
        return []
    if store.state != "present":
        return [_unread(store)]
    walk = list(_walk(store))
    claim = _strongest_ai_claim(walk) or _human_claim(store, walk[0])
    by = claim.by.manifest if claim else walk[0].manifest
    return [
        Observation(
            kind=EvidenceKind.C2PA,
            claims=claim.origin if claim else Origin.UNKNOWN,
            grade=claim.grade if claim else _grade(walk[0].standing),
            integrity=Integrity.INTACT if walk[0].standing.intact else Integrity.TAMPERED,
            issuer=by.issuer,
            generator=by.generator,
            detail=_detail(store, walk, claim, tier),
            detector=DETECTOR,
        )
    ]


def failures_by_kind(validation: Validation) -> dict[str, list[str]]:
    """Failure codes sorted into `integrity`, `issuer`, `identity` and `other`. Only the first
    kind means that a work was tampered with."""
    kinds: dict[str, list[str]] = {"integrity": [], "issuer": [], "identity": [], "other": []}
    for code in sorted(validation.failure):
        kinds[_kind_of(code)].append(code)
    return kinds


def _kind_of(code: str) -> str:
    for kind, pattern in (("integrity", _INTEGRITY), ("issuer", _ISSUER), ("identity", _IDENTITY)):
        if pattern.match(code):
            return kind
    return "other"


def _unread(store: Store) -> Observation:
    return Observation(
        kind=EvidenceKind.C2PA,
        claims=Origin.UNKNOWN,
        grade=Grade.NONE,
        detail={"state": store.state},
        detector=DETECTOR,
    )


def _walk(store: Store) -> Iterator[Reached]:
    """The file's manifest, then its parts', nearest first; each once for each way it stands."""
    queue = [Reached(store.manifests[store.active], _standing_of_active(store), 0)]
    seen: set[tuple[str, Standing, bool]] = set()
    places = count()
    while queue:
        here = queue.pop(0)
        mark = (here.manifest.label, here.standing, here.part)
        if mark in seen:
            continue
        seen.add(mark)
        place = next(places)
        yield here
        for item in here.manifest.ingredients:
            inner = store.manifests.get(item.manifest or "")
            if inner is not None and item.relationship in _PIXEL_RELATIONS:
                queue.append(
                    Reached(
                        inner,
                        _standing_of(item).through(here.standing),
                        here.depth + 1,
                        here.part or item.relationship == "componentOf",
                        item.relationship,
                        place,
                    )
                )


def _standing_of_active(store: Store) -> Standing:
    failures = failures_by_kind(store.validation)
    return Standing(
        trusted=TRUSTED in store.validation.success and not failures["issuer"],
        intact=not failures["integrity"],
        sound=not failures["other"],
    )


def _standing_of(item: Ingredient) -> Standing:
    """A part's own standing. What its signer recorded can be a lie, so that a recorded trust
    counts only if nothing, recorded or seen now, speaks against it."""
    recorded, since = failures_by_kind(item.recorded), failures_by_kind(item.since)
    found_now = TRUSTED in item.since.success
    believed = found_now or (TRUSTED in item.recorded.success and not recorded["issuer"])
    return Standing(
        trusted=believed and not since["issuer"],
        intact=not (recorded["integrity"] or since["integrity"]),
        sound=not (recorded["other"] or since["other"]),
    )


def _grade(standing: Standing) -> Grade:
    if not standing.intact:
        return Grade.METADATA
    return Grade.SIGNED_TRUSTED if standing.trusted else Grade.SIGNED_UNTRUSTED


def _strongest_ai_claim(walk: list[Reached]) -> Claim | None:
    claims = [
        Claim(Origin.AI_EDITED if here.part else origin, _grade(here.standing), here)
        for here in walk
        if (origin := _ai_origin(here.manifest)) is not None
    ]
    return max(claims, key=_strength, default=None)


def _strength(claim: Claim) -> tuple[int, tuple[int, int]]:
    return (claim.grade.weight, ai_ward(claim.origin, claim.grade))


def _ai_origin(manifest: Manifest) -> Origin | None:
    """What a manifest says against interest: a source type, or the name of a generator."""
    said = {origin for origin in _stated_origins(manifest) if origin in AI_ORIGINS}
    for action in manifest.actions:
        created = action.action in _MADE_FROM_NOTHING
        agent = action.agent or (manifest.generator if created else "")
        if _MAKES_AI.search(agent) or _SAYS_AI.fullmatch(action.description.strip()):
            said.add(Origin.AI_GENERATED if created else Origin.AI_EDITED)
    if not said and _MAKES_AI.search(manifest.generator):
        said.add(Origin.AI_EDITED if manifest.ingredients else Origin.AI_GENERATED)
    return max(said, key=lambda origin: ai_ward(origin, Grade.NONE), default=None)


def _stated_origins(manifest: Manifest) -> set[Origin]:
    """Only IPTC's terms count: any string can be signed."""
    terms = [source_type_from(text) for text in manifest.source_types]
    return {term.origin if term else Origin.UNKNOWN for term in terms}


def _human_claim(store: Store, active: Reached) -> Claim | None:
    """A human origin. Trusted only if the whole work is, part by part; else as good as said.

    Nothing human is claimed of a store that is too large to be looked at whole.
    """
    if store.truncated:
        return None
    origins = _human_origins(store, active.manifest, active.standing, {})
    if origins:
        return Claim(_most_made(origins), Grade.SIGNED_TRUSTED, active)
    said = _stated_origins(active.manifest) & HUMAN_ORIGINS
    return Claim(_most_made(said), Grade.DECLARED, active) if said else None


def _human_origins(
    store: Store,
    manifest: Manifest,
    standing: Standing,
    known: dict[tuple[str, Standing], set[Origin] | None],
) -> set[Origin] | None:
    """The human origins of a work and its parts; None if one is unsigned, doubted or silent.

    `known` keeps what was found, and breaks circles: a work in the middle of being looked at is no
    proof of itself.
    """
    place = (manifest.label, standing)
    if place not in known:
        known[place] = None
        known[place] = _own_and_parts(store, manifest, standing, known)
    return known[place]


def _own_and_parts(
    store: Store,
    manifest: Manifest,
    standing: Standing,
    known: dict[tuple[str, Standing], set[Origin] | None],
) -> set[Origin] | None:
    if not (standing.trusted and standing.intact and standing.sound):
        return None
    origins = _stated_origins(manifest)
    if not origins <= HUMAN_ORIGINS:
        return None
    for item in manifest.ingredients:
        if item.relationship not in _PIXEL_RELATIONS:
            continue
        inner = store.manifests.get(item.manifest or "")
        if inner is None:
            return None
        found = _human_origins(store, inner, _standing_of(item).through(standing), known)
        if found is None:
            return None
        origins = origins | found
    return origins or None


def _most_made(origins: set[Origin]) -> Origin:
    """A photograph with something drawn into it is a made thing."""
    created = Origin.HUMAN_CREATED in origins
    return Origin.HUMAN_CREATED if created else Origin.HUMAN_CAPTURED


def _detail(store: Store, walk: list[Reached], claim: Claim | None, tier: str) -> dict[str, object]:
    """What the sheet shows. No titles: they are file names, and may say what is private."""
    active = walk[0]
    failures: Mapping[str, list[str]] = failures_by_kind(store.validation)
    return {
        "state": store.validation_state.lower(),
        "trust_tier": tier if active.standing.trusted else "",
        "signed_at": active.manifest.signed_at,
        "failures": {kind: codes for kind, codes in failures.items() if codes},
        "said_by": "ingredient" if claim and claim.by.depth else "manifest",
        "vouched_for": (claim.by if claim else active).standing.trusted,
        "soft_bindings": list(active.manifest.soft_bindings),
        "manifests": [
            {
                "depth": here.depth,
                "of": here.of,
                "relationship": here.relationship,
                "issuer": here.manifest.issuer,
                "generator": here.manifest.generator,
                "signed_at": here.manifest.signed_at,
                "source_types": list(here.manifest.source_types),
                "actions": list(dict.fromkeys(a.action for a in here.manifest.actions)),
                "trusted": here.standing.trusted,
                "intact": here.standing.intact,
            }
            for here in walk[:16]
        ],
    }
