"""Opening, closing and reopening cases: what reports, disputes, held images and decisions share."""

from core.clock import now
from media.events import AssetHeld
from media.models import Asset
from moderation.models import Case, TargetKind
from moderation.targets import Target
from safety.images import HoldReason


def open_case(target: Target) -> Case:
    """The case that waits for this target, locked so that it is not decided meanwhile."""
    of_target = {"target_kind": target.kind, "target_id": target.id}
    waiting = Case.objects.select_for_update(of=("self",)).filter(
        **of_target, state__in=Case.WAITING
    )
    found = waiting.order_by("id").first()
    if found is not None:
        return found
    case, _ = Case.objects.get_or_create(
        **of_target, state=Case.State.OPEN, defaults={"author": target.author}
    )
    return case


def open_for_held(event: AssetHeld) -> None:
    """What looks like a banned image waits for a moderator; what is unchecked, for a machine."""
    if event.reason == HoldReason.BANNED_IMAGE:
        asset = Asset.objects.select_related("owner").get(pk=event.asset_id)
        mark_held(open_case(Target(TargetKind.ASSET, asset)), held=True)


def close(case: Case) -> None:
    Case.objects.filter(pk=case.pk).update(state=Case.State.DECIDED, decided_at=now())


def reopen(case: Case) -> Case:
    """Back to the queue; if another case of its target waits, that one goes on instead."""
    waiting = Case.objects.filter(
        target_kind=case.target_kind, target_id=case.target_id, state__in=Case.WAITING
    )
    other = waiting.order_by("id").first()
    if other is not None:
        return other
    Case.objects.filter(pk=case.pk).update(state=Case.State.OPEN, decided_at=None)
    return case


def mark_disputed(case: Case, *, disputed: bool) -> None:
    """Note whether an open dispute waits in the case."""
    Case.objects.filter(pk=case.pk).update(disputed=disputed)


def mark_held(case: Case, *, held: bool) -> None:
    """Note whether the question waits if a held image may be shown."""
    Case.objects.filter(pk=case.pk).update(held=held)


def close_if_nothing_else_waits(case: Case) -> None:
    """For a case whose dispute was answered elsewhere: all else that is in it still waits."""
    Case.objects.filter(pk=case.pk, state=Case.State.OPEN, reports_count=0, held=False).update(
        state=Case.State.DECIDED, decided_at=now()
    )
