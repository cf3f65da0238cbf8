"""How a public document is named to programs: its address, its lasting identifiers, its title."""

import re
from urllib.parse import quote, urlsplit

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from almaty_portal.common.instants import Precision, write_day
from documents.models import Document
from documents.search.facets import capital

LANGUAGES = ("en", "ru")
# What XML 1.0 cannot hold.
NO_TEXT = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def plain(text: str) -> str:
    """The text without the characters that no XML can hold."""
    return NO_TEXT.sub(" ", text)


def host() -> str:
    """The host name of the portal, in which its identifiers are unique."""
    return urlsplit(settings.PORTAL_URL).hostname or "localhost"


def tag_of(kind: str, identifier: str) -> str:
    """The `tag:` URI (RFC 4151) of something: it outlives every change of address."""
    return f"tag:{host()},2026:{kind}/{identifier}"


def address(name: str, *args: str, language: str) -> str:
    """The absolute address of a page in a language."""
    with translation.override(language):
        return settings.PORTAL_URL + reverse(name, args=args)


def reference_address(document: Document) -> str:
    """The permanent address of a document's reference (rule T8); empty without a reference."""
    return f"{settings.PORTAL_URL}/ref/{quote(document.reference)}" if document.reference else ""


def title_in(document: Document, language: str) -> str:
    """The title in a language, empty where there is none; a demonstration says that it is."""
    title = plain(getattr(document, f"title_{language}") or "")
    if not (title and document.is_demonstration):
        return title
    with translation.override(language):
        return _("Demonstration: %(title)s") % {"title": title}


def heading(document: Document, language: str) -> str:
    """The title in a language, else in the other one, else the address."""
    titles = (title_in(document, code) for code in (language, *LANGUAGES))
    return next((title for title in titles if title), document.slug)


def described(document: Document) -> str:
    """The type, date, reference and meeting of a document on one line, in the present language."""
    told = [capital(document.get_type_display())]
    if document.issued_on and document.issued_precision != Precision.UNKNOWN:
        told.append(write_day(document.issued_on, document.issued_precision))
    told += [str(one) for one in (document.reference, document.meeting) if one]
    return plain(" · ".join(told))


def date_of(document: Document) -> str:
    """The date of a document as ISO 8601 writes it, as precisely as its source does (S16)."""
    day = document.issued_on
    if day is None or document.issued_precision == Precision.UNKNOWN:
        return ""
    length = {Precision.YEAR: 4, Precision.MONTH: 7}.get(Precision(document.issued_precision), 10)
    return day.isoformat()[:length]
