import fcntl
import os
import socket
import subprocess
import sys
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader

import pytest

from devstack import check, cli, run
from devstack.__main__ import COMMANDS
from devstack.errors import DevError
from devstack.paths import REPOSITORY


@pytest.fixture
def script(tmp_path, monkeypatch):
    """The ./dev script as a module, with its .venv in a place of the test's own."""
    loader = SourceFileLoader("dev_script", str(REPOSITORY / "dev"))
    module = module_from_spec(spec_from_loader("dev_script", loader))
    loader.exec_module(module)
    venv = tmp_path / ".venv"
    (venv / "bin").mkdir(parents=True)
    (venv / "bin" / "python").symlink_to(sys.executable)
    for name, path in {
        "VENV": venv,
        "PYTHON": venv / "bin" / "python",
        "LOG": venv / "install.log",
        "UNFINISHED": venv / "unfinished",
    }.items():
        monkeypatch.setattr(module, name, path)
    return module


def test_help_names_every_command():
    done = subprocess.run(
        [sys.executable, REPOSITORY / "dev", "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    for command in COMMANDS:
        assert f"\n    {command} " in done.stdout


@pytest.mark.parametrize("command", sorted(COMMANDS))
def test_every_command_has_help(command, capsys):
    with pytest.raises(SystemExit) as end:
        cli.parse([command, "--help"])
    assert end.value.code == 0
    assert f"usage: ./dev {command}" in capsys.readouterr().out


def test_options_of_the_program_behind_a_command_are_passed_on():
    assert cli.parse(["manage", "migrate", "--help"]).rest == ["migrate", "--help"]
    assert cli.parse(["test", "-k", "lineage", "-x"]).rest == ["-k", "lineage", "-x"]
    assert cli.parse(["test"]).rest == []


def test_a_command_without_what_it_needs_is_a_usage_error(capsys):
    with pytest.raises(SystemExit) as end:
        cli.parse(["generate"])
    assert end.value.code == 2
    assert "PROMPT" in capsys.readouterr().err


def test_a_taken_port_is_one_sentence_that_names_port(dev, data, monkeypatch):
    with socket.create_server(("127.0.0.1", 0)) as squatter:
        port = squatter.getsockname()[1]
        monkeypatch.setenv("PORT", str(port))
        done = dev("run")
    assert done.returncode == 1
    assert done.stdout == ""
    assert len(done.stderr.splitlines()) == 1
    assert f"Port {port} is taken" in done.stderr
    assert f"PORT={port + 1}" in done.stderr
    assert not (data / "postgres").exists()


@pytest.mark.parametrize("port", ["web", "0", "65536", "-1"])
def test_a_port_that_is_none_is_one_sentence(monkeypatch, port):
    monkeypatch.setenv("PORT", port)
    with pytest.raises(DevError, match=f"^PORT must be a number from 1 to 65535, not '{port}'.$"):
        run._chosen_port()


def test_a_second_run_on_the_same_data_is_one_sentence(dev, data):
    with (data / "run.lock").open("w") as lock:
        lock.write("pid 4711")
        lock.flush()
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = dev("run")
    assert done.returncode == 1
    assert len(done.stderr.splitlines()) == 1
    assert f"up already on {data} (pid 4711)" in done.stderr


def test_a_data_directory_that_cannot_be_is_one_sentence(dev, tmp_path, monkeypatch):
    (tmp_path / "file").touch()
    monkeypatch.setenv("APP_DATA_DIR", str(tmp_path / "file" / "var"))
    done = dev("servers")
    assert (done.returncode, done.stdout) == (1, "")
    assert len(done.stderr.splitlines()) == 1


def test_the_packages_are_installed_anew_when_the_requirements_change(script, tmp_path):
    requirements = [tmp_path / "requirements.txt"]
    requirements[0].write_text("one==1\n")
    (script.VENV / "made-for").write_text(script.identity())
    assert not script.is_ready(requirements)
    script.stamp(requirements).write_text(script.fingerprint(requirements))
    assert script.is_ready(requirements)
    requirements[0].write_text("one==2\n")
    assert not script.is_ready(requirements)


def test_an_interrupted_venv_is_not_sound(script):
    (script.VENV / "made-for").write_text(script.identity())
    assert script.is_sound()
    script.UNFINISHED.touch()
    assert not script.is_sound()
    script.UNFINISHED.unlink()
    script.PYTHON.unlink()
    assert not script.is_sound()


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("error: failed to write: No space left on device (os error 28)", "disk is full"),
        ("The virtual environment failed: ensurepip is not available.", "apt install python3-venv"),
        ("NewConnectionError: Temporary failure in name resolution", "check the network"),
        ("ERROR: No matching distribution found for one==1", "No matching distribution"),
    ],
)
def test_the_log_of_a_failed_installation_becomes_a_sentence(script, said, sentence):
    script.LOG.write_text(f"$ uv\nConnection refused\n$ pip\n{said}\n")
    with pytest.raises(script.SetupError, match=sentence):
        script.require(False)


def test_a_changed_contract_is_shown_with_the_way_to_accept_it(tmp_path, monkeypatch):
    pinned, described = tmp_path / "pinned.yml", tmp_path / "described.yml"
    monkeypatch.setattr(check, "_OPENAPI", pinned)
    described.write_text("openapi: 3.1.1\n")
    assert "+openapi: 3.1.1" in check._differences(described)
    assert check._differences(described).endswith("run ./dev check --write-openapi")
    check._write(described)
    assert check._differences(described) == ""


def test_production_variables_are_read_from_lines(tmp_path, monkeypatch):
    path = tmp_path / "production.env"
    monkeypatch.setattr(check, "_PRODUCTION", path)
    assert check._production_variables() == {}
    path.write_text("# safe\n\nDEBUG=0\nSECRET_KEY='a=b'\n")
    assert check._production_variables() == {"DEBUG": "0", "SECRET_KEY": "a=b"}


def test_the_script_can_be_executed():
    assert os.access(REPOSITORY / "dev", os.X_OK)
    assert os.access(REPOSITORY / ".ci" / "run", os.X_OK)
