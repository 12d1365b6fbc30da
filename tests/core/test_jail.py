"""Programs that misbehave, one fault each: every one is ProgramFailed and harms nobody."""

import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from core import jail
from core.jail import launch

ROOT = Path(__file__).resolve().parents[2]
MIB = 1024 * 1024
LIMITS = jail.Limits(memory_bytes=512 * MIB, cpu_seconds=10, wall_seconds=10.0, file_bytes=8 * MIB)
SHORT_CLOCK = jail.Limits(
    memory_bytes=512 * MIB, cpu_seconds=10, wall_seconds=0.6, file_bytes=8 * MIB
)
SHORT_CPU = jail.Limits(
    memory_bytes=512 * MIB, cpu_seconds=1, wall_seconds=10.0, file_bytes=8 * MIB
)


@pytest.fixture
def program(tmp_path):
    def program(text):
        path = tmp_path / "program.py"
        path.write_text(text)
        return path

    return program


def test_an_order_goes_in_and_a_report_comes_out(program):
    echo = program("import json, sys\nprint(json.dumps({'got': json.load(sys.stdin)}))")
    order = {"text": "ä" * 200_000, "number": 1}
    assert jail.run(echo, order, limits=LIMITS) == {"got": order}


def test_a_program_may_be_a_folder_and_may_start_threads(program, tmp_path):
    (tmp_path / "neighbour.py").write_text("report = {'sum': 3}")
    (tmp_path / "__main__.py").write_text(
        "import json, threading, neighbour\n"
        "thread = threading.Thread(target=lambda: print(json.dumps(neighbour.report)))\n"
        "thread.start(); thread.join()"
    )
    assert jail.run(tmp_path, {}, limits=LIMITS) == {"sum": 3}


def test_nothing_of_the_service_is_inherited(program, monkeypatch):
    monkeypatch.setenv("SECRET_KEY", "not for programs")
    lists = program(
        "import json, os, sys\n"
        "print(json.dumps({'environment': sorted(os.environ), 'path': sys.path[1:],\n"
        "    'descriptors': [n for n in range(3, 64) if os.path.exists(f'/proc/self/fd/{n}')]}))"
    )
    report = jail.run(lists, {}, limits=LIMITS)
    assert set(report["environment"]) <= {"PATH", "LC_ALL", "LC_CTYPE", "MALLOC_ARENA_MAX"}
    assert str(ROOT) not in report["path"]
    assert report["descriptors"] == []


@pytest.mark.parametrize(
    ("fault", "limits", "reason"),
    [
        ("import ctypes; ctypes.string_at(0)", LIMITS, "signal"),
        ("import os; os.abort()", LIMITS, "signal"),
        ("while True: pass", SHORT_CPU, "signal"),
        ("while True: pass", SHORT_CLOCK, "time"),
        ("import time; time.sleep(60)", SHORT_CLOCK, "time"),
        ("import os, time; os.close(1); time.sleep(60)", SHORT_CLOCK, "time"),
        ("bytearray(4 * 1024 ** 3)", LIMITS, "exit"),
        ("raise SystemExit(3)", LIMITS, "exit"),
        ("1 / 0", LIMITS, "exit"),
        ("print('garbage')", LIMITS, "output"),
        ("print('[]')", LIMITS, "output"),
        ("print('[' * 100_000)", LIMITS, "output"),
        ("", LIMITS, "output"),
        ("while True: print('x' * 65536)", LIMITS, "output"),
        ("import os\nwhile True: os.write(2, b'x' * 65536)", LIMITS, "exit"),
    ],
)
def test_a_fault_is_one_kind_of_failure(program, fault, limits, reason):
    with pytest.raises(jail.ProgramFailed) as failed:
        jail.run(program(fault), {}, limits=limits)
    assert failed.value.reason == reason


def test_the_failure_carries_the_last_words(program):
    with pytest.raises(jail.ProgramFailed, match="ZeroDivisionError"):
        jail.run(program("1 / 0"), {}, limits=LIMITS)


def test_a_file_ends_at_its_limit(program, tmp_path):
    fault = (
        "import json, sys\n"
        "with open(json.load(sys.stdin)['path'], 'wb') as file:\n"
        "    for _ in range(1024): file.write(bytes(1024 * 1024)); file.flush()"
    )
    path = tmp_path / "large"
    with pytest.raises(jail.ProgramFailed):
        jail.run(program(fault), {"path": str(path)}, limits=LIMITS)
    assert path.stat().st_size <= LIMITS.file_bytes


def test_a_fork_bomb_makes_nothing(program, tmp_path):
    fault = (
        "import json, os, sys, time\n"
        "made = open(json.load(sys.stdin)['path'], 'a')\n"
        "for _ in range(4):\n"
        "    os.fork(); print(os.getpid(), file=made, flush=True)\n"
        "time.sleep(60)"
    )
    path = tmp_path / "made"
    with pytest.raises(jail.ProgramFailed):
        jail.run(program(fault), {"path": str(path)}, limits=SHORT_CLOCK)
    assert not any(Path(f"/proc/{pid}").exists() for pid in path.read_text().split())


@pytest.mark.parametrize(
    "other",
    [
        "import os, signal; os.kill({pid}, signal.SIGCONT)",
        "import os; os.execv('/bin/true', ['true'])",
    ],
    ids=["signals to others", "another program"],
)
@pytest.mark.skipif("filter" not in jail.network_walls(), reason="no system call filter here")
def test_it_cannot_touch_or_become_something_else(program, other):
    with pytest.raises(jail.ProgramFailed, match="PermissionError"):
        jail.run(program(other.format(pid=os.getpid())), {}, limits=LIMITS)


def test_nothing_arrives_at_a_listener_on_this_machine(program, settings):
    settings.JAIL_MUST_HOLD = True
    fault = (
        "import json, socket, sys\n"
        "socket.create_connection(('127.0.0.1', json.load(sys.stdin)['port']), 2).send(b'x')"
    )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.2)
        with pytest.raises(jail.ProgramFailed):
            jail.run(program(fault), {"port": listener.getsockname()[1]}, limits=LIMITS)
        with pytest.raises(TimeoutError):
            listener.accept()


@pytest.mark.parametrize("wall", [launch.enter_empty_namespace, launch.filter_system_calls])
def test_each_wall_alone_keeps_the_network_away(wall):
    """In a fresh process, because no wall is ever taken down."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        attempt = (
            "import socket, sys; from core.jail import launch\n"
            f"if not launch.{wall.__name__}(): sys.exit(7)\n"
            f"try: socket.create_connection(('127.0.0.1', {listener.getsockname()[1]}), 2)\n"
            "except OSError: sys.exit(8)"
        )
        ended = subprocess.run([sys.executable, "-c", attempt], cwd=ROOT, check=False).returncode
    if ended == 7:
        pytest.skip("this machine does not allow it")
    assert ended == 8


# A machine on which neither wall can be put up, made by a filter that refuses both.
WITHOUT_WALLS = """
import ctypes, os, sys
from core.jail.launch import *
UNSHARE, PRCTL = {"x86_64": (272, 157), "aarch64": (97, 167)}[os.uname().machine]
rules = [
    Instruction(LOAD, 0, 0, CALL),
    Instruction(JUMP_IF_EQUAL, 3, 0, UNSHARE),
    Instruction(JUMP_IF_EQUAL, 0, 3, PRCTL),
    Instruction(LOAD, 0, 0, FIRST_ARGUMENT),
    Instruction(JUMP_IF_EQUAL, 0, 1, PR_SET_SECCOMP),
    Instruction(RETURN, 0, 0, REFUSE),
    Instruction(RETURN, 0, 0, ALLOW),
]
program = Program(len(rules), (Instruction * len(rules))(*rules))
prctl = ctypes.CDLL(None).prctl
prctl.argtypes = [ctypes.c_int, *[ctypes.c_ulong] * 4]
assert prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0
assert prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, ctypes.addressof(program), 0, 0) == 0
os.execv(sys.executable, [sys.executable, *sys.argv[1:]])
"""
needs_filter = pytest.mark.skipif(
    "filter" not in jail.network_walls(), reason="cannot make a machine without walls here"
)


def without_walls(*arguments, **options):
    command = [sys.executable, "-c", WITHOUT_WALLS, *map(str, arguments)]
    return subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60, **options
    )


@needs_filter
@pytest.mark.parametrize("must_hold", [True, False])
def test_without_a_wall_a_program_runs_only_in_development(program, must_hold):
    demand = {
        "memory_bytes": 512 * MIB, "cpu_seconds": 5, "file_bytes": MIB, "wall_seconds": 5,
        "network_must_be_cut": must_hold,
    }  # fmt: skip
    ended = without_walls("-I", launch.__file__, program("print('ran')"), json.dumps(demand))
    assert ended.stdout == ("" if must_hold else "ran\n")
    assert bool(ended.returncode) is must_hold


@needs_filter
@pytest.mark.parametrize("entry", ["backend.wsgi", "backend.asgi", "backend.celery"])
def test_without_a_wall_the_service_does_not_start(entry):
    production = (ROOT / "tests/structure/production.env").read_text().splitlines()
    values = dict(line.split("=", 1) for line in production if "=" in line and line[0] != "#")
    environment = {"PATH": os.defpath, **values, "DEBUG": "0"}
    start = f"import {entry}; from django.conf import settings; settings.DEBUG"
    ended = without_walls("-c", start, env=environment)
    assert ended.returncode == 1
    assert "could reach the network" in ended.stderr
