"""Opening a file as what its first bytes announce, with that one format's reader and no other."""

import warnings
import zlib
from importlib import import_module
from pathlib import Path

from PIL import ExifTags, Image, ImageFile, PngImagePlugin

from media.decoding.limits import (
    MAX_FRAMES,
    MAX_PIXELS,
    MAX_PIXELS_OF_ALL_FRAMES,
    MAX_PROGRESSIVE_BYTES,
    MAX_SIDE,
    MAX_WEBP_PIXELS,
    Refused,
    too_costly,
    too_many_pixels,
)

# Pillow raises at twice this number, and below that only warns.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2
warnings.simplefilter("ignore", Image.DecompressionBombWarning)


def _begin_of_inflated(s: bytes) -> bytes:
    return zlib.decompressobj().decompress(s, MAX_PNG_CHUNK)


# Pillow refuses a PNG for a long text. What it reads of texts is used only to find out which way
# is up (media.decoding.metadata.png reads them for what they say), so they may be cut.
MAX_PNG_CHUNK = 4 * 1024 * 1024
PngImagePlugin._safe_zlib_decompress = _begin_of_inflated
PngImagePlugin.MAX_TEXT_MEMORY = 2**40  # the jail bounds memory

# Where each reader is. The class itself and not `Image.open`, which would import other readers
# and make an MPO of a JPEG with several pictures; its first picture is what everybody sees.
READERS = {
    "image/jpeg": ("PIL.JpegImagePlugin", "JpegImageFile"),
    "image/png": ("PIL.PngImagePlugin", "PngImageFile"),
    "image/webp": ("PIL.WebPImagePlugin", "WebPImageFile"),
    "image/gif": ("PIL.GifImagePlugin", "GifImageFile"),
    "image/avif": ("PIL.AvifImagePlugin", "AvifImageFile"),
    "image/heic": ("pillow_heif.as_plugin", "HeifImageFile"),
}
# Each thread costs address space, and a machine may have many processors.
THREADS = {
    "image/avif": ("PIL.AvifImagePlugin", "DEFAULT_MAX_THREADS"),
    "image/heic": ("pillow_heif.options", "DECODE_THREADS"),
}
MAX_THREADS = 2
# What makes upright what lies as EXIF says (EXIF 2.32, 4.6.4, Orientation).
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
MAGIC = (
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"GIF87a", "image/gif"),
    (b"GIF89a", "image/gif"),
)
# Brands of the file type box: ISO/IEC 23008-12 annex B (HEIC), AV1 Image File Format section 6.
BRANDS = {
    **dict.fromkeys((b"avif", b"avis"), "image/avif"),
    **dict.fromkeys(
        (b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"hevm", b"hevs"), "image/heic"
    ),
}
STRUCTURAL_BRANDS = {b"mif1", b"mif2", b"msf1"}  # the picture's kind is among the compatible ones


def sniff(path: Path) -> str:
    """The media type that the first bytes announce. Raises Refused."""
    with path.open("rb") as file:
        head = file.read(256)
    if not head:
        raise Refused("empty_file", "The file is empty.")
    for magic, media_type in MAGIC:
        if head.startswith(magic):
            return media_type
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    if head[4:8] == b"ftyp" and (media_type := _branded(head)):
        return media_type
    raise Refused("unsupported_type", "Accepted are JPEG, PNG, WebP, GIF, AVIF and HEIC images.")


def _branded(head: bytes) -> str:
    """What a file of boxes holds, by its brand; empty if it is none of ours."""
    if head[8:12] not in STRUCTURAL_BRANDS:
        return BRANDS.get(head[8:12], "")
    end = int.from_bytes(head[:4])
    brands = [head[at : at + 4] for at in range(16, min(end, len(head)), 4)]
    return next((BRANDS[brand] for brand in brands if brand in BRANDS), "")


def opened(path: Path, media_type: str) -> ImageFile.ImageFile:
    """The file, not yet decoded."""
    if media_type in THREADS:
        place, setting = THREADS[media_type]
        setattr(import_module(place), setting, MAX_THREADS)
    module, name = READERS[media_type]
    image: ImageFile.ImageFile = getattr(import_module(module), name)(path)
    return image


def check_size(image: Image.Image, media_type: str) -> None:
    """Raises Refused for more pixels or frames than are decoded."""
    pixels = image.width * image.height
    most = MAX_WEBP_PIXELS if media_type == "image/webp" else MAX_PIXELS
    if pixels > most or max(image.size) > MAX_SIDE:
        raise too_many_pixels()
    progressive = image.info.get("progressive")
    if progressive and pixels * (4 + 2 * len(image.getbands())) > MAX_PROGRESSIVE_BYTES:
        raise too_costly()
    frames = number_of_frames(image, media_type)
    if frames > MAX_FRAMES or pixels * frames > MAX_PIXELS_OF_ALL_FRAMES:
        raise _too_many_frames()


def number_of_frames(image: Image.Image, media_type: str) -> int:
    """Those of an animation. Several pictures in a HEIC are an album: the primary one counts."""
    return 1 if media_type == "image/heic" else int(getattr(image, "n_frames", 1))


def first_frame(image: Image.Image, media_type: str) -> Image.Image:
    """The first frame, apart from the file and from what its reader keeps.

    It is copied only where further frames will be drawn over it.
    """
    image.load()
    if number_of_frames(image, media_type) > 1:
        return image.copy()
    return image._new(image.im)


def decode_further_frames(image: Image.Image, media_type: str) -> int:
    """Decode the rest, so that nothing undecodable is kept; the number of frames."""
    frames = number_of_frames(image, media_type)
    pixels = image.width * image.height
    for index in range(1, frames):
        image.seek(index)
        pixels += image.width * image.height  # a GIF can grow on its way
        if pixels > MAX_PIXELS_OF_ALL_FRAMES:
            raise _too_many_frames()
        image.load()
    return frames


def turn_upright(picture: Image.Image) -> Image.Image:
    """The picture as EXIF or XMP says that it is to be seen; as it is where they are broken."""
    try:
        orientation = picture.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # noqa: BLE001  # it breaks in every way, and is named as unreadable
        return picture
    turn = TURNS.get(orientation)
    return picture if turn is None else picture.transpose(turn)


def _too_many_frames() -> Refused:
    return Refused("too_many_frames", "An animation may have 300 frames and 200 megapixels.")
