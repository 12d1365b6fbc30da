"""A web server for the tests of fetching."""

import pytest

from tests.media.arrivals import https


@pytest.fixture
def server(tmp_path):
    with https.serving(tmp_path) as server:
        yield server
