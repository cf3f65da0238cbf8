"""The two servers as our children: start, wait, revive, stop, and what a killed owner left."""
# ruff: noqa: S603, S607 -- every command here is our own list of words, never a shell's line

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO
from urllib.parse import quote

from almaty_portal.embedded.command import dies_with_parent
from almaty_portal.embedded.programs import (
    EmbeddedError,
    ServerUser,
    find_postgres,
    find_valkey,
    postgres_version,
    say,
)

PATIENCE = 120  # seconds to wait for a server
LONGEST_SOCKET_FOLDER = 70  # a socket's path may have about 100 bytes
SHORT_PLACE = "/tmp"  # noqa: S108 -- for sockets, in folders of mode 0700 with random names
LOG_LIMIT = 10 * 1024 * 1024
NOTE = "embedded.json"  # what the owner tells later commands


def has_ended(pid: int, folder: Path) -> bool:
    """Whether process `pid` is no server on `folder` any more."""
    return not runs_in(pid, folder)


def runs_in(pid: int, folder: Path) -> bool:
    """Whether process `pid` is alive and a server on `folder` (which is its working directory)."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    try:
        return Path(f"/proc/{pid}/cwd").resolve(strict=True) == folder.resolve()
    except PermissionError:
        return False  # somebody else's process: the number was used again
    except OSError:
        if Path("/proc/self").exists():
            return False
        listed = subprocess.run(
            ["ps", "-p", str(pid), "-o", "command="], capture_output=True, text=True, check=False
        )
        return str(folder) in listed.stdout


def wait_until(condition: Callable[[], bool], seconds: float) -> bool:
    """Ask every 50 ms until `condition` holds; False when `seconds` have passed."""
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


def read_note(home: Path) -> dict:
    """What the owner wrote about its servers; empty when there is none."""
    try:
        return json.loads((home / NOTE).read_text())
    except (OSError, ValueError):
        return {}


@dataclass
class Servers:
    """PostgreSQL and Valkey on the data in `home`, as children of this process."""

    home: Path
    user: ServerUser
    durable: bool = True
    sockets: Path = field(init=False)
    pg: Path = field(init=False)
    valkey_data: Path = field(init=False)
    running: dict[str, subprocess.Popen] = field(default_factory=dict)
    ending: bool = False

    def __post_init__(self) -> None:
        self.pg, self.valkey_data = self.home / "pg", self.home / "valkey"
        self.sockets = self.home / "sockets"
        self.user.make_folder(self.valkey_data)
        needed = self.pg / "PG_VERSION"
        self.bin = find_postgres(self.user, int(needed.read_text()) if needed.exists() else None)
        self.valkey_program = find_valkey(self.user)

    @property
    def urls(self) -> dict[str, str]:
        """What the command is told."""
        return {
            "DATABASE_URL": f"postgresql://portal@/portal?host={quote(str(self.sockets))}",
            "REDIS_URL": f"unix://{quote(str(self.sockets / 'valkey.sock'))}?db=0",
        }

    def start(self) -> None:
        """Stop what a killed owner left, then start both servers and wait until they answer."""
        self.stop_leftovers()
        self.choose_sockets()
        if not (self.pg / "PG_VERSION").exists():
            self.create_database_cluster()
        self.launch("valkey")
        self.launch("postgres")
        self.wait_for("postgres", self.prepare_database)
        self.wait_for("valkey", self.ping_valkey)

    def choose_sockets(self) -> None:
        """An empty folder for the sockets: `home/sockets`, or a short one if that does not fit."""
        folder = self.home / "sockets"
        shutil.rmtree(folder, ignore_errors=True)
        fits = len(os.fsencode(folder)) <= LONGEST_SOCKET_FOLDER
        if fits and re.fullmatch(r"[\w./-]+", str(folder), re.ASCII):
            self.sockets = self.user.make_folder(folder)
        else:
            self.sockets = self.user.make_folder(
                Path(tempfile.mkdtemp(prefix="almaty-", dir=SHORT_PLACE))
            )

    def stop_leftovers(self) -> None:
        """End servers that outlived a killed owner (we hold its lock), and clear what they left."""
        note = read_note(self.home)
        left = [
            ("postgres", note.get("postgres"), self.pg),
            ("valkey", note.get("valkey"), self.valkey_data),
        ]
        pid_file = self.pg / "postmaster.pid"
        if pid_file.exists():
            first_line = pid_file.read_text().split("\n", 1)[0]
            left.append(("postgres", int(first_line) if first_line.isdigit() else None, self.pg))
        for name, pid, folder in left:
            if not pid or not runs_in(pid, folder):
                continue
            polite = signal.SIGINT if name == "postgres" else signal.SIGTERM
            for number, patience in ((polite, 20), (signal.SIGQUIT, 10), (signal.SIGKILL, 10)):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
                if wait_until(partial(has_ended, pid, folder), patience):
                    break
        pid_file.unlink(missing_ok=True)
        (self.home / NOTE).unlink(missing_ok=True)
        if old := note.get("sockets"):
            shutil.rmtree(old, ignore_errors=True)

    def create_database_cluster(self) -> None:
        """`initdb` beside the final place, renamed when complete: a kill leaves no half of it."""
        half_made = self.home / "pg.new"
        shutil.rmtree(half_made, ignore_errors=True)
        self.user.make_folder(half_made)
        libc = "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"
        command: list[str | Path] = [
            self.bin / "initdb",
            "-D",
            half_made,
            "-U",
            "postgres",
            "--auth=trust",
        ]
        command += ["--encoding=UTF8", f"--locale={libc}", "--lc-collate=C", "--lc-messages=C"]
        if postgres_version(self.bin / "postgres", self.user) >= 17:
            # Without it LANG=C would break lower() and trigrams of Cyrillic.
            command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
        else:
            command[-2] = f"--lc-collate={libc}"
        if not self.durable:
            command.append("--no-sync")
        done = subprocess.run(
            command,
            cwd=self.home,
            env=self.environment(),
            capture_output=True,
            text=True,
            check=False,
            preexec_fn=dies_with_parent(signal.SIGTERM),
            process_group=0,
            **self.user.popen(),
        )
        if done.returncode:
            raise EmbeddedError(f"The database could not be created: {done.stderr.strip()[-600:]}")
        half_made.rename(self.pg)

    def environment(self) -> dict[str, str]:
        """The servers' environment: nothing of the caller's language or PostgreSQL variables."""
        return {"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "HOME": str(self.home)}

    def command_of(self, name: str) -> list[str]:
        """The command line of a server."""
        if name == "valkey":
            command = [str(self.valkey_program), "--port", "0", "--daemonize", "no", "--save", ""]
            command += [
                "--unixsocket",
                str(self.sockets / "valkey.sock"),
                "--unixsocketperm",
                "700",
            ]
            command += [
                "--appendonly",
                "yes" if self.durable else "no",
                "--appendfsync",
                "everysec",
            ]
            return [*command, "--maxmemory-policy", "noeviction"]
        options = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.sockets),
            "unix_socket_permissions": "0700",
            "timezone": "UTC",
            "log_timezone": "UTC",
        }
        if not self.durable:
            options |= dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), "off")
        settings = [word for key, value in options.items() for word in ("-c", f"{key}={value}")]
        return [str(self.bin / "postgres"), "-D", str(self.pg), *settings]

    def launch(self, name: str) -> None:
        """Start one server in a process group of its own: the terminal's Ctrl-C is not for it."""
        with self.open_log(name) as log:
            self.running[name] = subprocess.Popen(
                self.command_of(name),
                cwd=self.pg if name == "postgres" else self.valkey_data,
                env=self.environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                process_group=0,
                # PostgreSQL's fast shutdown is SIGINT; SIGTERM would wait for every client.
                preexec_fn=dies_with_parent(
                    signal.SIGINT if name == "postgres" else signal.SIGTERM
                ),
                **self.user.popen(),
            )

    def log_path(self, name: str) -> Path:
        return self.home / f"{name}.log"

    def open_log(self, name: str) -> IO[bytes]:
        path = self.log_path(name)
        if path.exists() and path.stat().st_size > LOG_LIMIT:
            path.replace(path.with_suffix(".log.1"))
        log = path.open("ab")
        if self.user.is_other:
            os.fchown(log.fileno(), self.user.uid, self.user.gid)
        return log

    def wait_for(self, name: str, ready: Callable[[], bool]) -> None:
        """Wait until a server is ready. One that ends meanwhile is started again: old backends of
        a killed one may hold its memory for a moment. Raises EmbeddedError with its log's end."""
        end = time.monotonic() + PATIENCE
        quick_ends = 0
        while not ready():
            if self.running[name].poll() is not None:
                quick_ends += 1
                if quick_ends > 20:
                    break
                time.sleep(0.5)
                self.launch(name)
            if time.monotonic() > end:
                break
            time.sleep(0.05)
        else:
            return
        lines = self.log_path(name).read_text(errors="replace").strip().splitlines()[-5:]
        raise EmbeddedError(
            f"{name} does not start. Its log {self.log_path(name)} ends: " + " | ".join(lines)
        )

    def prepare_database(self) -> bool:
        """Make the portal's role and database on the first start. False while nothing answers.

        The role is no superuser; it may create databases, as the tests do. Web server, worker and
        beat act as `portal_app`, which owns nothing (`common.role`).
        """
        import psycopg

        try:
            connection = psycopg.connect(
                host=str(self.sockets), user="postgres", dbname="postgres", autocommit=True
            )
        except psycopg.OperationalError:
            return False
        with connection:
            if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'portal'").fetchone():
                connection.execute("CREATE ROLE portal LOGIN CREATEDB")
            if not connection.execute(
                "SELECT 1 FROM pg_roles WHERE rolname = 'portal_app'"
            ).fetchone():
                connection.execute("CREATE ROLE portal_app NOLOGIN")
                connection.execute("GRANT portal_app TO portal")
            if not connection.execute(
                "SELECT 1 FROM pg_database WHERE datname = 'portal'"
            ).fetchone():
                connection.execute("CREATE DATABASE portal OWNER portal")
        return True

    def ping_valkey(self) -> bool:
        """Whether Valkey answers, its data loaded."""
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(5)
            try:
                client.connect(str(self.sockets / "valkey.sock"))
                client.sendall(b"PING\r\n")
                return client.recv(64).startswith(b"+PONG")
            except OSError:
                return False

    def revive(self) -> None:
        """Start again a server that ended by itself."""
        for name, process in self.running.items():
            if process.poll() is not None and not self.ending:
                say(f"{name} ended unexpectedly; it is started again ({self.log_path(name)}).")
                self.launch(name)
                self.wait_for(
                    name, self.prepare_database if name == "postgres" else self.ping_valkey
                )

    def stop(self) -> None:
        """Clean end of both: fast shutdown, then harder ways for what does not end."""
        self.ending = True
        firsts = {"postgres": signal.SIGINT, "valkey": signal.SIGTERM}
        for name, process in self.running.items():
            if process.poll() is None:
                process.send_signal(firsts[name])
        for process in self.running.values():
            for harder in (signal.SIGQUIT, signal.SIGKILL):
                try:
                    process.wait(30)
                    break
                except subprocess.TimeoutExpired:
                    process.send_signal(harder)
            process.wait()
        shutil.rmtree(self.sockets, ignore_errors=True)


def write_note(servers: Servers) -> None:
    """Tell later commands where the servers are."""
    pids = {name: process.pid for name, process in servers.running.items()}
    note = {**servers.urls, **pids, "sockets": str(servers.sockets), "owner": os.getpid()}
    draft = servers.home / f"{NOTE}.new"
    draft.write_text(json.dumps(note, indent=1))
    draft.replace(servers.home / NOTE)
