"""Other programs that people run themselves: InvokeAI, Draw Things, mflux."""

import re

from provenance.readers import packet
from provenance.readers.generators.found import Found, edited_if
from provenance.readers.raw import RawMetadata
from provenance.readers.text import brief, file_name, inner, json_object, number

_EDIT_MODES = ("img2img", "inpaint", "outpaint")
_INVOKE_KEYS = {
    "invokeai_metadata": frozenset(
        {"generation_mode", "app_version", "positive_prompt", "model", "seed"}
    ),
    "invokeai_graph": frozenset({"nodes"}),
    "invokeai_workflow": frozenset({"nodes"}),
}
# "a prompt" -s 50 -S 123 -W 512 -H 512 -C 7.5 -A k_lms, and -I for a picture to begin with.
_DREAM = re.compile(r"\s-s ?\d+\b.{0,80}?\s-S ?\d+\b", re.DOTALL)
_DREAM_IMAGE = re.compile(r"\s(?:-I|--init_img)[ =]?\S")
_EXIF_COMMENT = "{http://ns.adobe.com/exif/1.0/}UserComment"


def invokeai(raw: RawMetadata) -> Found | None:
    """A JSON object under one of InvokeAI's keys, with fields that belong there.

    A graph does not say whether its picture came from outside, so without `generation_mode` the
    picture counts as generated.
    """
    found = [
        key
        for key, fields in _INVOKE_KEYS.items()
        if raw.text.get(key, "").lstrip().startswith("{")
        and any(f'"{field}"' in raw.text[key] for field in fields)
    ]
    if not found:
        return None
    metadata = json_object(raw.text.get("invokeai_metadata", ""))
    model = inner(metadata, "model")
    return Found(
        "InvokeAI",
        edited_if(str(metadata.get("generation_mode")).endswith(_EDIT_MODES)),
        model=file_name(model.get("name") or model.get("model_name") or ""),
        version=brief(metadata.get("app_version", "")),
    )


def invokeai_legacy(raw: RawMetadata) -> Found | None:
    """InvokeAI before 3: `sd-metadata` with an `image`, or the command line in `Dream`."""
    metadata = json_object(raw.text.get("sd-metadata", ""))
    image = inner(metadata, "image")
    if image and metadata.keys() & {"model", "model_weights", "app_id", "app_version"}:
        return Found(
            "InvokeAI",
            edited_if(image.get("type") in _EDIT_MODES),
            model=file_name(metadata.get("model_weights", "")),
            version=brief(metadata.get("app_version", "")),
        )
    dream = raw.text.get("Dream", "")
    if _DREAM.search(dream):
        return Found("InvokeAI", edited_if(bool(_DREAM_IMAGE.search(dream))))
    return None


def draw_things(raw: RawMetadata) -> Found | None:
    """A JSON object in XMP's UserComment: prompts `c` and `uc`, a model and a sampler or a seed."""
    for text in packet.values(raw.xmp, _EXIF_COMMENT):
        settings = json_object(text)
        if {"c", "uc", "model"} <= settings.keys() and settings.keys() & {"sampler", "seed"}:
            strength = number(settings.get("strength"))
            return Found(
                "Draw Things",
                edited_if(strength is not None and strength < 1),
                model=file_name(settings["model"]),
            )
    return None


def mflux(raw: RawMetadata) -> Found | None:
    """A JSON object in UserComment with `mflux_version` and a seed or steps."""
    settings = json_object(raw.exif.get("UserComment", ""))
    if "mflux_version" in settings and settings.keys() & {"seed", "steps"}:
        given = settings.get("image_path") or settings.get("init_image_path")
        return Found(
            "mflux",
            edited_if(bool(given)),
            model=file_name(settings.get("model", "")),
            version=brief(settings["mflux_version"]),
        )
    return None
