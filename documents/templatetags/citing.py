"""How a document is cited in each language."""

from django import template
from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from almaty_portal.common.instants import almaty_today, write_day
from almaty_portal.common.languages import CODES
from documents.models import Document, Edition, LanguageVersion
from documents.search import title_of
from documents.text import standing_in

register = template.Library()


@register.simple_tag
def how_to_cite(document: Document, edition: Edition | None) -> list[tuple[str, str]]:
    """The text to copy in English and in Russian, there in the manner of GOST R 7.0.100."""
    today = almaty_today()
    found = []
    for code in CODES:
        with translation.override(code):
            found.append((code, citation(document, edition, code, write_day(today))))
    return found


def citation(document: Document, edition: Edition | None, code: str, today: str) -> str:
    """In the active language, which is `code`."""
    parts = [document.reference or str(document.get_type_display())]
    if edition is not None and edition.kind != Edition.Kind.FINAL:
        parts.append(edition.label)
    if document.issued_on:
        parts.append(write_day(document.issued_on, document.issued_precision))
    if document.reference:
        address = reverse("reference", args=[document.reference])
    else:
        address = document.get_absolute_url()
    text = pgettext(
        "how to cite a document",
        "Almaty Process. %(title)s. %(facts)s. Available at: %(url)s (accessed on %(today)s).",
    ) % {
        "title": title_of(document, code)[0],
        "facts": ", ".join(parts),
        "url": f"{settings.PORTAL_URL}{address}",
        "today": today,
    }
    if edition and standing_in(edition, code) == LanguageVersion.Standing.WORKING:
        text += " " + _("Working translation of the Support Unit, not an official text.")
    return text
