"""Services and phones that generate: what they write into the files they hand out."""

import re

from provenance.readers import packet
from provenance.readers.generators.found import Found, edited_if
from provenance.readers.packet import IPTC_EXT
from provenance.readers.raw import RawMetadata
from provenance.readers.text import brief, json_object
from provenance.readers.xmp_iptc import stated_source_type
from provenance.vocabulary import Origin

_UUID = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_UUID_ALONE = re.compile(_UUID, re.IGNORECASE)
_JOB = re.compile(rf"\bJob ID: ({_UUID})", re.IGNORECASE)
_FLAGS = re.compile(
    r"\s--(?:v|version|niji|ar|aspect|s|stylize|style|c|chaos|w|weird|q|quality|raw|no|p|profile|"
    r"iw|sref|cref|oref|seed|tile|exp|draft)\b"
)
_MIDJOURNEY_VERSION = re.compile(r"\s--(v|version|niji) ([\d.]{1,8})")
_GROK_SIGNATURE = re.compile(r"Signature: ?[A-Za-z0-9+/]{64,}={0,2}\s*")
_NOVELAI_TITLE = re.compile(r"(?:NovelAI|AI) generated image")
_NOVELAI_SOURCE = re.compile(r"(?:NovelAI|Stable) Diffusion\b")
_NOVELAI_EDITS = re.compile(r"Img2Img|Infill|Inpaint", re.IGNORECASE)
_CREDIT = "{http://ns.adobe.com/photoshop/1.0/}Credit"
_GOOGLE_CREDITS = {
    "Made with Google AI": Origin.AI_GENERATED,
    "Edited with Google AI": Origin.AI_EDITED,
}
_SAMSUNG_TYPE = re.compile(r'genAIType\\*"\s*:\s*\\*"?(-?\d{1,9})')


def novelai(raw: RawMetadata) -> Found | None:
    """`Software` is NovelAI, or its title and a source or settings of its kind."""
    source = raw.text.get("Source", "")
    settings = json_object(raw.text.get("Comment", ""))
    titled = _NOVELAI_TITLE.fullmatch(raw.text.get("Title", ""))
    sampled = {"steps", "sampler"} <= settings.keys()
    if "NovelAI" not in {raw.text.get("Software"), raw.exif.get("Software")} and not (
        titled and (sampled or _NOVELAI_SOURCE.match(source))
    ):
        return None
    request = settings.get("request_type")
    return Found(
        "NovelAI",
        edited_if(bool(isinstance(request, str) and _NOVELAI_EDITS.search(request))),
        model=brief(source) if _NOVELAI_SOURCE.match(source) else "",
    )


def midjourney(raw: RawMetadata) -> Found | None:
    """A job's number in the description, with flags of the prompt or XMP's number of the image."""
    for text in (raw.text.get("Description", ""), raw.exif.get("ImageDescription", "")):
        if not _JOB.search(text):
            continue
        version = _MIDJOURNEY_VERSION.search(text)
        if _FLAGS.search(text) or packet.values(raw.xmp, IPTC_EXT + "DigImageGUID"):
            niji = version and version[1] == "niji"
            number = f"{'niji ' if niji else ''}{version[2]}" if version else ""
            return Found("Midjourney", version=number)
    return None


def grok(raw: RawMetadata) -> Found | None:
    """A signature of at least 64 base64 characters as the description, and a UUID as the artist."""
    signed = _GROK_SIGNATURE.fullmatch(raw.exif.get("ImageDescription", "").strip("\0 "))
    if signed and _UUID_ALONE.fullmatch(raw.exif.get("Artist", "").strip("\0 ")):
        return Found("xAI Grok")
    return None


def ideogram(raw: RawMetadata) -> Found | None:
    """The maker of the "camera" is Ideogram AI."""
    return Found("Ideogram") if raw.exif.get("Make", "").strip("\0 ") == "Ideogram AI" else None


def google(raw: RawMetadata) -> Found | None:
    """Photoshop's credit line in XMP is exactly one of Google's two.

    "Made with" also stands in edited pictures: there the source type says which it is.
    """
    for credit in packet.values(raw.xmp, _CREDIT):
        claims = _GOOGLE_CREDITS.get(credit)
        if claims:
            stated = stated_source_type(packet.parse(raw.xmp))
            edited = stated is not None and stated.origin is Origin.AI_EDITED
            return Found("Google AI", Origin.AI_EDITED if edited else claims)
    return None


def samsung(raw: RawMetadata) -> Found | None:
    """The gallery's editor kept a kind of generative edit other than 0 in its trailer."""
    kinds = _SAMSUNG_TYPE.findall(raw.text.get("PhotoEditor_Re_Edit_Data", ""))
    return Found("Samsung Galaxy AI", Origin.AI_EDITED) if any(map(int, kinds)) else None


def has_job_number(raw: RawMetadata) -> bool:
    """`hf-job-id` with a UUID: the number of a computation at a service, not a statement.

    It names neither a model nor what the job did, so it is a hint and claims nothing.
    """
    return bool(_UUID_ALONE.fullmatch(raw.text.get("hf-job-id", "").strip()))
