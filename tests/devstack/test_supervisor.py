import os
import signal
import subprocess
import sys
import time

import psutil
import pytest

from devstack.paths import REPOSITORY
from devstack.processes import is_alive, spawn
from devstack.supervisor import Service, Supervisor

PATIENCE = 20  # seconds; far beyond what any of this takes


@pytest.fixture
def supervisor():
    supervisor = Supervisor()
    yield supervisor
    supervisor.stop()


def shell(script):
    return lambda: spawn(["sh", "-c", script], output=subprocess.PIPE)


def wait_until(true):
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def watch_until(supervisor, true):
    deadline = time.monotonic() + PATIENCE
    supervisor.watch(until=lambda: true() or time.monotonic() > deadline)
    assert true()


def test_it_works(supervisor, capsys):
    supervisor.add(Service("painter", shell("echo blue; echo green; sleep 100")))
    said = []
    watch_until(supervisor, lambda: said.append(capsys.readouterr().out) or "green" in str(said))
    assert "".join(said).splitlines() == ["painter │ blue", "painter │ green"]


def test_it_starts_a_dead_child_again(supervisor, capsys):
    service = Service("web", shell("sleep 100"), delay=0.01)
    supervisor.add(service)
    first = service.child
    os.kill(first.pid, signal.SIGKILL)

    watch_until(supervisor, lambda: service.child is not first)

    assert service.child.is_alive()
    assert "web │ ended (signal SIGKILL); starting it again" in capsys.readouterr().out


def test_it_waits_twice_as_long_after_each_death_but_not_for_ever(supervisor):
    service = Service("web", shell("exit 3"), delay=0.01)
    supervisor.add(service)
    watch_until(supervisor, lambda: service.delay >= 0.08)
    service.delay, service.start_again_at = 29, None
    watch_until(supervisor, lambda: service.start_again_at is not None)
    assert service.delay == 30


def test_a_dead_childs_own_children_do_not_outlive_it(supervisor, tmp_path):
    script = f"sleep 100 & echo $! > {tmp_path}/draft; mv {tmp_path}/draft {tmp_path}/pid; wait"
    service = Service("worker", shell(script), delay=60)
    supervisor.add(service)
    grandchild = pid_in(tmp_path / "pid")
    os.kill(service.child.pid, signal.SIGKILL)

    watch_until(supervisor, lambda: supervisor.died("worker"))

    wait_until(lambda: not is_alive(grandchild))


def test_stopping_reaches_grandchildren_and_those_who_will_not_hear(tmp_path, capsys):
    supervisor = Supervisor()
    script = f"trap '' TERM; sleep 100 & echo $! > {tmp_path}/draft; mv {tmp_path}/draft "
    script += f"{tmp_path}/pid; while true; do sleep 1; done"
    service = Service("worker", shell(script), grace=0.1)
    supervisor.add(service)
    grandchild = pid_in(tmp_path / "pid")

    supervisor.stop()

    assert not service.child.is_alive()
    wait_until(lambda: not is_alive(grandchild))
    assert "worker │ did not end in time and was killed" in capsys.readouterr().out


def test_it_stops_the_last_first(capsys):
    supervisor = Supervisor()
    for name in ("one", "two"):
        script = f"trap 'echo {name} ends; exit' TERM; echo {name} up; while :; do sleep 0.05; done"
        supervisor.add(Service(name, shell(script)))
    said = []
    watch_until(
        supervisor,
        lambda: said.append(capsys.readouterr().out) or str(said).count(" up") == 2,
    )
    supervisor.stop()
    assert capsys.readouterr().out.splitlines() == ["two │ two ends", "one │ one ends"]


def test_a_kept_service_is_left_to_its_owner():
    supervisor = Supervisor()
    child = shell("sleep 100")()
    supervisor.add(Service("postgres", shell("exit"), child=child, kept=True))
    supervisor.stop()
    assert child.is_alive()
    child.stop(grace=5)


def test_children_of_a_killed_supervisor_end():
    """Linux tells them; elsewhere the next start adopts the servers (test_embedded)."""
    program = (
        "import time; from devstack.processes import spawn;"
        "print(spawn(['sleep', '100']).pid, flush=True); time.sleep(100)"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program], cwd=REPOSITORY, stdout=subprocess.PIPE
    ) as owner:
        child = int(owner.stdout.readline())
        wait_until(lambda: psutil.Process(child).name() == "sleep")
        owner.kill()
    if sys.platform != "linux":
        os.kill(child, signal.SIGTERM)
    wait_until(lambda: not is_alive(child))


def pid_in(path):
    wait_until(path.exists)
    return int(path.read_text())
