"""The settings that image generators write into their files.

Each signature asks for more than a keyword, so that a caption about AI is not taken for a mark.
"""

import json
import re
from collections.abc import Callable, Iterator

from provenance.evidence import Observation
from provenance.readers.raw import RawMetadata
from provenance.vocabulary import EvidenceKind, Grade, Origin

DETECTOR = "generator-metadata"
_EDIT_MODES = re.compile(r'"(img2img|inpaint|outpaint|i2i)"', re.IGNORECASE)
_STEPS = re.compile(r"\bSteps: \d+")
_WITNESS = re.compile(r"\b(Sampler|Seed|CFG scale): ")
_CLASS_TYPE = re.compile(r'"class_type":\s*"(\w+)"')
Found = tuple[str, Origin] | None


def read(raw: RawMetadata) -> Iterator[Observation]:
    """One observation for each generator whose signature is found."""
    for signature in SIGNATURES:
        found = signature(raw)
        if found:
            generator, claims = found
            yield Observation(
                kind=EvidenceKind.GENERATOR_METADATA,
                claims=claims,
                grade=Grade.METADATA,
                generator=generator,
                detector=DETECTOR,
                detail={"signature": signature.__name__.lstrip("_")},
            )


def _webui_parameters(raw: RawMetadata) -> Found:
    """AUTOMATIC1111, Forge, SD.Next: `Steps: N` with a sampler, seed or CFG scale."""
    for text in _settings_texts(raw):
        if _STEPS.search(text) and _WITNESS.search(text):
            edited = "Denoising strength: " in text and "Hires upscale: " not in text
            return "Stable Diffusion web UI", Origin.AI_EDITED if edited else Origin.AI_GENERATED
    return None


def _swarm(raw: RawMetadata) -> Found:
    for text in _settings_texts(raw):
        if "sui_image_params" in _object(text):
            return "SwarmUI", Origin.AI_GENERATED
    return None


def _fooocus(raw: RawMetadata) -> Found:
    if "fooocus_scheme" in raw.text or raw.exif.get("MakerNote") in {"fooocus", "a1111"}:
        return "Fooocus", Origin.AI_GENERATED
    if _object(raw.text.get("parameters", "")).get("software") == "RuinedFooocus":
        return "RuinedFooocus", Origin.AI_GENERATED
    return None


def _comfyui(raw: RawMetadata) -> Found:
    """An API graph (`class_type` per node); a graph that loads an image edits one."""
    texts = [raw.text.get("prompt", "")]
    texts += [raw.exif.get(tag, "").removeprefix("prompt:") for tag in ("Make", "Model")]
    for text in texts:
        nodes = [node for node in _object(text).values() if isinstance(node, dict)]
        kinds = {str(node.get("class_type")) for node in nodes if "class_type" in node}
        kinds = kinds or set(_CLASS_TYPE.findall(text))  # a graph that was cut is a graph
        if kinds:
            edited = "LoadImage" in kinds and any(kind.startswith("VAEEncode") for kind in kinds)
            return "ComfyUI", Origin.AI_EDITED if edited else Origin.AI_GENERATED
    return None


def _invokeai(raw: RawMetadata) -> Found:
    for key in ("invokeai_metadata", "invokeai_graph", "invokeai_workflow", "sd-metadata"):
        if text := raw.text.get(key):
            return "InvokeAI", Origin.AI_EDITED if _EDIT_MODES.search(text) else Origin.AI_GENERATED
    return None


def _novelai(raw: RawMetadata) -> Found:
    if raw.text.get("Software") == "NovelAI" or (
        raw.text.get("Title") == "AI generated image" and "Comment" in raw.text
    ):
        return "NovelAI", Origin.AI_GENERATED
    return None


def _easy_diffusion(raw: RawMetadata) -> Found:
    keys = set(raw.text) | set(_object(raw.exif.get("UserComment", "")))
    if "use_stable_diffusion_model" in keys:
        return "Easy Diffusion", Origin.AI_GENERATED
    return None


def _midjourney(raw: RawMetadata) -> Found:
    text = raw.text.get("Description", "") or raw.exif.get("ImageDescription", "")
    if re.search(r"Job ID: [0-9a-f-]{36}", text):
        return "Midjourney", Origin.AI_GENERATED
    return None


def _grok(raw: RawMetadata) -> Found:
    signed = re.match(r"Signature: \S{64,}", raw.exif.get("ImageDescription", ""))
    if signed and re.fullmatch(r"[0-9a-f-]{36}", raw.exif.get("Artist", "")):
        return "xAI Grok", Origin.AI_GENERATED
    return None


def _ideogram(raw: RawMetadata) -> Found:
    return ("Ideogram", Origin.AI_GENERATED) if raw.exif.get("Make") == "Ideogram AI" else None


SIGNATURES: tuple[Callable[[RawMetadata], Found], ...] = (
    _webui_parameters,
    _swarm,
    _fooocus,
    _comfyui,
    _invokeai,
    _novelai,
    _easy_diffusion,
    _midjourney,
    _grok,
    _ideogram,
)


def _settings_texts(raw: RawMetadata) -> tuple[str, ...]:
    """Where the web UIs write their settings, by file format."""
    return (
        raw.text.get("parameters", ""),
        raw.text.get("comment", ""),
        raw.exif.get("UserComment", ""),
    )


def _object(text: str) -> dict[str, object]:
    """The JSON object in `text`, or an empty one."""
    if not text.lstrip().startswith("{"):
        return {}
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return parsed if isinstance(parsed, dict) else {}
