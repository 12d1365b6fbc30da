"""Who is told of a decision, and why it was made."""

from celery import shared_task

from moderation.models import Case, Decision
from notifications.models import Notification
from notifications.services import tell

_OUTCOMES = {
    Decision.Action.DISMISS: "nothing was found to be wrong",
    Decision.Action.HIDE: "it was hidden",
    Decision.Action.RELABEL: "its label was changed",
    Decision.Action.SUSPEND: "its author was suspended",
    Decision.Action.REVERSE: "the earlier decision was reversed",
}
_TOLD = {
    Decision.Action.HIDE: "it was hidden",
    Decision.Action.RELABEL: "it was relabelled",
    Decision.Action.SUSPEND: "your account was suspended",
    Decision.Action.REVERSE: "the earlier decision was reversed",
}


def _only_a_dismissal_undone(decision: Decision) -> bool:
    """Its author was never told of the dismissal."""
    return bool(decision.reverses and decision.reverses.action == Decision.Action.DISMISS)


@shared_task
def tell_decided(decision_id: str) -> None:
    """The author (unless nothing happened to them) and everybody who reported."""
    decision = Decision.objects.select_related("case", "author", "reverses").get(pk=decision_id)
    case: Case = decision.case
    if decision.action in _TOLD and not _only_a_dismissal_undone(decision):
        tell(
            recipient=decision.author,
            type=Notification.Type.DECISION,
            target=("decision", decision.pk),
            dedup=f"decision:{decision_id}",
            facts={
                "action": _TOLD[Decision.Action(decision.action)],
                "reason": decision.reason,
                "target": case.target_kind,
            },
        )
    for report in case.reports.select_related("reporter"):
        tell(
            recipient=report.reporter,
            type=Notification.Type.REPORT,
            target=("report", report.pk),
            dedup=f"report:{report.pk}:{decision_id}",
            facts={
                "outcome": _OUTCOMES[Decision.Action(decision.action)],
                "reason": decision.reason,
            },
        )
