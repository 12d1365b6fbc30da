"""What a backend made is looked at before anybody sees it, previews included."""

import io

import pytest
from PIL import Image

from media.models import Asset
from media_gen import engine, stream, turns, watching
from media_gen.backends.base import GeneratedImage, Result
from media_gen.backends.failing import FailingBackend
from media_gen.models import GenerationJob
from safety.outputs import Objection
from tests.helpers.pictures import encoded, picture

pytestmark = pytest.mark.django_db


@pytest.fixture
def backend(settings, monkeypatch):
    """A backend that sends one preview and returns one picture: `backend(preview, picture)`."""
    settings.GENERATION_BACKENDS = {
        "failing": {"BACKEND": "media_gen.backends.failing.FailingBackend"}
    }
    settings.DEFAULT_GENERATION_BACKEND = "failing"
    settings.JOB_RETRY_SECONDS = 0
    monkeypatch.setattr(watching, "REPORT_EVERY_SECONDS", 0)

    def configure(preview, made):
        def generate(self, request, watch):
            watch.report(0.5, lambda: preview)
            return Result((GeneratedImage(made, 1),))

        monkeypatch.setattr(FailingBackend, "generate", generate)

    return configure


@pytest.fixture
def told(monkeypatch):
    """The names of the events that were published."""
    names = []
    monkeypatch.setattr(stream, "publish", lambda job, event, version, data: names.append(event))
    return names


def jpeg(seed=1):
    return encoded(picture(seed, (64, 64)), "JPEG")


def png(seed=1):
    return encoded(picture(seed, (64, 64)), "PNG")


def black(image_format):
    buffer = io.BytesIO()
    Image.new("RGB", (64, 64)).save(buffer, image_format)
    return buffer.getvalue()


def run_one(client):
    answer = client.post("/api/v1/generations", {"prompt": "x", "width": 64, "height": 64})
    assert answer.status_code == 202, answer.content
    engine.work_on(turns.claim_next("generate"))
    return GenerationJob.objects.get()


def no_cats(pixels):
    return Objection("no-cats", 3, "No cats.") if pixels.shape == (64, 64, 3) else None


def test_a_picture_that_passes_is_shown(author, backend, told):
    backend(jpeg(), png())
    assert run_one(author).state == "succeeded"
    assert "preview" in told


def test_a_black_picture_is_a_refusal_and_costs_nothing(author, backend):
    backend(jpeg(), black("PNG"))
    job = run_one(author)
    assert (job.state, job.error_code, job.cost_charged) == ("refused", "output_refused", 0)
    assert not Asset.objects.exists()
    assert author.get("/api/v1/me").json()["credits"] == 200


def test_a_policy_of_ones_own_keeps_picture_and_preview(author, backend, told, settings):
    settings.OUTPUT_POLICIES = ["safety.outputs.black_policy", f"{__name__}.no_cats"]
    backend(jpeg(), png())
    job = run_one(author)
    assert (job.state, job.error_detail) == ("refused", "No cats.")
    assert "preview" not in told
    assert "progress" in told


@pytest.mark.parametrize("policies", [[], ["no.such.policy"], ["math.sqrt"]])
def test_a_policy_that_is_missing_or_broken_shows_nothing(
    author, backend, told, settings, policies
):
    settings.OUTPUT_POLICIES = policies
    settings.JOB_MAX_ATTEMPTS = 1
    backend(jpeg(), png())
    job = run_one(author)
    assert (job.state, job.error_code) == ("failed", "safety_unavailable")
    assert "preview" not in told
    assert not Asset.objects.exists()


@pytest.mark.parametrize("preview", [b"no image", b"", png()])
def test_a_preview_that_is_none_does_not_lose_the_work(author, backend, told, preview):
    backend(preview, png())
    assert run_one(author).state == "succeeded"
    assert "preview" not in told


def test_a_black_preview_is_not_shown(author, backend, told):
    backend(black("JPEG"), png())
    assert run_one(author).state == "succeeded"
    assert "preview" not in told


def test_whoever_wants_no_policy_says_so(author, backend, settings):
    settings.OUTPUT_POLICIES = ["safety.outputs.allow_everything"]
    backend(jpeg(), black("PNG"))
    assert run_one(author).state == "succeeded"
