"""An author disputes a label; a decision answers that it stands, or overturns it.

A dispute waits in the case of its image, beside what was reported of it. The answer is always a
ruling: a label that stands is ruled as it is. So it sticks, and the author may appeal against it.
"""

from collections.abc import Iterable, Sequence

from django.db import transaction
from django.db.models import Q

from core.clock import now
from core.errors import Conflict, Forbidden
from media import services as media
from media.models import Asset
from moderation import cases
from moderation.models import Decision, Dispute, TargetKind
from moderation.targets import Target
from provenance import services as provenance
from provenance.models import Record
from provenance.vocabulary import Origin
from users.models import User

MAX_PROOFS = 10


class DisputedAlready(Conflict):
    """You dispute this label already; a moderator will answer."""

    code = "disputed_already"


class RuledAlready(Conflict):
    """A moderator ruled about this label. You may appeal against that decision."""

    code = "ruled_already"


@transaction.atomic
def dispute(*, asset: Asset, author: User, statement: str, proofs: Sequence[Asset] = ()) -> Dispute:
    """Ask for a ruling about a label. Raises Forbidden, DisputedAlready, RuledAlready, AssetGone.

    `proofs`: work in progress, the author's own; it cannot be deleted until there is an answer.
    """
    if asset.owner_id != author.pk:
        raise Forbidden("Only its author may dispute a label.")
    (record,) = provenance.hold(records=[asset.record])
    if record.dispute_open:
        raise DisputedAlready
    if record.ruled:
        raise RuledAlready
    case = cases.open_case(Target(TargetKind.ASSET, asset))
    made = Dispute.objects.create(
        asset=asset, author=author, case=case, statement=statement, label=record.origin
    )
    made.proofs.set(proofs)
    media.refer_to(owner=author, assets=[proof.pk for proof in proofs])
    cases.mark_disputed(case, disputed=True)
    provenance.open_dispute(record=record)
    return made


def answer(decision: Decision, records: Iterable[Record]) -> None:
    """Answer the disputes that `decision`, which is still to be saved, is about.

    A relabelling answers those about all `records` that it rules on, also if they wait in another
    case. Anything else answers those of its own case: the label stands, and the decision notes
    the ruling that says so.
    """
    relabels = decision.action == Decision.Action.RELABEL
    concerned = Q(asset__record__in=list(records)) if relabels else Q(case=decision.case)
    waiting = Dispute.objects.filter(concerned, state=Dispute.State.OPEN)
    for each in waiting.select_related("asset__record", "case").order_by("pk"):
        if not relabels:
            record = each.asset.record
            ruling = provenance.rule(record=record, origin=Origin(record.origin), stands=True)
            decision.rulings.append(str(ruling.pk))
        overturned = relabels and decision.origin != each.label
        each.state = Dispute.State.OVERTURNED if overturned else Dispute.State.UPHELD
        each.decision_id = decision.pk
        each.answered_at = now()
        each.save()
        media.release(assets=each.proofs.present())
        cases.mark_disputed(each.case, disputed=False)
        cases.close_if_nothing_else_waits(each.case)


def ask_again(decision: Decision) -> None:
    """After `decision` was reversed: what it answered waits again, and nothing in a closed case."""
    answered = Q(decision=decision)
    left_behind = Q(case=decision.case, state=Dispute.State.OPEN)
    for each in Dispute.objects.filter(answered | left_behind).select_related(
        "asset__record", "author", "case"
    ):
        cases.mark_disputed(each.case, disputed=False)
        each.case = cases.reopen(each.case)
        cases.mark_disputed(each.case, disputed=True)
        if each.state != Dispute.State.OPEN:
            each.state, each.decision, each.answered_at = Dispute.State.OPEN, None, None
            proofs = each.proofs.present().values_list("pk", flat=True)
            media.refer_to(owner=each.author, assets=list(proofs))
            provenance.open_dispute(record=each.asset.record)
        each.save()
