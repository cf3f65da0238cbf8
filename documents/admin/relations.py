"""How documents stand to each other, the patterns of references, who could read what since when."""

from typing import Any

from django.contrib import admin
from django.db.models import BooleanField, ExpressionWrapper, Model, Q, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from almaty_portal.common.admin import (
    AuditedAdmin,
    AuditedTabularInline,
    ReadOnlyAdmin,
    ReadOnlyInline,
)
from almaty_portal.common.admin.forms import changes
from almaty_portal.common.instants import almaty_today
from documents.actions.relations import set_relation
from documents.models import AccessChange, Citation, ReferencePattern, Relation

REFUSALS = {
    "relations_make_no_ring": _(
        "The other document stands in this relation to this one already, directly or by others: "
        "choose another document or another relation."
    ),
    "relations_keep_the_modalities": _(
        "The Operating Modalities are amended by Ministerial meetings only (OM 3.vii): a document "
        "that amends or replaces them, or an annex of them, keeps such a meeting."
    ),
    "annexes_make_no_ring": _(
        "That document is an annex of this one, directly or by others: choose another document."
    ),
}


class RelationInline(AuditedTabularInline):
    """What the document does to others."""

    model = Relation
    fk_name = "source"
    fields = ["kind", "target"]
    autocomplete_fields = ["target"]
    deletable = True
    verbose_name_plural = _("this document: its relations to others")


class InverseRelationInline(AuditedTabularInline):
    """What other documents do to it."""

    model = Relation
    fk_name = "target"
    fields = ["source", "kind"]
    autocomplete_fields = ["source"]
    deletable = True
    verbose_name_plural = _("other documents: their relations to this one")


@admin.register(Relation)
class RelationAdmin(AuditedAdmin):
    refusals = REFUSALS
    deletable = True
    list_display = ["source", "kind", "target"]
    list_filter = ["kind"]
    search_fields = ["source__reference", "source__title_en", "target__reference"]
    autocomplete_fields = ["source", "target"]
    list_select_related = ["source", "target"]
    fieldsets = [(None, {"fields": [("source", "kind", "target")]})]

    def write(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        set_relation(relation=form.instance, changed=changes(form), by=request.user)


@admin.register(Citation)
class CitationAdmin(ReadOnlyAdmin):
    list_display = ["key", "paragraph"]
    search_fields = ["key"]
    list_select_related = ["paragraph"]
    fieldsets = [(None, {"fields": ["key", "paragraph"]})]


class AccessChangeInline(ReadOnlyInline):
    model = AccessChange
    fields = ["changed_at", "before", "after", "reason_en", "reason_ru", "by"]
    readonly_fields = fields
    verbose_name_plural = _("changes of access")


@admin.register(AccessChange)
class AccessChangeAdmin(ReadOnlyAdmin):
    list_display = ["document", "before", "after", "changed_at", "by"]
    list_filter = ["after", "before"]
    search_fields = ["document__reference", "document__title_en", "reason_en", "reason_ru"]
    date_hierarchy = "changed_at"
    list_select_related = ["document", "by"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "document",
                    ("before", "after"),
                    ("reason_en", "reason_ru"),
                    ("changed_at", "by"),
                ]
            },
        )
    ]


@admin.register(ReferencePattern)
class ReferencePatternAdmin(AuditedAdmin):
    """A pattern is entered and stays; a mistaken one is followed by another of the same day."""

    list_display = ["pattern", "from_on", "is_in_force", "added_at"]
    list_filter = ["from_on"]
    search_fields = ["pattern", "note_en", "note_ru"]
    readonly_fields = ["added_at"]
    add_fieldsets = [(None, {"fields": [("pattern", "from_on"), ("note_en", "note_ru")]})]
    fieldsets = [
        (None, {"fields": [("pattern", "from_on"), ("note_en", "note_ru"), "added_at"]}),
    ]

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return obj is None and super().has_change_permission(request)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        entered = ReferencePattern.objects.in_force(almaty_today())
        in_force = Q(pk=entered.pk if entered else None)
        return (
            super()
            .get_queryset(request)
            .annotate(in_force=ExpressionWrapper(in_force, BooleanField()))
        )

    @display(description=_("in force"), boolean=True)
    def is_in_force(self, pattern: Any) -> bool:
        return pattern.in_force

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return super().get_fieldsets(request, obj) if obj else self.add_fieldsets
