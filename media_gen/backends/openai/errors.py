"""What OpenAI's error codes mean (platform.openai.com/docs/guides/error-codes)."""

import json
from collections.abc import Mapping
from typing import Any

from media_gen.backends.errors import BackendError, BadRequest, Refused, Unusable
from media_gen.backends.http import Provider

REFUSED = {"moderation_blocked", "content_policy_violation", "safety_violation"}
NO_CREDIT = {"insufficient_quota", "billing_hard_limit_reached"}
GONE = {"model_not_found", "invalid_api_key"}
OURS = {"prompt": "prompt", "size": "width", "n": "count", "image": "parents", "mask": "mask"}


class OpenAIProvider(Provider):
    def failure(self, status: int, body: bytes, headers: Mapping[str, str]) -> BackendError:
        error = error_in(body)
        return named(error) or self._with_field(super().failure(status, body, headers), error)

    def _with_field(self, failure: BackendError, error: Mapping[str, Any]) -> BackendError:
        """Name the field of ours that a bad parameter came from."""
        parameter = error.get("param")
        if isinstance(failure, BadRequest) and isinstance(parameter, str):
            failure.field = OURS.get(parameter.removesuffix("[]"))
        return failure


def error_in(body: bytes) -> Mapping[str, Any]:
    """The error object of an answer; empty if a compatible server has another shape."""
    try:
        answer = json.loads(body)
    except ValueError:
        return {}
    error = answer.get("error") if isinstance(answer, dict) else None
    return error if isinstance(error, dict) else {}


def named(error: Mapping[str, Any]) -> BackendError | None:
    """What an error means whatever its status; None if the status says enough."""
    code = error.get("code") or error.get("type")
    if code in REFUSED:
        return Refused("The backend will not make this: its safety system refused.")
    if code in NO_CREDIT:
        return Unusable("The backend cannot be used now. It was not your request's fault.")
    if code in GONE:
        return Unusable("The backend cannot be used now. It was not your request's fault.")
    return None
