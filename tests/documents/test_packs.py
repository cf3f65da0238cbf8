"""Packs of documents: chosen, set as one PDF, sent, received (rule T7)."""

import datetime as dt
import io
import re

import pypdf
import pytest
from django.core import mail
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from almaty_portal.common.errors import DomainError
from almaty_portal.common.instants import almaty_today
from almaty_portal.common.mail import send_waiting
from almaty_portal.common.models import AuditRecord, Notice
from documents import packs as making
from documents.actions import packs
from documents.actions.archive import set_access, withdraw_document
from documents.models import Edition, LanguageVersion, Pack, PackFile, PackItem, PackReceipt
from documents.periodic import render_waiting
from documents.permissions import can_pack
from meetings.models import Meeting
from tests.factories.documents import BRACKETED, ROWS, a_document, a_public_document

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def meeting(db):
    return Meeting.objects.create(
        slug="som",
        type=Meeting.Type.SOM,
        title_en="A Senior Officials Meeting",
        title_ru="Встреча старших должностных лиц",
        city_en="Almaty",
        city_ru="Алматы",
        from_on=almaty_today(),
        last_on=almaty_today() + dt.timedelta(days=1),
    )


@pytest.fixture
def texts(meeting, members, iran, support_unit):
    """A public decision with brackets, a draft for Members, a text for observers."""
    public = a_public_document(by=support_unit, rows=BRACKETED, meeting=meeting)
    draft = a_document(by=support_unit, issued=True, access="members", meeting=meeting)
    circulated = a_document(
        by=support_unit, issued=True, kind=Edition.Kind.FINAL, access="observers", meeting=meeting
    )
    return {"public": public, "draft": draft, "circulated": circulated}


def a_pack(meeting, by, access="members", kind="materials") -> Pack:
    return packs.create_pack(
        meeting=meeting, kind=kind, access=access, note_en="", note_ru="", by=by
    )


def editions(pack) -> list[Edition]:
    return [one.edition for one in pack.items.all()]


@pytest.fixture
def quick(monkeypatch):
    """A PDF of three pages, made at once."""
    pages = pypdf.PdfWriter()
    for _page in range(3):
        pages.add_blank_page(100, 100)
    buffer = io.BytesIO()
    pages.write(buffer)
    monkeypatch.setattr("documents.packs.common.make_pdf", lambda *a, **kw: buffer.getvalue())


def prepared(pack, by) -> Pack:
    packs.prepare_pack(pack=pack, by=by)
    for file in pack.files.all():
        making.make_pack_file(file_id=file.pk)
    return pack


def sent(pack, by) -> Pack:
    return packs.send_pack(pack=prepared(pack, by), by=by)


class TestChoosing:
    def test_begins_with_what_all_who_get_it_may_read(self, meeting, texts, support_unit):
        """T6: a pack for observers holds no draft, a public one nothing that is circulated."""
        assert set(editions(a_pack(meeting, support_unit))) == set(texts.values())
        observers = editions(a_pack(meeting, support_unit, "observers"))
        assert set(observers) == {texts["public"], texts["circulated"]}
        assert editions(a_pack(meeting, support_unit, "public")) == [texts["public"]]

    def test_numbers_go_on(self, meeting, support_unit):
        labels = [a_pack(meeting, support_unit).label for _again in range(2)]
        assert labels == ["Materials", "Materials 2"]
        assert AuditRecord.objects.filter(action="create_pack", by=support_unit).count() == 2

    def test_a_compilation_is_made_after_the_meeting_has_begun(self, meeting, support_unit):
        meeting.from_on += dt.timedelta(days=1)
        meeting.save()
        with pytest.raises(DomainError, match="made after the meeting"):
            a_pack(meeting, support_unit, kind="compilation")

    @pytest.mark.parametrize(
        ("person", "may"),
        [
            ("support_unit", True),
            ("chair", False),
            ("coordinator", False),
            ("deputy", False),
            ("observer", False),
            ("anonymous", False),
        ],
    )
    def test_who_packs(self, request, meeting, person, may):
        """OM 3.iii: the Support Unit collects and distributes."""
        user = request.getfixturevalue(person)
        assert can_pack(user) is may
        if not may:
            with pytest.raises(DomainError, match="Only the Support Unit"):
                a_pack(meeting, user)

    def test_places_are_numbered_anew(self, meeting, texts, support_unit):
        pack = a_pack(meeting, support_unit)
        first, *_others = pack.items.all()
        PackItem.objects.filter(pk=first.pk).update(position=PackItem.LAST)
        packs.number_items(pack=pack)
        assert [one.position for one in pack.items.all()] == [1, 2, 3]
        assert pack.items.last() == first


class TestPreparing:
    def test_an_empty_pack_is_refused(self, meeting, support_unit):
        with pytest.raises(DomainError, match="The pack is empty"):
            packs.prepare_pack(pack=a_pack(meeting, support_unit), by=support_unit)
        assert not PackFile.objects.exists()

    def test_what_not_all_may_read_is_named(self, meeting, texts, support_unit):
        """T6, for a document that was put into the pack by hand."""
        pack = a_pack(meeting, support_unit, "observers")
        PackItem.objects.create(pack=pack, edition=texts["draft"])
        with pytest.raises(DomainError, match=re.escape(str(texts["draft"]))):
            packs.prepare_pack(pack=pack, by=support_unit)

    def test_one_job_for_each_language(self, meeting, texts, support_unit, quick, monkeypatch):
        given = []
        monkeypatch.setattr(
            "documents.periodic.render_pack.apply_async", lambda args, **kw: given.append(args[0])
        )
        pack = a_pack(meeting, support_unit)
        packs.prepare_pack(pack=pack, by=support_unit)
        packs.prepare_pack(pack=pack, by=support_unit)  # asked for twice, made once
        files = list(pack.files.all())
        assert [one.language for one in files] == ["en", "ru"]
        render_waiting()
        assert sorted(given) == [one.pk for one in files]
        making.make_pack_file(file_id=files[0].pk)
        files[0].refresh_from_db()
        assert (files[0].status, files[0].progress, files[0].pages) == ("ready", 100, 3)

    def test_made_anew_when_the_pack_says_something_else(self, meeting, texts, support_unit, quick):
        pack = prepared(a_pack(meeting, support_unit), support_unit)
        assert all(making.is_current(one) for one in pack.files.all())
        pack.items.first().delete()
        assert not any(making.is_current(one) for one in pack.files.all())
        packs.prepare_pack(pack=pack, by=support_unit)
        assert {one.status for one in pack.files.all()} == {"waiting"}


def outline(entries, reader) -> list:
    """The bookmarks as (level, title, page from 1)."""
    found = []

    def walk(some, level):
        for one in some:
            if isinstance(one, list):
                walk(one, level + 1)
            else:
                found.append((level, one.title, reader.get_destination_page_number(one) + 1))

    walk(entries, 1)
    return found


@pytest.mark.parametrize(
    ("language", "contents", "missing", "page"),
    [
        ("en", "Contents", "This document has no text in this language.", "Page 2 of"),
        ("ru", "Содержание", "У этого документа нет текста на этом языке.", "Стр. 2 из"),
    ],
)
def test_one_pdf_with_cover_contents_bookmarks_and_page_numbers(
    meeting, texts, support_unit, language, contents, missing, page
):
    """T7; T2: a document without a text in the language is listed, and says so."""
    other = {"en": "ru", "ru": "en"}[language]
    rows = [{**row, f"text_{language}": ""} for row in ROWS]
    alone = a_document(by=support_unit, rows=rows, access="public", meeting=meeting)
    alone.language_versions.all().delete()
    for code, standing in ((other, "original"), (language, "missing")):
        LanguageVersion.objects.create(edition=alone, language=code, standing=standing)
    Edition.objects.filter(pk=alone.pk).update(issued_at=dt.datetime.now(dt.UTC))
    pack = a_pack(meeting, support_unit)
    assert len(editions(pack)) == 4
    data = making.render(pack, making.content(pack, language))
    reader = pypdf.PdfReader(io.BytesIO(data))
    root = reader.trailer["/Root"]
    assert root["/Lang"] == language and root["/MarkInfo"]["/Marked"]
    pages = [" ".join(one.extract_text().split()) for one in reader.pages]
    assert getattr(meeting, f"title_{language}") in pages[0]
    assert contents in pages[1] and page in pages[1]
    assert any(missing in one for one in pages[2:])
    assert f"{len(pages)}" in pages[-1]
    marks = outline(reader.outline, reader)
    parts = [one for one in marks if re.match(r"\d+\. ", one[1])]
    assert [one[1].split(".")[0] for one in parts] == ["1", "2", "3", "4"]
    assert [one[2] for one in parts] == sorted({one[2] for one in parts})
    for (_level, title, number), edition in zip(parts, editions(pack), strict=True):
        name = getattr(edition.document, f"title_{language}")
        assert title.endswith(name) and name in pages[number - 1]
        assert re.search(rf"{re.escape(name)}\D*?[ .]*{number}\b", pages[1])  # as contents tell it


class TestSending:
    def test_only_when_both_files_say_what_the_texts_say(
        self, meeting, texts, support_unit, coordinator, quick
    ):
        pack = a_pack(meeting, support_unit)
        with pytest.raises(DomainError, match="Prepare the PDF files first"):
            packs.send_pack(pack=pack, by=support_unit)
        prepared(pack, support_unit)
        pack.items.first().delete()
        with pytest.raises(DomainError, match="Prepare the PDF files first"):
            packs.send_pack(pack=pack, by=support_unit)
        assert not Notice.objects.exists()

    def test_to_nobody_is_refused(self, meeting, texts, members, support_unit, quick):
        with pytest.raises(DomainError, match="Nobody would get it"):
            sent(a_pack(meeting, support_unit), support_unit)

    def test_each_is_told_once_in_their_language(
        self,
        meeting,
        texts,
        support_unit,
        coordinator,
        deputy,
        other_coordinator,
        observer,
        quick,
    ):
        pack = sent(a_pack(meeting, support_unit, "observers"), support_unit)
        people = {coordinator, deputy, other_coordinator, observer}
        assert {one.user for one in pack.receipts.all()} == people
        assert Notice.objects.filter(event=f"pack-{pack.pk}").count() == 4
        send_waiting()
        letters = {one.to[0]: one for one in mail.outbox}
        assert letters["kz@example.org"].subject == (
            "Материалы к встрече: Встреча старших должностных лиц"
        )
        english = letters["az@example.org"]
        assert english.subject == "Materials for the meeting: A Senior Officials Meeting"
        assert f"/en/meetings/som/packs/{pack.pk}/" in english.body

    def test_a_pack_for_members_goes_to_no_observer(
        self, meeting, texts, support_unit, coordinator, observer, quick
    ):
        pack = sent(a_pack(meeting, support_unit), support_unit)
        assert [one.user for one in pack.receipts.all()] == [coordinator]

    def test_it_stays_as_everybody_has_it(self, meeting, texts, support_unit, coordinator, quick):
        """By triggers, for whoever writes."""
        pack = sent(a_pack(meeting, support_unit), support_unit)
        with pytest.raises(DomainError, match="was sent and stays"):
            packs.send_pack(pack=pack, by=support_unit)
        item, file, other = pack.items.first(), pack.files.first(), a_document(by=support_unit)
        for write in (
            lambda: Pack.objects.filter(pk=pack.pk).update(access="public"),
            lambda: PackItem.objects.filter(pk=item.pk).delete(),
            lambda: PackItem.objects.filter(pk=item.pk).update(position=9),
            lambda: PackItem.objects.create(pack=pack, edition=other),
            lambda: PackFile.objects.filter(pk=file.pk).update(sha256="0"),
            lambda: PackReceipt.objects.filter(pack=pack).delete(),
        ):
            refused = pytest.raises(DatabaseError, match=r"sent cannot be changed|Cannot")
            with refused, transaction.atomic():
                write()


class TestReceipts:
    def test_confirmed_once(self, meeting, texts, support_unit, coordinator, client_of, quick):
        pack = sent(a_pack(meeting, support_unit), support_unit)
        client = client_of(coordinator)
        page = client.get(f"/en/meetings/som/packs/{pack.pk}/")
        assert "Please confirm receipt." in page.content.decode()
        assert str(pack) in client.get("/en/portal/").content.decode()
        address = reverse("pack_receipt", args=["som", pack.pk])
        assert client.get(address).status_code == 405  # P7: a mail scanner confirms nothing
        assert client.post(address).status_code == 303
        first = pack.receipts.get().confirmed_at
        assert first is not None
        assert client.post(address).status_code == 303
        assert pack.receipts.get().confirmed_at == first
        page = client.get(f"/ru/meetings/som/packs/{pack.pk}/")
        assert "Вы подтвердили получение." in page.content.decode()

    def test_only_by_those_who_got_it(
        self, meeting, texts, support_unit, coordinator, deputy, quick
    ):
        pack = sent(a_pack(meeting, support_unit), support_unit)
        with pytest.raises(DomainError, match="not sent to you"):
            packs.confirm_receipt(pack=pack, by=support_unit)


class TestReading:
    @pytest.mark.parametrize(
        ("access", "readers"),
        [
            ("members", {"support_unit", "coordinator"}),
            ("observers", {"support_unit", "coordinator", "observer"}),
            ("public", {"support_unit", "coordinator", "observer", "chair", "anonymous"}),
        ],
    )
    def test_page_and_files_are_for_those_who_get_it(
        self, request, meeting, texts, support_unit, client_of, quick, access, readers
    ):
        """T6: for everybody else it exists nowhere."""
        people = ["support_unit", "coordinator", "observer", "chair", "anonymous"]
        users = {name: request.getfixturevalue(name) for name in people}
        pack = sent(a_pack(meeting, support_unit, access), support_unit)
        address = f"/en/meetings/som/packs/{pack.pk}/"
        for name, user in users.items():
            client = client_of(user)
            for one in (address, f"{address}ru.pdf"):
                answer = client.get(one)
                assert answer.status_code == (200 if name in readers else 404), (name, one)
                if answer.streaming:
                    assert b"".join(answer.streaming_content).startswith(b"%PDF")
            meeting_page = client.get("/en/meetings/som/").content.decode()
            assert (address in meeting_page) is (name in readers)

    def test_before_it_is_sent_for_the_support_unit_alone(
        self, meeting, texts, support_unit, coordinator, client_of, quick
    ):
        pack = prepared(a_pack(meeting, support_unit, "public"), support_unit)
        address = f"/en/meetings/som/packs/{pack.pk}/en.pdf"
        assert client_of(coordinator).get(address).status_code == 404
        answer = client_of(support_unit).get(address)
        assert answer.status_code == 200
        assert answer["Content-Disposition"] == 'attachment; filename="som-materials-en.pdf"'
        assert answer["Cache-Control"].startswith("private, no-store")
        assert b"".join(answer.streaming_content).startswith(b"%PDF")

    @pytest.mark.parametrize("how", ["withdrawn", "restricted"])
    def test_it_ends_with_one_of_its_documents(
        self, meeting, texts, support_unit, coordinator, client, quick, how
    ):
        """P3: a link dies on withdrawal; T6: what was restricted since is no longer given."""
        pack = sent(a_pack(meeting, support_unit, "public"), support_unit)
        address = f"/en/meetings/som/packs/{pack.pk}/"
        assert client.get(address).status_code == 200
        document = texts["public"].document
        if how == "withdrawn":
            withdraw_document(
                document=document, reason_en="An error.", reason_ru="Ошибка.", by=None
            )
        else:
            set_access(document=document, access="members", by=None)
        assert client.get(address).status_code == 404
        assert client.get(f"{address}en.pdf").status_code == 404

    def test_a_newer_one_is_named(self, meeting, texts, support_unit, coordinator, client, quick):
        old = sent(a_pack(meeting, support_unit, "public"), support_unit)
        new = sent(a_pack(meeting, support_unit, "public"), support_unit)
        page = client.get(f"/en/meetings/som/packs/{old.pk}/").content.decode()
        assert "A newer one replaces it." in page and new.get_absolute_url() in page

    def test_its_page_costs_the_same_with_one_document_and_with_twenty(
        self, meeting, support_unit, coordinator, client, quick
    ):
        costs = []
        for number in (1, 19):
            for _one in range(number):
                a_public_document(by=support_unit, meeting=meeting)
            pack = sent(a_pack(meeting, support_unit, "public"), support_unit)
            with CaptureQueriesContext(connection) as queries:
                assert client.get(f"/en/meetings/som/packs/{pack.pk}/").status_code == 200
            costs.append(len(queries))
        assert costs[0] == costs[1]
