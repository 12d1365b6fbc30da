"""A small community in which anything may happen in any order, watched by the oracle."""

from contextlib import suppress
from itertools import permutations
from random import Random
from typing import Any
from uuid import NAMESPACE_DNS, uuid4, uuid5

from django.db import transaction
from django.test.utils import override_settings
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from core.errors import DomainError
from core.redis import client
from feeds import homes, timelines
from media import services as media
from media.models import Asset
from posts import boards, publishing, services
from posts import models as rows
from safety.images import Hold, HoldReason
from tests.helpers.access import access_token
from tests.helpers.contract import Client
from tests.helpers.outbox import settle
from tests.helpers.rows import picture_of
from tests.privacy.oracle import Board, Comment, Facts, Image, Post
from tests.privacy.surfaces import Look, addresses, hidden_from, person_called
from users import services as graph
from users.models import User

NAMES = ["ada", "ben", "cleo", "dan"]
TAGS = ["stones", "rain"]
WHO = st.sampled_from(NAMES)
PAIR = st.sampled_from(list(permutations(NAMES, 2)))
WHICH = st.integers(0, 11)
VISIBILITY = st.sampled_from(["public", "public", "followers", "unlisted", "private"])
Pair = tuple[str, str]
#: One look in so many also asks the API.
BY_HTTP = 20
IMAGES_EACH = 2
#: A community lives so long.
STEPS_TOGETHER = 50


class Community(RuleBasedStateMachine):
    """After every step one viewer looks at everything."""

    #: Steps, of all communities together.
    taken = 0

    def __init__(self) -> None:
        super().__init__()
        self.rolled_back = transaction.atomic()
        self.rolled_back.__enter__()
        self.facts = Facts(NAMES, TAGS)
        self.chance = Random(0)
        self.told: dict[Any, set[str]] = {}
        #: Nothing is on its way to anybody's home.
        self.quiet = True
        self.looks_next: str | None = None
        self.large = timelines.ENTRIES, timelines.SLACK
        timelines.ENTRIES, timelines.SLACK = 6, 2
        self.small = override_settings(FAN_OUT_MAX_FOLLOWERS=2)
        self.small.enable()
        for name in NAMES:
            # They have the same keys each time: what is asked of them is put into SQL once.
            user = User.objects.create(
                pk=uuid5(NAMESPACE_DNS, name), username=name, email=f"{name}@example.org"
            )
            client().delete(timelines.name_of(user.pk))
            for _ in range(IMAGES_EACH):
                self.facts.images.append(Image(name, picture_of(user)))

    def teardown(self) -> None:
        self.small.disable()
        timelines.ENTRIES, timelines.SLACK = self.large
        transaction.set_rollback(True)
        self.rolled_back.__exit__(None, None, None)

    @initialize(
        follows=st.sets(PAIR, min_size=3, max_size=6),
        private=st.sampled_from([*NAMES, None]),
        visibility=VISIBILITY,
        seed=st.integers(0, 2**32),
    )
    def begin(self, follows: set[Pair], private: str | None, visibility: str, seed: int) -> None:
        """Not everything has to happen first. `seed` decides who looks when, and where."""
        self.chance = Random(seed)
        if private:
            self.change_privacy(private, True)
        for pair in sorted(follows):
            self.follow(pair)
        for number, name in enumerate(NAMES):
            self.post(name, {0, 1}, visibility, TAGS[number % 2], False, "ada")
            self.make_board(name, False)
            self.save(number, number - 1)
        for number in range(len(NAMES)):
            self.comment(NAMES[number - 1], number)
            self.react(NAMES[number - 1], number, like=True)
        for number, name in enumerate(NAMES):
            self.make_board(name, True)
            self.let_in(len(NAMES) + number, NAMES[number - 1], True)
        if seed % 2:
            self._settle()  # in every other community all of this has been told

    # What people do with each other.

    @rule(pair=PAIR)
    def follow(self, pair: Pair) -> None:
        one, other = pair
        if self._refused(graph.follow, follower=self._user(one), followee=self._user(other)):
            return
        if (one, other) not in self.facts.follows:
            asked = self.facts.people[other].private
            (self.facts.requests if asked else self.facts.follows).add((one, other))

    @rule(pair=PAIR)
    def unfollow(self, pair: Pair) -> None:
        """Also how a follower is removed."""
        one, other = pair
        graph.unfollow(follower=self._user(one), followee=self._user(other))
        self._part(one, other)

    @rule(pair=PAIR, yes=st.booleans())
    def answer(self, pair: Pair, yes: bool) -> None:
        one, other = pair
        verb = graph.accept_follow if yes else graph.reject_follow
        if self._refused(verb, followee=self._user(one), follower=self._user(other)):
            return
        self.facts.requests.remove((other, one))
        if yes:
            self.facts.follows.add((other, one))

    @rule(pair=PAIR)
    def block(self, pair: Pair) -> None:
        one, other = pair
        if self._refused(graph.block, blocker=self._user(one), blocked=self._user(other)):
            return
        self.facts.blocks.add((one, other))
        self.looks_next = self.chance.choice(pair)
        self._part(one, other)
        self._part(other, one)
        for board in self.facts.boards:
            board.let_in -= {one, other} if board.owner in {one, other} else set()

    @precondition(lambda self: self.facts.blocks)
    @rule(which=WHICH)
    def unblock(self, which: int) -> None:
        one, other = self._pick(sorted(self.facts.blocks), which)
        graph.unblock(blocker=self._user(one), blocked=self._user(other))
        self.facts.blocks.discard((one, other))

    @rule(name=WHO, private=st.booleans())
    def change_privacy(self, name: str, private: bool) -> None:
        graph.change_profile(user=self._user(name), changes={"private": private})
        opened = self.facts.people[name].private and not private
        self.facts.people[name].private = private
        if opened:
            waiting = {pair for pair in self.facts.requests if pair[1] == name}
            self.facts.requests -= waiting
            self.facts.follows |= waiting

    @rule(name=WHO, tag=st.sampled_from(TAGS), follow=st.booleans())
    def follow_tag(self, name: str, tag: str, follow: bool) -> None:
        verb = services.follow_tag if follow else services.unfollow_tag
        verb(user=self._user(name), name=tag)
        (self.facts.tag_follows.add if follow else self.facts.tag_follows.discard)((name, tag))

    # What they publish.

    @rule(
        name=WHO,
        images=st.sets(st.integers(0, IMAGES_EACH - 1)),
        visibility=VISIBILITY,
        tag=st.sampled_from(TAGS),
        draft=st.sampled_from([False, False, False, True]),
        mentioned=WHO,
    )
    def post(self, name, images, visibility, tag, draft, mentioned) -> None:
        shown = [self._images_of(name)[number] for number in sorted(images)]
        made = services.create_post(
            author=self._user(name),
            assets=[image.id for image in shown],
            body=f"For @{mentioned}",
            visibility=visibility,
            tags=[tag],
            draft=draft,
        )
        state = "draft" if draft else "published"
        self.quiet = self.quiet and draft
        self.facts.posts.append(Post(name, made.pk, shown, state, visibility, tag))

    @precondition(lambda self: self.facts.posts)
    @rule(which=WHICH)
    def publish(self, which: int) -> None:
        post = self._pick(self.facts.posts, which)
        if not self._refused(publishing.publish_post, post=self._row(post)):
            post.state, self.quiet = "published", False

    @precondition(lambda self: self.facts.posts)
    @rule(which=WHICH, visibility=VISIBILITY, tag=st.sampled_from(TAGS), saving=st.booleans())
    def edit(self, which: int, visibility: str, tag: str, saving: bool) -> None:
        post = self._pick(self.facts.posts, which)
        if post.state == "removed":
            return
        changes = {"visibility": visibility, "tags": [tag], "allow_saving": saving}
        publishing.edit_post(post=self._row(post), changes=changes)
        if post.state == "published" and post.tag != tag:
            closed = self.facts.people[post.author].private
            open_ = post.visibility in {"public", "unlisted"}
            post.versions.append("followers" if closed and open_ else post.visibility)
        post.visibility, post.tag, post.open_to_saving = visibility, tag, saving

    @precondition(lambda self: self.facts.posts)
    @rule(which=WHICH)
    def remove(self, which: int) -> None:
        post = self._pick(self.facts.posts, which)
        services.remove_post(post=self._row(post))
        post.state, post.versions = "removed", []

    @precondition(lambda self: self.facts.posts)
    @rule(name=WHO, which=WHICH, like=st.booleans())
    def react(self, name: str, which: int, like: bool) -> None:
        post = self._pick(self.facts.posts, which)
        if self.facts.is_published(name, post):
            kind = "like" if like else "wow"
            services.react(post=self._row(post), user=self._user(name), kind=kind)
            post.reactions.add((name, kind))

    @precondition(lambda self: self.facts.posts)
    @rule(name=WHO, which=WHICH)
    def comment(self, name: str, which: int) -> None:
        post = self._pick(self.facts.posts, which)
        if self.facts.is_published(name, post):
            self._say(name, post)

    @precondition(lambda self: self.facts.comments)
    @rule(name=WHO, which=WHICH)
    def reply(self, name: str, which: int) -> None:
        parent = self._pick(self.facts.comments, which)
        if not parent.answers and self.facts.can_see_comment(name, parent):
            self._say(name, parent.post, parent)

    def _say(self, name: str, post: Post, parent: Comment | None = None) -> None:
        above = self._row(parent) if parent else None
        said = services.comment(
            post=self._row(post), author=self._user(name), body="Oh!", parent=above
        )
        self.facts.comments.append(Comment(name, said.pk, post, answers=parent is not None))

    # Where they keep it.

    @rule(name=WHO, secret=st.booleans())
    def make_board(self, name: str, secret: bool) -> None:
        made = boards.create_board(
            owner=self._user(name), name=f"Board {len(self.facts.boards)}", visibility=seen(secret)
        )
        self.facts.boards.append(Board(name, made.pk, secret))

    @precondition(lambda self: self.facts.boards and self.facts.posts)
    @rule(board=WHICH, post=WHICH, keeper=WHICH)
    def save(self, board: int, post: int, keeper: int = 0) -> None:
        """By its owner, or by somebody who was let in."""
        board, post = self._pick(self.facts.boards, board), self._pick(self.facts.posts, post)
        name = self._pick([board.owner, *sorted(board.let_in)], keeper)
        if post in board.items or not self.facts.is_published(name, post):
            return
        with suppress(boards.NotForBoards):
            boards.save_to_board(board=self._row(board), post=self._row(post), by=self._user(name))
            board.items.append(post)

    @precondition(lambda self: self.facts.boards)
    @rule(which=WHICH, name=WHO, follow=st.booleans())
    def follow_board(self, which: int, name: str, follow: bool) -> None:
        board = self._pick(self.facts.boards, which)
        if self.facts.can_see_board(name, board) and name != board.owner:
            verb = boards.follow_board if follow else boards.unfollow_board
            verb(board=self._row(board), user=self._user(name))

    @precondition(lambda self: self.facts.boards)
    @rule(board=WHICH, post=WHICH)
    def unsave(self, board: int, post: int) -> None:
        board = self._pick(self.facts.boards, board)
        if board.items:
            post = self._pick(board.items, post)
            boards.remove_from_board(board=self._row(board), post_id=post.id)
            board.items.remove(post)

    @precondition(lambda self: self.facts.boards)
    @rule(which=WHICH, secret=st.booleans())
    def open_board(self, which: int, secret: bool) -> None:
        board = self._pick(self.facts.boards, which)
        boards.change_board(board=self._row(board), changes={"visibility": seen(secret)})
        board.secret = secret

    @precondition(lambda self: self.facts.boards)
    @rule(which=WHICH, name=WHO, yes=st.booleans())
    def let_in(self, which: int, name: str, yes: bool) -> None:
        board = self._pick(self.facts.boards, which)
        if name == board.owner:
            return
        user = self._user(name)
        if not yes:
            boards.let_out(board=self._row(board), user=user)
            board.let_in.discard(name)
        elif not self._refused(boards.let_in, board=self._row(board), user=user, role="editor"):
            board.let_in.add(name)

    # What moderators decide.

    @rule(name=WHO, suspended=st.booleans())
    def suspend(self, name: str, suspended: bool) -> None:
        graph.limit_account(user=self._user(name), **limit("suspended", suspended))
        self.facts.people[name].suspended = suspended

    @precondition(lambda self: self.facts.posts)
    @rule(which=WHICH, hidden=st.booleans())
    def hide_post(self, which: int, hidden: bool) -> None:
        post = self._pick(self.facts.posts, which)
        services.limit_post(post=self._row(post), **limit("hidden", hidden))
        post.hidden = hidden

    @rule(which=WHICH, hidden=st.booleans())
    def hide_image(self, which: int, hidden: bool) -> None:
        image = self._pick(self.facts.images, which)
        media.limit_asset(asset=self._row(image), **limit("hidden", hidden))
        image.hidden = hidden

    @rule(which=WHICH, held=st.booleans())
    def hold_image(self, which: int, held: bool) -> None:
        image = self._pick(self.facts.images, which)
        if held:
            media.hold_asset(asset=self._row(image), hold=Hold(HoldReason.UNCHECKED))
        else:
            media.release_asset(asset=self._row(image))
        image.held = held

    @precondition(lambda self: self.facts.comments)
    @rule(which=WHICH)
    def take_back(self, which: int) -> None:
        said = self._pick(self.facts.comments, which)
        services.delete_comment(comment=self._row(said))
        said.gone = True

    @precondition(lambda self: self.facts.boards)
    @rule(which=WHICH, hidden=st.booleans())
    def hide_board(self, which: int, hidden: bool) -> None:
        board = self._pick(self.facts.boards, which)
        boards.limit_board(board=self._row(board), **limit("hidden", hidden))
        board.hidden = hidden

    # What happens meanwhile.

    @rule()
    def let_workers_work(self) -> None:
        self._settle()
        for name in NAMES:
            homes.fill(self._user(name))
        self.quiet = True

    def _settle(self) -> None:
        settle()
        for board in self.facts.boards:
            board.items = [
                post for post in board.items if post.open_to_saving or post.author == board.owner
            ]

    @rule(name=WHO)
    def lose_a_timeline(self, name: str) -> None:
        client().delete(timelines.name_of(self._user(name).pk))

    # What must hold.

    def check_invariants(self, *arguments: Any, **named: Any) -> None:
        super().check_invariants(*arguments, **named)
        type(self).taken += 1
        name, self.looks_next = self.looks_next or self.chance.choice([None, *NAMES]), None
        look = Look(self.facts, name, self.chance.choice, quiet=self.quiet)
        for surface, shown, expected in look.surfaces():
            assert shown == expected, f"{surface} of {name or 'nobody'} is not as it should be"
        self._addresses_are_new()
        self._counters_are_right()
        if self.chance.randrange(BY_HTTP) == 0:
            self._ask_the_api(name)

    def _addresses_are_new(self) -> None:
        """Whoever kept the address of an image that they may no longer see has nothing."""
        images = {image.id: image for image in self.facts.images}
        for key, (public, token) in addresses().items():
            assert public == (self.facts.can_see_image(None, images[key])), (
                "whether everybody may see an image is stored wrong"
            )
            if public:
                self.told.setdefault(key, set()).add(token)
            else:
                assert token not in self.told.get(key, ()), "a hidden image kept its address"

    def _counters_are_right(self) -> None:
        facts = self.facts
        for name, *counts in User.objects.values_list(
            "username", "followers_count", "following_count", "posts_count"
        ):
            assert counts == [
                sum(pair[1] == name for pair in facts.follows),
                sum(pair[0] == name for pair in facts.follows),
                sum(self._is_counted(post) for post in facts.posts if post.author == name),
            ], f"the counts of {name} are wrong"
        stored = rows.Post.objects.values_list(
            "pk", "reactions_count", "comments_count", "saves_count"
        )
        counted = {key: counts for key, *counts in stored}
        for post in facts.posts:
            public = [board for board in facts.boards if not board.secret]
            assert counted[post.id] == [
                len(post.reactions),
                sum(said.post is post and not said.gone for said in facts.comments),
                sum(post in board.items for board in public),
            ], "the counts of a post are wrong"

    def _is_counted(self, post: Post) -> bool:
        something = not post.images or any(map(self.facts.shows, post.images))
        in_the_open = post.visibility in {"public", "unlisted"} and not post.hidden
        return post.state == "published" and something and in_the_open

    def _ask_the_api(self, name: str | None) -> None:
        """No answer names what is hidden; asked for, it answers as what does not exist."""
        client = Client()
        if name:
            client.credentials(HTTP_AUTHORIZATION=f"Bearer {access_token(self._user(name))}")
        hidden = hidden_from(self.facts, name)
        unknown = str(uuid4())
        nothing = client.get(f"/api/v1/posts/{unknown}").content.decode()
        for path in self.chance.sample(self._paths(name), 4):
            text = client.get(f"/api/v1{path}").content.decode()
            # An error repeats the address that was asked for.
            named = {key for key in hidden if key in text and key not in path}
            assert not named, f"{path} tells {name or 'nobody'} of what is hidden: {text}"
        for post in self.facts.posts[-3:]:
            if str(post.id) in hidden:
                told = client.get(f"/api/v1/posts/{post.id}").content.decode()
                assert told == nothing.replace(unknown, str(post.id))

    def _paths(self, name: str | None) -> list[str]:
        paths = ["/feeds/explore", f"/feeds/tags/{self.chance.choice(TAGS)}"]
        paths += [f"/users/{other}/posts" for other in NAMES]
        paths += [f"/users/{other}/boards" for other in NAMES]
        paths += [f"/boards/{board.id}/items" for board in self.facts.boards[:3]]
        for post in self.facts.posts[-3:]:
            paths += [f"/posts/{post.id}{under}" for under in ("", "/comments", "/related")]
        if name:
            paths += ["/feeds/home", "/notifications", "/me/boards"]
        return paths

    # Tools.

    def _refused(self, verb, **given) -> bool:
        try:
            verb(**given)
        except DomainError:
            return True
        return False

    def _part(self, one: str, other: str) -> None:
        self.facts.follows.discard((one, other))
        self.facts.requests.discard((one, other))

    def _user(self, name: str) -> User:
        return person_called(name)

    def _images_of(self, name: str) -> list[Image]:
        return [image for image in self.facts.images if image.owner == name]

    def _pick(self, things: list[Any], which: int) -> Any:
        return things[which % len(things)]

    def _row(self, thing: Any) -> Any:
        model = {Post: rows.Post, Board: rows.Board, Comment: rows.Comment, Image: Asset}
        return model[type(thing)].objects.get(pk=thing.id)


def steps(count: int) -> settings:
    """To take so many steps, and stop at the first that goes wrong."""
    return settings(
        max_examples=count // STEPS_TOGETHER,
        stateful_step_count=STEPS_TOGETHER + 1,  # the beginning counts as one
        deadline=None,
        print_blob=True,
        report_multiple_bugs=False,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


def seen(secret: bool) -> str:
    return "secret" if secret else "public"


def limit(word: str, set_: bool) -> dict[str, Any]:
    """What a Decision has the services store."""
    if not set_:
        return {"limit": "", "decision_id": None, "reason_code": ""}
    return {"limit": word, "decision_id": uuid4(), "reason_code": "spam"}
