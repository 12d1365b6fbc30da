"""From a prompt to a brief: scene, light, weather, colours, style and subjects it asks for."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cache

from media_gen.backends.procedural import vocabulary as vocab

LONGEST_PHRASE = 4  # words, as in "fleurs dans un vase"
NEGATION_REACH = 5  # words after "without" that may still be meant by it

_TABLES = {
    "scene": vocab.SCENES,
    "time": vocab.TIMES,
    "weather": vocab.WEATHERS,
    "season": vocab.SEASONS,
    "style": vocab.STYLES,
    "colour": vocab.COLOURS,
    "subject": vocab.SUBJECTS,
}


@dataclass(frozen=True)
class Subject:
    """One thing to draw: its name, how many, and its own colour if the prompt gives it one."""

    name: str
    count: int = 1
    colour: str | None = None


@dataclass(frozen=True)
class Brief:
    """What the words asked for; empty fields were left to the painter."""

    scene: str | None = None
    backdrop: str | None = None
    time: str | None = None
    weather: frozenset[str] = frozenset()
    season: str | None = None
    styles: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()
    subjects: tuple[Subject, ...] = ()
    bloom: str | None = None
    calm: bool = False
    manner: str | None = None
    neon: bool = False
    banned: frozenset[str] = frozenset()

    def draws(self, name: str) -> bool:
        """Whether the prompt asks for a subject of this name."""
        return any(subject.name == name for subject in self.subjects)

    def allows(self, name: str) -> bool:
        """Whether the painter may add this of its own accord."""
        return name not in self.banned


@dataclass
class _Findings:
    """Concepts met while reading, in reading order."""

    concepts: list[tuple[str, str]] = field(default_factory=list)
    subjects: list[Subject] = field(default_factory=list)
    banned: set[str] = field(default_factory=set)
    words: set[str] = field(default_factory=set)

    def of(self, kind: str) -> list[str]:
        """Distinct values of one kind that were asked for and not refused."""
        wanted = (value for found, value in self.concepts if found == kind)
        return list(dict.fromkeys(value for value in wanted if value not in self.banned))


@cache
def _lexicon() -> dict[str, tuple[tuple[str, str], ...]]:
    """Every known word or phrase with all it means, as (kind, value) pairs."""
    meanings: dict[str, list[tuple[str, str]]] = {}
    for kind, table in _TABLES.items():
        for value, words in table.items():
            for word in dict.fromkeys(words.split()):
                meanings.setdefault(word, []).append((kind, value))
    return {word: tuple(pairs) for word, pairs in meanings.items()}


def tokens(text: str) -> list[str]:
    """Lower-case words without accents; punctuation that ends a clause becomes "," tokens."""
    folded = unicodedata.normalize("NFKD", text.lower().replace("ß", "ss"))
    plain = "".join(char for char in folded if not unicodedata.combining(char))
    return re.findall(r"[a-z0-9]+|[,.;:!?()\n|]", plain)


def _singulars(word: str) -> Iterable[str]:
    yield word
    endings = (("ies", "y"), ("ves", "f"), ("es", ""), ("s", ""), ("en", ""), ("e", ""), ("n", ""))
    for ending, stem_end in endings:
        if word.endswith(ending) and len(word) - len(ending) > 2:
            yield word[: -len(ending)] + stem_end


def _phrase_at(words: list[str], start: int) -> tuple[str | None, int]:
    """The longest known phrase that starts here, and how many words it takes."""
    lexicon = _lexicon()
    for length in range(min(LONGEST_PHRASE, len(words) - start), 0, -1):
        chunk = words[start : start + length]
        head = "_".join(chunk[:-1])
        for last in _singulars(chunk[-1]):
            phrase = f"{head}_{last}" if head else last
            if phrase in lexicon:
                return phrase, length
    return None, 1


def _negated(words: list[str]) -> list[bool]:
    """For each word, whether a negator before it speaks of it."""
    flags, reach = [], 0
    for index, word in enumerate(words):
        if word in vocab.NEGATORS:
            flags.append(False)
            reach = NEGATION_REACH
            continue
        follower = words[index + 1] if index + 1 < len(words) else ""
        fresh_start = word in vocab.JOINERS and follower in vocab.ARTICLES | vocab.COUNTS.keys()
        if not word.isalnum() or word in vocab.SCOPE_ENDS or fresh_start:
            reach = 0
        flags.append(reach > 0)
        reach = max(0, reach - (word not in vocab.JOINERS and word not in vocab.ARTICLES))
    return flags


def _read(text: str) -> _Findings:
    found = _Findings()
    words = tokens(text)
    negated = _negated(words)
    lexicon = _lexicon()
    pending: str | None = None  # a colour that may belong to the very next subject
    count, index = 1, 0
    while index < len(words):
        phrase, length = _phrase_at(words, index)
        if phrase is None:
            count = vocab.COUNTS.get(words[index], count)
            pending = None
        elif negated[index]:
            found.banned.update(value for _, value in lexicon[phrase])
        else:
            found.words.add(phrase)
            pending = _take(
                found, phrase, pending, count, plural=words[index + length - 1].endswith("s")
            )
            count = max(count if pending else 1, vocab.COUNTS.get(words[index], 1))
        index += length
    return found


def _take(
    found: _Findings, phrase: str, pending: str | None, count: int, plural: bool
) -> str | None:
    """Note the meanings of one phrase; return the colour that waits for a subject, if any."""
    waiting = None
    for kind, value in _lexicon()[phrase]:
        if kind == "subject":
            several = count if count > 1 else 3 if plural and phrase[-1] != "s" else 1
            found.subjects.append(Subject(value, several, pending))
            if pending and ("colour", pending) in found.concepts:
                found.concepts.remove(("colour", pending))
        else:
            found.concepts.append((kind, value))
            waiting = value if kind == "colour" else waiting
    return waiting


def _scenes(found: _Findings, subjects: list[Subject]) -> tuple[str | None, str | None]:
    named = [scene for scene in vocab.SCENES if scene in found.of("scene")]
    earthly = [scene for scene in named if scene != "space"]
    if "space" in named and earthly and earthly != ["abstract"]:
        found.concepts.append(("weather", "stars"))
        named = earthly
    homes = [vocab.HOMES[subject.name] for subject in subjects if subject.name in vocab.HOMES]
    homes = [home for home in homes if home not in found.banned]
    if not named and found.of("season")[:1] == ["winter"] and not set(homes) - {"meadow", "forest"}:
        named = ["winter"]
    if not named and homes:
        named = [homes[0]]
    elif named and named[0] in ("mountain", "forest", "desert", "meadow", "winter"):
        # "a boat in the mountains" needs water for the boat
        wet = [home for home in homes if home in ("lake", "river", "sea")]
        named = ["lake" if wet[0] == "sea" else wet[0], *named] if wet else named
    return (named[0] if named else None), (named[1] if len(named) > 1 else None)


def _colours(found: _Findings, scene: str | None) -> list[str]:
    """The colours of the picture; roses in a garden are flowers, not a colour of the sky."""
    colours = found.of("colour")
    if "rose" in found.words and scene in ("garden", "meadow", "window"):
        colours = [name for name in colours if name != "pink"]
    return colours


def read_brief(prompt: str, negative_prompt: str = "") -> Brief:
    """Parse both prompts; whatever the negative one names is refused."""
    found = _read(prompt)
    for _, value in _read(negative_prompt).concepts:
        found.banned.add(value)
    found.banned.update(subject.name for subject in _read(negative_prompt).subjects)
    subjects: dict[str, Subject] = {}
    for subject in found.subjects:
        if subject.name not in found.banned:
            subjects.setdefault(subject.name, subject)
    scene, backdrop = _scenes(found, list(subjects.values()))
    colours, styles = _colours(found, scene), found.of("style")
    if "black_and_white" in found.words and colours:
        styles.remove("noir")  # "red, black and white" names three colours, not a film
        colours += ["black", "white"]
    times, seasons = found.of("time"), found.of("season")
    words = set(tokens(prompt))
    return Brief(
        scene=scene,
        backdrop=backdrop,
        time=times[0] if times else None,
        weather=frozenset(found.of("weather")),
        season=seasons[0] if seasons else None,
        styles=tuple(styles[:2]),
        colours=tuple(colours[:4]),
        subjects=tuple(subjects.values())[:4],
        bloom=next((vocab.BLOOMS[word] for word in vocab.BLOOMS if word in found.words), None),
        calm=bool(words & {"calm", "still", "quiet", "serene", "peaceful", "tranquil"}),
        manner=next((word for word in vocab.MANNERS if word in found.words), None),
        neon=bool(words & {"neon", "cyberpunk", "synthwave", "vaporwave"}),
        banned=frozenset(found.banned),
    )


def understood(prompt: str, negative_prompt: str = "") -> dict[str, object]:
    """What the painter read in the words, as plain JSON-able data (nothing it chose by itself)."""
    brief = read_brief(prompt, negative_prompt)
    return {
        "scene": brief.scene,
        "backdrop": brief.backdrop,
        "time": brief.time,
        "weather": sorted(brief.weather),
        "season": brief.season,
        "styles": list(brief.styles),
        "colours": list(brief.colours),
        "subjects": [
            {"name": subject.name, "count": subject.count, "colour": subject.colour}
            for subject in brief.subjects
        ],
        "refused": sorted(brief.banned),
    }
