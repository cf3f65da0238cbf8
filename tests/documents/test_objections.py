"""An objection in two steps: fresh sign-in, paragraphs, Note Verbale, once (S7, S14, P7, P8)."""

import pytest
from django.conf import settings as portal
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils import translation

from almaty_portal.common.errors import DomainError
from documents import uploads
from documents.actions import silence
from documents.actions.ledger import verify_ledger
from documents.models import (
    Edition,
    ObjectionPoint,
    SilenceResponse,
    TechnicalCorrection,
)
from tests.documents.test_silence_pages import confirm, url
from tests.factories.documents import (
    ROWS,
    a_document,
    a_procedure,
    a_public_document,
)
from tests.factories.files import a_file, a_pdf

pytestmark = pytest.mark.django_db

PDF = a_pdf(note="A Note Verbale.")
MINUTE = 60


@pytest.fixture
def procedure(support_unit, members):
    return a_procedure(by=support_unit)


def paragraph(procedure, number):
    return procedure.text_edition().paragraphs.get(number=number)


def draft(client, procedure, language="en", **fields):
    """The first step, sent."""
    return client.post(url("silence_break", procedure.slug, language=language), fields)


def corrected(procedure, by) -> Edition:
    """The text of a technical correction."""
    rows = [{**row, "text_en": row["text_en"].replace("protect", "protect the")} for row in ROWS]
    edition = a_public_document(rows=rows)
    TechnicalCorrection.objects.create(
        procedure=procedure,
        edition=edition,
        note_en="A word.",
        note_ru="Слово.",
        made_at=procedure.opened_at,
        by=by,
    )
    return edition


class TestByParagraph:
    def test_points_and_wording_go_on_record(
        self, procedure, client_of, coordinator, other_coordinator
    ):
        """S7, S8: told on the second page, stored, in the ledger, and seen by the other States."""
        one = paragraph(procedure, "1.")
        client = client_of(coordinator)
        name = f"p-{one.anchor}"
        draft(
            client,
            procedure,
            reason="No day is set.",
            **{f"{name}_object": "on", f"{name}_en": "Decide to protect all refugees."},
        )
        page = client.get(url("silence_confirm", procedure.slug)).content.decode()
        assert '<ins class="redline">' in page
        assert "all " in page.partition('<ins class="redline">')[2][:120]
        confirm(client, procedure)
        point = ObjectionPoint.objects.get()
        assert (point.paragraph, point.proposed_en, point.proposed_ru) == (
            one,
            "Decide to protect all refugees.",
            "",
        )
        entry = procedure.ledger.get(step="objection").entry
        assert entry["points"] == [
            {"anchor": one.anchor, "en": "Decide to protect all refugees.", "ru": ""}
        ]
        assert [str(fault) for fault in verify_ledger()] == []
        seen = client_of(other_coordinator).get(url("silence_detail", procedure.slug))
        text = seen.content.decode()
        assert "No day is set." in text
        assert "Paragraph 1." in text
        assert '<ins class="redline">' in text

    def test_wording_left_as_it_stands_proposes_nothing(self, procedure, client_of, coordinator):
        client = client_of(coordinator)
        first, second = paragraph(procedure, "(i)"), paragraph(procedure, "1.")
        fields = {f"p-{one.anchor}_{c}": getattr(one, f"text_{c}")
                  for one in (first, second) for c in ("en", "ru")}  # fmt: skip
        fields[f"p-{second.anchor}_ru"] = "Постановляют защищать всех беженцев."
        draft(client, procedure, reason="No.", **fields)
        confirm(client, procedure)
        point = ObjectionPoint.objects.get()
        assert point.paragraph == second
        assert (point.proposed_en, point.proposed_ru) == (
            "",
            "Постановляют защищать всех беженцев.",
        )

    def test_present_text_is_offered_in_both_languages(self, procedure, client_of, coordinator):
        page = client_of(coordinator).get(url("silence_break", procedure.slug)).content.decode()
        assert "Decide to protect refugees.</textarea>" in page
        assert "Постановляют защищать беженцев.</textarea>" in page

    def test_paragraph_of_another_text_is_refused(
        self, procedure, support_unit, coordinator, kazakhstan
    ):
        other = a_document(by=support_unit).paragraphs.get(number="1.")
        with translation.override("en"), pytest.raises(DomainError, match="not of this text"):
            silence.break_silence(
                procedure=procedure,
                state=kazakhstan,
                reason="No.",
                by=coordinator,
                points=[(other, "", "")],
            )
        assert not SilenceResponse.objects.exists()

    def test_text_corrected_between_the_steps_is_shown_again(
        self, procedure, client_of, coordinator, support_unit
    ):
        """S10: what was typed is kept; who sends it all the same has objected in time."""
        client = client_of(coordinator)
        name = f"p-{paragraph(procedure, '1.').anchor}"
        draft(client, procedure, reason="Kept words.", **{f"{name}_object": "on"})
        edition = corrected(procedure, support_unit)
        page = client.get(url("silence_confirm", procedure.slug, language="en"), follow=True)
        text = page.content.decode()
        assert "The text was corrected while you wrote" in text
        assert "Kept words." in text
        assert "Decide to protect the refugees.</textarea>" in text
        assert f'id="id_{name}_object" checked' in text
        confirm(client, procedure)
        assert SilenceResponse.objects.get().kind == "objection"
        assert ObjectionPoint.objects.get().paragraph.edition == edition

    def test_text_corrected_while_the_first_page_was_open(
        self, procedure, client_of, coordinator, support_unit
    ):
        """S7, S10: what the State left as it stood is not taken for its proposal."""
        client, one = client_of(coordinator), paragraph(procedure, "1.")
        name, before = f"p-{one.anchor}", procedure.text_edition()
        page = client.get(url("silence_break", procedure.slug)).content.decode()
        assert f'name="edition" value="{before.pk}"' in page
        corrected(procedure, support_unit)
        sent = {"edition": before.pk, "reason": "No.", f"{name}_object": "on"}
        typed = {f"{name}_en": one.text_en, f"{name}_ru": "Иной текст."}
        draft(client, procedure, **sent, **typed)
        page = client.get(url("silence_confirm", procedure.slug, language="en"), follow=True)
        assert "The text was corrected while you wrote" in page.content.decode()
        confirm(client, procedure)
        point = ObjectionPoint.objects.get()
        assert (point.proposed_en, point.proposed_ru) == ("", "Иной текст.")
        assert point.paragraph.edition != before


class TestNoteVerbale:
    def test_is_kept_told_and_downloaded_by_members_alone(
        self, procedure, client_of, coordinator, other_coordinator, observer, chair, anonymous
    ):
        """S7, P3, T6."""
        client = client_of(coordinator)
        draft(client, procedure, reason="No.")
        confirm(client, procedure, note=SimpleUploadedFile("Нота № 7.pdf", PDF))
        response = SilenceResponse.objects.get()
        assert (response.note_name, response.note_size) == ("Нота № 7.pdf", len(PDF))
        assert procedure.ledger.get(step="objection").entry["note_sha256"] == response.note_sha256
        assert [str(fault) for fault in verify_ledger()] == []
        address = url("silence_note", procedure.slug, response.pk)
        answer = client_of(other_coordinator).get(address)
        assert b"".join(answer.streaming_content) == PDF
        assert answer["Content-Type"] == "application/octet-stream"
        assert answer["Content-Disposition"].startswith("attachment")
        assert answer["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in answer["Content-Security-Policy"]
        assert "no-store" in answer["Cache-Control"]
        for stranger in (observer, chair, anonymous):
            assert client_of(stranger).get(address).status_code == 404
        assert (
            address
            in client_of(other_coordinator)
            .get(url("silence_detail", procedure.slug))
            .content.decode()
        )

    @pytest.mark.parametrize(
        ("name", "content", "sentence"),
        [
            ("note.pdf", b"<html>", "not what its name says"),
            ("note.html", b"<script>alert(1)</script>", "Files of this kind are not kept"),
            ("note.xlsx", b"PK", "Files of this kind are not kept"),
            ("note.docx", b"PK not a zip", "not what its name says"),
            ("note.svg", b"<svg/>", "Files of this kind are not kept"),
            ("note.pdf", b"", "The file is empty"),
        ],
    )
    def test_wrong_file_is_a_sentence_and_nothing_is_stored(
        self, procedure, client_of, coordinator, name, content, sentence
    ):
        """Issue, bad input: a file of the wrong type; F14."""
        client = client_of(coordinator)
        draft(client, procedure, reason="Kept words.")
        page = confirm(client, procedure, note=SimpleUploadedFile(name, content))
        assert page.status_code == 422
        text = page.content.decode()
        assert sentence in text
        assert "Kept words." in text
        assert page.context["form"].errors["note"]
        assert not SilenceResponse.objects.exists()

    def test_too_large_is_a_sentence(self, procedure, client_of, coordinator, monkeypatch):
        """Issue, bad input: a file over 25 MB."""
        assert uploads.MAX_BYTES == 25 * 1024 * 1024
        client = client_of(coordinator)
        draft(client, procedure, reason="No.", language="ru")
        content = PDF + b"0" * uploads.MAX_BYTES
        page = client.post(
            url("silence_confirm", procedure.slug, language="ru"),
            {"understood": "on", "note": SimpleUploadedFile("n.pdf", content)},
        )
        assert page.status_code == 422
        assert "больше 25 МБ" in page.content.decode()
        assert not SilenceResponse.objects.exists()

    @pytest.mark.parametrize("suffix", ["docx", "odt", "jpg", "png"])
    def test_other_kinds_that_are_kept(self, procedure, client_of, coordinator, suffix):
        content = a_file(suffix)
        client = client_of(coordinator)
        draft(client, procedure, reason="No.")
        confirm(client, procedure, note=SimpleUploadedFile(f"note.{suffix}", content))
        assert SilenceResponse.objects.get().note_size == len(content)

    def test_disk_full_is_a_sentence(self, procedure, client_of, coordinator, monkeypatch):
        """F11: no row, a clear sentence, and what was written is kept."""
        from django.core.files.storage import default_storage

        def full(*args, **kwargs):
            raise OSError(28, "No space left on device")

        monkeypatch.setattr(type(default_storage._wrapped), "_save", full)
        client = client_of(coordinator)
        draft(client, procedure, reason="Kept words.")
        page = confirm(client, procedure, note=SimpleUploadedFile("note.pdf", PDF))
        assert page.status_code == 422
        assert "could not be kept" in page.content.decode()
        assert not SilenceResponse.objects.exists()


class TestFreshSignIn:
    @pytest.mark.parametrize(("minutes", "status"), [(1, 200), (4, 200), (6, 302), (600, 302)])
    def test_the_page_asks_for_it(self, procedure, client_of, coordinator, minutes, status):
        """P8: at most 5 minutes old."""
        assert portal.ACCOUNT_REAUTHENTICATION_TIMEOUT == 5 * MINUTE
        page = client_of(coordinator, ago=minutes * MINUTE).get(
            url("silence_break", procedure.slug)
        )
        assert page.status_code == status
        if status == 302:
            assert page.url.startswith(reverse("account_reauthenticate"))
            assert "next=%2Fen%2Fportal" in page.url

    def test_what_was_typed_outlives_a_sign_in_that_grew_old(
        self, procedure, client_of, coordinator
    ):
        """P8: over 30 minutes it is kept, asked for anew, and shown filled in."""
        client = client_of(coordinator, ago=31 * MINUTE)
        one = paragraph(procedure, "1.")
        fields = {f"p-{one.anchor}_ru": "Новая формулировка."}
        page = draft(client, procedure, reason="Half an hour of words.", **fields)
        assert page.status_code == 302
        assert page.url.startswith(reverse("account_reauthenticate"))
        back = client.post(page.url, {"password": "a long enough passphrase"}, follow=True)
        text = back.content.decode()
        assert "Half an hour of words." in text
        assert "Новая формулировка.</textarea>" in text
        assert not SilenceResponse.objects.exists()

    def test_the_act_itself_asks_for_it(self, procedure, client_of, coordinator):
        client = client_of(coordinator, ago=29 * MINUTE)
        draft(client, procedure, reason="No.")
        session = client.session
        for record in session["account_authentication_methods"]:
            record["at"] -= 2 * MINUTE
        session.save()
        page = client.post(url("silence_confirm", procedure.slug), {"understood": "on"})
        assert page.url.startswith(reverse("account_reauthenticate"))
        assert not SilenceResponse.objects.exists()

    def test_without_a_draft_the_second_step_leads_to_the_first(
        self, procedure, client_of, coordinator
    ):
        page = client_of(coordinator).post(
            url("silence_confirm", procedure.slug), {"understood": "on"}
        )
        assert page.url == url("silence_break", procedure.slug)
        assert not SilenceResponse.objects.exists()
