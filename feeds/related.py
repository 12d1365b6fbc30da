"""What goes with a post: what it was made of or is made of it, and what shares its tags.

Nobody is watched for it: it follows from the posts alone, and is the same for everybody but for
what they may see and want to meet.
"""

from typing import Any
from uuid import UUID

from django.db.models import (
    Case,
    CharField,
    Count,
    Exists,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Collate, Concat, LPad

from core.prepared import any_of, ask, prepared
from media.models import Asset
from posts.models import Post, PostAsset, PostTag

# To be made of the same is worth more tags than a post can have.
KIN = 50

# So many posts are looked at for each tag, the latest.
_SHARING_TAGS = """
    SELECT DISTINCT latest.post_id
      FROM posts_post_tags AS mine
     CROSS JOIN LATERAL (SELECT post_id FROM posts_post_tags
                          WHERE tag_id = mine.tag_id AND published_key IS NOT NULL
                          ORDER BY published_key DESC LIMIT 200) AS latest
     WHERE mine.post_id = $1
"""
# Records of what its images were made of, of what was made of them, and of its siblings. A work
# that is in no public post makes none of them kin: it would tell that it exists.
_KIN = """
    WITH own AS (SELECT record_id AS id FROM posts_postasset
                   JOIN media_asset ON media_asset.id = asset_id
                  WHERE post_id = $1 AND "limit" = '' AND state NOT IN ('held', 'removed')),
         parents AS (SELECT parent_id AS id FROM provenance_lineageedge
                       JOIN media_asset ON record_id = parent_id AND public
                      WHERE child_id IN (SELECT id FROM own)
                        AND EXISTS (SELECT FROM posts_postasset
                                      JOIN posts_post ON posts_post.id = post_id
                                     WHERE asset_id = media_asset.id AND visibility = 'public'
                                       AND posts_post.state = 'published'
                                       AND posts_post."limit" = ''))
    SELECT id FROM parents
     UNION
    SELECT child_id FROM provenance_lineageedge
     WHERE parent_id IN (SELECT id FROM own UNION SELECT id FROM parents)
"""


def near(post: Post) -> dict[str, Any]:
    """What `related` asks for: the post, posts that share its tags, and records of its kin."""
    return {"post": post, "sharing": _keys(_SHARING_TAGS, post), "kin": _keys(_KIN, post)}


@prepared("size")
def related(
    *, post: Post, sharing: list[UUID], kin: list[UUID], after: str | None, size: int
) -> QuerySet[Post, tuple[UUID, str]]:
    """Where to look: the nearest have the greatest place, of equally near ones the latest.

    A place follows from the two posts alone, so that pages hold while others come and go.
    """
    shown = Asset.objects.shown().filter(record__in=any_of(kin))
    of_its_kin = PostAsset.objects.filter(asset__in=shown)
    near = Q(pk__in=any_of(sharing)) | Q(pk__in=of_its_kin.values("post"))
    score = Coalesce(_shared_tags(post), 0) + Case(
        When(Exists(of_its_kin.filter(post=OuterRef("pk"))), then=KIN),
        default=0,
        output_field=IntegerField(),
    )
    rows = Post.objects.published().filter(near).exclude(pk=post.pk)
    rows = rows.annotate(score=score, place=_place())
    if after is not None:
        rows = rows.filter(place__lt=after)  # type: ignore[misc]  # annotated above
    return rows.order_by("-place").values_list("pk", "place")[:size]  # type: ignore[misc]  # the same


def _place() -> Collate:
    """Score and key as one text, compared byte by byte."""
    score = LPad(Cast("score", CharField()), 3, Value("0"))
    return Collate(Concat(score, Value(" "), Cast(F("published_key"), CharField())), "C")


def _shared_tags(post: Post) -> Subquery:
    carried = PostTag.objects.filter(post=OuterRef("pk"), tag__posts=post)
    counted = carried.order_by().values("post").annotate(shared=Count("pk"))
    shared = counted.values("shared")
    return Subquery(shared, output_field=IntegerField())


def _keys(sql: str, post: Post) -> list[UUID]:
    return [key for (key,) in ask(sql, [post.pk])]
