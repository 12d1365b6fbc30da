"""Predictions at replicate.com, and at a container of one's own."""

import threading

import pytest

from media_gen.backends.base import Operation
from media_gen.backends.errors import Broken, Busy, CancelRequested, LeaseLost, Refused
from media_gen.backends.replicate import CogBackend, ReplicateBackend
from media_gen.backends.replicate.predictions import fraction_in
from tests.helpers.peers.at import PREDICTED
from tests.helpers.peers.replicate import CogPeer, ReplicatePeer
from tests.helpers.peers.serving import Answer, serving
from tests.helpers.pictures import encoded, picture
from tests.helpers.watches import Recorder
from tests.media_gen.backends.test_conformance import wish


@pytest.fixture
def peer():
    with serving(ReplicatePeer()) as peer:
        yield peer


@pytest.fixture
def container():
    with serving(CogPeer()) as peer:
        yield peer


def replicate_at(peer, **options):
    given = {"base_url": f"{peer.url}/v1", "api_token": "r8_secret", "models": PREDICTED}
    return ReplicateBackend("replicate", {"poll_seconds": 0.01, **given, **options})


def cog_at(peer):
    return CogBackend("cog", {"base_url": peer.url, "models": PREDICTED})


def created(peer):
    return [asked.json for asked in peer.asked if asked.method == "POST" and asked.body]


def test_a_prediction_is_created_from_the_models_template(peer):
    backend = replicate_at(peer)
    source = encoded(picture(3, (128, 96)), "PNG")
    request = wish(backend, operation=Operation.VARIATION, source=source, strength=0.3)
    backend.generate(request, Recorder())
    (body,) = created(peer)
    assert body["version"] == "someone/image:1"
    assert body["input"]["prompt"] == "a quiet lake at dawn, detailed"
    assert body["input"]["prompt_strength"] == 0.3
    assert body["input"]["image"].startswith("data:image/png;base64,")
    assert peer.asked[0].headers["authorization"] == "Bearer r8_secret"


def test_the_provider_is_told_where_to_say_that_there_is_news(peer):
    backend = replicate_at(peer)
    backend.generate(wish(backend, hook="https://example.org/hooks/token"), Recorder())
    backend.generate(wish(backend), Recorder())
    told, untold = created(peer)
    assert told["webhook"] == "https://example.org/hooks/token"
    assert told["webhook_events_filter"] == ["logs", "completed"]
    assert "webhook" not in untold


def test_each_model_does_what_its_template_has_room_for(peer):
    can = replicate_at(peer).capabilities
    assert can.models_for(Operation.TEXT_TO_IMAGE) == ("text",)
    assert can.models_for(Operation.VARIATION) == ("image",)
    assert can.models_for(Operation.UPSCALE) == ()


def test_progress_is_read_out_of_the_logs(peer):
    peer.looks = 3
    backend, watch = replicate_at(peer), Recorder()
    backend.generate(wish(backend), watch)
    assert watch.fractions == [0.0, 0.5, 1.0]


def test_a_prediction_that_the_provider_forgot_is_begun_anew(peer):
    """By the next attempt; and it is no reason to leave the provider alone."""
    backend, watch = replicate_at(peer), Recorder(handle={"predictions": ["gone"]})
    with pytest.raises(Busy):
        backend.generate(wish(backend), watch)
    backend.generate(wish(backend, attempt=2), Recorder(handle=watch.handle))
    assert len(created(peer)) == 1


def test_a_prediction_from_before_a_crash_is_gone_on_with(peer):
    backend = replicate_at(peer)
    interrupted = Recorder(stop_after=2)
    with pytest.raises(CancelRequested):
        backend.generate(wish(backend), interrupted)
    peer.predictions["p0"]["status"] = "processing"
    backend.generate(wish(backend, attempt=2), Recorder(handle=interrupted.handle))
    assert len(created(peer)) == 1


@pytest.mark.parametrize(
    ("ends", "error"),
    [
        ({"status": "failed", "error": "CUDA out of memory"}, Broken),
        ({"status": "failed", "error": "NSFW content detected. Try another prompt."}, Refused),
        ({"status": "canceled"}, Busy),
        ({"status": "succeeded", "output": None}, Broken),
        ({"status": "succeeded", "output": {"file": 1}}, Broken),
    ],
)
def test_each_end_means_something(peer, ends, error):
    peer.ends = ends
    backend, watch = replicate_at(peer), Recorder()
    with pytest.raises(error) as caught:
        backend.generate(wish(backend), watch)
    assert "CUDA" not in str(caught.value)
    if ends["status"] != "succeeded":
        assert watch.handle == {"predictions": []}, "another attempt begins anew"


class StoppingLater(Recorder):
    def __init__(self, reason):
        super().__init__()
        self.reason = reason

    def check(self):
        if len(self.fractions) > 1:
            raise self.reason


@pytest.mark.parametrize(("reason", "stops"), [(CancelRequested(), True), (LeaseLost(), False)])
def test_it_is_cancelled_unless_another_worker_goes_on(peer, reason, stops):
    peer.looks = 1000
    backend = replicate_at(peer)
    with pytest.raises(type(reason)):
        backend.generate(wish(backend), StoppingLater(reason))
    assert ("POST /v1/predictions/p0/cancel" in peer.paths()) is stops


def test_a_container_that_is_at_capacity_is_busy(container):
    container.running = "somebody else's"
    backend = cog_at(container)
    with pytest.raises(Busy, match="At capacity"):
        backend.generate(wish(backend), Recorder())


def test_a_container_that_still_works_on_it_is_waited_for(container, monkeypatch):
    from media_gen.backends.replicate import cog

    monkeypatch.setattr(cog, "LOOK_AGAIN_SECONDS", 0.01)
    container.answers = [lambda: Answer({"status": "processing"}, 202)] * 2
    backend = cog_at(container)
    assert len(backend.generate(wish(backend), Recorder()).images) == 1
    assert len({asked.path for asked in container.asked}) == 1


def test_a_container_is_told_to_stop(container):
    container.hold = threading.Event()
    backend = cog_at(container)
    with pytest.raises(CancelRequested):
        backend.generate(wish(backend), Recorder(stop_after=3))
    assert any(path.endswith("/cancel") for path in container.paths())
    container.hold.set()


@pytest.mark.parametrize(
    ("logs", "fraction"),
    [
        ("", None),
        (None, None),
        ("loading\n 25%|██  | 5/20", 0.25),
        ("25%|█|\r 100%|██|", 1.0),
        ("999%|", 1.0),
    ],
)
def test_the_last_bar_counts(logs, fraction):
    assert fraction_in(logs) == fraction
