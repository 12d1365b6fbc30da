"""What a notification is told under: once, and taken back by the same name.

Of what can be undone. What cannot is named where it is told (notifications/tasks.py).
"""

from notifications.models import Notification

Type = Notification.Type


def of_follow(follower_id: str, *, accepted: bool) -> str:
    """A follow, or the wish to; told to whom it is of."""
    return f"{Type.FOLLOW if accepted else Type.FOLLOW_REQUEST}:{follower_id}"


def of_accepted_follow(followee_id: str) -> str:
    """That one may follow; told to the follower."""
    return f"{Type.FOLLOW_ACCEPTED}:{followee_id}"


def of_reaction(post_id: str, user_id: str, kind: str) -> str:
    return f"{Type.REACTION}:{post_id}:{user_id}:{kind}"


def of_save(post_id: str, board_id: str) -> str:
    return f"{about_saves(post_id)}:{board_id}"


def about_saves(post_id: str) -> str:
    """What saves of a post are told together under."""
    return f"{Type.SAVE}:{post_id}"


def of_board_follow(board_id: str, user_id: str) -> str:
    return f"{Type.BOARD_FOLLOW}:{board_id}:{user_id}"


def of_board_share(board_id: str, user_id: str) -> str:
    """That one was let in; told to who was."""
    return f"{Type.BOARD_SHARE}:{board_id}:{user_id}"
