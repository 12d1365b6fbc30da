"""From what files hold to 8-bit sRGB."""

import io

from PIL import Image

STRIP_ROWS = 256


def to_srgb(picture: Image.Image) -> Image.Image:
    """8-bit RGB or RGBA in sRGB; a profile that does not fit the pixels is ignored.

    The picture that is given may be changed.
    """
    icc = picture.info.get("icc_profile")
    if icc and picture.mode in {"RGB", "RGBA", "L", "CMYK"}:
        picture = _by_profile(picture, icc)
    if picture.mode.startswith("I;16") or picture.mode == "I":
        picture = picture.point(lambda value: value / 256).convert("L")
    transparent = picture.mode in {"RGBA", "LA", "PA", "RGBa"} or "transparency" in picture.info
    mode = "RGBA" if transparent else "RGB"
    return picture if picture.mode == mode else picture.convert(mode)


def flattened(picture: Image.Image, background: str = "white") -> Image.Image:
    """Without transparency, on white. In strips: pasting converts what is pasted."""
    if picture.mode == "RGB":
        return picture
    flat = Image.new("RGB", picture.size, background)
    for top in range(0, picture.height, STRIP_ROWS):
        bottom = min(top + STRIP_ROWS, picture.height)
        strip = picture.crop((0, top, picture.width, bottom))
        flat.paste(strip, (0, top), mask=strip)
    return flat


def contrasting(picture: Image.Image) -> str:
    """The background on which a transparent picture stands out: what is drawn in white alone, by
    its transparency, is not to be seen on white."""
    small = picture.resize((32, 32), Image.Resampling.BOX, reducing_gap=1.0).convert("RGBA")
    values = small.tobytes()
    seen = [(sum(values[at : at + 3]), values[at + 3]) for at in range(0, len(values), 4)]
    weight = sum(alpha for _, alpha in seen) or 1
    light = sum(brightness * alpha for brightness, alpha in seen) / weight / 3
    return "black" if light >= 128 else "white"


def _by_profile(picture: Image.Image, icc: bytes) -> Image.Image:
    from PIL import ImageCms  # noqa: PLC0415  # many files have no profile

    try:
        profile = ImageCms.ImageCmsProfile(io.BytesIO(icc))
        srgb = ImageCms.createProfile("sRGB")
        if picture.mode in {"RGB", "RGBA"}:
            ImageCms.profileToProfile(picture, profile, srgb, inPlace=True)
        else:
            picture = ImageCms.profileToProfile(picture, profile, srgb, outputMode="RGB") or picture
    except (ImageCms.PyCMSError, ValueError, OSError):
        return picture
    # A transparent colour is named by its value before the conversion.
    picture.info.pop("transparency", None)
    return picture
