"""Whom an event concerns.

Transactions are opened inside: a decorator would hide the signature from Celery, which holds what
is sent against it.
"""

from uuid import UUID

from celery import shared_task
from django.db import transaction
from django.db.models import QuerySet

from media.models import Asset
from media_gen.models import GenerationJob
from notifications import names
from notifications.models import Notification
from notifications.services import tell
from posts.mentions import mentioned_in
from posts.models import (
    Board,
    BoardCollaborator,
    BoardFollow,
    BoardItem,
    Comment,
    Post,
    Reaction,
)
from provenance import wording
from provenance.models import LineageEdge, Record
from provenance.precedence import is_second_hand
from provenance.vocabulary import Origin
from users.models import Follow, User

Type = Notification.Type


@shared_task
def tell_followed(follower_id: str, followee_id: str, accepted: bool) -> None:
    with transaction.atomic():
        kind = Type.FOLLOW if accepted else Type.FOLLOW_REQUEST
        for follow in _follows(follower_id, followee_id, accepted=accepted):
            tell(
                recipient=follow.followee,
                type=kind,
                actor=follow.follower,
                target=("user", follow.follower.pk),
                dedup=names.of_follow(follower_id, accepted=accepted),
                about=str(kind),
            )


@shared_task
def tell_follow_accepted(follower_id: str, followee_id: str) -> None:
    with transaction.atomic():
        for follow in _follows(follower_id, followee_id, accepted=True):
            tell(
                recipient=follow.follower,
                type=Type.FOLLOW_ACCEPTED,
                actor=follow.followee,
                target=("user", follow.followee.pk),
                dedup=names.of_accepted_follow(followee_id),
            )


def _follows(follower_id: str, followee_id: str, *, accepted: bool) -> QuerySet[Follow]:
    """The follow, if it still is as it was when it happened, and it is until it has been told: who
    undoes it then finds what to take back. So it is with all that can be undone."""
    two = {"follower": UUID(follower_id), "followee": UUID(followee_id)}
    found = Follow.objects.filter(**two, accepted=accepted).select_for_update(of=("self",))
    return found.select_related("follower", "followee")


@shared_task
def tell_reacted(post_id: str, user_id: str, kind: str) -> None:
    with transaction.atomic():
        found = Reaction.objects.filter(post=UUID(post_id), user=UUID(user_id), kind=kind)
        found = found.select_for_update(of=("self",)).select_related("post__author", "user")
        for reaction in found:
            tell(
                recipient=reaction.post.author,
                type=Type.REACTION,
                actor=reaction.user,
                target=("post", reaction.post.pk),
                dedup=names.of_reaction(post_id, user_id, kind),
                about=f"reaction:{post_id}",
                facts={"kind": kind},
            )


@shared_task
def tell_of_post(post_id: str) -> None:
    """Whom a post mentions, and whose works it is made of, if they may see it. Once, however often
    it is edited."""
    posts = Post.objects.select_related("author").filter(pk=post_id, state=Post.State.PUBLISHED)
    post = posts.first()
    if post is None:
        return
    concerned = {Type.MENTION: mentioned_in(post.body), Type.REMIX: _made_of_works_of(post)}
    for kind, people in concerned.items():
        for person in people:
            if Post.objects.visible_to(person).filter(pk=post.pk).exists():
                tell(
                    recipient=person,
                    type=kind,
                    actor=post.author,
                    target=("post", post.pk),
                    dedup=f"{kind}:post:{post_id}",
                )


def _made_of_works_of(post: Post) -> list[User]:
    """The owners of the works that went into a post's images."""
    edges = LineageEdge.objects.filter(child__asset__posts=post)
    return list(User.objects.filter(pk__in=edges.values("parent__owner")))


@shared_task
def tell_commented(comment_id: str) -> None:
    """The author of the post, the author of the comment that was answered, and who is mentioned."""
    comment = Comment.objects.select_related("author", "post__author", "parent__author").get(
        pk=comment_id
    )
    recipients = {comment.post.author}
    if comment.parent:
        recipients.add(comment.parent.author)
    for recipient in recipients:
        if not _sees(recipient, comment):
            continue
        tell(
            recipient=recipient,
            type=Type.COMMENT,
            actor=comment.author,
            target=("comment", comment.pk),
            dedup=f"comment:{comment_id}",
            facts={"post": str(comment.post_id)},
        )
    for person in mentioned_in(comment.body):
        if person not in recipients and _sees(person, comment):
            tell(
                recipient=person,
                type=Type.MENTION,
                actor=comment.author,
                target=("comment", comment.pk),
                dedup=f"mention:comment:{comment_id}",
                facts={"post": str(comment.post_id)},
            )


def _sees(person: User, comment: Comment) -> bool:
    return Comment.objects.visible_to(person).filter(pk=comment.pk).exists()


@shared_task
def tell_saved(post_id: str, board_id: str) -> None:
    """The author of a post that somebody saved and still has, unless they may not see where."""
    with transaction.atomic():
        post = Post.objects.select_related("author").get(pk=post_id)
        kept = BoardItem.objects.select_for_update().filter(board=UUID(board_id), post=post)
        if kept.first() is None:
            return
        where = Board.objects.visible_to(post.author).filter(pk=board_id)
        for board in where.select_related("owner"):
            tell(
                recipient=post.author,
                type=Type.SAVE,
                actor=board.owner,
                target=("board", board.pk),
                dedup=names.of_save(post_id, board_id),
                about=names.about_saves(post_id),
                facts={"post": post_id},
            )


@shared_task
def tell_board_followed(board_id: str, user_id: str) -> None:
    with transaction.atomic():
        found = BoardFollow.objects.filter(board=UUID(board_id), user=UUID(user_id))
        locked = found.select_for_update(of=("self",)).select_related("board__owner", "user")
        for follow in locked:
            tell(
                recipient=follow.board.owner,
                type=Type.BOARD_FOLLOW,
                actor=follow.user,
                target=("board", follow.board.pk),
                dedup=names.of_board_follow(board_id, user_id),
                about=f"board_follow:{board_id}",
            )


@shared_task
def tell_board_shared(board_id: str, user_id: str) -> None:
    """Somebody who was let in on a board, if they still are."""
    with transaction.atomic():
        found = BoardCollaborator.objects.filter(board=UUID(board_id), user=UUID(user_id))
        locked = found.select_for_update(of=("self",)).select_related("board__owner", "user")
        for share in locked:
            tell(
                recipient=share.user,
                type=Type.BOARD_SHARE,
                actor=share.board.owner,
                target=("board", share.board.pk),
                dedup=names.of_board_share(board_id, user_id),
            )


@shared_task
def tell_job_finished(job_id: str, state: str) -> None:
    job = GenerationJob.objects.select_related("owner").get(pk=job_id)
    tell(
        recipient=job.owner,
        type=Type.JOB,
        target=("generation", job.pk),
        dedup=f"job:{job_id}",
        facts={"state": state},
    )


@shared_task
def tell_label_changed(record_id: str, before: str, after: str) -> None:
    """The owner of a work whose label changed, whoever or whatever changed it."""
    record = Record.objects.select_related("owner").get(pk=record_id)
    asset = Asset.objects.present().filter(record=record).first()
    if asset is None or record.owner is None or before == after:
        return
    tell(
        recipient=record.owner,
        type=Type.LABEL,
        target=("asset", asset.pk),
        dedup=f"label:{record_id}:{before}:{after}:{record.rule}",
        facts={
            "before": wording.name_of(Origin(before)),
            "after": wording.name_of(Origin(after)),
            "recognised": is_second_hand(record),
        },
    )
