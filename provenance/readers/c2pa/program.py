"""The only code that parses foreign manifest stores. Runs in the jail, without Django.

The order names the file and the trust settings; the report says in bounded plain
values what the store holds and how it validates. Nothing is fetched: a manifest that is kept
elsewhere is reported as `remote`.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import c2pa

MAX_MANIFESTS = 64
MAX_ITEMS = 100
MAX_TEXT = 200
MAX_JSON = 16 * 1024 * 1024
MAX_DEPTH = 8


def main() -> None:
    order = json.load(sys.stdin)
    try:
        report = read(order)
    except c2pa.C2paError as error:
        # "Remote": the file only says where its manifest is kept (C2PA 2.2, 11.4).
        state = "remote" if str(error).startswith("Remote") else "unreadable"
        report = {"state": state, "error": bounded(str(error))}
    except Exception as error:  # noqa: BLE001  # a foreign structure of any shape is one finding
        report = {"state": "unreadable", "error": type(error).__name__}
    json.dump(report, sys.stdout)


def read(order: dict[str, Any]) -> dict[str, Any]:
    context = c2pa.Context.from_dict(
        {
            "version": 1,
            "verify": {
                "verify_trust": True,
                "remote_manifest_fetch": False,
                "ocsp_fetch": False,
                "max_decompressed_manifest_size_in_mb": 32,
            },
            "trust": order["trust"],
        }
    )
    with Path(order["path"]).open("rb") as file:
        media_type = sniffed(file.read(16))
        if media_type is None:
            return {"state": "absent"}
        file.seek(0)
        reader = c2pa.Reader.try_create(media_type, file, context=context)
        if reader is None:
            return {"state": "absent"}
        text = reader.json()
        outline = reader.crjson()
    if len(text) > MAX_JSON or len(outline) > MAX_JSON:
        return {"state": "unreadable", "error": "too large"}
    store = json.loads(text)
    if len(store["manifests"]) > MAX_MANIFESTS:
        return {"state": "unreadable", "error": "too many manifests"}
    outlines = json.loads(outline)["manifests"]
    labels = {each["label"]: list(each["assertions"]) for each in outlines}
    results = store.get("validation_results", {})
    deltas = {
        delta["ingredientAssertionURI"]: codes(delta["validationDeltas"])
        for delta in results.get("ingredientDeltas") or []
    }
    return {
        "state": "present",
        "active": store["active_manifest"],
        "validation_state": store.get("validation_state", ""),
        "validation": codes(results.get("activeManifest", {})),
        "trust_list": trust_list(results.get("activeManifest", {})),
        "redacted": [address for each in outlines for address in redacted(each)],
        "manifests": [
            described(label, manifest, labels.get(label, []), deltas)
            for label, manifest in store["manifests"].items()
        ],
    }


def sniffed(head: bytes) -> str | None:
    """The media type that the first bytes announce, of those that the door takes."""
    if head[4:8] == b"ftyp":
        return "image/avif" if head[8:12] in {b"avif", b"avis"} else "image/heic"
    if head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        return "image/webp"
    magic = {b"\xff\xd8\xff": "image/jpeg", b"\x89PN": "image/png", b"GIF": "image/gif"}
    return magic.get(head[:3])


def described(
    label: str, manifest: dict[str, Any], assertion_labels: list[str], deltas: dict[str, Any]
) -> dict[str, Any]:
    signature = manifest.get("signature_info") or {}
    assertions = [a for a in manifest.get("assertions", []) if isinstance(a.get("data"), dict)]
    return {
        "label": label,
        "generator": generator(manifest),
        "issuer": bounded(signature.get("issuer") or ""),
        "common_name": bounded(signature.get("common_name") or ""),
        "serial": bounded(signature.get("cert_serial_number") or ""),
        "signed_at": bounded(signature.get("time") or ""),
        "actions": [action for a in assertions if is_actions(a) for action in actions(a["data"])][
            :MAX_ITEMS
        ],
        "source_types": list(dict.fromkeys(s for a in assertions for s in source_types(a["data"])))[
            :MAX_ITEMS
        ],
        "training": next((training(a["data"]) for a in assertions if is_training(a)), {}),
        "soft_bindings": [
            bounded(str(a["data"].get("alg", "")))
            for a in assertions
            if a["label"].startswith("c2pa.soft-binding")
        ][:MAX_ITEMS],
        "assertions": assertion_labels,
        "ingredients": [
            ingredient(label, item, deltas) for item in manifest.get("ingredients", [])[:MAX_ITEMS]
        ],
    }


def generator(manifest: dict[str, Any]) -> str:
    """The software that made the claim: version 2 claims have a list, version 1 a text."""
    infos = manifest.get("claim_generator_info") or []
    names = [f"{i.get('name', '')} {i.get('version') or ''}".strip() for i in infos]
    return bounded(", ".join([*names, manifest.get("claim_generator") or ""]).strip(", "))


def is_actions(assertion: dict[str, Any]) -> bool:
    return str(assertion["label"]).startswith("c2pa.actions")


def is_training(assertion: dict[str, Any]) -> bool:
    return str(assertion["label"]).startswith(("cawg.training-mining", "c2pa.training-mining"))


def actions(data: dict[str, Any]) -> Iterator[dict[str, str]]:
    for action in data.get("actions", []):
        agent = action.get("softwareAgent") or ""
        parameters = action.get("parameters") or {}
        yield {
            "action": bounded(str(action.get("action", ""))),
            "source_type": bounded(str(action.get("digitalSourceType") or "")),
            "agent": bounded(str(agent.get("name", "") if isinstance(agent, dict) else agent)),
            "description": bounded(
                str(action.get("description") or parameters.get("description") or "")
            ),
        }


def training(data: dict[str, Any]) -> dict[str, Any]:
    """The entries of a training and data mining assertion, by name: their `use`."""
    entries = data.get("entries") or {}
    return {
        bounded(str(name)): {"use": bounded(str(entry.get("use", "")))}
        for name, entry in list(entries.items())[:MAX_ITEMS]
        if isinstance(entry, dict)
    }


def source_types(data: Any, depth: int = 0) -> Iterator[str]:
    """Every stated digital source type: in actions, in metadata assertions, by any spelling."""
    if depth > MAX_DEPTH:
        return
    if isinstance(data, dict):
        for key, value in data.items():
            if str(key).lower().endswith("digitalsourcetype"):
                yield from (bounded(text) for text in texts(value))
            else:
                yield from source_types(value, depth + 1)
    elif isinstance(data, list):
        for item in data:
            yield from source_types(item, depth + 1)


def texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    return [item for item in value if isinstance(item, str)] if isinstance(value, list) else []


def ingredient(manifest: str, item: dict[str, Any], deltas: dict[str, Any]) -> dict[str, Any]:
    """A part, with how it validated: what its signer recorded, and what has changed since."""
    address = f"self#jumbf=/c2pa/{manifest}/c2pa.assertions/{item.get('label')}"
    recorded = codes((item.get("validation_results") or {}).get("activeManifest") or {})
    recorded["failure"] += [
        bounded(str(status.get("code", ""))) for status in item.get("validation_status") or []
    ][:MAX_ITEMS]
    return {
        "relationship": bounded(str(item.get("relationship", ""))),
        "manifest": item.get("active_manifest"),
        "recorded": recorded,
        "since": deltas.get(address, {"success": [], "failure": []}),
    }


def redacted(outline: dict[str, Any]) -> list[str]:
    """The addresses of assertions that this manifest took out of its parts' manifests."""
    claim = outline.get("claim.v2") or outline.get("claim") or {}
    return [str(address) for address in claim.get("redacted_assertions") or []]


def codes(statuses: dict[str, Any]) -> dict[str, list[str]]:
    return {
        outcome: list(
            dict.fromkeys(bounded(str(s.get("code", ""))) for s in statuses.get(outcome) or [])
        )[:MAX_ITEMS]
        for outcome in ("success", "failure")
    }


def trust_list(statuses: dict[str, Any]) -> str:
    """The name of the list that vouches for the signer; the SDK says it in its explanation."""
    for status in statuses.get("success") or []:
        if status.get("code") == "signingCredential.trusted":
            explanation = status.get("explanation") or ""
            return bounded(explanation.partition("[")[2].partition("]")[0])
    return ""


def bounded(text: str) -> str:
    return text[:MAX_TEXT]


if __name__ == "__main__":
    main()
