"""What the sandbox at the door withstands, and what the largest accepted files cost.

`--files N` broken files go through as many decoders at once as there are processors: each may be
read or refused, and nothing else may happen. Then each of the largest kinds of accepted file is
decoded with the renditions that the service asks for, in a process of its own, whose children's
peak memory is the decoder's. The promise: at most 512 MiB and 10 seconds each.
"""

import argparse
import io
import multiprocessing
import os
import resource
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import django
import pillow_heif
from PIL import Image, ImageCms

from tests.helpers import malformed

MAX_MIB, MAX_SECONDS = 512, 10
LARGE, WIDEST_WEBP, PHOTO = (8000, 6250), (6000, 4000), (4000, 3000)


class Outcome(NamedTuple):
    name: str
    code: str
    seconds: float


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev bench door", description=__doc__)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    django.setup()
    held = _broken_files(options.seed, options.files)
    return 0 if _largest_files() and held else 1


def _broken_files(seed: int, how_many: int) -> bool:
    from media import sandbox

    def outcome(folder: str, file: malformed.File) -> Outcome:
        path = Path(folder, str(file.number))
        path.write_bytes(file.data)
        begin, code = time.perf_counter(), "read"
        try:
            sandbox.examine(path)
        except (sandbox.Undecodable, sandbox.UnsupportedType) as refusal:
            code = refusal.code
        except Exception as error:  # noqa: BLE001  # what must not happen is counted, by its name
            code = repr(error)[:80]
        path.unlink()
        return Outcome(file.name, code, time.perf_counter() - begin)

    begin = time.perf_counter()
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        broken = malformed.files(seed=seed, how_many=how_many)
        outcomes = list(pool.map(lambda file: outcome(folder, file), broken))
    print(f"{how_many} broken files in {time.perf_counter() - begin:.0f} s (seed {seed})")
    for code, number in Counter(each.code for each in outcomes).most_common():
        print(f"  {number:>6} {code}")
    print("slowest:")
    for each in sorted(outcomes, key=lambda each: -each.seconds)[:5]:
        print(f"  {each.seconds:>6.2f} s {each.name}: {each.code}")
    print(f"peak memory of a decoder: {_peak_of_children():.0f} MiB\n")
    expected = {"read", "corrupt_image", "unsupported_type", "too_many_pixels", "too_many_frames"}
    for each in outcomes:
        if each.code not in expected | {"too_costly"}:
            print(f"UNEXPECTED {each.name}: {each.code}")
    return all(each.code in expected | {"too_costly"} for each in outcomes)


def _largest_files() -> bool:
    print(f"{'largest accepted files':<34} {'upload':>16} {'renditions':>16}")
    spawning = multiprocessing.get_context("spawn")
    held = True
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "file")
        for kind in LARGEST:
            with ProcessPoolExecutor(1, spawning, max_tasks_per_child=1) as apart:
                apart.submit(_make, kind, path).result()
                costs = [apart.submit(_cost, path, upload).result() for upload in (True, False)]
            row = " ".join(f"{mib:>5.0f} MiB {seconds:>4.1f} s" for mib, seconds in costs)
            print(f"{kind:<34} {row}", flush=True)
            held &= all(mib <= MAX_MIB and seconds <= MAX_SECONDS for mib, seconds in costs)
    return held


def _make(kind: str, path: Path) -> None:
    path.write_bytes(LARGEST[kind]())


def _cost(path: Path, upload: bool) -> tuple[float, float]:
    """Peak memory in MiB and seconds of one decoder with the orders of the service."""
    django.setup()
    from media import rendering, sandbox
    from media.decoding.limits import MAX_WEBP_PIXELS

    with tempfile.TemporaryDirectory() as folder:
        width, height = _size(path)
        widths = {640} if upload else {min(each, width) for each in rendering.WIDTHS}
        if not upload and width * height <= MAX_WEBP_PIXELS:
            widths.add(width)
        orders = [
            sandbox.RenditionOrder(Path(folder, f"{each}.webp"), each, rendering.WEBP)
            for each in widths
        ]
        if not upload:
            full = Path(folder, "full.jpg")
            orders.append(sandbox.RenditionOrder(full, width, rendering.JPEG))
        begin = time.perf_counter()
        sandbox.examine(path, orders, placeholder=upload)
        return _peak_of_children(), time.perf_counter() - begin


def _size(path: Path) -> tuple[int, int]:
    """The upright size, without decoding."""
    pillow_heif.register_heif_opener()
    with Image.open(path) as image:
        lying = image.getexif().get(0x0112, 1) >= 5
        return (image.height, image.width) if lying else image.size


def _peak_of_children() -> float:
    return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024


def _saved(mode: str, size: tuple[int, int], kind: str, **options: Any) -> Callable[[], bytes]:
    def save() -> bytes:
        image = Image.linear_gradient("L").resize(size).convert(mode.removesuffix("A"))
        if mode == "RGBA":
            image.putalpha(Image.radial_gradient("L").resize(size))
        file = io.BytesIO()
        image.save(file, kind, **options)
        return file.getvalue()

    return save


def _heic() -> bytes:
    pillow_heif.register_heif_opener()
    return _saved("RGB", LARGE, "HEIF", quality=30)()


def _turned() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif.tobytes()


def _animation() -> bytes:
    frames = [Image.linear_gradient("L").rotate(turn).resize((800, 800)) for turn in range(300)]
    file = io.BytesIO()
    frames[0].save(file, "GIF", save_all=True, append_images=frames[1:])
    return file.getvalue()


PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
TURNED = {"exif": _turned(), "icc_profile": PROFILE}
LARGEST: dict[str, Callable[[], bytes]] = {
    "12 MP JPEG": _saved("RGB", PHOTO, "JPEG"),
    "50 MP JPEG": _saved("RGB", LARGE, "JPEG"),
    "50 MP JPEG, progressive 4:4:4": _saved("RGB", LARGE, "JPEG", progressive=True, subsampling=0),
    "50 MP JPEG, profile, rotated": _saved("RGB", LARGE, "JPEG", **TURNED),
    "50 MP JPEG, CMYK": _saved("CMYK", LARGE, "JPEG"),
    "50 MP PNG": _saved("RGB", LARGE, "PNG", compress_level=1),
    "50 MP PNG, alpha": _saved("RGBA", LARGE, "PNG", compress_level=1),
    "50 MP PNG, alpha, profile, rotated": _saved("RGBA", LARGE, "PNG", compress_level=1, **TURNED),
    "50 MP PNG, 16-bit": _saved("I;16", LARGE, "PNG", compress_level=1),
    "24 MP PNG, alpha": _saved("RGBA", WIDEST_WEBP, "PNG", compress_level=1),
    "24 MP WebP": _saved("RGB", WIDEST_WEBP, "WEBP", method=0),
    "24 MP WebP, alpha": _saved("RGBA", WIDEST_WEBP, "WEBP", method=0),
    "24 MP WebP, lossless, alpha": _saved("RGBA", WIDEST_WEBP, "WEBP", lossless=True, method=0),
    "50 MP AVIF": _saved("RGB", LARGE, "AVIF", speed=10),
    "50 MP HEIC": _heic,
    "GIF of 300 frames, 192 MP": _animation,
}
