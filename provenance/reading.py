"""Reading a file: everything that it says of itself, by all readers."""

from dataclasses import dataclass
from pathlib import Path

from provenance.evidence import Observation
from provenance.readers.c2pa import claims, reading
from provenance.readers.c2pa.store import Store
from provenance.readers.everything import read_all
from provenance.readers.mining import declared_mining, mining_of_assertion
from provenance.readers.raw import RawMetadata
from provenance.trust import TrustPolicy
from provenance.vocabulary import DataMining, strictest


@dataclass(frozen=True, slots=True)
class Findings:
    """What a file says. `credentials` are its manifests, `data_mining` what it permits."""

    observations: tuple[Observation, ...]
    credentials: Store
    data_mining: DataMining


def read_credentials(path: Path, trust: TrustPolicy) -> Store:
    """The manifests of the file at `path`. Uses no database, so that a thread may call it."""
    return reading.read(path, trust.settings)


def findings(raw: RawMetadata, credentials: Store, trust: TrustPolicy) -> Findings:
    """All observations about a file whose metadata and manifests have been read."""
    signed = claims.observe(credentials, tier=trust.tier_of(credentials))
    return Findings(
        observations=(*signed, *read_all(raw)),
        credentials=credentials,
        data_mining=strictest(declared_mining(raw).value, *_mining_of(credentials)),
    )


def _mining_of(credentials: Store) -> list[DataMining]:
    """What the file's own manifest and those of its parts declare."""
    return [mining_of_assertion(each.training) for each in credentials.manifests.values()]
