"""Where bytes are kept. Keys are internal and say nothing about people."""

import hashlib
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.core.files import File
from django.core.files.storage import default_storage, storages
from django.db import connection

from core.errors import DomainError, NotFound

logger = logging.getLogger(__name__)
_BLOCK = 1024 * 1024


class StorageAway(DomainError):
    """The image store does not answer. Try again in a moment."""

    status = 503
    code = "storage_unavailable"


def sha256_of(path: Path) -> str:
    """The hex digest of a file's bytes."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def original_key(sha256: str) -> str:
    """The key of an original: its content, so the same bytes are one object."""
    return f"originals/{sha256[:2]}/{sha256}"


def rendition_key(asset_id: object, file_name: str) -> str:
    return f"renditions/{str(asset_id)[-2:]}/{asset_id}/{file_name}"


def arrival_key(arrival_id: object) -> str:
    """Where a client puts raw bytes itself; nothing is served from there."""
    return f"arrivals/{arrival_id}"


def put(key: str, path: Path, *, content_addressed: bool = False) -> None:
    """Store the file at `path`. Raises StorageAway."""
    with _answering():
        if default_storage.exists(key):
            # A write that was cut off leaves a shorter file under the right name.
            if content_addressed and default_storage.size(key) == path.stat().st_size:
                return
            default_storage.delete(key)
        with path.open("rb") as file:
            default_storage.save(key, File(file))


def get(key: str) -> "File[bytes]":
    """The stored file, ready to be read. Raises NotFound, StorageAway."""
    with _answering():
        file = default_storage.open(key)
        file.seek(0)  # S3's is fetched here, while an error can still be told
        return file


def presigned_address(key: str, *, seconds: int, media_type: str, disposition: str) -> str:
    """Where clients get the file from the S3 server itself, for so long, with these headers."""
    store: Any = storages["direct"]
    parameters = {
        "ResponseContentType": media_type,
        "ResponseContentDisposition": disposition,
        "ResponseCacheControl": f"private, max-age={seconds}",
    }
    address: str = store.url(key, parameters=parameters, expire=seconds)
    return address


def remove(key: str) -> None:
    """Delete a stored file; one that is not there is gone already. Raises StorageAway."""
    with _answering():
        default_storage.delete(key)


@contextmanager
def _answering() -> Iterator[None]:
    """Every store has errors of its own (botocore's are no OSErrors); here they mean one thing."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotFound from error
    except Exception as error:
        logger.exception("storage does not answer")
        raise StorageAway(retry_after=10) from error


def lock_content(sha256: str) -> None:
    """Until the transaction ends, nobody else adds or removes the object of this content."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 0))", [sha256])
