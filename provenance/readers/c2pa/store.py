"""What a manifest store says, as plain values. Made from the jailed program's report."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Validation:
    """Status codes of C2PA 2.2, 15.2.2."""

    success: frozenset[str] = frozenset()
    failure: frozenset[str] = frozenset()

    @classmethod
    def from_report(cls, report: Mapping[str, Any]) -> "Validation":
        return cls(frozenset(report["success"]), frozenset(report["failure"]))


@dataclass(frozen=True, slots=True)
class Action:
    """One step of a work's making. `source_type` is whatever was written, valid or not."""

    action: str
    source_type: str = ""
    agent: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True)
class Ingredient:
    """A part of a work. `manifest` is the label of its manifest in the same store, if it has one.

    `recorded`: how it validated for whoever used it. `since`: what is different for us.
    """

    relationship: str
    manifest: str | None = None
    recorded: Validation = Validation()
    since: Validation = Validation()


@dataclass(frozen=True, slots=True)
class Manifest:
    """One signed statement. `assertions` are the labels of all that it carries."""

    label: str
    generator: str = ""
    issuer: str = ""
    serial: str = ""
    signed_at: str = ""
    actions: tuple[Action, ...] = ()
    source_types: tuple[str, ...] = ()
    training: Mapping[str, Any] = field(default_factory=dict)
    soft_bindings: tuple[str, ...] = ()
    assertions: tuple[str, ...] = ()
    ingredients: tuple[Ingredient, ...] = ()

    @classmethod
    def from_report(cls, report: Mapping[str, Any]) -> "Manifest":
        return cls(
            **{
                **report,
                "actions": tuple(Action(**action) for action in report["actions"]),
                "source_types": tuple(report["source_types"]),
                "soft_bindings": tuple(report["soft_bindings"]),
                "assertions": tuple(report["assertions"]),
                "ingredients": tuple(
                    Ingredient(
                        relationship=part["relationship"],
                        manifest=part["manifest"],
                        recorded=Validation.from_report(part["recorded"]),
                        since=Validation.from_report(part["since"]),
                    )
                    for part in report["ingredients"]
                ),
            }
        )


@dataclass(frozen=True, slots=True)
class Store:
    """All manifests of a file. `state`: absent, remote, unreadable or present.

    `trust_list` names the list that vouches for the signer of the active manifest; `redacted` are
    the addresses of assertions that were taken out already. `truncated`: there was more than is
    here. `plain`: without its private assertions it holds nothing that could be private.
    """

    state: str
    error: str = ""
    active: str = ""
    validation_state: str = ""
    validation: Validation = Validation()
    trust_list: str = ""
    redacted: frozenset[str] = frozenset()
    truncated: bool = False
    plain: bool = False
    manifests: Mapping[str, Manifest] = field(default_factory=dict)

    @classmethod
    def from_report(cls, report: Mapping[str, Any]) -> "Store":
        """Raises KeyError or TypeError if the report is not one of the program's."""
        if report["state"] != "present":
            return cls(state=report["state"], error=report.get("error", ""))
        manifests = [Manifest.from_report(manifest) for manifest in report["manifests"]]
        return cls(
            state="present",
            active=report["active"],
            validation_state=report["validation_state"],
            validation=Validation.from_report(report["validation"]),
            trust_list=report["trust_list"],
            redacted=frozenset(report["redacted"]),
            truncated=report["truncated"],
            plain=report["plain"],
            manifests={manifest.label: manifest for manifest in manifests},
        )


ABSENT = Store(state="absent")
# What a manifest must keep to say how a work was made, what it is bound to, and what may be done
# with it. All else (EXIF, thumbnails, names, vendors' own) may be private, position included.
_KEPT = (
    "c2pa.actions",
    "c2pa.hash.",
    "c2pa.ingredient",
    "c2pa.soft-binding",
    "c2pa.time-stamp",
    "c2pa.certificate-status",
    "c2pa.training-mining",
    "cawg.training-mining",
)


def private_assertions(store: Store) -> tuple[str, ...]:
    """The addresses of assertions that are taken out before a store goes into a served file."""
    addresses = (
        f"self#jumbf=/c2pa/{manifest.label}/c2pa.assertions/{label}"
        for manifest in store.manifests.values()
        for label in manifest.assertions
        if not label.startswith(_KEPT)
    )
    return tuple(address for address in addresses if address not in store.redacted)
