"""What the page of a document tells programs: its one address, and how the text is cited."""

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urljoin

from django import template
from django.conf import settings
from django.urls import reverse, translate_url
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from almaty_portal.common.languages import CODES
from documents import pdf
from documents.formats import FORMATS
from documents.formats.record import partial_iso
from documents.models import Edition, LanguageVersion
from documents.models.archive import Access
from documents.search import title_of
from documents.text import standing_in

register = template.Library()
# What a script element must not hold, though it is data
UNSAFE = {ord("<"): "\\u003C", ord(">"): "\\u003E", ord("&"): "\\u0026"}


@register.simple_tag
def citation(edition: Edition | None, canonical: str) -> SafeString:
    """The canonical address and the same page in both languages; for a text that everybody may
    read also Dublin Core, the tags that citation managers read, and schema.org.

    Of anything else nothing is told: a page that was saved must not tell more than the archive
    does (rule T6).
    """
    parts = [links(canonical)]
    language = (get_language() or "en")[:2]
    if edition is not None and is_public(edition, language):
        tags = list(meta(edition, language))
        parts += [
            format_html('<link rel="schema.DC" href="{}">', "http://purl.org/dc/elements/1.1/"),
            format_html_join("\n", '<meta name="{}" content="{}">', tags),
            script(schema(edition, language, canonical)),
        ]
    return mark_safe("\n".join(parts))  # noqa: S308 (each part is escaped)


def is_public(edition: Edition, language: str) -> bool:
    """Whether everybody may read the text in this language; asks the database nothing."""
    return (
        edition.document.access == Access.PUBLIC
        and edition.issued_at is not None
        and edition.kind != Edition.Kind.DRAFT
        and not edition.proposed
        and standing_in(edition, language) != LanguageVersion.Standing.MISSING
    )


def links(canonical: str) -> SafeString:
    """One address for each language, whichever address the same text was read at."""
    own = absolute(canonical)
    others = [(code, absolute(translate_url(canonical, code))) for code in CODES]
    others.append(("x-default", dict(others)[settings.LANGUAGE_CODE]))
    return format_html(
        '<link rel="canonical" href="{}">\n{}',
        own,
        format_html_join("\n", '<link rel="alternate" hreflang="{}" href="{}">', others),
    )


def meta(edition: Edition, language: str) -> Iterator[tuple[str, str]]:
    """Dublin Core, then citation_*: each tag with its value."""
    document = edition.document
    title = title_of(document, language)[0]
    date = partial_iso(document.issued_on or edition.dated_on, document)
    address = absolute(document.get_absolute_url())
    yield "DC.title", title
    yield "DC.creator", _("Almaty Process")
    yield "DC.publisher", _("Support Unit of the Almaty Process")
    if date:
        yield "DC.date", date
    yield "DC.type", str(document.get_type_display())
    yield "DC.format", "text/html"
    yield "DC.language", language
    if document.reference:
        yield "DC.identifier", document.reference
    yield "DC.identifier", address
    for topic in document.topics.all():
        yield "DC.subject", str(topic.name)
    yield "citation_title", title
    yield "citation_author", _("Almaty Process")
    if date:
        yield "citation_publication_date", date.replace("-", "/")
    if document.reference:
        yield "citation_technical_report_number", document.reference
    yield "citation_language", language
    yield "citation_public_url", address
    yield "citation_pdf_url", file_address(edition, "pdf")


def schema(edition: Edition, language: str, canonical: str) -> dict[str, Any]:
    """The text in the words of schema.org."""
    document = edition.document
    date = partial_iso(document.issued_on or edition.dated_on, document)
    process = {"@type": "Organization", "name": _("Almaty Process")}
    told = {
        "@context": "https://schema.org",
        "@type": "DigitalDocument",
        "@id": absolute(canonical),
        "url": absolute(canonical),
        "name": title_of(document, language)[0],
        "identifier": document.reference,
        "datePublished": date,
        "inLanguage": language,
        "version": str(edition.label),
        "author": process,
        "publisher": {"@type": "Organization", "name": _("Support Unit of the Almaty Process")},
        "isAccessibleForFree": True,
        "about": [str(topic.name) for topic in document.topics.all()],
        "encoding": [
            {
                "@type": "MediaObject",
                "encodingFormat": one.content_type.partition(";")[0],
                "contentUrl": file_address(edition, suffix),
            }
            for suffix, one in FORMATS.items()
        ],
        "workTranslation": [
            {
                "@type": "DigitalDocument",
                "inLanguage": code,
                "url": absolute(translate_url(canonical, code)),
            }
            for code in CODES
            if code != language and code in pdf.layouts_of(edition)
        ],
    }
    return {name: value for name, value in told.items() if value not in ("", None, [])}


def script(told: dict[str, Any]) -> SafeString:
    data = json.dumps(told, ensure_ascii=False).translate(UNSAFE)
    return mark_safe(f'<script type="application/ld+json">{data}</script>')  # noqa: S308 (escaped)


def file_address(edition: Edition, suffix: str) -> str:
    return absolute(reverse("edition_download", args=[edition.document.slug, edition.key, suffix]))


def absolute(path: str) -> str:
    return urljoin(settings.PORTAL_URL, path)
