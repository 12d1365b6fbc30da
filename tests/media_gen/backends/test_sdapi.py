"""The web UIs' API."""

import base64
import threading

import pytest

from media_gen.backends.base import Operation
from media_gen.backends.errors import Broken, CancelRequested, Uncertain
from media_gen.backends.sdapi import SDAPIBackend
from tests.helpers.peers.sdapi import SDAPIPeer
from tests.helpers.peers.serving import Answer, serving
from tests.helpers.pictures import encoded, picture
from tests.helpers.watches import Recorder
from tests.media_gen.backends.test_conformance import wish


@pytest.fixture
def peer():
    with serving(SDAPIPeer()) as peer:
        yield peer


def backend_at(peer, **options):
    return SDAPIBackend("sdapi", {"base_url": peer.url, **options})


def bodies(peer):
    return [(asked.path, asked.json) for asked in peer.asked if asked.body]


def test_the_loaded_model_is_left_alone_and_another_one_asked_for(peer):
    backend = backend_at(peer, models=["default", "sd15"], extra={"steps": 12})
    backend.generate(wish(backend, seed=4), Recorder())
    backend.generate(wish(backend, model="sd15"), Recorder())
    (_, loaded), (_, named) = bodies(peer)
    assert (loaded["seed"], loaded["steps"], "override_settings" in loaded) == (4, 12, False)
    assert named["override_settings"] == {"sd_model_checkpoint": "sd15"}


def test_inpainting_sends_source_mask_and_strength(peer):
    source, mask = (encoded(picture(seed, (128, 96)), "PNG") for seed in (1, 2))
    backend = backend_at(peer)
    request = wish(backend, operation=Operation.INPAINT, source=source, mask=mask, strength=0.7)
    backend.generate(request, Recorder())
    ((path, body),) = bodies(peer)
    assert path == "/sdapi/v1/img2img"
    assert base64.b64decode(body["init_images"][0]) == source
    assert base64.b64decode(body["mask"]) == mask
    assert body["denoising_strength"] == 0.7


def test_a_preview_that_is_none_costs_no_picture(peer):
    answer = {"progress": 0.5, "current_image": "cut short"}
    peer.routes["GET", "/sdapi/v1/progress"] = lambda _: answer
    peer.seconds = 0.3
    backend, watch = backend_at(peer, progress_seconds=0.05), Recorder()
    assert len(backend.generate(wish(backend), watch).images) == 1
    assert (0.5 in watch.fractions, watch.previews) == (True, [])


def test_a_contact_sheet_is_no_image_of_the_job(peer):
    backend = backend_at(peer)
    plain = backend.generate(wish(backend, count=2), Recorder()).images
    peer.contact_sheet = True
    assert backend.generate(wish(backend, count=2), Recorder()).images == plain


def test_giving_up_interrupts_the_server(peer):
    peer.hold = threading.Event()
    backend = backend_at(peer)
    with pytest.raises(CancelRequested):
        backend.generate(wish(backend), Recorder(stop_after=3))
    assert peer.interrupted.is_set()
    peer.hold.set()


def test_a_server_without_progress_is_asked_for_it_once():
    with serving(SDAPIPeer(knows_progress=False)) as peer:
        peer.seconds = 0.5
        backend = backend_at(peer, progress_seconds=0.05)
        backend.generate(wish(backend), Recorder())
        assert peer.paths().count("GET /sdapi/v1/progress") == 1


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (Answer({"detail": "x"}, 200), Broken),
        (Answer({"images": ["?"]}), Broken),
        (Answer({"images": None}), Broken),
        (Answer(b"{", cut=True), Uncertain),
    ],
)
def test_what_goes_wrong_has_a_name(peer, answer, error):
    peer.routes["POST", "/sdapi/v1/(?:txt2img|img2img)"] = lambda asked: answer
    backend = backend_at(peer)
    with pytest.raises(error):
        backend.generate(wish(backend), Recorder())
