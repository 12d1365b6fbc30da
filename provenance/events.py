"""What happens to a provenance record."""

from dataclasses import dataclass

from core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class VerdictChanged(Event):
    """The flag or the label of a record is no longer what it was. `before`/`after`: origins."""

    record_id: str
    before: str
    after: str
