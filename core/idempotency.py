"""Idempotency-Key: a creating POST that is repeated gives the answer it gave before.

Same key and body: the stored answer. Other body: 422. Still in flight: 409. Refusals (4xx) and
failures are not stored, so a corrected request may use the key again.
"""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import wraps
from typing import Any
from uuid import UUID

from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from rest_framework.exceptions import NotAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response

from core.clock import now
from core.errors import DomainError
from core.models import IdempotentRequest
from core.renderers import as_read

ABANDONED_AFTER = timedelta(minutes=2)
View = Callable[..., Response]


class KeyReused(DomainError):
    """This Idempotency-Key was used for a different request."""

    status = 422
    code = "idempotency_key_reused"


class KeyInFlight(DomainError):
    """A request with this Idempotency-Key is still being answered. Ask again shortly."""

    status = 409
    code = "idempotency_key_in_flight"


class BadKey(DomainError):
    """An Idempotency-Key is 1 to 200 printable ASCII characters."""

    code = "bad_idempotency_key"


def idempotent(view: View) -> View:
    """Wrap the `post` method of a view for signed-in people."""

    @wraps(view)
    def answer(self: Any, request: Request, *args: Any, **kwargs: Any) -> Response:
        key = request.headers.get("Idempotency-Key")
        if key is None:
            return view(self, request, *args, **kwargs)
        if not (0 < len(key) <= 200 and key.isascii() and key.isprintable()):
            raise BadKey
        if not request.user.is_authenticated:
            raise NotAuthenticated
        mine, row = _begin(request.user.pk, key, fingerprint_of(request))
        if not mine:
            return _replay(row)
        try:
            response = view(self, request, *args, **kwargs)
        except BaseException:
            row.delete()
            raise
        _store(row, response)
        return response

    answer.idempotent = True  # type: ignore[attr-defined]  # the schema asks for it
    return answer


def _begin(user_id: UUID, key: str, fingerprint: str) -> tuple[bool, IdempotentRequest]:
    """Take the key. (True, new row), or (False, the answered row). Raises the two refusals."""
    IdempotentRequest.objects.filter(
        user_id=user_id, key=key, status=None, created_at__lt=now() - ABANDONED_AFTER
    ).delete()
    try:
        with transaction.atomic():
            return True, IdempotentRequest.objects.create(
                user_id=user_id, key=key, fingerprint=fingerprint
            )
    except IntegrityError:
        row = IdempotentRequest.objects.filter(user_id=user_id, key=key).first()
    if row is not None and row.fingerprint != fingerprint:
        raise KeyReused
    if row is None or row.status is None:
        raise KeyInFlight(retry_after=1)
    return False, row


def _store(row: IdempotentRequest, response: Response) -> None:
    row.status = response.status_code
    row.body = as_read(response.data)
    row.location = response.headers.get("Location", "")
    row.save(update_fields=["status", "body", "location"])


def _replay(row: IdempotentRequest) -> Response:
    response = Response(row.body, status=row.status)
    response["Idempotent-Replayed"] = "true"
    if row.location:
        response["Location"] = row.location
    return response


def fingerprint_of(request: Request) -> str:
    """What makes a request the same request: method, path, and the body's content."""
    digest = hashlib.sha256(f"{request.method} {request.path}\n".encode())
    if not isinstance(request.data, Mapping):
        digest.update(json.dumps(request.data, sort_keys=True).encode())
        return digest.hexdigest()
    for name in sorted(request.data):
        value = request.data[name]
        if isinstance(value, UploadedFile):
            for chunk in value.chunks():
                digest.update(chunk)
            value.seek(0)
            value = "file"
        digest.update(json.dumps([name, value], sort_keys=True, default=str).encode())
    return digest.hexdigest()
