"""Home by timelines: what is pushed is what would be looked up, whatever happens meanwhile."""

import random
from uuid import UUID

import pytest
import redis
from django.db import connection
from django.test.utils import CaptureQueriesContext
from redis.backoff import NoBackoff
from redis.retry import Retry

from core.ids import uuid7
from core.redis import client
from feeds import homes, tasks, timelines
from posts.models import Post
from posts.publishing import publish_post
from posts.services import create_post, follow_tag, remove_post
from tests.helpers.outbox import settle
from users import services as graph
from users.models import User

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _small(monkeypatch):
    monkeypatch.setattr(timelines, "ENTRIES", 5)
    monkeypatch.setattr(timelines, "SLACK", 3)


def person(name):
    return User.objects.create(username=name, email=f"{name}@example.org")


@pytest.fixture
def reader():
    return person("reader")


@pytest.fixture
def author(reader):
    author = person("author")
    follow(reader, author)
    return author


def follow(reader, author):
    graph.follow(follower=reader, followee=author)
    reader.refresh_from_db()


def publish(author, body="Stones", **given):
    return create_post(author=author, assets=[], body=body, **given)


def looked_up(reader, after=timelines.NEWEST, size=50):
    return homes.look_up(reader, after, size)


def home(reader, after=timelines.NEWEST, size=50):
    return homes.keys(reader, after, size)


def warm(reader):
    assert timelines.begin(reader)
    homes.fill(reader)
    assert timelines.read(reader, timelines.NEWEST, 1) is not None


def entries(reader):
    return client().lrange(timelines.name_of(reader.pk), 0, -1)


def test_what_is_published_is_pushed_to_who_reads(reader, author):
    publish(author)
    warm(reader)
    idler = person("idler")
    follow(idler, author)
    published = publish(author)
    assert timelines.read(reader, timelines.NEWEST, 1) != [
        Post.objects.get(pk=published.pk).published_key
    ]
    settle()
    assert home(reader) == looked_up(reader)
    assert len(home(reader)) == 2
    assert entries(idler) == []


def test_a_first_reading_is_answered_and_asks_for_a_timeline_once(
    reader, author, django_capture_on_commit_callbacks
):
    publish(author)
    with django_capture_on_commit_callbacks() as asked:
        assert home(reader) == home(reader) == looked_up(reader)
    assert len(asked) == 1
    homes.fill(reader)
    with django_capture_on_commit_callbacks() as asked:
        assert home(reader) == looked_up(reader)
    assert asked == []


def test_what_is_published_while_it_is_filled_is_not_lost(reader, author):
    publish(author)
    timelines.begin(reader)
    keys = looked_up(reader)
    publish(author)
    settle()
    timelines.fill(reader, keys)
    assert home(reader) == looked_up(reader)


def test_pages_go_on_below_what_is_kept(reader, author):
    for _ in range(12):
        publish(author)
    settle()
    warm(reader)
    for _ in range(20):
        publish(author)
        settle()
    assert len(entries(reader)) <= timelines.ENTRIES + timelines.SLACK + 1
    seen, after = [], timelines.NEWEST
    while page := home(reader, after, 4):
        seen += page
        after = page[-1]
    assert seen == looked_up(reader)
    assert len(seen) == 32


def test_what_arrives_late_or_twice_hides_nothing(reader, author):
    """Pushes overtake each other, and a task may run twice."""
    warm(reader)
    posts = [publish(author) for _ in range(30)]
    chance = random.Random(3)
    arrivals = [*posts, *posts]
    chance.shuffle(arrivals)
    for number, post in enumerate(arrivals):
        homes.fan_out(Post.objects.get(pk=post.pk))
        if number > len(posts) // 2 and set(arrivals[: number + 1]) == set(posts):
            for size in (1, 3, 7):
                assert home(reader, size=size) == looked_up(reader, size=size)
    last = looked_up(reader)[3]
    assert home(reader, last, 10) == looked_up(reader, last, 10)


def test_whom_one_follows_counts_at_once(reader, author):
    other = person("other")
    publish(other)
    warm(reader)
    follow(reader, other)
    assert home(reader) == looked_up(reader) != []
    homes.fill(reader)
    graph.unfollow(follower=reader, followee=other)
    reader.refresh_from_db()
    assert home(reader) == []


def test_somebody_who_read_before_the_follow_does_not_undo_it(reader, author):
    before = User.objects.get(pk=reader.pk)
    follow(reader, person("other"))
    warm(reader)
    assert not timelines.begin(before)
    assert timelines.read(before, timelines.NEWEST, 5) is None
    assert timelines.read(reader, timelines.NEWEST, 5) == []


def test_ones_own_and_followed_tags_are_never_late(reader):
    warm(reader)
    publish(reader)
    follow_tag(user=reader, name="stones")
    publish(person("other"), tags=["stones"])
    assert len(home(reader)) == 2


def test_who_has_too_many_followers_is_looked_up(reader, author, settings):
    publish(author)
    settle()
    warm(reader)
    settings.FAN_OUT_MAX_FOLLOWERS = 0
    large = publish(author)
    settle()
    assert User.objects.get(pk=author.pk).never_pushed
    assert home(reader) == looked_up(reader)
    assert len(home(reader)) == 2
    settings.FAN_OUT_MAX_FOLLOWERS = 10
    publish(author)
    settle()
    assert home(reader) == looked_up(reader)
    assert len(home(reader)) == 3
    key = Post.objects.get(pk=large.pk).published_key
    assert key.bytes not in entries(reader)


def test_without_redis_postgres_answers(reader, author, monkeypatch):
    publish(author)
    warm(reader)
    away = redis.Redis(host="127.0.0.1", port=1, retry=Retry(NoBackoff(), 0))
    monkeypatch.setattr(timelines, "client", lambda: away)
    timelines._script.cache_clear()
    assert home(reader) == looked_up(reader) != []
    timelines._script.cache_clear()


def test_a_timeline_that_was_lost_is_made_again(reader, author):
    publish(author)
    warm(reader)
    client().delete(timelines.name_of(reader.pk))
    assert home(reader) == looked_up(reader) != []
    homes.fill(reader)
    assert timelines.read(reader, timelines.NEWEST, 5) == looked_up(reader)


def test_it_ends_by_itself(reader, author):
    assert timelines.begin(reader)
    assert 0 < client().ttl(timelines.name_of(reader.pk)) <= 60
    homes.fill(reader)
    for _ in range(20):
        publish(author)
        settle()
    assert 60 < client().ttl(timelines.name_of(reader.pk)) <= timelines.KEPT.total_seconds()


def test_a_scheduled_post_comes_home_at_its_time(reader, author):
    warm(reader)
    draft = publish(author, draft=True)
    settle()
    assert home(reader) == []
    publish_post(post=draft)
    settle()
    assert home(reader) == looked_up(reader) != []


def test_a_page_asks_little_of_postgres(reader, author):
    publish(author)
    warm(reader)
    with CaptureQueriesContext(connection) as asked:
        home(reader)
    assert len(asked) == 1


def test_a_push_to_nobody_there_leaves_nothing(reader):
    key, name = uuid7(), timelines.name_of(UUID(int=5))
    assert timelines.push(key, [name]) == 0
    assert not client().exists(name)


def test_a_deleted_post_is_not_shown(reader, author):
    post = publish(author)
    warm(reader)
    remove_post(post=post)
    homes.fan_out(Post.objects.select_related("author").get(pk=post.pk))
    assert entries(reader)
    assert home(reader) != looked_up(reader) == []


def test_a_push_that_fails_is_done_again(reader, author, monkeypatch):
    warm(reader)
    post = publish(author)
    push, failures = timelines.push, iter([redis.ConnectionError, redis.TimeoutError])

    def fail_at_first(key, names):
        for failure in failures:
            raise failure
        return push(key, names)

    monkeypatch.setattr(timelines, "push", fail_at_first)
    tasks.fan_out.apply(kwargs={"post_id": str(post.pk)})
    assert next(failures, None) is None
    assert home(reader) == looked_up(reader) != []


def test_a_worker_that_dies_has_not_done_it(reader):
    """The message is acknowledged when the push is done, not when it begins."""
    assert tasks.fan_out.acks_late
    assert tasks.fan_out.reject_on_worker_lost
    assert not tasks.fan_out.acks_on_failure_or_timeout


def test_what_is_gone_is_not_pushed_again_and_again(db):
    tasks.fan_out.apply(kwargs={"post_id": str(uuid7())}, throw=True)
    tasks.fill_timeline.apply(kwargs={"user_id": str(uuid7())}, throw=True)
