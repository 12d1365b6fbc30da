"""What a walk looks at: of each post just what decides whether it is shown, by a prepared query."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import BooleanField, ExpressionWrapper, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Concat

from core.clock import now
from core.prepared import prepared
from media.models import Asset
from posts.models import Post, PostQuerySet
from posts.queries import under_hidden_tag
from provenance.origin import ai_ward
from provenance.vocabulary import Flag, Grade, Origin
from users.models import Viewer
from users.queries import mutes

#: What orders a surface: the key of a publication, or a place.
Key = UUID | int | str
Rows = Callable[..., PostQuerySet]


class Candidate(NamedTuple):
    """`unwanted`: by somebody whom the viewer has muted, or under a tag that they have hidden.
    `verdicts`: of its images that are shown, each as origin, grade and flag."""

    id: UUID
    place: Key
    author_id: UUID
    author_kind: str
    unwanted: bool
    verdicts: list[str]

    def flag(self) -> Flag | None:
        """That of the verdict of its most AI-ward image, or None if it shows none."""
        verdicts = [verdict.split() for verdict in self.verdicts]
        speaker = max(
            verdicts, key=lambda each: ai_ward(Origin(each[0]), Grade(each[1])), default=None
        )
        return Flag(speaker[2]) if speaker else None


def candidates(
    rows: Rows, given: dict[str, Any], viewer: Viewer, *, after: Key | None, batch: int,
    flag: Flag | None, but: str,
) -> list[Candidate]:  # fmt: skip
    """The next of what `rows(viewer, **given)` gives, the greatest `place` first.

    `flag`: only those whose column has it. `but`: a tag that is looked at, hidden or not.
    """
    found = _rows(rows, viewer, after=after, batch=batch, flag=flag, but=but, moment=now(), **given)
    return [Candidate(*row) for row in found]


@prepared("batch")
def _rows(
    rows: Rows, viewer: Viewer, *, after: Key | None, batch: int, flag: Flag | None, but: str,
    moment: datetime, **given: Any,
) -> QuerySet[Post, Any]:  # fmt: skip
    posts = rows(viewer, **given)
    if after is not None:
        posts = posts.filter(place__lt=after)  # type: ignore[misc]  # annotated by `rows`
    if flag is not None:
        posts = posts.filter(flag=flag)
    images = Asset.objects.shown().filter(postasset__post=OuterRef("pk"))
    verdict = Concat("record__origin", Value(" "), "record__grade", Value(" "), "record__flag")
    muted, hidden = mutes(viewer, "author", at=moment), under_hidden_tag(viewer, but=but)
    return posts.order_by(
        "-place"
    ).values_list(  # type: ignore[misc]  # annotated by `rows`
        "pk",
        "place",
        "author",
        "author__kind",
        ExpressionWrapper(Q(muted) | Q(hidden), BooleanField()),
        ArraySubquery(images.order_by("postasset__position").values_list(verdict)),
    )[:batch]
