"""Every step of the ledger is told to a reader in words, in both languages."""

import re
from pathlib import Path

import pytest
from django.utils import translation

from documents.models import SilenceOutcome, SilenceResponse
from documents.templatetags.silence import ledger_step
from documents.transitions import RECORDED, TABLE

PROJECT = Path(__file__).resolve().parents[2]


def recorded() -> set[str]:
    """The steps that the sources record: those they name, the answers, the outcomes."""
    named = set()
    for folder in ("documents/actions", "almaty_portal/founding"):
        for file in (PROJECT / folder).rglob("*.py"):
            named |= set(re.findall(r'\bstep="(\w+)"', file.read_text()))
    outcomes = {f"outcome_{one}" for one in SilenceOutcome.Result.values if one != "withdrawn"}
    return named | {"late_refused"} | set(SilenceResponse.Kind.values) | outcomes


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_step_has_its_words(language):
    """S15, L1."""
    assert len(recorded()) > 12
    with translation.override(language):
        for step in recorded():
            assert step in {**TABLE, **RECORDED}
            assert language == "en" or re.search("[а-я]", ledger_step(step)), step


def test_every_notice_has_its_mail():
    """S12: what the table of steps promises to tell can be told."""
    for step in TABLE.values():
        if step.notice:
            for name in (f"silence_{step.notice}.txt", f"silence_{step.notice}_subject.txt"):
                assert (PROJECT / "templates/emails" / name).exists(), name
