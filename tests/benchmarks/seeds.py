"""A large network in an empty database, made by Postgres from a few rows: follows after Zipf."""

from typing import Any

from django.db import connection, models

from media.models import Asset, Rendition
from posts.models import Post, PostAsset, Tag
from provenance.models import Record
from tests.helpers.rows import picture_of
from users.models import Follow, User

TAGS = 2000
TAGS_OF_A_POST = 3
#: Images are shared between posts: what a page reads of each is the same.
IMAGES_PER_PERSON = 5
WIDTHS = (200, 400, 800, 1600)
#: Of ten thousand people one follows about 195: some are drawn twice.
DRAWN = 292


def sow(*, people: int, posts: int) -> None:
    """`people` who follow those of DRAWN others that differ, and the first of all; `posts`
    of one image and TAGS_OF_A_POST tags each; two in five images are AI."""
    _run("SET statement_timeout = 0")
    first = User.objects.create(username="p_0", email="p_0@example.org", posts_count=1)
    _people(first, people)
    _follows(people)
    _images(first)
    _posts(posts)
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE sown")
        cursor.execute("VACUUM ANALYZE")
        cursor.execute("RESET statement_timeout")


def _people(first: User, count: int) -> None:
    _copy(
        User,
        first.pk,
        f"generate_series(1, {count - 1}) AS n",
        id="uuidv7()",
        username="'p_' || n",
        email="'p_' || n || '@example.org'",
    )
    _run(
        "CREATE TABLE sown AS SELECT id, row_number() OVER (ORDER BY substr(username, 3)::int) - 1"
        " AS n FROM users_user"
    )
    _run("CREATE UNIQUE INDEX ON sown (n)")


def _follows(people: int) -> None:
    """The n-th person is the more followed the smaller n is; the first is followed by all."""
    table = Follow._meta.db_table
    _run(
        f"INSERT INTO {table} (id, follower_id, followee_id, accepted, created_at)"
        " SELECT uuidv7(), a.id, b.id, true, now() FROM ("
        f"  SELECT a.n AS a, floor(pow({people}, random()))::int AS b"
        f"    FROM sown a, generate_series(1, {DRAWN})"
        f"  UNION SELECT n, 0 FROM sown) pairs"
        " JOIN sown a ON a.n = pairs.a JOIN sown b ON b.n = pairs.b WHERE a.n <> b.n"
    )
    for column, side in (("followers_count", "followee_id"), ("following_count", "follower_id")):
        _run(
            f"UPDATE users_user SET {column} = c FROM (SELECT {side} AS id, count(*) AS c"
            f" FROM {table} GROUP BY 1) counted WHERE counted.id = users_user.id"
        )


def _images(first: User) -> None:
    asset = Asset.objects.get(pk=picture_of(first))
    for width in WIDTHS:
        Rendition.objects.create(
            asset=asset, media_type="image/webp", width=width, height=width, size=1, key="k"
        )
    each = f"sown, generate_series(1, {IMAGES_PER_PERSON}) AS k"
    ai = "CASE WHEN k % 5 < 2 THEN '{}' ELSE '{}' END"
    _copy(
        Record, asset.record_id, each, id="uuidv7()", owner_id="sown.id",
        origin=ai.format("ai_generated", "human_captured"), flag=ai.format("ai", "human"),
        grade="'declared'",
    )  # fmt: skip
    _copy(
        Asset, asset.pk, f"{Record._meta.db_table} AS r", id="uuidv7()", record_id="r.id",
        owner_id="r.owner_id", token="left(encode(sha256(r.id::text::bytea), 'hex'), 27)",
        public="true", where=f"r.id <> '{asset.record_id}'",
    )  # fmt: skip
    for rendition in asset.renditions.all():
        _copy(
            Rendition, rendition.pk, f"{Asset._meta.db_table} AS a", id=None, asset_id="a.id",
            where=f"a.id <> '{asset.pk}'",
        )  # fmt: skip


def _posts(count: int) -> None:
    """By people at random, over the last year, the latest last."""
    Tag.objects.bulk_create(Tag(name=f"tag{number}") for number in range(TAGS))
    first = User.objects.get(username="p_0")
    template = Post.objects.create(author=first, kind="image", body="Stones by the sea")
    people = User.objects.count()
    _copy(
        Post, template.pk, f"generate_series(1, {count}) AS nth JOIN sown ON"
        f" sown.n = (hashint4(nth)::bigint + 2147483648) % {people}",
        id="uuidv7()", author_id="sown.id", state="'published'",
        published_key=f"uuidv7((nth - {count}) * interval '1 year' / {count})",
        published_at=f"now() + (nth - {count}) * interval '1 year' / {count}",
    )  # fmt: skip
    template.delete()
    _run(
        f"INSERT INTO {PostAsset._meta.db_table} (post_id, asset_id, position)"
        f" SELECT p.id, a.id, 0 FROM {Post._meta.db_table} p JOIN ("
        f"  SELECT id, owner_id, row_number() OVER (PARTITION BY owner_id ORDER BY id) AS k"
        f"    FROM {Asset._meta.db_table}) a ON a.owner_id = p.author_id"
        f" AND a.k = 1 + (hashtext(p.id::text)::bigint + 2147483648) % {IMAGES_PER_PERSON}"
    )
    _run(
        "UPDATE posts_post SET flag = r.flag FROM posts_postasset pa JOIN media_asset a ON"
        " a.id = pa.asset_id JOIN provenance_record r ON r.id = a.record_id"
        " WHERE pa.post_id = posts_post.id AND r.flag <> posts_post.flag"
    )
    _run(
        f"INSERT INTO {Post.tags.through._meta.db_table} (post_id, tag_id, published_key)"
        " SELECT DISTINCT p.id, t.id, p.published_key FROM posts_post p,"
        f" generate_series(1, {TAGS_OF_A_POST}) k,"
        f" (SELECT id, row_number() OVER (ORDER BY id) - 1 AS n FROM posts_tag) t"
        f" WHERE t.n = (hashtext(p.id::text || k)::bigint + 2147483648) % {TAGS}"
    )


def _copy(
    model: type[models.Model], key: Any, source: str, *, where: str = "true", **columns: str | None
) -> None:
    """Rows like that of `key`, one for each row of `source`, but for `columns`: expressions, or
    None where the database gives the value."""
    names = [f.column for f in model._meta.concrete_fields if columns.get(f.column, "") is not None]
    values = [columns.get(name) or f"like_it.{name}" for name in names]
    quoted = ", ".join(f'"{name}"' for name in names)
    table = model._meta.db_table
    _run(
        f"INSERT INTO {table} ({quoted}) SELECT {', '.join(values)}"
        f" FROM {source} CROSS JOIN (SELECT * FROM {table} WHERE id = '{key}') like_it"
        f" WHERE {where}"
    )


def _run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
