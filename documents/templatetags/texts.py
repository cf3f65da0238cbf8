"""Texts, titles, dates and names of States as pages print them."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django import template
from django.template.context import RequestContext
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from almaty_portal.common.instants import ALMATY, Precision, almaty_today
from almaty_portal.common.languages import CODES
from almaty_portal.common.templatetags.components import in_language as in_language_address
from almaty_portal.common.templatetags.instants import partial_date
from documents import markup
from documents.models import Decision, Document, Edition, LanguageVersion, Paragraph
from documents.search import title_of
from documents.text import standing_in
from meetings.models import Meeting
from membership.models import State

register = template.Library()


def language_now() -> str:
    return (get_language() or "en")[:2]


# Dates


@register.filter
def almaty_day(value: dt.datetime) -> dt.date:
    """The day of an aware instant in Almaty, for history told to the day."""
    return value.astimezone(ALMATY).date()


@register.simple_tag
def date_of(document: Document, edition: Edition | None) -> str:
    """The date of a document; without one, that of its edition, as such."""
    if document.issued_on is None and edition is not None:
        return _("edition of %(date)s") % {"date": partial_date(edition.dated_on)}
    return partial_date(document.issued_on, document.issued_precision)


@register.simple_tag
def last_day(until_on: dt.date | None, precision: str = Precision.DAY) -> str:
    """The end of a period, stored as the first day it no longer holds; a dash while it goes on.

    Of an end that is told by its year alone the last year that it held is shown.
    """
    if until_on is None:
        return _("ended, date not known") if precision == Precision.UNKNOWN else "–"
    if precision == Precision.YEAR:
        until_on -= dt.timedelta(days=1)
    return partial_date(until_on, precision)


@register.simple_tag
def since(from_on: dt.date | None, precision: str = Precision.DAY) -> str:
    """From when something holds, as precisely as its source tells."""
    if from_on is None or precision == Precision.UNKNOWN:
        return _("Since when is not known")
    date = {"date": partial_date(from_on, precision)}
    if precision == Precision.DAY:
        return _("Since %(date)s") % date
    return _("Since: %(date)s") % date


# States and titles


@register.filter
def named_on(state: State, on: dt.date | None) -> str:
    """The short name that a State bore on a day (rule M2)."""
    return state.name(on)


@register.filter
def capital(text: Any) -> str:
    """The text with a capital first letter, for a label that begins a line."""
    text = str(text)
    return text[:1].upper() + text[1:]


@register.simple_tag
def title(document: Document) -> SafeString:
    """A document's title; where the reader's language has none, the one there is, marked so."""
    text, code = title_of(document, language_now())
    if code == language_now():
        return format_html("{}", text)
    note = _("title in English only") if code == "en" else _("title in Russian only")
    return format_html(
        '<span lang="{}">{}</span> <span class="muted">({})</span>', code, text, note
    )


@register.simple_tag
def plain_title(document: Document) -> str:
    """A document's title as text, for the title of a page."""
    return title_of(document, language_now())[0]


@register.simple_tag
def in_language(record: Any, name: str) -> SafeString | str:
    """A field in the reader's language; where it is missing, the other language, marked as such."""
    own = getattr(record, f"{name}_{language_now()}", "")
    if own:
        return own
    other = "ru" if language_now() == "en" else "en"
    text = getattr(record, f"{name}_{other}", "")
    if not text:
        return ""
    note = _("in English only") if other == "en" else _("in Russian only")
    return format_html(
        '<span lang="{}">{}</span> <span class="muted">({})</span>', other, text, note
    )


# Texts


@register.filter
def text_in(paragraph: Paragraph, language: str) -> str:
    """A paragraph's marked text in a language; empty where it is missing."""
    return getattr(paragraph, f"text_{language}") or ""


@register.simple_tag(takes_context=True)
def marked(
    context: template.Context, paragraph: Paragraph, language: str, prefix: str = "fn"
) -> SafeString:
    """A paragraph's text as HTML: States, brackets, footnote marks; references are links where
    the page has `links` (`documents.citing.Links`)."""
    text, links = text_in(paragraph, language), context.get("links")
    if links is None:
        return markup.html(text, footnote_prefix=prefix)
    return markup.html(text, footnote_prefix=prefix, linked=links.html)


@register.filter
def fragment(paragraph: Paragraph) -> str:
    """Where a paragraph stands on the page of its text, as in `par-vii` and `fn-5`."""
    if paragraph.role == Paragraph.Role.FOOTNOTE:
        return f"fn-{paragraph.number}"
    return f"par-{paragraph.anchor}"


@register.filter
def body(edition: Edition) -> list[Paragraph]:
    """The paragraphs of a text without its footnotes."""
    return [one for one in edition.paragraphs.all() if one.role != Paragraph.Role.FOOTNOTE]


@register.filter
def notes(edition: Edition) -> list[dict[str, Any]]:
    """The footnotes of a text, each with the paragraphs that bear its mark."""
    marks: dict[str, list[Paragraph]] = {}
    paragraphs = list(edition.paragraphs.all())
    for one in paragraphs:
        for number in dict.fromkeys(markup.footnotes(text_in(one, "en") or text_in(one, "ru"))):
            marks.setdefault(number, []).append(one)
    return [
        {"note": one, "marks": marks.get(one.number, [])}
        for one in paragraphs
        if one.role == Paragraph.Role.FOOTNOTE
    ]


@register.filter
def contents(edition: Edition) -> list[Paragraph]:
    """The headings of a text below its title, for its list of contents."""
    return [
        one
        for one in edition.paragraphs.all()
        if one.role == Paragraph.Role.HEADING and one.level > 1
    ]


@register.filter
def plain_in(paragraph: Paragraph, language: str) -> str:
    """A paragraph's text in a language without its marks."""
    return markup.plain(text_in(paragraph, language))


@register.filter
def standing(edition: Edition, language: str) -> str:
    """The standing of an edition's text in a language (rule T2)."""
    return standing_in(edition, language)


@register.filter
def standing_label(value: str) -> str:
    """What a text in one language is, as pages say it: of a working translation, whose."""
    if value == LanguageVersion.Standing.WORKING:
        return _("working translation of the Support Unit, not an official text")
    return str(LanguageVersion.Standing(value).label)


@register.filter
def language_name(code: str) -> str:
    """The name of a language in the reader's language."""
    return _("English") if code == "en" else _("Russian")


@register.filter
def in_which_language(code: str) -> str:
    """As in “not available in English”."""
    if code == "en":
        return pgettext("a text in a language", "in English")
    return pgettext("a text in a language", "in Russian")


@register.filter
def available(document: Document) -> list[str]:
    """The languages that an issued text of the document exists in; reads what was fetched."""
    found = {
        version.language
        for edition in document.editions.all()
        if edition.issued_at and edition.kind not in (Edition.Kind.DRAFT, Edition.Kind.REVISION)
        for version in edition.language_versions.all()
        if version.standing != LanguageVersion.Standing.MISSING
    }
    return [code for code in CODES if code in found]


@register.filter
def annulled(document: Document) -> bool:
    """Whether the adoption that gave a document its text was annulled, and no other one stands
    (rule S13); reads the editions that were fetched."""
    put = {Edition.Kind.FINAL, Edition.Kind.CLEAN}
    texts = [one for one in document.editions.all() if one.issued_at and one.kind in put]
    return bool(texts) and all(one.annulled_at for one in texts)


# What other apps' pages show of the archive


@register.simple_tag(takes_context=True)
def documents_of(context: RequestContext, meeting: Meeting) -> Iterable[Document]:
    """The documents of a meeting that the reader may see."""
    return (
        Document.objects.visible_to(context["request"].user)
        .filter(meeting=meeting, withdrawn_at__isnull=True)
        .in_order()
        .prefetch_related("editions__language_versions")
    )


@register.simple_tag(takes_context=True)
def decisions_of(context: RequestContext, meeting: Meeting) -> Iterable[Decision]:
    """The decisions of a meeting that the reader may see."""
    return (
        Decision.objects.visible_to(context["request"].user)
        .filter(meeting=meeting)
        .select_related("document")
    )


@register.simple_tag
def today() -> dt.date:
    """Today's date in Almaty."""
    return almaty_today()


@register.filter
def other_language(code: str) -> str:
    """English for Russian, Russian for English."""
    return "ru" if code == "en" else "en"


@register.filter
def get(values: dict[str, Any], key: str) -> Any:
    """A value of a dictionary by a key that is known only to the page."""
    return values.get(key)


@register.simple_tag(takes_context=True)
def language_url(context: RequestContext, code: str) -> str:
    """The address of this page in another language."""
    return in_language_address(context["request"], code)


@register.filter
def has_brackets(edition: Edition) -> bool:
    """Whether a State stands in brackets in the text."""
    return any(
        markup.bracketed_states(text_in(one, "en") or text_in(one, "ru"))
        for one in edition.paragraphs.all()
    )
