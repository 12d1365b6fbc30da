"""Generations and edits, streamed where the server streams."""

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property
from queue import SimpleQueue
from typing import Any

import httpx
from httpx_sse import EventSource

from media_gen.backends.base import (
    Backend,
    Capabilities,
    GeneratedImage,
    Operation,
    Progress,
    Request,
    Result,
    SizeRule,
    Watch,
    check_input,
    check_request,
)
from media_gen.backends.errors import Broken
from media_gen.backends.http import parsed, read
from media_gen.backends.openai.errors import OpenAIProvider, named
from media_gen.backends.options import names, seconds
from media_gen.backends.pictures import from_address, from_base64, preview_in, with_hole
from media_gen.backends.waiting import until_done
from provenance.vocabulary import SourceType

OFFICIAL = "https://api.openai.com/v1"
EDITS = frozenset({Operation.IMAGE_TO_IMAGE, Operation.VARIATION, Operation.INPAINT})
VARY = "Make a variation of this picture: the same subject and style, composed anew."
PARTIALS = 2
SIZES = SizeRule(minimum=256, maximum=3840, step=16, max_pixels=3840 * 2160, max_ratio=3.0)
#: How far the work is, and the picture as it is then, in base64.
Partials = SimpleQueue[tuple[float, str]]


class OpenAIBackend(Backend):
    """Options: see docs/backends.md."""

    label = "OpenAI"
    source_type = SourceType.TRAINED
    takes = frozenset(
        {"base_url", "api_key", "models", "edits", "stream", "sizes", "extra", "seconds"}
    )

    def __init__(self, alias: str, options: Mapping[str, Any]) -> None:
        super().__init__(alias, options)
        key = options.get("api_key", "")
        self._models = names(options, "models")
        self._provider = OpenAIProvider(
            str(options.get("base_url") or OFFICIAL),
            {"Authorization": f"Bearer {key}"} if key else {},
            seconds(options, "seconds", 300),
        )
        self._streams = bool(options.get("stream", True))

    @cached_property
    def capabilities(self) -> Capabilities:
        edits = EDITS if self.options.get("edits", True) else frozenset()
        sizes = replace(SIZES, **self.options.get("sizes", {}))
        return Capabilities(
            operations=frozenset({Operation.TEXT_TO_IMAGE}) | edits,
            models=self._models,
            sizes=sizes,
            suggested_sizes=tuple(
                size
                for size in ((1024, 1024), (1536, 1024), (1024, 1536))
                if sizes.fit(*size) == size
            ),
            max_count=4,
            seed=False,
            strength=False,
            negative_prompt=False,
            progress=Progress.COARSE if self._streams else Progress.NONE,
            previews=self._streams,
            cancellable=True,
            deterministic=False,
        )

    def generate(self, request: Request, watch: Watch) -> Result:
        check_request(self.capabilities, request)
        check_input(request)
        watch.report(0.0)
        partials: Partials = SimpleQueue()

        def show() -> None:
            while not partials.empty():
                fraction, picture = partials.get()
                watch.report(fraction, preview_in(picture) if picture else None)

        with self._provider.client() as client:
            result = until_done(
                lambda: self._made(client, request, partials),
                watch,
                give_up=client.close,
                meanwhile=show,
            )
        watch.report(1.0)
        return result

    def _made(self, client: httpx.Client, request: Request, partials: Partials) -> Result:
        """One call, which either streams or answers as a whole, whatever was asked for."""
        asked = self._provider.answer(
            client, "POST", _path(request), starts_work=True, **self._body(request)
        )
        with asked as answer:
            if "text/event-stream" in answer.headers.get("Content-Type", ""):
                return self._streamed(answer, partials)
            return self._whole(parsed(read(answer)))

    def _body(self, request: Request) -> dict[str, Any]:
        fields: dict[str, Any] = {
            "model": request.model,
            "prompt": request.prompt or VARY,
            "size": f"{request.width}x{request.height}",
            "n": request.count,
            **self.options.get("extra", {}),
        }
        if self._provider.base_url == OFFICIAL:
            fields["safety_identifier"] = request.end_user
        if self._streams and request.count == 1:
            fields |= {"stream": True, "partial_images": PARTIALS}
        if request.source is None:
            return {"json": fields}
        files = {"image": ("image.png", request.source, "image/png")}
        if request.mask is not None:
            hole = with_hole(request.source, request.mask)
            files["mask"] = ("mask.png", hole, "image/png")
        return {"data": {name: _form(value) for name, value in fields.items()}, "files": files}

    def _streamed(self, answer: httpx.Response, partials: Partials) -> Result:
        images: list[GeneratedImage] = []
        for event in EventSource(answer).iter_sse():
            if event.data.strip() == "[DONE]":
                break
            news = parsed(event.data.encode())
            kind = news.get("type", event.event)
            if kind == "error" or "error" in news:
                raise self._told(news)
            if kind.endswith(".partial_image"):
                fraction = (news.get("partial_image_index", 0) + 1) / (PARTIALS + 1)
                partials.put((fraction, str(news.get("b64_json") or "")))
            elif kind.endswith(".completed"):
                images.append(GeneratedImage(self._data(news), None))
        return Result(tuple(images))

    def _whole(self, answer: Any) -> Result:
        try:
            return Result(tuple(GeneratedImage(self._data(each), None) for each in answer["data"]))
        except (TypeError, KeyError) as error:
            raise Broken("The backend answered in another shape than images have.") from error

    def _data(self, found: Mapping[str, Any]) -> bytes:
        if text := found.get("b64_json"):
            return from_base64(text)
        return from_address(found["url"], self._provider)

    def _told(self, news: Mapping[str, Any]) -> Exception:
        error = news.get("error") or news
        return named(error) or Broken("The backend broke off in the middle.")

    def healthy(self) -> bool:
        return bool(self.options.get("api_key")) or self._provider.base_url != OFFICIAL


def _path(request: Request) -> str:
    return "/images/generations" if request.source is None else "/images/edits"


def _form(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
