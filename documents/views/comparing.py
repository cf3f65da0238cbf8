"""Two editions of a document against each other, word by word."""

from typing import Any

from django.db.models import prefetch_related_objects
from django.http import HttpRequest, HttpResponse

from documents.forms.reading import CompareForm
from documents.models import Edition
from documents.reading import editions_of, in_force
from documents.redline import compare
from documents.views.archive import DocumentPage


class DocumentCompare(DocumentPage):
    """What changed from one edition to another, of those that the reader may see (rules T3, T6).

    Without parameters: the edition in force against the one that it supersedes. What is asked
    wrongly is told in a sentence at the form, with the status 400; an edition that the reader may
    not see is one that does not exist.
    """

    template_name = "documents/document_compare.html"

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        form = context.get("form")
        if form is not None and form.errors:
            kwargs["status"] = 400
        return super().render_to_response(context, **kwargs)

    def get_edition(self) -> Edition | None:
        """The text in force, whose languages and status stand at the head of the page."""
        return in_force(self.editions)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        self.editions = editions_of(self.object, self.request.user)
        enough = len(self.editions) > 1
        asked = asked_of(self.request, self.editions) if enough else None
        form = CompareForm(asked, editions=self.editions)
        context: dict[str, Any] = {"form": form, "enough": enough}
        if form.is_valid():
            before, after = form.chosen
            prefetch_related_objects([before, after], "paragraphs")
            rows = compare(before.paragraphs.all(), after.paragraphs.all())
            context |= {
                "before": before,
                "after": after,
                "languages": form.languages,
                "changed": sum(row.differs(form.languages) for row in rows),
                "rows": [
                    {"row": row, "differs": differs}
                    for row in rows
                    if (differs := row.differs(form.languages)) or not form.cleaned_data["only"]
                ],
            }
        return super().get_context_data(**context, **kwargs)


def asked_of(request: HttpRequest, editions: list[Edition]) -> dict[str, str]:
    """What the address asks; for what it leaves open, the edition in force and the one before, or
    the one made after it where it is the first: a clean edition of a historic text."""
    given: dict[str, str] = {name: str(value) for name, value in request.GET.items() if value}
    later = in_force(editions)
    if later is not None and "to" not in given:
        given["to"] = later.key
    to = next((one for one in editions if one.key == given.get("to")), None)
    if to is not None and "from" not in given:
        others = [one for one in editions if one.pk != to.pk]
        earlier = [one for one in others if one.pk == to.supersedes_id] or [
            one for one in others if one.pk < to.pk
        ]
        if earlier or "to" in request.GET:
            given["from"] = (earlier or others)[-1].key
        else:
            given |= {"from": to.key, "to": others[-1].key}
    return given
