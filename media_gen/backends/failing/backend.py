"""Fails as the option `script` says, attempt by attempt.

`script` is a comma-separated list, one word per attempt, the last repeated: `busy`, `refused`,
`bad_request`, `broken`, `uncertain`, `unusable`, `crash` (an error outside the taxonomy), `empty`
(success without an image), `garbage` (bytes that are no image), `hang` (works until told to stop),
`ok`.
"""

import io
import time
from collections.abc import Callable

from PIL import Image

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
from media_gen.backends.errors import BadRequest, Broken, Busy, Refused, Uncertain, Unusable
from provenance.vocabulary import SourceType

_TICK_SECONDS = 0.05


class FailingBackend(Backend):
    label = "Failing (for tests)"
    source_type = SourceType.TRAINED
    takes = frozenset({"script"})

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            operations=frozenset(Operation),
            models=("failing-1",),
            sizes=SizeRule(64, 1024),
            suggested_sizes=((64, 64),),
            max_count=4,
            seed=True,
            strength=True,
            negative_prompt=False,
            progress=Progress.COARSE,
            previews=False,
            cancellable=True,
            deterministic=True,
        )

    def generate(self, request: Request, watch: Watch) -> Result:
        check_request(self.capabilities, request)
        check_input(request)
        words = str(self.options.get("script", "ok")).split(",")
        word = words[min(request.attempt, len(words)) - 1]
        watch.report(0.1)
        return _SCRIPT[word](request, watch)


def _busy(request: Request, watch: Watch) -> Result:
    raise Busy("The backend is busy.", retry_after=0.0)


def _refused(request: Request, watch: Watch) -> Result:
    raise Refused("The backend refuses to draw this.")


def _bad_request(request: Request, watch: Watch) -> Result:
    raise BadRequest("prompt: not understood.", field="prompt")


def _broken(request: Request, watch: Watch) -> Result:
    raise Broken("The backend fell over.")


def _uncertain(request: Request, watch: Watch) -> Result:
    raise Uncertain("The backend's answer was lost.")


def _unusable(request: Request, watch: Watch) -> Result:
    raise Unusable("The backend does not take our key.")


def _crash(request: Request, watch: Watch) -> Result:
    raise RuntimeError("an error that no adapter foresaw")


def _empty(request: Request, watch: Watch) -> Result:
    return Result(())


def _garbage(request: Request, watch: Watch) -> Result:
    return Result((GeneratedImage(b"not an image", request.seed),))


def _hang(request: Request, watch: Watch) -> Result:
    while True:
        time.sleep(_TICK_SECONDS)
        watch.report(0.5)


def _ok(request: Request, watch: Watch) -> Result:
    colour = (request.seed % 256, 90, 160)
    images = []
    for index in range(request.count):
        buffer = io.BytesIO()
        picture = Image.new("RGB", (request.width, request.height), colour)
        picture.putpixel((index, 0), (255, 255, 255))
        picture.save(buffer, "PNG")
        images.append(GeneratedImage(buffer.getvalue(), request.seed + index))
        watch.report((index + 1) / request.count)
    return Result(tuple(images))


_SCRIPT: dict[str, Callable[[Request, Watch], Result]] = {
    "busy": _busy,
    "refused": _refused,
    "bad_request": _bad_request,
    "broken": _broken,
    "uncertain": _uncertain,
    "unusable": _unusable,
    "crash": _crash,
    "empty": _empty,
    "garbage": _garbage,
    "hang": _hang,
    "ok": _ok,
}
