"""What refuses to start: a demonstration's settings or accounts in production, a bad setting."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings as portal
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from django.urls import get_resolver

from almaty_portal import env, run
from almaty_portal.common.models import AuditRecord
from membership import actions
from membership.models import User

PROJECT = Path(__file__).resolve().parents[1]


def refused(databases=("default",)) -> dict[str, str]:
    return {one.id: f"{one.msg} {one.hint}" for one in run_checks(databases=list(databases))}


@pytest.fixture
def production(settings):
    get_resolver().url_patterns  # noqa: B018 -- read now, or all later tests had production's
    settings.DEMO = False
    settings.SILENCE_DEMO_PERIOD_MINUTES = 0
    return settings


@pytest.fixture
def demonstration_account(db):
    return actions.create_account(
        email="kz@example.org",
        name="Demonstration",
        language="en",
        password="a long enough passphrase",
        is_demonstration=True,
        by=None,
    )


@pytest.mark.django_db
def test_a_shortened_period_is_refused_in_production(production):
    """S16."""
    assert "portal.E001" not in refused()
    production.SILENCE_DEMO_PERIOD_MINUTES = 4
    assert "Unset SILENCE_DEMO_PERIOD_MINUTES" in refused()["portal.E001"]
    production.DEMO = True
    assert "portal.E001" not in refused()


def test_demonstration_accounts_are_refused_in_production(production, demonstration_account):
    """S16: anybody could sign in with a printed password."""
    sentence = refused()["portal.E002"]
    assert "kz@example.org" in sentence
    assert "load_demo --end" in sentence
    assert "portal.E002" not in refused(databases=[])
    production.DEMO = True
    assert refused() == {}


def test_ended_accounts_are_no_obstacle(production, demonstration_account, capsys):
    """S16: the command that the sentence names does it, on record, without DEMO."""
    call_command("load_demo", "--end")
    assert "Ended: kz@example.org" in capsys.readouterr().out
    assert not User.objects.get().is_active
    assert AuditRecord.objects.filter(action="close_account").count() == 1
    assert "portal.E002" not in refused()


@pytest.mark.django_db
def test_a_database_without_tables_can_be_prepared(production, monkeypatch):
    monkeypatch.setattr(connection.introspection, "table_names", lambda: [])
    assert "portal.E002" not in refused()


def test_preparing_stops_with_the_sentence(production, demonstration_account, monkeypatch):
    """S16: nothing is migrated or loaded then, and nothing served."""
    monkeypatch.setattr(run, "collect_static", lambda: None)
    with pytest.raises(SystemExit) as ended:
        run.prepare()
    assert "load_demo --end" in str(ended.value)
    monkeypatch.setenv("DEMO", "0")
    monkeypatch.setattr(sys, "argv", ["run", "worker"])
    monkeypatch.setattr(os, "execve", lambda *words: pytest.fail("it was started"))
    with pytest.raises(SystemExit) as ended:
        run.main()
    assert "load_demo --end" in str(ended.value)


@pytest.mark.parametrize(
    "pattern", ["Almaty Process/{year}", "AP/{number}", "AP/{number}/{year}/{x}", "AP {", "{}"]
)
def test_a_pattern_of_references_must_make_new_ones(monkeypatch, pattern):
    """T1: without a number the next free reference would be sought for ever."""
    monkeypatch.setenv("REFERENCE_PATTERN", pattern)
    with pytest.raises(ImproperlyConfigured, match=r"write \{number\} and \{year\} into it"):
        env.reference("REFERENCE_PATTERN", "AP/{number}/{year}")
    monkeypatch.setenv("REFERENCE_PATTERN", "")
    assert env.reference("REFERENCE_PATTERN", "AP/{number}/{year}") == "AP/{number}/{year}"


def test_settings_refuse_the_pattern_at_the_start():
    """T1."""
    done = subprocess.run(
        [sys.executable, "-c", "import almaty_portal.settings"],
        cwd=PROJECT,
        env={**os.environ, "REFERENCE_PATTERN": "Almaty Process/{year}"},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1
    assert "write {number} and {year} into it" in done.stderr


def test_the_example_lists_every_value():
    """What an installation can set stands in .env.example, and what is there is read."""
    sources = (PROJECT / "almaty_portal/settings.py").read_text()
    read = set(re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', sources))
    example = (PROJECT / ".env.example").read_text()
    listed = set(re.findall(r"^(?:# )?([A-Z_]+)=", example, flags=re.MULTILINE))
    assert len(read) > 12
    assert read <= listed
    compose = (PROJECT / "docker-compose.yml").read_text()
    assert listed - read == set(re.findall(r"\$\{([A-Z_]+)", compose)) - read


def test_a_request_is_ended_as_the_settings_say(monkeypatch):
    """S11, F3."""
    monkeypatch.delenv("PGOPTIONS", raising=False)
    options = run.environment_of("web")["PGOPTIONS"]
    assert f"timeout={portal.REQUEST_TIMEOUT_SECONDS}s" in options
