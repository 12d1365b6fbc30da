"""What moderators look at."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Prefetch, Q, QuerySet

from moderation.models import Case, Decision, Report
from posts.models import Post
from users.models import User


@dataclass(frozen=True, slots=True)
class History:
    """What is known of an author."""

    posts: int
    cases: int
    upheld: int


def queue() -> QuerySet[Case]:
    """What waits for a decision: appeals and most reported first, then oldest."""
    return cases().filter(state__in=Case.WAITING).order_by("state", "-reports_count", "id")


def cases() -> QuerySet[Case]:
    reports = Report.objects.select_related("reporter__avatar__asset").order_by("id")
    decisions = Decision.objects.select_related("moderator", "reversed_by").order_by("id")
    return Case.objects.select_related("author__avatar__asset").prefetch_related(
        Prefetch("reports", queryset=reports), Prefetch("decisions", queryset=decisions)
    )


def histories(authors: Iterable[User]) -> dict[UUID, History]:
    """How much authors published, and how often complaints about them were upheld, by id."""
    people = {author.pk for author in authors}
    effective = Q(decisions__action__in=["hide", "relabel", "suspend"])
    counted = {
        row["author"]: (row["cases"], row["upheld"])
        for row in Case.objects.filter(author__in=people)
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
