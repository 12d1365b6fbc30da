"""What a ComfyUI says when it does not take a workflow (its `server.py`, POST /prompt)."""

import logging
from collections.abc import Mapping
from http import HTTPStatus

from media_gen.backends.errors import BackendError, Broken
from media_gen.backends.http import Provider, said_in

logger = logging.getLogger(__name__)


class ComfyUIProvider(Provider):
    def failure(self, status: int, body: bytes, headers: Mapping[str, str]) -> BackendError:
        """A request is validated before it comes here, and a workflow is the operator's: what the
        server does not take of it, for example a checkpoint that is gone, is nobody else's fault.
        """
        if status != HTTPStatus.BAD_REQUEST:
            return super().failure(status, body, headers)
        logger.warning("%s does not take a workflow: %s", self.base_url, said_in(body))
        return Broken("The backend does not take its own workflow.")
