"""All readers, in one call."""

import logging
from collections.abc import Callable, Iterator

from provenance.evidence import Observation
from provenance.readers import aigc, generators, mining, unreadable, xmp_iptc
from provenance.readers.raw import RawMetadata

logger = logging.getLogger(__name__)
Reader = Callable[[RawMetadata], Iterator[Observation]]
READERS: dict[str, Reader] = {
    "xmp": xmp_iptc.read,
    "aigc": aigc.read,
    "generators": generators.read,
    "mining": mining.read,
    "unreadable": unreadable.read,
}


def read_all(raw: RawMetadata) -> list[Observation]:
    """Everything that the file's metadata claims. A reader that fails never fails the upload."""
    return [found for name, reader in READERS.items() for found in _guarded(name, reader, raw)]


def _guarded(name: str, reader: Reader, raw: RawMetadata) -> Iterator[Observation]:
    """What `reader` finds, and that it stumbled if it did."""
    try:
        yield from reader(raw)
    except Exception:
        logger.exception("the reader %s failed", name)
        yield unreadable.unreadable(name)
