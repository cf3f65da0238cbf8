"""The site map for search engines, in pages, with the language pairs; and robots.txt."""

import datetime as dt
from collections.abc import Callable, Iterable

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape
from django.views.decorators.http import require_safe

from documents.models import Decision, PublicRecord, Topic
from meetings.models import Meeting
from membership.models import Standing, State

# Each is two addresses, one for each language; the protocol allows 50,000 in a file.
PER_PAGE = 5_000
LANGUAGES = ("en", "ru")
XML = '<?xml version="1.0" encoding="UTF-8"?>\n'
NAMESPACES = (
    'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:xhtml="http://www.w3.org/1999/xhtml"'
)
PAGES = [
    *("home", "about", "about_silence", "about_data", "archive", "decision_list", "meeting_list"),
    *("member_list", "observer_list", "chairmanship", "verify"),
]


def documents() -> QuerySet:
    records = PublicRecord.objects.filter(deleted=False).order_by("pk")
    return records.values_list("document__slug", "changed_at")


def decisions() -> QuerySet:
    found = Decision.objects.visible_to(AnonymousUser()).order_by("pk")
    return found.values_list("slug", "document__public_record__changed_at")


def meetings() -> QuerySet:
    return Meeting.objects.order_by("pk").values_list("slug")


def members() -> QuerySet:
    states = State.objects.filter(pk__in=Standing.objects.values("state"))
    return states.order_by("pk").values_list("slug")


def topics() -> QuerySet:
    return Topic.objects.order_by("pk").values_list("slug")


# The section of the site map, the name of its pages' address, what is in it.
SECTIONS: dict[str, tuple[str, Callable[[], QuerySet]]] = {
    "documents": ("document_detail", documents),
    "decisions": ("decision_detail", decisions),
    "meetings": ("meeting_detail", meetings),
    "members": ("member_detail", members),
    "topics": ("topic_detail", topics),
}


@require_safe
def sitemap_index(request: HttpRequest) -> HttpResponse:
    """The index: the pages of each section; what the public does not see is not counted (T6)."""
    names = [("pages", 1)]
    for section, (_name, rows) in SECTIONS.items():
        names += [(section, number + 1) for number in range(-(-rows().count() // PER_PAGE))]
    entries = "".join(
        f"<sitemap><loc>{escape(settings.PORTAL_URL + reverse('sitemap_page', args=name))}</loc>"
        "</sitemap>\n"
        for name in names
    )
    return answer(f"<sitemapindex {NAMESPACES}>\n{entries}</sitemapindex>\n")


@require_safe
def sitemap_page(request: HttpRequest, section: str, number: int) -> HttpResponse:
    """One page of a section: each address in both languages, each with its alternates."""
    if section == "pages" and number == 1:
        return answer(page(entry(paths(name)) for name in PAGES))
    if section not in SECTIONS or not 1 <= number <= 10_000:
        raise Http404
    name, rows = SECTIONS[section]
    found = rows()[(number - 1) * PER_PAGE : number * PER_PAGE]
    templates = paths(name, "slug-of-it")
    entries = [
        entry(
            [one.replace("slug-of-it", slug) for one in templates], changed[0] if changed else None
        )
        for slug, *changed in found
    ]
    if not entries:
        raise Http404
    return answer(page(entries))


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """What robots may visit: all but what asks for a sign-in."""
    closed = ["/admin/", "/accounts/", *(f"/{code}/portal/" for code in LANGUAGES)]
    lines = ["User-agent: *", *(f"Disallow: {one}" for one in closed)]
    lines += ["", f"Sitemap: {settings.PORTAL_URL}{reverse('sitemap')}", ""]
    return HttpResponse("\n".join(lines), content_type="text/plain; charset=utf-8")


def paths(name: str, *args: str) -> list[str]:
    """The absolute address of a page in each language."""
    found = []
    for language in LANGUAGES:
        with translation.override(language):
            found.append(settings.PORTAL_URL + reverse(name, args=args))
    return found


def entry(addresses: list[str], changed_at: dt.datetime | None = None) -> str:
    """The addresses of one page, each with all of them; whoever reads neither language is led
    to the portal's default one, as the heads of the pages say."""
    default = addresses[LANGUAGES.index(settings.LANGUAGE_CODE)]
    if addresses[0].endswith("/en/"):
        default = settings.PORTAL_URL + "/"  # the first page lets the reader's browser choose
    pairs = [*zip(LANGUAGES, addresses, strict=True), ("x-default", default)]
    alternates = "".join(
        f'<xhtml:link rel="alternate" hreflang="{code}" href="{escape(one)}"/>'
        for code, one in pairs
    )
    changed = (
        f"<lastmod>{changed_at.astimezone(dt.UTC):%Y-%m-%dT%H:%M:%SZ}</lastmod>"
        if changed_at
        else ""
    )
    return "".join(
        f"<url><loc>{escape(one)}</loc>{changed}{alternates}</url>\n" for one in addresses
    )


def page(entries: Iterable[str]) -> str:
    return f"<urlset {NAMESPACES}>\n{''.join(entries)}</urlset>\n"


def answer(body: str) -> HttpResponse:
    return HttpResponse(XML + body, content_type="application/xml; charset=utf-8")
