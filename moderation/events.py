"""What moderators do."""

from dataclasses import dataclass

from core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionMade(Event):
    decision_id: str
