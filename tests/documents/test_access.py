"""Who may read a document, why, and what is left of it: rules T3, T6, T8."""

import datetime as dt

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.urls import reverse

from almaty_portal.common.errors import DomainError
from almaty_portal.common.models import AuditRecord
from documents.actions import archive, texts
from documents.actions.access import set_access
from documents.models import AccessChange, Edition
from tests.factories.documents import ROWS, a_document, a_procedure, a_public_document

pytestmark = pytest.mark.django_db
REASONS = {"reason_en": "Agreed by the Members.", "reason_ru": "С согласия государств."}


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    settings.SECOND_FACTOR_REQUIRED = False


@pytest.fixture
def restricted():
    return a_document(issued=True, kind="final", access="members", slug="one").document


def test_derestriction_is_told_on_the_page_to_the_public(client, restricted, support_unit):
    """T6: when, from whom to whom, and why; nothing of it before."""
    assert client.get("/en/documents/one/").status_code == 404
    set_access(document=restricted, access="public", by=support_unit, **REASONS)
    page = client.get("/en/documents/one/").content.decode()
    assert "Derestricted" in page
    assert "Agreed by the Members." in page
    page = client.get("/ru/documents/one/history/").content.decode()
    assert "Ограничение доступа снято" in page
    assert "С согласия государств." in page
    assert support_unit.email not in page
    assert AuditRecord.objects.get(action="set_access").by == support_unit


def test_a_restriction_hides_the_document_at_once(client, client_of, observer):
    """T6: for whoever may not read it any longer it exists nowhere."""
    document = a_public_document(slug="one").document
    set_access(document=document, access="observers", by=None, **REASONS)
    assert client.get("/en/documents/one/").status_code == 404
    page = client_of(observer).get("/en/documents/one/").content.decode()
    assert "Derestricted" not in page
    page = client_of(observer).get("/en/documents/one/history/").content.decode()
    assert "Restricted" in page


def test_a_reason_in_both_languages_and_a_change(restricted, support_unit):
    for reasons in ({**REASONS, "reason_ru": " "}, {}):
        with pytest.raises(DomainError, match=r"both languages|обоих языках"):
            set_access(document=restricted, access="public", by=support_unit, **reasons)
    with pytest.raises(DomainError, match=r"already|уже"):
        set_access(document=restricted, access="members", by=support_unit, **REASONS)
    assert not AccessChange.objects.exists()
    restricted.refresh_from_db()
    assert restricted.access == "members"


def test_the_record_of_access_stays(restricted):
    set_access(document=restricted, access="public", by=None, **REASONS)
    for write in (
        lambda: AccessChange.objects.update(reason_en="Other."),
        lambda: AccessChange.objects.all().delete(),
    ):
        with pytest.raises(ProgrammingError), transaction.atomic():
            write()


def test_the_support_unit_changes_access_by_its_button(client_of, support_unit, coordinator):
    document = a_document(issued=True, kind="final", access="members").document
    address = reverse("admin:documents_document_set_access", args=[document.pk])
    data = {"access": "public", **REASONS}
    assert client_of(coordinator).post(address, data).status_code in (302, 403)
    client = client_of(support_unit)
    assert client.post(address, {**data, "reason_ru": ""}).status_code == 200
    assert not AccessChange.objects.exists()
    assert client.post(address, data).status_code == 302
    assert AccessChange.objects.get().by == support_unit


def test_nobody_changes_access_while_silence_runs(client_of, support_unit, members):
    """S4."""
    edition = a_procedure(by=support_unit).edition
    address = reverse("admin:documents_document_set_access", args=[edition.document_id])
    before = AccessChange.objects.count()
    page = client_of(support_unit).post(address, {"access": "public", **REASONS})
    assert page.status_code == 200
    for by in (support_unit, None):
        with pytest.raises(DomainError, match=r"under silence|процедуре умолчания"):
            set_access(document=edition.document, access="public", by=by, **REASONS)
    assert AccessChange.objects.count() == before


def test_a_withdrawn_document_leaves_its_tombstone_at_every_address(client, coordinator):
    """T8: 410 with the reason in both languages, and not a word of the text."""
    document = a_public_document(slug="one").document
    addresses = [
        f"/{language}/documents/one{path}"
        for language in ("en", "ru")
        for path in (
            "/",
            "/bilingual/",
            "/history/",
            "/compare/",
            "/editions/final/",
            "/?as_at=2026-01-02",
            ".pdf",
            "/pdf/final/en.pdf",
            "/pdf/final/en/",
            "/files/1/",
        )
    ]
    archive.withdraw_document(document=document, reason_en="An error.", reason_ru="Сбой.", by=None)
    for address in addresses:
        response = client.get(address)
        assert response.status_code == 410, address
        page = response.content.decode()
        assert "An error." in page
        assert "Сбой." in page
        assert "Decide to protect" not in page


def test_of_a_restricted_document_the_public_gets_no_tombstone(client, restricted):
    """T6: not even that it was withdrawn."""
    archive.withdraw_document(document=restricted, reason_en="Canary", reason_ru="Кенар", by=None)
    for path in ("/", "/compare/", ".pdf", "/pdf/final/en.pdf"):
        response = client.get(f"/en/documents/one{path}")
        assert response.status_code == 404
        assert "Canary" not in response.content.decode()


def beside(first: Edition, kind: str, standings: dict[str, str], **fields) -> Edition:
    edition = archive.create_edition(
        document=first.document,
        kind=kind,
        number=1,
        dated_on=dt.date(2026, 2, 1),
        by=None,
        **fields,
    )
    texts.set_text(edition=edition, rows=ROWS, by=None)
    return archive.issue_edition(edition=edition, standings=standings, by=None)


def test_a_text_names_its_addenda_and_corrigenda(client):
    """T3: Add. adds beside and Corr. corrects, maybe in one language; neither takes its place."""
    first = a_public_document(slug="one")
    addendum = beside(first, "add", {"en": "original", "ru": "authentic"})
    beside(first, "corr", {"ru": "authentic"})
    assert addendum.belongs_to == first
    page = client.get("/en/documents/one/")
    assert page.context["edition"] == first
    text = page.content.decode()
    assert "To be read with this text:" in text
    assert "/en/documents/one/editions/add-1/" in text
    assert "in Russian only" in text
    text = client.get("/en/documents/one/editions/add-1/").content.decode()
    assert "This addendum adds to:" in text
    text = client.get("/en/documents/one/editions/corr-1/").content.decode()
    assert "It concerns the text in Russian only." in text


def test_a_revision_replaces_the_latest_text():
    """T3: each says what it supersedes, also where nobody said so."""
    first = a_public_document()
    for number in (1, 2):
        last = archive.create_edition(
            document=first.document,
            kind="rev",
            number=number,
            dated_on=dt.date(2026, 2, number),
            by=None,
        )
    assert last.supersedes.supersedes == first


def test_only_what_stands_beside_belongs_to_a_text():
    first, foreign = a_public_document(), a_public_document()
    for fields in ({"kind": "rev", "belongs_to": first}, {"kind": "add", "belongs_to": foreign}):
        with pytest.raises(DomainError, match=r"belongs|относится"):
            archive.create_edition(
                document=first.document, number=1, dated_on=dt.date(2026, 2, 1), by=None, **fields
            )
    addendum = beside(first, "add", {"en": "original"})
    draft = archive.create_edition(
        document=first.document, kind="corr", number=2, dated_on=dt.date(2026, 2, 1), by=None
    )
    for wrong in ({"belongs_to": foreign}, {"supersedes": addendum}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Edition.objects.filter(pk=draft.pk).update(**wrong)


def test_how_to_cite_in_both_languages(client):
    """With the permanent address; it needs no JavaScript."""
    a_public_document(
        slug="almaty-process-03-01-2013",
        reference="Almaty Process/03/01/2013",
        issued_on=dt.date(2013, 6, 5),
        title_en="Communique",
        title_ru="Коммюнике",
    )
    for language in ("en", "ru"):
        page = client.get(f"/{language}/documents/almaty-process-03-01-2013/").content.decode()
        english = page.partition('<p class="cite" lang="en">')[2].partition("</p>")[0]
        russian = page.partition('<p class="cite" lang="ru">')[2].partition("</p>")[0]
        assert "Communique. Almaty Process/03/01/2013, 5 June 2013." in english
        assert "Коммюнике : Almaty Process/03/01/2013, 5 июня 2013" in russian
        assert "(дата обращения: " in russian
        assert "/ref/Almaty%20Process/03/01/2013" in english
