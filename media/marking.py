"""Writing what we know into the files that we made: XMP into all, our signature into most."""

import io
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from PIL import Image

from media.sandbox import RenditionReport
from provenance.marks import credentials, xmp
from provenance.marks.embed import embed_xmp
from provenance.marks.mark import Mark, Parent
from provenance.marks.watermarks import Picture
from provenance.readers.c2pa.store import Store, private_assertions

# Below it a manifest may weigh more than the picture.
SIGNED_FROM_WIDTH = 256


def mark_files(
    made: Iterable[RenditionReport], mark: Mark, parent: Parent
) -> tuple[RenditionReport, ...]:
    """Marked copies of renditions of `parent`, beside them. Raises CannotSign."""
    packet = xmp.packet(mark)
    return tuple(_marked(report, packet, mark, parent) for report in made)


def mark_generated(picture: Picture, mark: Mark, *, reworked: bool) -> bytes:
    """The PNG of what a generator made, its pixels marked already, with all that it says of itself.

    `reworked`: from another picture, which is named and no more, because not everybody who sees
    the result may see it. Raises CannotSign.
    """
    png = io.BytesIO()
    Image.fromarray(picture).save(png, "PNG", compress_level=4)
    marked = embed_xmp(png.getvalue(), xmp.packet(mark), "image/png")
    parent = Parent(data=b"", media_type="image/png", embed=False) if reworked else None
    return credentials.sign_created(marked, "image/png", mark, parent)


def parent_of_files(original: Path, media_type: str, store: Store) -> Parent:
    """An original as the parent of its renditions: its manifests go along, without what is
    private in them, if nothing private is left then. What the jailed reader could not read is not
    given to the signer."""
    if not store.plain:
        return Parent(data=b"", media_type=media_type, embed=False)
    return Parent(
        data=original.read_bytes(), media_type=media_type, redact=private_assertions(store)
    )


def _marked(report: RenditionReport, packet: bytes, mark: Mark, parent: Parent) -> RenditionReport:
    data = embed_xmp(report.path.read_bytes(), packet, report.media_type)
    if report.width >= SIGNED_FROM_WIDTH:
        data = credentials.sign_rendition(data, report.media_type, mark, parent)
    path = report.path.with_name(f"marked-{report.path.name}")
    path.write_bytes(data)
    return replace(report, path=path, size=len(data))
