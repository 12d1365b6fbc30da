"""Whom we believe: lists of certificates that an operator imported, and our own root.

None is part of the software. A list is kept as it was given, with its source, date and hash; a
newer import of the same name retires the older one.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from hashlib import sha256
from typing import Any

from cryptography import x509
from django.db import transaction

from core.clock import now
from core.errors import DomainError
from provenance.marks.authority import authority
from provenance.marks.chain import KEY_USAGES
from provenance.models import TrustList
from provenance.readers.c2pa.store import Store

OURS = "platform"
_OID = re.compile(r"\d+(\.\d+)+")
_CERTIFICATE = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)
_KINDS_OF_SDK = {TrustList.Kind.ANCHORS: "manifest", TrustList.Kind.TSA: "tsa"}


class BadTrustList(DomainError):
    """This is no list of certificates, or of key usages."""

    code = "bad_trust_list"


@dataclass(frozen=True, slots=True)
class TrustPolicy:
    """`settings`: the SDK's trust settings. `tiers`: the tier of each list of anchors, by name.

    `allowed`: the tier of each single certificate that is allowed, by its decimal serial number.
    """

    settings: Mapping[str, Any]
    tiers: Mapping[str, str] = field(default_factory=dict)
    allowed: Mapping[str, str] = field(default_factory=dict)

    def tier_of(self, store: Store) -> str:
        """The tier of the list that vouches for the signer of a store's active manifest."""
        if store.trust_list:
            return self.tiers.get(store.trust_list, "")
        active = store.manifests.get(store.active)
        return self.allowed.get(active.serial, "") if active else ""


def policy() -> TrustPolicy:
    """What holds now. Built again in a process only after an import."""
    standing = TrustList.objects.filter(retired_at=None).order_by("pk")
    return _policy_of(tuple(standing.values_list("pk", flat=True)))


@transaction.atomic
def import_list(*, name: str, kind: str, tier: str, source: str, content: str) -> TrustList:
    """Keep a list. The same content again changes nothing. Raises BadTrustList."""
    digest = sha256(content.encode()).hexdigest()
    present = TrustList.objects.select_for_update().filter(name=name, retired_at=None).first()
    if present and (present.sha256, present.kind, present.tier) == (digest, kind, tier):
        return present
    entries = _key_usages(content) if kind == TrustList.Kind.EKU else _certificates(content)
    if not entries:
        raise BadTrustList(f"There is nothing in it that is fit for a list of {kind}.")
    retire_list(name=name)
    return TrustList.objects.create(
        name=name,
        kind=kind,
        tier=tier,
        source=source,
        sha256=digest,
        content=content,
        entries=len(entries),
    )


def retire_list(*, name: str) -> int:
    """Believe a list no longer; the number of lists of that name that stood."""
    return TrustList.objects.filter(name=name, retired_at=None).update(retired_at=now())


@lru_cache(maxsize=2)
def _policy_of(ids: tuple[int, ...]) -> TrustPolicy:
    lists = list(TrustList.objects.filter(pk__in=ids).order_by("pk"))
    imported = [oid for content in _of_kind(lists, "eku") for oid in _key_usages(content)]
    anchors = [_anchors(OURS, "manifest", trust_anchors=authority().root)]
    for each in lists:
        if sdk_kind := _KINDS_OF_SDK.get(TrustList.Kind(each.kind)):
            pems = "\n".join(_certificates(each.content))
            anchors.append(_anchors(each.name, sdk_kind, trust_anchors=pems))
    if allowed := _of_kind(lists, "allowed"):
        pems = "\n".join(pem for content in allowed for pem in _certificates(content))
        anchors.append(_anchors("", "manifest", trust_anchors="", allowed_list=pems))
    return TrustPolicy(
        settings={
            "trust_config": "\n".join(dict.fromkeys([*KEY_USAGES, *imported])),
            "anchors": anchors,
        },
        tiers={OURS: OURS, **{each.name: each.tier for each in lists}},
        allowed={
            str(x509.load_pem_x509_certificate(pem.encode()).serial_number): each.tier
            for each in lists
            if each.kind == TrustList.Kind.ALLOWED
            for pem in _certificates(each.content)
        },
    )


def _of_kind(lists: list[TrustList], kind: str) -> list[str]:
    return [each.content for each in lists if each.kind == kind]


def _anchors(name: str, kind: str, **lists: str) -> dict[str, str]:
    """One entry of the SDK's `trust.anchors`; it names `trust_uri` when it finds a signer there."""
    return {"trust_uri": name, "trust_kind": kind, **lists}


def _certificates(content: str) -> list[str]:
    """The PEM blocks of a list, comments left out. Raises BadTrustList."""
    blocks = _CERTIFICATE.findall(content)
    for number, block in enumerate(blocks, 1):
        try:
            x509.load_pem_x509_certificate(block.encode())
        except ValueError as error:
            raise BadTrustList(f"Certificate {number} does not parse: {error}") from error
    return blocks


def _key_usages(content: str) -> list[str]:
    """Object identifiers, one a line; `//` and `#` begin comments (the SDK's store.cfg)."""
    lines = (line.partition("//")[0].partition("#")[0].strip() for line in content.splitlines())
    return [line for line in lines if _OID.fullmatch(line)]
