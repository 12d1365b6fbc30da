"""Makes happen what follows from what happened, in this process and transaction."""

from django.conf import settings
from django.utils.module_loading import import_string

from core.clock import now
from core.models import OutboxEvent

# Seconds of work for each image, of no concern to most tests.
CLOSE_LOOKS = {
    "media.tasks.look_closely",
    "media.tasks.protect",
    "media.tasks.protect_banned",
}
FILES = {"media.tasks.render_renditions", "media.tasks.mark_again"}


def settle(rounds: int = 10, *, looks: bool = False, files: bool = False) -> int:
    """Run the tasks of all unpublished events, and of the events that these cause; their number.

    Images are looked at closely only if `looks`; their files are made only if `files`.
    """
    left_out = (set() if looks else CLOSE_LOOKS) | (set() if files else FILES)
    table = import_string(settings.OUTBOX_REACTIONS)
    after = {event.name(): follow.after for event, follow in table.items()}
    ran = 0
    for _ in range(rounds):
        waiting = list(OutboxEvent.objects.filter(published_at=None).order_by("id"))
        if not waiting:
            return ran
        for row in waiting:
            OutboxEvent.objects.filter(pk=row.pk).update(published_at=now())
            for task in after[row.name]:
                if task.name in left_out:
                    continue
                task.apply(kwargs=row.payload, throw=True)
                ran += 1
    raise AssertionError("events go on causing events")
