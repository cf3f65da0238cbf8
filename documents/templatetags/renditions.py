"""The PDFs of an edition on its page."""

from typing import Any

from django import template
from django.utils.translation import get_language

from documents import pdf
from documents.models import Edition, Rendition

register = template.Library()


@register.inclusion_tag("documents/_renditions.html")
def renditions(edition: Edition) -> dict[str, Any]:
    """The list of an edition's PDFs, the reader's language first: {% renditions edition %}.

    One query, none more for each layout. An edition that is not issued has none.
    """
    if edition.issued_at is None:
        return {"offers": []}
    rows = {one.layout: one for one in Rendition.objects.filter(edition=edition)}
    own = (get_language() or "ru")[:2]
    layouts = sorted(pdf.layouts_of(edition), key=lambda layout: layout != own)
    return {
        "edition": edition,
        "document": edition.document,
        "offers": [
            {"layout": layout.value, "label": layout.label, "rendition": rows.get(layout)}
            for layout in layouts
        ],
    }
