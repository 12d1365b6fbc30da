"""What the panel lays before a moderator: each case with its target, its pictures, its history.

However many cases a page shows, gathering them takes the same number of queries.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet

from media.models import Asset
from moderation import exhibits, queries
from moderation.exhibits import Picture
from moderation.models import Case, Decision, Dispute, Report, TargetKind
from moderation.queries import History
from moderation.targets import Thing
from posts.models import Board, Comment, Post
from posts.queries import most_ai_ward
from provenance.serializers import present_provenance
from users.models import User, Viewer

DISPUTED = "dispute"
HELD = "held"


@dataclass(frozen=True, slots=True)
class Folder:
    """A case and what there is to know before deciding it. `thing` is None if it is gone."""

    case: Case
    thing: Thing | None
    pictures: list[Picture]
    label: dict[str, Any] | None
    history: History
    reasons: list[tuple[str, int]]

    @property
    def text(self) -> str:
        match self.thing:
            case Post() | Comment():
                return self.thing.body
            case Asset():
                return self.thing.alt_text
            case User():
                return self.thing.bio
            case Board():
                return self.thing.description
            case _:
                return ""

    @property
    def withdrawn(self) -> bool:
        """Whether its author took it back meanwhile."""
        match self.thing:
            case Post() | Asset():
                return self.thing.state == "removed"
            case Comment():
                return self.thing.deleted_at is not None
            case _:
                return self.thing is None

    @property
    def dispute(self) -> Dispute | None:
        """The dispute that waits in this case."""
        waiting = [picture.open_objection for picture in self.pictures]
        disputes = [objection.dispute for objection in waiting if objection]
        return next((each for each in disputes if each.case_id == self.case.pk), None)

    @property
    def limit(self) -> str:
        return self.thing.limit if self.thing else ""


def open_folders(cases: Sequence[Case], moderator: Viewer) -> list[Folder]:
    """The folders of cases from `queries.cases()`, in their order."""
    things = _things(cases)
    disputes = _disputes(things.values())
    histories = queries.histories(case.author for case in cases)
    return [
        _folder(case, things.get(case.target_id), disputes, histories[case.author_id], moderator)
        for case in cases
    ]


def open_folder(case: Case, moderator: Viewer) -> Folder:
    return open_folders([case], moderator)[0]


def about(reason: str) -> Q:
    """A condition: somebody reported the case for this reason, or its label is DISPUTED, or its
    image HELD."""
    if reason == HELD:
        return Q(held=True)
    if reason == DISPUTED:
        return Q(Exists(Dispute.objects.filter(case=OuterRef("pk"))))
    return Q(Exists(Report.objects.filter(case=OuterRef("pk"), reason=reason)))


def for_moderator(moderator: User) -> QuerySet[Case]:
    """What waits for a decision that `moderator` may make (services: NotImpartial)."""
    reported = Report.objects.filter(case=OuterRef("pk"), reporter=moderator)
    decided = Decision.objects.filter(case=OuterRef("pk"), moderator=moderator)
    return (
        queries.queue()
        .exclude(author=moderator)
        .exclude(Exists(reported))
        .exclude(Q(Exists(decided), state=Case.State.APPEALED))
    )


def beside(case: Case, rows: QuerySet[Case]) -> tuple[Case | None, Case | None]:
    """The cases before and after `case` in queue order; after the last comes the first."""
    rows = rows.exclude(pk=case.pk).prefetch_related(None).select_related(None)
    same_state = Q(state=case.state)
    same_weight = same_state & Q(weight=case.weight)
    later = (
        Q(state__gt=case.state)
        | (same_state & Q(weight__lt=case.weight))
        | (same_weight & Q(id__gt=case.pk))
    )
    if case.state not in Case.WAITING:
        return None, rows.first()
    return rows.exclude(later).last(), rows.filter(later).first() or rows.first()


def reversible(decision: Decision) -> bool:
    """Whether nobody has undone it yet."""
    return decision.action != Decision.Action.REVERSE and not hasattr(decision, "reversed_by")


def _folder(
    case: Case,
    thing: Thing | None,
    disputes: Mapping[UUID, list[Dispute]],
    history: History,
    moderator: Viewer,
) -> Folder:
    pictures = [
        exhibits.lay_out(asset, disputes.get(asset.pk, []), moderator)
        for asset in _assets_of(thing)
    ]
    speaker = most_ai_ward(picture.asset.record for picture in pictures)
    reasons = Counter(report.get_reason_display() for report in case.reports.all())
    return Folder(
        case=case,
        thing=thing,
        pictures=pictures,
        label=present_provenance(speaker, sheet_url=speaker.asset.sheet_url) if speaker else None,
        history=history,
        reasons=reasons.most_common(),
    )


def _assets_of(thing: Thing | None) -> Iterable[Asset]:
    match thing:
        case Post():
            return thing.assets.all()
        case Asset():
            return [thing]
        case User() if hasattr(thing, "avatar"):
            return [thing.avatar.asset]
        case _:
            return []


def _disputes(things: Iterable[Thing]) -> Mapping[UUID, list[Dispute]]:
    """The disputes about the pictures of all these, by asset."""
    found: dict[UUID, list[Dispute]] = defaultdict(list)
    for dispute in queries.disputes_about(asset for thing in things for asset in _assets_of(thing)):
        found[dispute.asset_id].append(dispute)
    return found


def _things(cases: Sequence[Case]) -> dict[UUID, Thing]:
    """What the cases are about, each kind at once."""
    hydrated = exhibits.looked_at().prefetch_related("record__parents__parent__owner")
    in_order = Prefetch("assets", queryset=hydrated.order_by("postasset__position"))
    rows: dict[str, QuerySet[Any]] = {
        TargetKind.POST: Post.objects.prefetch_related(in_order, "tags"),
        TargetKind.ASSET: hydrated,
        TargetKind.COMMENT: Comment.objects.select_related("post__author"),
        TargetKind.BOARD: Board.objects.prefetch_related("sections"),
        TargetKind.USER: User.objects.select_related("avatar").prefetch_related(
            Prefetch("avatar__asset", queryset=hydrated)
        ),
    }
    found: dict[UUID, Thing] = {}
    for kind, queryset in rows.items():
        wanted = [case.target_id for case in cases if case.target_kind == kind]
        if wanted:
            found |= queryset.in_bulk(wanted)
    return found
