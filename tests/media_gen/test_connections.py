"""What the engine must not hold while a backend works."""

from uuid import UUID

import pytest

from media_gen import engine
from media_gen.models import GenerationJob
from tests.media_gen import probe


@pytest.mark.django_db(transaction=True)
def test_no_connection_is_held_while_the_backend_works(author, ask, settings):
    settings.GENERATION_BACKENDS = {"probe": {"BACKEND": "tests.media_gen.probe.ProbeBackend"}}
    settings.DEFAULT_GENERATION_BACKEND = "probe"
    job = ask(author)
    probe.held.clear()
    engine.run(UUID(job["id"]))
    assert GenerationJob.objects.get().state == "succeeded"
    assert probe.held == [False, False]
