"""Bytes, decoded, judged, marked and read: ready to be taken in. Nothing is stored here."""

import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from media import marking, naming, rendering, sandbox
from media.decoding.limits import MAX_SIDE
from media.masking import Masked, Unchanged, only_within
from media.models import Asset
from media.sandbox import Examination, RawOrder, RenditionOrder
from provenance import descent, generated, reading, trust
from provenance.generated import GenerationFacts
from provenance.marks import watermarks
from provenance.marks.mark import Parent
from provenance.marks.watermarks import Issue
from provenance.matching import appearance
from provenance.matching.pdq import Grey
from provenance.readers.c2pa.store import Store
from provenance.reading import Findings
from provenance.trust import TrustPolicy
from safety.outputs import require_showable
from users.models import User

FIRST_WIDTH = 640
Parents = Sequence[tuple[Asset, str]]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A file that has been decoded and read, and is ready to be taken in.

    `look` is its brightness, small; `parent` the file as the parent of what will be made of it. Of
    what was made here there are `facts` and the number of its `watermark`.
    """

    path: Path
    found: Examination
    look: Grey
    parent: Parent
    findings: Findings
    facts: GenerationFacts | None = None
    watermark: Issue | None = None


@dataclass(frozen=True, slots=True)
class Inspected:
    """A file that was only looked at."""

    found: Examination
    findings: Findings


def inspect(*, path: Path, side: int = 0) -> Inspected:
    """Decode and read a file of which nothing is kept. Raises UnsupportedType, Undecodable.

    `side`: how long its brightness is wanted (Examination.raw), if it is.
    """
    believed = trust.policy()
    with tempfile.TemporaryDirectory(prefix="pentimento-") as folder:
        look = RawOrder(Path(folder) / "look", side, "L") if side else None
        found, store = _decode_and_read(path, believed, raw=look)
    return Inspected(found, reading.findings(found.metadata, store, believed))


@contextmanager
def prepare_upload(
    *, path: Path, file_name: str = "", declared_type: str = ""
) -> Iterator[Prepared]:
    """Decode and read what a person brought; hold its name and declared type against what it is.

    Raises UnsupportedType, Undecodable, TypeMismatch.
    """
    with tempfile.TemporaryDirectory(prefix="pentimento-") as folder:
        prepared = _examine(path, Path(folder))
        naming.check_claims(
            media_type=prepared.found.media_type,
            file_name=file_name,
            declared_type=declared_type,
        )
        yield prepared


@contextmanager
def prepare_generated(
    *,
    owner: User,
    data: bytes,
    facts: GenerationFacts,
    parents: Parents = (),
    source_digest: str = "",
    within: Masked | None = None,
) -> Iterator[Prepared]:
    """Decode, judge, mark and read what a backend made; outside of `within` the source stays.

    `source_digest`: of the pixels that it was given, if any. Raises ValueError for what is no
    image, Unchanged, Undecodable, OutputRefused, SafetyUnavailable, CannotMark, CannotSign.

    What it made is opaque afterwards: its brightness carries the invisible mark.
    """
    made_of = descent.made_of([(asset.record, relation) for asset, relation in parents])
    mark = generated.mark_of(facts, made_of, owner)
    with tempfile.TemporaryDirectory(prefix="pentimento-") as name:
        folder = Path(name)
        drawn = _drawn(data, folder)
        if drawn.digest == source_digest:
            raise Unchanged
        require_showable(drawn.raw)
        pixels = drawn.raw if within is None else only_within(within, drawn.raw)
        picture, issue = watermarks.write(pixels)
        path = folder / "generated.png"
        mark = replace(mark, watermark=issue.written)
        path.write_bytes(marking.mark_generated(picture, mark, reworked=bool(made_of)))
        yield replace(_examine(path, folder, facts), watermark=issue)


def _examine(path: Path, folder: Path, facts: GenerationFacts | None = None) -> Prepared:
    first = RenditionOrder(folder / "first.webp", FIRST_WIDTH, rendering.WEBP)
    look = RawOrder(folder / "look", appearance.SIDE, "L")
    believed = trust.policy()
    found, store = _decode_and_read(path, believed, [first], raw=look, placeholder=True)
    return Prepared(
        path=path,
        found=found,
        look=found.raw,
        parent=marking.parent_of_files(path, found.media_type, store),
        findings=reading.findings(found.metadata, store, believed),
        facts=facts,
    )


def _drawn(data: bytes, folder: Path) -> Examination:
    """What a backend made, with its colours as bare pixels. Raises ValueError for no image."""
    path = folder / "drawn"
    path.write_bytes(data)
    try:
        return sandbox.examine(path, raw=RawOrder(folder / "pixels", MAX_SIDE, "RGB"))
    except sandbox.UnsupportedType as error:
        raise ValueError("a backend sent what is no image") from error


def _decode_and_read(
    path: Path,
    believed: TrustPolicy,
    renditions: Sequence[RenditionOrder] = (),
    *,
    raw: RawOrder | None = None,
    placeholder: bool = False,
) -> tuple[Examination, Store]:
    """The picture and its manifests, at the same time, each in a process of its own."""
    with ThreadPoolExecutor(max_workers=1) as beside:
        credentials = beside.submit(reading.read_credentials, path, believed)
        found = sandbox.examine(path, renditions, raw=raw, placeholder=placeholder)
        return found, credentials.result()
