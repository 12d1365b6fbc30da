"""replicate.com: create, remember, poll; cancel when nobody waits any more."""

from collections.abc import Mapping
from typing import Any

from media_gen.backends.base import (
    Progress,
    Request,
    Result,
    Watch,
    check_input,
    check_request,
)
from media_gen.backends.errors import BackendError, Broken, Missing, Unwanted
from media_gen.backends.http import Provider, as_object
from media_gen.backends.options import seconds
from media_gen.backends.replicate.predictions import ENDED, PredictionsBackend, fraction_in
from media_gen.backends.waiting import every

OFFICIAL = "https://api.replicate.com/v1"
POLL_SECONDS = 1.0
# Where the provider tells us, we ask by ourselves that much more seldom.
HOOKED = 5


class ReplicateBackend(PredictionsBackend):
    takes = PredictionsBackend.takes | {"api_token", "poll_seconds"}
    progress = Progress.COARSE

    def __init__(self, alias: str, options: Mapping[str, Any]) -> None:
        base = str(options.get("base_url") or OFFICIAL)
        token = options.get("api_token", "")
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        super().__init__(alias, options, Provider(base, headers))
        self._poll = seconds(options, "poll_seconds", POLL_SECONDS)

    def generate(self, request: Request, watch: Watch) -> Result:
        check_request(self.capabilities, request)
        check_input(request)
        watch.report(0.0)
        return Result(
            tuple(
                self.image_of(request, index, self._prediction(request, index, watch))
                for index in range(request.count)
            )
        )

    def _prediction(self, request: Request, index: int, watch: Watch) -> Any:
        """The ended prediction of an image; one that was begun before a crash is gone on with.

        A failed one is forgotten, so that another attempt begins anew.
        """
        known: list[str] = list(watch.handle.get("predictions", []))
        name = known[index] if index < len(known) else self._begun(request, index)
        try:
            watch.remember({"predictions": [*known[:index], name, *known[index + 1 :]]})
            found = self._ended(name, request, index, watch)
            if found["status"] != "succeeded":
                watch.remember({"predictions": known[:index]})
        except Unwanted as unwanted:
            if unwanted.stop_provider:
                self._cancel(name)
            raise
        return found

    def _begun(self, request: Request, index: int) -> str:
        body = {
            "version": self.models[request.model].get("version", request.model),
            "input": self.input_of(request, index),
        }
        if request.hook:
            body |= {"webhook": request.hook, "webhook_events_filter": ["logs", "completed"]}
        with self.provider.client() as client:
            made = self.provider.ask(client, "POST", "/predictions", json=body, starts_work=True)
        if not isinstance(as_object(made).get("id"), str):
            raise Broken("The backend began something without a name.")
        return str(made["id"])

    def _ended(self, name: str, request: Request, index: int, watch: Watch) -> Any:
        for _ in every(self._poll * (HOOKED if request.hook else 1), watch):
            try:
                found = as_object(self.provider.get(f"/predictions/{name}"))
            except Missing:
                return {
                    "status": "canceled"
                }  # forgotten by the provider: another attempt begins anew
            if found.get("status") in ENDED:
                return found
            done = fraction_in(found.get("logs"))
            watch.report((index + (done or 0.0)) / request.count)
        raise AssertionError("every() has no end")

    def _cancel(self, prediction: str) -> None:
        try:
            self.provider.tell(f"/predictions/{prediction}/cancel")
        except BackendError:
            return  # it ended meanwhile, or goes on for nobody
