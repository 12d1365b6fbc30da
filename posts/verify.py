"""Asking about a file: what it says of itself, and whether it is known here. Nothing is kept."""

from dataclasses import dataclass
from pathlib import Path

from media import services as media
from posts.models import Post
from provenance import recognition
from provenance import services as provenance
from provenance.evidence import Observation
from provenance.origin import Judgement
from provenance.recognition import Match
from provenance.vocabulary import DataMining, Origin
from users.models import Viewer


@dataclass(frozen=True, slots=True)
class Verification:
    """What was found, what it adds up to, and a post that shows the same picture."""

    judgement: Judgement
    observations: list[Observation]
    data_mining: DataMining
    post: Post | None


def verify(*, path: Path, viewer: Viewer) -> Verification:
    """Look at a file for `viewer`. Raises UnsupportedType, Undecodable.

    That a picture was made by a machine here is told to everybody who has it. That somebody has
    the same picture is told only where they show it to `viewer`.
    """
    file = media.inspect(path=path)
    matches = recognition.look_up(file.found.digest)
    shown = {match.source.pk: _post_of(match, viewer) for match in matches}
    telling = next(
        (m for m in matches if m.claims is not Origin.UNKNOWN or shown[m.source.pk]), None
    )
    read = file.findings.observations
    known = [recognition.observation_of(telling, read)] if telling else []
    observations = [*known, *read]
    return Verification(
        judgement=provenance.judge_file(observations),
        observations=observations,
        data_mining=file.findings.data_mining,
        post=next(filter(None, shown.values()), None),
    )


def _post_of(match: Match, viewer: Viewer) -> Post | None:
    """The earliest post that shows the matching work to `viewer`."""
    posts = Post.objects.visible_to(viewer).filter(assets__record=match.source)
    return posts.order_by("published_key").first()
