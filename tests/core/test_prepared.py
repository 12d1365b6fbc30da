"""Querysets that are put into SQL once and asked many times."""

from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DataError, connection, transaction
from django.db.models import F, Value

from core.db import RowVersion
from core.prepared import any_of, any_word, ask, forget, prepared
from media.models import Asset
from tests.helpers.rows import picture_of
from users.models import User

pytestmark = pytest.mark.django_db


def person(name, **fields):
    return User.objects.create(username=name, email=f"{name}@example.org", **fields)


def names(rows):
    return sorted(name for (name,) in rows)


def test_one_sql_serves_all_values_and_none_is_confused_with_a_constant():
    built = []

    @prepared("limit")
    def people(viewer, *, name, keys, least, limit):
        built.append(limit)
        rows = User.objects.exclude(pk=viewer.pk).filter(pk__in=any_of(keys), display_name=name)
        return rows.filter(posts_count__gte=least, limit="").values_list("username")[:limit]

    ann, ben, cleo = (
        person(n, display_name="%s or 100%", posts_count=3) for n in ("ann", "ben", "cleo")
    )
    keys = [ann.pk, ben.pk, cleo.pk]
    ask = {"name": "%s or 100%", "limit": 5}
    assert names(people(ann, keys=keys, least=3, **ask)) == ["ben", "cleo"]
    assert names(people(ben, keys=[*keys, uuid4()], least=0, **ask)) == ["ann", "cleo"]
    assert people(ben, keys=keys, least=4, **ask) == []
    assert people(ben, keys=[], least=0, **ask) == []
    assert people(ben, keys=keys, least=0, name="", limit=5) == []
    assert built == [5]
    assert len(people(ann, keys=keys, least=3, name="%s or 100%", limit=1)) == 1
    assert built == [5, 1]


def test_somebody_anonymous_and_nothing_are_shapes_of_their_own():
    @prepared()
    def who(viewer, after):
        rows = User.objects.filter(pk=viewer.pk) if viewer.is_authenticated else User.objects.all()
        return (rows if after is None else rows.filter(username__gt=after)).values_list("username")

    ann, _ = person("ann"), person("ben")
    assert names(who(ann, None)) == ["ann"]
    assert names(who(AnonymousUser(), None)) == ["ann", "ben"]
    assert names(who(AnonymousUser(), "ann")) == ["ben"]
    assert names(who(ann, "ann")) == []


def test_what_would_be_answered_for_a_blank_is_refused():
    @prepared()
    def like(name):
        return User.objects.filter(username__contains=name).values_list("username")

    @prepared()
    def of_name(person):
        return User.objects.filter(username=person.username).values_list("username")

    ann = person("ann")
    with pytest.raises(TypeError, match="went nowhere"):
        like("a")
    with pytest.raises(User.DoesNotExist):
        of_name(ann)


def test_queries_are_counted_and_a_plan_is_kept(django_assert_num_queries):
    @prepared()
    def one(key):
        return User.objects.filter(pk=key).annotate(n=Value(1)).values_list("username", "n")

    ann = person("ann")
    forget()
    with django_assert_num_queries(2):
        assert one(ann.pk) == one(ann.pk) == [("ann", 1)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements")
        assert any("username" in statement for (statement,) in cursor.fetchall())


def test_versions_of_rows_change_with_the_rows():
    owner = person("ann")
    asset = Asset.objects.get(pk=picture_of(owner))
    rows = Asset.objects.filter(pk=asset.pk).values_list(
        RowVersion("state"), RowVersion("record__flag"), RowVersion("owner__avatar__file_name")
    )
    before = rows.get()
    assert before[2] == "-"
    assert rows.get() == before
    Asset.objects.filter(pk=asset.pk).update(uses=F("uses"))
    after = rows.get()
    assert after[0] != before[0]
    assert after[1:] == before[1:]


def test_what_it_finds_may_be_written_by_the_same_statement():
    @prepared(
        within="""
            WITH seen (id, name) AS ({})
            UPDATE users_user AS person SET bio = 'seen' FROM seen
             WHERE person.id = seen.id RETURNING seen.name
        """
    )
    def mark(names):
        rows = User.objects.filter(username__in=any_word(names)).order_by("pk")
        return rows.select_for_update(no_key=True).values_list("pk", "username")

    for name in ("ann", "ben", "cleo"):
        person(name)
    assert names(mark(["ann", "cleo", "nobody"])) == ["ann", "cleo"]
    assert names(User.objects.filter(bio="seen").values_list("username")) == ["ann", "cleo"]


def test_it_asks_on_after_a_question_that_failed():
    with pytest.raises(DataError), transaction.atomic():
        ask("SELECT 1 / $1::int", [0])
    assert ask("SELECT 1 / $1::int", [1]) == [(1,)]
