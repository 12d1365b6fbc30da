"""What a feed may be asked."""

from functools import lru_cache
from typing import Any

from rest_framework import serializers
from rest_framework.request import Request

from feeds.walk import Taste
from provenance.vocabulary import Flag
from users import preferences

_TASTES = ("flag", "ai_max_share", "unknown_policy", "agents")


class FeedQuery(serializers.Serializer[Any]):
    """Unknown query parameters are ignored; known ones must be right.

    `cursor` and `limit` are read where pages are made (`core.pagination`).
    """

    flag = serializers.ChoiceField(["all", *Flag], required=False, default="all")
    ai_max_share = serializers.IntegerField(min_value=0, max_value=100, required=False)
    unknown_policy = serializers.ChoiceField(preferences.UNKNOWN_POLICIES, required=False)
    agents = serializers.ChoiceField(preferences.AGENTS, required=False)
    cursor = serializers.CharField(required=False)
    limit = serializers.IntegerField(min_value=1, max_value=100, required=False)


def taste_of(request: Request, surface: str, *, arranged: bool = False) -> Taste:
    """The viewer's preferences for `surface`, with what this request asks instead.

    Profiles are outside the dial unless the request asks. `arranged`: as surfaces have it. Raises
    ValidationError.
    """
    asked = request.query_params
    given = _read(tuple((name, asked[name]) for name in _TASTES if name in asked))
    stored = request.user.preferences if request.user.is_authenticated else {}
    chosen = preferences.effective(stored)
    exempt = surface == "profile"
    share = given.get("ai_max_share", 100 if exempt else chosen["ai_max_share"][surface])
    return Taste(
        flag=None if given["flag"] == "all" else Flag(given["flag"]),
        share=share,
        unknown_policy=given.get("unknown_policy", "show" if exempt else chosen["unknown_policy"]),
        hide_muted=not (exempt or arranged),
        hide_agents=given.get("agents", "show" if exempt else chosen["agents"]) == "hide",
    )


@lru_cache(maxsize=512)
def _read(asked: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Kept: the same few things are asked, and a serializer for them costs a twelfth of a page."""
    query = FeedQuery(data=dict(asked))
    query.is_valid(raise_exception=True)
    return dict(query.validated_data)
