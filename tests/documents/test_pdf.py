"""The PDFs: what they print, that they are accessible, who gets them, that none of them hangs."""

import datetime as dt
import io
import re
import sys
import time

import pypdf
import pytest
from django.core.files.storage import default_storage
from django.urls import reverse
from django.utils import translation

from almaty_portal.common import pdf as common
from almaty_portal.common import pdf_process
from almaty_portal.common.instants import database_now
from documents import pdf, preparing
from documents.actions import archive, silence
from documents.actions.renditions import ask_for_rendition, make_rendition
from documents.models import Edition, LanguageVersion, Rendition
from documents.periodic import render_waiting
from tests.factories.documents import BRACKETED, a_document, a_procedure, a_public_document

pytestmark = pytest.mark.django_db
Status = Rendition.Status
SLEEPS = (sys.executable, "-c", "import time; time.sleep(60)")


@pytest.fixture
def bracketed(members, iran, support_unit):
    """A public text with a State in brackets; its Russian is a working translation."""
    edition = a_document(
        by=support_unit,
        rows=BRACKETED,
        kind=Edition.Kind.FINAL,
        access="public",
        reference="Almaty Process/09/01/2026",
    )
    standing = LanguageVersion.Standing
    return archive.issue_edition(
        edition=edition,
        standings={"en": standing.ORIGINAL, "ru": standing.WORKING},
        by=support_unit,
    )


@pytest.fixture
def quick(monkeypatch):
    """A rendering that takes no time, for tests of everything around it."""
    calls = []

    def rendered(printed, progress=None):
        calls.append(printed)
        for step in ("layout", "pages"):
            progress(step)
        return b"%PDF-1.7 quick"

    monkeypatch.setattr(pdf, "render_content", rendered)
    return calls


def read(data: bytes) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(data))


def words(reader: pypdf.PdfReader) -> str:
    text = " ".join(page.extract_text() for page in reader.pages)
    return " ".join(re.sub(r"[\u2010-]\s*\n", "", text).split())


def elements(reader: pypdf.PdfReader, kind: str) -> list:
    found = []

    def walk(element):
        element = element.get_object()
        if not isinstance(element, pypdf.generic.DictionaryObject) or "/S" not in element:
            return
        if element["/S"] == kind:
            found.append(element)
        kids = element.get("/K", [])
        for kid in kids if isinstance(kids, list) else [kids]:
            if not isinstance(kid, int):
                walk(kid)

    for child in reader.trailer["/Root"]["/StructTreeRoot"]["/K"]:
        walk(child)
    return found


def rendition_of(edition, layout="en") -> Rendition:
    return Rendition.objects.get(edition=edition, layout=layout)


def address(name, edition, layout="en") -> str:
    return reverse(name, args=[edition.document.slug, edition.key, layout])


# What is fetched


@pytest.mark.parametrize(
    "url",
    [
        "http://example.org/a.css",
        "https://example.org/a.png",
        "file:///etc/passwd",
        "data:image/svg+xml,<svg xmlns='http://www.w3.org/2000/svg'>"
        "<image href='http://example.org/a.png'/></svg>",
        "ftp://example.org/a",
        "static:../manage.py",
        "static:fonts/../../manage.py",
        "static:css/base.css",
    ],
)
def test_only_listed_files_are_fetched(url):
    """Nothing from outside, nothing of the machine: only the files that a PDF is made of."""
    with pytest.raises(ValueError, match="refused"):
        pdf_process.fetcher(common.allowed_files()).fetch(url)


def test_listed_files_are_the_style_sheet_and_its_fonts():
    files = common.allowed_files()
    assert common.STYLES in files
    assert set(files) - {common.STYLES, common.EMBLEM} == {
        name for name in files if re.fullmatch(r"fonts/pt-[a-z0-9-]+\.woff2", name)
    }
    assert any("cyrillic" in name for name in files)


def test_a_page_that_wants_outside_files_is_made_without_them():
    html = (
        '<html lang="en"><title>T</title><img src="http://127.0.0.1:9/a.png" alt="a">'
        '<img src="file:///etc/passwd" alt="b"><p>kept</p></html>'
    )
    assert "kept" in words(read(common.make_pdf(html)))


# What is printed


def test_brackets_and_their_footnote_stand(bracketed):
    """T5: a bracketed State stands in brackets with its footnote in every rendering."""
    for layout, name, note in (
        ("en", "[Iran]", "The State in brackets."),
        ("ru", "[Иран]", "Государство в скобках."),
    ):
        text = words(read(pdf.render(bracketed, layout)))
        assert name in text
        assert note in text


def test_brackets_have_fallen_in_the_clean_edition(bracketed, support_unit):
    """S12: brackets are lifted, the footnote falls, the reading says which edition it is."""
    clean = archive.issue_clean_edition(
        edition=bracketed,
        settlements={"IR": "lifted"},
        by=support_unit,
        note_en="After the settlement.",
        note_ru="После урегулирования.",
    )
    text = words(read(pdf.render(Edition.objects.with_text().get(pk=clean.pk), "bilingual")))
    assert "Iran and others" in text
    assert "Иран и другие" in text
    assert "[" not in text
    assert "in brackets." not in text
    assert "After the settlement." in text
    old = Edition.objects.with_text().get(pk=bracketed.pk)
    with translation.override("en"):
        assert any("Superseded" in one for one in pdf.column(old, "en")["notices"])


def test_both_languages_side_by_side_say_theirs(bracketed):
    """T4: a row for each paragraph, English left and Russian right, each cell in its language."""
    reader = read(pdf.render(bracketed, "bilingual"))
    assert [one["/Lang"] for one in elements(reader, "/TH")][:2] == ["en", "ru"]
    rows = [
        [cell.get_object().get("/Lang") for cell in row["/K"]] for row in elements(reader, "/TR")
    ]
    assert all(row == ["en", "ru"] for row in rows)
    text = words(reader)
    assert "Recalling the Almaty Declaration;" in text
    assert "Ссылаясь на Алматинскую декларацию;" in text


def test_every_page_of_a_working_translation_says_so(members, iran, support_unit):
    rows = [*BRACKETED] + [
        {"number": f"{n}.", "text_en": "Words. " * 60, "text_ru": "Слова. " * 60}
        for n in range(10, 20)
    ]
    edition = a_document(by=support_unit, rows=rows, kind=Edition.Kind.FINAL, access="public")
    edition = archive.issue_edition(
        edition=edition, standings={"en": "original", "ru": "working_translation"}, by=support_unit
    )
    edition = Edition.objects.with_text().get(pk=edition.pk)
    with translation.override("ru"):
        statement = translation.gettext(
            "Working translation of the Support Unit, not an official text"
        )
    russian = read(pdf.render(edition, "ru"))
    assert len(russian.pages) > 1
    for one in russian.pages:
        assert statement in " ".join(one.extract_text().split())
    assert statement not in words(read(pdf.render(edition, "en")))


def test_a_text_under_silence_is_marked_and_bears_no_reference(members, support_unit):
    """S4: while the procedure runs the text says that it is under silence, until when."""
    edition = a_document(by=support_unit)
    procedure = a_procedure(by=support_unit, edition=edition)
    printed = pdf.content(Edition.objects.with_text().get(pk=edition.pk), "en")
    column = printed["columns"][0]
    assert column["marking"].startswith("DRAFT under silence until")
    assert f"{procedure.deadline_at.astimezone(dt.UTC):%H:%M} UTC" in column["marking"]
    assert column["reference"] == "no reference before adoption"


def test_a_broken_text_says_on_every_page_that_it_was_not_adopted(
    members, support_unit, coordinator, kazakhstan
):
    """S4, T6: it bears no final reference, and its file is for Members alone."""
    edition = a_document(
        by=support_unit, access="public", kind="rev", reference="Almaty Process/09/01/2026"
    )
    procedure = a_procedure(by=support_unit, edition=edition)
    silence.break_silence(procedure=procedure, state=kazakhstan, reason="No.", by=coordinator)
    column = pdf.content(Edition.objects.with_text().get(pk=edition.pk), "en")["columns"][0]
    assert column["marking"] == "NOT ADOPTED"
    assert column["reference"] == "no reference before adoption"
    assert any("silence was broken" in one for one in column["notices"])


def test_what_a_user_typed_is_escaped(support_unit):
    edition = a_public_document(
        by=support_unit,
        title_en="<img src=http://x> & co",
        rows=[{"text_en": "<script>1</script>", "text_ru": "<b>1</b>"}],
    )
    html = pdf.page(pdf.content(edition, "en"))
    assert "<script>" not in html
    assert "<img src=http" not in html
    assert "&lt;script&gt;" in html


def test_tagged_titled_and_marked_as_pdf_ua(bracketed):
    reader = read(pdf.render(bracketed, "ru"))
    root = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert root["/Lang"] == "ru"
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert reader.metadata.title.startswith("Almaty Process/09/01/2026")
    assert reader.metadata.author
    assert b"<pdfuaid:part>1</pdfuaid:part>" in root["/Metadata"].get_data() or (
        b'pdfuaid:part="1"' in root["/Metadata"].get_data()
    )
    assert [len(elements(reader, kind)) for kind in ("/H1", "/Note")] == [1, 1]
    assert [one.get("/Lang") for one in elements(reader, "/P")[:2]] == ["en", "ru"]
    assert b"/Pagination" in reader.pages[0].get_contents().get_data()
    fonts = reader.pages[0]["/Resources"]["/Font"]
    assert all("Serif" in one["/BaseFont"] or "Sans" in one["/BaseFont"] for one in fonts.values())


# In time


def test_a_rendering_that_hangs_is_ended():
    """F11: killed in time, with a sentence."""
    started = time.monotonic()
    with pytest.raises(common.PdfTimeout, match=r"Ask for it again|еще раз"):
        common.make_pdf("<p>", seconds=0.4, program=SLEEPS)
    assert time.monotonic() - started < 5


def test_a_missing_library_names_the_command():
    program = (sys.executable, "-c", "import sys; sys.exit(3)")
    with pytest.raises(common.PdfUnavailable, match=re.escape(common.INSTALL)):
        common.make_pdf("<p>", program=program)


def test_a_row_whose_rendering_hangs_fails_after_three_attempts(bracketed, monkeypatch):
    """F11: what waits for it goes on; the row tells why."""
    monkeypatch.setattr(
        pdf,
        "render_content",
        lambda printed, progress: common.make_pdf("<p>", seconds=0.2, program=SLEEPS),
    )
    row = rendition_of(bracketed)
    seen = []
    for _attempt in range(4):
        make_rendition(rendition_id=row.pk)
        row.refresh_from_db()
        seen.append((row.status, row.attempts))
    assert seen == [
        (Status.WAITING, 1),
        (Status.WAITING, 2),
        (Status.FAILED, 3),
        (Status.FAILED, 3),
    ]
    assert row.step == "time"
    assert not row.file


# The row


def test_issuing_asks_for_each_layout(bracketed):
    assert {one.layout for one in bracketed.renditions.all()} == {"en", "ru", "bilingual"}


def test_asking_twice_is_one_row(bracketed):
    first = ask_for_rendition(edition=bracketed, layout="en")
    assert ask_for_rendition(edition=bracketed, layout="en").pk == first.pk


def test_a_layout_without_its_text_is_not_asked_for(support_unit):
    """T2: a missing language is shown as missing, never replaced."""
    edition = a_document(by=support_unit, kind=Edition.Kind.FINAL, access="public")
    edition = archive.issue_edition(edition=edition, standings={"en": "original"}, by=support_unit)
    assert ask_for_rendition(edition=edition, layout="ru") is None
    assert {one.layout for one in edition.renditions.all()} == {"en"}


def test_delivered_twice_it_is_made_once(bracketed, quick):
    row = rendition_of(bracketed)
    make_rendition(rendition_id=row.pk)
    make_rendition(rendition_id=row.pk)
    row.refresh_from_db()
    assert len(quick) == 1
    assert (row.status, row.progress, row.attempts) == (Status.READY, 100, 1)
    with default_storage.open(row.file.name) as file:
        assert file.read() == b"%PDF-1.7 quick"
    assert row.file.name.startswith(f"renditions/{bracketed.pk}-en-")


def test_a_row_that_runs_is_left_alone_until_it_is_abandoned(bracketed, quick):
    row = rendition_of(bracketed)
    assert preparing.begin(Rendition, row.pk) is not None
    make_rendition(rendition_id=row.pk)
    assert not quick
    long_ago = database_now() - dt.timedelta(seconds=91)
    Rendition.objects.filter(pk=row.pk).update(started_at=long_ago)
    assert row.pk in preparing.waiting(Rendition).values_list("pk", flat=True)
    make_rendition(rendition_id=row.pk)
    assert rendition_of(bracketed).status == Status.READY


def test_a_run_that_was_taken_over_saves_nothing(bracketed):
    late = preparing.begin(Rendition, rendition_of(bracketed).pk)
    Rendition.objects.filter(pk=late.pk).update(attempts=2)
    with pytest.raises(preparing.TakenOver):
        preparing.advance(late, "layout")


def test_a_full_disk_leaves_no_part_of_a_file(bracketed, quick, monkeypatch):
    """F11: no half file, no row that claims one."""

    def full(handle):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(preparing.os, "fsync", full)
    row = rendition_of(bracketed)
    make_rendition(rendition_id=row.pk)
    row.refresh_from_db()
    assert (row.status, row.step, row.file.name) == (Status.WAITING, "disk", "")
    assert default_storage.listdir("renditions") == ([], [])


def test_beat_hands_out_what_waits(bracketed, monkeypatch):
    sent = []
    monkeypatch.setattr(
        "documents.periodic.render_rendition.apply_async", lambda args, **kw: sent.append(args[0])
    )
    render_waiting()
    assert sorted(sent) == sorted(bracketed.renditions.values_list("pk", flat=True))


def test_a_broker_that_is_down_does_no_harm(
    support_unit, monkeypatch, django_capture_on_commit_callbacks
):
    def down(*args, **kwargs):
        raise ConnectionError("no broker")

    monkeypatch.setattr("documents.actions.renditions.render_rendition.apply_async", down)
    with django_capture_on_commit_callbacks(execute=True):
        edition = a_public_document(by=support_unit)
    assert rendition_of(edition).status == Status.WAITING


def test_a_changed_status_makes_the_file_anew(bracketed, quick, support_unit):
    """S4: the file says what the text's status is now."""
    row = rendition_of(bracketed)
    make_rendition(rendition_id=row.pk)
    assert ask_for_rendition(edition=bracketed, layout="en").status == Status.READY
    archive.issue_clean_edition(
        edition=bracketed, settlements={"IR": "struck"}, by=support_unit, note_en="", note_ru=""
    )
    assert ask_for_rendition(edition=bracketed, layout="en").status == Status.WAITING


# The pages


def test_the_way_from_asking_to_the_file(bracketed, quick, client):
    asked = client.post(
        reverse("rendition_ask", args=[bracketed.document.slug]),
        {"edition": bracketed.key, "layout": "en"},
    )
    assert (asked.status_code, asked["Location"]) == (303, address("rendition_progress", bracketed))
    page = client.get(asked["Location"])
    assert 'hx-trigger="every 2s"' in page.text
    assert "<progress" in page.text
    part = client.get(asked["Location"], headers={"HX-Request": "true"})
    assert "<html" not in part.text
    make_rendition(rendition_id=rendition_of(bracketed).pk)
    page = client.get(asked["Location"])
    assert "hx-trigger" not in page.text
    assert address("rendition_download", bracketed) in page.text
    file = client.get(address("rendition_download", bracketed))
    assert file["Content-Type"] == "application/pdf"
    assert file["X-Content-Type-Options"] == "nosniff"
    assert file["Content-Disposition"] == 'attachment; filename="almaty-process-09-01-2026-en.pdf"'
    assert b"".join(file.streaming_content) == b"%PDF-1.7 quick"
    file.close()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_address_of_a_document_leads_to_its_file(bracketed, quick, client, language):
    with translation.override(language):
        url = reverse("document_pdf", args=[bracketed.document.slug])
        waiting = client.get(url)
        assert waiting.status_code == 303
        assert waiting["Location"] == address("rendition_progress", bracketed, language)
    make_rendition(rendition_id=rendition_of(bracketed, language).pk)
    file = client.get(url)
    assert file["Content-Language"] == language
    assert file["Content-Disposition"].endswith(f'-{language}.pdf"')
    file.close()


def test_who_may_not_read_finds_nothing(
    members, support_unit, coordinator, client_of, quick, anonymous
):
    """T6: no page, no file, no asking; those who may get a file that no cache keeps."""
    edition = a_document(by=support_unit, issued=True, access="members")
    row = rendition_of(edition)
    make_rendition(rendition_id=row.pk)
    stranger, member = client_of(anonymous), client_of(coordinator)
    urls = [
        address("rendition_progress", edition),
        address("rendition_download", edition),
        reverse("document_pdf", args=[edition.document.slug]),
    ]
    assert [stranger.get(url).status_code for url in urls] == [404, 404, 404]
    ask = reverse("rendition_ask", args=[edition.document.slug])
    assert stranger.post(ask, {"layout": "en"}).status_code == 404
    file = member.get(address("rendition_download", edition))
    assert file.status_code == 200
    assert "no-store" in file["Cache-Control"]
    assert "private" in file["Cache-Control"]
    file.close()


def test_the_file_of_a_proposal_is_kept_by_no_cache(
    members, support_unit, coordinator, client_of, client, quick
):
    """T6: a revision under silence is for Members, though its document is public."""
    edition = a_document(by=support_unit, access="public", kind="rev")
    a_procedure(by=support_unit, edition=edition)
    make_rendition(rendition_id=rendition_of(edition).pk)
    assert client.get(address("rendition_download", edition)).status_code == 404
    file = client_of(coordinator).get(address("rendition_download", edition))
    assert file.status_code == 200
    assert "no-store" in file["Cache-Control"]
    file.close()


def test_asking_needs_a_layout_and_a_post(bracketed, client):
    url = reverse("rendition_ask", args=[bracketed.document.slug])
    assert client.get(url).status_code == 405
    assert client.post(url, {"layout": "fr"}).status_code == 404


def test_a_failed_file_is_asked_for_by_its_button_only(bracketed, client):
    Rendition.objects.filter(edition=bracketed).update(status=Status.FAILED, step="time")
    assert client.get(address("rendition_download", bracketed)).status_code == 303
    assert rendition_of(bracketed).status == Status.FAILED
    page = client.get(address("rendition_progress", bracketed))
    assert "csrfmiddlewaretoken" in page.text
    client.post(reverse("rendition_ask", args=[bracketed.document.slug]), {"layout": "en"})
    assert rendition_of(bracketed).status == Status.WAITING


@pytest.mark.parametrize(("language", "mark"), [("en", "DEMONSTRATION"), ("ru", "ДЕМОНСТРАЦИЯ")])
def test_a_demonstration_says_so_in_masthead_and_footer(bracketed, language, mark):
    """A demonstration document never passes for a true one, on whatever page it is opened."""
    assert mark not in pdf.page(pdf.content(bracketed, language))
    bracketed.document.is_demonstration = True
    printed = pdf.content(bracketed, language)
    html = pdf.page(printed)
    assert html.count(f'<div class="demonstration" lang="{language}">{mark}</div>') == 1
    assert html.count(f'<p class="demonstration" lang="{language}">{mark}</p>') == 1
    pages = pypdf.PdfReader(io.BytesIO(pdf.render_content(printed))).pages
    assert all(mark in page.extract_text() for page in pages)


def test_distribution_is_told_as_of_a_document(bracketed):
    """T6: a public text is of general distribution, in Russian in the gender of the word."""
    facts = pdf.content(bracketed, "ru")["columns"][0]["facts"]
    assert facts[3][1] == "Общее"
