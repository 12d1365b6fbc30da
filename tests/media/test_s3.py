"""Images in a bucket of a real S3 server that checks signatures."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from core.errors import NotFound
from media import storage
from media.models import Asset
from provenance.models import Record
from tests.helpers import pictures
from tests.media import s3

pytestmark = pytest.mark.django_db
REPOSITORY = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with s3.served(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def bucket(server, settings):
    """The service keeps its images in the bucket; the names of the objects in it."""
    ours = backend(server.options())
    settings.STORAGES = {**settings.STORAGES, "default": ours, "direct": ours}

    objects = server.storage().bucket.objects
    objects.all().delete()
    return lambda: {each.key for each in objects.all()}


def backend(options):
    return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}


def fetch(address):
    """The status, headers and body that the S3 server itself answers."""
    try:
        with urllib.request.urlopen(address, timeout=10) as answer:  # noqa: S310  # our own server's
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read()


def presigned(key, seconds=60):
    return storage.presigned_address(
        key, seconds=seconds, media_type="image/webp", disposition="inline"
    )


@pytest.fixture
def stored(bucket, tmp_path):
    path = tmp_path / "file"
    path.write_bytes(b"the bytes")
    storage.put("originals/aa/key", path, content_addressed=True)
    return "originals/aa/key"


# --- what the store does --------------------------------------------------------------------------


def test_a_file_is_put_got_and_removed(stored, bucket):
    assert bucket() == {stored}
    with storage.get(stored) as file:
        assert file.read() == b"the bytes"
    storage.remove(stored)
    assert bucket() == set()
    storage.remove(stored)
    with pytest.raises(NotFound):
        storage.get(stored)


def test_a_write_that_was_cut_off_is_made_good(stored, tmp_path):
    cut = tmp_path / "cut"
    cut.write_bytes(b"the by")
    storage.put(stored, cut)
    storage.put(stored, tmp_path / "file", content_addressed=True)
    with storage.get(stored) as file:
        assert file.read() == b"the bytes"


def test_a_presigned_address_gives_the_file_with_the_headers_we_name(stored):
    status, headers, body = fetch(presigned(stored))
    assert (status, body) == (200, b"the bytes")
    assert headers["Content-Type"] == "image/webp"
    assert headers["Content-Disposition"] == "inline"
    assert headers["Cache-Control"] == "private, max-age=60"


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        ("X-Amz-Expires=60", "X-Amz-Expires=600"),
        ("image%2Fwebp", "text%2Fhtml"),
        ("/aa/key", "/aa/other"),
        ("X-Amz-Signature=", "X-Amz-Signature=0"),
    ],
)
def test_a_presigned_address_that_was_changed_is_refused(stored, part, instead):
    address = presigned(stored)
    assert part in address
    status, _, body = fetch(address.replace(part, instead))
    assert status in {400, 403}
    assert b"the bytes" not in body


def test_without_a_signature_the_store_gives_nothing(stored):
    status, _, body = fetch(presigned(stored).partition("?")[0])
    assert status in {400, 403}
    assert b"the bytes" not in body


def test_a_presigned_address_expires(stored):
    address = presigned(stored, seconds=1)
    until = time.monotonic() + 30
    while (status := fetch(address)[0]) == 200 and time.monotonic() < until:
        time.sleep(0.2)
    assert status in {400, 403}


# --- what people see of it ------------------------------------------------------------------------


def test_an_image_lives_and_dies_in_the_bucket(author, anonymous, upload, bucket, settle):
    data = pictures.jpeg(5)
    asset = upload(author, data=data)
    settle(files=True)
    assert {name.partition("/")[0] for name in bucket()} == {"originals", "renditions"}
    asset = author.get(f"/api/v1/assets/{asset['id']}").json()
    answer = anonymous.get(asset["urls"]["256"])
    assert answer.status_code == 200
    assert int(answer["Content-Length"]) == len(answer.body) > 0
    assert author.get(f"/api/v1/assets/{asset['id']}/download").body == data
    author.delete(f"/api/v1/assets/{asset['id']}")
    settle(files=True)
    assert bucket() == set()


def test_an_object_that_is_missing_is_404(author, anonymous, upload, bucket):
    asset = upload(author)
    storage.remove(Asset.objects.get().renditions.get().key)
    assert anonymous.get(asset["urls"]["320"]).status_code == 404


def test_a_wrong_key_is_503_stores_nothing_and_is_told_to_the_log_only(
    author, bucket, server, settings, monkeypatch, caplog
):
    monkeypatch.setattr("tests.helpers.contract.check", lambda *answer: None)
    wrong = {**server.options(), "secret_key": "not-the-secret"}
    settings.STORAGES = {**settings.STORAGES, "default": backend(wrong)}
    body = {"file": pictures.upload(pictures.jpeg(1))}
    answer = author.post("/api/v1/assets", body, format="multipart")
    assert (answer.status_code, answer.json()["code"]) == (503, "storage_unavailable")
    assert answer["Retry-After"] == "10"
    assert "Forbidden" in caplog.text
    assert not {"Forbidden", "ClientError", server.url} & set(str(answer.json()).split())
    assert bucket() == set()
    assert not Asset.objects.exists()
    assert not Record.objects.exists()


def test_served_files_may_be_fetched_from_the_store_itself(
    author, anonymous, upload, publish, bucket, server, settings
):
    settings.MEDIA_DELIVERY = "redirect"
    for asset in (upload(author), publish(author, 2)["assets"][0]):
        answer = anonymous.get(asset["urls"]["320"])
        assert (answer.status_code, answer["Cache-Control"]) == (302, "no-store")
        assert answer["Location"].startswith(server.url)
        assert "X-Amz-Signature=" in answer["Location"]
        status, headers, body = fetch(answer["Location"])
        assert (status, headers["Content-Type"]) == (200, "image/webp")
        assert headers["Content-Disposition"] == 'inline; filename="320.webp"'
        assert body[8:12] == b"WEBP"


def test_a_redirect_lives_no_longer_than_the_address_it_came_from(
    author, anonymous, upload, bucket, settings
):
    settings.MEDIA_DELIVERY = "redirect"
    address = upload(author)["urls"]["320"]
    location = anonymous.get(address)["Location"]
    seconds = int(location.partition("X-Amz-Expires=")[2].partition("&")[0])
    assert 0 < seconds <= 60
    assert anonymous.get(address.partition("?")[0]).status_code == 404


def test_an_original_is_never_redirected(author, upload, bucket, settings):
    settings.MEDIA_DELIVERY = "redirect"
    data = pictures.jpeg(6)
    asset = upload(author, data=data)
    assert author.get(f"/api/v1/assets/{asset['id']}/download").body == data


def test_pages_let_images_come_from_where_they_are_redirected(anonymous, bucket, server, settings):
    settings.MEDIA_DELIVERY = "redirect"
    policy = anonymous.get("/")["Content-Security-Policy"]
    assert f"img-src 'self' {settings.MEDIA_BASE_URL} {server.url};" in policy


# --- the settings ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("style", "host", "path"),
    [
        ("path", "s3.example.org", "/pictures/a/b"),
        ("virtual", "pictures.s3.example.org", "/a/b"),
    ],
)
def test_the_bucket_is_in_the_path_or_in_the_host(style, host, path):
    script = (
        "import json, django; django.setup()\n"
        "from django.core.files.storage import default_storage\n"
        "print(json.dumps(default_storage.url('a/b')))"
    )
    made = subprocess.run(
        [sys.executable, "-c", script],
        cwd=REPOSITORY,
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "backend.settings",
            "AWS_STORAGE_BUCKET_NAME": "pictures",
            "AWS_S3_ENDPOINT_URL": "https://s3.example.org",
            "AWS_ACCESS_KEY_ID": "access",
            "AWS_SECRET_ACCESS_KEY": "secret",
            "AWS_S3_ADDRESSING_STYLE": style,
        },
        capture_output=True,
        check=True,
        text=True,
    )
    address = urlsplit(json.loads(made.stdout))
    assert (address.hostname, address.path) == (host, path)
    assert "X-Amz-Algorithm=AWS4-HMAC-SHA256" in address.query
