"""Silence procedures, what the States said, and the ledger: read here, written by actions."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db.models import DateTimeField, Func, QuerySet
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from almaty_portal.common.admin import ReadOnlyAdmin, delivery
from almaty_portal.common.instants import database_now
from almaty_portal.common.models import Notice
from documents.admin.acts import ChairsActs
from documents.models import (
    Annulment,
    Effect,
    Entitlement,
    FollowUp,
    LedgerEntry,
    ObjectionPoint,
    SilenceOutcome,
    SilenceProcedure,
    SilenceResponse,
    StateOutcome,
    TechnicalCorrection,
    UnstoredAct,
)
from membership.admin import StateFilter

Status = SilenceProcedure.Status
COLOURS = {
    str(Status.RUNNING.label): "warning",
    str(Status.DEADLINE_PASSED.label): "info",
    str(Status.ADOPTED.label): "success",
    str(Status.BROKEN.label): "danger",
    str(Status.ANNULLED.label): "danger",
}


class StatusFilter(admin.SimpleListFilter):
    """Where a procedure stands by the database's clock (rule S11)."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(one.value, one.label) for one in Status]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        match self.value():
            case Status.RUNNING:
                return queryset.open().filter(deadline_at__gt=database_now())
            case Status.DEADLINE_PASSED:
                return queryset.open().filter(deadline_at__lte=database_now())
            case None:
                return queryset
            case Status.ANNULLED:
                return queryset.filter(outcome__annulment__isnull=False)
            case ended:
                return queryset.filter(outcome__result=ended, outcome__annulment__isnull=True)


@admin.register(SilenceProcedure)
class SilenceProcedureAdmin(ChairsActs, ReadOnlyAdmin):
    """A procedure is opened from its edition's page, and changed by nobody."""

    list_display = ["title_en", "title_ru", "status_now", "deadline_at", "kind", "historic"]
    list_display_links = ["title_en", "title_ru"]
    list_filter = [StatusFilter, "kind", "historic"]
    search_fields = ["title_en", "title_ru", "slug", "edition__document__reference"]
    date_hierarchy = "deadline_at"
    list_select_related = ["outcome__annulment", "edition__document"]
    list_before_template = "admin/documents/silence_hint.html"
    actions_detail = [{"title": _("Actions"), "icon": "more_horiz", "items": ChairsActs.ACTS}]
    change_form_outer_before_template = "admin/documents/procedure.html"
    fieldsets = [
        (
            _("What was put under silence"),
            {
                "fields": [
                    ("title_en", "title_ru"),
                    ("kind", "silence_means"),
                    ("edition", "publish_on_adoption"),
                    "reissue_of",
                    "text_hash_en",
                    "text_hash_ru",
                ]
            },
        ),
        (
            _("The Chair's directive"),
            {
                "fields": [
                    "directive_on",
                    ("directive_form_en", "directive_form_ru"),
                    ("directive_by_en", "directive_by_ru"),
                    ("urgency_reason_en", "urgency_reason_ru"),
                    ("discordance_reason_en", "discordance_reason_ru"),
                ]
            },
        ),
        (
            _("On record"),
            {
                "fields": [
                    ("opened_at", "opened_by"),
                    ("deadline_at", "deadline_zone"),
                    ("deadline_note_en", "deadline_note_ru"),
                    ("entered_at", "historic"),
                    ("note_en", "note_ru"),
                    ("source_en", "source_ru"),
                ]
            },
        ),
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        clock = Func(function="clock_timestamp", output_field=DateTimeField())
        return super().get_queryset(request).annotate(read_at=clock)

    @display(description=_("status"), label=COLOURS)
    def status_now(self, procedure: Any) -> str:
        return str(procedure.status(procedure.read_at).label)

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        procedure = self.get_object(request, object_id)
        context = {**(extra_context or {})}
        if isinstance(procedure, SilenceProcedure):
            context.update(record_of(procedure))
        return super().change_view(request, object_id, form_url, context)


def record_of(procedure: SilenceProcedure) -> dict[str, Any]:
    """What the page of a procedure tells: its States, their answers, notices, ledger."""
    now = database_now()
    answers = list(
        procedure.responses.select_related("state", "by").prefetch_related("state__names")
    )
    said: dict[int, list[SilenceResponse]] = {}
    for answer in answers:
        said.setdefault(answer.state_id, []).append(answer)
    states = procedure.electorate.in_protocol_order().with_names()
    notices = Notice.objects.filter(event__startswith=f"silence-{procedure.pk}-")
    return {
        "procedure": procedure,
        "now": now,
        "status": procedure.status(now),
        "outcome": getattr(procedure, "outcome", None),
        "states": [(state, said.get(state.pk, [])) for state in states],
        "notices": [
            (notice, delivery(notice.email))
            for notice in notices.select_related("recipient", "email").order_by("pk")
        ],
        "ledger": procedure.ledger.all(),
        "effect": getattr(procedure, "effect", None),
        "corrections": procedure.corrections.select_related("edition"),
        "paper_notes": procedure.paper_notes.select_related("state").prefetch_related(
            "state__names"
        ),
        "follow_up": getattr(procedure, "follow_up", None),
        "unstored": procedure.unstored_acts.select_related("state", "by").prefetch_related(
            "state__names"
        ),
        "left_over": list(left_over(procedure.ledger.all())),
    }


def left_over(ledger: Iterable[LedgerEntry]) -> Iterator[dict[str, Any]]:
    """What the entries say could not be applied, and what could not be taken back because somebody
    had changed it since: for the Support Unit to settle by hand (S11, S13)."""
    for row in ledger:
        changes = row.entry.get("changes") or []
        for change in changes if isinstance(changes, list) else []:
            if "not_applied" in change:
                kind = Effect.Kind(change["not_applied"])
                yield {"entry": row, "not_applied": kind.label, "why": change["why"]}
        for change in row.entry.get("not_undone") or []:
            model = apps.get_model(change["record"])
            record = model._base_manager.filter(pk=change["pk"]).first()
            address = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
            yield {
                "entry": row,
                "record": record,
                "what": model._meta.verbose_name,
                "url": reverse(address, args=[change["pk"]]),
            }


class OfProcedureAdmin(ReadOnlyAdmin):
    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("state__names")


@admin.register(Entitlement)
class EntitlementAdmin(OfProcedureAdmin):
    list_display = ["state", "procedure"]
    list_filter = [StateFilter]
    search_fields = ["procedure__title_en", "procedure__title_ru", "state__code"]
    list_select_related = ["state", "procedure"]
    fieldsets = [(None, {"fields": [("procedure", "state")]})]


@admin.register(SilenceResponse)
class SilenceResponseAdmin(OfProcedureAdmin):
    list_display = ["received_at", "state", "kind", "late", "procedure", "by"]
    list_display_links = ["received_at", "state"]
    list_filter = ["kind", "late", StateFilter]
    search_fields = ["procedure__title_en", "procedure__title_ru", "reason", "by__email"]
    date_hierarchy = "received_at"
    list_select_related = ["procedure", "state", "by"]
    fieldsets = [
        (
            None,
            {"fields": ["procedure", ("state", "by"), ("kind", "late"), "received_at", "reason"]},
        )
    ]


@admin.register(UnstoredAct)
class UnstoredActAdmin(OfProcedureAdmin):
    list_display = ["received_at", "state", "kind", "procedure", "by", "refused_at"]
    list_display_links = ["received_at", "state"]
    list_filter = ["kind", StateFilter]
    search_fields = ["procedure__title_en", "procedure__title_ru", "text", "by__email"]
    date_hierarchy = "received_at"
    list_select_related = ["procedure", "state", "by"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "procedure",
                    ("state", "by"),
                    "kind",
                    ("received_at", "refused_at"),
                    "text",
                    "points",
                ]
            },
        )
    ]


@admin.register(SilenceOutcome)
class SilenceOutcomeAdmin(ReadOnlyAdmin):
    list_display = ["procedure", "result", "effective_at", "recorded_at", "broken_by_state"]
    list_filter = ["result"]
    search_fields = ["procedure__title_en", "procedure__title_ru", "note_en", "note_ru"]
    date_hierarchy = "effective_at"
    list_select_related = ["procedure", "broken_by__state", "edition_issued__document"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("procedure", "result"),
                    ("effective_at", "recorded_at"),
                    ("broken_by", "edition_issued"),
                    "effects_at",
                    ("note_en", "note_ru"),
                    ("source_en", "source_ru"),
                ]
            },
        )
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("broken_by__state__names")

    @display(description=_("broken by"))
    def broken_by_state(self, outcome: SilenceOutcome) -> str:
        return str(outcome.broken_by.state) if outcome.broken_by else "—"


@admin.register(StateOutcome)
class StateOutcomeAdmin(OfProcedureAdmin):
    list_display = ["state", "result", "procedure", "note_en", "note_ru"]
    list_filter = ["result", StateFilter]
    search_fields = ["outcome__procedure__title_en", "outcome__procedure__title_ru", "note_en"]
    list_select_related = ["state", "outcome__procedure"]
    fieldsets = [(None, {"fields": ["outcome", ("state", "result"), ("note_en", "note_ru")]})]

    @display(description=_("procedure"))
    def procedure(self, one: StateOutcome) -> str:
        return str(one.outcome.procedure)


@admin.register(LedgerEntry)
class LedgerEntryAdmin(ReadOnlyAdmin):
    list_display = ["number", "step", "recorded_at", "procedure", "entry_hash"]
    list_display_links = ["number", "step"]
    list_filter = ["step"]
    search_fields = ["step", "entry_hash", "procedure__title_en", "procedure__title_ru", "=number"]
    date_hierarchy = "recorded_at"
    list_select_related = ["procedure"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("number", "step"),
                    ("recorded_at", "procedure"),
                    "previous_hash",
                    "entry_hash",
                    "canonical",
                ]
            },
        )
    ]


@admin.register(Effect)
class EffectAdmin(ReadOnlyAdmin):
    list_display = ["procedure", "kind", "state", "organization", "meeting", "from_on", "until_on"]
    list_filter = ["kind"]
    search_fields = ["procedure__title_en", "procedure__title_ru"]
    list_select_related = ["procedure", "state", "organization", "meeting"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("procedure", "kind"),
                    ("state", "organization", "meeting"),
                    ("from_on", "until_on"),
                    "applied",
                ]
            },
        )
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("state__names")


@admin.register(TechnicalCorrection)
class TechnicalCorrectionAdmin(ReadOnlyAdmin):
    list_display = ["procedure", "edition", "made_at", "note_en", "note_ru", "by"]
    search_fields = ["procedure__title_en", "procedure__title_ru", "note_en", "note_ru"]
    date_hierarchy = "made_at"
    list_select_related = ["procedure", "edition__document", "by"]
    fieldsets = [
        (None, {"fields": [("procedure", "edition"), ("made_at", "by"), ("note_en", "note_ru")]})
    ]


@admin.register(ObjectionPoint)
class ObjectionPointAdmin(ReadOnlyAdmin):
    list_display = ["response", "paragraph", "proposed_en", "proposed_ru"]
    search_fields = ["proposed_en", "proposed_ru", "response__procedure__title_en"]
    list_select_related = ["response__state", "paragraph"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("response", "paragraph"),
                    ("proposed_en", "proposed_ru"),
                ]
            },
        )
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("response__state__names")


@admin.register(Annulment)
class AnnulmentAdmin(ReadOnlyAdmin):
    list_display = ["procedure", "objection", "annulled_at"]
    search_fields = ["outcome__procedure__title_en", "outcome__procedure__title_ru"]
    date_hierarchy = "annulled_at"
    list_select_related = ["outcome__procedure", "objection__state"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("outcome", "objection"),
                    "annulled_at",
                    "undone",
                ]
            },
        )
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("objection__state__names")

    @display(description=_("procedure"))
    def procedure(self, annulment: Annulment) -> str:
        return str(annulment.outcome.procedure)


@admin.register(FollowUp)
class FollowUpAdmin(ReadOnlyAdmin):
    list_display = ["procedure", "kind", "at", "by"]
    list_filter = ["kind"]
    search_fields = ["procedure__title_en", "procedure__title_ru", "reason_en", "reason_ru"]
    date_hierarchy = "at"
    list_select_related = ["procedure", "by"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("procedure", "kind"),
                    ("edition", "agenda_item"),
                    ("reason_en", "reason_ru"),
                    ("at", "by"),
                ]
            },
        )
    ]
