"""What a policy finds, and about whom it is asked."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Asker:
    """Who wants something made."""

    id: UUID
    username: str


@dataclass(frozen=True, slots=True)
class Finding:
    """A rule that a text meets. `span`: begin and end in the field, in characters."""

    rule: str
    version: int
    field: str
    span: tuple[int, int]
    says: str


class PromptPolicy(Protocol):
    """Looks at the texts of a request by field; whatever it raises refuses the request."""

    def __call__(self, texts: Mapping[str, str], asker: Asker) -> Finding | None: ...
