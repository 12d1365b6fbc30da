"""`python -m devstack COMMAND …`: what ./dev hands over to once .venv is ready."""

import argparse
import contextlib
import os
import signal
import sys
from collections.abc import Callable
from types import FrameType

from devstack import check, commands, run
from devstack.cli import parse
from devstack.errors import DevError, sentence_for
from devstack.processes import stop_leftovers

COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "run": run.run,
    "test": commands.test,
    "check": check.check,
    "generate": commands.generate,
    "manage": commands.manage,
    "bench": commands.bench,
    "servers": commands.servers,
}


def main() -> int:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    arguments = parse(sys.argv[1:])
    try:
        return COMMANDS[arguments.command](arguments)
    except DevError as error:
        return _complain(str(error))
    except BrokenPipeError:
        # Whoever read our output has gone; keep the interpreter from complaining at its exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        return _complain(sentence_for(error))
    except KeyboardInterrupt:
        return 130
    finally:
        with contextlib.suppress(KeyboardInterrupt):
            stop_leftovers()


def _complain(sentence: str) -> int:
    print(f"✗ {sentence}", file=sys.stderr)
    return 1


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    sys.exit(main())
