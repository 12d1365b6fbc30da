"""What a file says of itself: read by its structure, bounded, as plain text.

Each format has a module that walks its file and gives `Parts`. A part that cannot be read is named
in `unreadable` and never makes the file fail.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PIL import Image

from media.decoding.limits import MAX_ENTRIES, MAX_KNOWN_TEXT, MAX_TEXT
from media.decoding.metadata import exif, gif, jpeg, png, stealth, webp, xmp
from media.decoding.metadata.parts import Parts

WALKS: dict[str, Callable[[bytes, Parts], None]] = {
    "image/jpeg": jpeg.walk,
    "image/png": png.walk,
    "image/webp": webp.walk,
    "image/gif": gif.walk,
}
# Where generators write their settings (provenance/readers/generators): read whole, and first.
KNOWN_TEXT = {
    "parameters", "prompt", "workflow", "Comment", "comment", "Software", "Title", "Description",
    "Source", "fooocus_scheme", "invokeai_metadata", "invokeai_graph", "invokeai_workflow",
    "sd-metadata", "Dream", "generation_data", "PhotoEditor_Re_Edit_Data", "AIGC", "hf-job-id",
    "use_stable_diffusion_model", "Stable Diffusion model", "negative_prompt", "Negative Prompt",
    "seed", "Seed", "sampler_name", "prompt_strength", "Prompt Strength",
}  # fmt: skip


def read(path: Path, media_type: str, picture: Image.Image) -> dict[str, Any]:
    """The report's `metadata`. `picture` is the first frame as it was decoded."""
    parts = Parts()
    if walk := WALKS.get(media_type):
        with parts.reading("text"):
            walk(path.read_bytes(), parts)
    else:
        parts.add_exif(picture.info.get("exif"))
        parts.add_xmp(picture.info.get("xmp"))
    fields: dict[str, str] = {}
    for block in parts.exif:
        with parts.reading("exif"):
            fields = exif.fields(block) | fields
    packets: list[str] = []
    with parts.reading("xmp"):
        packets = [xmp.as_text(packet) for packet in parts.xmp]
    hidden: list[str] = []
    if media_type in {"image/png", "image/webp"}:
        with parts.reading("stealth"):
            hidden = stealth.texts(picture)
    return {
        "text": _bounded(parts.text),
        "exif": fields,
        "xmp": "\n".join(packets)[:MAX_KNOWN_TEXT],
        "stealth": hidden,
        "unreadable": sorted(parts.unreadable),
    }


def _bounded(text: dict[str, str]) -> dict[str, str]:
    known = {name: value[:MAX_KNOWN_TEXT] for name, value in text.items() if name in KNOWN_TEXT}
    other = [(name, value[:MAX_TEXT]) for name, value in text.items() if name not in KNOWN_TEXT]
    return known | dict(other[: MAX_ENTRIES - len(known)])
