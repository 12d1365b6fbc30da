"""Files as generators write them, through the real decoder, to what is read in them."""

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from media.sandbox import examine
from provenance.readers.everything import read_all
from provenance.vocabulary import Origin
from tests.helpers.generated import (
    A1111,
    A1111_EDIT,
    EASY,
    EDITS,
    FOOOCUS,
    NOVELAI,
    PICTURES,
    graph,
    packet,
    source_type,
    workflow,
)
from tests.helpers.pictures import encoded, picture

EXIF_IFD, USER_COMMENT, MAKER_NOTE = 0x8769, 0x9286, 0x927C
TAGS = {"Make": 0x010F, "Model": 0x0110, "ImageDescription": 0x010E, "Artist": 0x013B}


def png(chunks, xmp=""):
    info = PngInfo()
    for name, text in chunks.items():
        info.add_itxt(name, text) if not text.isascii() else info.add_text(name, text)
    if xmp:
        info.add_itxt("XML:com.adobe.xmp", xmp)
    return encoded(picture(), "PNG", pnginfo=info)


def with_exif(kind, *, comment="", order="utf-16-be", maker="", xmp="", **tags):
    exif = Image.Exif()
    for name, text in tags.items():
        exif[TAGS[name]] = text
    inner = exif.get_ifd(EXIF_IFD)
    if comment:
        inner[USER_COMMENT] = b"UNICODE\0" + comment.encode(order)
    if maker:
        inner[MAKER_NOTE] = maker.encode()
    options = {"xmp": xmp.encode()} if xmp else {}
    return encoded(picture(), kind, exif=exif, **options)


def said(data, tmp_path):
    path = tmp_path / "upload"
    path.write_bytes(data)
    return [(item.generator, item.claims) for item in read_all(examine(path).metadata)]


GENERATED, EDITED = Origin.AI_GENERATED, Origin.AI_EDITED
WEBUI = "Stable Diffusion web UI"
GOOGLE = PICTURES["google"][1]["xmp"]
FILES = {
    "a1111 png": (lambda: png({"parameters": A1111}), (WEBUI, GENERATED)),
    "a1111 png, other letters": (lambda: png({"parameters": f"猫 {A1111}"}), (WEBUI, GENERATED)),
    "a1111 jpeg": (lambda: with_exif("JPEG", comment=A1111), (WEBUI, GENERATED)),
    "a1111 jpeg, little-endian": (
        lambda: with_exif("JPEG", comment=A1111, order="utf-16-le"), (WEBUI, GENERATED),
    ),
    "a1111 webp, img2img": (lambda: with_exif("WEBP", comment=A1111_EDIT), (WEBUI, EDITED)),
    "a1111 gif": (lambda: encoded(picture(), "GIF", comment=A1111.encode()), (WEBUI, GENERATED)),
    "comfyui png": (
        lambda: png({"prompt": graph(), "workflow": workflow()}), ("ComfyUI", GENERATED),
    ),
    "comfyui webp": (
        lambda: with_exif("WEBP", Model=f"prompt:{graph(latent='picture', denoise=0.5)}"),
        ("ComfyUI", EDITED),
    ),
    "comfyui jpeg": (
        lambda: with_exif("JPEG", Make=f"workflow:{workflow()}"), ("ComfyUI", GENERATED),
    ),
    "fooocus jpeg": (
        lambda: with_exif("JPEG", comment=FOOOCUS, maker="fooocus"), ("Fooocus", GENERATED),
    ),
    "novelai png": (lambda: png(NOVELAI), ("NovelAI", GENERATED)),
    "easy diffusion png": (lambda: png(EASY), ("Easy Diffusion", GENERATED)),
    "midjourney png": (
        lambda: png(PICTURES["midjourney png"][1]["text"]), ("Midjourney", GENERATED),
    ),
    "draw things png": (
        lambda: png({}, xmp=EDITS["draw things"][1]["xmp"]), ("Draw Things", EDITED),
    ),
    "grok jpeg": (
        lambda: with_exif("JPEG", **PICTURES["grok"][1]["exif"]), ("xAI Grok", GENERATED),
    ),
    "ideogram jpeg": (lambda: with_exif("JPEG", Make="Ideogram AI"), ("Ideogram", GENERATED)),
    "chinas label png": (lambda: png({"AIGC": '{"Label": "1"}'}), ("", GENERATED)),
    "chinas label jpeg": (
        lambda: with_exif("JPEG", comment='{"AIGC": {"Label": "1"}}'), ("", GENERATED),
    ),
    "iptc webp": (
        lambda: with_exif("WEBP", xmp=packet(source_type("trainedAlgorithmicMedia"))),
        ("", GENERATED),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FILES)
def test_a_file_says_what_its_generator_wrote(name, tmp_path):
    make, expected = FILES[name]
    assert said(make(), tmp_path) == [expected]


def test_googles_file_says_it_twice(tmp_path):
    assert said(with_exif("JPEG", xmp=GOOGLE), tmp_path) == [
        ("", GENERATED),
        ("Google AI", GENERATED),
    ]


@pytest.mark.parametrize(
    "make",
    [
        lambda: encoded(picture(), "JPEG"),
        lambda: with_exif("JPEG", Make="Canon", Model="EOS R5", ImageDescription="No Midjourney"),
        lambda: with_exif("WEBP", comment="Steps: 3 to the lake"),
        lambda: png({"Software": "Adobe Photoshop", "Comment": "made with love", "prompt": "say"}),
    ],
)
def test_a_photograph_says_nothing(make, tmp_path):
    assert said(make(), tmp_path) == []
