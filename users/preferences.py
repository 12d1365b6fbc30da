"""What a person may choose, with the values that hold until they do."""

from typing import Any

SURFACES = ("home", "explore", "tag", "search", "related", "board")
UNKNOWN_POLICIES = ("show", "hide", "as_ai")
AGENTS = ("show", "hide")

#: What one need not be told. Labels, decisions and answers to reports are always told.
NOTIFICATION_TYPES = (
    "follow", "follow_request", "follow_accepted", "reaction", "comment", "mention", "remix",
    "save", "board_follow", "board_share", "job",
)  # fmt: skip

DEFAULTS: dict[str, Any] = {
    "ai_max_share": dict.fromkeys(SURFACES, 100),
    "unknown_policy": "show",
    "agents": "show",
    "training_consent": "unset",
    "remix_policy": {"who": "everyone", "style_transfer": True},
    "notifications": {},
}


def effective(stored: dict[str, Any]) -> dict[str, Any]:
    """The stored choices over the defaults, one level deep."""
    return {
        name: {**default, **stored.get(name, {})}
        if isinstance(default, dict)
        else stored.get(name, default)
        for name, default in DEFAULTS.items()
    }


def merged(stored: dict[str, Any], patch: dict[str, Any]) -> dict[str, Any]:
    """RFC 7396 merge of validated choices into the stored ones; null restores the default."""
    result = dict(stored)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        elif isinstance(value, dict):
            inner = {**result.get(name, {}), **value}
            result[name] = {key: kept for key, kept in inner.items() if kept is not None}
        else:
            result[name] = value
    return result
