"""The first page of the Support Unit: what runs, what is unfinished, what was done last."""

from typing import Any

from django.db.models import Count, Q
from django.http import HttpRequest

from almaty_portal.common.admin.records import action_words
from almaty_portal.common.instants import database_now
from almaty_portal.common.models import AuditRecord
from documents.models import Document, Edition, PaperNote, SilenceProcedure
from documents.permissions import can_confirm_paper

MANY = 10
OWN = ("documents", "meetings", "membership", "chairmanship", "common")


def dashboard(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What the first page tells beside the list of records."""
    now = database_now()
    untitled = Document.objects.filter(Q(title_ru__isnull=True) | Q(title_ru=""))
    running = (
        SilenceProcedure.objects.open()
        .filter(historic=False)
        .select_related("edition__document")
        .annotate(
            entitled=Count("electorate", distinct=True),
            acknowledged=Count(
                "responses",
                filter=Q(responses__kind="acknowledgement", responses__late=False),
                distinct=True,
            ),
        )
        .order_by("deadline_at")
    )
    records = list(AuditRecord.objects.select_related("by")[:MANY])
    apps = {app["app_label"]: app for app in context.get("app_list", [])}
    context.update(
        {
            # The libraries' lists stand in the navigation alone.
            "app_list": [apps[label] for label in OWN if label in apps],
            "now": now,
            "papers": [
                one
                for one in PaperNote.objects.waiting(now)
                .select_related("procedure", "state", "entered_by")
                .prefetch_related("state__names")
                .order_by("confirm_before")
                if can_confirm_paper(request.user, one)
            ],
            "running": [(one, one.status(now)) for one in running],
            "drafts": Edition.objects.filter(issued_at=None)
            .select_related("document")
            .order_by("-dated_on")[:MANY],
            "untitled": untitled[:MANY],
            "untitled_count": untitled.count(),
            "records": [(one, action_words(one.action)) for one in records],
        }
    )
    return context
