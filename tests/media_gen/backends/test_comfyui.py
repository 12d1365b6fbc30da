"""What ComfyUI does that other servers do not."""

import threading

import pytest

from media_gen.backends.base import Operation
from media_gen.backends.comfyui import ComfyUIBackend
from media_gen.backends.comfyui.workflows import loaded
from media_gen.backends.errors import Broken, Busy, CancelRequested, LeaseLost
from media_gen.backends.slots import UnknownSlot
from tests.helpers.peers.comfyui import ComfyUIPeer
from tests.helpers.peers.serving import serving
from tests.helpers.pictures import encoded, picture
from tests.helpers.watches import Recorder
from tests.media_gen.backends.test_conformance import wish

WORKFLOW = {
    "1": {"class_type": "Text", "inputs": {"text": "a painting of {{prompt}}"}},
    "2": {"class_type": "Sampler", "inputs": {"seed": "{{seed}}", "steps": 4}},
    "3": {"class_type": "Size", "inputs": {"width": "{{width}}", "height": "{{height}}"}},
}


@pytest.fixture
def peer():
    with serving(ComfyUIPeer()) as peer:
        yield peer


def backend_at(peer, **options):
    given = {"base_url": peer.url, "workflows": {"mine": {"text_to_image": WORKFLOW}}}
    return ComfyUIBackend("comfyui", {"look_seconds": 0.05, **given, **options})


def posted(peer):
    return [asked.json for asked in peer.asked if asked.path == "/prompt"]


def test_slots_keep_their_types(peer):
    backend = backend_at(peer)
    backend.generate(wish(backend, prompt="a heron", seed=7), Recorder())
    (body,) = posted(peer)
    assert body["prompt"]["1"]["inputs"]["text"] == "a painting of a heron"
    assert body["prompt"]["2"]["inputs"] == {"seed": 7, "steps": 4}
    assert body["prompt"]["3"]["inputs"] == {"width": 128, "height": 96}


def test_capabilities_follow_from_the_slots(peer):
    can = backend_at(peer).capabilities
    assert (can.seed, can.strength, can.negative_prompt) == (True, False, False)
    assert can.operations == {Operation.TEXT_TO_IMAGE}


def test_a_slot_that_no_request_has_is_told_at_once(peer):
    broken = {"text_to_image": {"1": {"class_type": "X", "inputs": {"a": "{{colour}}"}}}}
    with pytest.raises(UnknownSlot, match="colour"):
        _ = backend_at(peer, workflows={"broken": broken}).capabilities


def test_a_file_that_is_no_workflow_is_told_at_once(tmp_path):
    file = tmp_path / "workflow.json"
    file.write_text('{"nodes": [], "links": []}')
    with pytest.raises(ValueError, match="API"):
        loaded({"text_to_image": str(file)})


def test_the_input_is_uploaded_and_named_in_the_workflow(peer):
    backend = ComfyUIBackend(
        "c", {"base_url": peer.url, "checkpoints": ["sd"], "look_seconds": 0.05}
    )
    source = encoded(picture(3, (128, 96)), "PNG")
    request = wish(backend, operation=Operation.IMAGE_TO_IMAGE, source=source)
    backend.generate(request, Recorder())
    assert peer.uploads["last"] == source
    assert posted(peer)[0]["prompt"]["load"]["inputs"]["image"] == "in-1.png"
    assert posted(peer)[0]["prompt"]["sampled"]["inputs"]["denoise"] == 0.5


def test_what_was_saved_is_taken_and_not_a_preview_node(peer):
    backend = backend_at(peer)
    backend.generate(wish(backend), Recorder())
    (seen,) = [asked for asked in peer.asked if asked.path == "/view"]
    assert seen.query["type"] == ["output"]


def test_without_a_socket_the_history_is_enough():
    with serving(ComfyUIPeer(tells=False)) as peer:
        backend = backend_at(peer)
        assert len(backend.generate(wish(backend, count=2), Recorder()).images) == 2


def test_a_prompt_from_before_a_crash_is_gone_on_with(peer):
    backend, watch = backend_at(peer), Recorder()
    backend.generate(wish(backend, attempt=1), watch)
    again = Recorder(handle=watch.handle)
    backend.generate(wish(backend, attempt=2), again)
    assert len(posted(peer)) == 1


def test_a_prompt_that_the_server_forgot_is_posted_anew(peer):
    backend = backend_at(peer)
    backend.generate(wish(backend), Recorder(handle={"prompts": ["gone"]}))
    assert len(posted(peer)) == 1


@pytest.mark.parametrize(
    ("ends", "error"), [("error", Broken), ("interrupted", Busy)], ids=["error", "interrupted"]
)
def test_an_interrupted_prompt_is_no_broken_one(peer, ends, error):
    peer.ends = ends
    backend = backend_at(peer)
    with pytest.raises(error):
        backend.generate(wish(backend), Recorder())


def test_a_workflow_that_does_not_run_is_the_operators_to_mend(peer, caplog):
    unknown = {"text_to_image": {**WORKFLOW, "4": {"class_type": "Unknown", "inputs": {}}}}
    backend = backend_at(peer, workflows={"m": unknown})
    with pytest.raises(Broken):
        backend.generate(wish(backend), Recorder())
    assert "no such node" in caplog.text


def test_a_file_that_is_gone_is_no_reason_to_leave_the_server_alone(peer):
    backend = backend_at(peer)
    del peer.routes["GET", "/view"]
    with pytest.raises(Broken) as caught:
        backend.generate(wish(backend), Recorder())
    assert caught.value.code == "no_image"


class Stopping(Recorder):
    """Raises once something was posted."""

    def __init__(self, peer, reason):
        super().__init__()
        self.peer, self.reason = peer, reason

    def check(self):
        if posted(self.peer):
            raise self.reason


@pytest.mark.parametrize(("reason", "stops"), [(CancelRequested(), True), (LeaseLost(), False)])
def test_the_server_is_stopped_unless_another_worker_goes_on(peer, reason, stops):
    peer.hold = threading.Event()
    backend = backend_at(peer)
    with pytest.raises(type(reason)):
        backend.generate(wish(backend), Stopping(peer, reason))
    peer.hold.set()
    assert ("POST /interrupt" in peer.paths()) is stops
    assert ("POST /queue" in peer.paths()) is stops
