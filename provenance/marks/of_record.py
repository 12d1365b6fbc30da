"""The mark of a work whose provenance is on record."""

from provenance.marks.mark import Mark
from provenance.models import Generation, Record
from provenance.vocabulary import DataMining, Grade, Origin, strictest
from users import preferences
from users.models import User

_KNOWN = {Grade.PLATFORM_PROVEN, Grade.SIGNED_TRUSTED}
_CONSENT = {"allow": DataMining.ALLOWED, "deny": DataMining.PROHIBITED}


def mark_of(record: Record, *, page: str = "") -> Mark:
    """What files of this work say. `page`: the address of its provenance sheet."""
    generation: Generation | None = getattr(record, "generation", None)
    return Mark(
        origin=Origin(record.origin),
        known=Grade(record.grade) in _KNOWN and not record.ruled,
        system=system_of(generation) if generation else "",
        prompt=shown_prompt(generation) if generation else "",
        data_mining=permitted_mining(record),
        page=page,
    )


def system_of(generation: Generation) -> str:
    return f"{generation.backend}/{generation.model}"


def shown_prompt(generation: Generation) -> str:
    """The prompt, if its author shows it to everybody: a file goes everywhere."""
    public = generation.prompt_visibility == Generation.PromptVisibility.PUBLIC
    return generation.prompt if public else ""


def permitted_mining(record: Record) -> DataMining:
    """What others may mine a work for: the stricter of what its file and its author say."""
    return strictest(DataMining(record.data_mining), choice_of(record.owner))


def choice_of(owner: User | None) -> DataMining:
    """What an author permits others to mine their works for."""
    if owner is None:
        return DataMining.UNSET
    consent = preferences.effective(owner.preferences)["training_consent"]
    return _CONSENT.get(consent, DataMining.UNSET)
