"""Manifests that were damaged in every way: read or unreadable, and nothing else happens."""

import json
import random
from pathlib import Path

import pytest

from provenance.marks.chain import KEY_USAGES
from provenance.readers.c2pa import claims, reading
from tests.helpers import pictures
from tests.helpers.issuers import issuer

TRUST = {"trust_config": "\n".join(KEY_USAGES)}
STATES = {"absent", "remote", "unreadable", "present"}


def damaged(rng: random.Random, data: bytes) -> bytes:
    """One of: flipped bytes, a cut, a repeated piece, a length that lies, a hole."""
    begin = rng.randrange(2, min(len(data), 6000))
    length = rng.randrange(1, 400)
    match rng.randrange(5):
        case 0:
            changed = bytearray(data)
            for _ in range(rng.randrange(1, 12)):
                changed[rng.randrange(2, min(len(data), 6000))] = rng.randrange(256)
            return bytes(changed)
        case 1:
            return data[:begin]
        case 2:
            return data[:begin] + data[begin : begin + length] * 3 + data[begin:]
        case 3:
            return data[:begin] + b"\xff\xff\xff\xff" + data[begin + 4 :]
        case _:
            return data[:begin] + data[begin + length :]


@pytest.mark.parametrize(
    ("media_type", "kind"), [("image/jpeg", "JPEG"), ("image/png", "PNG"), ("image/webp", "WEBP")]
)
def test_damaged_manifests_are_read_or_unreadable(tmp_path: Path, media_type: str, kind: str):
    camera, editor = issuer("Camera Works"), issuer("Editor Inc")
    plain = pictures.encoded(pictures.picture(1, (64, 48)), kind)
    shot = camera.sign(plain, media_type, source_type="digitalCapture")
    edited = editor.sign(plain, media_type, parts=[("parentOf", shot, media_type)])
    rng = random.Random(7)
    path = tmp_path / "file"
    for number in range(14):
        path.write_bytes(damaged(rng, edited if number % 2 else shot))
        store = reading.read(path, TRUST)
        assert store.state in STATES
        for seen in claims.observe(store):
            assert len(json.dumps(seen.detail)) < 32_000


def test_a_file_without_any_sign_of_a_manifest_starts_no_process(tmp_path: Path, monkeypatch):
    def run(*args, **options):
        raise AssertionError("a process was started")

    monkeypatch.setattr(reading.jail, "run", run)
    path = tmp_path / "plain.jpg"
    for data in (b"", pictures.jpeg(1)):
        path.write_bytes(data)
        assert reading.read(path, TRUST).state == "absent"
