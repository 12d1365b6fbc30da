"""A ComfyUI server as 0.3.64 was seen to behave; `tells=False` is one whose socket is not there."""

import base64
import hashlib
import json
import struct
import threading
import time
from typing import Any

from tests.helpers.peers.painted import painted
from tests.helpers.peers.serving import Answer, Asked, Peer

_ACCEPT = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


class ComfyUIPeer(Peer):
    """`hold`: keeps prompts running. `ends`: what becomes of one, as the history has it."""

    def __init__(self, *, tells: bool = True) -> None:
        super().__init__()
        self.hold: threading.Event | None = None
        self.ends = "success"
        self.uploads: dict[str, bytes] = {}
        self.queue: dict[str, Any] = {}
        self.history: dict[str, Any] = {}
        self.sockets: list[Any] = []
        self.routes = {
            ("POST", "/upload/image"): self.upload,
            ("POST", "/prompt"): self.prompt,
            ("GET", "/history/(.*)"): lambda _, name: self._part(self.history, name),
            ("GET", "/queue"): lambda _: {
                "queue_running": [[0, name, {}] for name in self.queue],
                "queue_pending": [],
            },
            ("GET", "/view"): lambda asked: Answer(self.files[asked.query["filename"][0]]),
            ("POST", "/queue"): lambda _: Answer(b""),
            ("POST", "/interrupt"): lambda _: Answer(b""),
        }
        if tells:
            self.routes["GET", "/ws"] = self.socket
        self.files: dict[str, bytes] = {}

    def _part(self, whole: dict[str, Any], name: str) -> dict[str, Any]:
        return {name: whole[name]} if name in whole else {}

    def upload(self, asked: Asked) -> dict[str, str]:
        self.uploads["last"] = asked.parts["image"]
        return {"name": f"in-{len(self.uploads)}.png", "subfolder": "", "type": "input"}

    def prompt(self, asked: Asked) -> Answer:
        body = asked.json
        if any(node["class_type"] == "Unknown" for node in body["prompt"].values()):
            error = {"type": "invalid_prompt", "message": "Cannot execute: no such node"}
            return Answer({"error": error, "node_errors": {}}, 400)
        name = body["prompt_id"]
        self.queue[name] = body["prompt"]
        threading.Thread(target=self.work, args=(name, body["prompt"]), daemon=True).start()
        return Answer({"prompt_id": name, "number": 1, "node_errors": {}})

    def work(self, name: str, graph: dict[str, Any]) -> None:
        time.sleep(0.05)
        self.tell({"type": "execution_start", "data": {"prompt_id": name}})
        for step in range(1, 4):
            news = {"value": step, "max": 4, "prompt_id": name, "node": "sampled"}
            self.tell({"type": "progress", "data": news})
            self.tell(struct.pack(">II", 1, 1) + painted(f"step {step}", (64, 64), "JPEG"))
            time.sleep(0.01)
        if self.hold is not None:
            self.hold.wait(20)
        self.files[f"{name}.png"] = painted(*_made_of(graph))
        saved = {"filename": f"{name}.png", "subfolder": "", "type": "output"}
        temporary = {"filename": "no.png", "subfolder": "", "type": "temp"}
        self.history[name] = {
            "outputs": {"p": {"images": [temporary]}, "saved": {"images": [saved]}},
            "status": {
                "status_str": "success" if self.ends == "success" else "error",
                "completed": self.ends == "success",
                "messages": [[f"execution_{self.ends}", {"prompt_id": name}]],
            },
        }
        self.queue.pop(name, None)
        self.tell({"type": "executing", "data": {"node": None, "prompt_id": name}})

    def socket(self, asked: Asked) -> Answer:
        key = asked.headers["sec-websocket-key"] + _ACCEPT
        accept = base64.b64encode(hashlib.sha1(key.encode()).digest()).decode()  # noqa: S324
        return Answer(upgraded=(accept, self.sockets))

    def tell(self, news: dict[str, Any] | bytes) -> None:
        binary = isinstance(news, bytes)
        payload = news if isinstance(news, bytes) else json.dumps(news).encode()
        head = struct.pack(">BBH", 0x82 if binary else 0x81, 126, len(payload))
        for socket in list(self.sockets):
            try:
                socket.sendall(head + payload)
            except OSError:
                self.sockets.remove(socket)


def _made_of(graph: dict[str, Any]) -> tuple[str, tuple[int, int]]:
    inputs = [node["inputs"] for node in graph.values()]
    width, height = next((each["width"], each["height"]) for each in inputs if "width" in each)
    seed = next(each["seed"] for each in inputs if "seed" in each)
    return f"{[each.get('text') for each in inputs]}{seed}", (width, height)
