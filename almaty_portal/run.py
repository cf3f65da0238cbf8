"""What `make run` runs, its servers being up: prepare; then web server, workers and beat.

`python -m almaty_portal.run` does all of it. A child that ends is started again, later each time;
Ctrl-C ends all of them. In containers each has one of its own and is named: `… web`, `… worker`,
`… jobs` (the worker for long jobs), `… beat`, and `… prepare` (database and founding archive
brought up to date) or `… static` (static files, when the image is built).
"""

# ruff: noqa: S603 -- every command here is our own list of words, never a shell's line

import contextlib
import errno
import fcntl
import hashlib
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from almaty_portal.embedded.command import dies_with_parent
from almaty_portal.embedded.programs import say

PROJECT = Path(__file__).resolve().parent.parent
WEB_PROCESSES = 2
WEB_THREADS = 4
ADDRESS_BYTES = 8190  # the most that gunicorn knows; a letter of a Russian query takes six
WORKER_PROCESSES = 1
STOP_SECONDS = 15  # for a child's clean end, before it is killed
LONGEST_PAUSE = 30  # seconds between two starts of a child that keeps ending
STEADY_SECONDS = 60  # a child that lived so long starts again without a pause


CHILDREN = {
    "web": "web server",
    "worker": "worker",
    "jobs": "worker for long jobs",
    "beat": "beat",
}


def var_folder() -> Path:
    """Where the portal keeps what it writes."""
    return Path(os.environ.get("VAR_DIR") or PROJECT / "var")


# Preparation


def prepare(*, static_only: bool = False) -> None:
    """Collect static files, migrate, load the founding archive, in a demonstration its accounts."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    collect_static()
    if static_only:
        return
    check()
    say("Bringing the database up to date …")
    call_command("migrate", interactive=False, verbosity=0)
    call_command("load_founding_archive")
    if settings.DEMO:
        from documents.evidence.signing import make_demonstration_key

        call_command("load_demo")
        make_demonstration_key(Path(settings.SIGNING_KEY), settings.SIGNING_PASSPHRASE)


def check() -> None:
    """End with a sentence where the settings or the database are not those of this portal."""
    import django
    from django.core.checks import ERROR, run_checks

    django.setup()
    refused = [one for one in run_checks(databases=["default"]) if one.level >= ERROR]
    if refused:
        sys.exit("\n".join(f"{one.msg} {one.hint or ''}".strip() for one in refused))


def collect_static() -> None:
    """`collectstatic`, unless no static file has changed since the last time."""
    from django.conf import settings
    from django.contrib.staticfiles.finders import get_finders
    from django.core.management import call_command

    state = hashlib.sha256(repr(settings.STORAGES["staticfiles"]).encode())
    for finder in get_finders():
        for path, storage in sorted(finder.list([]), key=lambda found: found[0]):
            stat = (file := Path(storage.path(path))).stat()
            state.update(f"{file} {stat.st_size} {stat.st_mtime_ns}\n".encode())
    root = Path(settings.STATIC_ROOT)
    stamp = root.with_name(f"{root.name}.stamp")
    if root.is_dir() and stamp.exists() and stamp.read_text() == state.hexdigest():
        return
    say("Collecting the static files …")
    call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    stamp.write_text(state.hexdigest())


# The children


@dataclass
class Child:
    """A process that is kept running."""

    name: str
    command: list[str]
    environment: dict[str, str]
    process: subprocess.Popen | None = None
    started: float = 0.0
    due: float = 0.0
    pause: float = field(default=1.0)

    def start(self) -> None:
        """In a process group of its own: Ctrl-C reaches us, and we end the children in order."""
        self.started = time.monotonic()
        self.process = subprocess.Popen(
            self.command,
            cwd=PROJECT,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            process_group=0,
            preexec_fn=dies_with_parent(signal.SIGTERM),
        )

    def keep(self) -> None:
        """Start it, or start it again when it has ended and its pause is over."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.due:
                self.start()
        elif (status := self.process.poll()) is not None:
            if now - self.started > STEADY_SECONDS:
                self.pause = 1.0
            say(f"The {self.name} ended (status {status}); it starts again in {self.pause:.0f} s.")
            self.end_group(signal.SIGKILL)
            self.process, self.due = None, now + self.pause
            self.pause = min(2 * self.pause, LONGEST_PAUSE)

    def end_group(self, number: int) -> None:
        """Send a signal to the child and to what it started."""
        if self.process is not None:
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self.process.pid, number)

    def end(self, deadline: float) -> None:
        """Wait for its end until `deadline` (monotonic), then kill it."""
        if self.process is None:
            return
        try:
            self.process.wait(max(0.1, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            say(f"The {self.name} does not end; it is killed.")
        self.end_group(signal.SIGKILL)
        self.process.wait()


def command_of(name: str) -> list[str]:
    """The command line of a child; BIND, WEB_PROCESSES and WORKER_PROCESSES suit it to the host."""
    from django.conf import settings

    python = [sys.executable, "-m"]
    celery = [*python, "celery", "-A", "almaty_portal.celery", "--quiet"]
    if name == "web":
        command = [*python, "gunicorn", "almaty_portal.wsgi"]
        command += ["--bind", os.environ.get("BIND") or "127.0.0.1:8000"]
        command += ["--workers", os.environ.get("WEB_PROCESSES") or str(WEB_PROCESSES)]
        command += ["--worker-class", "almaty_portal.serving.Worker"]
        command += ["--limit-request-line", str(ADDRESS_BYTES)]
        command += ["--threads", str(WEB_THREADS), "--graceful-timeout", "10"]
        return [*command, "--no-control-socket", "--log-level", "warning"]
    if name in ("worker", "jobs"):
        queue = settings.CELERY_TASK_DEFAULT_QUEUE if name == "worker" else settings.LONG_JOBS
        command = [*celery, "worker", "--loglevel", "WARNING", "--hostname", f"{name}@%h"]
        command += ["--queues", queue]
        command += ["--concurrency", os.environ.get("WORKER_PROCESSES") or str(WORKER_PROCESSES)]
        return [*command, "--without-gossip", "--without-mingle"]
    schedule = var_folder() / "celerybeat-schedule"
    beat = [*celery, "beat", "--loglevel", "WARNING", "--pidfile", ""]
    return [*beat, "--schedule", str(schedule)]


def environment_of(name: str) -> dict[str, str]:
    """The environment of a child.

    In the database it acts as the role that cannot change what stays (`common.role`, fault F12).
    No transaction of a web request outlives the grace that the sweep gives it after a deadline
    (rule S11, fault F3): PostgreSQL itself ends it, from version 17 on as a whole, before that
    statement by statement. PGOPTIONS of one's own take the place of all of this.
    """
    environment = dict(os.environ)
    if name in ("worker", "jobs") and os.environ.get("DEMO") == "1":
        # A demonstration may run as root; Celery says at length that it had better not.
        environment["PYTHONWARNINGS"] = "ignore:You're running the worker with superuser"
    if not os.environ.get("PGOPTIONS"):
        environment["PGOPTIONS"] = " ".join(f"-c {one}" for one in options_of(name))
    return environment


def options_of(name: str) -> list[str]:
    """The settings of a child's database connections."""
    import psycopg
    from django.conf import settings

    options = []
    with psycopg.connect(os.environ["DATABASE_URL"]) as connection:
        if name == "web":
            whole = connection.info.server_version >= 170000
            limits = ["statement_timeout", "idle_in_transaction_session_timeout"]
            for limit in ["transaction_timeout"] if whole else limits:
                options.append(f"{limit}={settings.REQUEST_TIMEOUT_SECONDS}s")
        if settings.DATABASE_ROLE:
            member = connection.execute(
                "SELECT pg_has_role(oid, 'MEMBER') FROM pg_roles WHERE rolname = %s",
                [settings.DATABASE_ROLE],
            ).fetchone()
            if member and member[0]:
                options.append(f"role={settings.DATABASE_ROLE}")
            else:
                say(
                    f"The {CHILDREN[name]} acts as the owner of the database: it may not take the "
                    f"role {settings.DATABASE_ROLE} (docs/operating.md, “The role”)."
                )
    return options


def chosen_port() -> int:
    """PORT, or 8000."""
    text = os.environ.get("PORT") or "8000"
    if not text.isdigit() or not 0 < int(text) < 65536:
        sys.exit(f"PORT is {text!r}: write a number from 1 to 65535.")
    return int(text)


def port_is_free(port: int) -> bool:
    """Whether the web server will be able to listen."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            if error.errno == errno.EACCES:
                sys.exit(f"Port {port} needs root: choose one above 1023, make run PORT=8000")
            return False
    return True


def answers(address: str) -> bool:
    """Whether the portal answers there."""
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:  # noqa: S310 -- our own address
            return answer.status == 200
    except (OSError, urllib.error.URLError):
        return False


class Supervisor:
    """Keeps the children running until a signal arrives."""

    def __init__(self, kept: Iterable[Child], address: str) -> None:
        self.kept, self.address = list(kept), address
        self.ended_by = 0

    def signalled(self, number: int, _frame: FrameType | None) -> None:
        self.ended_by = number

    def run(self) -> int:
        """Returns the exit status: 0 after Ctrl-C or SIGTERM, the ends that are meant."""
        announced = False
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.signalled)
        try:
            while not self.ended_by:
                for child in self.kept:
                    child.keep()
                if not announced and answers(f"{self.address}healthz"):
                    announced = True
                    say(f"\nThe portal is at {self.address}  (Ctrl-C ends it)\n")
                time.sleep(0.25)
        finally:
            for child in self.kept:
                if child.process is not None:
                    child.process.terminate()
            deadline = time.monotonic() + STOP_SECONDS
            for child in self.kept:
                child.end(deadline)
        say("The portal has ended; its data is kept.")
        return 0


def main() -> int:
    """The command line; returns the exit status."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "almaty_portal.settings")
    match sys.argv[1:]:
        case []:
            return run_all(var_folder())
        case ["prepare"] | ["static"]:
            prepare(static_only=sys.argv[1] == "static")
            return 0
        case [name] if name in CHILDREN:
            os.chdir(PROJECT)
            if os.environ.get("DEMO") != "1":  # `prepare` has checked a demonstration already
                check()
            command = command_of(name)
            os.execve(command[0], command, environment_of(name))  # noqa: S606 -- no shell is meant
    say(__doc__ or "")
    return 2


def run_all(var: Path) -> int:
    """Prepare, and keep every child running until a signal; returns the exit status."""
    var.mkdir(parents=True, exist_ok=True)
    port = chosen_port()
    with (var / "run.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            sys.exit(f"The portal runs already: {lock.read().strip()} (one for each data folder).")
        if not port_is_free(port):
            sys.exit(
                f"Port {port} is in use: end what uses it, or choose another: make run PORT=8001"
            )
        address = f"http://127.0.0.1:{port}/"
        lock.truncate(0)
        lock.write(address)
        lock.flush()
        prepared = subprocess.run(
            [sys.executable, "-m", "almaty_portal.run", "prepare"],
            cwd=PROJECT,
            check=False,
            preexec_fn=dies_with_parent(signal.SIGTERM),
        )
        if prepared.returncode:
            return prepared.returncode
        own = [sys.executable, "-m", "almaty_portal.run"]
        environment = {**os.environ, "BIND": f"127.0.0.1:{port}"}
        kept = [Child(name, [*own, key], environment) for key, name in CHILDREN.items()]
        return Supervisor(kept, address).run()


if __name__ == "__main__":
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
