"""The Images API as it is, and as servers that claim to speak it were seen to answer."""

import base64
import io

import pytest
from PIL import Image

from media_gen.backends.base import Operation
from media_gen.backends.errors import (
    BadRequest,
    Broken,
    Busy,
    CancelRequested,
    Refused,
    Uncertain,
    Unusable,
)
from media_gen.backends.openai import OpenAIBackend
from tests.helpers.peers.openai import MODERATED, OpenAIPeer, sse
from tests.helpers.peers.serving import Answer, serving
from tests.helpers.pictures import encoded, picture
from tests.helpers.watches import Recorder
from tests.media_gen.backends.test_conformance import wish


@pytest.fixture
def peer():
    with serving(OpenAIPeer()) as peer:
        yield peer


def backend_at(peer, **options):
    given = {"base_url": f"{peer.url}/v1", "api_key": "sk-secret", "models": ["gpt-image-x"]}
    return OpenAIBackend("openai", {**given, **options})


def ask(backend, **changes):
    return wish(backend, width=256, height=256, **changes)


def test_it_says_who_it_is_and_what_it_wants(peer):
    backend = backend_at(peer, extra={"quality": "low"})
    backend.generate(ask(backend, prompt="a heron"), Recorder())
    (asked,) = peer.asked
    assert asked.headers["authorization"] == "Bearer sk-secret"
    assert asked.json == {
        "model": "gpt-image-x",
        "prompt": "a heron",
        "size": "256x256",
        "n": 1,
        "quality": "low",
        "stream": True,
        "partial_images": 2,
    }


def test_partial_images_are_previews(peer):
    backend, watch = backend_at(peer), Recorder()
    backend.generate(ask(backend), watch)
    assert len(watch.previews) == 2
    assert watch.fractions == sorted(watch.fractions)


def test_a_partial_image_that_is_none_costs_no_picture(peer):
    kind = "image_generation"
    news = [
        {"type": f"{kind}.partial_image", "b64_json": "cut short", "partial_image_index": 0},
        {"type": f"{kind}.partial_image", "partial_image_index": 1},
        {"type": f"{kind}.completed", "b64_json": base64.b64encode(b"picture").decode()},
    ]
    peer.instead = sse(*news)
    backend, watch = backend_at(peer), Recorder()
    assert [image.data for image in backend.generate(ask(backend), watch).images] == [b"picture"]
    assert watch.previews == []


def test_an_edit_sends_the_image_and_a_mask_with_a_hole(peer):
    backend = backend_at(peer)
    half = Image.new("L", (256, 256))
    half.paste(255, (128, 0, 256, 256))
    source = encoded(picture(3, (256, 256)), "PNG")
    request = ask(backend, operation=Operation.INPAINT, source=source, mask=encoded(half, "PNG"))
    backend.generate(request, Recorder())
    (asked,) = peer.asked
    assert asked.path == "/v1/images/edits"
    assert asked.parts["image"] == source
    hole = Image.open(io.BytesIO(asked.parts["mask"])).getchannel("A")
    assert (hole.getpixel((10, 10)), hole.getpixel((250, 10))) == (255, 0)
    assert asked.parts["stream"] == b"true"


@pytest.mark.parametrize("count", [1, 3])
def test_a_server_that_does_not_hear_stream_is_no_trouble(count):
    with serving(OpenAIPeer(streams=False)) as peer:
        backend = backend_at(peer)
        assert len(backend.generate(ask(backend, count=count), Recorder()).images) == count


def test_an_image_may_lie_on_the_servers_own_address(peer):
    peer.instead = {"data": [{"url": f"{peer.url}/files/one.png"}]}
    backend = backend_at(peer)
    (image,) = backend.generate(ask(backend), Recorder()).images
    assert Image.open(io.BytesIO(image.data)).size == (256, 256)


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/x", "http://169.254.169.254/latest", "file:///etc/passwd", "x:y"]
)
def test_an_answer_does_not_reach_into_our_network(peer, url):
    peer.instead = {"data": [{"url": url}]}
    backend = backend_at(peer)
    with pytest.raises(Broken):
        backend.generate(ask(backend), Recorder())


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer({"error": MODERATED}, 400), Refused),
        (Answer({"error": {"code": "content_policy_violation"}}, 400), Refused),
        (Answer({"error": {"code": "rate_limit_exceeded", "message": "slow down"}}, 429), Busy),
        (Answer({"error": {"code": "insufficient_quota"}}, 429), Unusable),
        (Answer({"error": {"message": "no such key"}}, 401), Unusable),
        (Answer({"error": {"code": "model_not_found"}}, 404), Unusable),
        (Answer(b"billing", 402), Unusable),
        (Answer({"error": {"message": "size", "param": "size"}}, 400), BadRequest),
        (Answer(b"prompt required", 400), BadRequest),
        (Answer({"detail": "Internal"}, 500), Broken),
        (Answer(b"<html>Bad gateway</html>", 502), Busy),
        (Answer(b"<html>fine</html>"), Broken),
        (Answer({"data": None}), Broken),
        (Answer({"images": []}), Broken),
        (Answer([1, 2]), Broken),
        (Answer({"data": [{"b64_json": "not base64!"}]}), Broken),
        (Answer({"data": [{"revised_prompt": "x"}]}), Broken),
        (Answer(b'{"data": [', cut=True), Uncertain),
        (lambda: sse({"type": "error", "error": MODERATED}), Refused),
        (lambda: sse({"type": "error", "error": {"message": "oh"}}), Broken),
    ],
)
def test_what_goes_wrong_has_a_name(peer, answer, error):
    peer.instead = answer() if callable(answer) else answer
    backend = backend_at(peer)
    with pytest.raises(error) as caught:
        backend.generate(ask(backend), Recorder())
    assert "sk-secret" not in str(caught.value)


def test_a_bad_size_names_our_field(peer):
    peer.instead = Answer({"error": {"message": "Invalid size", "param": "size"}}, 400)
    backend = backend_at(peer)
    with pytest.raises(BadRequest) as caught:
        backend.generate(ask(backend), Recorder())
    assert (caught.value.field, caught.value.detail) == ("width", "Invalid size")


def test_a_rate_limit_says_how_long(peer):
    peer.instead = Answer({"error": {"message": "slow"}}, 429, {"Retry-After": "17"})
    backend = backend_at(peer)
    with pytest.raises(Busy) as caught:
        backend.generate(ask(backend), Recorder())
    assert caught.value.retry_after == 17


@pytest.mark.parametrize(
    "news", [(), ({"type": "image_generation.partial_image", "b64_json": ""},)]
)
def test_a_stream_without_an_image_is_success_without_an_image(peer, news):
    """The engine ends such a job as failed: tests/media_gen/test_jobs.py."""
    peer.instead = sse(*({**each, "b64_json": _small()} for each in news))
    backend = backend_at(peer)
    assert backend.generate(ask(backend), Recorder()).images == ()


def test_nobody_there_is_busy():
    backend = OpenAIBackend("openai", {"base_url": "http://127.0.0.1:9/v1", "models": ["m"]})
    with pytest.raises(Busy):
        backend.generate(ask(backend), Recorder())


def test_giving_up_does_not_wait_for_the_server(peer):
    import threading

    release = threading.Event()

    def slow():
        release.wait(20)
        yield b""

    peer.instead = Answer(slow())
    backend = backend_at(peer)
    with pytest.raises(CancelRequested):
        backend.generate(ask(backend), Recorder(stop_after=3))
    release.set()


def test_a_silent_server_is_left_after_a_while(peer):
    import threading

    release = threading.Event()

    def slow():
        release.wait(20)
        yield b""

    peer.instead = Answer(slow())
    backend = backend_at(peer, seconds=0.3)
    with pytest.raises(Uncertain):
        backend.generate(ask(backend), Recorder())
    release.set()


def _small():
    return base64.b64encode(encoded(picture(1, (64, 64)), "PNG")).decode()
