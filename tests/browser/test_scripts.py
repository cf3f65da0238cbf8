"""What people type is shown and never run (fault P4): a corpus of scripts in the fields of both
languages, each page read by a real Chromium without the policy that would stop them too."""

import datetime as dt

import pytest
from django.test import Client
from playwright.sync_api import sync_playwright

from documents.models import Peculiarity, Topic
from tests.browser.conftest import CHROMIUM, QUIET
from tests.factories.documents import a_public_document
from tests.factories.meetings import a_decision, a_meeting

pytestmark = pytest.mark.django_db

CORPUS = [
    "<script>ran()</script>",
    '"><script>ran()</script>',
    "</script><script>ran()</script>",
    "</title><script>ran()</script>",
    "</textarea><script>ran()</script>",
    "'\"><img src=x onerror=ran()>",
    "<svg/onload=ran()>",
    '<iframe srcdoc="<script>parent.ran()</script>"></iframe>',
    "<details open ontoggle=ran()>x</details>",
    "<input autofocus onfocus=ran()>",
    "--><script>ran()</script><!--",
    "]]><script>ran()</script>",
]
COUNT = "window.runs = 0; window.ran = () => { window.runs += 1; };"
PAGES = [
    "documents/evil-{}/",
    "documents/evil-{}/bilingual/",
    "documents/evil-{}/history/",
    "documents/evil-{}/editions/final/",
    "decisions/evil-{}/",
    "topics/evil-{}/",
    "meetings/evil-{}/",
]
LISTS = ["", "documents/", "documents/?q=зебра", "decisions/", "meetings/"]


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    settings.SECOND_FACTOR_REQUIRED = False


def a_record_of(number: int, script: str) -> int:
    """A document with its topic, meeting and decision that hold the script wherever words may be
    typed; the key of the document."""
    topic = Topic.objects.create(
        slug=f"evil-{number}", position=number + 1, name_en=script, name_ru=script
    )
    day = dt.date(2014, 1, number + 1)
    meeting = a_meeting(
        slug=f"evil-{number}",
        title_en=f"Meeting {script}",
        title_ru=f"Встреча {script}",
        venue_en=script,
        venue_ru=script,
        from_on=day,
        last_on=day,
    )
    text = script.replace("]", "\\]")  # a bracket is a sign of the text's own marks
    edition = a_public_document(
        slug=f"evil-{number}",
        meeting=meeting,
        title_en=f"Zebra {number} {script}",
        title_ru=f"Зебра {number} {script}",
        rows=[
            {"number": "1", "text_en": f"A zebra {text}", "text_ru": f"Зебра {text}"},
        ],
    )
    edition.document.topics.add(topic)
    Peculiarity.objects.create(
        document=edition.document, position=1, text_en=script, text_ru=script
    )
    a_decision(edition.document, f"evil-{number}")
    return edition.document.pk


def sources(staff: Client) -> dict[str, str]:
    """The pages that show what was typed, by their addresses."""
    documents = [a_record_of(number, script) for number, script in enumerate(CORPUS)]
    found = {}
    for language in ("en", "ru"):
        paths = [page.format(number) for page in PAGES for number in range(len(CORPUS))]
        for path in [*paths, *LISTS]:
            answer = Client().get(f"/{language}/{path}")
            assert answer.status_code == 200, path
            found[f"/{language}/{path}"] = answer.content.decode()
    for script in CORPUS:
        answer = Client().get("/ru/documents/", {"q": script, "topic": script, "sort": script})
        found[f"?q={script}"] = answer.content.decode()
    for key in documents:
        path = f"/admin/documents/document/{key}/change/"
        found[path] = staff.get(path).content.decode()
    found["/admin/documents/document/"] = staff.get("/admin/documents/document/").content.decode()
    return found


def test_nothing_that_was_typed_runs(client_of, support_unit):
    """P4. That the browser would run each of them is shown first."""
    pages = sources(client_of(support_unit))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        page = browser.new_page()
        page.add_init_script(COUNT)
        page.route("**/*", lambda route: route.abort())

        def runs(source: str) -> int:
            page.set_content(f"<script>{COUNT}</script>{source}", wait_until="domcontentloaded")
            page.wait_for_timeout(30)
            return page.evaluate("window.runs")

        for script in CORPUS:
            assert runs(f"<!doctype html><p>{script}</p><p>x</p>") >= 1, script
        ran = [address for address, source in pages.items() if runs(source)]
        links = page.locator("a[href^='javascript:']").count()
        browser.close()
    assert not ran
    assert not links
    assert len(pages) > 150
