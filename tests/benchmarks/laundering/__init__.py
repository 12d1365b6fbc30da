"""Whether a known picture is known again after what people do to it, and no other is taken for it.

Works are indexed by every layer (`layers.connected`), attacked in some fifty ways (`attacks`) and
searched for. What is measured goes to a file of records as it comes: a run that was stopped goes on
where it was, and the table is printed from the records. A wrong match is worse than a missed one:
every attacked picture is compared with all the other works, and strangers with all works.
"""

import argparse
from pathlib import Path

from tests.benchmarks.laundering import attacks, corpora, harness, report, sheet

FOLDER = Path("var/bench/laundering")


def run(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="./dev bench laundering", description=__doc__)
    add = parser.add_argument
    add("--photos", type=Path, help="a folder of photographs, instead of those in packages")
    add("--diffusion", type=Path, help="a folder of pictures that a diffusion model made")
    add("--works", type=int, help="attack so many works of each kind; all are indexed anyway")
    add(
        "--watermark-works",
        type=int,
        default=25,
        help="generated works whose watermark is looked for even where another layer knows them",
    )
    add("--attacks", nargs="+", choices=attacks.ATTACKS, default=list(attacks.ATTACKS), metavar="A")
    add(
        "--fresh-strangers",
        type=int,
        metavar="SEED",
        help="attack nothing; ask about pictures made with seeds that no rule was set by, and "
        "about parts of them",
    )
    add("--jobs", type=int, default=2)
    add("--folder", type=Path, default=FOLDER, help="records, report and prepared pictures")
    add("--fresh", action="store_true", help="forget the records instead of going on")
    add(
        "--again", nargs="+", default=[], metavar="LAYER", help="forget the records of these layers"
    )
    add("--report", action="store_true", help="only print the table of what is recorded")
    add("--sheet", nargs=2, type=Path, metavar=("WEBP", "PHOTO"), help="only show all attacks")
    options = parser.parse_args(arguments)
    if options.sheet:
        sheet.write(*options.sheet)
        return 0
    name = f"fresh-{options.fresh_strangers}" if options.fresh_strangers else "records"
    records = options.folder / f"{name}.jsonl"
    if not options.report:
        works = 0 if options.fresh_strangers else options.works
        harness.measure(
            _plan(options), records, options.attacks,
            works=works, forget=options.again, fresh=options.fresh,
        )  # fmt: skip
    summary = report.Summary(harness.recorded(records))
    text = summary.text()
    records.with_suffix(".txt").write_text(text)
    print(text)
    return 1 if summary.false_matches else 0


def _plan(options: argparse.Namespace) -> harness.Plan:
    seed = options.fresh_strangers
    parts = harness.PART_ATTACKS if seed else ()
    return harness.Plan(
        folder=options.folder,
        works=corpora.works(options.photos, options.diffusion),
        decoys=corpora.decoys(),
        strangers=corpora.fresh_strangers(seed) if seed else corpora.strangers(options.photos),
        sampled=options.watermark_works,
        jobs=options.jobs,
        stranger_attacks=(*harness.STRANGER_ATTACKS, *parts),
    )
