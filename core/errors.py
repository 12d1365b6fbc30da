"""Errors of the domain. Each is declared beside the function that raises it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class FieldProblem:
    """One thing that is wrong with one field. `pointer` is a JSON pointer into the body.

    Where a rule refuses: its id and version, and the span of the text that met it, in characters.
    """

    pointer: str
    code: str
    detail: str
    rule: Mapping[str, Any] | None = None
    span: tuple[int, int] | None = None


class DomainError(Exception):
    """A refusal that a client can understand.

    `code` is stable and for programs, the message is a sentence for people, `status` the HTTP
    status under which `backend.problems` reports it, `field` the body field at fault, if any.
    """

    status = 400
    code = "invalid"
    field: str | None = None

    def __init__(
        self, detail: str = "", *, field: str | None = None, retry_after: int | None = None
    ) -> None:
        super().__init__(detail or (type(self).__doc__ or self.code).strip())
        if field is not None:
            self.field = field
        self.retry_after = retry_after

    @property
    def detail(self) -> str:
        return str(self)

    @property
    def problems(self) -> list[FieldProblem]:
        """The fields at fault, for the `errors` list of the answer."""
        if self.field is None:
            return []
        return [FieldProblem(f"/{self.field}", self.code, self.detail)]


class NotFound(DomainError):
    """There is no such thing, or not for you."""

    status = 404
    code = "not_found"


class Conflict(DomainError):
    """The thing is not in a state in which this can be done."""

    status = 409
    code = "conflict"


class Forbidden(DomainError):
    """You may not do this."""

    status = 403
    code = "forbidden"
