"""`./dev bench NAME`: figures for the docs, as ratios against a floor measured in the same run."""

import argparse
import importlib
import os
import sys

BENCHMARKS = {
    "crash": "workers, Redis, Postgres and the store die under jobs; what must hold afterwards",
    "door": "the sandbox at the door: thousands of broken files, and the largest valid ones",
    "feeds": "CPU, SQL and bytes of a page of each feed, on a network of a million posts",
    "laundering": "what people do to a picture that they pass off as theirs, and who notices",
    "provenance": "the verdict at the door, signing, rendering, against one decoding",
    "generation": "what the engine adds to a backend: latency, jobs a second, fairness",
    "formats": "size and CPU of WebP, JPEG and AVIF at equal fidelity",
    "matching": "finding works among many, as wholes and by their parts: size, speed, votes",
    "privacy": "anything in any order, and who sees what of it; then planted leaks",
    "painter": "CPU seconds per picture of the procedural painter at 1024 x 1024, one core",
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="./dev bench", description=__doc__)
    lines = [f"{name}: {about}" for name, about in BENCHMARKS.items()]
    parser.add_argument("name", choices=BENCHMARKS, help="; ".join(lines))
    arguments, rest = parser.parse_known_args()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "backend.settings")
    module = importlib.import_module(f"tests.benchmarks.{arguments.name}")
    return int(module.run(rest))


if __name__ == "__main__":
    sys.exit(main())
