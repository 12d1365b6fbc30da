"""Who is told of a decision, and why it was made."""

from celery import shared_task

from moderation.models import Case, Decision, Dispute
from notifications.models import Notification
from notifications.services import tell

_OUTCOMES = {
    Decision.Action.DISMISS: "nothing was found to be wrong",
    Decision.Action.HIDE: "it was hidden",
    Decision.Action.BAN: "it was hidden, and may not be brought here again",
    Decision.Action.RELABEL: "its label was changed",
    Decision.Action.SUSPEND: "its author was suspended",
    Decision.Action.REVERSE: "the earlier decision was reversed",
}
_TOLD = {
    Decision.Action.HIDE: "it was hidden",
    Decision.Action.BAN: "it was hidden, and may not be brought here again",
    Decision.Action.RELABEL: "it was relabelled",
    Decision.Action.SUSPEND: "your account was suspended",
    Decision.Action.REVERSE: "the earlier decision was reversed",
}


@shared_task
def tell_decided(decision_id: str) -> None:
    """The author (unless nothing happened to them) and everybody who reported."""
    decision = Decision.objects.select_related("case", "author", "reverses").get(pk=decision_id)
    case: Case = decision.case
    if _concerns_author(decision):
        tell(
            recipient=decision.author,
            type=Notification.Type.DECISION,
            target=("decision", decision.pk),
            dedup=f"decision:{decision_id}",
            facts={
                "action": _what_happened(decision),
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
                "outcome": _outcome(decision),
                "reason": decision.reason,
            },
        )


def _concerns_author(decision: Decision) -> bool:
    """Authors are not told of a dismissal that changed nothing, nor of its reversal."""
    return not (decision.reverses or decision).without_effect


def _what_happened(decision: Decision) -> str:
    """In words, and that a label which was disputed stands."""
    done = Decision.Action(decision.action)
    told = [_TOLD[done]] if done in _TOLD else []
    if decision.lets_in:
        told = ["it was held, and is let in now"]
    if _label_stands(decision):
        told = [] if done is Decision.Action.RELABEL else told
        told.append("its label stands")
    return " and ".join(told)


def _outcome(decision: Decision) -> str:
    if decision.action == Decision.Action.RELABEL and _label_stands(decision):
        return "its label stands"
    return _OUTCOMES[Decision.Action(decision.action)]


def _label_stands(decision: Decision) -> bool:
    if decision.action == Decision.Action.RELABEL:
        answers = set(decision.disputes.values_list("state", flat=True))
        return answers == {Dispute.State.UPHELD}
    return bool(decision.rulings)
