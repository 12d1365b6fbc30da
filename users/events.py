"""What happens between people."""

from dataclasses import dataclass

from core.events import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedUp(Event):
    user_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountReachChanged(Event):
    """Who may see what this account shows has changed: it went private or open, or was limited."""

    user_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProfileChanged(Event):
    """Somebody changed what they are called, how they present themselves or what they choose."""

    user_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingChoiceChanged(Event):
    """Whether others may train on somebody's works is written into the files that are served."""

    user_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleParted(Event):
    """One has blocked the other: whatever they had in common ends."""

    blocker_id: str
    blocked_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowAccepted(Event):
    """Who asked to follow may."""

    follower_id: str
    followee_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FollowEnded(Event):
    """Nobody follows, or asks to, any more: whoever ended it."""

    follower_id: str
    followee_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed(Event):
    """`accepted` is False while the request waits for the followee."""

    follower_id: str
    followee_id: str
    accepted: bool
