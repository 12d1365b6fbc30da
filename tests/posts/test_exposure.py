"""`Asset.public` is what posts say, whatever people, moderators and accounts do, in any order."""

import random
import threading
import time
from importlib import import_module
from uuid import uuid4

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import connection, transaction

from media import services as media
from media.models import Asset, Avatar
from posts import publishing, services
from posts.models import Post
from posts.queries import assets_visible_to
from users import services as users
from users.models import User

FILL = import_module("media.migrations.0004_asset_public").FILL
STEPS = 30


class Walk:
    """One author with two images, and everything that can happen to them."""

    def __init__(self, seed):
        self.random = random.Random(seed)

    @property
    def author(self):
        return User.objects.get(username="author")

    def posts(self, **wanted):
        return list(Post.objects.exclude(state="removed").filter(**wanted).order_by("id"))

    def any_post(self, **wanted):
        found = self.posts(**wanted)
        return self.random.choice(found) if found else None

    def any_image(self):
        return self.random.choice(list(Asset.objects.order_by("id")))

    def step(self):
        verbs = [
            self.write, self.write, self.publish, self.change, self.remove, self.limit_post,
            self.limit_image, self.turn_private, self.suspend, self.choose_avatar,
            self.remove_avatar,
        ]  # fmt: skip
        self.random.choice(verbs)()

    def write(self):
        images = list(Asset.objects.order_by("id").values_list("pk", flat=True))
        services.create_post(
            author=self.author,
            assets=self.random.sample(images, self.random.randint(1, len(images))),
            visibility=self.random.choice(Post.Visibility.values),
            draft=self.random.random() < 0.3,
        )

    def publish(self):
        if post := self.any_post(state="draft"):
            publishing.publish_post(post=post)

    def change(self):
        if post := self.any_post():
            visibility = self.random.choice(Post.Visibility.values)
            publishing.edit_post(post=post, changes={"visibility": visibility})

    def remove(self):
        if post := self.any_post():
            services.remove_post(post=post)

    def limit_post(self):
        if post := self.any_post():
            services.limit_post(post=post, **self.decided(post, "hidden"))

    def limit_image(self):
        image = self.any_image()
        media.limit_asset(asset=image, **self.decided(image, "hidden"))

    def turn_private(self):
        users.change_profile(user=self.author, changes={"private": not self.author.private})

    def suspend(self):
        users.limit_account(user=self.author, **self.decided(self.author, "suspended"))

    def choose_avatar(self):
        media.choose_avatar(user=self.author, asset=self.any_image())

    def remove_avatar(self):
        media.remove_avatar(user=self.author)

    def decided(self, thing, limit):
        if thing.limit:
            return {"limit": "", "decision_id": None, "reason_code": ""}
        return {"limit": limit, "decision_id": uuid4(), "reason_code": "spam"}


def public_images():
    return set(Asset.objects.filter(public=True).values_list("pk", flat=True))


def tokens():
    return dict(Asset.objects.values_list("pk", "token"))


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(6))
def test_an_image_is_public_as_long_as_everybody_may_see_it(author, anonymous, upload, seed):
    for picture in (1, 2):
        upload(author, picture)
    walk = Walk(seed)
    handed_out = set()
    for _ in range(STEPS):
        before, before_public = tokens(), public_images()
        walk.step()
        public = public_images()
        assert public == set(assets_visible_to(AnonymousUser()).values_list("pk", flat=True))
        for image, token in tokens().items():
            if image in public:
                handed_out.add(token)
            if image in before_public - public:
                assert token != before[image]
        good = set(Asset.objects.filter(public=True).values_list("token", flat=True))
        for token in handed_out:
            served = anonymous.get(f"/media/{token}/320.webp").status_code
            assert served == (200 if token in good or is_avatar(token) else 404)


def is_avatar(token):
    chosen = Avatar.objects.values("asset")
    return Asset.objects.served().filter(token=token, pk__in=chosen).exists()


@pytest.mark.django_db
@pytest.mark.parametrize("seed", range(2))
def test_the_migration_finds_the_same_images(author, upload, seed):
    for picture in (1, 2):
        upload(author, picture)
    walk = Walk(seed)
    for _ in range(STEPS):
        walk.step()
        kept = public_images()
        Asset.objects.update(public=False)
        with connection.cursor() as cursor:
            cursor.execute(FILL)
        assert public_images() == kept


@pytest.mark.django_db
def test_an_image_stays_public_while_one_public_post_shows_it(author, anonymous, publish):
    first = publish(author)
    image = first["assets"][0]
    second = author.post("/api/v1/posts", {"assets": [image["id"]]}).json()
    author.delete(f"/api/v1/posts/{first['id']}")
    assert anonymous.get(image["urls"]["320"]).status_code == 200
    author.delete(f"/api/v1/posts/{second['id']}")
    assert anonymous.get(image["urls"]["320"]).status_code == 404


def wait_for_a_lock():
    """Until somebody waits for what this transaction holds."""
    until = time.monotonic() + 30
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
            if cursor.fetchone()[0]:
                return
            time.sleep(0.02)
    raise AssertionError("nobody waits")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("uploaded", ["before", "meanwhile"])
def test_who_publishes_while_the_account_goes_private_publishes_to_followers(
    author, upload, publish, uploaded
):
    images = [upload(author)["id"]] if uploaded == "before" else []

    def post():
        if images:
            author.post("/api/v1/posts", {"assets": images})
        else:
            publish(author)
        connection.close()

    meanwhile = threading.Thread(target=post)
    with transaction.atomic():
        users.change_profile(user=author.user, changes={"private": True})
        meanwhile.start()
        wait_for_a_lock()
    meanwhile.join(timeout=30)
    assert Post.objects.get().state == "published"
    assert public_images() == set()
