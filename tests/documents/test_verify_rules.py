"""`verify.py` judges every step by the rules of silence, though all hashes agree (rule S15)."""

import datetime as dt
import json

import pgtrigger
import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from documents.actions import evidence, silence
from documents.actions.ledger import verify_ledger
from documents.ledger import instant
from documents.models import StateOutcome
from documents.models.silence import RULES_VERSION
from documents.offline import verify
from tests.documents.bundles import (
    a_bundle,
    entries,
    forge,
    make_quickly,
    relist,
    run,
    unpack,
)
from tests.factories.documents import (
    BRACKETED,
    a_procedure,
    a_public_document,
    a_short_procedure,
)
from tests.factories.files import a_pdf

pytestmark = pytest.mark.django_db
FAR = 26 * 60


@pytest.fixture(autouse=True)
def quick(monkeypatch, settings):
    make_quickly(monkeypatch, settings)


def on_paper(procedure, state, kind, *, by, other):
    """A Note Verbale on paper that came five minutes before the deadline, confirmed."""
    note = silence.enter_paper_note(
        procedure=procedure,
        state=state,
        kind=kind,
        reason="As the Note says.",
        received_at=procedure.deadline_at - dt.timedelta(minutes=5),
        received_how="Handed in at the Support Unit, stamp No. 41",
        file=SimpleUploadedFile("note.pdf", a_pdf()),
        by=by,
    )
    silence.confirm_paper_note(note=note, by=other)


@pytest.fixture
def window(settings, support_unit, other_staff, members, iran, kazakhstan):
    """A window that closed: the Chair settled Iran, Kazakhstan's answer on paper came in time."""
    procedure = a_short_procedure(
        settings,
        by=support_unit,
        seconds=-FAR,
        slug="window",
        edition=a_public_document(rows=BRACKETED),
        kind="participation_window",
        silence_means="to_be_settled_by_chair",
        states=[iran, kazakhstan],
    )
    silence.close_due()
    silence.settle_state(
        procedure=procedure,
        state=iran,
        formalised=False,
        note_en="Letter of the Chair.",
        note_ru="Письмо Председателя.",
        by=support_unit,
    )
    on_paper(procedure, kazakhstan, "participates", by=support_unit, other=other_staff)
    evidence.issue_due()
    return procedure


@pytest.fixture
def annulled(settings, support_unit, other_staff, members, kazakhstan):
    """An adoption annulled by an objection on paper that came in time."""
    procedure = a_short_procedure(settings, by=support_unit, seconds=-FAR, slug="annulled")
    silence.close_due()
    on_paper(procedure, kazakhstan, "objection", by=support_unit, other=other_staff)
    evidence.issue_due()
    return procedure


@pytest.fixture
def broken(support_unit, members, coordinator, kazakhstan):
    procedure = a_procedure(by=support_unit, slug="broken")
    silence.break_silence(procedure=procedure, state=kazakhstan, reason="No.", by=coordinator)
    evidence.issue_due()
    return procedure


def forged(folder, rows):
    """The files of a bundle with entries that were changed; those in the folder stay."""
    kept = verify.from_folder(folder)
    forge(folder, rows)
    files = verify.from_folder(folder)
    for name, data in kept.items():
        (folder / name).write_bytes(data)
    return files


@pytest.fixture
def folder_of(request, support_unit, tmp_path):
    """The unpacked bundle of one of the procedures above."""
    return lambda name: unpack(a_bundle(request.getfixturevalue(name), support_unit), tmp_path)


def test_what_a_window_led_to_is_told_by_state(folder_of):
    """S2, S13, S15: the Chair's settlement and the answer on paper, with their entries."""
    folder = folder_of("window")
    numbers = {one["entry"]["step"]: one["entry"]["number"] for one in entries(folder)}
    status, told = run("verify.py", cwd=folder)
    assert status == 0, told
    assert f"  IR: participation not formalised (entry {numbers['settled']})" in told
    assert f"  KZ: участие оформлено (запись {numbers['result_corrected']})" in told


def test_a_result_that_became_otherwise_twice(window, support_unit, other_staff, iran, tmp_path):
    """S2, S13: the Chair settled Iran, then its Note that had come in time was entered."""
    on_paper(window, iran, "participates", by=support_unit, other=other_staff)
    assert list(verify_ledger()) == []
    evidence.issue_due()
    status, told = run("verify.py", cwd=unpack(a_bundle(window, support_unit), tmp_path))
    assert status == 0, told
    settled = StateOutcome.objects.filter(state=iran, result="declined")
    with pgtrigger.ignore(
        *(f"documents.StateOutcome:{t.name}" for t in StateOutcome._meta.triggers)
    ):
        settled.update(result="lapsed")
    told = [str(one) for one in verify_ledger()]
    assert any("no entry tells “lapsed” of IR" in one for one in told), told
    assert any("what it settles for IR is not on record" in one for one in told), told


@pytest.mark.parametrize("name", ["annulled", "broken"])
def test_a_whole_course_fits(folder_of, name):
    """S13, S15."""
    status, told = run("verify.py", cwd=folder_of(name))
    assert status == 0, told


LATER = "2099-01-01T00:00:00.000000Z"


AGAINST_THE_RULES = {
    "window": [
        ("settled", {"state_result": "lapsed"}, "settles IR as 'lapsed' without"),
        ("settled", {"reason": {"en": "Letter.", "ru": ""}}, "settles IR as 'declined'"),
        ("settled", {"state_result_before": "lapsed"}, "it replaces 'lapsed', and"),
        ("settled", {"state": "UZ"}, "for which no window has closed"),
        ("settled", {"changes": {"KZ": []}}, "changes what is not its State's"),
        ("result_corrected", {"state_result": "declined"}, "gives KZ the result"),
        ("result_corrected", {"state": "IR"}, "it replaces 'to_be_settled_by_chair'"),
        ("result_corrected", {"step": "settled"}, "without the Chair's decision"),
        ("result_corrected", {"step": "noted"}, "is not corrected"),
        ("paper_confirmed", {"by": "support@example.org"}, "person who entered it"),
        ("paper_confirmed", {"answer": "declines"}, "confirms something else than"),
        ("paper_confirmed", {"note": 0}, "a note on paper that did not wait"),
        ("paper_confirmed", {"note_sha256": "0" * 64}, "confirms something else than"),
        ("paper_confirmed", {"recorded_at": LATER}, "after the time to confirm"),
        ("effects_applied", {"step": "noted"}, "before the window was applied"),
    ],
    "annulled": [
        ("annulled", {"undone": [{"pk": 7}]}, "takes back something else"),
        ("annulled", {"editions_annulled": []}, "takes back something else"),
        ("annulled", {"objection": "AZ"}, "without a confirmed Note Verbale"),
        ("annulled", {"step": "effects_applied"}, "or applies it again"),
        ("annulled", {"step": "noted"}, "and the adoption is not annulled"),
        ("effects_applied", {"step": "abandoned", "follow_up": 1}, "follows up a text"),
    ],
    "broken": [
        ("opened", {"opened_at": "2020-01-01T00:00:00.000000Z"}, "is dated otherwise than it was"),
        ("opened", {"opened_at": None}, "does not say when it opens"),
        ("opened", {"rules": "0"}, "follows rules '0', which this program does not know"),
        ("objection", {"recorded_at": LATER}, "is dated back"),
        ("objection", {"received_at": "2020-01-01T00:00:00.000000Z"}, "before the open"),
        ("objection", {"state": "US"}, "of a State that was not entitled"),
    ],
}


@pytest.mark.parametrize("name", AGAINST_THE_RULES)
def test_a_step_against_the_rules_is_named(folder_of, name):
    """S2, S6, S13, S15: every hash computed anew, the step itself is what is wrong."""
    folder = folder_of(name)
    for step, changed, sentence in AGAINST_THE_RULES[name]:
        rows = entries(folder)
        [row] = [one for one in rows if one["entry"]["step"] == step]
        row["entry"] |= changed
        report = verify.check(forged(folder, rows))
        about = [one for one in report.faults if sentence in one.line("en")]
        assert about, (step, changed, [one.line("en") for one in report.faults])
        assert about[0].number is not None
        assert about[0].line("ru").startswith("запись ")


URGENT = {"en": "At once.", "ru": "Срочно."}


@pytest.mark.parametrize(
    ("hours", "changed", "enough"),
    [
        (72, {}, True),
        (71, {}, False),
        (71, {"urgency": URGENT}, True),
        (71, {"urgency": {**URGENT, "ru": " "}}, False),
        (24, {"urgency": URGENT}, True),
        (23, {"urgency": URGENT}, False),
        (1, {"demonstration": True}, True),
        (0.01, {"demonstration": True}, False),
        (23, {"rules": "1", "urgency": URGENT}, False),
    ],
)
def test_a_period_is_as_long_as_the_rules_demand(hours, changed, enough):
    """S5: judged without the portal, by the rules of the entry."""
    opened = dt.datetime(2026, 11, 25, 9, tzinfo=dt.UTC)
    entry = {
        "rules": "2",
        "opened_at": instant(opened),
        "recorded_at": instant(opened),
        "deadline_at": instant(opened + dt.timedelta(hours=hours)),
        "urgency": {"en": "", "ru": ""},
        "demonstration": False,
        **changed,
    }
    told = [english for english, _russian in verify.faults_of_opening(entry)]
    assert [one.startswith("leaves the States") for one in told] == ([] if enough else [True])


def test_the_rules_of_today_are_known():
    """S5, S15: the program judges by the hours that the portal opens by."""
    hours = (settings.SILENCE_PERIOD_HOURS, settings.SILENCE_URGENT_PERIOD_HOURS)
    assert verify.PERIODS[RULES_VERSION] == hours


def test_a_demonstration_says_so(folder_of):
    """S16: nobody passes one off as a procedure of States."""
    _status, told = run("verify.py", cwd=folder_of("annulled"))
    assert "A demonstration: no State has taken part." in told
    assert "Учебная процедура." in told


def test_an_answer_after_the_outcome_is_named(folder_of):
    """S11: nothing is timely after the end but what came on paper."""
    folder = folder_of("annulled")
    rows = entries(folder)
    [opened] = [one["entry"] for one in rows if one["entry"]["step"] == "opened"]
    [row] = [one for one in rows if one["entry"]["step"] == "paper_entered"]
    at = opened["opened_at"]
    row["entry"] |= {
        "step": "joins",
        "answer": "joins",
        "received_at": at,
        "recorded_at": at,
        "late": False,
    }
    forge(folder, rows)
    faults = verify.check(verify.from_folder(folder)).faults
    number = row["entry"]["number"]
    assert (number, "came after the outcome") in [(one.number, one.en) for one in faults]


OTHER_FACTS = {
    "result": "adopted",
    "by_state": {"IR": "formalised"},
    "deadline_at": instant(dt.datetime(2026, 1, 1, tzinfo=dt.UTC)),
    "title": {"en": "Another", "ru": "Другое"},
    "states": ["IR"],
    "format": "another",
    "rules": "another",
    "document": "another",
    "edition": "another",
    "portal": "https://another.example",
    "notes": [{"sha256": "0" * 64}],
    "demonstration": False,
    "head": "0" * 64,
}


def test_a_fact_of_the_record_that_does_not_follow_is_named(folder_of):
    """S15: record.json is read by people too; what it says in short follows from its entries."""
    folder = folder_of("window")
    record = json.loads((folder / "record.json").read_text())
    for fact, value in OTHER_FACTS.items():
        (folder / "record.json").write_text(json.dumps({**record, fact: value}))
        relist(folder)
        report = verify.check(verify.from_folder(folder))
        assert [one.en for one in report.faults] == [
            f"record.json says something else as “{fact}” than its entries"
        ]
