"""The Russian words of the Support Unit's site, the libraries' own among them."""

import re
from html import unescape
from pathlib import Path

from django.contrib import admin
from django.urls import reverse
from django.utils import translation

from almaty_portal.common.admin.records import action_words
from almaty_portal.founding.loading import LOADED, REMOVED
from documents.actions.silence.following import STEPS
from documents.admin.opening_form import OpenSilenceForm
from documents.models import Edition, SilenceResponse, Topic
from tests.admin.test_pages import (  # noqa: F401
    MODELS,
    address,
    as_request,
    filled,
    speak,
)
from tests.factories.documents import a_document, a_procedure

ROOT = Path(__file__).resolve().parents[2]
# English that the libraries print, and Russian whose words do not agree.
LEFT = re.compile(
    r"authenticators?\b(?! )|object permission|Content type|Last updated|Number of retries"
    r"|Can (act|add|change|delete|view)\b|Support Unit|Guardian\b|>\s*type\s*<"
    r"|Выберите [^<]* для (изменения|просмотра)|Изменить (редакция|группа|встреча|тема)"
    r"|Просмотреть (редакция|группа)|Добавить (редакция|группа|встреча|тема|строка)"
    r"|Добавить ещ[её] один|был (успешно )?(добавлен|изменен)|\d+ (документы|редакции|встречи)\b"
    r"|[Ее]щё|Введённый"
)


def visible(html: str) -> str:
    """What a page shows, its hints too, without what people typed and without addresses."""
    html = re.sub(r"(?s)<(script|style).*?</\1>", "", html)
    hints = re.findall(r'\s(?:title|placeholder|aria-label|data-label)="([^"]*)"', html)
    shown = [f">{one}<" for one in [*re.findall(r">([^<>]+)<", html), *hints] if one.strip()]
    return unescape("\n".join(shown))


def test_no_page_in_russian_has_english_or_words_that_disagree(
    filled,  # noqa: F811
    support_unit,
    client_of,
):
    """T2: every list, every record, every form of a new record."""
    client = speak(client_of(support_unit), "ru")
    pages = ["/admin/"]
    for model in MODELS:
        pages.append(address(model, "changelist"))
        record = model._base_manager.first()
        if record is not None:
            pages.append(address(model, "change", record.pk))
        if admin.site._registry[model].has_add_permission(as_request(support_unit)):
            pages.append(address(model, "add"))
    found = {}
    for page in pages:
        response = client.get(page)
        assert response.status_code == 200, page
        html = response.content.decode()
        assert 'lang="ru"' in html, page
        text = visible(html)
        if words := LEFT.search(text):
            found[page] = words.group()
    assert found == {}


def test_what_a_stored_record_says_needs_no_declension(members, support_unit, client_of):
    """T2"""
    client = speak(client_of(support_unit), "ru")
    data = {"name_en": "One", "name_ru": "Одна", "position": 1, "slug": "one"}
    page = client.post(address(Topic, "add"), data, follow=True).content.decode()
    assert "Запись добавлена: тема" in page
    assert "был" not in "".join(re.findall(r"Запись добавлена[^<]*", page))


def test_done_last_is_told_in_words(members, support_unit, client_of):
    """C1: the first page names acts, not their codes."""
    a_procedure(by=support_unit)
    page = speak(client_of(support_unit), "ru").get("/admin/").content.decode()
    assert "Процедура умолчания открыта: " in page
    assert "open_silence" not in visible(page)


def test_every_act_of_the_audit_record_has_words():
    """C1: whatever the sources record, and each answer of a State."""
    sources = "".join(
        path.read_text()
        for app in ("almaty_portal", "chairmanship", "documents", "meetings", "membership")
        for path in (ROOT / app).rglob("*.py")
    )
    recorded = set(re.findall(r'audit\.(?:record|of_act)\([^)]*?action="(\w+)"', sources))
    recorded |= {f"respond_{kind}" for kind in SilenceResponse.Kind.values}
    recorded |= {*STEPS.values(), "settled", "result_corrected", LOADED, REMOVED}
    assert len(recorded) > 50
    assert [one for one in sorted(recorded) if action_words(one) == one] == []


def test_a_text_under_silence_is_not_put_there_again(members, support_unit, client_of):
    """S2: told at once, before anything is filled in."""
    procedure = a_procedure(by=support_unit)
    url = reverse("admin:documents_edition_open_silence", args=[procedure.edition_id])
    response = speak(client_of(support_unit), "en").get(url, follow=True)
    assert "This text is under silence already" in response.content.decode()
    assert 'id="open-silence"' not in response.content.decode()


def test_a_demonstration_says_its_own_least_time(members, support_unit, client_of, settings):
    """S5: a demonstration leaves one minute, and its form says so."""
    settings.DEMO = True
    edition = a_document(by=support_unit)
    type(edition.document).objects.update(is_demonstration=True)
    edition = Edition.objects.get(pk=edition.pk)
    with translation.override("en"):
        hint = OpenSilenceForm(edition=edition).fields["deadline_at"].help_text
        assert hint == "A demonstration: at least 1 minute away."


def test_topics_are_filtered_by_their_documents(filled, support_unit, client_of):  # noqa: F811
    """A list of topics tells which are used."""
    client = speak(client_of(support_unit), "en")
    assert client.get(address(Topic, "changelist"), {"used": "no"}).status_code == 200
    used = client.get(address(Topic, "changelist"), {"used": "yes"})
    assert used.context["cl"].result_count == Topic.objects.filter(documents__gt=0).count()


def test_a_page_says_whose_clock_its_times_are_by(filled, support_unit, client_of):  # noqa: F811
    """Every list and record tells that its times are in UTC; acts stand in one menu."""
    client = speak(client_of(support_unit), "en")
    edition = Edition.objects.filter(issued_at__isnull=False).first()
    for page in (address(Edition, "changelist"), address(Edition, "change", edition.pk)):
        assert "Times without a zone are in UTC." in client.get(page).content.decode()
    assert "actionDropdownOpen" in client.get(page).content.decode()
