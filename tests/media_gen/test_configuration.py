"""Backends out of the environment, and what is told of wrong ones."""

import json

import pytest
from django.core.exceptions import ImproperlyConfigured

from backend import providers
from media_gen.backends.registry import backends, terms_of
from media_gen.checks import check_backends


def told(settings, **entry):
    settings.GENERATION_BACKENDS = {"procedural": {**PAINTER, **entry}}
    return [message.msg for message in check_backends()]


PAINTER = {"BACKEND": "media_gen.backends.procedural.ProceduralBackend"}


@pytest.mark.parametrize(
    "configured",
    [
        providers.openai(api_key="sk", base_url="", models=["m"]),
        providers.openai(api_key="", base_url="http://127.0.0.1:1/v1", models=["m"]),
        providers.comfyui(base_url="http://gpu", checkpoints=["sd"], workflows=""),
        providers.sdapi(base_url="http://gpu", models=[]),
        providers.replicate(api_token="r8", models='{"m": {"version": "a/b"}}'),
        providers.cog(base_url="http://gpu", models=""),
    ],
)
def test_a_key_or_an_address_is_enough(settings, configured):
    settings.GENERATION_BACKENDS = {"procedural": PAINTER} | configured
    assert check_backends() == []
    (alias,) = configured
    assert backends[alias].capabilities.models
    assert terms_of(alias).queue == "generate"


def test_local_weights_have_workers_of_their_own(settings):
    configured = providers.diffusers(models='{"sd": "/models/sd"}', device="")
    assert providers.queues(configured) == ["diffusers"]
    settings.GENERATION_BACKENDS = {"procedural": PAINTER} | configured
    settings.CELERY_TASK_QUEUES = {**settings.CELERY_TASK_QUEUES, "diffusers": {}}
    assert check_backends() == []


def test_nothing_given_is_no_backend():
    assert not providers.diffusers(models="", device="cpu")
    assert not providers.openai(api_key="", base_url="", models=["m"])
    assert not providers.comfyui(base_url="", checkpoints=["sd"], workflows="")
    assert not providers.sdapi(base_url="", models=[])
    assert not providers.replicate(api_token="", models="{}")
    assert not providers.cog(base_url="", models="")


@pytest.mark.parametrize(
    ("make", "named"),
    [
        (lambda: providers.openai(api_key="sk", base_url="", models=[]), "OPENAI_IMAGE_MODELS"),
        (
            lambda: providers.comfyui(base_url="http://gpu", checkpoints=[], workflows=""),
            "COMFYUI_CHECKPOINTS",
        ),
        (lambda: providers.replicate(api_token="r8", models=""), "REPLICATE_MODELS"),
        (lambda: providers.replicate(api_token="r8", models="{"), "REPLICATE_MODELS"),
        (lambda: providers.cog(base_url="http://gpu", models="/no/such"), "COG_MODELS"),
        (lambda: providers.given("GENERATION_BACKENDS", "[1]"), "GENERATION_BACKENDS"),
    ],
)
def test_half_a_configuration_names_what_is_missing(make, named):
    with pytest.raises(ImproperlyConfigured, match=named):
        make()


def test_a_workflow_may_lie_in_a_file(tmp_path):
    file = tmp_path / "workflows.json"
    file.write_text(json.dumps({"mine": {"text_to_image": {}}}))
    made = providers.comfyui(base_url="http://gpu", checkpoints=[], workflows=str(file))
    assert made["comfyui"]["OPTIONS"]["workflows"] == {"mine": {"text_to_image": {}}}


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ({"QUEU": "x"}, "unknown keys: QUEU"),
        ({"BACKEND": "no.such.Class"}, "cannot be made"),
        ({"BACKEND": providers.SDAPI}, "lack 'base_url'"),
        ({"BACKEND": providers.OPENAI, "OPTIONS": {"models": []}}, "offers no models"),
        ({"BACKEND": providers.OPENAI, "OPTIONS": {"models": "gpt"}}, "a list of names"),
        ({"BACKEND": providers.OPENAI, "OPTIONS": {"api_kee": "sk"}}, "api_key"),
        ({"BACKEND": providers.SDAPI, "OPTIONS": {"base_url": "gpu:7860"}}, "like http://"),
        ({"BACKEND": providers.COG, "OPTIONS": {"base_url": "http://"}}, "like http://"),
        ({"BACKEND": providers.REPLICATE, "OPTIONS": {"models": ["m"]}}, "an object of names"),
        ({"BACKEND": providers.REPLICATE, "OPTIONS": {"poll_seconds": "1"}}, "seconds"),
        ({"OPTIONS": {"price": -1}}, "0 or more"),
        ({"OPTIONS": {"price": "cheap"}}, "0 or more"),
        ({"QUEUE": "nowhere"}, "CELERY_TASK_QUEUES"),
        ({"CONCURRENCY": 0}, "CONCURRENCY"),
        ({"PER_MINUTE": 0}, "PER_MINUTE"),
        ({"DEADLINE": 10_000}, "DEADLINE"),
    ],
)
def test_a_wrong_entry_is_told(settings, entry, said):
    (message,) = told(settings, **entry)
    assert said in message


def test_a_default_that_is_not_there_is_told(settings):
    settings.DEFAULT_GENERATION_BACKEND = "nobody"
    (message,) = told(settings)
    assert "'nobody'" in message
