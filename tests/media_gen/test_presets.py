"""Presets: kept, shared, and used in a request."""

import pytest

from core.errors import NotFound
from core.models import IdempotentRequest
from media_gen import presets
from media_gen.models import Preset

pytestmark = pytest.mark.django_db
URL = "/api/v1/presets"
WATERCOLOUR = {"prompt": "{prompt}, watercolour", "width": 128, "height": 96, "count": 2}


@pytest.fixture
def keep():
    """Make a preset; its row as the API shows it."""

    def keep(client, name="mine", fields=None, **rest):
        body = {"name": name, "fields": WATERCOLOUR if fields is None else fields, **rest}
        answer = client.post(URL, body)
        assert answer.status_code == 201, answer.content
        return answer.json()

    return keep


def generate(client, **body):
    return client.post("/api/v1/generations", body)


def names(client):
    return [row["name"] for row in client.get(URL).json()["results"] if row["owner"]]


def test_a_preset_completes_what_is_not_given(author, keep):
    preset = keep(author)
    job = generate(author, prompt="a heron", count=1, preset=preset["id"]).json()
    assert job["prompt"] == "a heron, watercolour"
    assert (job["width"], job["height"], job["count"]) == (128, 96, 1)


@pytest.mark.parametrize(
    ("template", "said", "prompt"),
    [
        ("{prompt} at night", "a heron", "a heron at night"),
        ("in ink", "a heron", "a heron, in ink"),
        ("a lighthouse", "", "a lighthouse"),
        ("", "a heron", "a heron"),
        ("{prompt}", "{prompt}", "{prompt}"),
    ],
)
def test_a_prompt_goes_into_its_slot(author, keep, template, said, prompt):
    preset = keep(author, fields={"prompt": template, "width": 64, "height": 64})
    body = {"prompt": said} if said else {}
    assert generate(author, preset=preset["id"], **body).json()["prompt"] == prompt


def test_a_price_is_asked_with_a_preset_too(author, keep):
    preset = keep(author)
    answer = generate(author, prompt="x", preset=preset["id"], dry_run=True)
    assert answer.json()["cost"] == 2


def test_ones_own_are_ones_own(author, stranger, anonymous, keep):
    preset = keep(author)
    assert names(author) == ["mine"]
    assert names(stranger) == []
    url = f"{URL}/{preset['id']}"
    assert stranger.get(url).status_code == 404
    assert anonymous.get(URL).status_code == 401
    answer = generate(stranger, prompt="x", preset=preset["id"])
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_preset")


def test_a_shared_preset_is_used_by_others_and_changed_by_nobody_else(author, stranger, keep):
    preset = keep(author, shared=True)
    url = f"{URL}/{preset['id']}"
    assert stranger.get(url).json()["owner"] == "author"
    assert generate(stranger, prompt="a heron", preset=preset["id"]).status_code == 202
    assert stranger.patch(url, {"name": "theirs"}).status_code == 404
    assert stranger.delete(url).status_code == 404
    assert author.patch(url, {"shared": False}).json()["shared"] is False
    assert stranger.get(url).status_code == 404


@pytest.mark.parametrize("who", ["author", "stranger"])
def test_a_block_hides_what_is_shared(author, stranger, keep, who):
    preset = keep(author, shared=True)
    clients = {"author": author, "stranger": stranger}
    other = "stranger" if who == "author" else "author"
    assert clients[who].put(f"/api/v1/users/{other}/block").status_code == 200
    assert stranger.get(f"{URL}/{preset['id']}").status_code == 404
    assert names(stranger) == []


def test_it_is_changed_and_deleted(author, keep):
    url = f"{URL}/{keep(author)['id']}"
    changed = author.patch(url, {"name": "new", "fields": {"seed": 5}}).json()
    assert (changed["name"], changed["fields"]) == ("new", {"seed": 5})
    assert author.delete(url).status_code == 204
    assert author.get(url).status_code == 404


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"name": "x", "fields": {"width": 0}}, "/fields/width"),
        ({"name": "x", "fields": {"surprise": 1}}, "/fields/surprise"),
        ({"name": "x", "fields": {"parents": []}}, "/fields/parents"),
        ({"name": "x", "fields": []}, "/fields"),
        ({"name": "x"}, "/fields"),
        ({"name": "", "fields": {}}, "/name"),
        ({"name": "x" * 61, "fields": {}}, "/name"),
    ],
)
def test_a_wrong_preset_names_the_field(author, body, pointer):
    answer = author.post(URL, body)
    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert not Preset.objects.exclude(owner=None).exists()


def test_a_name_is_given_once(author, stranger, keep):
    keep(author)
    other = keep(author, name="other")
    keep(stranger)
    assert author.post(URL, {"name": "mine", "fields": {}}).json()["code"] == "name_taken"
    answer = author.patch(f"{URL}/{other['id']}", {"name": "mine"})
    assert (answer.status_code, answer.json()["code"]) == (409, "name_taken")


def test_what_may_not_be_asked_for_may_not_be_kept(author):
    answer = author.post(URL, {"name": "x", "fields": {"prompt": "a naked child"}})
    assert (answer.status_code, answer.json()["code"]) == (422, "prompt_refused")


def test_the_two_halves_of_a_prompt_are_asked_about_together(author, keep):
    preset = keep(author, fields={"prompt": "{prompt}, naked"})
    answer = generate(author, prompt="a child", preset=preset["id"])
    assert (answer.status_code, answer.json()["code"]) == (422, "prompt_refused")


def test_a_prompt_is_no_longer_for_being_put_together(author, keep):
    preset = keep(author, fields={"prompt": "{prompt} " * 400})
    body = {"preset": preset["id"], "prompt": "x" * 3000}
    answer = author.post("/api/v1/generations", body)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "/prompt")


def test_one_that_was_deleted_meanwhile_is_gone(author, keep):
    preset = Preset.objects.get(pk=keep(author)["id"])
    Preset.objects.all().delete()
    with pytest.raises(NotFound):
        presets.change(preset=preset, name="other")


def test_starter_packs_are_there_for_everybody(author, settle):
    starters = [row for row in author.get(URL).json()["results"] if row["owner"] is None]
    assert len(starters) >= 6
    for row in starters:
        answer = generate(author, prompt="a lighthouse", preset=row["id"])
        assert answer.status_code == 202, row
    assert author.patch(f"{URL}/{starters[0]['id']}", {"name": "x"}).status_code == 404


def test_a_key_finds_its_job_when_the_preset_is_gone(author, keep):
    """Answers are kept for a day, a job's key for ever."""
    preset = keep(author)
    body = {"preset": preset["id"], "prompt": "a barn"}
    ask = {"headers": {"Idempotency-Key": "once"}}
    first = author.post("/api/v1/generations", body, **ask).json()
    IdempotentRequest.objects.all().delete()
    assert author.delete(f"{URL}/{preset['id']}").status_code == 204
    again = author.post("/api/v1/generations", body, **ask)
    assert (again.status_code, again.json()["id"]) == (202, first["id"])
    other = author.post("/api/v1/generations", body | {"prompt": "a bridge"}, **ask)
    assert other.status_code == 422
