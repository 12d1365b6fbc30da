"""Signing: the C2PA manifest of a file that we make.

The actions and their rules: C2PA 2.2, 18.15. Whoever edits an image begins with `c2pa.opened` and
names the original as its parent; whoever makes one begins with `c2pa.created`.
"""

import io
import json
import logging
from functools import lru_cache
from typing import Any

from django.conf import settings

from provenance.marks.authority import Authority, CannotSign, authority
from provenance.marks.chain import KEY_USAGES
from provenance.marks.mark import Mark, Parent
from provenance.vocabulary import DataMining

logger = logging.getLogger(__name__)
GENERATOR = {"name": "Pentimento", "version": "1"}
# A name of our own: no algorithm of C2PA's list is free to use without a service of others.
WATERMARK_ALGORITHM = "io.pentimento.watermark.1"
Definition = dict[str, Any]
_PARENT = "parent"
# A manifest may not weigh more than the picture that it belongs to.
MAX_GROWTH = 64 * 1024
_TRAINING_USES = ("data_mining", "ai_inference", "ai_training", "ai_generative_training")
_USE = {
    DataMining.ALLOWED: "allowed",
    DataMining.CONSTRAINED: "constrained",
    DataMining.PROHIBITED: "notAllowed",
}


def sign_created(data: bytes, media_type: str, mark: Mark, parent: Parent | None = None) -> bytes:
    """Sign what a generator made. A `parent` is the picture that it reworked.

    Raises CannotSign.
    """
    source_type = mark.signed.uri if mark.signed else None
    agent = {"softwareAgent": {"name": mark.system}} if mark.system else {}
    said = {"digitalSourceType": source_type, **agent} if source_type else agent
    if parent is None:
        actions = [{"action": "c2pa.created", **said}]
    else:
        actions = [_opened(), {"action": "c2pa.edited", **said}]
    if mark.watermark:
        actions.append({"action": "c2pa.watermarked"})
    return _sign(data, media_type, _definition(mark, actions), parent)


def sign_rendition(data: bytes, media_type: str, mark: Mark, parent: Parent) -> bytes:
    """Sign a file that was made for showing `parent`. Raises CannotSign.

    A parent whose manifests cannot be taken along is named without them.
    """
    said = {"digitalSourceType": mark.signed.uri} if mark.signed else {}
    actions = [_opened() | said, {"action": "c2pa.resized"}, {"action": "c2pa.transcoded"}]
    return _sign(data, media_type, _definition(mark, actions), parent)


def _opened() -> dict[str, Any]:
    return {"action": "c2pa.opened", "parameters": {"ingredientIds": [_PARENT]}}


def _definition(mark: Mark, actions: list[dict[str, Any]]) -> Definition:
    assertions: list[dict[str, Any]] = [{"label": "c2pa.actions.v2", "data": {"actions": actions}}]
    if use := _USE.get(mark.data_mining):
        entries = {f"cawg.{purpose}": {"use": use} for purpose in _TRAINING_USES}
        assertions.append({"label": "cawg.training-mining", "data": {"entries": entries}})
    if mark.watermark:  # the action is valid only beside a soft binding (C2PA 2.2, 18.10)
        blocks = [{"scope": {}, "value": mark.watermark}]
        binding = {"alg": WATERMARK_ALGORITHM, "blocks": blocks}
        assertions.append({"label": "c2pa.soft-binding", "data": binding})
    return {"claim_generator_info": [GENERATOR], "assertions": assertions}


def _sign(data: bytes, media_type: str, definition: Definition, parent: Parent | None) -> bytes:
    from c2pa import C2paError  # noqa: PLC0415  # a native library that most processes never need

    try:
        if parent is not None and parent.embed:
            try:
                signed = _signed(data, media_type, _redacting(definition, parent), parent)
                if len(signed) - len(data) <= MAX_GROWTH:
                    return signed
            except C2paError as error:
                logger.warning("a parent's manifests cannot be taken along: %s", error)
        return _signed(data, media_type, _naming(definition, parent), None)
    except Exception as error:  # keys, callbacks, time stamps: each fails in ways of its own
        logger.exception("signing failed")
        raise CannotSign(retry_after=30) from error


def _redacting(definition: Definition, parent: Parent) -> Definition:
    """With what is private taken out of the parent's manifests, and each removal stated."""
    if not parent.redact:
        return definition
    removed = [
        {"action": "c2pa.redacted", "reason": "c2pa.PII.present", "parameters": {"redacted": what}}
        for what in parent.redact
    ]
    actions, *others = definition["assertions"]
    data = {"actions": [*actions["data"]["actions"], *removed]}
    return {
        **definition,
        "redactions": list(parent.redact),
        "assertions": [{**actions, "data": data}, *others],
    }


def _naming(definition: Definition, parent: Parent | None) -> Definition:
    """With the parent named by its format alone."""
    if parent is None:
        return definition
    named = {
        "title": "original",
        "format": parent.media_type,
        "relationship": "parentOf",
        "label": _PARENT,
    }
    return {**definition, "ingredients": [named]}


def _signed(data: bytes, media_type: str, definition: Definition, parent: Parent | None) -> bytes:
    from c2pa import Builder  # noqa: PLC0415

    context, signer = _instruments()
    signed = io.BytesIO()
    with Builder(definition, context=context) as builder:
        if parent is not None:
            ingredient = {"title": "original", "relationship": "parentOf", "label": _PARENT}
            builder.add_ingredient(
                json.dumps(ingredient), parent.media_type, io.BytesIO(parent.data)
            )
        builder.sign(signer, media_type, io.BytesIO(data), signed)
    return signed.getvalue()


@lru_cache(maxsize=1)
def _instruments() -> tuple[Any, Any]:
    """The SDK's context and signer, once per process.

    The context trusts our own root only: what it records about a parent is then no more than any
    reader finds, and a reader that trusts us alone finds the whole file trusted.
    """
    from c2pa import Context  # noqa: PLC0415

    ours = authority()
    context = Context.from_dict(
        {
            "version": 1,
            "verify": {
                "verify_trust": True,
                "verify_after_sign": True,
                "remote_manifest_fetch": False,
                "ocsp_fetch": False,
            },
            "trust": {"trust_anchors": ours.root, "trust_config": "\n".join(KEY_USAGES)},
            "builder": {"thumbnail": {"enabled": False}},
        }
    )
    return context, _signer(ours)


def _signer(ours: Authority) -> Any:
    from c2pa import C2paSignerInfo, C2paSigningAlg, Signer  # noqa: PLC0415

    time_stamps = settings.C2PA_TIMESTAMP_URL or None
    if ours.sign is not None:
        return Signer.from_callback(ours.sign, C2paSigningAlg.ES256, ours.certificates, time_stamps)
    return Signer.from_info(
        C2paSignerInfo(b"es256", ours.certificates.encode(), ours.key.encode(), time_stamps)
    )
