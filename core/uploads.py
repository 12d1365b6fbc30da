"""Uploaded files go to disk, never to memory, and stop at the limit."""

from typing import Any

from django.conf import settings
from django.core.files.uploadhandler import TemporaryFileUploadHandler

from core.parsers import BodyTooLarge

_FORM_OVERHEAD = 64 * 1024


class BoundedTemporaryFileUploadHandler(TemporaryFileUploadHandler):
    """Raises BodyTooLarge as soon as a file exceeds settings.MAX_UPLOAD_BYTES."""

    def handle_raw_input(
        self,
        input_data: Any,
        META: Any,  # noqa: N803  # Django's name
        content_length: int,
        boundary: Any,
        encoding: Any = None,
    ) -> None:
        if content_length > settings.MAX_UPLOAD_BYTES + _FORM_OVERHEAD:
            raise _too_large()

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if start + len(raw_data) > settings.MAX_UPLOAD_BYTES:
            self.file.close()  # Django closes only the files that were received whole
            raise _too_large()
        super().receive_data_chunk(raw_data, start)


def _too_large() -> BodyTooLarge:
    megabytes = settings.MAX_UPLOAD_BYTES / 1_000_000
    return BodyTooLarge(f"The file may hold at most {megabytes:g} MB.", field="file")
