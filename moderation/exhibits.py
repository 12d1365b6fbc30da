"""One picture as evidence: what is known of its origin, laid out for a moderator."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from media.models import Asset, AssetQuerySet
from media.serializers import present_asset
from moderation.models import Dispute
from provenance import wording
from provenance.manifests import Manifest, tree_of
from provenance.models import Evidence, LineageEdge
from provenance.vocabulary import DataMining, EvidenceKind, Origin
from users.models import Viewer

_IN_THE_TREE = {"manifests", "failures"}


@dataclass(frozen=True, slots=True)
class Line:
    """One piece of evidence, and what it says as a sentence.

    `manifests` are the roots of the tree, `failures` the codes by kind, `detail` is the rest.
    """

    item: Evidence
    says: str
    withdrawn: bool
    manifests: list[Manifest]
    failures: Mapping[str, list[str]]
    detail: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Proof:
    """An image that an author shows to prove something. `there` says if bytes are left."""

    asset: Asset
    label: dict[str, Any]
    there: bool


@dataclass(frozen=True, slots=True)
class Objection:
    """A dispute, and the work in progress that it shows."""

    dispute: Dispute
    proofs: list[Proof]


@dataclass(frozen=True, slots=True)
class Banned:
    """The banned work that a held image looks like. `there` says if bytes are left, `reasons` why
    it was banned; none if that was taken back."""

    asset: Asset
    there: bool
    reasons: list[str]


@dataclass(frozen=True, slots=True)
class Picture:
    """An image to be looked at. `shown` is how the API shows it; `there` says if bytes are left."""

    asset: Asset
    shown: dict[str, Any]
    evidence: list[Line]
    objections: list[Objection]
    banned: Banned | None
    there: bool

    @property
    def mining(self) -> str:
        return wording.mining(DataMining(self.asset.record.data_mining))

    @property
    def parents(self) -> list[LineageEdge]:
        """What it was made from, whoever else may see that."""
        return list(self.asset.record.parents.all())

    @property
    def open_objection(self) -> Objection | None:
        return next((each for each in self.objections if each.dispute.state == "open"), None)

    @property
    def answered_objections(self) -> list[Objection]:
        return [each for each in self.objections if each.dispute.state != "open"]


def looked_at() -> AssetQuerySet:
    """Images with all that is laid before a moderator, in a fixed number of queries."""
    return (
        Asset.objects.hydrated()
        .select_related("held_like__asset")
        .prefetch_related("held_like__asset__renditions", "held_like__bans")
    )


def lay_out(asset: Asset, disputes: Iterable[Dispute], moderator: Viewer) -> Picture:
    """An asset from `looked_at()`, with the disputes about it."""
    evidence = sorted(asset.record.evidence.all(), key=lambda item: item.pk)
    withdrawn = {item.withdraws for item in evidence if item.withdraws is not None}
    shown = present_asset(asset, moderator)
    return Picture(
        asset=asset,
        shown=shown,
        evidence=[_line(item, withdrawn) for item in evidence],
        objections=[_objection(dispute, moderator) for dispute in disputes],
        banned=_banned(asset),
        there=bool(shown["sources"]),
    )


def _banned(held: Asset) -> Banned | None:
    if held.held_like is None:
        return None
    asset = held.held_like.asset
    standing = [ban.reason_code for ban in held.held_like.bans.all() if ban.lifted_at is None]
    return Banned(asset, bool(asset.renditions.all()), sorted(set(standing)))


def _line(item: Evidence, withdrawn: set[int]) -> Line:
    return Line(
        item=item,
        says=_sentence(item),
        withdrawn=bool(item.sequence) and item.sequence in withdrawn,
        manifests=tree_of(item.detail.get("manifests", [])),
        failures=item.detail.get("failures", {}),
        detail={name: said for name, said in item.detail.items() if name not in _IN_THE_TREE},
    )


def _sentence(item: Evidence) -> str:
    if item.withdraws is not None:
        what = "ruling" if item.kind == EvidenceKind.RULING else "observation"
        return f"An earlier {what} was withdrawn."
    return wording.reason(
        EvidenceKind(item.kind),
        Origin(item.claims),
        generator=item.generator,
        issuer=item.issuer,
        detail=item.detail,
    )


def _objection(dispute: Dispute, moderator: Viewer) -> Objection:
    shown = [(proof, present_asset(proof, moderator)) for proof in dispute.proofs.all()]
    return Objection(
        dispute,
        [Proof(proof, api["provenance"], bool(api["sources"])) for proof, api in shown],
    )
