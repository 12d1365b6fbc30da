"""Programs with a page of settings: AUTOMATIC1111 and its kin, SwarmUI, Fooocus, Easy Diffusion."""

import re
from collections.abc import Iterator

from provenance.readers.generators.found import Found, edited_if
from provenance.readers.raw import RawMetadata
from provenance.readers.text import brief, file_name, inner, json_object, number

_SETTINGS_LINE = re.compile(r"^Steps: \d+", re.MULTILINE)
_SETTINGS = re.compile(r"\bSteps: \d+")
_WITNESS = re.compile(r"\bSampler: \w|\bCFG scale: \d|\bSeed: \d+(?:,|$)", re.MULTILINE)
_STRENGTH = re.compile(r"\bDenoising strength: ([\d.]{1,8})")
_UPSCALED = re.compile(r"\bHi[Rr]es (?:upscale|upscaler|resize|steps|Module 1): ")
_IMAGE_GIVEN = re.compile(r'\b(?:Mask blur|Inpaint area): |\bOperations: "?[^",\n]{0,80}img2img')
_MODEL = re.compile(r"\bModel: ([^,\n]{1,200})")
_VERSION = re.compile(r"\bVersion: ([^,\n]{1,200})")
_APP = re.compile(r"\bApp: ([^,\n]{1,80})")
# Programs that write AUTOMATIC1111's text say in `Version` or `App` who they are.
_KIN = (
    (re.compile("Fooocus"), "Fooocus"),
    (re.compile("ComfyUI"), "ComfyUI"),
    (re.compile("SD.Next"), "SD.Next"),
    (re.compile(r"stable-diffusion\.cpp"), "stable-diffusion.cpp"),
    (re.compile(r"f\d|neo\b"), "Stable Diffusion WebUI Forge"),
)
_EASY_MODEL = ("use_stable_diffusion_model", "Stable Diffusion model")
_EASY_STRENGTH = ("prompt_strength", "Prompt Strength")
_EASY_WITNESS = frozenset(
    {
        "negative_prompt",
        "Negative Prompt",
        "num_inference_steps",
        "guidance_scale",
        "Guidance Scale",
        "sampler_name",
        "Sampler",
        "seed",
        "Seed",
    }
)


def parameters(raw: RawMetadata) -> Found | None:
    """`Steps: N` and after it a sampler, a seed or a CFG scale.

    A denoising strength below 1 means that a picture was given, unless it is that of the second
    pass that enlarges the generator's own ("Hires").
    """
    for text in _texts(raw):
        settings = _settings(text)
        if not _WITNESS.search(settings):
            continue
        strength = _STRENGTH.search(settings)
        second_pass = _UPSCALED.search(settings)
        edited = strength and not second_pass and (number(strength[1]) or 0) < 1
        named = _first(_VERSION, settings)
        return Found(
            _program(f"{_first(_APP, settings)} {named}".strip()),
            edited_if(bool(edited or _IMAGE_GIVEN.search(settings))),
            model=file_name(_first(_MODEL, settings)),
            version=brief(named),
        )
    return None


def swarmui(raw: RawMetadata) -> Found | None:
    """A JSON object with `sui_image_params` that names a model or a version of SwarmUI."""
    for text in _texts(raw):
        params = inner(json_object(text), "sui_image_params")
        if params.keys() & {"swarm_version", "model", "prompt"}:
            given = number(params.get("initimagecreativity"))
            return Found(
                "SwarmUI",
                edited_if(given is not None and given < 1),
                model=file_name(params.get("model", "")),
                version=brief(params.get("swarm_version", "")),
            )
    return None


def fooocus(raw: RawMetadata) -> Found | None:
    """Settings, and beside them the scheme they are in: a PNG chunk or EXIF's MakerNote."""
    schemes = {raw.text.get("fooocus_scheme"), raw.exif.get("MakerNote", "").strip("\0 ")}
    if not schemes & {"fooocus", "a1111"}:
        return None
    for text in _texts(raw):
        settings = json_object(text)
        if settings.keys() & {"base_model", "metadata_scheme", "version"}:
            return Found(
                "Fooocus",
                model=file_name(settings.get("base_model", "")),
                version=brief(settings.get("version", "")),
            )
        if _settings(text):
            return Found("Fooocus", version=brief(_first(_VERSION, _settings(text))))
    return None


def ruined_fooocus(raw: RawMetadata) -> Found | None:
    """A JSON object that says `"software": "RuinedFooocus"`."""
    for text in _texts(raw):
        settings = json_object(text)
        if settings.get("software") == "RuinedFooocus":
            return Found("RuinedFooocus", model=file_name(settings.get("base_model_name", "")))
    return None


def easy_diffusion(raw: RawMetadata) -> Found | None:
    """PNG chunks or a JSON object: a model under the program's key, and another of its settings.

    The strength of a prompt is written only where there was a picture to hold against it.
    """
    for settings in (raw.text, json_object(raw.exif.get("UserComment", ""))):
        model = next((settings[key] for key in _EASY_MODEL if key in settings), None)
        if model is not None and settings.keys() & _EASY_WITNESS:
            strength = [number(settings[key]) for key in _EASY_STRENGTH if key in settings]
            return Found("Easy Diffusion", edited_if(any(strength)), model=file_name(model))
    return None


def _texts(raw: RawMetadata) -> Iterator[str]:
    """Where these programs write, by file format."""
    yield raw.text.get("parameters", "")
    yield raw.text.get("comment", "")
    yield raw.exif.get("UserComment", "")


def _settings(text: str) -> str:
    """The part of `text` that begins with the settings; the prompt stands before it."""
    lines = list(_SETTINGS_LINE.finditer(text))
    begin = lines[-1] if lines else _SETTINGS.search(text)
    return text[begin.start() :] if begin else ""


def _first(pattern: re.Pattern[str], text: str) -> str:
    match = pattern.search(text)
    return match[1].strip() if match else ""


def _program(named: str) -> str:
    return next((name for sign, name in _KIN if sign.match(named)), "Stable Diffusion web UI")
