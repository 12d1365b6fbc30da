"""The only code that parses foreign manifest stores. Runs in the jail, without Django.

The order names the file and the trust settings; the report says in bounded plain
values what the store holds and how it validates. Nothing is fetched: a manifest that is kept
elsewhere is reported as `remote`.
"""

import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import c2pa

MAX_MANIFESTS = 512
MAX_ITEMS = 500
MAX_TEXT = 200
MAX_JSON = 16 * 1024 * 1024
MAX_DEPTH = 8


def main() -> None:
    json.dump(report_on(json.load(sys.stdin)), sys.stdout)


def report_on(order: dict[str, Any]) -> dict[str, Any]:
    """What the store of a file holds, or why that cannot be said."""
    try:
        return read(order)
    except c2pa.C2paError as error:
        # "Remote": the file only says where its manifest is kept (C2PA 2.2, 11.4).
        state = "remote" if str(error).startswith("Remote") else "unreadable"
        return {"state": state, "error": bounded(str(error))}
    except Exception as error:  # noqa: BLE001  # a foreign structure of any shape is one finding
        return {"state": "unreadable", "error": type(error).__name__}


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
    outlines = json.loads(outline)["manifests"]
    labels = {each["label"]: list(each["assertions"]) for each in outlines}
    results = store.get("validation_results", {})
    deltas = {
        delta["ingredientAssertionURI"]: codes(delta["validationDeltas"])
        for delta in results.get("ingredientDeltas") or []
    }
    everything = store["manifests"]
    if store["active_manifest"] not in everything:
        return {"state": "unreadable", "error": "the active manifest cannot be loaded"}
    # The active manifest first, so that it is there when there are too many.
    kept = {store["active_manifest"]: None} | everything
    manifests = [
        described(label, everything[label], labels.get(label, []), deltas)
        for label in list(kept)[:MAX_MANIFESTS]
    ]
    truncated = len(everything) > MAX_MANIFESTS or any(m.pop("truncated") for m in manifests)
    return {
        "state": "present",
        "truncated": truncated,
        "plain": not truncated and "c2pa.databoxes" not in text and is_plain(everything, labels),
        "active": store["active_manifest"],
        "validation_state": store.get("validation_state", ""),
        "validation": codes(results.get("activeManifest", {})),
        "trust_list": trust_list(results.get("activeManifest", {})),
        "redacted": [address for each in outlines for address in redacted(each)],
        "manifests": manifests,
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
    done = unique(step for a in assertions if is_actions(a) for step in actions(a["data"]))
    stated = unique(text for a in assertions for text in source_types(a["data"]))
    parts = manifest.get("ingredients") or []
    return {
        "label": label,
        "truncated": max(len(done), len(stated), len(parts)) > MAX_ITEMS,
        "generator": generator(manifest),
        "issuer": bounded(signature.get("issuer") or ""),
        "serial": bounded(signature.get("cert_serial_number") or ""),
        "signed_at": bounded(signature.get("time") or ""),
        "actions": [dict(step) for step in done[:MAX_ITEMS]],
        "source_types": stated[:MAX_ITEMS],
        "training": next((training(a["data"]) for a in assertions if is_training(a)), {}),
        "soft_bindings": [
            bounded(str(a["data"].get("alg", "")))
            for a in assertions
            if a["label"].startswith("c2pa.soft-binding")
        ][:MAX_ITEMS],
        "assertions": assertion_labels,
        "ingredients": [ingredient(label, item, deltas) for item in parts[:MAX_ITEMS]],
    }


def unique(items: Iterable[Any]) -> list[Any]:
    """In the order of their first appearance: long histories repeat themselves."""
    return list(dict.fromkeys(items))


def generator(manifest: dict[str, Any]) -> str:
    """The software that made the claim: version 2 claims have a list, version 1 a text."""
    infos = manifest.get("claim_generator_info") or []
    names = [f"{i.get('name', '')} {i.get('version') or ''}".strip() for i in infos]
    return bounded(", ".join([*names, manifest.get("claim_generator") or ""]).strip(", "))


def is_actions(assertion: dict[str, Any]) -> bool:
    return str(assertion["label"]).startswith("c2pa.actions")


def is_training(assertion: dict[str, Any]) -> bool:
    return str(assertion["label"]).startswith(("cawg.training-mining", "c2pa.training-mining"))


def actions(data: dict[str, Any]) -> Iterator[tuple[tuple[str, str], ...]]:
    """The steps, each as pairs of a field and its value."""
    for action in data.get("actions", []):
        agent = action.get("softwareAgent") or ""
        parameters = action.get("parameters") or {}
        description = action.get("description") or parameters.get("description") or ""
        step = {
            "action": str(action.get("action", "")),
            "source_type": str(action.get("digitalSourceType") or ""),
            "agent": str(agent.get("name", "") if isinstance(agent, dict) else agent),
            "description": str(description),
        }
        yield tuple((field, bounded(value)) for field, value in step.items())


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
    """A text, or several; JSON-LD also writes them as `{"@id": …}` or `{"@value": …}`."""
    if isinstance(value, list):
        return [text for item in value for text in texts(item)]
    if isinstance(value, dict):
        value = value.get("@id") or value.get("@value")
    return [value] if isinstance(value, str) else []


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


# What manifests may hold to be taken along into served files: the fields that say how a work was
# made. Any other may say where, by whom, or with which words.
PLAIN_FIELDS = {
    "manifest": {
        "claim_generator", "claim_generator_info", "title", "format", "instance_id", "ingredients",
        "assertions", "signature_info", "label", "claim_version", "thumbnail", "redactions",
        "vendor",
    },
    "generator": {
        "name", "version", "org.contentauth.c2pa_rs", "org.cai.c2pa_rs", "operating_system",
    },
    "ingredient": {
        "title", "format", "instance_id", "document_id", "relationship", "active_manifest",
        "validation_results", "validation_status", "manifest_data", "label", "thumbnail", "hash",
    },
    "actions": {"actions", "allActionsIncluded"},
    "action": {
        "action", "when", "softwareAgent", "digitalSourceType", "parameters", "reason", "changed",
        "instanceID", "instanceId",
    },
    "parameters": {
        "ingredient", "ingredients", "ingredientIds", "org.cai.ingredientIds", "name", "redacted",
    },
    "training": {"use"},
}  # fmt: skip
MAX_NAME = 64
MAX_PARTS_TAKEN_ALONG = 200


def is_plain(manifests: dict[str, Any], labels: dict[str, list[str]]) -> bool:
    """Whether manifests hold nothing but what PLAIN_FIELDS names, and not too much of it."""
    parts = sum(len(m.get("ingredients") or []) for m in manifests.values())
    if parts + sum(map(len, labels.values())) > MAX_PARTS_TAKEN_ALONG:
        return False
    return all(only("manifest", m) and has_plain_parts(m) for m in manifests.values())


def has_plain_parts(manifest: dict[str, Any]) -> bool:
    assertions = manifest.get("assertions") or []
    steps = [a["data"] for a in assertions if is_actions(a)]
    entries = [
        entry
        for a in assertions
        if is_training(a)
        for entry in (a["data"].get("entries") or {}).values()
    ]
    return (
        all(only("generator", info) for info in manifest.get("claim_generator_info") or [])
        and all(only("ingredient", item) for item in manifest.get("ingredients") or [])
        and all(only("training", entry) for entry in entries)
        and all(only("actions", data) for data in steps)
        and all(is_plain_action(action) for data in steps for action in data["actions"])
    )


def is_plain_action(action: Any) -> bool:
    if not only("action", action):
        return False
    agent, parameters = action.get("softwareAgent") or {}, action.get("parameters") or {}
    named = len(str(parameters.get("name", ""))) if isinstance(parameters, dict) else 0
    return (
        (isinstance(agent, str) or only("generator", agent))
        and only("parameters", parameters)
        and named <= MAX_NAME
    )


def only(kind: str, value: Any) -> bool:
    return isinstance(value, dict) and set(value) <= PLAIN_FIELDS[kind]


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
    """Short, and without what neither databases nor pages can hold."""
    return "".join(char for char in text[:MAX_TEXT] if char.isprintable())


if __name__ == "__main__":
    main()
