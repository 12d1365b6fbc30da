"""A Stable Diffusion web UI's API; servers without `knows_progress` only make images."""

import base64
import json
import threading
import time

from tests.helpers.peers.painted import painted
from tests.helpers.peers.serving import Answer, Asked, Peer


class SDAPIPeer(Peer):
    """`hold`: an event that is waited for before an image is answered."""

    def __init__(self, *, knows_progress: bool = True) -> None:
        super().__init__()
        self.hold: threading.Event | None = None
        self.contact_sheet = False
        self.seconds = 0.0
        self.interrupted = threading.Event()
        self.routes = {
            ("POST", "/sdapi/v1/(?:txt2img|img2img)"): self.make,
            ("POST", "/sdapi/v1/extra-single-image"): self.enlarge,
        }
        if knows_progress:
            self.routes |= {
                ("GET", "/sdapi/v1/progress"): self.progress,
                ("POST", "/sdapi/v1/interrupt"): lambda asked: self.interrupted.set() or {},
            }

    def make(self, asked: Asked) -> Answer:
        time.sleep(self.seconds)
        if self.hold is not None:
            self.hold.wait(20)
        body = asked.json
        size, count = (body["width"], body["height"]), body["batch_size"]
        images = [
            painted(f"{body['prompt']}{body['seed'] + index}", size) for index in range(count)
        ]
        if self.contact_sheet:
            images.insert(0, painted("sheet", size))
        texts = [base64.b64encode(data).decode() for data in images]
        return Answer({"images": texts, "parameters": {}, "info": json.dumps({"seed": 1})})

    def enlarge(self, asked: Asked) -> dict[str, str]:
        size = (asked.json["upscaling_resize_w"], asked.json["upscaling_resize_h"])
        return {"image": base64.b64encode(painted("large", size)).decode()}

    def progress(self, asked: Asked) -> dict[str, object]:
        picture = base64.b64encode(painted("so far", (64, 64))).decode()
        return {"progress": 0.5, "current_image": picture, "state": {"interrupted": False}}
