"""What moderators fill in. Whether a decision may be made is for `moderation.services` to say."""

from typing import Any, Self

from allauth.account.adapter import get_adapter
from django import forms
from unfold.forms import AuthenticationForm

from moderation.models import Decision, TargetKind
from provenance import wording
from provenance.vocabulary import Grade, Origin
from users.models import User

ACTIONS = [
    (str(value), str(label))
    for value, label in Decision.Action.choices
    if value != Decision.Action.REVERSE
]
ORIGINS = [
    (origin.value, wording.label(origin, Grade.NONE))
    for origin in (
        Origin.AI_GENERATED,
        Origin.AI_EDITED,
        Origin.ALGORITHMIC,
        Origin.HUMAN_CAPTURED,
        Origin.HUMAN_CREATED,
        Origin.UNKNOWN,
    )
]
# Sentences that are needed again and again; the number keys type them. Everybody is told them.
COMMON_REASONS: dict[str, list[str]] = {
    Decision.Action.DISMISS: [
        "Nothing here breaks the rules.",
        "The label fits the evidence that we have.",
        "The report does not say enough to act on.",
        "It is not the image that is banned.",
    ],
    Decision.Action.HIDE: [
        "This is advertising.",
        "This harasses somebody.",
        "Sexual or violent content that this community does not show.",
        "It belongs to somebody else, who did not agree.",
    ],
    Decision.Action.BAN: [
        "Nobody may show this image here.",
        "This image is against the law.",
        "The person in it did not agree.",
        "It is a copy of an image that is banned.",
    ],
    Decision.Action.RELABEL: [
        "The evidence shows that a generator made it.",
        "A generator altered a part of it.",
        "The author has shown how it was made by hand.",
        "What was shown does not outweigh the evidence, so the label stands.",
    ],
    Decision.Action.SUSPEND: [
        "Repeated breaches after earlier decisions.",
        "This account exists to advertise.",
        "This account exists to harass somebody.",
    ],
}


class DecisionForm(forms.Form):
    """Dismiss, hide, ban, relabel or suspend, and why."""

    action = forms.ChoiceField(
        choices=ACTIONS,
        error_messages={"required": "Choose what to do."},
    )
    origin = forms.ChoiceField(choices=[("", "Choose the origin …"), *ORIGINS], required=False)
    reason = forms.CharField(
        max_length=2000,
        widget=forms.Textarea,
        error_messages={"required": "Say why: the author and everybody who reported are told."},
    )

    @classmethod
    def about(cls, disputed: Origin | None) -> Self:
        """An empty form. A disputed label asks for a ruling; until one is chosen it stands."""
        asked = {"action": Decision.Action.RELABEL.value, "origin": disputed} if disputed else {}
        return cls(initial=asked)

    def clean(self) -> dict[str, Any]:
        """The origin counts for a relabelling alone: another action may leave one chosen."""
        given: dict[str, Any] = super().clean() or {}
        chosen = given.get("origin") if given.get("action") == Decision.Action.RELABEL else None
        given["origin"] = Origin(chosen) if chosen else None
        return given


class ReversalForm(forms.Form):
    """Take a decision back, and why."""

    reason = forms.CharField(
        max_length=2000, error_messages={"required": "Say why the decision is taken back."}
    )


class PanelLoginForm(AuthenticationForm):  # type: ignore[misc]  # unfold is untyped
    """Sign-in for staff, with allauth's limit on wrong guesses; suspended staff stay outside."""

    def clean(self) -> dict[str, Any]:
        name, password = self.cleaned_data.get("username"), self.cleaned_data.get("password")
        if name and password:
            self.user_cache = get_adapter().authenticate(
                self.request, username=name, password=password
            )
            if self.user_cache is None:
                raise self.get_invalid_login_error()
            self.confirm_login_allowed(self.user_cache)
        cleaned: dict[str, Any] = self.cleaned_data
        return cleaned

    def confirm_login_allowed(self, user: User) -> None:
        super().confirm_login_allowed(user)
        if user.suspended:
            raise forms.ValidationError("This account is suspended.", code="suspended")


def origins_for(disputed: Origin | None) -> list[tuple[str, str]]:
    """What a work can be ruled to be; the label that is disputed comes first."""
    if disputed is None:
        return [("", "Choose the origin …"), *ORIGINS]
    words = dict(ORIGINS)
    stands = (disputed.value, f"The label stands: {words.pop(disputed.value)}")
    return [stands, *words.items()]


def actions_for(kind: str, *, pictures: bool) -> list[tuple[str, str]]:
    """The actions that make sense: accounts are not hidden, only pictures are banned or have a
    label."""
    about_pictures = {Decision.Action.BAN, Decision.Action.RELABEL}
    senseless = set()
    if kind == TargetKind.USER:
        senseless |= {Decision.Action.HIDE, *about_pictures}
    if not pictures:
        senseless |= about_pictures
    return [(value, label) for value, label in ACTIONS if value not in senseless]
