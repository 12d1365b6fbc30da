"""Direct upload: announced, put by the client, completed; into a folder and into a bucket."""

from datetime import timedelta

import httpx
import pytest
from django.core.files.storage import default_storage
from rest_framework.test import APIClient

from core.clock import now
from media.arrivals import presigning, services
from media.models import Arrival, Asset
from media.sandbox import DecodersBusy, TooCostly
from media.storage import StorageAway
from tests.helpers import pictures
from tests.media import s3

pytestmark = pytest.mark.django_db
ROUTE = "/api/v1/assets/presign"
PICTURE = pictures.jpeg(1)


@pytest.fixture(scope="module")
def bucket(tmp_path_factory):
    with s3.served(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def in_bucket(bucket, settings):
    """All bytes are in a bucket that clients reach, too."""
    store = {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": bucket.options()}
    settings.STORAGES = {**settings.STORAGES, "default": store, "direct": store}
    return bucket


def announce(client, picture=PICTURE, **fields):
    body = {"media_type": "image/jpeg", "bytes": len(picture), **fields}
    answer = client.post(ROUTE, body)
    assert answer.status_code == 200, answer.content
    return answer.json()


def put(announced, data=PICTURE, media_type="image/jpeg", *, url=""):
    """What a browser does: it knows the address and nothing else. The status of the answer."""
    url = url or announced["upload"]["url"]
    if "/api/v1/" in url:
        path = url.removeprefix("http://127.0.0.1:8000")
        return APIClient().generic("PUT", path, data, content_type=media_type).status_code
    return httpx.put(url, content=data, headers={"Content-Type": media_type}).status_code


def complete(client, announced, **extra):
    return client.post(f"/api/v1/assets/{announced['asset']}/complete", **extra)


def raw_bytes_of(announced):
    return default_storage.exists(f"arrivals/{announced['asset']}")


@pytest.mark.parametrize("where", ["folder", "bucket"])
def test_bytes_that_the_client_puts_become_an_image(where, author, request, settle):
    if where == "bucket":
        request.getfixturevalue("in_bucket")
    announced = announce(author, alt_text="a picture", declared_origin="human_created")
    assert announced["upload"]["headers"] == {"Content-Type": "image/jpeg"}
    assert put(announced) == 200
    answer = complete(author, announced)
    assert answer.status_code == 201
    asset = answer.json()
    assert asset["id"] == announced["asset"]
    assert answer["Location"] == f"/api/v1/assets/{asset['id']}"
    assert (asset["alt_text"], asset["provenance"]["origin"]) == ("a picture", "human_created")
    assert not raw_bytes_of(announced)
    arrival = author.get(f"/api/v1/assets/arrivals/{asset['id']}").json()
    assert (arrival["kind"], arrival["state"]) == ("direct", "done")
    settle(files=True)
    assert author.get(f"/api/v1/assets/{asset['id']}").json()["state"] == "ready"
    assert author.get(f"/api/v1/assets/{asset['id']}/download").body == PICTURE


def test_the_bucket_takes_only_what_was_announced(in_bucket, author):
    announced, other = announce(author), announce(author)
    url, key = announced["upload"]["url"], f"arrivals/{announced['asset']}"
    assert put(announced, PICTURE + b"x") == 403
    assert put(announced, PICTURE[:-1]) == 403
    assert put(announced, media_type="text/html") == 403
    assert put(announced, url=url.replace(key, f"arrivals/{other['asset']}")) == 403
    assert put(announced, url=url.replace(key, "originals/00/00")) == 403
    assert put(announced, url=url.partition("?")[0]) == 400
    assert not raw_bytes_of(announced)
    assert put(announced) == 200


def test_an_address_of_the_bucket_is_good_for_ten_minutes(in_bucket, author):
    assert "X-Amz-Expires=600&" in announce(author)["upload"]["url"]


def test_a_bucket_that_clients_do_not_reach_is_filled_by_us(in_bucket, author, settings):
    settings.STORAGES = {
        alias: store for alias, store in settings.STORAGES.items() if alias != "direct"
    }
    announced = announce(author)
    assert announced["upload"]["url"].startswith(f"{settings.PUBLIC_URL}/api/v1/assets/arrivals/")
    assert put(announced) == 200
    assert (in_bucket.folder / "arrivals" / announced["asset"]).read_bytes() == PICTURE
    assert complete(author, announced).status_code == 201


def test_our_own_address_takes_only_what_was_announced(author, monkeypatch):
    announced, other = announce(author), announce(author)
    url = announced["upload"]["url"]
    assert put(announced, PICTURE + b"x") == 422
    assert put(announced, PICTURE[:-1]) == 422
    assert put(announced, b"") == 422
    assert put(announced, media_type="text/html") == 415
    assert put(announced, url=url.replace(announced["asset"], other["asset"], 1)) == 403
    assert put(announced, url=url.replace(announced["asset"], other["asset"])) == 403
    assert put(announced, url=url.partition("?")[0]) == 403
    assert put(announced, url=url[:-1] + ("a" if url[-1] != "a" else "b")) == 403
    assert not raw_bytes_of(announced)
    with monkeypatch.context() as patch:
        patch.setattr(presigning, "UPLOAD_SECONDS", -1)
        assert put(announced) == 403
    assert put(announced) == 200
    assert put(announced, PICTURE) == 200


def test_nothing_is_put_once_it_is_completed(author):
    announced = announce(author)
    put(announced)
    complete(author, announced)
    assert put(announced) == 404


def test_what_was_never_put_cannot_be_completed(author):
    announced = announce(author)
    answer = complete(author, announced)
    assert (answer.status_code, answer.json()["code"]) == (409, "bytes_missing")
    assert answer.json()["errors"][0]["pointer"] == "/bytes"
    put(announced)
    assert complete(author, announced).status_code == 201


def test_bytes_of_another_size_are_not_taken(author):
    """However they came there: the store may not have held what was signed."""
    announced = announce(author)
    put(announced)
    Arrival.objects.update(size=len(PICTURE) + 1)
    answer = complete(author, announced)
    assert (answer.status_code, answer.json()["code"]) == (422, "wrong_size")
    assert answer.json()["errors"][0]["pointer"] == "/bytes"
    assert not Asset.objects.exists()


@pytest.mark.parametrize(
    ("data", "status", "code"),
    [
        (b"hello, I am no image", 415, "unsupported_type"),
        (PICTURE[:300], 422, "corrupt_image"),
    ],
)
def test_the_door_decides_what_is_an_image(author, data, status, code):
    announced = announce(author, data)
    put(announced, data)
    answer = complete(author, announced)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    found = author.get(f"/api/v1/assets/arrivals/{announced['asset']}").json()
    assert (found["state"], found["error"]["code"]) == ("failed", code)
    assert not raw_bytes_of(announced)
    again = complete(author, announced)
    assert (again.status_code, again.json()["code"]) == (409, "arrival_over")
    assert not Asset.objects.exists()


def test_what_the_file_is_counts_and_not_what_was_announced(author):
    png = pictures.encoded(pictures.picture(2), "PNG")
    announced = announce(author, png)
    put(announced, png)
    assert complete(author, announced).json()["media_type"] == "image/png"


def test_completing_twice_is_completing_once(author):
    announced = announce(author)
    put(announced)
    seen_before = Arrival.objects.get()
    first, again = complete(author, announced), complete(author, announced)
    services.complete(arrival=seen_before)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Asset.objects.count() == 1


def test_a_second_completion_waits_for_the_first(author):
    announced = announce(author)
    put(announced)
    Arrival.objects.update(state="working", held_until=now() + timedelta(minutes=1))
    answer = complete(author, announced)
    assert (answer.status_code, answer.json()["code"]) == (409, "arrival_busy")
    Arrival.objects.update(held_until=now())  # whoever began has died
    assert complete(author, announced).status_code == 201


@pytest.mark.parametrize(
    ("busy", "status"), [(DecodersBusy, 503), (StorageAway, 503), (TooCostly, 422)]
)
def test_a_busy_moment_ends_nothing(author, monkeypatch, busy, status):
    announced = announce(author)
    put(announced)

    def refuse(**kwargs):
        raise busy

    with monkeypatch.context() as patch:
        patch.setattr("tests.helpers.contract.check", lambda *answer: None)
        patch.setattr(services, "prepare_upload", refuse)
        assert complete(author, announced).status_code == status
    assert complete(author, announced).status_code == 201


@pytest.mark.parametrize("completed", [False, True])
def test_when_the_time_is_over_no_raw_bytes_are_left(author, settle, completed):
    announced = announce(author)
    put(announced)
    if completed:
        complete(author, announced)
        default_storage.save(f"arrivals/{announced['asset']}", pictures.upload(PICTURE))
    services.clear_away()
    assert raw_bytes_of(announced)
    Arrival.objects.update(expires_at=now() - timedelta(seconds=1))
    services.clear_away()
    assert not raw_bytes_of(announced)
    found = author.get(f"/api/v1/assets/arrivals/{announced['asset']}").json()
    if completed:
        assert found["state"] == "done"
    else:
        assert (found["state"], found["error"]["code"]) == ("failed", "expired")
        assert complete(author, announced).json()["code"] == "arrival_over"
    Arrival.objects.update(created_at=now() - timedelta(days=8))
    services.clear_away()
    assert not Arrival.objects.exists()


def test_what_is_over_is_not_taken_even_before_the_sweep(author):
    announced = announce(author)
    put(announced)
    Arrival.objects.update(expires_at=now() - timedelta(seconds=1))
    assert put(announced) == 404
    assert complete(author, announced).json()["code"] == "arrival_over"


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({"media_type": "image/svg+xml", "bytes": 5}, 415, "/media_type"),
        ({"media_type": "image/tiff", "bytes": 5}, 415, "/media_type"),
        ({"media_type": "IMAGE/JPEG\r\nX: y", "bytes": 5}, 415, "/media_type"),
        ({"media_type": "image/jpeg", "bytes": 30_000_001}, 413, "/bytes"),
        ({"media_type": "image/jpeg", "bytes": 2**70}, 413, "/bytes"),
        ({"media_type": "image/jpeg", "bytes": 0}, 400, "/bytes"),
        ({"media_type": "image/jpeg", "bytes": -1}, 400, "/bytes"),
        ({"media_type": "image/jpeg", "bytes": "many"}, 400, "/bytes"),
        ({"media_type": "image/jpeg"}, 400, "/bytes"),
        ({"bytes": 5}, 400, "/media_type"),
        ({"media_type": "image/jpeg", "bytes": 5, "key": "originals/x"}, 400, "/key"),
    ],
)
def test_what_cannot_be_announced(author, body, status, pointer):
    answer = author.post(ROUTE, body)
    assert answer.status_code == status
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert not Arrival.objects.exists()


def test_announcements_count_with_imports(author):
    author.post("/api/v1/assets/import", {"url": "https://pictures.test/"})
    for _ in range(services.MAX_OPEN - 1):
        announce(author)
    answer = author.post(ROUTE, {"media_type": "image/jpeg", "bytes": 5})
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_arrivals")


def test_only_the_owner_completes(author, stranger, anonymous):
    announced = announce(author)
    put(announced)
    assert complete(stranger, announced).status_code == 404
    assert complete(anonymous, announced).status_code == 401
    assert Arrival.objects.get().state == "waiting"
    assert complete(author, announced, headers={"Idempotency-Key": "k"}).status_code == 201
    again = complete(author, announced, headers={"Idempotency-Key": "k"})
    assert again["Idempotent-Replayed"] == "true"


def test_an_import_is_not_completed(author):
    arrival = author.post("/api/v1/assets/import", {"url": "https://pictures.test/"}).json()
    assert complete(author, {"asset": arrival["id"]}).status_code == 404
