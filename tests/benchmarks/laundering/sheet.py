"""One picture that shows every attack, on a photograph and on a painted picture."""

from pathlib import Path

from PIL import Image, ImageDraw, ImageFont, ImageOps

from media_gen.backends.procedural.painter import paint
from tests.benchmarks.laundering.attacks import ATTACKS, attacked

PROMPT = "a windmill in a meadow at sunset"
COLUMNS = 8
BOX, GAP, LABEL = 96, 4, 20
QUALITIES = range(80, 30, -5)
MAX_BYTES = 120_000


def write(path: Path, photograph: Path) -> None:
    """As WebP of at most `MAX_BYTES`, if any quality can do that."""
    with Image.open(photograph) as file:
        taken = file.convert("RGB")
    painted = paint(PROMPT, seed=3, width=1024, height=1024)
    sheet = draw({"photograph": taken, "painted": painted})
    for quality in QUALITIES:
        sheet.save(path, "WEBP", quality=quality, method=6)
        if path.stat().st_size <= MAX_BYTES:
            return


def draw(pictures: dict[str, Image.Image]) -> Image.Image:
    """A cell for each attack: the attacked pictures side by side, and its name below."""
    width, height = len(pictures) * (BOX + GAP) + 2 * GAP, BOX + LABEL
    rows = -(-len(ATTACKS) // COLUMNS)
    sheet = Image.new("RGB", (COLUMNS * width, rows * height), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(12)
    for index, name in enumerate(ATTACKS):
        left, top = index % COLUMNS * width + GAP, index // COLUMNS * height + GAP
        for place, (key, picture) in enumerate(pictures.items()):
            box = (left + place * (BOX + GAP), top)
            pen.rectangle((*box, box[0] + BOX - 1, box[1] + BOX - 1), fill=(232, 232, 232))
            shown = ImageOps.contain(attacked(picture, name, key), (BOX, BOX))
            middle = ((BOX - shown.width) // 2, (BOX - shown.height) // 2)
            sheet.paste(shown, (box[0] + middle[0], box[1] + middle[1]))
        pen.text((left, top + BOX + 1), name, fill="black", font=font)
    return sheet
