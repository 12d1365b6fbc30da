"""What a walk through a file collects."""

from collections.abc import Iterator
from contextlib import contextmanager

from media.decoding.limits import MAX_KNOWN_TEXT

MAX_TEXTS = 1000
MAX_BLOCKS = 16


class Parts:
    """Texts by name (of several with one name the first), EXIF blocks and XMP packets as bytes."""

    def __init__(self) -> None:
        self.text: dict[str, str] = {}
        self.exif: list[bytes] = []
        self.xmp: list[bytes] = []
        self.unreadable: set[str] = set()

    def add_text(self, name: str, value: str) -> None:
        if len(self.text) < MAX_TEXTS:
            self.text.setdefault(name[:80], value[:MAX_KNOWN_TEXT])

    def add_exif(self, block: bytes | None) -> None:
        if block and len(self.exif) < MAX_BLOCKS:
            self.exif.append(block)

    def add_xmp(self, packet: bytes | None) -> None:
        if packet and len(self.xmp) < MAX_BLOCKS:
            self.xmp.append(packet[:MAX_KNOWN_TEXT])

    @contextmanager
    def reading(self, part: str) -> Iterator[None]:
        """Whatever goes wrong inside makes this part unreadable, and nothing else."""
        try:
            yield
        except Exception:  # noqa: BLE001  # broken metadata breaks its readers in every way
            self.unreadable.add(part)
