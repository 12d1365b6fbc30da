"""Predictions: replicate.com's routes, and a container's runtime as cog 0.23.1 answered."""

import base64
import threading
from collections.abc import Callable
from typing import Any

from tests.helpers.peers.painted import painted
from tests.helpers.peers.serving import Answer, Asked, Peer


class ReplicatePeer(Peer):
    """A prediction takes `looks` polls. `ends`: how it ends."""

    def __init__(self) -> None:
        super().__init__()
        self.looks = 2
        self.ends: dict[str, Any] = {"status": "succeeded"}
        self.predictions: dict[str, dict[str, Any]] = {}
        self.routes = {
            ("POST", "/v1/predictions"): self.create,
            ("GET", "/v1/predictions/([^/]+)"): self.look,
            ("POST", "/v1/predictions/([^/]+)/cancel"): self.cancel,
        }

    def create(self, asked: Asked) -> Answer:
        name = f"p{len(self.predictions)}"
        found = {"id": name, "status": "starting", "input": asked.json["input"], "looks": 0}
        self.predictions[name] = found
        return Answer(found, 201)

    def look(self, asked: Asked, name: str) -> Any:
        if name not in self.predictions:
            return Answer({"detail": "Not found."}, 404)
        found = self.predictions[name]
        found["looks"] += 1
        if found["status"] == "canceled":
            return found
        found |= {"status": "processing", "logs": f"{50 * found['looks']}%|██| {found['looks']}/2"}
        if found["looks"] >= self.looks:
            found |= {"output": [_data_url(found["input"])], **self.ends}
        return found

    def cancel(self, asked: Asked, name: str) -> Any:
        self.predictions[name]["status"] = "canceled"
        return self.predictions[name]


class CogPeer(Peer):
    """One prediction at a time, whose result is the answer to the PUT that began it."""

    def __init__(self) -> None:
        super().__init__()
        self.hold: threading.Event | None = None
        self.running: str | None = None
        self.answers: list[Callable[[], Answer]] = []
        self.routes = {
            ("PUT", "/predictions/([^/]+)"): self.put,
            ("POST", "/predictions/([^/]+)/cancel"): self.cancel,
        }

    def put(self, asked: Asked, name: str) -> Answer:
        if self.answers:
            return self.answers.pop(0)()
        if self.running == name:
            return Answer({"id": name, "status": "processing", "logs": ""}, 202)
        if self.running is not None:
            return Answer({"error": "At capacity", "status": "failed"}, 409)
        self.running = name
        if self.hold is not None:
            self.hold.wait(20)
        self.running = None
        output = _data_url(asked.json["input"])
        return Answer({"id": name, "status": "succeeded", "output": output, "logs": ""})

    def cancel(self, asked: Asked, name: str) -> Answer:
        return Answer({} if self.running == name else {"error": "unknown"}, 200)


def _data_url(given: dict[str, Any]) -> str:
    size = (given.get("width", 64), given.get("height", 64))
    data = painted(f"{given.get('prompt')}{given.get('seed')}", size)
    return f"data:image/png;base64,{base64.b64encode(data).decode()}"
