"""An Images API: as OpenAI documents it, and as sloppy as compatible servers were seen to be."""

import base64
import json
from typing import Any

from tests.helpers.peers.painted import painted
from tests.helpers.peers.serving import Answer, Asked, Peer

MODERATED = {
    "message": "Your request was rejected by the safety system. safety_violations=[violence]",
    "type": "image_generation_user_error",
    "code": "moderation_blocked",
    "param": None,
}


class OpenAIPeer(Peer):
    """`streams`: whether `stream` is heard. `instead`: what is answered instead of an image."""

    def __init__(self, *, streams: bool = True) -> None:
        super().__init__()
        self.streams = streams
        self.instead: Any = None
        self.routes = {
            ("POST", "/v1/images/generations"): lambda asked: self.make(asked, asked.json),
            ("POST", "/v1/images/edits"): lambda asked: self.make(asked, _fields(asked)),
            ("GET", "/files/(.*)"): lambda _, name: Answer(painted(name, (256, 256))),
        }

    def make(self, asked: Asked, fields: dict[str, Any]) -> Any:
        if self.instead is not None:
            return self.instead
        width, height = (int(side) for side in fields["size"].split("x"))
        made = [
            painted(f"{fields['prompt']}{number}", (width, height))
            for number in range(int(fields["n"]))
        ]
        if self.streams and fields.get("stream") in {True, "true"}:
            edit = asked.path.endswith("edits")
            return _stream("image_edit" if edit else "image_generation", made[0])
        return {"created": 1, "data": [{"b64_json": _text(data)} for data in made]}


def sse(*news: dict[str, Any]) -> Answer:
    pieces = [f"event: {each['type']}\ndata: {json.dumps(each)}\n\n".encode() for each in news]
    return Answer(iter(pieces), headers={"Content-Type": "text/event-stream"})


def _stream(kind: str, data: bytes) -> Answer:
    partials = [
        {
            "type": f"{kind}.partial_image",
            "b64_json": _text(painted(f"partial {number}", (256, 256))),
            "partial_image_index": number,
        }
        for number in range(2)
    ]
    return sse(*partials, {"type": f"{kind}.completed", "b64_json": _text(data), "usage": {}})


def _fields(asked: Asked) -> dict[str, Any]:
    return {
        name: value.decode() for name, value in asked.parts.items() if name not in {"image", "mask"}
    }


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
