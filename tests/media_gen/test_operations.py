"""What can be done with an image, from the request to what comes out."""

import io
from io import StringIO

import numpy as np
import pytest
from django.core.management import CommandError, call_command
from PIL import Image

from media_gen import engine
from media_gen.backends.base import GeneratedImage, Result, SizeRule
from media_gen.backends.procedural import ProceduralBackend
from media_gen.models import GenerationJob
from tests.helpers import pictures

pytestmark = pytest.mark.django_db
SIZE = (160, 120)


@pytest.fixture
def photo(author, upload):
    data = pictures.encoded(pictures.picture(5, SIZE), "PNG")
    return upload(author, data=data, declared_origin="human_captured")


@pytest.fixture
def mask(author, upload):
    """White in the right half."""
    half = Image.new("L", SIZE, 0)
    half.paste(255, (SIZE[0] // 2, 0, *SIZE))
    return upload(author, data=pictures.encoded(half, "PNG"))


def made_of(asset, relation="edit_of"):
    return [{"asset": asset["id"], "relation": relation}]


def shown(client, job):
    return client.get(f"/api/v1/generations/{job['id']}").json()


def pixels(client, asset):
    data = client.get(f"/api/v1/assets/{asset['id']}/download").body
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)


@pytest.mark.parametrize(
    ("relation", "operation", "size"),
    [
        ("edit_of", "image_to_image", SIZE),
        ("drawn_over", "image_to_image", SIZE),
        ("variation_of", "variation", SIZE),
        ("upscaled_from", "upscale", (320, 240)),
        ("inspired_by", "text_to_image", (1024, 1024)),
    ],
)
def test_the_relation_says_what_is_done_and_the_input_how_large(
    author, photo, relation, operation, size
):
    body = {"prompt": "a lake", "parents": made_of(photo, relation)}
    job = author.post("/api/v1/generations", body).json()
    assert (job["operation"], (job["width"], job["height"])) == (operation, size)
    assert job["parents"] == made_of(photo, relation)


def test_an_upscaled_photograph_is_the_same_picture_larger(author, photo, settle):
    job = author.post("/api/v1/generations", {"parents": made_of(photo, "upscaled_from")}).json()
    settle(files=True)
    (made,) = shown(author, job)["outputs"]
    assert (made["width"], made["height"]) == (320, 240)
    small = np.asarray(Image.fromarray(pixels(author, made).astype("uint8")).resize(SIZE))
    assert np.abs(small - pixels(author, photo)).mean() < 6
    sheet = author.get(f"/api/v1/assets/{made['id']}/provenance").json()
    assert sheet["lineage"]["parents"][0]["relation"] == "upscaled_from"


def test_inpainting_changes_nothing_outside_of_the_mask(author, photo, mask, settle):
    body = {"prompt": "a red boat at night", "parents": made_of(photo), "mask": mask["id"]}
    job = author.post("/api/v1/generations", body).json()
    assert (job["operation"], job["mask"]) == ("inpaint", mask["id"])
    settle(files=True)
    (made,) = shown(author, job)["outputs"]
    assert made["provenance"]["flag"] == "ai"
    change = np.abs(pixels(author, made) - pixels(author, photo)).mean(axis=2)
    half = SIZE[0] // 2
    assert change[:, : half - 8].mean() < 4, "but for the invisible mark"
    assert change[:, half + 8 :].mean() > 20


@pytest.mark.parametrize("outside", [False, True])
def test_what_is_the_photograph_again_is_no_inpainting(
    author, photo, mask, settle, monkeypatch, settings, outside
):
    """Whatever was painted where nothing was to be: of that nothing is kept."""
    settings.JOB_RETRY_SECONDS = 0

    def mock_up(self, request, watch):
        given = Image.open(io.BytesIO(request.source)).convert("RGB")
        if outside:
            given.paste("red", (0, 0, SIZE[0] // 4, SIZE[1]))
        return Result((GeneratedImage(pictures.encoded(given, "PNG"), 1),))

    monkeypatch.setattr(ProceduralBackend, "generate", mock_up)
    body = {"prompt": "x", "parents": made_of(photo), "mask": mask["id"]}
    job = author.post("/api/v1/generations", body).json()
    settle()
    assert shown(author, job)["error"]["code"] == "unchanged"
    assert author.get("/api/v1/me").json()["credits"] == 200


def test_a_variation_needs_no_prompt(author, photo, settle):
    job = author.post("/api/v1/generations", {"parents": made_of(photo, "variation_of")}).json()
    assert (job["prompt"], job["strength"]) == ("", 0.4)
    settle()
    assert shown(author, job)["state"] == "succeeded"


@pytest.mark.parametrize("speck", [0, 1, 255])
def test_a_black_mask_ends_the_job_and_costs_nothing(author, photo, upload, settle, speck):
    """With a speck in it, too: the photograph would come back, and be called generated."""
    dark = Image.new("L", SIZE)
    dark.putpixel((5, 5), speck)
    black = upload(author, data=pictures.encoded(dark, "PNG"))
    body = {"prompt": "x", "parents": made_of(photo), "mask": black["id"]}
    job = author.post("/api/v1/generations", body).json()
    settle()
    error = shown(author, job)["error"]
    assert (error["code"], error["field"]) == ("mask_unusable", "mask")
    assert author.get("/api/v1/me").json()["credits"] == 200


def test_a_mask_that_was_deleted_meanwhile_ends_the_job(author, photo, mask, settle):
    body = {"prompt": "x", "parents": made_of(photo), "mask": mask["id"]}
    job = author.post("/api/v1/generations", body).json()
    assert author.delete(f"/api/v1/assets/{mask['id']}").status_code == 204
    settle()
    assert shown(author, job)["error"]["code"] == "mask_unusable"


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"operation": "inpaint"}, "/mask"),
        ({"operation": "variation", "parents": []}, "/parents"),
        ({"operation": "upscale", "count": 2}, "/count"),
        ({"operation": "upscale", "width": 160}, "/width"),
        ({"operation": "upscale", "width": 1}, "/width"),
        ({"operation": "upscale", "width": 320, "height": 320}, "/width"),
        ({"operation": "image_to_image", "prompt": " "}, "/prompt"),
        ({"operation": "image_to_image", "strength": 0.01}, "/strength"),
        ({"mask": "00000000-0000-7000-8000-000000000000"}, "/mask"),
        ({"mask": "x"}, "/mask"),
    ],
)
def test_what_cannot_be_done_names_the_field(author, photo, change, pointer):
    body = {"prompt": "a lake", "parents": made_of(photo), **change}
    answer = author.post("/api/v1/generations", body)
    assert answer.status_code == 400, answer.content
    assert answer.json()["errors"][0]["pointer"] == pointer
    assert not GenerationJob.objects.exists()


def test_a_mask_without_an_inpainting_is_a_mistake(author, photo, mask):
    body = {"prompt": "x", "operation": "upscale", "parents": made_of(photo), "mask": mask["id"]}
    answer = author.post("/api/v1/generations", body)
    assert answer.json()["errors"][0]["pointer"] == "/mask"


def test_somebody_elses_picture_is_no_mask(author, stranger, photo, publish, upload):
    post = publish(stranger)
    body = {"prompt": "x", "parents": made_of(photo), "mask": post["assets"][0]["id"]}
    answer = author.post("/api/v1/generations", body)
    assert (answer.status_code, answer.json()["code"]) == (400, "unknown_asset")


@pytest.mark.parametrize(
    ("options", "size"),
    [
        ({"relation": "edit_of"}, SIZE),
        ({"relation": "upscaled_from"}, (320, 240)),
        ({"relation": "variation_of", "size": "96x72"}, (96, 72)),
    ],
)
def test_the_terminal_works_from_a_file(tmp_path, options, size):
    source = tmp_path / "source.png"
    source.write_bytes(pictures.encoded(pictures.picture(5, SIZE), "PNG"))
    out = tmp_path / "out"
    call_command("generate", "at night", source=source, out=out, stderr=StringIO(), **options)
    (made,) = out.glob("*.png")
    with Image.open(made) as opened:
        assert opened.size == size


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"backend": "nobody"}, "Configured: failing."),
        ({}, "failing · failed: The backend fell over."),
    ],
)
def test_the_terminal_says_which_backend_did_not_make_it(tmp_path, script, options, said):
    script("broken")
    with pytest.raises(CommandError, match=said):
        call_command("generate", "x", out=tmp_path, stderr=StringIO(), **options)


def test_the_terminal_says_that_a_worker_made_it(tmp_path, monkeypatch):
    """With that one's configuration, which may be another than the terminal's."""
    run, told = engine.run, StringIO()

    def too_late(job_id):
        assert run(job_id), "as a worker does it"
        return False

    monkeypatch.setattr(engine, "run", too_late)
    call_command("generate", "x", size="64x64", out=tmp_path, stderr=told)
    assert "A worker was quicker" in told.getvalue()


def test_the_terminal_says_what_is_wrong_with_a_file(tmp_path):
    text = tmp_path / "words.txt"
    text.write_text("words")
    for source in (text, tmp_path / "nothing.png"):
        with pytest.raises(CommandError):
            call_command("generate", "x", source=source, out=tmp_path)
    assert not GenerationJob.objects.exists()


@pytest.mark.parametrize(
    ("rule", "given", "fitted"),
    [
        (SizeRule(64, 2048), (640, 480), (640, 480)),
        (SizeRule(64, 2048), (4000, 3000), (2048, 1536)),
        (SizeRule(64, 2048), (30, 40), (64, 85)),
        (SizeRule(64, 2048, 64), (1000, 700), (960, 640)),
        (SizeRule(64, 2048, 8, max_pixels=2**20), (2000, 2000), (1024, 1024)),
        (SizeRule(64, 3840, 16, max_ratio=3.0), (3000, 300), (864, 288)),
        (SizeRule(64, 1024), (10_000, 10), (1024, 64)),
    ],
)
def test_a_size_is_fitted_to_what_a_backend_makes(rule, given, fitted):
    assert rule.fit(*given) == fitted
    assert all(rule.allows(side) for side in fitted)
    assert rule.in_proportion(*fitted)
