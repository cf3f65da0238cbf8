"""A paragraph as the Support Unit's pages show it."""

from typing import Any

from django.utils.safestring import SafeString

from documents import markup
from documents.models import Paragraph


def printed(paragraph: Paragraph) -> dict[str, Any]:
    """A paragraph as the page shows it; a malformed mark is shown as typed."""
    return {
        "paragraph": paragraph,
        "en": safe_html(paragraph.text_en),
        "ru": safe_html(paragraph.text_ru),
    }


def safe_html(text: str | None) -> SafeString | str:
    try:
        return markup.html(text or "")
    except markup.MarkupError:
        return text or ""
