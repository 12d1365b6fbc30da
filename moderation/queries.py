"""What moderators look at."""

from dataclasses import dataclass

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
    reports = Report.objects.select_related("reporter__avatar").order_by("id")
    decisions = Decision.objects.select_related("moderator", "reversed_by").order_by("id")
    return Case.objects.select_related("author__avatar").prefetch_related(
        Prefetch("reports", queryset=reports), Prefetch("decisions", queryset=decisions)
    )


def history_of(author: User) -> History:
    """How much an author published, and how often complaints about them were upheld."""
    effective = Q(decisions__action__in=["hide", "relabel", "suspend"])
    counted = Case.objects.filter(author=author).aggregate(
        cases=Count("pk", distinct=True),
        upheld=Count("pk", distinct=True, filter=effective & Q(decisions__reversed_by=None)),
    )
    published = Post.objects.filter(author=author).published().count()
    return History(published, counted["cases"], counted["upheld"])
