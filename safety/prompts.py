"""The door for prompts: every configured policy is asked before anything is stored or charged.

It fails closed: a policy that is missing or breaks lets nothing through.
"""

import logging
from collections.abc import Mapping

from django.conf import settings
from django.utils.module_loading import import_string

from core.errors import DomainError, FieldProblem
from safety.findings import Asker, Finding, PromptPolicy

logger = logging.getLogger(__name__)


class PromptRefused(DomainError):
    """A rule does not allow this."""

    status = 422
    code = "prompt_refused"

    def __init__(self, finding: Finding) -> None:
        super().__init__(finding.says, field=finding.field)
        self.finding = finding

    @property
    def problems(self) -> list[FieldProblem]:
        found = self.finding
        rule = {"id": found.rule, "version": found.version}
        return [FieldProblem(f"/{found.field}", self.code, found.says, rule=rule, span=found.span)]


class SafetyUnavailable(DomainError):
    """What is asked for cannot be checked now, so it is not made."""

    status = 503
    code = "safety_unavailable"


def require_allowed(texts: Mapping[str, str], *, asker: Asker) -> None:
    """Ask all policies about the texts of a request, by field.

    Raises PromptRefused, SafetyUnavailable.
    """
    if not settings.PROMPT_POLICIES:
        logger.error("PROMPT_POLICIES is empty: nothing is generated")
        raise SafetyUnavailable(retry_after=60)
    for name in settings.PROMPT_POLICIES:
        try:
            policy: PromptPolicy = import_string(name)
            finding = policy(texts, asker)
        except Exception as error:
            logger.exception("prompt policy %s broke: nothing is generated", name)
            raise SafetyUnavailable(retry_after=60) from error
        if finding is not None:
            logger.info("prompt refused by rule %s", finding.rule)
            raise PromptRefused(finding)


def allow_everything(texts: Mapping[str, str], asker: Asker) -> None:
    """A policy for whoever wants none: it must be named, an empty list refuses everything."""
    del texts, asker
