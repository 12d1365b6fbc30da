"""Generation backends out of the environment: a key or an address is enough to have one."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

OPENAI = "media_gen.backends.openai.OpenAIBackend"
COMFYUI = "media_gen.backends.comfyui.ComfyUIBackend"
SDAPI = "media_gen.backends.sdapi.SDAPIBackend"
REPLICATE = "media_gen.backends.replicate.ReplicateBackend"
COG = "media_gen.backends.replicate.CogBackend"
DIFFUSERS = "media_gen.backends.diffusers.DiffusersBackend"
#: One server with one GPU does one thing at a time; its own queue knows nothing of fairness.
ONE_AT_A_TIME = 1


def openai(*, api_key: str, base_url: str, models: list[str]) -> dict[str, Any]:
    if not api_key and not base_url:
        return {}
    if not models:
        raise ImproperlyConfigured("OPENAI_IMAGE_MODELS must name the models to offer.")
    options = {"api_key": api_key, "base_url": base_url, "models": models}
    return {"openai": {"BACKEND": OPENAI, "OPTIONS": options}}


def comfyui(*, base_url: str, checkpoints: list[str], workflows: str) -> dict[str, Any]:
    if not base_url:
        return {}
    if not checkpoints and not workflows:
        raise ImproperlyConfigured("COMFYUI_CHECKPOINTS or COMFYUI_WORKFLOWS must say what to run.")
    options = {
        "base_url": base_url,
        "checkpoints": checkpoints,
        "workflows": given("COMFYUI_WORKFLOWS", workflows),
    }
    return {"comfyui": {"BACKEND": COMFYUI, "OPTIONS": options, "CONCURRENCY": ONE_AT_A_TIME}}


def sdapi(*, base_url: str, models: list[str]) -> dict[str, Any]:
    if not base_url:
        return {}
    options = {"base_url": base_url} | ({"models": models} if models else {})
    return {"sdapi": {"BACKEND": SDAPI, "OPTIONS": options, "CONCURRENCY": ONE_AT_A_TIME}}


def replicate(*, api_token: str, models: str) -> dict[str, Any]:
    if not api_token:
        return {}
    offered = given("REPLICATE_MODELS", models)
    if not offered:
        raise ImproperlyConfigured("REPLICATE_MODELS must say which models to offer.")
    options = {"api_token": api_token, "models": offered}
    return {"replicate": {"BACKEND": REPLICATE, "OPTIONS": options}}


def cog(*, base_url: str, models: str) -> dict[str, Any]:
    if not base_url:
        return {}
    options = {"base_url": base_url, "models": given("COG_MODELS", models) or {"cog": {}}}
    return {"cog": {"BACKEND": COG, "OPTIONS": options, "CONCURRENCY": ONE_AT_A_TIME}}


def diffusers(*, models: str, device: str) -> dict[str, Any]:
    offered = given("DIFFUSERS_MODELS", models)
    if not offered:
        return {}
    options = {"models": offered} | ({"device": device} if device else {})
    entry = {"BACKEND": DIFFUSERS, "OPTIONS": options, "QUEUE": "diffusers"}
    return {"diffusers": {**entry, "CONCURRENCY": ONE_AT_A_TIME}}


def queues(configured: Mapping[str, Mapping[str, Any]]) -> list[str]:
    """The queues that backends name."""
    return sorted({str(entry["QUEUE"]) for entry in configured.values() if "QUEUE" in entry})


def given(name: str, text: str) -> Mapping[str, Any]:
    """A JSON object that was given itself, or by the path of the file that holds it."""
    if not text:
        return {}
    try:
        found = json.loads(text if text.lstrip().startswith("{") else Path(text).read_text())
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(f"{name} is neither a JSON object nor a file of one.") from error
    if not isinstance(found, dict):
        raise ImproperlyConfigured(f"{name} must be a JSON object.")
    return found
