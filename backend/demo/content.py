"""Who the demo people are, and what they publish, by the same services as everybody."""

import tempfile
from collections.abc import Callable
from pathlib import Path

from backend.demo import pictures
from media import services as media
from media.models import Asset
from media.preparing import prepare_upload
from media_gen import engine
from media_gen.planning import Wish
from media_gen.services import request_generation
from moderation.services import report
from moderation.targets import visible_target
from posts import services as posts
from posts.models import Post
from provenance.vocabulary import Origin
from users.models import User
from users.services import follow

Say = Callable[[str], None]
PAINTED = (
    ("a heron at dawn over a misty lake", (1024, 1024), ["lake", "dawn"]),
    ("snowy mountains under the northern lights, night", (1216, 832), ["aurora", "mountains"]),
    ("a lighthouse in a storm, oil painting", (832, 1216), ["sea", "storm"]),
    ("a meadow of poppies at sunset, watercolor", (1216, 832), ["meadow"]),
    ("neon city in the rain at night, magenta and teal", (1024, 1024), ["city", "night"]),
    ("desert dunes at noon, minimal, gold", (1216, 832), ["desert"]),
)
GREETING = "Good morning, everybody."
NOTE = (
    "Demo content: this file was drawn by the seed script and is declared by its uploader as {}, "
    "to show what a declaration looks like."
)


def publish_everything(ada: User, bea: User, cai: User, say: Say) -> None:
    """Ada generates, Bea uploads, Cai follows both and talks. What is there already is left."""
    painted = []
    for number, (prompt, size, tags) in enumerate(PAINTED, 1):
        post = _written(ada, prompt.capitalize())
        if post is None:
            say(f"painting {number} of {len(PAINTED)}: {prompt}")
            post = _paint_and_post(ada, prompt, size, tags)
        painted.append(post)
    for data, declared, body, tag in _uploads():
        if _written(bea, body) is None:
            asset = _upload(bea, data(), declared, "drawn by the seed script")
            posts.create_post(author=bea, assets=[asset.pk], body=body, tags=[tag])
    if _written(cai, GREETING) is None:
        posts.create_post(author=cai, assets=[], body=GREETING, mood="rested")
        posts.comment(post=painted[0], author=cai, body="The mist!")
    for person in (ada, bea):
        follow(follower=cai, followee=person)
    posts.react(post=painted[0], user=cai, kind="love")
    _report(cai, painted[4])


def _uploads() -> list[tuple[Callable[[], bytes], Origin, str, str]]:
    unknown = "Demo content: uploaded without a word about where it came from."
    return [
        (lambda: pictures.pebbles(4), Origin.HUMAN_CAPTURED, NOTE.format("a photograph"), "stones"),
        (lambda: pictures.lines(9), Origin.HUMAN_CREATED, NOTE.format("a drawing"), "sea"),
        (lambda: pictures.pebbles(11), Origin.UNKNOWN, unknown, "stones"),
    ]


def _written(author: User, body: str) -> Post | None:
    return Post.objects.filter(author=author, body=body).first()


def _paint_and_post(author: User, prompt: str, size: tuple[int, int], tags: list[str]) -> Post:
    wish = Wish(prompt=prompt, width=size[0], height=size[1], seed=7, prompt_visibility="public")
    job = request_generation(owner=author, wish=wish)
    engine.run(job.pk)
    made = list(job.outputs.values_list("pk", flat=True))
    return posts.create_post(author=author, assets=made, body=prompt.capitalize(), tags=tags)


def _upload(owner: User, data: bytes, declared: Origin, alt_text: str) -> Asset:
    with tempfile.NamedTemporaryFile(suffix=".jpg") as file:
        file.write(data)
        file.flush()
        with prepare_upload(path=Path(file.name)) as prepared:
            return media.admit(
                owner=owner, prepared=prepared, declared_origin=declared, alt_text=alt_text
            )


def _report(reporter: User, post: Post) -> None:
    target = visible_target(reporter, "post", str(post.pk))
    if target is not None:
        report(
            reporter=reporter,
            target=target,
            reason="other",
            detail="Demo report, so that the queue is not empty.",
        )
