"""Whom one might like to follow: those whom one's followees follow, and who is followed much.

Nothing private is told by it: whom a followee follows is open to their followers, who sees somebody
here may see them anyway, and who has blocked is not there.
"""

from uuid import UUID

from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from users.models import Follow, SuggestionDismissed, User, UserQuerySet
from users.queries import blocked_between, mutes

MOST = 20
# So many followees are asked, the latest, for so many of theirs each: it bounds what is read.
FOLLOWEES_ASKED = 100
FOLLOWS_READ = 200
CANDIDATES = 200

_FOLLOWED_BY_FOLLOWEES = """
    SELECT theirs.followee_id, count(*) AS common
      FROM (SELECT followee_id FROM users_follow
             WHERE follower_id = %(viewer)s AND accepted
             ORDER BY id DESC LIMIT %(followees)s) AS mine
     CROSS JOIN LATERAL (SELECT followee_id FROM users_follow
                          WHERE follower_id = mine.followee_id AND accepted
                          ORDER BY id DESC LIMIT %(follows)s) AS theirs
     GROUP BY theirs.followee_id
     ORDER BY common DESC, theirs.followee_id
     LIMIT %(candidates)s
"""


def suggestions_for(viewer: User) -> list[tuple[User, int]]:
    """At most MOST people, with how many of one's followees follow them; the most first."""
    common = _followed_by_followees(viewer)
    near = _open_to(viewer).filter(pk__in=common)
    found = sorted(near, key=lambda person: (-common[person.pk], -person.followers_count))[:MOST]
    if len(found) < MOST:
        known = [person.pk for person in found]
        popular = _open_to(viewer).filter(private=False, followers_count__gt=0)
        more = popular.exclude(pk__in=known).order_by("-followers_count", "pk")
        found += more[: MOST - len(found)]
    return [(person, common.get(person.pk, 0)) for person in found]


@transaction.atomic
def dismiss(*, viewer: User, person: User) -> None:
    """Suggest somebody no more."""
    SuggestionDismissed.objects.get_or_create(user=viewer, person=person)


def _followed_by_followees(viewer: User) -> dict[UUID, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            _FOLLOWED_BY_FOLLOWEES,
            {
                "viewer": viewer.pk,
                "followees": FOLLOWEES_ASKED,
                "follows": FOLLOWS_READ,
                "candidates": CANDIDATES,
            },
        )
        return dict(cursor.fetchall())


def _open_to(viewer: User) -> UserQuerySet:
    """Whom `viewer` may see and neither follows, nor asked to, nor avoids, nor has waved away."""
    asked_or_follows = Exists(Follow.objects.filter(follower=viewer, followee=OuterRef("pk")))
    dismissed = SuggestionDismissed.objects.filter(user=viewer, person=OuterRef("pk"))
    waved_away = Exists(dismissed)
    unwanted = (asked_or_follows, waved_away, mutes(viewer, "pk"), blocked_between(viewer, "pk"))
    people = User.objects.visible_to(viewer).filter(limit="").exclude(pk=viewer.pk)
    for condition in unwanted:
        people = people.exclude(condition)
    suggested: UserQuerySet = people.select_related("avatar__asset")
    return suggested
