"""The downloads of an edition on its page."""

from typing import Any

from django import template
from django.urls import reverse
from django.utils import translation
from django.utils.translation import get_language

from almaty_portal.common.languages import CODES
from documents import pdf
from documents.formats import FORMATS
from documents.models import Edition, Rendition

register = template.Library()


@register.inclusion_tag("documents/_renditions.html")
def renditions(edition: Edition) -> dict[str, Any]:
    """What an edition is downloaded as, the reader's language first: {% renditions edition %}.

    One query, none more for each layout. An edition that is not issued has none; a language that
    is missing is named as missing (rule T2).
    """
    if edition.issued_at is None:
        return {"languages": []}
    rows = {one.layout: one for one in Rendition.objects.filter(edition=edition)}
    own = (get_language() or "ru")[:2]
    layouts = pdf.layouts_of(edition)
    return {
        "edition": edition,
        "document": edition.document,
        "languages": [
            {
                "code": code,
                "layout": code,
                "rendition": rows.get(code),
                "files": files(edition, code) if code in layouts else [],
            }
            for code in sorted(CODES, key=lambda code: code != own)
        ],
        "bilingual": {
            "layout": Rendition.Layout.BILINGUAL.value,
            "rendition": rows.get(Rendition.Layout.BILINGUAL),
        }
        if Rendition.Layout.BILINGUAL in layouts
        else None,
    }


def files(edition: Edition, code: str) -> list[dict[str, str]]:
    """The formats of an edition in a language, with their addresses in that language."""
    with translation.override(code):
        return [
            {
                "label": one.label,
                "type": one.content_type.partition(";")[0],
                "url": reverse("edition_download", args=[edition.document.slug, edition.key, key]),
            }
            for key, one in FORMATS.items()
        ]
