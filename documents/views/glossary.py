"""The glossary for everybody: what the Process calls things in both languages."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe
from django.views.generic import TemplateView

from almaty_portal.common.languages import CODES
from documents.exchange.terms import Entry, entries_of, to_csv, to_tbx
from documents.models import Concept, Term
from documents.search.lemmas import plain


def glossary_entries() -> list[Entry]:
    return entries_of(Concept.objects.with_terms())


class Glossary(TemplateView):
    """All concepts, in the order of the reader's language; `q` narrows them."""

    template_name = "documents/glossary.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        wanted = self.request.GET.get("q", "").strip()[:100]
        own = get_language() or "en"
        languages = sorted(CODES, key=lambda code: code != own)  # the reader's first
        rows = []
        for entry in glossary_entries():
            row: dict[str, Any] = {
                "key": entry.key,
                "definition": entry.definition.get(own, ""),
                "source": entry.source.get(own, ""),
                "terms": {
                    code: {
                        "agreed": "".join(entry.terms.get((code, Term.Status.AGREED), [])),
                        "admitted": entry.terms.get((code, Term.Status.ADMITTED), []),
                        "forbidden": entry.terms.get((code, Term.Status.FORBIDDEN), []),
                    }
                    for code in languages
                },
            }
            texts = [one for many in entry.terms.values() for one in many]
            if not wanted or any(plain(wanted) in plain(text) for text in texts):
                rows.append(row)
        rows.sort(key=lambda row: plain(row["terms"][own]["agreed"]))
        sources = list(dict.fromkeys(row["source"] for row in rows if row["source"]))
        return super().get_context_data(
            rows=rows, languages=languages, q=wanted, sources=sources, **kwargs
        )


@require_safe
def glossary_csv(request: HttpRequest) -> HttpResponse:
    """The glossary as a table."""
    return attached(to_csv(glossary_entries()), "text/csv; charset=utf-8", "glossary.csv")


@require_safe
def glossary_tbx(request: HttpRequest) -> HttpResponse:
    """The glossary as TBX (ISO 30042)."""
    title = _("Glossary of the Almaty Process")
    return attached(to_tbx(glossary_entries(), title), "application/x-tbx", "glossary.tbx")


def attached(data: bytes, kind: str, name: str) -> HttpResponse:
    response = HttpResponse(data, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
