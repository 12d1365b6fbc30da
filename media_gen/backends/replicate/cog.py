"""A container that cog made: the runtime of Replicate's models, on a machine of one's own.

It keeps no results: a prediction's answer is that of the PUT that began it, and the same PUT while
it runs is answered 202 (as seen at cog 0.23.1). So one call blocks until the image is there.
"""

from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from typing import Any

import httpx

from media_gen.backends.base import Request, Result, Watch, check_input, check_request
from media_gen.backends.errors import BackendError, Unwanted
from media_gen.backends.http import Provider, as_object, parsed, read
from media_gen.backends.options import seconds
from media_gen.backends.replicate.predictions import PredictionsBackend
from media_gen.backends.waiting import every, until_done

LOOK_AGAIN_SECONDS = 1.0


class CogBackend(PredictionsBackend):
    label = "Cog"
    takes = PredictionsBackend.takes | {"seconds"}

    def __init__(self, alias: str, options: Mapping[str, Any]) -> None:
        silence = seconds(options, "seconds", 600)
        super().__init__(alias, options, Provider(str(options["base_url"]), {}, silence))

    def generate(self, request: Request, watch: Watch) -> Result:
        check_request(self.capabilities, request)
        check_input(request)
        watch.report(0.0)
        images = []
        for index in range(request.count):
            prediction = self._made(request, index, watch)
            images.append(self.image_of(request, index, prediction))
            watch.report((index + 1) / request.count)
        return Result(tuple(images))

    def _made(self, request: Request, index: int, watch: Watch) -> Any:
        """The prediction at its end; one that still runs from before a crash is waited for."""
        name = f"{request.job_id}-{index}"
        try:
            for _ in every(LOOK_AGAIN_SECONDS, watch):
                with self.provider.client() as client:
                    work = partial(self._put, client, name, self.input_of(request, index))
                    answer = until_done(work, watch, give_up=client.close)
                if answer is not None:
                    return answer
        except Unwanted as unwanted:
            if unwanted.stop_provider:
                self._cancel(name)
            raise
        raise AssertionError("every() has no end")

    def _put(self, client: httpx.Client, name: str, given: Any) -> Any:
        path = f"/predictions/{name}"
        with self.provider.answer(
            client, "PUT", path, json={"input": given}, starts_work=True
        ) as answer:
            body = as_object(parsed(read(answer)))
            return None if answer.status_code == HTTPStatus.ACCEPTED else body

    def _cancel(self, name: str) -> None:
        try:
            self.provider.tell(f"/predictions/{name}/cancel")
        except BackendError:
            return  # it ended meanwhile
