"""What a file that we make or serve says of itself. Plain values; the writers are beside it."""

from dataclasses import dataclass

from provenance.vocabulary import (
    AI_ORIGINS,
    HUMAN_ORIGINS,
    SOURCE_TYPE_OF,
    DataMining,
    Origin,
    SourceType,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """`known`: the origin is proven here or signed by a trusted issuer.

    What is only said (by metadata, by the uploader) is not ours to sign: with our signature under
    it a rumour would come back as a fact. A ruling is not signed either: it can be withdrawn, and
    a signature cannot. An AI label that is not known is still written, into
    metadata; a human one is not, for it would be believed. `watermark`: what was written into the
    pixels when this file was made.
    """

    origin: Origin = Origin.UNKNOWN
    known: bool = False
    system: str = ""
    prompt: str = ""
    data_mining: DataMining = DataMining.UNSET
    page: str = ""
    watermark: str = ""

    @property
    def stated(self) -> SourceType | None:
        """The source type for metadata."""
        if self.origin in AI_ORIGINS or (self.origin in HUMAN_ORIGINS and self.known):
            return SOURCE_TYPE_OF[self.origin]
        return None

    @property
    def signed(self) -> SourceType | None:
        """The source type that our signature may stand under."""
        return self.stated if self.known else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Parent:
    """The file that ours was made from. `redact`: addresses of assertions to take out of it.

    `embed` is whether its own manifests go with ours.
    """

    data: bytes
    media_type: str
    redact: tuple[str, ...] = ()
    embed: bool = True
