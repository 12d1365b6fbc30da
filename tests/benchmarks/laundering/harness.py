"""Attacks the works, asks the layers, and keeps what they said: one JSON line for each answer."""

import hashlib
import json
import os
import re
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import asdict, dataclass
from functools import cached_property
from itertools import groupby
from multiprocessing import get_context
from pathlib import Path
from typing import Any, NamedTuple

from PIL import Image

from tests.benchmarks.laundering import corpora, layers
from tests.benchmarks.laundering.attacks import attacked

STRANGER_ATTACKS = ("unchanged", "screenshot light")
PART_ATTACKS = ("crop 50 % corner", "screenshot of a crop")
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Plan:
    """What is indexed and searched for, and by what.

    Generated works get a watermark, if the layers know how. It is slow to look for: that is done
    for `sampled` of them in any case, for the others where no other layer knows the picture. With
    one job all is done in this process.
    """

    folder: Path
    works: Sequence[corpora.Piece]
    decoys: Sequence[corpora.Piece]
    strangers: Sequence[corpora.Piece]
    sampled: int
    jobs: int
    stranger_attacks: Sequence[str] = STRANGER_ATTACKS
    connect: Callable[[], layers.Connected] = layers.connected

    @cached_property
    def numbers(self) -> dict[str, int]:
        """The number in the watermark of each work that has one, from 1."""
        if self.connect().mark is None:
            return {}
        generated = [piece.key for piece in self.works if piece.kind in corpora.GENERATED]
        return {key: number for number, key in enumerate(generated, 1)}

    def in_sample(self, work: layers.Work) -> bool:
        """Whether the watermark is looked for in any case: in strangers, and in works spread evenly
        over all that have one."""
        every = max(1, len(self.numbers) // max(1, self.sampled))
        number = work.number
        if number is None:
            return True
        return (number - 1) % every == 0 and (number - 1) // every < self.sampled

    @cached_property
    def fingerprint(self) -> str:
        """Of what is indexed: records of other works or watermarks must not be mixed with these."""
        keys = [piece.key for piece in (*self.works, *self.decoys)]
        return hashlib.sha256(json.dumps([keys, self.numbers]).encode()).hexdigest()[:16]

    def work(self, piece: corpora.Piece) -> layers.Work:
        number = self.numbers.get(piece.key)
        name = re.sub(r"[^a-z0-9]+", "-", piece.key.lower())
        file = f"{name}.marked-{number}.png" if number else f"{name}.png"
        return layers.Work(piece.key, piece.kind, self.folder / "pictures" / file, number)


class Question(NamedTuple):
    """Does `layer` know this picture, after this attack? `known`: another one does."""

    key: str
    attack: str
    layer: str
    known: bool = False


@dataclass(frozen=True)
class Record:
    """An answer. `found` names works; `compared` is how many indexed works the picture is not.

    `sampled`: the layer was asked whatever others said; `asked`: it was asked at all.
    """

    key: str
    kind: str
    marked: bool
    stranger: bool
    attack: str
    layer: str
    sampled: bool
    asked: bool
    found: list[str]
    compared: int
    cpu_ms: float
    details: dict[str, Any]

    @property
    def question(self) -> Question:
        return Question(self.key, self.attack, self.layer)

    @property
    def hit(self) -> bool:
        return self.key in self.found

    @property
    def wrong(self) -> list[str]:
        return [key for key in self.found if key != self.key]


def measure(
    plan: Plan, records: Path, attacks: Sequence[str], *, works: int | None = None,
    forget: Iterable[str] = (), fresh: bool = False,
) -> None:  # fmt: skip
    """Ask all that has no record yet, about the first `works` works of each kind, or about all.

    Records of the layers in `forget` are dropped before; with `fresh` those of all layers, and the
    watermarked pictures. Raises SystemExit where the records are those of another plan.
    """
    (plan.folder / "pictures").mkdir(parents=True, exist_ok=True)
    if fresh:
        records.unlink(missing_ok=True)
        for picture in plan.folder.glob("pictures/*.marked-*"):
            picture.unlink()
    _keep(plan, records, set(forget))
    _prepare(plan)
    answers = recorded(records)
    answered = {record.question for record in answers}
    known = {(record.key, record.attack) for record in answers if record.hit}
    unanswered = [
        each._replace(known=each[:2] in known)
        for each in _questions(plan, attacks, works)
        if each not in answered
    ]
    piles = [list(pile) for _key, pile in groupby(unanswered, lambda each: each.key)]
    print(f"{len(unanswered):,} questions about {len(piles):,} pictures", flush=True)
    begin, done = time.monotonic(), 0
    with records.open("a") as file:
        for pictures, answers in enumerate(_answers(plan, piles), 1):
            file.writelines(json.dumps(asdict(record)) + "\n" for record in answers)
            file.flush()
            done += len(answers)
            if pictures % 20 == 0:
                left = (time.monotonic() - begin) / done * (len(unanswered) - done) / 60
                print(f"  {pictures:,} of {len(piles):,} pictures, {left:.0f} min left", flush=True)


def recorded(records: Path) -> list[Record]:
    """The answers in the file, without a line that was cut off while it was written."""
    _plan, *lines = records.read_text().splitlines(keepends=True)
    return [Record(**json.loads(line)) for line in lines if line.endswith("\n")]


def _keep(plan: Plan, records: Path, forget: set[str]) -> None:
    """Write the file anew with the records that count, under the fingerprint of the plan."""
    head = json.dumps({"plan": plan.fingerprint}) + "\n"
    kept: list[Record] = []
    if records.exists():
        with records.open() as file:
            if file.readline() != head:
                raise SystemExit(f"{records} is of other works or watermarks: --fresh starts anew")
        kept = [record for record in recorded(records) if record.layer not in forget]
    part = records.with_suffix(".part")
    part.write_text(head + "".join(json.dumps(asdict(record)) + "\n" for record in kept))
    part.replace(records)


def _questions(plan: Plan, attacks: Sequence[str], works: int | None) -> Iterator[Question]:
    """Picture by picture, and attack by attack; strangers first: they are few, and weigh most."""
    known = plan.connect().layers
    for piece in plan.strangers:
        yield from _about(piece.key, plan.stranger_attacks, known, marked=bool(plan.numbers))
    taken = Counter[str]()
    for piece in plan.works:
        taken[piece.kind] += 1
        if works is None or taken[piece.kind] <= works:
            yield from _about(piece.key, attacks, known, marked=piece.key in plan.numbers)


def _about(
    key: str, attacks: Sequence[str], known: Sequence[layers.Layer], *, marked: bool
) -> Iterator[Question]:
    asked = [layer.name for layer in known if marked or not layer.marked_only]
    return (Question(key, attack, name) for attack in attacks for name in asked)


def _prepare(plan: Plan) -> None:
    """Every picture as a PNG file: what is made or marked is so once."""
    pieces = [*plan.works, *plan.decoys, *plan.strangers]
    works = [(piece, plan.work(piece)) for piece in pieces]
    missing = [(plan.connect, piece, work) for piece, work in works if not work.path.exists()]
    if missing:
        print(f"preparing {len(missing):,} pictures", flush=True)
    if plan.jobs == 1:
        for each in missing:
            _make(*each)
    elif missing:
        with _processes(plan.jobs) as pool:
            for made in as_completed([pool.submit(_make, *each) for each in missing]):
                made.result()


def _make(connect: Callable[[], layers.Connected], piece: corpora.Piece, work: layers.Work) -> None:
    picture = piece.make()
    if work.number and (mark := connect().mark):
        picture = mark(picture, work.number)
    part = work.path.with_suffix(".part")
    picture.save(part, "PNG", compress_level=1)
    part.replace(work.path)


class Asker:
    """The layers of one process, which have been shown all works."""

    def __init__(self, plan: Plan) -> None:
        works = [plan.work(piece) for piece in (*plan.works, *plan.decoys)]
        strangers = [plan.work(piece) for piece in plan.strangers]
        self._in_sample = plan.in_sample
        self._pictures = {work.key: work for work in (*works, *strangers)}
        self._strangers = {work.key for work in strangers}
        self._layers = {layer.name: layer for layer in plan.connect().layers}
        self._shown: dict[str, int] = {}
        for layer in self._layers.values():
            shown = [work for work in works if work.number or not layer.marked_only]
            layer.index(shown)
            self._shown[layer.name] = len(shown)

    def answers(self, questions: Sequence[Question]) -> list[Record]:
        """To questions about one picture, in the order of their attacks."""
        work = self._pictures[questions[0].key]
        picture = work.picture()
        return [
            record
            for attack, asked in groupby(questions, lambda each: each.attack)
            for record in self._told(work, attack, attacked(picture, attack, work.key), asked)
        ]

    def _told(
        self, work: layers.Work, attack: str, picture: Image.Image, asked: Iterable[Question]
    ) -> Iterator[Record]:
        stranger, known = work.key in self._strangers, False
        for question in asked:
            layer = self._layers[question.layer]
            sampled = not layer.marked_only or self._in_sample(work)
            ask = sampled or not (known or question.known)
            begin = time.process_time()
            found = layer.search(picture) if ask else layers.Found(frozenset())
            seconds = time.process_time() - begin
            known = known or work.key in found.keys
            yield Record(
                key=work.key, kind=work.kind, marked=work.number is not None, stranger=stranger,
                attack=attack, layer=layer.name, sampled=sampled, asked=ask,
                found=sorted(found.keys),
                compared=(self._shown[layer.name] - (not stranger)) * ask,
                cpu_ms=round(1000 * seconds, 2), details=found.details,
            )  # fmt: skip


def _answers(plan: Plan, piles: Sequence[Sequence[Question]]) -> Iterator[list[Record]]:
    if plan.jobs == 1:
        yield from map(Asker(plan).answers, piles)
        return
    with _processes(plan.jobs, _start, (plan,)) as pool:
        for answers in as_completed([pool.submit(_ask, pile) for pile in piles]):
            yield answers.result()


def _processes(
    jobs: int, start: Any = None, arguments: tuple[Any, ...] = ()
) -> ProcessPoolExecutor:
    """Each of one thread, so that CPU time is that of one core."""
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    return ProcessPoolExecutor(jobs, get_context("spawn"), start, arguments)


_here: dict[str, Asker] = {}


def _start(plan: Plan) -> None:
    _here["asker"] = Asker(plan)


def _ask(questions: Sequence[Question]) -> list[Record]:
    return _here["asker"].answers(questions)
