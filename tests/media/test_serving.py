"""Who gets the bytes of an image, for how long, and with which headers."""

from datetime import timedelta

import pytest

from core.clock import now
from media import addresses
from media.models import Asset
from tests.helpers import pictures

pytestmark = pytest.mark.django_db


@pytest.fixture
def later(monkeypatch):
    """Let the clock of the addresses run ahead by so many seconds."""

    def later(seconds):
        monkeypatch.setattr(addresses, "now", lambda: now() + timedelta(seconds=seconds))

    return later


@pytest.fixture
def absent(anonymous):
    """What an address answers at which there never was anything."""
    return seen(anonymous.get(f"/media/{'x' * 27}/320.webp"))


def seen(answer):
    headers = {name: value for name, value in answer.items() if name != "X-Request-ID"}
    return answer.status_code, headers, answer.content


def address_of(upload_or_asset):
    return upload_or_asset["urls"]["320"]


# --- who ------------------------------------------------------------------------------------------


def test_an_image_in_no_public_post_opens_only_to_its_signature(author, anonymous, upload, absent):
    signed = address_of(upload(author))
    assert anonymous.get(signed).status_code == 200
    assert seen(anonymous.get(signed.partition("?")[0])) == absent


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        ("until=", "until=1"),
        ("until=", "until=%2B"),
        ("until=", "until=x"),
        ("signature=", "signature=A"),
        ("&signature=", "&signature=%ff&other="),
        ("&signature=", "&other="),
        ("/320.webp", "/320.jpg"),
    ],
)
def test_a_changed_address_is_no_address(author, anonymous, upload, absent, part, instead):
    signed = address_of(upload(author))
    assert seen(anonymous.get(signed.replace(part, instead))) == absent


def test_a_signature_opens_one_file_of_one_image(author, anonymous, upload, absent, settle):
    data = pictures.encoded(pictures.picture(3, (400, 300)), "PNG")
    one, other = (upload(author, data=data) for _ in range(2))
    settle(files=True)
    one, other = (author.get(f"/api/v1/assets/{each['id']}").json() for each in (one, other))
    (path, query), (foreign, _) = (each["urls"]["256"].split("?") for each in (one, other))
    assert anonymous.get(f"{path}?{query}").status_code == 200
    assert seen(anonymous.get(f"{path.replace('256', '400')}?{query}")) == absent
    assert seen(anonymous.get(f"{foreign}?{query}")) == absent


@pytest.mark.parametrize("minted", range(0, 60, 7))
def test_a_signed_address_dies_within_a_minute(author, anonymous, upload, later, absent, minted):
    later(minted)
    asset = upload(author)
    answer = anonymous.get(address_of(asset))
    assert answer.status_code == 200
    kept = answer["Cache-Control"]
    assert kept.startswith("private, max-age=")
    assert 30 <= int(kept.rpartition("=")[2]) + 1 <= 61  # a second may pass in between
    later(minted + 61)
    assert seen(anonymous.get(address_of(asset))) == absent
    again = author.get(f"/api/v1/assets/{asset['id']}").json()
    assert anonymous.get(address_of(again)).status_code == 200


def test_addresses_stay_the_same_for_half_a_minute(later, monkeypatch):
    start = now().replace(second=0, microsecond=0)
    minted = []
    for second in range(60):
        monkeypatch.setattr(addresses, "now", lambda at=second: start + timedelta(seconds=at))
        minted.append(addresses.address_of("token", "320.webp", public=False))
    assert len(set(minted[:30])) == len(set(minted[30:])) == 1
    assert minted[0] != minted[30]


def test_the_address_of_a_public_image_stays_and_needs_no_signature(anonymous, author, publish):
    post = publish(author)
    address = address_of(post["assets"][0])
    assert "?" not in address
    answer = anonymous.get(address)
    assert answer["Cache-Control"] == "public, max-age=600"
    again = anonymous.get(f"/api/v1/posts/{post['id']}").json()["assets"][0]
    assert address_of(again) == address


@pytest.mark.parametrize("visibility", ["followers", "private"])
def test_what_is_not_for_everybody_is_signed(author, anonymous, publish, visibility):
    address = address_of(publish(author, visibility=visibility)["assets"][0])
    assert anonymous.get(address).status_code == 200
    assert anonymous.get(address.partition("?")[0]).status_code == 404


def test_a_block_leaves_a_minute_at_most(author, follower, publish, later, absent):
    post = publish(author, visibility="followers")
    address = address_of(follower.get(f"/api/v1/posts/{post['id']}").json()["assets"][0])
    assert author.put("/api/v1/users/follower/block").status_code == 200
    assert follower.get(f"/api/v1/posts/{post['id']}").status_code == 404
    assert follower.get(f"/api/v1/assets/{post['assets'][0]['id']}").status_code == 404
    later(61)
    assert seen(follower.get(address)) == absent


def test_a_narrower_post_kills_signed_addresses_at_once(author, follower, publish):
    post = publish(author, visibility="followers")
    address = address_of(follower.get(f"/api/v1/posts/{post['id']}").json()["assets"][0])
    author.patch(f"/api/v1/posts/{post['id']}", {"visibility": "private"})
    assert follower.get(address).status_code == 404


def test_an_avatar_shows_everybody_one_file_and_no_other(author, anonymous, upload, settle):
    asset = upload(author, data=pictures.encoded(pictures.picture(3, (400, 300)), "PNG"))
    settle(files=True)
    shown = author.put("/api/v1/me/avatar", {"asset": asset["id"]}).json()["avatar_url"]
    assert anonymous.get(shown).status_code == 200
    assert anonymous.get(shown.replace("256.webp", "400.webp")).status_code == 404
    author.delete("/api/v1/me/avatar")
    assert anonymous.get(shown).status_code == 404


@pytest.mark.parametrize("change", [{"limit": "suspended"}, {"is_active": False}])
def test_nothing_of_a_suspended_account_is_served(author, anonymous, publish, upload, change):
    from uuid import uuid4

    from users.models import User

    public, private = address_of(publish(author)["assets"][0]), address_of(upload(author, 2))
    User.objects.update(decision_id=uuid4(), **change)
    assert anonymous.get(public).status_code == 404
    assert anonymous.get(private).status_code == 404


def test_a_removed_image_is_gone_whatever_is_signed(author, anonymous, upload):
    asset = upload(author)
    author.delete(f"/api/v1/assets/{asset['id']}")
    assert anonymous.get(address_of(asset)).status_code == 404


def test_a_key_of_the_storage_is_in_no_answer(author, publish):
    post = publish(author)
    asset = Asset.objects.get()
    told = str(post) + str(author.get("/api/v1/assets").json())
    assert asset.key not in told
    assert asset.sha256 not in told
    assert all(file.key not in told for file in asset.renditions.all())


# --- how ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("public", [True, False])
def test_every_file_is_harmless_wherever_it_is_opened(author, anonymous, publish, public):
    post = publish(author, visibility="public" if public else "private")
    answer = anonymous.get(address_of(post["assets"][0]))
    assert answer["Content-Type"] == "image/webp"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer["Content-Disposition"] == 'inline; filename="320.webp"'
    assert int(answer["Content-Length"]) == len(answer.body)


def test_an_original_is_to_be_saved_and_never_shown(author, upload):
    data = pictures.jpeg(4)
    asset = upload(author, data=data)
    answer = author.get(f"/api/v1/assets/{asset['id']}/download")
    assert answer.body == data
    assert answer["Content-Disposition"] == f'attachment; filename="{asset["id"]}.jpg"'
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "private, no-store"


def test_head_tells_what_get_would(author, anonymous, upload):
    address = address_of(upload(author))
    get, head = anonymous.get(address), anonymous.head(address)
    assert head.status_code == 200
    assert head["Content-Length"] == get["Content-Length"]
    assert anonymous.head(address.partition("?")[0]).status_code == 404
    assert anonymous.post(address).status_code == 405


def test_a_kept_file_is_asked_for_again_until_it_is_made_anew(author, anonymous, publish, settle):
    address = address_of(publish(author)["assets"][0])
    tag = anonymous.get(address)["ETag"]
    unchanged = anonymous.get(address, HTTP_IF_NONE_MATCH=tag)
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    assert unchanged["Cache-Control"] == "public, max-age=600"
    settle(files=True)
    assert anonymous.get(address, HTTP_IF_NONE_MATCH=tag).status_code == 200


@pytest.mark.parametrize(
    ("consent", "told"),
    [
        (
            "deny",
            {
                "tdm-reservation": "1",
                "X-Robots-Tag": "noai, noimageai",
                "Content-Usage": "train-ai=n",
            },
        ),
        ("allow", {"tdm-reservation": "0"}),
        ("unset", {}),
    ],
)
def test_miners_are_told_what_the_owner_says(author, anonymous, publish, consent, told):
    author.patch("/api/v1/me", {"preferences": {"training_consent": consent}})
    answer = anonymous.get(address_of(publish(author)["assets"][0]))
    names = {"tdm-reservation", "X-Robots-Tag", "Content-Usage"}
    assert {name: value for name, value in answer.items() if name in names} == told


def test_images_are_reserved_where_an_answer_says_nothing_else(anonymous):
    answer = anonymous.get("/.well-known/tdmrep.json")
    assert answer["Content-Type"] == "application/json"
    assert answer.json() == [{"location": "/media/", "tdm-reservation": 1}]


def test_a_cdn_has_its_own_origin(author, anonymous, publish, settings):
    settings.MEDIA_BASE_URL = "https://images.example.org"
    post = publish(author)
    address = address_of(post["assets"][0])
    assert address.startswith("https://images.example.org/media/")
    assert anonymous.get(address.removeprefix("https://images.example.org")).status_code == 200
    policy = anonymous.get(f"/posts/{post['id']}")["Content-Security-Policy"]
    assert "img-src 'self' https://images.example.org;" in policy


# --- by nginx -------------------------------------------------------------------------------------


def test_nginx_is_told_where_the_file_lies(author, anonymous, upload, settings):
    asset = upload(author)
    settings.MEDIA_DELIVERY = "accel"
    file = Asset.objects.get().renditions.get()
    answer = anonymous.get(address_of(asset))
    assert (answer.content, answer["X-Accel-Redirect"]) == (b"", f"/stored/{file.key}")
    assert answer["Content-Type"] == "image/webp"
    assert answer["Content-Disposition"] == 'inline; filename="320.webp"'
    assert "X-Accel-Redirect" not in anonymous.get(address_of(asset).partition("?")[0])


def test_nginx_sends_originals_too(author, upload, settings):
    asset = upload(author)
    settings.MEDIA_DELIVERY = "accel"
    answer = author.get(f"/api/v1/assets/{asset['id']}/download")
    assert answer["X-Accel-Redirect"] == f"/stored/{Asset.objects.get().key}"
    assert answer["Content-Disposition"].startswith("attachment")
    assert "ETag" not in answer
