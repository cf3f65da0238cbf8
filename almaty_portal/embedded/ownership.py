"""One set of servers per data folder: who owns it, who attaches, when it ends."""

import contextlib
import fcntl
import os
import shutil
import tempfile
import time
from pathlib import Path

from almaty_portal.embedded.command import Command, Interrupted, ignore_signals, interruptible
from almaty_portal.embedded.programs import ROOT_PLACE, EmbeddedError, ServerUser, say
from almaty_portal.embedded.servers import (
    NOTE,
    PATIENCE,
    SHORT_PLACE,
    Servers,
    read_note,
    write_note,
)

OWNER, USERS = "owner.lock", "users.lock"


class Lock:
    """A file lock that the kernel gives back when its process ends, however it ends."""

    def __init__(self, path: Path) -> None:
        self.file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        if os.geteuid() == 0:  # the folder may be an ordinary user's, who comes back later
            folder = path.parent.stat()
            os.fchown(self.file, folder.st_uid, folder.st_gid)

    def take(self, kind: int) -> bool:
        """Take it without waiting: fcntl.LOCK_SH or LOCK_EX."""
        try:
            fcntl.flock(self.file, kind | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def give_back(self) -> None:
        fcntl.flock(self.file, fcntl.LOCK_UN)


def data_home(var: Path) -> Path:
    """The folder of the servers' data: `var/servers`, or, when root's server user can't reach that,
    a folder under /var/lib that `var/servers` then points to."""
    link = var / "servers"
    var.mkdir(parents=True, exist_ok=True)
    user = ServerUser.current(link)
    if link.exists() or not user.is_other or user.can_enter(var):
        home = link.resolve()
    else:
        ROOT_PLACE.mkdir(mode=0o755, parents=True, exist_ok=True)
        home = Path(tempfile.mkdtemp(prefix="data-", dir=ROOT_PLACE))
        link.unlink(missing_ok=True)
        link.symlink_to(home)
        say(f"The data of the servers is kept in {home}: their account can't reach {var}.")
    if not user.is_other and home.exists() and home.stat().st_uid != user.uid:
        raise EmbeddedError(
            f"{home} belongs to another account, which started the portal before: run it as that "
            "account, or as root, or choose another folder with VAR_DIR=…"
        )
    return user.make_folder(home)


def run(command: list[str], var: Path) -> int:
    """Run `command` with the servers on the data of `var` up; returns its exit status."""
    try:
        home = data_home(var)
    except PermissionError as error:
        raise EmbeddedError(
            f"{error.filename} can't be written: run as the account that owns it, or choose "
            "another folder for the data with VAR_DIR=…"
        ) from error
    owner, users = Lock(home / OWNER), Lock(home / USERS)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        if owner.take(fcntl.LOCK_EX):
            return own(command, Servers(home, ServerUser.current(home)), users)
        if users.take(fcntl.LOCK_SH):
            note = read_note(home)
            if "DATABASE_URL" in note and not owner.take(fcntl.LOCK_EX):
                urls = {key: note[key] for key in ("DATABASE_URL", "REDIS_URL")}
                return Command(command, urls).wait(lambda: None)
            owner.give_back()
            users.give_back()
        time.sleep(0.1)
    raise EmbeddedError(
        f"Another command has been starting or ending the servers of {home} for {PATIENCE} "
        f"seconds: end it (process {read_note(home).get('owner', 'unknown')}) and try again."
    )


def own(command: list[str], servers: Servers, users: Lock) -> int:
    """Start the servers, run `command`, wait for attached commands, stop the servers."""
    with interruptible():
        try:
            servers.start()
            write_note(servers)
            status = run_watched(command, servers)
            if not users.take(fcntl.LOCK_EX):
                say("The servers stay up for a command that still uses them; Ctrl-C ends them now.")
                while not users.take(fcntl.LOCK_EX):
                    servers.revive()
                    time.sleep(0.2)
            return status
        except Interrupted as interruption:
            return 128 + interruption.number
        finally:
            ignore_signals()
            (servers.home / NOTE).unlink(missing_ok=True)
            servers.stop()


def run_watched(command: list[str], servers: Servers) -> int:
    """Run `command`, starting a server again that ends meanwhile."""

    def watch() -> None:
        before = dict(servers.running)
        servers.revive()
        if servers.running != before:
            write_note(servers)

    return Command(command, servers.urls).wait(watch)


def run_ephemeral(command: list[str]) -> int:
    """Run `command` on new servers in a temporary folder, removed at the end."""
    remove_abandoned()
    place = Path(tempfile.mkdtemp(prefix="almaty-test-", dir=SHORT_PLACE))
    lock = Lock(place / OWNER)
    lock.take(fcntl.LOCK_EX)
    try:
        user = ServerUser.current(place)
        user.make_folder(place)
        own_var = place / "var"
        own_var.mkdir()
        os.environ["VAR_DIR"] = str(own_var)
        return own(command, Servers(place, user, durable=False), Lock(place / USERS))
    finally:
        shutil.rmtree(place, ignore_errors=True)


def remove_abandoned() -> None:
    """Remove the temporary folders of test runs that were killed."""
    for place in Path(SHORT_PLACE).glob("almaty-test-*"):
        with contextlib.suppress(OSError):
            if time.time() - place.stat().st_mtime > 60 and Lock(place / OWNER).take(fcntl.LOCK_EX):
                shutil.rmtree(place, ignore_errors=True)
