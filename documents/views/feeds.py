"""The archive as Atom feeds: all, a search, one topic, one meeting; what everybody may read."""

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.models import AnonymousUser
from django.contrib.syndication.views import Feed
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import conditional_page

from documents import search
from documents.forms.search import SearchForm
from documents.harvest.naming import address, described, heading, plain, tag_of
from documents.models import PublicRecord, Topic
from meetings.models import Meeting

ENTRIES = 50


class PublicFeed(Feed):
    """What all feeds share: Atom, and an author, which RFC 4287 asks for."""

    feed_type = Atom1Feed

    @method_decorator(conditional_page)
    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = super().__call__(request, *args, **kwargs)
        # What is taken out of a feed leaves no date in it: the entity tag alone tells of a change.
        del response["Last-Modified"]
        return response

    def author_name(self) -> str:
        return _("Almaty Process")


class DocumentFeed(PublicFeed):
    """The documents that the public sees, the latest changed first.

    An entry keeps its id whatever happens to its address; what is no longer public is not in it.
    """

    def title(self, obj: Any) -> str:
        return _("Almaty Process: documents")

    def subtitle(self, obj: Any) -> str:
        return _("New and changed documents of the archive, in English and Russian.")

    def link(self, obj: Any) -> str:
        return reverse("archive")

    def feed_guid(self, obj: Any) -> str:
        return tag_of("feed", f"{here()}/documents")

    def records(self) -> QuerySet[PublicRecord]:
        records = PublicRecord.objects.filter(deleted=False).select_related("document__meeting")
        return records.order_by("-changed_at", "-pk")

    def items(self, obj: Any) -> QuerySet[PublicRecord]:
        return self.records()[:ENTRIES]

    def item_title(self, item: PublicRecord) -> str:
        return heading(item.document, here())

    def item_description(self, item: PublicRecord) -> str:
        return described(item.document)

    def item_link(self, item: PublicRecord) -> str:
        return address("document_detail", item.document.slug, language=here())

    def item_guid(self, item: PublicRecord) -> str:
        return tag_of("document", item.identifier)

    def item_updateddate(self, item: PublicRecord) -> dt.datetime:
        return item.changed_at


class SearchFeed(DocumentFeed):
    """The documents that a search of the archive finds, by the address of its page; without a
    question all of them. It follows those that the page counts (`search.CANDIDATES`).

    A question that the page refuses is refused here with the same sentence and the status 400.
    """

    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = SearchForm(request.GET)
        if not form.is_valid():
            told = " ".join(str(one) for errors in form.errors.values() for one in errors)
            return HttpResponse(told, status=400, content_type="text/plain; charset=utf-8")
        return super().__call__(request, form=form)

    def get_object(self, request: HttpRequest, form: SearchForm) -> SearchForm:
        return form

    def title(self, obj: SearchForm) -> str:
        if not obj.asked:
            return super().title(obj)
        names = search.names_of(obj.filters, search.labels_of(here()))
        told = search.in_words(obj.question.text, names)
        return plain(_("Almaty Process: documents, %(search)s") % {"search": told})

    def link(self, obj: SearchForm) -> str:
        return search.url_of(obj.asked)

    def feed_url(self, obj: SearchForm) -> str:
        return search.url_of(obj.asked, "document_feed")

    def feed_guid(self, obj: SearchForm) -> str:
        guid = super().feed_guid(obj)
        return f"{guid}?{urlencode(obj.asked)}" if obj.asked else guid

    def items(self, obj: SearchForm) -> QuerySet[PublicRecord]:
        records = self.records()
        if obj.asked:
            found, _more = search.latest(
                reader=AnonymousUser(), question=obj.question, filters=obj.filters
            )
            records = records.filter(document__in=found)
        return records[:ENTRIES]


class TopicFeed(DocumentFeed):
    """The documents on one topic."""

    def get_object(self, request: HttpRequest, slug: str) -> Topic:
        return get_object_or_404(Topic, slug=slug)

    def title(self, obj: Topic) -> str:
        return plain(_("Almaty Process: documents on %(topic)s") % {"topic": obj})

    def link(self, obj: Topic) -> str:
        return obj.get_absolute_url()

    def feed_guid(self, obj: Topic) -> str:
        return tag_of("feed", f"{here()}/topics/{obj.pk}")

    def items(self, obj: Topic) -> QuerySet[PublicRecord]:
        return self.records().filter(document__topics=obj)[:ENTRIES]


class MeetingFeed(DocumentFeed):
    """The documents of one meeting."""

    def get_object(self, request: HttpRequest, slug: str) -> Meeting:
        return get_object_or_404(Meeting, slug=slug)

    def title(self, obj: Meeting) -> str:
        return plain(_("Almaty Process: documents of %(meeting)s") % {"meeting": obj})

    def link(self, obj: Meeting) -> str:
        return obj.get_absolute_url()

    def feed_guid(self, obj: Meeting) -> str:
        return tag_of("feed", f"{here()}/meetings/{obj.pk}")

    def items(self, obj: Meeting) -> QuerySet[PublicRecord]:
        return self.records().filter(document__meeting=obj)[:ENTRIES]


def here() -> str:
    return (get_language() or "en")[:2]
