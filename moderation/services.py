"""Reporting, deciding, reversing, appealing. The panel and the API both come here."""

from collections.abc import Sequence
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from core.errors import Conflict, DomainError, Forbidden
from core.ids import uuid7
from core.outbox import emit
from moderation import cases, disputes, targets
from moderation.events import DecisionMade
from moderation.models import Appeal, Case, Decision, Report
from moderation.targets import Target
from provenance import services as provenance
from provenance.models import Evidence, Record
from provenance.vocabulary import Origin
from safety import services as safety
from users.models import User

Action = Decision.Action


class NotYourself(DomainError):
    """You cannot report yourself or what is yours."""

    code = "own_content"
    field = "target"


class NotImpartial(Forbidden):
    """Moderators do not decide about themselves, their own reports, or appeals against them."""

    code = "not_impartial"


class AlreadyDecided(Conflict):
    """This case was decided meanwhile."""

    code = "already_decided"


class NothingToRelabel(DomainError):
    """There is no image here whose label could be changed."""

    code = "nothing_to_relabel"
    field = "action"


class NothingToBan(DomainError):
    """There is no image here that could be banned."""

    code = "nothing_to_ban"
    field = "action"


class OriginNeeded(DomainError):
    """A relabelling names the new origin, and nothing else does."""

    code = "origin_needed"
    field = "origin"


class CannotBeReversed(Conflict):
    """This decision was reversed or superseded already, or had no effect to reverse."""

    code = "cannot_be_reversed"


class AppealedAlready(Conflict):
    """There was an appeal against this decision already."""

    code = "appealed_already"


@transaction.atomic
def report(*, reporter: User, target: Target, reason: str, detail: str = "") -> Report:
    """Complain about something visible. Complaints about one thing make one case."""
    if target.author.pk == reporter.pk:
        raise NotYourself
    case = cases.open_case(target)
    made, created = Report.objects.get_or_create(
        case=case, reporter=reporter, defaults={"reason": reason, "detail": detail}
    )
    if created:
        Case.objects.filter(pk=case.pk).update(reports_count=F("reports_count") + 1)
    return made


@transaction.atomic
def decide(
    *,
    case: Case,
    moderator: User,
    action: str,
    reason: str,
    reason_code: str = "",
    origin: Origin | None = None,
) -> Decision:
    """Close a case: dismiss, hide, ban, relabel or suspend, with a reason that everybody is told.

    It answers the disputes about it too. A new label does not say whether a held image may be
    shown: that goes on waiting.
    """
    target = targets.load(case.target_kind, case.target_id)
    records = provenance.hold(records=target.records() if target else [])
    case = Case.objects.select_for_update(of=("self",)).select_related("author").get(pk=case.pk)
    if case.state not in Case.WAITING:
        raise AlreadyDecided
    _check_impartial(case, moderator)
    if (action == Action.RELABEL) != (origin is not None):
        raise OriginNeeded
    decision = Decision(
        id=uuid7(),
        case=case,
        moderator=moderator,
        author=case.author,
        action=action,
        reason=reason,
        reason_code=reason_code or _main_reason(case),
        origin=origin or "",
    )
    if target is not None:
        _carry_out(decision, target, records)
    disputes.answer(decision, records)
    decision.save(force_insert=True)
    cases.close(case)
    if case.held and action == Action.RELABEL:
        cases.reopen(case)
    emit(DecisionMade(decision_id=str(decision.pk)))
    return decision


@transaction.atomic
def reverse(*, decision: Decision, moderator: User, reason: str) -> Decision:
    """Undo a decision: what was before is restored exactly. Raises CannotBeReversed.

    The case waits to be decided again, unless the reversal is what an appeal asked for; the
    disputes that it answered wait again in any case, and so does whether a held image may be shown.
    """
    target = targets.load(decision.case.target_kind, decision.case.target_id)
    rulings = list(Evidence.objects.filter(pk__in=decision.rulings).select_related("record"))
    records = target.records() if target else []
    provenance.hold(records=[*records, *(ruling.record for ruling in rulings)])
    case = Case.objects.select_for_update(of=("self",)).get(pk=decision.case_id)
    _check_not_involved(case, moderator)
    reversed_before = Decision.objects.filter(reverses=decision).exists()
    if decision.action == Action.REVERSE or reversed_before:
        raise CannotBeReversed
    appealed = Appeal.objects.filter(decision=decision).exists()
    if appealed:
        cases.close(case)
    if case.held or not appealed:
        cases.reopen(case)
    _undo(decision, target, rulings)
    reversal = Decision.objects.create(
        case=case,
        moderator=moderator,
        author=decision.author,
        action=Action.REVERSE,
        reason=reason,
        reason_code=decision.reason_code,
        reverses=decision,
    )
    disputes.ask_again(decision)
    emit(DecisionMade(decision_id=str(reversal.pk)))
    return reversal


@transaction.atomic
def appeal(*, decision: Decision, statement: str) -> Appeal:
    """Ask for another look. The case goes back to the queue. Raises AppealedAlready."""
    if decision.without_effect or decision.action == Action.REVERSE:
        raise CannotBeReversed("There is nothing in this decision to appeal against.")
    try:
        with transaction.atomic():
            made = Appeal.objects.create(decision=decision, statement=statement)
            Case.objects.filter(pk=decision.case_id).update(state=Case.State.APPEALED)
    except IntegrityError as error:
        raise AppealedAlready from error
    return made


def _check_not_involved(case: Case, moderator: User) -> None:
    if moderator.pk == case.author_id or case.reports.filter(reporter=moderator).exists():
        raise NotImpartial


def _check_impartial(case: Case, moderator: User) -> None:
    _check_not_involved(case, moderator)
    if case.state == Case.State.APPEALED and case.decisions.filter(moderator=moderator).exists():
        raise NotImpartial("An appeal is decided by somebody else.")


def _carry_out(decision: Decision, target: Target, records: Sequence[Record]) -> None:
    """Do what the decision says, and note in it how to undo that."""
    why: dict[str, Any] = {"decision_id": decision.pk, "reason_code": decision.reason_code}
    match decision.action:
        case Action.DISMISS if decision.case.held and decision.case.state == Case.State.OPEN:
            decision.before = target.hold()
            target.let_in()
            cases.mark_held(decision.case, held=False)
        case Action.HIDE:
            decision.before = target.limits()
            target.set_limit(limit="hidden", **why)
        case Action.BAN:
            if not records:
                raise NothingToBan
            pictures = target.pictures()
            limits = {str(picture.id): picture.limits() for picture in pictures}
            decision.before = {**target.limits(), "pictures": limits}
            for each in [target, *pictures]:
                each.set_limit(limit="hidden", **why)
            safety.ban_images(records=records, **why)
        case Action.SUSPEND:
            decision.before = targets.account(target.author).limits()
            targets.suspend(target.author, limit=User.Limit.SUSPENDED, **why)
        case Action.RELABEL:
            if not records:
                raise NothingToRelabel
            decision.rulings = [
                str(provenance.rule(record=record, origin=Origin(decision.origin)).pk)
                for record in records
            ]


def _undo(decision: Decision, target: Target | None, rulings: Sequence[Evidence]) -> None:
    for ruling in rulings:
        provenance.withdraw_ruling(ruling=ruling)
    if decision.lets_in and target is not None:
        target.hold_again(**decision.before)
    if decision.action in {Action.DISMISS, Action.RELABEL}:
        return
    if decision.action == Action.SUSPEND:
        target = targets.account(decision.author)
    if target is None or not _limited_by(decision, target):
        raise CannotBeReversed
    before = dict(decision.before)
    pictures = before.pop("pictures", {})
    if decision.action == Action.SUSPEND:
        targets.suspend(decision.author, **before)
    else:
        target.set_limit(**before)
    if decision.action == Action.BAN:
        safety.lift_bans(decision_id=decision.pk)
        for picture in target.pictures():
            if _limited_by(decision, picture):
                picture.set_limit(**pictures[str(picture.id)])


def _limited_by(decision: Decision, target: Target) -> bool:
    """Whether it is still this decision that limits the target, and no later one."""
    return bool(target.limits()["decision_id"] == str(decision.pk))


def _main_reason(case: Case) -> str:
    first = case.reports.order_by("id").first()
    return first.reason if first else Report.Reason.OTHER.value
