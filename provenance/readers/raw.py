"""What the sandboxed decoder found written in a file: plain, bounded, not yet interpreted."""

from dataclasses import dataclass, field
from typing import Any

MAX_TEXT = 1024 * 1024


@dataclass(frozen=True, slots=True)
class RawMetadata:
    """`text`: PNG text chunks and the like. `exif`: tag names to text. `xmp`: the packets.

    `unreadable`: names of parts that did not parse. `stealth`: texts hidden in the pixels.
    """

    text: dict[str, str] = field(default_factory=dict)
    exif: dict[str, str] = field(default_factory=dict)
    xmp: str = ""
    unreadable: tuple[str, ...] = ()
    stealth: tuple[str, ...] = ()

    @classmethod
    def from_report(cls, report: dict[str, Any]) -> "RawMetadata":
        """From the decoder's JSON."""
        return cls(
            text={str(k): str(v)[:MAX_TEXT] for k, v in report.get("text", {}).items()},
            exif={str(k): str(v)[:MAX_TEXT] for k, v in report.get("exif", {}).items()},
            xmp=str(report.get("xmp", ""))[:MAX_TEXT],
            unreadable=tuple(report.get("unreadable", ())),
            stealth=tuple(str(text)[:MAX_TEXT] for text in report.get("stealth", ())),
        )
