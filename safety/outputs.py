"""The door for what a backend made: every configured policy looks before anybody sees it.

Previews pass the same door. It fails closed: a policy that is missing or breaks shows nothing.
"""

import logging
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from django.conf import settings
from django.utils.module_loading import import_string
from numpy.typing import NDArray

from core.errors import DomainError
from safety.prompts import SafetyUnavailable

logger = logging.getLogger(__name__)
Pixels = NDArray[np.uint8]
BLACK = 8


class OutputRefused(DomainError):
    """The picture that was made is not shown."""

    code = "output_refused"


@dataclass(frozen=True, slots=True)
class Objection:
    """A rule that a picture meets. `says` is told to who asked for it."""

    rule: str
    version: int
    says: str


class OutputPolicy(Protocol):
    """Looks at a picture, height by width by three; if it raises, the picture is not shown."""

    def __call__(self, pixels: Pixels) -> Objection | None: ...


def require_showable(pixels: Pixels) -> None:
    """Ask all policies about a picture. Raises OutputRefused, SafetyUnavailable."""
    if not settings.OUTPUT_POLICIES:
        logger.error("OUTPUT_POLICIES is empty: nothing that is generated is shown")
        raise SafetyUnavailable
    for name in settings.OUTPUT_POLICIES:
        try:
            policy: OutputPolicy = import_string(name)
            objection = policy(pixels)
        except Exception as error:
            logger.exception("output policy %s broke: nothing that is generated is shown", name)
            raise SafetyUnavailable from error
        if objection is not None:
            logger.info("output refused by rule %s version %s", objection.rule, objection.version)
            raise OutputRefused(objection.says)


def black_policy(pixels: Pixels) -> Objection | None:
    """A black picture is what filters of providers put in the place of one that they refuse."""
    if pixels.max(initial=0) >= BLACK:
        return None
    return Objection("black", 1, "The backend made a black picture, as safety filters do.")


def allow_everything(pixels: Any) -> None:
    """A policy for whoever wants none: it must be named, an empty list shows nothing."""
    del pixels
