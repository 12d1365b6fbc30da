"""Fails as the option `script` says, attempt by attempt.

`script` is a comma-separated list, one word per attempt, the last repeated: `busy`, `refused`,
`bad_request`, `broken`, `crash` (an error outside the taxonomy), `empty` (success without an
image), `garbage` (bytes that are no image), `hang` (works until told to stop), `ok`.
"""

import io
import time
from collections.abc import Callable

from PIL import Image

from media_gen.backends.base import (
    Backend,
    BadRequest,
    Broken,
    Busy,
    Capabilities,
    GeneratedImage,
    Operation,
    Progress,
    Refused,
    Report,
    Request,
    Result,
    SizeRule,
    check_request,
)
from provenance.vocabulary import SourceType

_TICK_SECONDS = 0.05


class FailingBackend(Backend):
    label = "Failing (for tests)"
    source_type = SourceType.TRAINED

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(
            operations=frozenset(Operation),
            models=("failing-1",),
            sizes=SizeRule(64, 1024),
            suggested_sizes=((64, 64),),
            max_count=4,
            seed=True,
            negative_prompt=False,
            progress=Progress.COARSE,
            previews=False,
            cancellable=True,
            deterministic=True,
        )

    def generate(self, request: Request, report: Report) -> Result:
        check_request(self.capabilities, request)
        words = str(self.options.get("script", "ok")).split(",")
        word = words[min(request.attempt, len(words)) - 1]
        report(0.1)
        return _SCRIPT[word](request, report)


def _busy(request: Request, report: Report) -> Result:
    raise Busy("The backend is busy.", retry_after=0.0)


def _refused(request: Request, report: Report) -> Result:
    raise Refused("The backend refuses to draw this.")


def _bad_request(request: Request, report: Report) -> Result:
    raise BadRequest("prompt: not understood.", field="prompt")


def _broken(request: Request, report: Report) -> Result:
    raise Broken("The backend fell over.")


def _crash(request: Request, report: Report) -> Result:
    raise RuntimeError("an error that no adapter foresaw")


def _empty(request: Request, report: Report) -> Result:
    return Result(())


def _garbage(request: Request, report: Report) -> Result:
    return Result((GeneratedImage(b"not an image", request.seed),))


def _hang(request: Request, report: Report) -> Result:
    while True:
        time.sleep(_TICK_SECONDS)
        report(0.5)


def _ok(request: Request, report: Report) -> Result:
    colour = (request.seed % 256, 90, 160)
    images = []
    for index in range(request.count):
        buffer = io.BytesIO()
        picture = Image.new("RGB", (request.width, request.height), colour)
        picture.putpixel((index, 0), (255, 255, 255))
        picture.save(buffer, "PNG")
        images.append(GeneratedImage(buffer.getvalue(), request.seed + index))
        report((index + 1) / request.count)
    return Result(tuple(images))


_SCRIPT: dict[str, Callable[[Request, Report], Result]] = {
    "busy": _busy,
    "refused": _refused,
    "bad_request": _bad_request,
    "broken": _broken,
    "crash": _crash,
    "empty": _empty,
    "garbage": _garbage,
    "hang": _hang,
    "ok": _ok,
}
