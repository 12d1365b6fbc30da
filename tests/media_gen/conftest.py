"""Generation against a backend that does as it is told."""

import pytest


@pytest.fixture
def script(settings):
    """Make the failing backend the default, with a script: `script("busy,ok")`."""

    def configure(words: str) -> None:
        settings.GENERATION_BACKENDS = {
            "failing": {
                "BACKEND": "media_gen.backends.failing.FailingBackend",
                "OPTIONS": {"script": words},
            }
        }
        settings.DEFAULT_GENERATION_BACKEND = "failing"
        settings.JOB_RETRY_SECONDS = 0

    return configure


@pytest.fixture
def ask():
    """Request a generation; the job as the API shows it."""

    def ask(client, **fields):
        body = {"prompt": "a test", "width": 64, "height": 64, **fields}
        answer = client.post("/api/v1/generations", body)
        assert answer.status_code == 202, answer.content
        return answer.json()

    return ask
