"""Reading stored originals anew: readers learn, and trust lists are imported after the fact."""

import tempfile
from pathlib import Path

from media import rendering
from media.models import Asset
from media.preparing import inspect
from provenance import services as provenance


def read_again(*, asset: Asset) -> bool:
    """Read the original anew and let what it says replace what it said; whether that differs.

    Raises NotFound, StorageAway, Undecodable.
    """
    with tempfile.TemporaryDirectory(prefix="pentimento-") as folder:
        original = rendering.fetch(asset, Path(folder))
        findings = inspect(path=original).findings
    return provenance.renew_findings(
        record=asset.record,
        observations=findings.observations,
        data_mining=findings.data_mining,
    )
