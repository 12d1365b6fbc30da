"""The table: what was known again, what was missed, what was wrongly matched, what it cost."""

import textwrap
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from tests.benchmarks.laundering.attacks import ATTACKS
from tests.benchmarks.laundering.corpora import DIFFUSION, PAINTER, PHOTOGRAPH
from tests.benchmarks.laundering.harness import Record

WIDTH = 120
TOGETHER = "any"
LABEL = 24


class Column(NamedTuple):
    group: str
    layer: str


class Summary:
    """Of all records, by the kind of work.

    A layer's own column counts what it was asked in any case, `any` counts everything.
    """

    def __init__(self, records: Sequence[Record]) -> None:
        self._records = records
        self._layers = list(dict.fromkeys(each.layer for each in records))
        self.false_matches = [each for each in records if each.wrong]

    def text(self) -> str:
        parts = [*self._recall(), self._wrong(), self._costs(), self._misses()]
        return "\n\n".join(parts) + "\n"

    def _recall(self) -> Iterator[str]:
        """Tables no wider than `WIDTH`, groups side by side."""
        answers = self._answers()
        groups: dict[str, list[Column]] = defaultdict(list)
        for group in (PAINTER, DIFFUSION, PHOTOGRAPH):
            for layer in (*self._layers, TOGETHER):
                if any((Column(group, layer), attack) in answers for attack in ATTACKS):
                    groups[group].append(Column(group, layer))
        block: list[str] = []
        for group in groups:
            if block and LABEL + sum(self._width(groups[each]) for each in (*block, group)) > WIDTH:
                yield self._table([groups[each] for each in block], answers)
                block = []
            block.append(group)
        if block:
            yield self._table([groups[each] for each in block], answers)

    def _table(
        self, groups: Sequence[Sequence[Column]], answers: dict[tuple[Column, str], dict[str, bool]]
    ) -> str:
        heads = [
            f"{columns[0].group}, {self._works(columns[0].group)}".center(self._width(columns))
            for columns in groups
        ]
        columns = [column for group in groups for column in group]
        names = "".join(f"{each.layer:>{_wide(each)}}" for each in columns)
        lines = [
            "Recall in %, by attack".ljust(LABEL) + "".join(heads).rstrip(), " " * LABEL + names,
        ]  # fmt: skip
        for attack in ATTACKS:
            cells = [answers.get((column, attack)) for column in columns]
            if any(cells):
                shown = (f"{_percent(c):>{_wide(n)}}" for c, n in zip(cells, columns, strict=True))
                lines.append(f"{attack:<{LABEL}}" + "".join(shown))
        return "\n".join(lines)

    def _answers(self) -> dict[tuple[Column, str], dict[str, bool]]:
        """For each column and attack: which works were hit."""
        answers: dict[tuple[Column, str], dict[str, bool]] = defaultdict(dict)
        for each in self._records:
            if each.stranger:
                continue
            if each.sampled:
                answers[Column(each.kind, each.layer), each.attack][each.key] = each.hit
            together = answers[Column(each.kind, TOGETHER), each.attack]
            together[each.key] = together.get(each.key, False) or each.hit
        return answers

    def _works(self, group: str) -> str:
        known = (each for each in self._records if each.kind == group and not each.stranger)
        return f"{len({each.key for each in known}):,}"

    def _width(self, columns: Iterable[Column]) -> int:
        return sum(map(_wide, columns))

    def _wrong(self) -> str:
        lines = [f"{'False matches':<{LABEL}}{'questions':>12}{'pairs compared':>18}{'false':>8}"]
        for layer in self._layers:
            own = [each for each in self._records if each.layer == layer and each.asked]
            pairs, wrong = sum(each.compared for each in own), sum(len(each.wrong) for each in own)
            lines.append(f"{layer:<{LABEL}}{len(own):>12,}{pairs:>18,}{wrong:>8,}")
        lines += [
            _wrapped(f"FALSE {each.layer}: {each.key} ({each.attack})", each.wrong)
            for each in self.false_matches
        ]
        return "\n".join(lines)

    def _costs(self) -> str:
        lines = [f"{'CPU ms for one search':<{LABEL}}{'p50':>12}{'p95':>12}"]
        for layer in self._layers:
            own = (each for each in self._records if each.layer == layer and each.asked)
            costs = sorted(each.cpu_ms for each in own)
            middle, high = (costs[int(share * (len(costs) - 1))] for share in (0.5, 0.95))
            lines.append(f"{layer:<{LABEL}}{middle:>12.1f}{high:>12.1f}")
        return "\n".join(lines)

    def _misses(self) -> str:
        """What no layer knew again, by attack."""
        known: dict[tuple[str, str], bool] = defaultdict(bool)
        for each in self._records:
            if not each.stranger:
                known[each.attack, each.key] |= each.hit
        missed: dict[str, list[str]] = defaultdict(list)
        for (attack, key), hit in known.items():
            if not hit:
                missed[attack].append(key)
        lines = [f"Missed by all layers: {sum(map(len, missed.values())):,} of {len(known):,}"]
        lines += [
            _wrapped(f"{attack}: {len(missed[attack])}", sorted(missed[attack]))
            for attack in ATTACKS
            if attack in missed
        ]
        return "\n".join(lines)


def _wide(column: Column) -> int:
    return max(6, len(column.layer) + 2)


def _percent(hits: dict[str, bool] | None) -> str:
    """Rounded down, so that 100 means all."""
    return str(100 * sum(hits.values()) // len(hits)) if hits else "·"


def _wrapped(head: str, names: Iterable[str]) -> str:
    text = f"{head}: {'; '.join(names)}"
    return textwrap.fill(text, WIDTH, subsequent_indent="    ", break_on_hyphens=False)
