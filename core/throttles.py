"""Rate limits: a count per window, per person (or per address for anonymous requests)."""

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.cache import cache
from rest_framework.request import Request
from rest_framework.throttling import BaseThrottle

from core.clock import now

if TYPE_CHECKING:
    from rest_framework.views import APIView

_SAFE = {"GET", "HEAD", "OPTIONS"}


class RateLimit(BaseThrottle):
    """A fixed window per scope of settings.RATE_LIMITS.

    A view names its own scope for writes in `rate_limit`; else reads and writes count apart.
    """

    def allow_request(self, request: Request, view: "APIView") -> bool:
        reads = request.method in _SAFE
        scope = "read" if reads else getattr(view, "rate_limit", "write")
        count, seconds = (int(part) for part in settings.RATE_LIMITS[scope].split("/"))
        moment = int(now().timestamp())
        self._left = seconds - moment % seconds
        key = f"rate:{scope}:{self._who(request)}:{moment // seconds}"
        return bool(cache.count(key, timeout=seconds + 1) <= count)  # type: ignore[attr-defined]  # ours

    def wait(self) -> float:
        """Seconds until the window ends: the answer's Retry-After."""
        return float(self._left)

    def _who(self, request: Request) -> str:
        if request.user.is_authenticated:
            return f"user:{request.user.pk}"
        return f"ip:{self.get_ident(request)}"
