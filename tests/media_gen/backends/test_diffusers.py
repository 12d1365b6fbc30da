"""Local weights. All but the first test want requirements-diffusers.txt and torch."""

import io

import numpy as np
import pytest
from PIL import Image

from media_gen.backends.base import Operation
from media_gen.backends.diffusers import DiffusersBackend
from media_gen.backends.errors import CancelRequested, Unusable
from tests.helpers import tiny_diffusers
from tests.helpers.pictures import encoded, picture
from tests.helpers.watches import Recorder
from tests.media_gen.backends.test_conformance import wish

installed = pytest.mark.skipif(not tiny_diffusers.INSTALLED, reason="torch is not installed")


def backend_with(path, **options):
    return DiffusersBackend("diffusers", {"models": {"tiny": path}, "device": "cpu", **options})


def test_weights_or_libraries_that_are_not_there_are_no_askers_fault():
    backend = backend_with("/no/such/weights")
    with pytest.raises(Unusable):
        backend.generate(wish(backend), Recorder())


@installed
def test_an_image_from_an_image_counts_its_own_steps():
    backend, watch = backend_with(tiny_diffusers.weights(), steps=8), Recorder()
    source = encoded(picture(3, (128, 96)), "PNG")
    request = wish(backend, operation=Operation.IMAGE_TO_IMAGE, source=source, strength=0.5)
    backend.generate(request, watch)
    assert watch.fractions == [0.0, 0.25, 0.5, 0.75, 1.0]


@installed
def test_cancelling_ends_it_at_the_next_step():
    backend = backend_with(tiny_diffusers.weights(), steps=50)
    watch = Recorder(stop_after=3)
    with pytest.raises(CancelRequested):
        backend.generate(wish(backend), watch)
    assert watch.calls == 4


@installed
def test_strength_says_how_far_it_goes_from_the_source():
    backend = backend_with(tiny_diffusers.weights(), steps=8)
    source = encoded(picture(3, (128, 96)), "PNG")

    def change(strength):
        request = wish(
            backend, operation=Operation.IMAGE_TO_IMAGE, source=source, strength=strength
        )
        (image,) = backend.generate(request, Recorder()).images
        return pixels(image.data)

    near, far = change(0.15), change(1.0)
    assert np.abs(near - far).mean() > 1


def pixels(data):
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB")).astype(int)
