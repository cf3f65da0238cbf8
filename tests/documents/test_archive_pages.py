"""The pages of the archive and the register, as each kind of reader gets them."""

import datetime as dt
import re

import pgtrigger
import pytest
from django.urls import reverse
from django.utils import translation

from documents.actions import archive, silence, texts
from documents.models import Decision, Edition, Peculiarity
from tests.factories.documents import (
    BRACKETED,
    ROWS,
    a_document,
    a_procedure,
    a_public_document,
    a_short_procedure,
)
from tests.factories.meetings import a_decision, a_meeting
from tests.factories.membership import (
    DesignationFactory,
    StandingFactory,
    StateFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
READERS = ("anonymous", "chair", "observer", "coordinator", "deputy", "support_unit")


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    settings.SECOND_FACTOR_REQUIRED = False


def pages_of(slug: str) -> list[str]:
    return [
        f"/documents/{slug}/",
        f"/documents/{slug}/bilingual/",
        f"/documents/{slug}/history/",
        f"/documents/{slug}/editions/final/",
    ]


def test_a_document_and_its_pages_in_both_languages(client):
    """Every page of a document has both languages at the same path."""
    a_public_document(slug="one", reference="Almaty Process/09/01/2013")
    for page in pages_of("one"):
        for language in ("en", "ru"):
            response = client.get(f"/{language}{page}")
            html = response.content.decode()
            assert response.status_code == 200, page
            assert f'<html lang="{language}">' in html
            assert html.count("<h1") == 1
            for other in ("en", "ru"):
                assert f'hreflang="{other}"' in html
            assert "Almaty Process/09/01/2013" in html
    assert "Recalling the Almaty Declaration" in client.get("/en/documents/one/").content.decode()
    assert "Ссылаясь на Алматинскую" in client.get("/ru/documents/one/").content.decode()


def test_paragraphs_have_addresses_and_footnotes_lead_back(client, members, iran):
    """T4, T5: #par-…, brackets, and a footnote that leads to its mark and back."""
    a_public_document(slug="one", rows=BRACKETED)
    html = client.get("/en/documents/one/").content.decode()
    assert 'id="par-i"' in html
    assert '<span class="bracket">[<span class="state" data-state="IR">Iran</span>]</span>' in html
    assert 'href="#fn-5"' in html
    assert 'id="fn-5"' in html
    assert 'href="#par-2" role="doc-backlink"' in html
    html = client.get("/en/documents/one/bilingual/").content.decode()
    for mark in ('href="#fn-en-5"', 'id="fn-en-5"', 'href="#fn-ru-5"', 'id="fn-ru-5"'):
        assert mark in html


def test_both_texts_stand_in_the_same_row(client):
    """T4: the bilingual page aligns the languages paragraph by paragraph."""
    a_public_document(slug="one")
    html = client.get("/en/documents/one/bilingual/").content.decode()
    row = html[html.index('id="par-i"') : html.index('id="par-1"')]
    assert "Recalling the Almaty Declaration" in row
    assert "Ссылаясь на Алматинскую" in row


def test_the_working_translation_is_marked_wherever_it_appears(client):
    """T2: the Russian of history is the Support Unit's working translation, and says so."""
    edition = a_document(slug="one", kind=Edition.Kind.FINAL, access="public")
    archive.issue_edition(
        edition=edition, standings={"en": "original", "ru": "working_translation"}, by=None
    )
    for page in ("", "bilingual/", "history/", "editions/final/"):
        html = client.get(f"/en/documents/one/{page}").content.decode()
        assert "orking translation of the Support Unit, not an official text" in html, page


def test_a_missing_language_is_shown_as_missing(client):
    """T2: never silently replaced by the other language."""
    rows = [{"role": "paragraph", "text_en": "Only English here.", "text_ru": ""}]
    edition = a_document(
        slug="one", title_ru="", kind=Edition.Kind.FINAL, access="public", rows=rows
    )
    archive.issue_edition(edition=edition, standings={"en": "original"}, by=None)
    html = client.get("/ru/documents/one/").content.decode()
    assert "Only English here." not in html
    assert 'class="empty"' in html
    assert 'href="/en/documents/one/"' in html
    assert "Only English here." in client.get("/en/documents/one/").content.decode()
    for page in ("/ru/documents/", "/ru/"):
        assert client.get(page).status_code == 200


@pytest.mark.parametrize(
    ("access", "readers"),
    [
        ("public", {"anonymous", "chair", "observer", "coordinator", "deputy", "support_unit"}),
        ("observers", {"observer", "coordinator", "deputy", "support_unit"}),
        ("members", {"coordinator", "deputy", "support_unit"}),
        ("support_unit", {"support_unit"}),
    ],
)
def test_who_may_not_read_a_document_finds_nothing(request, client_of, access, readers):
    """T6: to everybody else its pages, decision and reference do not exist: 404, no redirect."""
    edition = a_document(
        slug="one",
        reference="Almaty Process/08/01/2014",
        issued=True,
        kind=Edition.Kind.FINAL,
        access=access,
        meeting=a_meeting(),
    )
    a_decision(edition.document)
    for name in READERS:
        client = client_of(request.getfixturevalue(name))
        status = 200 if name in readers else 404
        for page in [*pages_of("one"), "/decisions/taken/"]:
            assert client.get(f"/en{page}").status_code == status, (name, page)
        reference = client.get("/ref/Almaty%20Process/08/01/2014")
        assert reference.status_code == (302 if name in readers else 404), name
        for page in ("/en/documents/", "/en/", "/en/decisions/", "/en/meetings/conference/"):
            seen = "08/01/2014" in client.get(page).content.decode()
            assert seen == (name in readers), (name, page)


def test_a_draft_is_for_those_who_read_as_members(request, client_of):
    """T6: a public document without an issued final text is not there for the public."""
    a_document(slug="one", issued=True, access="public")
    for name in READERS:
        status = 200 if name in ("coordinator", "deputy", "support_unit") else 404
        client = client_of(request.getfixturevalue(name))
        for page in ("/documents/one/", "/documents/one/editions/draft/"):
            assert client.get(f"/en{page}").status_code == status, name


def test_under_silence_the_text_says_so_and_until_when(client_of, coordinator, support_unit):
    """S4: while it runs the text says that it is under silence, until when."""
    procedure = a_procedure(by=support_unit)
    slug = procedure.edition.document.slug
    html = client_of(coordinator).get(f"/en/documents/{slug}/").content.decode()
    assert "Under silence" in html
    assert procedure.deadline_at.strftime("%Y-%m-%dT%H:%M:%SZ") in html


def a_revision(edition: Edition, text: str = "New.", kind: str = "rev", **fields) -> Edition:
    """A text that is to take the place of an issued one, not issued yet."""
    revision = archive.create_edition(
        document=edition.document,
        kind=kind,
        number=1,
        dated_on=dt.date(2026, 2, 1),
        supersedes=edition,
        by=None,
    )
    rows = [{"role": "paragraph", "text_en": text, "text_ru": "Новое."}]
    texts.set_text(edition=revision, rows=rows, by=None)
    return revision


def read(client, page: str) -> str:
    response = client.get(page)
    return response.content.decode() if response.status_code == 200 else ""


@pytest.mark.parametrize("outcome", ["running", "broken", "adopted"])
def test_a_revision_is_in_force_only_when_it_is_adopted(
    settings, client, client_of, support_unit, coordinator, kazakhstan, outcome
):
    """T6, S4: put under silence, a revision is for Members and not in force until it is adopted;
    broken, it stays so and says that it was not adopted."""
    final = a_public_document(
        slug="one", reference="Almaty Process/09/01/2013", is_demonstration=True
    )
    seconds = -300 if outcome == "adopted" else 600
    procedure = a_short_procedure(
        settings, by=support_unit, seconds=seconds, edition=a_revision(final)
    )
    if outcome == "broken":
        silence.break_silence(procedure=procedure, state=kazakhstan, reason="No.", by=coordinator)
    elif outcome == "adopted":
        silence.close_procedure(procedure_id=procedure.pk)
    member = client_of(coordinator)
    adopted = outcome == "adopted"
    for reader in (client, member):
        html = read(reader, "/en/documents/one/")
        assert ("New." in html) == adopted
        assert ("Recalling" in html) != adopted
        old = read(reader, "/en/documents/one/editions/final/")
        assert ("This edition is superseded by Rev.1" in old) == adopted
        assert ("Rev.1" in old) == adopted
    assert client.get("/en/documents/one/editions/rev-1/").status_code == (200 if adopted else 404)
    assert ("Rev.1" in read(client, "/en/documents/one/history/")) == adopted
    html = read(member, "/en/documents/one/editions/rev-1/")
    assert "New." in html
    assert ("Silence on this text was broken" in html) == (outcome == "broken")
    assert ("Under silence" in html) == (outcome == "running")
    assert ('<span class="reference">' in html) == adopted


def test_a_draft_takes_the_place_of_no_issued_text(client, client_of, coordinator):
    """T6: what supersedes a final text as a draft is in force for nobody."""
    final = a_public_document(slug="one")
    draft = a_revision(final, kind="draft")
    archive.issue_edition(edition=draft, standings={"en": "original"}, by=None)
    for reader in (client, client_of(coordinator)):
        assert "Recalling" in read(reader, "/en/documents/one/")
        assert "superseded" not in read(reader, "/en/documents/one/editions/final/")
    assert "New." in read(client_of(coordinator), "/en/documents/one/editions/draft-1/")


def test_a_participation_window_hides_no_issued_text(client, members, iran, support_unit):
    """T6: a window on a public text leaves it public and in force."""
    final = a_public_document(slug="one", rows=BRACKETED)
    a_procedure(
        by=support_unit,
        edition=final,
        kind="participation_window",
        silence_means="lapses",
        states=[iran],
    )
    assert "Recalling" in read(client, "/en/documents/one/")
    assert "Recalling" in read(client, "/en/documents/one/editions/final/")


def test_whom_a_window_addresses_reads_it(client_of, members, support_unit):
    """S2, T6: the Coordinator of an addressed State that is no Member sees the procedure and the
    text put to it, and nothing else that is for Members."""
    state = StateFactory(english="Iran")
    StandingFactory(state=state, kind="observer")
    addressed = UserFactory()
    DesignationFactory(state=state, user=addressed)
    draft = a_document(slug="one", access="members")
    other = a_document(slug="two", access="members", kind="final", issued=True)
    procedure = a_procedure(
        by=support_unit,
        edition=draft,
        kind="participation_window",
        silence_means="lapses",
        states=[state],
    )
    client = client_of(addressed)
    assert client.get(f"/en/portal/silence/{procedure.slug}/").status_code == 200
    assert procedure.title in read(client, "/en/portal/")
    assert "Recalling" in read(client, "/en/documents/one/editions/draft/")
    assert client.get("/en/documents/two/").status_code == 404
    earlier = a_revision(other)
    archive.issue_edition(edition=earlier, standings={"en": "original"}, by=None)
    for page in ("/en/documents/two/editions/rev-1/", "/en/documents/two/editions/final/"):
        assert client.get(page).status_code == 404
    stranger = UserFactory()
    DesignationFactory(state=StateFactory(), user=stranger)
    assert client_of(stranger).get("/en/documents/one/").status_code == 404
    assert client_of(stranger).get(f"/en/portal/silence/{procedure.slug}/").status_code == 404


def test_a_superseded_edition_stays_at_its_address_and_says_so(client):
    """T3: old editions stay readable, marked as superseded; the document shows the new one."""
    first = a_public_document(slug="one")
    second = archive.create_edition(
        document=first.document,
        kind="rev",
        number=1,
        dated_on=dt.date(2026, 2, 1),
        supersedes=first,
        by=None,
    )
    rows = [{**ROWS[0]}, {"role": "paragraph", "text_en": "New.", "text_ru": "Новое."}]
    texts.set_text(edition=second, rows=rows, by=None)
    archive.issue_edition(edition=second, standings={"en": "original", "ru": "authentic"}, by=None)
    old = client.get("/en/documents/one/editions/final/").content.decode()
    assert "This edition is superseded by Rev.1" in old
    assert "Recalling the Almaty Declaration" in old
    assert "New." in client.get("/en/documents/one/").content.decode()
    history = client.get("/en/documents/one/history/").content.decode()
    assert "Rev.1" in history
    assert "Superseded by:" in history
    assert client.get("/en/documents/one/editions/rev-2/").status_code == 404
    bilingual = client.get("/en/documents/one/bilingual/?edition=final").content.decode()
    assert "Recalling the Almaty Declaration" in bilingual
    assert client.get("/en/documents/one/bilingual/?edition=none").status_code == 404


def test_a_withdrawn_document_leaves_a_tombstone(client, support_unit):
    """T8: its address says that it is gone, and why; its text is gone from every page."""
    edition = a_public_document(slug="one", title_en="The withdrawn one")
    archive.withdraw_document(
        document=edition.document,
        reason_en="Issued by mistake.",
        reason_ru="Ошибка.",
        by=support_unit,
    )
    for page in pages_of("one"):
        response = client.get(f"/en{page}")
        assert response.status_code == 410
        assert "Issued by mistake." in response.content.decode()
        assert "Recalling" not in response.content.decode()
    assert "The withdrawn one" not in client.get("/en/documents/").content.decode()


def test_a_former_address_leads_to_the_present_one(client, support_unit):
    """T8: addresses never break."""
    edition = a_public_document(slug="a-draft")
    archive.assign_reference(
        document=edition.document, reference="Almaty Process/07/01/2020", by=support_unit
    )
    for page in ("", "bilingual/", "history/", "editions/final/"):
        response = client.get(f"/ru/documents/a-draft/{page}")
        assert response.status_code == 301
        assert response.headers["Location"] == f"/ru/documents/almaty-process-07-01-2020/{page}"


def test_a_former_address_of_what_one_may_not_see_leads_nowhere(client, support_unit):
    """T6: a redirect would tell the reference."""
    edition = a_document(slug="a-draft", issued=True, kind="final", access="members")
    archive.assign_reference(
        document=edition.document, reference="Almaty Process/07/01/2020", by=support_unit
    )
    assert client.get("/ru/documents/a-draft/").status_code == 404


@pytest.mark.parametrize("typed", ["Almaty Process/03/01/2013", "almaty process/03/01/2013"])
def test_the_permanent_address_of_a_reference(client, typed):
    """T8: /ref/{reference} leads to the document in the reader's language."""
    a_public_document(slug="one", reference="Almaty Process/03/01/2013")
    for language in ("en", "ru"):
        response = client.get(f"/ref/{typed}", headers={"accept-language": language})
        assert response.status_code == 302
        assert response.headers["Location"] == f"/{language}/documents/one/"
    assert client.get("/ref/Almaty%20Process/99/01/2013").status_code == 404


def test_search_page_finds_and_marks(client):
    """The archive's page finds inflected Russian and marks the words in their sentence."""
    a_public_document(slug="one")
    html = client.get("/ru/documents/", {"q": "беженец"}).content.decode()
    assert '<mark class="hit">беженцев</mark>' in html
    assert 'name="q" value="беженец"' in html


@pytest.mark.parametrize("page", ["/en/documents/", "/ru/documents/"])
def test_nothing_typed_reaches_the_page_unescaped(client, page):
    """Neither the question nor a facet's value nor a title is markup."""
    a_public_document(title_en="<script>t()</script> zebra", title_ru="<script>t()</script> zebra")
    evil = '"><script>alert(1)</script>'
    for query in ({"q": evil}, {"topic": evil}, {"q": "zebra"}, {"q": "x", "sort": evil}):
        html = client.get(page, query).content.decode()
        assert "<script>alert(1)" not in html
        assert "<script>t()" not in html


@pytest.mark.parametrize(
    "query",
    [
        {"q": "x" * 501},
        {"q": "-only"},
        {"q": "!!!"},
        {"q": "a\x00b"},
        {"type": "\x00"},
        {"year": "19999"},
        {"page": "no"},
        {"page": "99"},
        {"sort": "sideways"},
        {"state": "ZZZ"},
    ],
)
def test_bad_questions_get_a_page(client, query):
    """Whatever the address says, the page answers; a refused question says what to do."""
    a_public_document()
    response = client.get("/en/documents/", query)
    assert response.status_code == 200
    if "q" in query:
        assert 'class="error-summary"' in response.content.decode()


def test_chips_take_their_filter_away(client):
    """Each active filter is a chip that leads to the list without it, keeping the others."""
    a_public_document(type="report", issued_on=dt.date(2014, 1, 1))
    html = client.get("/en/documents/", {"q": "refugees", "type": "report", "year": "2014"})
    html = html.content.decode()
    assert 'href="/en/documents/?q=refugees&amp;year=2014"' in html
    assert 'href="/en/documents/?q=refugees&amp;type=report"' in html


def test_peculiarities_annexes_and_topics_are_told(client):
    """T5: what is irregular is kept and explained; annexes lead to what they are annexed to."""
    report = a_public_document(slug="report", title_en="The report")
    annex = a_public_document(
        slug="annex", title_en="The annex", annex_of=report.document, annex_number=3
    )
    Peculiarity.objects.create(
        document=annex.document, position=1, text_en="A full stop.", text_ru="Точка."
    )
    html = client.get("/en/documents/annex/").content.decode()
    assert "A full stop." in html
    assert "Annex 3 of:" in html
    assert 'href="/en/documents/report/"' in html
    assert "The annex" in client.get("/en/documents/report/").content.decode()


def test_a_decision_tells_how_it_was_taken(client, support_unit, settings, members):
    """D3: the register tells text, how, when; a decision under silence shows its procedure."""
    edition = a_document(by=support_unit)
    procedure = a_short_procedure(settings, by=support_unit, seconds=-300, edition=edition)
    silence.close_procedure(procedure_id=procedure.pk)
    decision = Decision.objects.get()
    with translation.override("en"):
        address = reverse("decision_detail", args=[decision.slug])
    html = client.get(address).content.decode()
    assert "By consensus under the silence procedure" in html
    assert decision.document.reference in html
    listed = client.get("/en/decisions/").content.decode()
    assert decision.title_en in listed


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "reading edition of the portal"), ("ru", "справочная редакция портала")],
)
def test_a_reading_edition_is_not_called_history(
    client, members, iran, support_unit, language, words
):
    """S16: nothing that the portal itself prepared is said to come from a source of the time."""
    edition = a_public_document(slug="one", rows=BRACKETED)
    with pgtrigger.ignore("documents.Edition:an_issued_edition_stays"):
        Edition.objects.filter(pk=edition.pk).update(historic=True)
    edition.refresh_from_db()
    archive.issue_clean_edition(
        edition=edition,
        settlements={"IR": "struck"},
        by=support_unit,
        historic=True,
        note_en="Prepared later.",
        note_ru="Подготовлена позднее.",
    )
    history = client.get(f"/{language}/documents/one/history/").content.decode()
    assert history.count(words) == 1
    page = client.get(f"/{language}/documents/one/editions/clean/").content.decode()
    assert words[1:] in page


def test_decisions_and_procedures_of_a_document_are_told_apart(
    client, support_unit, settings, members
):
    """D3: a decision and the procedure that led to it may bear one title."""
    procedure = a_short_procedure(settings, by=support_unit, seconds=-26 * 60)
    silence.close_due()
    client.force_login(support_unit)
    html = client.get(procedure.edition.document.get_absolute_url()).content.decode()
    assert re.search(r"<li>(Decision|Решение): <a ", html)
    assert re.search(r"<li>(Silence procedure|Процедура умолчания): <a ", html)
