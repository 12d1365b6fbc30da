"""The only code that decodes images. Runs as a program of its own, limited and without Django.

    python -I media/decoder.py < order.json > report.json

The order names the input file and the renditions to write; the report says what the file is,
holds its metadata as plain bounded text, and lists what was written. Whatever goes wrong here is
`{"error": {"code", "detail"}}`: the parent makes one kind of refusal of it.
"""

import hashlib
import io
import json
import resource
import sys
import warnings
from pathlib import Path
from typing import Any

import blurhash
from PIL import ExifTags, Image, ImageCms, ImageOps, PngImagePlugin

MEMORY_BYTES = 1024 * 1024 * 1024
CPU_SECONDS = 15
FILE_BYTES = 128 * 1024 * 1024
MAX_PIXELS = 50_000_000
MAX_SIDE = 16_383  # WebP has no more
MAX_WEBP_PIXELS = 24_000_000
MAX_FRAMES = 300
MAX_PIXELS_OF_ALL_FRAMES = 200_000_000
MAX_TEXT = 64 * 1024
MAX_KNOWN_TEXT = 1024 * 1024
MAX_ENTRIES = 64
STRIP_ROWS = 256
# Where generators write their settings (provenance/readers/generators.py): read whole, and first.
KNOWN_TEXT = (
    "parameters", "prompt", "workflow", "Comment", "Software", "Title", "Description",
    "fooocus_scheme", "invokeai_metadata", "invokeai_graph", "invokeai_workflow", "sd-metadata",
    "use_stable_diffusion_model", "XML:com.adobe.xmp",
)  # fmt: skip
TOO_MANY_PIXELS = "An image may have at most 50 megapixels and 16,383 pixels a side."
OPENED_AS = ["JPEG", "PNG", "WEBP", "GIF", "AVIF"]
# Pillow opens a JPEG of several pictures as MPO; its first picture is what everybody sees.
MEDIA_TYPES = {
    "JPEG": "image/jpeg",
    "MPO": "image/jpeg",
    "PNG": "image/png",
    "WEBP": "image/webp",
    "GIF": "image/gif",
    "AVIF": "image/avif",
}
MAGIC = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
EXIF_TEXT = ("Make", "Model", "Software", "Artist", "ImageDescription", "UserComment", "MakerNote")


class Refused(Exception):
    """The file is not accepted. `code` is stable and for programs."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code


def main() -> None:
    order = json.load(sys.stdin)
    limit_this_process()
    try:
        report = examine(order)
    except Refused as refusal:
        report = {"error": {"code": refusal.code, "detail": str(refusal)}}
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        report = {"error": {"code": "too_many_pixels", "detail": TOO_MANY_PIXELS}}
    except MemoryError:
        report = {"error": {"code": "too_costly", "detail": "The image needs too much memory."}}
    except Exception:  # noqa: BLE001  # Pillow raises far outside its documented errors
        report = {"error": {"code": "corrupt_image", "detail": "The image does not decode."}}
    json.dump(report, sys.stdout)


def limit_this_process() -> None:
    """Memory, CPU and file size; no core dumps."""
    for what, amount in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (amount, amount))
    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    PngImagePlugin.MAX_TEXT_CHUNK = 4 * MAX_KNOWN_TEXT
    warnings.simplefilter("error", Image.DecompressionBombWarning)


def examine(order: dict[str, Any]) -> dict[str, Any]:
    """Identify, decode every frame, read the metadata, write the renditions."""
    path = Path(order["path"])
    media_type = sniff(path)
    with Image.open(path, formats=OPENED_AS) as image:
        check_format(image, media_type)
        check_size(image)
        raw = metadata(image)
        picture = first_frame(image)
        frames = decode_all_frames(image)
    upright = to_srgb(picture, raw.pop("icc"))
    del picture
    return {
        "media_type": media_type,
        "width": upright.width,
        "height": upright.height,
        "frames": frames,
        "digest": pixel_digest(upright),
        "blurhash": placeholder(upright) if order.get("placeholder") else "",
        "metadata": raw,
        "renditions": [write(upright, **wanted) for wanted in order.get("renditions", [])],
    }


def sniff(path: Path) -> str:
    """The media type that the first bytes announce. Raises Refused."""
    with path.open("rb") as file:
        head = file.read(32)
    if not head:
        raise Refused("empty_file", "The file is empty.")
    for magic, media_type in MAGIC:
        if head.startswith(magic):
            return media_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:12] in {b"ftypavif", b"ftypavis"}:
        return "image/avif"
    raise Refused("unsupported_type", "Accepted are JPEG, PNG, WebP, GIF and AVIF images.")


def check_format(image: Image.Image, media_type: str) -> None:
    if MEDIA_TYPES.get(image.format or "") != media_type:
        raise Refused("corrupt_image", "The content is not what the first bytes announce.")


def check_size(image: Image.Image) -> None:
    frames = int(getattr(image, "n_frames", 1)) if image.format != "MPO" else 1
    pixels = image.width * image.height
    if pixels > MAX_PIXELS or max(image.size) > MAX_SIDE:
        raise Refused("too_many_pixels", TOO_MANY_PIXELS)
    if frames > MAX_FRAMES or pixels * frames > MAX_PIXELS_OF_ALL_FRAMES:
        raise Refused("too_many_frames", "An animation may have 300 frames and 200 megapixels.")


def first_frame(image: Image.Image) -> Image.Image:
    """The first frame, upright; a copy only where there are further frames to decode."""
    image.load()
    several = getattr(image, "n_frames", 1) > 1 and image.format != "MPO"
    return ImageOps.exif_transpose(image.copy() if several else image)


def decode_all_frames(image: Image.Image) -> int:
    """Decode the rest, so that nothing undecodable is kept; the number of frames."""
    frames = int(getattr(image, "n_frames", 1)) if image.format != "MPO" else 1
    for index in range(1, frames):
        image.seek(index)
        image.load()
    return frames


def metadata(image: Image.Image) -> dict[str, Any]:
    """What the file says of itself, as bounded text; `icc` is the colour profile's bytes."""
    unreadable: list[str] = []
    image.load()
    info = {str(name)[:80]: value for name, value in image.info.items()}
    known = {name: info[name] for name in KNOWN_TEXT if isinstance(info.get(name), str)}
    other = {name: value for name, value in info.items() if isinstance(value, str)}
    text = {name: value[:MAX_TEXT] for name, value in list(other.items())[:MAX_ENTRIES]}
    text |= {name: value[:MAX_KNOWN_TEXT] for name, value in known.items()}
    if isinstance(info.get("comment"), bytes):
        text["comment"] = info["comment"].decode("utf-8", "replace")[:MAX_TEXT]
    xmp = info.get("xmp") or text.get("XML:com.adobe.xmp") or gif_xmp(image)
    try:
        exif = exif_text(image)
    except Exception:  # noqa: BLE001  # a broken EXIF block must not hide what else is there
        exif = {}
        unreadable.append("exif")
    return {
        "text": text,
        "exif": exif,
        "xmp": (xmp if isinstance(xmp, str) else xml_text(xmp))[:MAX_KNOWN_TEXT],
        "unreadable": unreadable,
        "icc": image.info.get("icc_profile"),
    }


def xml_text(packet: bytes) -> str:
    """An XMP packet as text: UTF-8, or UTF-16 as its zero bytes show (XMP part 1, 7.1)."""
    head = packet[:4]
    if b"\0" not in head and head[:2] not in {b"\xfe\xff", b"\xff\xfe"}:
        return packet.decode("utf-8", "replace")
    little = head[:2] == b"\xff\xfe" or head[1:2] == b"\0"
    return packet.decode("utf-16-le" if little else "utf-16-be", "replace").lstrip("\ufeff")


def gif_xmp(image: Image.Image) -> bytes:
    """The packet in a GIF's application extension, which Pillow leaves (XMP part 3, 1.1.2)."""
    if image.format != "GIF":
        return b""
    data = Path(str(getattr(image, "filename", ""))).read_bytes()
    begin = data.find(b"XMP DataXMP")
    if begin < 0:
        return b""
    packet = data[begin + 11 : begin + 11 + MAX_KNOWN_TEXT]
    end = packet.find(b"<?xpacket end")
    return packet[: end if end >= 0 else len(packet)]


def exif_text(image: Image.Image) -> dict[str, str]:
    """The EXIF fields in which generators write; never position, serial numbers or dates."""
    exif = image.getexif()
    tags = {ExifTags.TAGS.get(key, ""): value for key, value in exif.items()}
    inner = exif.get_ifd(ExifTags.IFD.Exif)
    tags |= {ExifTags.TAGS.get(key, ""): value for key, value in inner.items()}
    return {name: as_text(tags[name])[:MAX_KNOWN_TEXT] for name in EXIF_TEXT if name in tags}


def as_text(value: Any) -> str:
    """EXIF text: plain, or UserComment with its eight bytes of encoding (EXIF 2.32, 4.6.5)."""
    if not isinstance(value, bytes):
        return str(value)
    if value.startswith(b"UNICODE\0"):
        # The byte order is not stated; the one that gives more plain characters is meant.
        readings = [value[8:].decode(order, "replace") for order in ("utf-16-be", "utf-16-le")]
        return max(readings, key=lambda text: sum(char.isascii() for char in text))
    return value.removeprefix(b"ASCII\0\0\0").strip(b"\0").decode("utf-8", "replace")


def to_srgb(picture: Image.Image, icc: bytes | None) -> Image.Image:
    """8-bit RGB or RGBA in sRGB; a profile that does not fit the pixels is ignored."""
    if icc and picture.mode in {"RGB", "RGBA", "L", "CMYK"}:
        try:
            profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
            target = "RGBA" if picture.mode == "RGBA" else "RGB"
            converted = ImageCms.profileToProfile(
                picture, profile, ImageCms.createProfile("sRGB"), outputMode=target
            )
            picture = converted or picture
        except (ImageCms.PyCMSError, ValueError, OSError):
            pass
    if picture.mode.startswith("I;16") or picture.mode == "I":
        picture = picture.point(lambda value: value / 256).convert("L")
    transparent = picture.mode in {"RGBA", "LA", "PA"} or "transparency" in picture.info
    mode = "RGBA" if transparent else "RGB"
    return picture if picture.mode == mode else picture.convert(mode)


def pixel_digest(picture: Image.Image) -> str:
    """SHA-256 over size and oriented RGBA8 pixels: equal pixels, equal digest, any format.

    Strip by strip, so that a large picture is not in memory twice.
    """
    digest = hashlib.sha256(f"{picture.width}x{picture.height}\n".encode())
    for top in range(0, picture.height, STRIP_ROWS):
        strip = picture.crop((0, top, picture.width, min(top + STRIP_ROWS, picture.height)))
        digest.update(strip.convert("RGBA").tobytes())
    return digest.hexdigest()


def placeholder(picture: Image.Image) -> str:
    """The blurhash, from a picture small enough for the pure Python encoder."""
    small = picture.convert("RGB").resize((32, 32), Image.Resampling.BOX)
    rows = [[small.getpixel((x, y)) for x in range(32)] for y in range(32)]
    made: str = blurhash.encode(rows, components_x=4, components_y=3)
    return made


def write(
    picture: Image.Image, path: str, width: int, media_type: str, xmp: str | None = None
) -> dict[str, Any]:
    """One rendition, `width` pixels wide or the full size if that is smaller.

    The report carries the digest of what a reader of the file will decode.
    """
    width = min(width, picture.width)
    height = max(1, round(picture.height * width / picture.width))
    image = picture
    if width < picture.width:
        image = picture.resize((width, height), Image.Resampling.LANCZOS, reducing_gap=2.0)
    options: dict[str, Any] = {"xmp": xmp.encode()} if xmp else {}
    image.info.clear()
    if media_type == "image/webp":
        image.save(path, "WEBP", quality=82, method=2, **options)
    else:
        flat = flattened(image)
        flat.info.clear()
        if media_type == "image/png":
            flat.save(path, "PNG", compress_level=1)
        else:
            flat.save(path, "JPEG", quality=85, progressive=True, **options)
    with Image.open(path) as decoded:
        digest = pixel_digest(decoded)
    return {
        "path": path,
        "width": image.width,
        "height": image.height,
        "media_type": media_type,
        "size": Path(path).stat().st_size,
        "digest": digest,
    }


def flattened(image: Image.Image) -> Image.Image:
    """Without transparency, on white."""
    if image.mode == "RGB":
        return image
    flat = Image.new("RGB", image.size, "white")
    flat.paste(image, mask=image.getchannel("A"))
    return flat


if __name__ == "__main__":
    main()
