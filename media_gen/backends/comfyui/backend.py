"""Posts a workflow for each image, follows it, fetches what it saved.

A prompt that was posted before a crash is found again by its id, in the queue or in the history;
the server itself would run the same id twice.
"""

import time
from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from typing import Any
from uuid import uuid5

from media_gen.backends.base import (
    Backend,
    Capabilities,
    GeneratedImage,
    Progress,
    Request,
    Result,
    SizeRule,
    Watch,
    check_input,
    check_request,
)
from media_gen.backends.comfyui.news import Socket, listening
from media_gen.backends.comfyui.provider import ComfyUIProvider
from media_gen.backends.comfyui.workflows import for_checkpoint, loaded
from media_gen.backends.errors import BackendError, Broken, Busy, Unwanted
from media_gen.backends.options import names, seconds, table
from media_gen.backends.pictures import preview_of
from media_gen.backends.slots import filled, seed_of, slots_in, values_of
from provenance.vocabulary import SourceType

SIZES = SizeRule(minimum=64, maximum=2048, step=8)
NEWS_SECONDS = 0.2
LOOK_EVERY = 2.0


class ComfyUIBackend(Backend):
    """Options: see docs/backends.md."""

    label = "ComfyUI"
    source_type = SourceType.TRAINED
    takes = frozenset({"base_url", "headers", "checkpoints", "workflows", "sizes", "look_seconds"})

    def __init__(self, alias: str, options: Mapping[str, Any]) -> None:
        super().__init__(alias, options)
        self._provider = ComfyUIProvider(str(options["base_url"]), options.get("headers"))
        self._look_every = seconds(options, "look_seconds", LOOK_EVERY)
        checkpoints = {name: for_checkpoint(name) for name in names(options, "checkpoints")}
        workflows = {name: loaded(given) for name, given in table(options, "workflows").items()}
        self._graphs = checkpoints | workflows

    @cached_property
    def capabilities(self) -> Capabilities:
        every = [graph for graphs in self._graphs.values() for graph in graphs.values()]
        slots = set().union(*(slots_in(graph) for graph in every))
        of_model = {name: frozenset(graphs) for name, graphs in self._graphs.items()}
        return Capabilities(
            operations=frozenset().union(*of_model.values()),
            models=tuple(self._graphs),
            model_operations=of_model,
            sizes=replace(SIZES, **self.options.get("sizes", {})),
            suggested_sizes=((1024, 1024), (1216, 832), (832, 1216)),
            max_count=4,
            seed="seed" in slots,
            strength="strength" in slots,
            negative_prompt="negative_prompt" in slots,
            progress=Progress.STEP,
            previews=True,
            cancellable=True,
            deterministic=False,
        )

    def generate(self, request: Request, watch: Watch) -> Result:
        check_request(self.capabilities, request)
        check_input(request)
        watch.report(0.0)
        files = self._uploaded(request)
        graph = self._graphs[request.model][request.operation]
        images = []
        with listening(self._provider.base_url, str(request.job_id)) as socket:
            for index in range(request.count):
                prompt = self._posted(request, index, watch, graph, files)
                saved = self._ended(prompt, index, request.count, watch, socket)
                images.append(GeneratedImage(self._file(saved), seed_of(request, index)))
                watch.report((index + 1) / request.count)
        return Result(tuple(images))

    def _uploaded(self, request: Request) -> dict[str, str]:
        """The names under which the server knows the input and the mask."""
        given = {"image": request.source, "mask": request.mask}
        return {slot: self._upload(request, slot, data) for slot, data in given.items() if data}

    def _upload(self, request: Request, slot: str, data: bytes) -> str:
        file = (f"pentimento-{request.job_id}-{slot}.png", data, "image/png")
        answer = self._provider.post(
            "/upload/image", files={"image": file}, data={"overwrite": "true"}
        )
        try:
            folder, name = answer.get("subfolder", ""), answer["name"]
        except (AttributeError, KeyError, TypeError) as error:
            raise Broken("The backend did not say where it keeps the input.") from error
        return f"{folder}/{name}" if folder else str(name)

    def _posted(
        self, request: Request, index: int, watch: Watch, graph: Any, files: dict[str, str]
    ) -> str:
        """The id of the prompt that makes an image, posted unless the server has it already."""
        known: list[str] = list(watch.handle.get("prompts", []))
        if index < len(known) and self._knows(known[index]):
            return known[index]
        prompt = str(uuid5(request.job_id, f"{request.attempt}-{index}"))
        watch.remember({"prompts": [*known[:index], prompt]})
        body = {
            "prompt": filled(graph, values_of(request, index, **files)),
            "prompt_id": prompt,
            "client_id": str(request.job_id),
        }
        with self._provider.client() as client:
            answer = self._provider.ask(client, "POST", "/prompt", json=body, starts_work=True)
        if not isinstance(answer, Mapping) or not isinstance(answer.get("prompt_id"), str):
            raise Broken("The backend began something without a name.")
        if answer["prompt_id"] != prompt:  # versions of before 2025 choose the id themselves
            prompt = answer["prompt_id"]
            watch.remember({"prompts": [*known[:index], prompt]})
        return prompt

    def _knows(self, prompt: str) -> bool:
        return bool(self._history(prompt)) or prompt in self._queued()

    def _queued(self) -> set[str]:
        queue = self._provider.get("/queue")
        return {entry[1] for part in ("queue_running", "queue_pending") for entry in queue[part]}

    def _history(self, prompt: str) -> Any:
        return self._provider.get(f"/history/{prompt}").get(prompt)

    def _ended(
        self, prompt: str, index: int, count: int, watch: Watch, socket: Socket
    ) -> Mapping[str, str]:
        """Follow a prompt to its end; where the first image lies that it saved."""
        look_at, fraction = time.monotonic() + self._look_every, 0.0
        try:
            while True:
                news = socket.within(NEWS_SECONDS, prompt)
                fraction = max(fraction, news.fraction)
                if news.fraction or news.preview:
                    shown = preview_of(news.preview) if news.preview else None
                    watch.report((index + fraction) / count, shown)
                watch.check()
                if news.ended or time.monotonic() > look_at:
                    look_at = time.monotonic() + self._look_every
                    if entry := self._history(prompt):
                        return _saved_in(entry)
                    if prompt not in self._queued() and not self._history(prompt):
                        raise Busy("The backend was restarted and forgot the work.")
        except Unwanted as unwanted:
            if unwanted.stop_provider:
                self._stop(prompt)
            raise

    def _stop(self, prompt: str) -> None:
        try:
            self._provider.tell("/queue", json={"delete": [prompt]})
            self._provider.tell("/interrupt", json={"prompt_id": prompt})
        except BackendError:
            return  # it ended meanwhile, or goes on for nobody

    def _file(self, image: Mapping[str, str]) -> bytes:
        query = {name: image.get(name, "") for name in ("filename", "subfolder", "type")}
        return self._provider.file("/view", params=query)


def _saved_in(entry: Mapping[str, Any]) -> Mapping[str, str]:
    """The first image in a history entry: one that was saved, else a preview of the workflow's.

    An interrupted prompt calls itself an error, too; its messages tell the two apart.
    """
    status = entry.get("status") or {}
    kinds = {message[0] for message in status.get("messages", []) if message}
    if "execution_interrupted" in kinds:
        raise Busy("The backend was interrupted.")
    if "execution_error" in kinds or status.get("status_str") == "error":
        raise Broken("The backend fell over in the middle of the workflow.")
    outputs = (entry.get("outputs") or {}).values()
    images = [image for output in outputs for image in output.get("images", [])]
    images.sort(key=lambda image: image.get("type") != "output")
    if not images:
        raise Broken("The backend's workflow saved no image.", "no_image")
    found: Mapping[str, str] = images[0]
    return found
