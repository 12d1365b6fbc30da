"""Whose key signs, and what happens when it cannot."""

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from media import storage
from media.models import Asset
from provenance.marks import authority, credentials
from provenance.marks.chain import new_chain
from provenance.models import Record
from tests.helpers import contract, pictures
from tests.helpers.issuers import independently_read

pytestmark = pytest.mark.django_db
CHAIN = new_chain("Our Club")
PICTURE = pictures.encoded(pictures.picture(1, (800, 600)), "PNG")


def kept_elsewhere(data):
    """Signs as a key management service does: DER."""
    key = load_pem_private_key(CHAIN.key.encode(), None)
    return key.sign(data, ec.ECDSA(hashes.SHA256()))


def raw_kept_elsewhere(data):
    """Signs as a security module does: r and s, 32 bytes each."""
    r, s = decode_dss_signature(kept_elsewhere(data))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def away(data):
    raise ConnectionError("the key management service does not answer")


@pytest.fixture
def signing_as(settings):
    """Sign as these settings say, here and in this test only."""

    def forget():
        authority.authority.cache_clear()
        credentials._instruments.cache_clear()

    def signing_as(**given):
        forget()
        for name, value in given.items():
            setattr(settings, f"C2PA_{name}", value)

    yield signing_as
    forget()


def first_file(client, upload):
    asset = upload(client, data=PICTURE)
    return client.get(asset["urls"]["640"]).body


def test_the_chain_and_key_of_the_settings_sign(author, anonymous, upload, signing_as):
    signing_as(CERTIFICATES=CHAIN.certificates, PRIVATE_KEY=CHAIN.key)
    root = anonymous.get("/api/v1/credentials/anchors.pem").content.decode()
    store = independently_read(first_file(author, upload), "image/webp", root)
    assert store["validation_state"] == "Trusted"
    assert store["manifests"][store["active_manifest"]]["signature_info"]["issuer"] == "Our Club"


@pytest.mark.parametrize("signer", ["kept_elsewhere", "raw_kept_elsewhere"])
def test_a_function_can_sign_for_a_key_that_is_elsewhere(author, upload, signing_as, signer):
    signing_as(CERTIFICATES=CHAIN.certificates, SIGNER=f"{__name__}.{signer}")
    root = authority.authority().root
    store = independently_read(first_file(author, upload), "image/webp", root)
    assert store["validation_state"] == "Trusted"


@pytest.mark.parametrize(
    "broken",
    [
        {"CERTIFICATES": CHAIN.certificates, "PRIVATE_KEY": new_chain("Other").key},
        {"CERTIFICATES": "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
         "PRIVATE_KEY": CHAIN.key},
        {"CERTIFICATES": CHAIN.certificates, "PRIVATE_KEY": "nonsense"},
        {"CERTIFICATES": CHAIN.certificates, "SIGNER": f"{__name__}.away"},
        {"CERTIFICATES": CHAIN.certificates, "SIGNER": "no.such.function"},
    ],
)  # fmt: skip
def test_without_a_signature_nothing_is_stored_or_given_out(
    author, signing_as, monkeypatch, broken
):
    signing_as(**broken)
    puts = []
    monkeypatch.setattr(storage, "put", lambda *args, **options: puts.append(args))
    body = {"file": pictures.upload(PICTURE, "a.png", "image/png")}
    monkeypatch.setattr(contract, "check", lambda *answer: None)  # it lets no 503 pass
    answer = author.post("/api/v1/assets", body, format="multipart")
    assert answer.status_code == 503
    assert puts == []
    assert answer.json()["code"] == "signing_unavailable"
    assert answer["Retry-After"]
    assert not Asset.objects.exists()
    assert not Record.objects.exists()


def test_a_job_waits_for_the_signer(author, settle, signing_as):
    signing_as(CERTIFICATES=CHAIN.certificates, SIGNER=f"{__name__}.away")
    job = author.post("/api/v1/generations", {"prompt": "a lake", "width": 256, "height": 256})
    settle(files=True)
    shown = author.get(f"/api/v1/generations/{job.json()['id']}").json()
    assert shown["state"] in {"queued", "failed"}
    assert shown["outputs"] == []
    assert not Asset.objects.exists()


def test_development_keeps_its_chain(tmp_path):
    first = authority._development_authority(tmp_path / "signing")
    again = authority._development_authority(tmp_path / "signing")
    assert first == again
    assert (tmp_path / "signing" / "key.pem").stat().st_mode & 0o077 == 0
