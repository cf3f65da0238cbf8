"""The command that runs while the servers are up, and the signals it and we get."""
# ruff: noqa: S603 -- the command is the one that was typed

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

from almaty_portal.embedded.programs import say


def dies_with_parent(with_signal: int) -> Callable[[], None]:
    """For Popen's preexec_fn: on Linux the kernel ends the child when we die, however we die."""
    if sys.platform != "linux":
        return lambda: None
    library, parent = ctypes.CDLL(None), os.getpid()

    def preexec() -> None:
        library.prctl(1, with_signal)  # PR_SET_PDEATHSIG
        if os.getppid() != parent:
            os._exit(1)

    return preexec


class Interrupted(Exception):
    """A signal ended the start or the end of the servers."""

    def __init__(self, number: int) -> None:
        super().__init__(signal.Signals(number).name)
        self.number = number


SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@contextlib.contextmanager
def interruptible() -> Iterator[None]:
    """Signals that arrive while no command runs raise Interrupted."""

    def interrupt(number: int, _frame: FrameType | None) -> None:
        raise Interrupted(number)

    before = {number: signal.signal(number, interrupt) for number in SIGNALS}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def ignore_signals() -> None:
    """From here on the servers are ended in peace."""
    for number in SIGNALS:
        signal.signal(number, signal.SIG_IGN)


def terminal_is_ours() -> bool:
    """Whether Ctrl-C of the terminal reaches our whole process group, the command included."""
    try:
        with Path("/dev/tty").open("rb", buffering=0) as terminal:
            return os.tcgetpgrp(terminal.fileno()) == os.getpgrp()
    except OSError:
        return False


class Command:
    """The command itself, which stays in our process group and has the terminal."""

    def __init__(self, words: list[str], urls: dict[str, str]) -> None:
        self.words, self.urls = words, urls

    def wait(self, meanwhile: Callable[[], None]) -> int:
        """Run it and pass signals on to it; `meanwhile` is called twice a second. Returns its exit
        status as a shell would give it."""

        def pass_on(number: int, _frame: FrameType | None) -> None:
            if not (number == signal.SIGINT and terminal_is_ours()):
                process.send_signal(number)

        try:
            process = subprocess.Popen(
                self.words,
                env={**os.environ, **self.urls},
                preexec_fn=dies_with_parent(signal.SIGTERM),
            )
        except OSError as error:
            say(f"{self.words[0]} can't be run: {error.strerror}.")
            return 127
        before = {number: signal.signal(number, pass_on) for number in SIGNALS}
        try:
            while True:
                try:
                    status = process.wait(0.5)
                    break
                except subprocess.TimeoutExpired:
                    meanwhile()
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)
        return status if status >= 0 else 128 - status
