import json
import os
import shutil
import signal
import socket
import subprocess
import sys

import psutil
import psycopg
import pytest

from devstack import postgres, valkey
from devstack.embedded import Servers, running_servers, throwaway_servers
from devstack.paths import REPOSITORY
from devstack.processes import Child, is_alive


def abandon(servers):
    """Leave the servers running without an owner, as a killed command on macOS does."""
    servers._users.close()


def test_it_works(data, notebook):
    with running_servers(data) as servers:
        notebook(servers).write("hello")
        assert notebook(servers).read() == {"hello"}
        pids = [child.pid for child in servers.started.values()]
    assert not any(is_alive(pid) for pid in pids)


def test_the_application_role_is_not_a_superuser_but_may_create_databases(data):
    with (
        running_servers(data) as servers,
        psycopg.connect(servers.environment["DATABASE_URL"], autocommit=True) as connection,
    ):
        row = connection.execute(
            "SELECT rolsuper, rolcreaterole, rolbypassrls, rolcreatedb"
            " FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        assert row == (False, False, False, True)
        connection.execute("CREATE DATABASE test_of_mine")
        connection.execute("CREATE TABLE mine (id int)")


def test_passwords_are_kept_from_other_accounts_and_needed(data):
    with running_servers(data) as servers:
        assert (data / "embedded.json").stat().st_mode & 0o777 == 0o600
        saved = json.loads((data / "embedded.json").read_text())
        assert saved["database_url"] == servers.environment["DATABASE_URL"]
        assert saved["redis_url"] == servers.environment["REDIS_URL"]
        for child in servers.started.values():
            line = " ".join(psutil.Process(child.pid).cmdline())
            assert saved["postgres"]["password"] not in line
            assert saved["valkey"]["password"] not in line
        assert not postgres.answers(saved["postgres"]["port"], "wrong")
        assert valkey.running_pid(saved["valkey"]["port"], "wrong") is None


def test_everything_survives_when_all_is_killed_at_once(data, notebook):
    """The owner too, so that its children become orphans, or zombies where nobody reaps."""
    owner = subprocess.Popen(
        [sys.executable, "-m", "devstack", "servers"], cwd=REPOSITORY, stdout=subprocess.PIPE
    )
    with owner:
        lines = [owner.stdout.readline().decode().strip() for _ in range(2)]
        before = dict(line.removeprefix("export ").split("=", 1) for line in lines)
        notebook(Servers(data, environment=before)).write("kept")
        family = [owner.pid, *(c.pid for c in psutil.Process(owner.pid).children(recursive=True))]
        for pid in family:
            os.kill(pid, signal.SIGKILL)

    with running_servers(data) as servers:
        assert servers.environment == before
        assert notebook(servers).read() == {"kept"}


def test_a_killed_postmaster_that_nobody_reaped_is_not_taken_for_a_living_one(data, notebook):
    dead = Servers(data)
    dead.start()
    notebook(dead).write("kept")
    postmaster = dead.started["postgres"]
    os.kill(postmaster.pid, signal.SIGKILL)
    os.waitid(os.P_PID, postmaster.pid, os.WEXITED | os.WNOWAIT)
    assert psutil.Process(postmaster.pid).status() == psutil.STATUS_ZOMBIE

    restarted = dead.restart("postgres")

    assert restarted.pid != postmaster.pid
    assert notebook(dead).read() == {"kept"}
    dead.stop()
    postmaster.exit_code(0)


def test_a_pid_that_went_to_another_program_is_no_running_server(data, notebook):
    with running_servers(data) as servers:
        notebook(servers).write("kept")
        lines = (servers.data / "embedded.json").read_text()
        cluster = postgres.Home.below(data, data / "logs" / "postgres.log").cluster
        pid_file = (cluster / "postmaster.pid").read_text().splitlines()
    (cluster / "postmaster.pid").write_text("\n".join([str(os.getpid()), *pid_file[1:]]) + "\n")

    with running_servers(data) as servers:
        assert (servers.data / "embedded.json").read_text() == lines
        assert notebook(servers).read() == {"kept"}


def test_a_folder_that_other_accounts_cannot_enter_is_no_hindrance(data, notebook):
    """Root's database files move to a place that its server account can enter."""
    closed = data / "closed"
    closed.mkdir(mode=0o700)
    try:
        with running_servers(closed / "var") as servers:
            notebook(servers).write("kept")
        with running_servers(closed / "var") as servers:
            assert notebook(servers).read() == {"kept"}
    finally:
        shutil.rmtree(postgres.public_home_path(closed / "var"), ignore_errors=True)


def test_servers_whose_owner_died_are_adopted_and_then_stopped(data, notebook):
    gone = Servers(data)
    gone.start()
    notebook(gone).write("kept")
    abandon(gone)

    with running_servers(data) as servers:
        assert pids_of(servers) == pids_of(gone)
        assert notebook(servers).read() == {"kept"}
    assert not any(child.is_alive() for child in gone.started.values())


def test_a_second_command_uses_the_servers_of_the_first_and_leaves_them(data, notebook):
    with running_servers(data) as first:
        with running_servers(data) as second:
            assert second.started == {}
            notebook(second).write("from the second")
        assert notebook(first).read() == {"from the second"}


def test_a_port_that_another_program_took_is_exchanged_and_nothing_is_lost(data, notebook):
    with running_servers(data) as servers:
        notebook(servers).write("kept")
    saved = json.loads((data / "embedded.json").read_text())
    squatters = [
        socket.create_server(("127.0.0.1", saved[name]["port"])) for name in ("postgres", "valkey")
    ]
    try:
        with running_servers(data) as servers:
            now = json.loads((data / "embedded.json").read_text())
            assert now["postgres"]["port"] != saved["postgres"]["port"]
            assert now["valkey"]["port"] != saved["valkey"]["port"]
            assert now["postgres"]["password"] == saved["postgres"]["password"]
            assert notebook(servers).read() == {"kept"}
    finally:
        for squatter in squatters:
            squatter.close()


def test_a_lost_password_file_loses_no_rows(data, notebook):
    with running_servers(data) as servers:
        notebook(servers).write("kept")
    (data / "embedded.json").unlink()

    with running_servers(data) as servers:
        assert notebook(servers).read() == {"kept"}


def test_servers_named_in_the_environment_replace_the_embedded_ones(data, monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/db")
    with running_servers(data) as servers:
        assert list(servers.started) == ["valkey"]
        assert servers.environment["DATABASE_URL"] == "postgresql://elsewhere/db"
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere/0")
    with running_servers(data) as servers:
        assert servers.started == {}
        assert servers.environment["REDIS_URL"] == "redis://elsewhere/0"


def test_throwaway_servers_leave_nothing(notebook):
    with throwaway_servers() as servers:
        notebook(servers).write("soon gone")
        pids = pids_of(servers)
    assert not servers.data.exists()
    assert not postgres.public_home_path(servers.data).exists()
    assert not any(is_alive(pid) for pid in pids.values())


def test_a_valkey_on_the_path_serves_where_the_package_does_not(monkeypatch, tmp_path):
    program = tmp_path / "redis-server"
    shutil.copy(valkey.find_binary(), program)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setattr("importlib.util.find_spec", lambda _name: None)
    assert valkey.find_binary() == program


@pytest.mark.parametrize("pid", [0, 2**22])
def test_an_adopted_child_that_is_gone_already_can_be_stopped(pid):
    if not psutil.pid_exists(pid):
        Child(pid).stop(grace=0)


def pids_of(servers):
    return {name: child.pid for name, child in servers.started.items()}
