"""A real S3 server on loopback that checks signatures: `rclone serve s3` over a folder.

with s3.served(tmp_path) as server:
    store = server.storage()          # the Django storage of settings.py, pointed at it
"""

import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

RCLONE = Path(sys.executable).with_name("rclone")
BUCKET = "pictures"
ACCESS_KEY = "test-access"  # rclone refuses keys of less than three characters
SECRET_KEY = "test-secret"
PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class Server:
    """`url` is its address, `folder` where the objects of the bucket lie as files."""

    url: str
    folder: Path

    def options(self) -> dict[str, Any]:
        """What `STORAGES[…]["OPTIONS"]` says about it."""
        from botocore.config import Config

        return {
            "bucket_name": BUCKET,
            "endpoint_url": self.url,
            "access_key": ACCESS_KEY,
            "secret_key": SECRET_KEY,
            "region_name": "us-east-1",
            "file_overwrite": True,
            "default_acl": None,
            "client_config": Config(signature_version="s3v4", s3={"addressing_style": "path"}),
        }

    def storage(self) -> Any:
        from storages.backends.s3 import S3Storage

        return S3Storage(**self.options())


@contextmanager
def served(folder: Path) -> Iterator[Server]:
    """A server over `folder` with one empty bucket; it ends with the block."""
    (folder / BUCKET).mkdir()
    with tempfile.NamedTemporaryFile() as log:
        process = subprocess.Popen(
            [
                *(str(RCLONE), "serve", "s3", str(folder), "--addr", "127.0.0.1:0"),
                *("--auth-key", f"{ACCESS_KEY},{SECRET_KEY}", "--config", os.devnull),
            ],
            stderr=log,
        )
        try:
            yield Server(_address(process, Path(log.name)), folder / BUCKET)
        finally:
            process.terminate()
            process.wait(timeout=PATIENCE_SECONDS)


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    """Where it listens, which it says when it does."""
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until and process.poll() is None:
        if said := re.search(r"\[(http://127\.0\.0\.1:\d+)/\]", log.read_text()):
            return said[1]
        time.sleep(0.05)
    raise RuntimeError(f"rclone does not serve: {log.read_text()}")
