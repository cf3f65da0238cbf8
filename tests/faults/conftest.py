"""Acts at once on connections of their own, and the portal's processes on the test's database."""

import contextlib
import datetime as dt
import html
import http.client
import os
import re
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pgtrigger
import pytest
from django.contrib.auth.models import Group
from django.db import connection

from almaty_portal.common.instants import database_now
from membership.models import Standing, State, User
from membership.permissions import SUPPORT_UNIT
from tests.conftest import signed_in_client
from tests.factories.membership import (
    DesignationFactory,
    StandingFactory,
    StateFactory,
    UserFactory,
)
from tests.processes import free_port, own_broker, replace_database

PROJECT = Path(__file__).resolve().parents[2]
STATES = 50


@pytest.fixture
def emptied_afterwards(transactional_db) -> Iterator[None]:
    """Let the tables that stay be emptied after the test, on the connection that empties them.

    It is closed when they are empty, so that the triggers hold for the next test.
    """
    yield
    names = [trigger.get_pgid(model) for model, trigger in pgtrigger.registered()]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT set_config('pgtrigger.ignore', %s, false)", ["{" + ",".join(names) + "}"]
        )


@pytest.fixture
def staff() -> User:
    user = UserFactory(email="support@example.org", is_staff=True, language="en")
    user.groups.add(Group.objects.get(name=SUPPORT_UNIT))
    return user


@pytest.fixture
def coordinators() -> list[tuple[State, User]]:
    """Fifty Member States, each with its Coordinator."""
    return member_states(STATES)


def member_states(number: int) -> list[tuple[State, User]]:
    """So many Member States, each with its Coordinator."""
    made = []
    for index in range(number):
        code = chr(65 + index % 26) + "QX"[index // 26]
        state = StateFactory(code=code, iso3=f"{code}Q", english=f"Land {code}")
        StandingFactory(state=state, kind=Standing.Kind.MEMBER)
        user = UserFactory(email=f"{code.lower()}@example.org", language="en")
        DesignationFactory(state=state, user=user)
        made.append((state, user))
    return made


def at_once(acts: list[Callable[[], Any]]) -> list[Any]:
    """What each of the acts returned or raised; all begin together, each in a thread of its own."""
    ready = threading.Barrier(len(acts))

    def begin(act: Callable[[], Any]) -> Any:
        try:
            connection.ensure_connection()
            ready.wait(timeout=20)
            return act()
        except Exception as error:
            return error
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(begin, acts))


def wait_until(moment: dt.datetime) -> None:
    """Sleep until an instant by the database's clock."""
    time.sleep(max(0, (moment - database_now()).total_seconds()))


def holds(condition: Callable[[], Any], seconds: float) -> bool:
    """Whether a condition comes true within so many seconds."""
    until = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(0.2)
    return True


class Processes:
    """The portal's own processes, on the database of the test and a broker of their own."""

    def __init__(self, var: Path) -> None:
        self.var, self.port = var, free_port()
        self.running: dict[str, subprocess.Popen] = {}
        self.environment = {
            **os.environ,
            "DATABASE_URL": replace_database(
                os.environ["DATABASE_URL"], connection.settings_dict["NAME"]
            ),
            "REDIS_URL": own_broker(8),
            "VAR_DIR": str(var),
            "PORT": str(self.port),
            "BIND": f"127.0.0.1:{self.port}",
            "DEMO": "1",
            "DEBUG": "0",
        }

    def run(self, *words: str) -> None:
        """Run a command to its end."""
        done = subprocess.run(
            [sys.executable, *words],
            cwd=PROJECT,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr

    def start(self, name: str, *words: str, off_by: int = 0, **more: str) -> subprocess.Popen:
        """Start web, worker or beat, or with `words` another command in the place of one.

        `off_by` makes its clock so many seconds wrong.
        """
        self.end(name)
        environment = {**self.environment, **more}
        if off_by:
            environment["CLOCK_OFF_BY"] = str(off_by)
            environment["PYTHONPATH"] = str(PROJECT / "tests/faults/skewed")
        with (self.var / f"{name}.log").open("a") as log:
            process = self.running[name] = subprocess.Popen(
                [sys.executable, "-m", *(words or ("almaty_portal.run", name))],
                cwd=PROJECT,
                env=environment,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )
        if name == "web":
            assert holds(self.answers, 60), self.log("web")
        return process

    def answers(self) -> bool:
        try:
            return self.ask("GET", "/healthz")[0] == 200
        except OSError:
            return False

    def log(self, name: str) -> str:
        return (self.var / f"{name}.log").read_text()[-3000:]

    def ask(
        self, method: str, path: str, fields: dict[str, str] | None = None, cookies: str = ""
    ) -> tuple[int, str, list[str]]:
        """Status, text and cookies of a page, asked for over a connection of its own."""
        asked = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        headers = {"Cookie": cookies, "Content-Type": "application/x-www-form-urlencoded"}
        try:
            asked.request(method, path, urlencode(fields or {}), headers)
            answer = asked.getresponse()
            given = [one.split(";")[0] for one in answer.headers.get_all("Set-Cookie") or []]
            return answer.status, html.unescape(answer.read().decode()), given
        finally:
            asked.close()

    def signed_in(self, user: User, ago: float = 0) -> "Visitor":
        return Visitor(self, user, ago)

    def end(self, *names: str) -> None:
        """Kill processes with what they started."""
        for name in list(names):
            process = self.running.pop(name, None)
            if process is not None:
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()


class Visitor:
    """Somebody who is signed in to the web process."""

    def __init__(self, processes: Processes, user: User, ago: float) -> None:
        self.processes = processes
        client = signed_in_client(user, ago)
        self.cookies = f"sessionid={client.cookies['sessionid'].value}"

    def read(self, path: str) -> str:
        status, text, _cookies = self.processes.ask("GET", path, cookies=self.cookies)
        assert status == 200, (status, text)
        return text

    def form(self, path: str) -> Callable[..., tuple[int, str]]:
        """A form as the page gives it: call it with its fields to send it, as often as you like."""
        _status, text, cookies = self.processes.ask("GET", path, cookies=self.cookies)
        hidden = dict(re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)"', text))
        assert "csrfmiddlewaretoken" in hidden, text

        def send(**fields: str) -> tuple[int, str]:
            return self.processes.ask(
                "POST", path, {**hidden, **fields}, "; ".join([self.cookies, *cookies])
            )[:2]

        return send


@pytest.fixture(scope="session")
def with_static(django_db_setup, django_db_blocker, tmp_path_factory) -> Processes:
    """The static files of the web process, collected once."""
    processes = Processes(tmp_path_factory.mktemp("processes"))
    processes.run("-m", "almaty_portal.run", "static")
    return processes


@pytest.fixture
def processes(with_static, emptied_afterwards) -> Iterator[Processes]:
    """What a test starts of the portal; it ends before the test's database is emptied."""
    yield with_static
    with_static.end(*with_static.running)


@pytest.fixture
def web(processes) -> Processes:
    """The running web process, and what a test starts beside it."""
    processes.start("web")
    return processes
