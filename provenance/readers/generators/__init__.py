"""The settings that image generators write into their files.

Each signature asks for structure and not for a keyword, so that a caption about AI is not taken
for a mark. SIGNATURES is the one list of what is recognised.
"""

import json
from collections.abc import Iterator

from provenance.evidence import Observation
from provenance.readers.generators import comfyui, hosted, local, webui
from provenance.readers.generators.found import Found, Signature
from provenance.readers.raw import RawMetadata
from provenance.readers.text import json_object
from provenance.vocabulary import EvidenceKind, Grade, Origin

DETECTOR = "generator-metadata"
# The more particular first: of two that name the same generator the first is kept.
SIGNATURES: dict[str, Signature] = {
    "fooocus": webui.fooocus,
    "ruined_fooocus": webui.ruined_fooocus,
    "swarmui": webui.swarmui,
    "webui_parameters": webui.parameters,
    "easy_diffusion": webui.easy_diffusion,
    "comfyui": comfyui.comfyui,
    "invokeai": local.invokeai,
    "invokeai_legacy": local.invokeai_legacy,
    "draw_things": local.draw_things,
    "mflux": local.mflux,
    "novelai": hosted.novelai,
    "midjourney": hosted.midjourney,
    "grok": hosted.grok,
    "ideogram": hosted.ideogram,
    "google": hosted.google,
    "samsung": hosted.samsung,
}


def read(raw: RawMetadata) -> Iterator[Observation]:
    """One observation for each generator whose signature is found, written or hidden."""
    told: set[tuple[str, Origin]] = set()
    for layer, hidden in _layers(raw):
        for name, signature in SIGNATURES.items():
            found = signature(layer)
            if found and (found.generator, found.claims) not in told:
                told.add((found.generator, found.claims))
                yield _observation(found, name, hidden=hidden)
    if hosted.has_job_number(raw):
        yield _hint("hf-job-id")


def _layers(raw: RawMetadata) -> Iterator[tuple[RawMetadata, bool]]:
    """The file's own metadata, then each text that was hidden in its pixels.

    A1111 hides the text of `parameters`; NovelAI a JSON object of its PNG text chunks.
    """
    yield raw, False
    for text in raw.stealth:
        chunks = {
            key: value if isinstance(value, str) else json.dumps(value)
            for key, value in json_object(text).items()
        }
        yield RawMetadata(text={**chunks, "parameters": text}), True


def _observation(found: Found, signature: str, *, hidden: bool) -> Observation:
    detail: dict[str, object] = {"signature": signature}
    if found.model:
        detail["model"] = found.model
    if found.version:
        detail["version"] = found.version
    if hidden:
        detail["hidden_in"] = "pixels"
    return Observation(
        kind=EvidenceKind.GENERATOR_METADATA,
        claims=found.claims,
        grade=Grade.METADATA,
        generator=found.generator,
        detail=detail,
        detector=DETECTOR,
    )


def _hint(signature: str) -> Observation:
    """Something that generated files often carry, but that says nothing of these pixels."""
    return Observation(
        kind=EvidenceKind.GENERATOR_METADATA,
        claims=Origin.UNKNOWN,
        grade=Grade.NONE,
        detail={"signature": signature, "state": "hint"},
        detector=DETECTOR,
    )
