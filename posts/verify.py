"""Asking about a file: what it says of itself, and whether it is known here. Nothing is kept."""

from dataclasses import dataclass
from pathlib import Path
from threading import BoundedSemaphore

from core.errors import DomainError
from media import preparing
from media.preparing import Inspected
from posts.models import Post
from posts.queries import assets_visible_to
from provenance import close_look, recognition
from provenance import services as provenance
from provenance.evidence import Observation
from provenance.origin import Judgement
from provenance.precedence import Match
from provenance.vocabulary import DETECTORS, DataMining, Origin
from users.models import Viewer

# A close look takes seconds of a processor; a process takes so many at once, and others wait.
LOOKS_AT_ONCE = 2
WAIT_SECONDS = 15
# Where a picture is everywhere, nobody is told of every copy.
MAX_FINDS = 20
_slots = BoundedSemaphore(LOOKS_AT_ONCE)


class VerifiersBusy(DomainError):
    """Many files are being verified just now. Try again in a moment."""

    status = 503
    code = "verifiers_busy"


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found, what it adds up to, and a post that shows the same picture."""

    judgement: Judgement
    observations: list[Observation]
    data_mining: DataMining
    post: Post | None


def verify(*, path: Path, viewer: Viewer) -> Verification:
    """Look at a file for `viewer`. Raises UnsupportedType, Undecodable, VerifiersBusy.

    That a picture was made by a machine here is told to everybody who has it. That somebody has
    the same picture, or one that looks like it, is told only where they show it to `viewer`.
    """
    file, matches = _look(path)
    shown = {match.source.pk: _post_of(match, viewer) for match in matches}
    read = file.findings.observations
    known = []
    for kind in DETECTORS:
        of_kind = (match for match in matches if match.sighting.kind is kind)
        telling = (m for m in of_kind if m.claims is not Origin.UNKNOWN or shown[m.source.pk])
        known += [recognition.observation_of(match, read) for match in list(telling)[:1]]
    observations = [*known, *read]
    return Verification(
        judgement=provenance.judge_file(observations),
        observations=observations,
        data_mining=file.findings.data_mining,
        post=next(filter(None, shown.values()), None),
    )


def _look(path: Path) -> tuple[Inspected, list[Match]]:
    if not _slots.acquire(timeout=WAIT_SECONDS):
        raise VerifiersBusy(retry_after=10)
    try:
        file = preparing.inspect(path=path, side=close_look.SIDE)
        finds = close_look.find(file.found.raw)
        nearest = sorted(finds, key=lambda find: -find.closeness)[:MAX_FINDS]
        return file, recognition.look_up(file.found.digest, nearest)[:MAX_FINDS]
    finally:
        _slots.release()


def _post_of(match: Match, viewer: Viewer) -> Post | None:
    """The earliest post that shows the matching work to `viewer`."""
    shown = assets_visible_to(viewer).filter(record=match.source)
    posts = Post.objects.visible_to(viewer).filter(assets__in=shown)
    return posts.order_by("published_key").first()
