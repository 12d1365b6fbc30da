"""One suite that every backend passes. Adding a backend means adding a line to BACKENDS."""

import io
from contextlib import nullcontext, suppress
from dataclasses import replace
from functools import partial
from uuid import uuid4

import pytest
from PIL import Image

from media_gen.backends.base import Operation, Progress, Request
from media_gen.backends.errors import (
    BackendError,
    BadRequest,
    Broken,
    Busy,
    CancelRequested,
    LeaseLost,
    Unusable,
)
from media_gen.backends.failing import FailingBackend
from media_gen.backends.procedural import ProceduralBackend
from provenance.vocabulary import Flag
from tests.helpers import tiny_diffusers
from tests.helpers.peers import at
from tests.helpers.peers.serving import Answer, Peer
from tests.helpers.pictures import encoded, picture
from tests.helpers.watches import Recorder

BACKENDS = {
    "procedural": lambda: nullcontext(ProceduralBackend("procedural", {})),
    "failing": lambda: nullcontext(FailingBackend("failing", {"script": "ok"})),
    "openai": at.openai,
    "sdapi": at.sdapi,
    "sdapi, no progress": partial(at.sdapi, knows_progress=False),
    "replicate": at.replicate,
    "cog": at.cog,
    "comfyui": at.comfyui,
}
if tiny_diffusers.INSTALLED:
    BACKENDS["diffusers"] = at.diffusers


@pytest.fixture(params=BACKENDS)
def backend(request):
    with BACKENDS[request.param]() as backend:
        yield backend


def model_for(backend, operation):
    return (backend.capabilities.models_for(operation) or backend.capabilities.models)[0]


def wish(backend, **changes):
    fields = {
        "job_id": uuid4(),
        "attempt": 1,
        "operation": Operation.TEXT_TO_IMAGE,
        "model": model_for(backend, changes.get("operation", Operation.TEXT_TO_IMAGE)),
        "prompt": "a quiet lake at dawn",
        "negative_prompt": "",
        "width": 128,
        "height": 96,
        "count": 1,
        "seed": 42,
        "strength": 0.5,
    }
    return Request(**{**fields, **changes})


def error_of(backend):
    try:
        backend.generate(wish(backend), Recorder())
    except BackendError as error:
        return error
    return None


def test_it_declares_itself_truthfully(backend):
    assert backend.label
    assert backend.source_type.origin.flag is Flag.AI
    assert backend.capabilities.models
    assert isinstance(backend.healthy(), bool)


def test_it_makes_images_of_the_size_asked(backend):
    result = backend.generate(wish(backend), Recorder())
    assert len(result.images) == 1
    assert Image.open(io.BytesIO(result.images[0].data)).size == (128, 96)


def test_it_makes_as_many_different_images_as_asked(backend):
    count = backend.capabilities.max_count
    result = backend.generate(wish(backend, count=count), Recorder())
    assert len(result.images) == count
    assert len({image.data for image in result.images}) == count


def test_a_deterministic_backend_repeats_itself(backend):
    if not backend.capabilities.deterministic:
        return
    one, two = (backend.generate(wish(backend), Recorder()).images[0] for _ in range(2))
    assert one == two
    other = backend.generate(wish(backend, seed=43), Recorder()).images[0]
    assert other.data != one.data


def test_each_image_can_be_repeated_by_its_own_seed(backend):
    if not (backend.capabilities.seed and backend.capabilities.deterministic):
        return
    second = backend.generate(wish(backend, count=2), Recorder()).images[1]
    again = backend.generate(wish(backend, seed=second.seed), Recorder()).images[0]
    assert again.seed == second.seed


def test_progress_rises_from_zero_to_one(backend):
    if backend.capabilities.progress is Progress.NONE:
        return
    watch = Recorder()
    backend.generate(wish(backend, count=2), watch)
    seen = watch.fractions
    assert seen == sorted(seen)
    assert 0 <= seen[0] <= seen[-1] <= 1
    assert len(seen) >= 2


def test_previews_are_small_pictures(backend):
    if not backend.capabilities.previews:
        return
    watch = Recorder()
    backend.generate(wish(backend), watch)
    assert watch.previews
    for data in watch.previews:
        image = Image.open(io.BytesIO(data))
        assert image.format == "JPEG"
        assert max(image.size) <= 512


@pytest.mark.parametrize("calls", [0, 1, 3])
@pytest.mark.parametrize("why", [CancelRequested, LeaseLost])
def test_it_stops_wherever_it_is_told_and_asks_no_more(backend, calls, why):
    if not backend.capabilities.cancellable:
        return
    watch = Recorder(stop_after=calls, why=why)
    with suppress(why):
        backend.generate(wish(backend), watch)
        assert watch.calls <= calls, "it went on although nobody waited"
    assert watch.calls <= calls + 1, "it asked again, and not in order to stop"


@pytest.mark.parametrize("calls", [1, 2, 4])
def test_what_a_dead_worker_left_is_gone_on_with(backend, calls):
    """Whatever it had begun: the next attempt makes the picture, found again or anew."""
    first = Recorder(stop_after=calls, why=LeaseLost)
    with suppress(LeaseLost):
        backend.generate(request := wish(backend), first)
    second = backend.generate(replace(request, attempt=2), Recorder(handle=first.handle))
    assert Image.open(io.BytesIO(second.images[0].data)).size == (128, 96)


def test_a_handle_that_says_nothing_is_no_trouble(backend):
    """It may be from another version, or of work that the provider has forgotten."""
    result = backend.generate(wish(backend), Recorder(handle={"of another version": 1}))
    assert len(result.images) == 1


@pytest.mark.parametrize(
    ("answer", "meaning"),
    [
        (Answer({"error": "slow down"}, 429, {"Retry-After": "7"}), Busy),
        (Answer({"error": "maintenance"}, 503), Busy),
        (Answer({"error": "who are you?"}, 401), Unusable),
        (Answer({"error": "no credit"}, 402), Unusable),
        (Answer({"error": "what?"}, 422), BadRequest),
        (Answer(b"<html>Internal Server Error</html>", 500), Broken),
        (Answer(b"<html>Welcome to nginx!</html>"), Broken),
        (Answer([]), Broken),
        (Answer({}), Broken),
        (Answer(b'{"id": "p0", "da', cut=True), BackendError),
    ],
    ids=lambda value: f"{value.status} {value.body}" if isinstance(value, Answer) else "",
)
def test_what_a_provider_answers_instead_has_a_meaning(backend, answer, meaning, monkeypatch):
    asked = []
    monkeypatch.setattr(Peer, "answer", lambda _, request: asked.append(request) or answer)
    error = error_of(backend)
    assert (error is None) == (not asked), "who asked a provider took that for a picture"
    if error:
        assert isinstance(error, meaning)
        assert "html" not in str(error)
        assert not answer.headers or error.retry_after == 7


def test_a_provider_that_is_gone_is_busy():
    for name, at_its_peer in BACKENDS.items():
        with at_its_peer() as backend:
            pass
        error = error_of(backend)
        assert error is None or isinstance(error, Busy), name


@pytest.mark.parametrize("operation", sorted(set(Operation) - {Operation.TEXT_TO_IMAGE}))
def test_it_works_from_an_image(backend, operation):
    if operation not in backend.capabilities.operations:
        return
    source = encoded(picture(3, (128, 96)), "PNG")
    mask = encoded(Image.new("L", (128, 96), 255), "PNG")
    fields = {"source": source, "mask": mask if operation is Operation.INPAINT else None}
    size = (256, 192) if operation is Operation.UPSCALE else (128, 96)
    request = wish(backend, operation=operation, width=size[0], height=size[1], **fields)
    (image,) = backend.generate(request, Recorder()).images
    assert Image.open(io.BytesIO(image.data)).size == size
    assert image.data != source


@pytest.mark.parametrize("operation", sorted(set(Operation) - {Operation.TEXT_TO_IMAGE}))
def test_it_wants_the_image_to_work_from(backend, operation):
    with pytest.raises(BadRequest) as caught:
        backend.generate(wish(backend, operation=operation), Recorder())
    assert caught.value.field in {"parents", "mask", "operation"}


def test_an_image_of_another_form_is_no_trouble(backend):
    if Operation.IMAGE_TO_IMAGE not in backend.capabilities.operations:
        return
    source = encoded(picture(3, (200, 60)), "PNG")
    request = wish(backend, operation=Operation.IMAGE_TO_IMAGE, source=source)
    result = backend.generate(request, Recorder())
    assert Image.open(io.BytesIO(result.images[0].data)).size == (128, 96)


@pytest.mark.parametrize(
    ("field", "value"),
    [("width", 1), ("height", 100_000), ("count", 99), ("model", "no-such")],
)
def test_what_it_cannot_do_is_a_bad_request_that_names_the_field(backend, field, value):
    with pytest.raises(BadRequest) as caught:
        backend.generate(wish(backend, **{field: value}), Recorder())
    assert caught.value.field == field


@pytest.mark.parametrize("strength", [-0.1, 0.0, 1.5])
def test_it_refuses_a_strength_that_would_give_the_input_back(backend, strength):
    if Operation.IMAGE_TO_IMAGE not in backend.capabilities.operations:
        return
    source = encoded(picture(3, (128, 96)), "PNG")
    edit = {"operation": Operation.IMAGE_TO_IMAGE, "source": source, "strength": strength}
    with pytest.raises(BadRequest) as caught:
        backend.generate(wish(backend, **edit), Recorder())
    assert caught.value.field == "strength"


@pytest.mark.parametrize("prompt", ["", " ", "🦊" * 50, "日本の庭", "\u202e rtl", "x" * 4000])
def test_any_prompt_makes_a_picture(backend, prompt):
    result = backend.generate(wish(backend, prompt=prompt, width=64, height=64), Recorder())
    assert result.images[0].data.startswith(b"\x89PNG")
