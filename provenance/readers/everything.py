"""All readers, in one call."""

from provenance.evidence import Observation
from provenance.readers import generators, xmp_iptc
from provenance.readers.raw import RawMetadata

READERS = (xmp_iptc.read, generators.read)


def read_all(raw: RawMetadata) -> list[Observation]:
    """Everything that the file's metadata claims."""
    return [found for reader in READERS for found in reader(raw)]
