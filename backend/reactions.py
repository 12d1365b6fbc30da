"""What follows from what: the one table. An event that is not here has no consequences.

`within` runs in the transaction that caused the event: both happen or neither. `after` are tasks
that follow its commit; they get the event's ids, may run twice, and may be late.
"""

from collections.abc import Mapping

from core.events import Event
from core.outbox import Reactions
from credits.services import open_account
from feeds import tasks as feeds
from media import tasks as media
from media.events import (
    AssetAdmitted,
    AssetHeld,
    AssetReleased,
    AssetRemoved,
    ImageReachChanged,
    ImportAsked,
)
from media.services import mark_files_stale
from media_gen import tasks as media_gen
from media_gen.events import JobFinished, JobQueued
from moderation import tasks as moderation
from moderation.cases import open_for_held
from moderation.events import DecisionMade
from notifications import tasks as notifications
from notifications.services import (
    forget_board_follow,
    forget_board_share,
    forget_follow,
    forget_reaction,
    forget_request,
    forget_save,
    forget_saves,
)
from posts import tasks as posts
from posts.boards import part
from posts.events import (
    BoardFollowed,
    BoardShared,
    BoardUnfollowed,
    BoardUnshared,
    Commented,
    PostEdited,
    PostPublished,
    Reacted,
    ReactionTakenBack,
    RemixReachChanged,
    Saved,
    Unsaved,
    Withdrawn,
)
from posts.services import expose_account, expose_image, hold_posts, refresh_flags
from provenance import tasks as provenance
from provenance.events import VerdictChanged
from safety.services import note_style
from users.events import (
    AccountReachChanged,
    FollowAccepted,
    Followed,
    FollowEnded,
    PeopleParted,
    ProfileChanged,
    SignedUp,
    TrainingChoiceChanged,
)

REACTIONS: Mapping[type[Event], Reactions] = {
    SignedUp: Reactions(within=(open_account, note_style)),
    ProfileChanged: Reactions(within=(note_style,)),
    AccountReachChanged: Reactions(
        within=(expose_account,), after=(posts.count_remixes_of_account,)
    ),
    TrainingChoiceChanged: Reactions(within=(mark_files_stale,)),
    PeopleParted: Reactions(within=(part,)),
    Followed: Reactions(after=(notifications.tell_followed,)),
    FollowAccepted: Reactions(
        within=(forget_request,), after=(notifications.tell_follow_accepted,)
    ),
    FollowEnded: Reactions(within=(forget_request, forget_follow)),
    AssetAdmitted: Reactions(after=(media.render_renditions, media.look_closely)),
    AssetRemoved: Reactions(after=(media.discard_bytes,)),
    AssetHeld: Reactions(within=(open_for_held,)),
    AssetReleased: Reactions(after=(media.render_renditions,)),
    ImportAsked: Reactions(after=(media.bring_in,)),
    ImageReachChanged: Reactions(within=(expose_image,), after=(media.protect_banned,)),
    VerdictChanged: Reactions(
        # Posts are locked before the image; who posts it meanwhile waits for it.
        within=(hold_posts, mark_files_stale, refresh_flags),
        after=(
            media.mark_again,
            media.protect,
            provenance.judge_uploads_made_of,
            notifications.tell_label_changed,
        ),
    ),
    JobQueued: Reactions(after=(media_gen.serve,)),
    JobFinished: Reactions(after=(notifications.tell_job_finished,)),
    PostPublished: Reactions(after=(feeds.fan_out, notifications.tell_of_post)),
    PostEdited: Reactions(after=(notifications.tell_of_post, posts.withdraw_from_boards)),
    RemixReachChanged: Reactions(after=(posts.count_remixes,)),
    Commented: Reactions(after=(notifications.tell_commented,)),
    Reacted: Reactions(after=(notifications.tell_reacted,)),
    ReactionTakenBack: Reactions(within=(forget_reaction,)),
    Saved: Reactions(after=(notifications.tell_saved,)),
    Unsaved: Reactions(within=(forget_save,)),
    Withdrawn: Reactions(within=(forget_saves,)),
    BoardFollowed: Reactions(after=(notifications.tell_board_followed,)),
    BoardUnfollowed: Reactions(within=(forget_board_follow,)),
    BoardShared: Reactions(after=(notifications.tell_board_shared,)),
    BoardUnshared: Reactions(within=(forget_board_share,)),
    DecisionMade: Reactions(after=(moderation.tell_decided,)),
}
