"""What moderators look at."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet

from media.models import Asset
from moderation.models import Case, Decision, Dispute, Report
from posts.models import Post
from users.models import User


@dataclass(frozen=True, slots=True)
class History:
    """What is known of an author."""

    posts: int
    cases: int
    upheld: int


def queue() -> QuerySet[Case]:
    """What waits for a decision: appeals first, then by weight, then oldest."""
    return cases().filter(state__in=Case.WAITING).order_by("state", "-weight", "id")


def cases() -> QuerySet[Case]:
    reports = Report.objects.select_related("reporter__avatar__asset").order_by("id")
    decisions = Decision.objects.select_related("moderator", "reversed_by").order_by("id")
    return Case.objects.select_related("author__avatar__asset").prefetch_related(
        Prefetch("reports", queryset=reports), Prefetch("decisions", queryset=decisions)
    )


def disputes_about(assets: Iterable[Asset]) -> QuerySet[Dispute]:
    """What the authors of these images said about their labels, oldest first."""
    return (
        Dispute.objects.filter(asset__in=[asset.pk for asset in assets])
        .select_related("case", "decision")
        .prefetch_related(Prefetch("proofs", queryset=Asset.objects.hydrated().order_by("pk")))
        .order_by("pk")
    )


def disputes_of(author: User) -> QuerySet[Dispute]:
    """What `author` disputed, with the answers."""
    return (
        Dispute.objects.filter(author=author)
        .select_related("decision__case", "decision__reversed_by")
        .prefetch_related(Prefetch("proofs", queryset=Asset.objects.order_by("pk").only("pk")))
    )


def histories(authors: Iterable[User]) -> dict[UUID, History]:
    """How much authors published, and how often complaints about them were upheld, by id.

    A case that nobody reported and that no banned image opened is no complaint: its author
    disputed a label.
    """
    people = {author.pk for author in authors}
    effective = Q(decisions__action__in=["hide", "ban", "relabel", "suspend"])
    counted = {
        row["author"]: (row["cases"], row["upheld"])
        for row in Case.objects.filter(Q(reports_count__gt=0) | Q(held=True), author__in=people)
        .values("author")
        .annotate(
            cases=Count("pk", distinct=True),
            upheld=Count("pk", distinct=True, filter=effective & Q(decisions__reversed_by=None)),
        )
    }
    posts = Post.objects.filter(author__in=people).published().values("author")
    published = {row["author"]: row["posts"] for row in posts.annotate(posts=Count("pk"))}
    return {
        person: History(published.get(person, 0), *counted.get(person, (0, 0))) for person in people
    }


def history_of(author: User) -> History:
    return histories([author])[author.pk]
