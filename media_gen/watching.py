"""The engine's side of a backend's Watch: the lease, the deadline, and what the owner is told."""

import base64
import io
import logging
import math
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from PIL import Image

from core.errors import DomainError
from media_gen import hints, stream
from media_gen.backends.errors import DeadlinePassed
from media_gen.lease import Beat, Lease
from media_gen.models import GenerationJob
from safety.outputs import require_showable

logger = logging.getLogger(__name__)
REPORT_EVERY_SECONDS = 0.25
CHECK_EVERY_SECONDS = 1.0
TICK_SECONDS = 0.1
ALMOST = 0.99


class LeaseWatch:
    """Watches one attempt. `unwanted` is set by the heartbeat when the work should stop.

    `hooked`: whether the provider can reach us.
    """

    def __init__(
        self,
        lease: Lease,
        *,
        handle: Mapping[str, Any],
        unwanted: threading.Event,
        seconds: float,
        hooked: bool = False,
    ) -> None:
        self._lease = lease
        self._hooked = hooked
        self._handle = dict(handle)
        self._unwanted = unwanted
        self._deadline = time.monotonic() + seconds
        self._looked = 0.0
        self._told = 0.0

    @property
    def handle(self) -> Mapping[str, Any]:
        return self._handle

    def report(self, fraction: float, preview: Callable[[], bytes] | None = None) -> None:
        """Tells at most four times a second. The work ends at 1, the job when all is stored."""
        if time.monotonic() - self._told < REPORT_EVERY_SECONDS:
            return self.check()
        known = fraction if math.isfinite(fraction) else 0.0
        beat = self._extend(progress=min(max(known, 0.0), ALMOST))
        self._tell("progress", beat, state=GenerationJob.State.RUNNING, progress=beat.progress)
        if preview is not None:
            self._show(beat, preview)
        self._told = time.monotonic()
        return None

    def _show(self, beat: Beat, preview: Callable[[], bytes]) -> None:
        """A preview that cannot be made, or may not be shown, is no reason to lose the work."""
        try:
            picture = preview()
            with Image.open(io.BytesIO(picture), formats=["JPEG"]) as opened:
                require_showable(np.asarray(opened.convert("RGB")))
        except DomainError as refusal:
            logger.info("job %s: preview not shown: %s", self._lease.job_id, refusal.code)
            return
        except Exception:
            logger.exception("job %s: no preview", self._lease.job_id)
            return
        data = base64.b64encode(picture).decode()
        self._tell("preview", beat, mime="image/jpeg", data_base64=data)

    def remember(self, handle: Mapping[str, Any]) -> None:
        self._handle = dict(handle)
        self._extend(handle=self._handle)

    def pause(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while (left := until - time.monotonic()) > 0:
            if not self._hooked:
                time.sleep(min(TICK_SECONDS, left))
            elif hints.wait(self._lease.job_id, min(TICK_SECONDS, left)):
                return self.check()
            self.check()
        return None

    def check(self) -> None:
        if self._unwanted.is_set() or time.monotonic() - self._looked > CHECK_EVERY_SECONDS:
            self._extend()

    def _extend(self, **changes: Any) -> Beat:
        if time.monotonic() > self._deadline:
            raise DeadlinePassed
        beat = self._lease.extend(**changes)
        self._looked = time.monotonic()
        return beat

    def _tell(self, event: str, beat: Beat, **data: Any) -> None:
        job_id = self._lease.job_id
        told = {"id": str(job_id), "version": beat.version, **data}
        stream.publish(job_id, event, beat.version, told)
