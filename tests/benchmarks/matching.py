"""What recognising works among many costs, and whether it still finds them.

The database is filled with invented works, whose features are distributed like those of painted
pictures; among them are painted pictures whose crops are then looked for. Each size is measured on
a warm database. 300,000 works took five minutes and 4 GB of disk, more take proportionally more.
"""

import argparse
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks import wholes

SIZES = (10_000, 100_000)
INDEXES = ("wholes", "parts")
WORKS = 40
SIDE = 768
ANGLES = 24
PORTIONS = 16
DRAWN_AT_ONCE = 2_000
FIRST_NUMBER = 1_000_000_000


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev bench matching", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=SIZES)
    parser.add_argument("--indexes", nargs="+", choices=INDEXES, default=INDEXES)
    options = parser.parse_args(arguments)
    with ExitStack() as stack:
        _throwaway_database(stack)
        if "wholes" in options.indexes:
            wholes.measure(options.sizes)
        if "parts" in options.indexes:
            _features(stack, options.sizes)
    return 0


def _throwaway_database(stack: ExitStack) -> None:
    folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="pentimento-bench-"))
    os.environ["APP_DATA_DIR"] = folder
    import django

    django.setup()
    from django.test.utils import setup_databases, teardown_databases

    databases = setup_databases(verbosity=0, interactive=False)
    stack.callback(teardown_databases, databases, verbosity=0)


def _features(stack: ExitStack, sizes: list[int]) -> None:
    """The index of works by their parts."""
    print(f"painting {2 * WORKS} pictures: half are works, half are strangers", flush=True)
    works = [picture for picture in _pictures(WORKS, seed=7) if _tells(picture)]
    strangers = [picture for picture in _pictures(WORKS, seed=8) if _tells(picture)]
    _one_work(works)
    invented = Invented(works)
    for size in sorted(sizes):
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pentimento-bench-")))
        print(f"\n{size:,} works", flush=True)
        _fill(invented, size, folder)
        _enter(works)
        _sizes(size, len(works))
        _ask("crops 20 %", [_crop(work, 0.8) for work in works], known=True)
        _ask("crops 50 %", [_crop(work, 0.5) for work in works], known=True)
        _ask("strangers", strangers, known=False)


def _pictures(count: int, seed: int) -> Iterator[np.ndarray]:
    from media_gen.backends.procedural.painter import paint
    from tests.benchmarks.painter import PROMPTS

    for place in range(count):
        prompt = PROMPTS[place % len(PROMPTS)]
        painted = paint(prompt, seed=seed + 10 * place, width=SIDE, height=SIDE)
        yield np.asarray(painted.convert("L"))


def _tells(luma: np.ndarray) -> bool:
    from provenance.matching import features

    return len(features.of_work(luma)) == features.STORED


def _crop(luma: np.ndarray, kept: float) -> np.ndarray:
    """A part that lies on no grid, with `kept` of each side, as a JPEG of middling quality."""
    import io

    from PIL import Image

    side = round(SIDE * kept)
    top, left = round(0.4 * (SIDE - side)), round(0.7 * (SIDE - side))
    file = io.BytesIO()
    Image.fromarray(luma[top : top + side, left : left + side]).save(file, "JPEG", quality=75)
    return np.asarray(Image.open(file))


def _one_work(works: list[np.ndarray]) -> None:
    """CPU of what is done with one picture."""
    from provenance.matching import features, pdq
    from provenance.matching.registration import Question, Source, register

    luma = works[0]
    kept, asked = features.of_work(luma), features.of_question(luma)
    grid = pdq.grid_of(luma).astype(np.uint8)
    source = Source(kept, grid, width=SIDE, height=SIDE)
    other = Source(features.of_work(works[1]), grid, width=SIDE, height=SIDE)
    question = Question(luma, asked)
    stages: dict[str, Callable[[], Any]] = {
        "features of a work": lambda: features.of_work(luma),
        "features of a question": lambda: features.of_question(luma),
        "comparing with the work": lambda: register(question, source),
        "comparing with another": lambda: register(question, other),
    }
    print("CPU ms, median of 15:")
    for label, stage in stages.items():
        print(f"  {label:<24} {1000 * _median_cpu(stage):6.1f}", flush=True)


class Invented:
    """Features of works that do not exist, distributed like those of pictures.

    Descriptors fall into kinds; in each, bits are the signs of normal variables that depend on each
    other through a few common ones, with the means and the correlations of real bits. Where a point
    is, and how large and how turned, is taken from a real one of its kind.
    """

    KINDS = 16
    COMMON = 24

    def __init__(self, pictures: list[np.ndarray]) -> None:
        import cv2

        from provenance.matching import features, words

        real = [features.of_work(picture) for picture in pictures]
        descriptors = np.concatenate([each.descriptors for each in real])
        self._postings = np.concatenate([words.rows_of(each, 0) for each in real])
        self._random = np.random.Generator(np.random.SFC64(1))
        signs = np.unpackbits(descriptors, axis=1).astype(np.float32) * 2 - 1
        cv2.setRNGSeed(1)
        stop = (cv2.TERM_CRITERIA_MAX_ITER, 15, 0)
        _, kinds, _ = cv2.kmeans(signs, self.KINDS, None, stop, 1, cv2.KMEANS_RANDOM_CENTERS)
        used = [*words.WORD_BITS, *words.SIGNATURE_BITS]
        self._members = [np.flatnonzero(kinds[:, 0] == kind) for kind in range(self.KINDS)]
        self._shares = [len(members) / len(kinds) for members in self._members]
        self._models = [self._model(signs[members][:, used]) for members in self._members]
        places = np.linspace(-8, 8, 4097)
        normal = [statistics.NormalDist().cdf(place) for place in places]
        self._chance = np.round(np.array(normal) * 255).astype(np.uint8)

    def _model(self, signs: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Mean of each bit's variable, and how it depends on the common ones; its own part has a
        standard deviation of 1."""
        ones = np.clip((signs.mean(axis=0) + 1) / 2, 0.005, 0.995)
        mean = np.array([statistics.NormalDist().inv_cdf(chance) for chance in ones])
        noise = np.random.Generator(np.random.PCG64(1)).normal(0, 0.001, signs.shape)
        correlation = np.sin(np.pi / 2 * np.corrcoef((signs + noise).T))
        strength, axes = np.linalg.eigh(correlation)
        common = axes[:, -self.COMMON :] * np.sqrt(np.maximum(strength[-self.COMMON :], 0))
        common /= np.sqrt(np.maximum(1, (common**2).sum(axis=1) / 0.98))[:, None]
        own = np.sqrt(1 - (common**2).sum(axis=1))
        return (mean / own).astype(np.float32), (common / own[:, None]).astype(np.float32)

    def draw(self, numbers: range) -> tuple[np.ndarray, np.ndarray]:
        """Words and postings of the works of these numbers."""
        from provenance.matching import features

        counts = self._random.multinomial(len(numbers) * features.STORED, self._shares)
        drawn = [self._of_kind(kind, count) for kind, count in enumerate(counts)]
        words = np.concatenate([each for each, _ in drawn])
        postings = np.concatenate([each for _, each in drawn])
        postings["number"] = self._random.permutation(np.repeat(numbers, features.STORED))
        return words, postings

    def _of_kind(self, kind: int, count: int) -> tuple[np.ndarray, np.ndarray]:
        from provenance.matching.words import WORD_BITS

        mean, common = self._models[kind]
        drawn = self._random.standard_normal((count, self.COMMON), dtype=np.float32)
        at = np.clip((drawn @ common.T + mean) * 256 + 2048, 0, 4096).astype(np.int16)
        chance = self._chance[at]
        bits = self._random.integers(0, 255, chance.shape, np.uint8) < chance
        weights = (1 << np.arange(len(WORD_BITS))).astype(np.float32)
        words = (bits[:, : len(WORD_BITS)] @ weights).astype(np.int32)
        postings = self._postings[self._random.choice(self._members[kind], count)]
        packed = np.ascontiguousarray(np.packbits(bits[:, len(WORD_BITS) :], axis=1))
        postings["signature"] = packed.view("<u8")[:, 0]
        return words, postings


def _fill(invented: Invented, size: int, folder: Path) -> None:
    """Empty the tables and put `size` invented works into the inverted file.

    The lists are put together in portions of words, in files, so that memory does not grow.
    """
    from django.db import connection

    from provenance.matching import features
    from provenance.matching.feature_index import MAX_POSTINGS
    from provenance.matching.words import POSTING

    row = np.dtype([("word", "<i4"), ("posting", POSTING)])
    files = [(folder / str(portion)).open("w+b") for portion in range(PORTIONS)]
    begin = time.perf_counter()
    for start in range(0, size, DRAWN_AT_ONCE):
        stop = min(size, start + DRAWN_AT_ONCE)
        words, postings = invented.draw(range(FIRST_NUMBER + start, FIRST_NUMBER + stop))
        rows = np.empty(len(words), row)
        rows["word"], rows["posting"] = words, postings
        portion = words >> 20
        for number, file in enumerate(files):
            rows[portion == number].tofile(file)
        if stop % 100_000 == 0:
            print(f"  invented {stop:,} after {time.perf_counter() - begin:.0f} s", flush=True)
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("TRUNCATE provenance_featureset, provenance_featureword RESTART IDENTITY")
        copied = "COPY provenance_featureword (version, word, postings) FROM STDIN (FORMAT BINARY)"
        with cursor.copy(copied) as copy:
            copy.set_types(["int2", "int4", "bytea"])
            for file in files:
                file.seek(0)
                rows = np.fromfile(file, row)
                rows = rows[np.argsort(rows["word"], kind="stable")]
                words, starts = np.unique(rows["word"], return_index=True)
                postings = np.ascontiguousarray(rows["posting"])
                for word, part in zip(words.tolist(), np.split(postings, starts[1:]), strict=True):
                    copy.write_row((features.VERSION, word, part[:MAX_POSTINGS].tobytes()))
                file.close()
        cursor.execute("VACUUM ANALYZE provenance_featureword")
    print(f"  filled after {time.perf_counter() - begin:.0f} s", flush=True)


def _enter(works: list[np.ndarray]) -> None:
    from provenance.matching import feature_index
    from provenance.models import Record

    described = [feature_index.describe(work) for work in works]
    records = Record.objects.bulk_create(Record() for _ in works)
    took = [
        _seconds(lambda record=record, looks=looks: feature_index.enter(record, looks))
        for record, looks in zip(records, described, strict=True)
    ]
    print(f"  entering a work: median {_ms(took, 0.5):.0f} ms, p95 {_ms(took, 0.95):.0f} ms")


def _sizes(size: int, entered: int) -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("""
            SELECT count(*), max(octet_length(postings)) / 16,
                pg_total_relation_size('provenance_featureword'),
                pg_indexes_size('provenance_featureword'),
                pg_total_relation_size('provenance_featureset')
            FROM provenance_featureword
        """)
        words, longest, total, indexes, sets = cursor.fetchone()
    print(f"  {words:,} lists, the longest of {longest:,} postings")
    print(f"  lists: {total / size:,.0f} bytes a work, of these indexes {indexes / size:,.0f}")
    print(f"  features: {sets / entered:,.0f} bytes a work")


def _ask(label: str, pictures: list[np.ndarray], *, known: bool) -> None:
    """Look for pictures; if they are `known`, the n-th is of the n-th work that was entered."""
    from provenance.matching import features
    from provenance.models import FeatureSet

    questions = [features.of_question(picture) for picture in pictures]
    answers, took, cpu = [], [], []
    for question in [questions[0], *questions]:
        before = time.process_time()
        took.append(_seconds(lambda question=question: answers.append(_found(question))))
        cpu.append(time.process_time() - before)
    numbers = FeatureSet.objects.order_by("pk").values_list("pk", flat=True)
    line = f"  {label:<11} p50 {_ms(took[1:], 0.5):5.0f} ms, p95 {_ms(took[1:], 0.95):5.0f} ms, "
    line += f"CPU of ours {_ms(cpu[1:], 0.5):4.0f} ms"
    votes = [{each.number: each.votes for each in answer} for answer in answers[1:]]
    if known:
        right = [each.get(number, 0) for each, number in zip(votes, numbers, strict=True)]
        first = sum(
            answer[:1] != [] and answer[0].number == number
            for answer, number in zip(answers[1:], numbers, strict=True)
        )
        line += f"; among the ten {sum(map(bool, right))}, first {first} of {len(right)}"
        line += f"; votes least {min(right)}, median {statistics.median(right):.0f}"
    false = max((v for each in votes for n, v in each.items() if n >= FIRST_NUMBER), default=0)
    print(f"{line}; most for an invented work {false}", flush=True)


def _found(question: Any) -> Any:
    from provenance.matching import feature_index

    return feature_index.candidates(question)


def _ms(seconds: list[float], share: float) -> float:
    return 1000 * float(np.quantile(seconds, share))


def _median_cpu(work: Callable[[], Any]) -> float:
    taken = []
    for _ in range(15):
        begin = time.process_time()
        work()
        taken.append(time.process_time() - begin)
    return statistics.median(taken)


def _seconds(work: Callable[[], Any]) -> float:
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin
