import contextlib
import json
import os
import shutil
import signal
import socketserver
import subprocess
import sys
import threading

import psutil
import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from devstack import postgres, valkey
from devstack.embedded import Servers, running_servers, throwaway_servers
from devstack.paths import REPOSITORY
from devstack.processes import Child, is_alive


@pytest.fixture(scope="module")
def shared():
    """Servers for the tests that only look at them."""
    with pytest.MonkeyPatch.context() as environment:
        for name in ("DATABASE_URL", "REDIS_URL"):
            environment.delenv(name, raising=False)
        with throwaway_servers() as servers:
            yield servers


class Stranger(socketserver.TCPServer):
    allow_reuse_address = True


@contextlib.contextmanager
def another_program(port):
    """Somebody else's server, which hangs up on everybody."""
    with Stranger(("127.0.0.1", port), socketserver.BaseRequestHandler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield
        finally:
            server.shutdown()
            thread.join()


def abandon(servers):
    """Leave the servers running without an owner, as a killed command on macOS does."""
    servers._users.close()


def test_it_works(data, notebook):
    with running_servers(data) as servers:
        notebook(servers).write("hello")
        assert notebook(servers).read() == {"hello"}
        pids = [child.pid for child in servers.started.values()]
    assert not any(is_alive(pid) for pid in pids)


def test_the_application_role_is_not_a_superuser_but_may_create_databases(shared):
    with psycopg.connect(shared.environment["DATABASE_URL"], autocommit=True) as connection:
        row = connection.execute(
            "SELECT rolsuper, rolcreaterole, rolbypassrls, rolcreatedb"
            " FROM pg_roles WHERE rolname = current_user"
        ).fetchone()
        assert row == (False, False, False, True)
        connection.execute("CREATE DATABASE test_of_mine")
        connection.execute("CREATE TABLE mine (id int)")


def test_passwords_are_kept_from_other_accounts(shared):
    path = shared.data / "embedded.json"
    assert path.stat().st_mode & 0o777 == 0o600
    saved = json.loads(path.read_text())
    assert saved["database_url"] == shared.environment["DATABASE_URL"]
    assert saved["redis_url"] == shared.environment["REDIS_URL"]
    for child in shared.started.values():
        line = " ".join(psutil.Process(child.pid).cmdline())
        assert saved["postgres"]["password"] not in line
        assert saved["valkey"]["password"] not in line


def test_nobody_gets_in_without_the_password(shared):
    saved = json.loads((shared.data / "embedded.json").read_text())
    for role in ("pentimento", "postgres"):
        with pytest.raises(psycopg.OperationalError, match="password"):
            psycopg.connect(
                host="127.0.0.1", port=saved["postgres"]["port"], user=role, password="wrong"
            )
    client = redis.Redis(port=saved["valkey"]["port"], retry=Retry(NoBackoff(), 0))
    with client, pytest.raises(redis.AuthenticationError):
        client.ping()


def test_a_second_command_uses_the_servers_of_the_first_and_leaves_them(shared, notebook):
    with running_servers(shared.data) as second:
        assert second.started == {}
        notebook(second).write("from the second")
    assert notebook(shared).read() == {"from the second"}


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


def test_a_port_that_another_program_took_is_exchanged_and_nothing_is_lost(data, notebook):
    with running_servers(data) as servers:
        notebook(servers).write("kept")
    saved = json.loads((data / "embedded.json").read_text())
    with (
        another_program(saved["postgres"]["port"]),
        another_program(saved["valkey"]["port"]),
        running_servers(data) as servers,
    ):
        now = json.loads((data / "embedded.json").read_text())
        assert now["postgres"]["port"] != saved["postgres"]["port"]
        assert now["valkey"]["port"] != saved["valkey"]["port"]
        assert now["postgres"]["password"] == saved["postgres"]["password"]
        assert notebook(servers).read() == {"kept"}


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


def test_what_a_killed_command_left_is_removed_later_but_no_living_one(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setenv("DATABASE_URL", "postgresql://elsewhere/db")
    monkeypatch.setenv("REDIS_URL", "redis://elsewhere/0")
    abandoned = tmp_path / "pentimento-throwaway-1"
    abandoned.mkdir()
    (abandoned / "users.lock").touch()
    with throwaway_servers() as living:
        for folder in (abandoned, living.data):
            os.utime(folder, (0, 0))
        with throwaway_servers():
            assert living.data.exists()
            assert not abandoned.exists()


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
