"""The register of decisions (rule D3)."""

from typing import Any

from django.db.models import QuerySet
from django.views.generic import DetailView, ListView

from documents.models import Decision, SilenceProcedure, SilenceResponse


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
            "document", "edition__document", "meeting", "procedure__outcome"
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        procedure = (
            SilenceProcedure.objects.visible_to(self.request.user)
            .filter(pk=self.object.procedure_id)
            .select_related("outcome")
            .prefetch_related("electorate__names", "outcome__by_state__state__names")
            .first()
        )
        statements = (
            SilenceResponse.objects.filter(
                procedure=self.object.procedure_id,
                kind__in=SilenceResponse.ISSUED_WITH_THE_DECISION,
                late=False,
            )
            .select_related("state")
            .prefetch_related("state__names")
        )
        return super().get_context_data(procedure=procedure, statements=statements, **kwargs)
