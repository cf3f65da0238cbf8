"""The running portal, with its own database, worker, beat and broker, and a real Chromium."""

import os
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import psycopg
import pytest
from playwright.sync_api import sync_playwright

from tests.processes import free_port, own_broker, replace_database

ROOT = Path(__file__).resolve().parents[2]
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
QUIET = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


class Portal:
    """Where the portal answers, and where its database and files are."""

    def __init__(self, address: str, database: str, var: Path, env: dict[str, str]) -> None:
        self.address, self.database, self.var, self.env = address, database, var, env

    def row(self, statement: str, *values: object) -> tuple | None:
        """The first row of a query on the portal's database."""
        with psycopg.connect(self.database) as connection:
            return connection.execute(statement, values).fetchone()

    def wait_for(self, statement: str, *values: object, seconds: float) -> tuple:
        """The first row of a query, once there is one; fails after `seconds`."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            row = self.row(statement, *values)
            if row is not None:
                return row
            time.sleep(0.5)
        raise AssertionError(f"nothing after {seconds} s: {statement} {values}")

    def mails(self) -> list[str]:
        """What was sent, as it lies in the mail folder."""
        return [
            path.read_text(encoding="utf-8", errors="replace")
            for path in sorted((self.var / "mail").glob("*"))
        ]


@pytest.fixture(scope="session")
def portal(tmp_path_factory, migrated):
    """`make run` on a database of its own: archive, accounts, web, workers, beat."""
    var = tmp_path_factory.mktemp("portal")
    server, name = os.environ["DATABASE_URL"], f"portal_browser_{os.getpid()}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name} TEMPLATE {migrated}")
    database = replace_database(server, name)
    port = free_port()
    env = {
        **os.environ,
        "DATABASE_URL": database,
        "REDIS_URL": own_broker(4),
        "VAR_DIR": str(var),
        "PORT": str(port),
        "DEMO": "1",
        "DEBUG": "0",
        "SILENCE_DEMO_PERIOD_MINUTES": "60",
    }
    log = (var / "log").open("w")
    process = subprocess.Popen(
        [sys.executable, "-m", "almaty_portal.run"], cwd=ROOT, env=env, stdout=log, stderr=log
    )
    address = f"http://127.0.0.1:{port}"
    try:
        until = time.monotonic() + 240
        while True:
            try:
                urllib.request.urlopen(f"{address}/readyz", timeout=5).close()
                break
            except (urllib.error.URLError, OSError) as error:
                if process.poll() is not None or time.monotonic() > until:
                    raise AssertionError((var / "log").read_text()[-5000:]) from error
                time.sleep(0.5)
        yield Portal(address, database, var, env)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
        log.close()
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def chromium():
    """A browser for one module: while it lives its event loop keeps Django from the database, and
    other modules' tests follow in the same process."""
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def visit(portal, chromium):
    """Opens a browser window of its own: visit("en") for the public, visit("ru", "kz@…") signed in.

    A page whose console reports an error, or that asks anything outside the portal, fails.
    """
    contexts, complaints = [], []

    def opened(language: str, address: str = ""):
        context = chromium.new_context(
            locale={"en": "en-GB", "ru": "ru-RU"}[language], base_url=portal.address
        )
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda message: (
                message.type == "error"
                and not message.text.startswith("Failed to load resource")
                and complaints.append(f"{page.url}: {message.text}")
            ),
        )
        page.on(
            "response",
            lambda answer: (
                answer.status >= 400
                and answer.request.resource_type != "document"
                and complaints.append(f"{page.url}: {answer.status} {answer.url}")
            ),
        )
        page.on("pageerror", lambda error: complaints.append(f"{page.url}: {error}"))
        page.on(
            "request",
            lambda request: (
                request.url.startswith((portal.address, "data:", "blob:"))
                or complaints.append(f"asked outside: {request.url}")
            ),
        )
        if address:
            page.goto(f"/accounts/login/?next=/{language}/portal/")
            page.locator("input[name=login]").fill(address)
            page.locator("input[type=password]").fill("almaty-demonstration")
            page.locator("main button[type=submit], main form button").first.click()
            page.wait_for_url(f"**/{language}/portal/")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert not complaints, complaints
