"""Opening, closing and reopening cases: what reports, disputes and decisions share."""

from core.clock import now
from moderation.models import Case
from moderation.targets import Target


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


def close_if_nothing_else_waits(case: Case) -> None:
    """For a case whose dispute was answered elsewhere: reports and appeals still wait."""
    Case.objects.filter(pk=case.pk, state=Case.State.OPEN, reports_count=0).update(
        state=Case.State.DECIDED, decided_at=now()
    )
