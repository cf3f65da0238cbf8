"""The public archive: its search, a document with its editions, a topic."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.text import Truncator
from django.utils.translation import get_language
from django.views.generic import DetailView, TemplateView

from documents import search
from documents.citing import Links, cited_by, relations_of
from documents.forms.reading import AsAtForm
from documents.forms.search import ORDERS, SaveSearchForm, SearchForm
from documents.models import (
    AccessChange,
    Decision,
    Document,
    Edition,
    FormerAddress,
    SilenceProcedure,
    Topic,
)
from documents.models.searches import NAME_LENGTH
from documents.permissions import can_save_searches
from documents.reading import (
    current_edition,
    edition_as_at,
    edition_by_key,
    editions_of,
    in_force,
    is_beside,
    standing_beside,
    superseding,
)
from documents.references import document_of
from documents.text import standing_in

LANGUAGES = ("en", "ru")


class Archive(TemplateView):
    """The list of documents, searched and narrowed by its address."""

    template_name = "documents/document_list.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        form = SearchForm(self.request.GET)
        form.is_valid()
        refused = bool(form.errors)
        question, filters = form.question, form.filters
        language = (get_language() or "en")[:2]
        results = self.find(question, form, language)
        better = self.better(results, question)
        if better:
            question = search.Question.read(better)
            results = self.find(question, form, language)
        page = Paginator(results.ids, search.PER_PAGE).get_page(self.request.GET.get("page"))
        sort = self.request.GET.get("sort", "")
        kept = {**form.asked, **({"sort": sort} if sort else {})}
        return super().get_context_data(
            form=form,
            question=question,
            refused=refused,
            results=results,
            page=page,
            hits=search.hits(
                list(page.object_list),
                question=question,
                language=language,
            ),
            facets=[
                {
                    "name": name,
                    "label": search.FACETS[name],
                    "open": name == "type" or name in filters,
                    "choices": [
                        {"choice": one, "url": search.url_of({**kept, name: one.value})}
                        for one in choices
                    ],
                }
                for name, choices in results.facets.items()
                if choices
            ],
            chips=[
                {
                    "facet": search.FACETS[name],
                    "label": label,
                    "url": search.url_of({key: one for key, one in kept.items() if key != name}),
                }
                for name, label in results.labels.items()
            ],
            orders=[
                (value, label, value == form.order)
                for value, label in ORDERS
                if value != "relevance" or question.wanted
            ],
            kept=kept,
            **self.following(form, better, results.labels),
            clear_url=search.url_of({key: kept[key] for key in ("q", "sort") if key in kept}),
            corrected={"text": better, "url": search.url_of({**kept, "q": better})}
            if better
            else None,
            candidates=search.CANDIDATES,
            **kwargs,
        )

    def following(self, form: SearchForm, better: str, labels: dict[str, str]) -> dict[str, Any]:
        """How the search shown can be followed: by its feed, and saved, by those who may."""
        asked = {**form.asked, **({"q": better} if better else {})}
        words = search.in_words(asked.get("q", ""), labels)
        found: dict[str, Any] = {
            "asked": words if asked else "",
            "feed_url": search.url_of(asked, "document_feed"),
        }
        if not form.errors and can_save_searches(self.request.user):
            name = Truncator(words).chars(NAME_LENGTH)
            found["save_form"] = SaveSearchForm(initial={**asked, "name": name}, auto_id="save_%s")
        return found

    def find(self, question: search.Question, form: SearchForm, language: str) -> search.Results:
        return search.find(
            reader=self.request.user,
            question=question,
            filters=form.filters,
            sort=form.order,
            language=language,
        )

    def better(self, results: search.Results, question: search.Question) -> str:
        """The question with misspelt words put right, where it finds nothing; empty without."""
        if results.ids or not question.wanted:
            return ""
        return search.suggestion(reader=self.request.user, question=question)


class DocumentPage(DetailView):
    """What the pages of one document share: the document and an edition the reader may see.

    A former address leads to the present one; a withdrawn document shows its tombstone.
    """

    model = Document
    context_object_name = "document"

    def get_queryset(self) -> Any:
        return (
            Document.objects.visible_to(self.request.user)
            .select_related("meeting", "annex_of")
            .prefetch_related("topics", "peculiarities")
        )

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            self.object = self.get_object()
        except Http404:
            former = get_object_or_404(
                FormerAddress.objects.select_related("document"),
                slug=kwargs["slug"],
                document__in=self.get_queryset(),
            )
            name = request.resolver_match.view_name if request.resolver_match else "document_detail"
            kept = {**kwargs, "slug": former.document.slug}
            return redirect(name, permanent=True, **kept)
        if self.object.withdrawn_at:
            return self.tombstone()
        return self.render_to_response(self.get_context_data(object=self.object))

    def tombstone(self) -> HttpResponse:
        self.template_name = "documents/document_withdrawn.html"
        context = super().get_context_data(object=self.object)
        return self.render_to_response(context, status=410)

    def get_edition(self) -> Edition | None:
        """The edition in force, or the one that the address names with `?edition=`."""
        key = self.request.GET.get("edition")
        if not key:
            return current_edition(self.object, self.request.user)
        edition = edition_by_key(self.object, key, self.request.user)
        if edition is None:
            raise Http404
        return edition

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        edition = self.get_edition()
        reader = self.request.user
        document = self.object
        standings = {code: standing_in(edition, code) for code in LANGUAGES} if edition else {}
        procedures = list(
            SilenceProcedure.objects.visible_to(reader)
            .filter(edition__document=document)
            .select_related("outcome", "edition")
            .order_by("opened_at")
        )
        own = [one for one in procedures if edition and one.edition_id == edition.pk]
        shown = editions_of(document, reader)
        later = superseding(edition, editions_of(document)) if edition else None
        now = in_force(shown)
        canonical = document.get_absolute_url()
        if edition is not None and now is not None and now.pk != edition.pk:
            canonical = edition.get_absolute_url()
        if later and later.pk not in {one.pk for one in shown}:
            later = None
        return super().get_context_data(
            edition=edition,
            standings=standings,
            language=(get_language() or "en")[:2],
            procedures=procedures,
            comparable=len(shown) > 1,
            running=[
                one for one in own if not one.historic and getattr(one, "outcome", None) is None
            ],
            not_adopted=next((one for one in own if is_broken(one)), None),
            proposed=edition is not None and edition.proposed,
            superseded_by=later,
            beside=standing_beside(edition, shown) if edition else [],
            belongs_to=text_of(edition, shown) if edition else None,
            links=Links(edition, reader) if edition else None,
            canonical=canonical,
            **{"as_at_form": AsAtForm(), **kwargs},
        )


def text_of(edition: Edition, editions: Sequence[Edition]) -> Edition | None:
    """The text to which an addendum or a corrigendum belongs, among those that are shown."""
    if not is_beside(edition):
        return None
    owner = next((one for one in editions if one.pk == edition.belongs_to_id), None)
    return owner or (in_force(editions) if edition.belongs_to_id is None else None)


def is_broken(procedure: SilenceProcedure) -> bool:
    outcome = getattr(procedure, "outcome", None)
    return outcome is not None and outcome.result == outcome.Result.BROKEN


class DocumentDetail(DocumentPage):
    """A document: what it is, its text in force, what belongs to it.

    `?as_at=` asks for the text that was in force on a day (rule T3); what is no day is told in a
    sentence, with the status 400, above the text in force today.
    """

    template_name = "documents/document_detail.html"
    as_at: dt.date | None = None

    def render_to_response(self, context: dict[str, Any], **kwargs: Any) -> HttpResponse:
        form = context.get("as_at_form")
        if form is not None and form.errors:
            kwargs["status"] = 400
        return super().render_to_response(context, **kwargs)

    def get_edition(self) -> Edition | None:
        if self.as_at is not None:
            return edition_as_at(self.object, self.as_at, self.request.user)
        return super().get_edition()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        reader = self.request.user
        document = self.object
        if "as_at" in self.request.GET and not kwargs.get("own_address"):
            form = AsAtForm(self.request.GET)
            self.as_at = form.cleaned_data["as_at"] if form.is_valid() else None
            kwargs |= {"as_at_form": form, "as_at": self.as_at}
        related = Document.objects.visible_to(reader).filter(withdrawn_at__isnull=True)
        return super().get_context_data(
            annexes=related.filter(annex_of=document).order_by("annex_number", "slug"),
            annex_of=related.filter(pk=document.annex_of_id).first()
            if document.annex_of_id
            else None,
            attachments=document.attachments.select_related("file_text"),
            relations=relations_of(document, reader),
            cited_by=cited_by(document, reader),
            derestricted=derestriction(document),
            decisions=Decision.objects.visible_to(reader).filter(document=document),
            **kwargs,
        )


def derestriction(document: Document) -> AccessChange | None:
    """The act that opened a document to those who read it now; None where that is not the latest
    (rule T6)."""
    last = document.access_changes.last()
    return last if last and last.derestricts else None


class EditionDetail(DocumentDetail):
    """One edition of a document at its own address, marked where another one replaced it."""

    def get_edition(self) -> Edition:
        edition = edition_by_key(self.object, self.kwargs["key"], self.request.user)
        if edition is None:
            raise Http404
        return edition

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(own_address=True, **kwargs)


class DocumentBilingual(DocumentPage):
    """English and Russian side by side, paragraph by paragraph."""

    template_name = "documents/document_bilingual.html"


class DocumentHistory(DocumentPage):
    """The editions of a document, what each replaced, and the silence procedures on them."""

    template_name = "documents/document_history.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        everything = editions_of(self.object)
        shown = editions_of(self.object, self.request.user)[::-1]
        by_pk = {one.pk: one for one in shown}
        replacing = {one.pk: superseding(one, everything) for one in shown}
        return super().get_context_data(
            rows=[
                {
                    "edition": one,
                    "supersedes": by_pk.get(one.supersedes_id or 0),
                    "superseded_by": later
                    if (later := replacing[one.pk]) and later.pk in by_pk
                    else None,
                }
                for one in shown
            ],
            access_changes=self.object.access_changes.all(),
            **kwargs,
        )


class TopicDetail(DetailView):
    """All on one topic that the reader may see."""

    model = Topic
    context_object_name = "topic"
    template_name = "documents/topic_detail.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        reader = self.request.user
        return super().get_context_data(
            documents=search.searchable(reader)
            .filter(topics=self.object)
            .select_related("meeting")
            .prefetch_related("editions__language_versions")[: search.CANDIDATES],
            meetings=self.object.meetings.select_related("country").order_by("-from_on"),
            topics=Topic.objects.exclude(pk=self.object.pk),
            **kwargs,
        )


def reference(request: HttpRequest, reference: str) -> HttpResponse:
    """The permanent address of a printed reference leads to its document, in the reader's
    language, however the reference is written."""
    document = document_of(reference, request.user)
    if document is None:
        raise Http404
    return redirect(document)
