"""Brackets that fall, in every text, whatever is under silence meanwhile (S2, S10, S12, S13)."""

import datetime as dt
import io

import pgtrigger
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from documents import markup
from documents.actions import archive, brackets, silence, texts
from documents.actions.ledger import verify_ledger
from documents.models import Edition, LanguageVersion, SilenceProcedure
from documents.offline import verify
from documents.reading import current_edition
from membership.models import Standing
from tests.documents.bundles import make_quickly
from tests.documents.test_verify_program import a_bundle
from tests.factories.documents import (
    BRACKETED,
    a_document,
    a_procedure,
    a_public_document,
    a_short_procedure,
    move_deadline,
)
from tests.factories.files import a_pdf

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
FAR = 26 * 60
DECISION = {"reason_en": "Letter of the Chair No. 7.", "reason_ru": "Письмо Председателя № 7."}
LIFTED = "{KZ|Kazakhstan}, {IR|Iran} and others agree."
STRUCK = "{KZ|Kazakhstan} and others agree."
STANDS = "{KZ|Kazakhstan}, [{IR|Iran}][^5] and others agree."


@pytest.fixture
def window(settings, support_unit, members, iran):
    """Closes a participation window of Iran, whose silence means what is given."""

    def make(means: str, edition=None) -> SilenceProcedure:
        procedure = a_short_procedure(
            settings,
            by=support_unit,
            seconds=-FAR,
            edition=edition or a_public_document(rows=BRACKETED),
            kind="participation_window",
            silence_means=means,
            states=[iran],
        )
        silence.close_due()
        return procedure

    return make


def text(document) -> str:
    return current_edition(document).paragraphs.get(number="2.").text_en


def note_on_paper(procedure, state, kind, by, other) -> None:
    note = silence.enter_paper_note(
        procedure=procedure,
        state=state,
        kind=kind,
        reason="As the Note says.",
        received_at=procedure.deadline_at - dt.timedelta(minutes=5),
        received_how="Stamp No. 41",
        file=SimpleUploadedFile("note.pdf", a_pdf()),
        by=by,
    )
    silence.confirm_paper_note(note=note, by=other)


def a_revision(document, by) -> Edition:
    edition = archive.create_edition(
        document=document,
        kind=Edition.Kind.REVISION,
        number=archive.next_number(document, Edition.Kind.REVISION),
        dated_on=dt.date(2026, 1, 2),
        supersedes=current_edition(document),
        by=by,
    )
    texts.set_text(edition=edition, rows=BRACKETED, by=by)
    return edition


def test_a_result_corrected_on_paper_mends_every_text(window, support_unit, other_staff, iran):
    """S13: struck in three texts when its silence meant that the offer lapsed; it had answered."""
    put, other = a_public_document(rows=BRACKETED), a_public_document(rows=BRACKETED)
    historic = a_public_document(rows=BRACKETED)
    with pgtrigger.ignore("documents.Edition:an_issued_edition_stays"):
        Edition.objects.filter(pk=historic.pk).update(historic=True)
    # one that never had the State in brackets, and one struck by hand before there was a window
    plain = a_public_document()
    by_hand = a_public_document(rows=BRACKETED)
    archive.issue_clean_edition(
        edition=by_hand, settlements={"IR": "struck"}, by=None, note_en="x", note_ru="x"
    )
    procedure = window("lapses", put)
    assert [text(one.document) for one in (put, other)] == [STRUCK] * 2
    note_on_paper(procedure, iran, "participates", support_unit, other_staff)
    assert [text(one.document) for one in (put, other)] == [LIFTED] * 2
    assert text(historic.document) == STANDS  # as it was issued; beside it:
    aside = historic.document.editions.filter(kind="clean").order_by("pk")
    assert [one.paragraphs.get(number="2.").text_en for one in aside] == [STRUCK, LIFTED]
    assert text(by_hand.document) == STRUCK
    assert plain.document.editions.count() == 1
    entry = procedure.ledger.get(step="result_corrected").entry
    assert [one["document"] for one in entry["clean_editions"]] == [
        one.document.slug for one in (put, other, historic)
    ]
    assert list(verify_ledger()) == []


def test_another_state_stays_as_it_fell(window, support_unit, other_staff, iran):
    """S12: what is made anew keeps what else was settled, and what still stands in brackets."""
    rows = [
        *BRACKETED[:3],
        {
            **BRACKETED[3],
            "text_en": "{KZ|Kazakhstan}, [{IR|Iran}][^5], [{TJ|Tajikistan}][^5], "
            "[{KG|Kyrgyzstan}][^5] agree.",
            "text_ru": "{KZ|Казахстан}, [{IR|Иран}][^5], [{TJ|Таджикистан}][^5], "
            "[{KG|Кыргызстан}][^5] согласны.",
        },
        BRACKETED[4],
    ]
    put = a_public_document(rows=rows)
    archive.issue_clean_edition(
        edition=put, settlements={"TJ": "lifted"}, by=None, note_en="x", note_ru="x"
    )
    procedure = window("lapses", put)
    assert "Iran" not in text(put.document)
    note_on_paper(procedure, iran, "participates", support_unit, other_staff)
    assert text(put.document) == (
        "{KZ|Kazakhstan}, {IR|Iran}, {TJ|Tajikistan}, [{KG|Kyrgyzstan}][^5] agree."
    )


@pytest.mark.parametrize(
    ("before", "settlements", "after"),
    [
        # the comma at the beginning of an enumeration falls with the name
        ("[{IR|Iran}], {KZ|Kazakhstan} agree.", {"IR": "struck"}, "{KZ|Kazakhstan} agree."),
        (
            "[{IR|Iran}][^5], [{TM|Turkmenistan}][^5], {KZ|Kazakhstan} agree.",
            {"IR": "struck", "TM": "struck"},
            "[^5]{KZ|Kazakhstan} agree.".replace("[^5]", "[^5][^5]"),
        ),
        # a footnote that says why a State stands in brackets marks no State that does not
        (
            "{KZ|Kazakhstan}, [{IR|Iran}][^5], [{TM|Turkmenistan}][^5] agree.",
            {"IR": "struck"},
            "{KZ|Kazakhstan}, [{TM|Turkmenistan}][^5] agree.",
        ),
        (
            "{KZ|Kazakhstan}, [{IR|Iran}][^5], [{TM|Turkmenistan}][^5] agree.",
            {"IR": "lifted"},
            "{KZ|Kazakhstan}, {IR|Iran}, [{TM|Turkmenistan}][^5] agree.",
        ),
        # and it stays where it is the only one
        (
            "[{IR|Iran}], [{TM|Turkmenistan}][^5] agree.",
            {"TM": "struck"},
            "[{IR|Iran}][^5] agree.",
        ),
        ("Of [{IR|Iran}], and others", {"IR": "struck"}, "Of, and others"),
        # the conjunction that joined it falls too, wherever it stood
        ("ask {KZ|A} and [{IR|B}] to act", {"IR": "struck"}, "ask {KZ|A} to act"),
        ("ask [{IR|B}] and {KZ|A} to act", {"IR": "struck"}, "ask {KZ|A} to act"),
        ("просить {KZ|А} и [{IR|Б}] о том", {"IR": "struck"}, "просить {KZ|А} о том"),
        ("просить [{IR|Б}], {KZ|А} и {TM|В}", {"IR": "struck"}, "просить {KZ|А} и {TM|В}"),
        ("{KZ|A}, {TM|B} and [{IR|C}][^5] act", {"IR": "struck"}, "{KZ|A} and {TM|B}[^5] act"),
        ("{KZ|A}, {TM|B}, and [{IR|C}] act", {"IR": "struck"}, "{KZ|A} and {TM|B} act"),
        (
            "{KZ|A}, {TM|B}, {TJ|C}, and [{IR|D}] act",
            {"IR": "struck"},
            "{KZ|A}, {TM|B}, and {TJ|C} act",
        ),
        (
            "ask {KZ|A}, [{TM|B}] and [{IR|C}] to act",
            {"IR": "struck", "TM": "lifted"},
            "ask {KZ|A} and {TM|B} to act",
        ),
        (
            "ask {KZ|A}, [{TM|B}] and [{IR|C}] to act",
            {"IR": "struck", "TM": "struck"},
            "ask {KZ|A} to act",
        ),
        # a conjunction that joins no State is left
        ("Agree, and [{IR|B}] acts", {"IR": "struck"}, "Agree, and acts"),
    ],
)
def test_what_falls_with_a_name(before, settlements, after):
    """S12, T5."""
    assert markup.settle(before, settlements) == after


def test_a_paragraph_that_named_a_struck_state_alone_falls(window):
    """S11, S12: as an item of a list of States; it holds up no window."""
    rows = [
        *BRACKETED[:3],
        {
            "role": "item",
            "number": "a)",
            "text_en": "{KZ|Kazakhstan};",
            "text_ru": "{KZ|Казахстан};",
        },
        {
            "role": "item",
            "number": "b)",
            "text_en": "[{IR|Iran}][^5].",
            "text_ru": "[{IR|Иран}][^5].",
        },
        BRACKETED[4],
    ]
    put = a_public_document(rows=rows)
    window("lapses", put)
    assert SilenceProcedure.objects.get().outcome.effects_at
    present = current_edition(put.document)
    assert [one.number for one in present.paragraphs.all()] == ["", "(i)", "1.", "a)"]


class TestMeanwhile:
    """A window settles a State while another text, which brackets it, is under silence."""

    def test_the_adopted_text_is_cleaned_after_its_adoption(self, window, settings, support_unit):
        draft = a_document(by=support_unit, rows=BRACKETED)
        asked = a_short_procedure(settings, by=support_unit, seconds=600, edition=draft)
        closed = window("formalised")
        assert not draft.document.editions.filter(kind="clean").exists()
        move_deadline(asked, -FAR)
        silence.close_due()
        outcome = SilenceProcedure.objects.get(pk=asked.pk).outcome
        assert outcome.edition_issued.paragraphs.get(number="2.").text_en == STANDS
        clean = current_edition(draft.document)
        assert (clean.kind, clean.supersedes) == ("clean", outcome.edition_issued)
        assert text(draft.document) == LIFTED
        entry = asked.ledger.get(step="brackets_fell").entry
        assert entry["windows"] == [closed.slug]
        assert [one["edition"] for one in entry["clean_editions"]] == ["clean"]
        assert silence.close_due() == 0
        assert draft.document.editions.filter(kind="clean").count() == 1

    @pytest.mark.parametrize("ends", ["broken", "withdrawn"])
    def test_the_text_in_force_is_cleaned_where_it_is_not_adopted(
        self, window, support_unit, kazakhstan, coordinator, ends
    ):
        """S7, S10: in the transaction of the objection, or of the Chair's withdrawal."""
        in_force = a_public_document(rows=BRACKETED)
        asked = a_procedure(by=support_unit, edition=a_revision(in_force.document, support_unit))
        window("lapses")
        assert text(in_force.document) == STANDS
        if ends == "broken":
            silence.break_silence(procedure=asked, state=kazakhstan, reason="No.", by=coordinator)
        else:
            silence.withdraw(procedure=asked, by=support_unit, **DECISION)
        assert text(in_force.document) == STRUCK
        assert asked.ledger.get(step="brackets_fell")
        assert list(verify_ledger()) == []

    def test_no_fault_in_it_undoes_an_objection(
        self, window, support_unit, kazakhstan, coordinator, monkeypatch, caplog
    ):
        """S7, S11."""
        in_force = a_public_document(rows=BRACKETED)
        asked = a_procedure(by=support_unit, edition=a_revision(in_force.document, support_unit))
        window("lapses")
        monkeypatch.setattr(brackets, "clean", lambda *args, **kwargs: 1 / 0)
        silence.break_silence(procedure=asked, state=kazakhstan, reason="No.", by=coordinator)
        assert SilenceProcedure.objects.get(pk=asked.pk).outcome.result == "broken"
        assert "have not fallen" in caplog.text

    def test_an_annulled_adoption_gives_back_a_text_without_them(
        self, window, settings, support_unit, other_staff, kazakhstan
    ):
        """S13."""
        in_force = a_public_document(rows=BRACKETED)
        revision = a_revision(in_force.document, support_unit)
        asked = a_short_procedure(settings, by=support_unit, seconds=600, edition=revision)
        window("lapses")
        asked = move_deadline(asked, -FAR)
        silence.close_due()
        note_on_paper(asked, kazakhstan, "objection", support_unit, other_staff)
        present = current_edition(in_force.document)
        assert (present.kind, present.annulled_at) == ("clean", None)
        assert text(in_force.document) == STRUCK

    def test_a_result_corrected_meanwhile_is_caught_up_with(
        self, window, support_unit, other_staff, iran, kazakhstan, coordinator
    ):
        """S13: it had been struck before; the State is named when the silence is over."""
        in_force = a_public_document(rows=BRACKETED)
        closed = window("lapses", in_force)
        assert text(in_force.document) == STRUCK
        asked = a_procedure(by=support_unit, edition=a_revision(in_force.document, support_unit))
        note_on_paper(closed, iran, "participates", support_unit, other_staff)
        assert text(in_force.document) == STRUCK
        silence.break_silence(procedure=asked, state=kazakhstan, reason="No.", by=coordinator)
        assert text(in_force.document) == LIFTED

    def test_a_text_put_after_a_window_keeps_what_was_written(
        self, window, support_unit, kazakhstan, coordinator
    ):
        """S10: what was settled before is for those who wrote the text."""
        window("lapses")
        in_force = a_public_document(rows=BRACKETED)
        asked = a_procedure(by=support_unit, edition=a_revision(in_force.document, support_unit))
        silence.break_silence(procedure=asked, state=kazakhstan, reason="No.", by=coordinator)
        assert text(in_force.document) == STANDS


class TestTakenBack:
    """S13: what a corrected result takes back, and what it cannot."""

    def test_is_on_the_ledger(self, window, support_unit, other_staff, iran):
        procedure = window("formalised")
        [made] = Standing.objects.in_force().filter(state=iran)
        note_on_paper(procedure, iran, "declines", support_unit, other_staff)
        made.refresh_from_db()
        assert made.annulled_at
        entry = procedure.ledger.get(step="result_corrected").entry
        assert made.pk in [one["pk"] for one in entry["undone"]]
        assert entry["not_undone"] == []
        assert list(verify_ledger()) == []
        Standing.objects.update(annulled_at=None)
        assert any("is not marked as annulled" in one.what for one in verify_ledger())

    def test_what_somebody_changed_since_is_told_to_staff(
        self, window, support_unit, other_staff, iran, client_of
    ):
        former = Standing.objects.get(state=iran)
        procedure = window("formalised")
        moved = dt.date(2020, 1, 1)
        Standing.objects.filter(pk=former.pk).update(until_on=moved)
        note_on_paper(procedure, iran, "declines", support_unit, other_staff)
        former.refresh_from_db()
        assert former.until_on == moved
        entry = procedure.ledger.get(step="result_corrected").entry
        assert [one["pk"] for one in entry["not_undone"]] == [former.pk]
        page = client_of(support_unit).get(
            reverse("admin:documents_silenceprocedure_change", args=[procedure.pk])
        )
        assert page.status_code == 200
        told = page.content.decode()
        assert reverse("admin:membership_standing_change", args=[former.pk]) in told

    def test_a_bundle_that_takes_back_more_is_named(
        self, window, support_unit, other_staff, iran, monkeypatch, settings
    ):
        """S15."""
        procedure = window("formalised")
        note_on_paper(procedure, iran, "declines", support_unit, other_staff)
        make_quickly(monkeypatch, settings)
        files = verify.from_zip(io.BytesIO(a_bundle(procedure, support_unit)))
        report = verify.check(files)
        assert [one.line("en") for one in report.faults] == []
        lines = verify.lines_of(files["ledger.jsonl"].decode(), verify.Report())
        for line in lines:
            if line.step == "result_corrected":
                line.entry["undone"].append({"record": "membership.standing", "pk": 1})
        told = verify.Report()
        verify.Told(lines, told)
        assert ["takes back something else" in one.en for one in told.faults] == [True]


def test_a_revision_that_was_begun_holds_up_no_window(window, support_unit):
    """S11, S12: the line of editions goes on from it; the text in force is what is cleaned."""
    put = a_public_document(rows=BRACKETED)
    begun = a_revision(put.document, support_unit)
    window("formalised", put)
    clean = current_edition(put.document)
    assert (clean.kind, clean.supersedes) == ("clean", begun)
    assert text(put.document) == LIFTED
    assert SilenceProcedure.objects.get().outcome.effects_at


def test_a_clean_edition_that_is_not_on_record_is_named(window, iran):
    """S15."""
    window("lapses")
    assert list(verify_ledger()) == []
    with pgtrigger.ignore():
        LanguageVersion.objects.filter(edition__kind="clean").update(text_hash="0" * 64)
    assert any("the clean edition that it tells of differs" in one.what for one in verify_ledger())
