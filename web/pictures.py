"""What a page says of a picture beyond what the API does: in words, and where it hangs."""

from datetime import datetime
from typing import Any

from orjson import Fragment

from core.renderers import as_read
from provenance import wording
from provenance.models import Evidence, Record
from provenance.serializers import told_of
from provenance.vocabulary import EvidenceKind, Grade, Integrity, Origin

_NARROWEST, _WIDEST = 6, 22  # tenths: width to height, as far as the wall goes along

VERDICTS = {
    Origin.HUMAN_CAPTURED: "A photograph",
    Origin.HUMAN_CREATED: "Made by hand",
    Origin.AI_EDITED: "Edited with AI",
    Origin.AI_GENERATED: "Made with AI",
    Origin.ALGORITHMIC: "Made by an algorithm",
    Origin.UNKNOWN: "We do not know how this was made",
}
MARKS = {
    Integrity.INTACT: "The marks that it carries are intact.",
    Integrity.TAMPERED: "The marks that it carries were tampered with: they prove nothing human.",
    Integrity.STRIPPED: "It once carried marks; somebody took them off.",
    Integrity.NONE: "It carries no marks.",
}
RELATIONS = {
    "variation_of": "a variation of",
    "edit_of": "an edit of",
    "drawn_over": "drawn over",
    "inspired_by": "inspired by",
    "upscaled_from": "enlarged from",
    "collage_of": "a collage with",
}
SIGHTS = {
    "pixel_hash": "has exactly the pixels of",
    "perceptual": "looks the same as",
    "features": "shows parts of",
    "watermark": "carries the invisible mark of",
}


def hang(asset: dict[str, Any]) -> dict[str, Any]:
    """A presented asset, with `src`, `srcset` and `room`: its shape in tenths, for the layout."""
    files = [file for file in asset["sources"] if file["type"] == "image/webp"]
    middle = min(files, key=lambda file: abs(file["width"] - 640), default=None)
    room = round(10 * asset["width"] / asset["height"])
    return {
        **asset,
        "src": middle["url"] if middle else "",
        "srcset": ", ".join(f"{file['url']} {file['width']}w" for file in files),
        "room": min(max(room, _NARROWEST), _WIDEST),
    }


def hang_all(post: Fragment) -> dict[str, Any]:
    """A presented post with all its pictures hung."""
    shown = as_read(post)
    published = shown["published_at"]
    return {
        **shown,
        "assets": [hang(asset) for asset in shown["assets"]],
        "published_at": datetime.fromisoformat(published) if published else None,
    }


def tell(item: Evidence) -> str:
    """One piece of evidence as a sentence."""
    if item.withdraws is not None and item.kind == EvidenceKind.RULING:
        return "A moderator withdrew an earlier ruling."
    if item.withdraws is not None:
        return "An earlier observation was withdrawn: it holds no more."
    return wording.reason(
        EvidenceKind(item.kind),
        Origin(item.claims),
        generator=item.generator,
        issuer=item.issuer,
        detail=item.detail,
    )


def in_order(record: Record) -> list[dict[str, Any]]:
    """The evidence about a work, oldest first, each with its sentence."""
    found = told_of(record)
    withdrawn = {item.withdraws for item in found if item.withdraws is not None}
    return [
        {"item": item, "says": tell(item), "withdrawn": bool(item.sequence in withdrawn)}
        for item in found
    ]


def in_words(record: Record) -> dict[str, str]:
    """The verdict, how sure it is and what became of the marks, as sentences."""
    ruled = record.ruled
    return {
        "verdict": VERDICTS[Origin(record.origin)],
        "how_sure": "A moderator looked at the evidence and ruled."
        if ruled
        else wording.how_sure(Grade(record.grade)),
        "marks": MARKS[Integrity(record.integrity)],
    }
