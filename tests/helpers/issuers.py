"""Signers for tests: each has a certificate chain of its own and signs what it is told to."""

import io
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import c2pa

from provenance.marks.chain import KEY_USAGES, SigningChain, new_chain

IPTC = "http://cv.iptc.org/newscodes/digitalsourcetype/"
Part = tuple[str, bytes, str]


def root_of(chain: SigningChain) -> str:
    return "-----BEGIN" + chain.certificates.rpartition("-----BEGIN")[2]


def leaf_of(chain: SigningChain) -> str:
    return chain.certificates.partition("-----END CERTIFICATE-----\n")[0] + (
        "-----END CERTIFICATE-----\n"
    )


@cache
def issuer(organization: str) -> "Issuer":
    """The same organisation is the same chain, in one test process."""
    return Issuer(organization, new_chain(organization))


@dataclass(frozen=True)
class Issuer:
    """`sign` makes files as cameras, editors and generators do, with nothing but the SDK."""

    organization: str
    chain: SigningChain = field(repr=False)

    @property
    def root(self) -> str:
        return root_of(self.chain)

    def sign(
        self,
        data: bytes,
        media_type: str = "image/jpeg",
        *,
        source_type: str = "",
        generator: str = "Camera",
        actions: Sequence[dict[str, Any]] = (),
        assertions: Sequence[dict[str, Any]] = (),
        parts: Sequence[Part] = (),
        thumbnail: bool = False,
    ) -> bytes:
        """A signed copy of `data`.

        Without parts it begins with `c2pa.created`, with a first part `parentOf` with
        `c2pa.opened`. `source_type` is an IPTC code or any address; `parts` are (relationship,
        bytes, media type).
        """
        stated = source_type if ":" in source_type or not source_type else IPTC + source_type
        first: dict[str, Any] = {"action": "c2pa.created"}
        if parts and parts[0][0] == "parentOf":
            first = {"action": "c2pa.opened", "parameters": {"ingredientIds": ["part0"]}}
        if stated:
            first["digitalSourceType"] = stated
        placed = [
            {"action": "c2pa.placed", "parameters": {"ingredientIds": [f"part{number}"]}}
            for number, (relationship, _, _) in enumerate(parts)
            if relationship == "componentOf"
        ]
        manifest = {
            "claim_generator_info": [{"name": generator, "version": "1"}],
            "assertions": [
                {
                    "label": "c2pa.actions.v2",
                    "data": {"actions": [first, *placed, *actions]},
                },
                *assertions,
            ],
        }
        signed = io.BytesIO()
        context = context_trusting(self.root, thumbnail=thumbnail)
        with c2pa.Builder(manifest, context=context) as builder:
            for number, (relationship, part, part_type) in enumerate(parts):
                named = {"relationship": relationship, "label": f"part{number}", "title": "a part"}
                builder.add_ingredient(json.dumps(named), part_type, io.BytesIO(part))
            builder.sign(self._signer(), media_type, io.BytesIO(data), signed)
        return signed.getvalue()

    def _signer(self) -> Any:
        return c2pa.Signer.from_info(
            c2pa.C2paSignerInfo(
                b"es256", self.chain.certificates.encode(), self.chain.key.encode(), None
            )
        )


def context_trusting(*roots: str, thumbnail: bool = False, check: bool = False) -> Any:
    """The SDK's own settings: only these roots count. `check` verifies what is signed."""
    return c2pa.Context.from_dict(
        {
            "version": 1,
            "verify": {
                "verify_trust": True,
                "verify_after_sign": check,
                "remote_manifest_fetch": False,
                "ocsp_fetch": False,
            },
            "trust": {"trust_anchors": "\n".join(roots), "trust_config": "\n".join(KEY_USAGES)},
            "builder": {"thumbnail": {"enabled": thumbnail}},
        }
    )


def independently_read(data: bytes, media_type: str, *roots: str) -> dict[str, Any] | None:
    """What the SDK alone says of a file; None if it has no manifest."""
    reader = c2pa.Reader.try_create(media_type, io.BytesIO(data), context=context_trusting(*roots))
    if reader is None:
        return None
    store: dict[str, Any] = json.loads(reader.json())
    return store
