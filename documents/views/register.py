"""The register of decisions (rule D3)."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.generic import DetailView, ListView

from almaty_portal.common.instants import ALMATY, write_day
from documents.models import Decision, Edition, SilenceProcedure, SilenceResponse
from documents.templatetags.texts import capital
from documents.views.feeds import PublicFeed
from documents.views.silence.page import results
from membership.permissions import reads_as_member


class DecisionList(ListView):
    """The decisions that the reader may see, the latest first."""

    paginate_by = 20
    template_name = "documents/decision_list.html"
    context_object_name = "decisions"

    def get_queryset(self) -> QuerySet[Decision]:
        return Decision.objects.visible_to(self.request.user).select_related(
            "document", "meeting", "procedure"
        )


class DecisionDetail(DetailView):
    """A decision: its text, how it was taken, when, and what States attached to it."""

    template_name = "documents/decision_detail.html"
    context_object_name = "decision"

    def get_queryset(self) -> QuerySet[Decision]:
        return Decision.objects.visible_to(self.request.user).select_related(
            *("document", "edition__document", "meeting", "procedure__outcome"),
            *("procedure__effect__state", "procedure__effect__organization"),
            "procedure__effect__meeting",
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        procedure = (
            SilenceProcedure.objects.visible_to(self.request.user)
            .filter(pk=self.object.procedure_id)
            .select_related("outcome__annulment__objection__state", "effect")
            .prefetch_related("electorate__names")
            .first()
        )
        outcome = getattr(procedure, "outcome", None)
        statements = (
            SilenceResponse.objects.filter(
                procedure=self.object.procedure_id,
                kind__in=SilenceResponse.ISSUED_WITH_THE_DECISION,
                late=False,
            )
            .select_related("state")
            .prefetch_related("state__names")
        )
        return super().get_context_data(
            procedure=procedure,
            results=results(outcome) if outcome else [],
            statements=statements,
            chain=self.chain(),
            # Told to all others alike, whatever there was: it reveals nothing (T6).
            reads_as_member=reads_as_member(self.request.user),
            **kwargs,
        )

    def chain(self) -> list[dict[str, Any]]:
        """The editions from the first draft to the one decided on, with the procedures that each
        was put under, as far as the reader may see them (rules D3, T6)."""
        edition: Edition | None = self.object.edition
        line: list[Edition] = []
        while edition is not None:
            line.insert(0, edition)
            edition = edition.supersedes
        if len(line) < 2:
            return []
        seen = Edition.objects.visible_to(self.request.user).filter(pk__in=[e.pk for e in line])
        readable = set(seen.values_list("pk", flat=True))
        procedures = list(
            SilenceProcedure.objects.visible_to(self.request.user)
            .filter(edition__in=line)
            .select_related("outcome__annulment", "outcome__broken_by__state")
            .prefetch_related("outcome__broken_by__state__names")
        )
        return [
            {"edition": one, "procedures": [p for p in procedures if p.edition_id == one.pk]}
            for one in line
            if one.pk in readable
        ]


class DecisionFeed(PublicFeed):
    """The register as an Atom feed: what everybody may read, the latest first."""

    def title(self) -> str:
        return _("Almaty Process: register of decisions")

    def subtitle(self) -> str:
        return _("All decisions are taken by consensus: at a meeting, or under silence.")

    def link(self) -> str:
        return reverse("decision_list")

    def feed_guid(self) -> str:
        return settings.PORTAL_URL + reverse("decision_feed")

    def items(self) -> QuerySet[Decision]:
        return Decision.objects.visible_to(AnonymousUser()).select_related("document", "procedure")[
            :50
        ]

    def item_title(self, item: Decision) -> str:
        title = item.title or getattr(item, "title_en", "") or getattr(item, "title_ru", "")
        if item.document.is_demonstration:
            title = _("Demonstration: %(title)s") % {"title": title}
        return _("Annulled: %(title)s") % {"title": title} if item.annulled_at else title

    def item_description(self, item: Decision) -> str:
        told = [capital(item.how_taken()), write_day(item.taken_on)]
        if item.document.reference:
            told.append(item.document.reference)
        return " · ".join(told)

    def item_guid(self, item: Decision) -> str:
        return settings.PORTAL_URL + reverse("decision_detail", args=[item.slug])

    def item_pubdate(self, item: Decision) -> dt.datetime:
        return item.effective_at or dt.datetime.combine(item.taken_on, dt.time(), tzinfo=ALMATY)

    def item_updateddate(self, item: Decision) -> dt.datetime:
        return item.annulled_at or self.item_pubdate(item)
