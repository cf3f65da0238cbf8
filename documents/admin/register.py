"""The register of decisions."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from almaty_portal.common.admin import AuditedAdmin
from documents.models import Decision


@admin.register(Decision)
class DecisionAdmin(AuditedAdmin):
    """Decisions of meetings are entered here; those under silence by the outcome alone."""

    refusals = {
        "documents_decision": _(
            "How and when a decision was taken is a fact, entered once: nothing was changed."
        ),
    }
    list_display = ["title_en", "title_ru", "taken", "taken_on", "document", "meeting"]
    list_display_links = ["title_en", "title_ru"]
    list_filter = ["taken"]
    search_fields = ["title_en", "title_ru", "slug", "document__reference"]
    date_hierarchy = "taken_on"
    autocomplete_fields = ["document", "edition", "meeting"]
    list_select_related = ["document", "meeting"]
    prepopulated_fields = {"slug": ["title_en"]}
    # Nobody enters by hand what only a recorded outcome can say (rules D3, S11).
    readonly_fields = ["taken", "procedure"]
    # How and when it was taken is a fact, entered once.
    permanent_fields = ["slug", "document", "taken_on", "effective_at"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("title_en", "title_ru"),
                    "slug",
                    ("taken", "taken_on"),
                    "effective_at",
                    ("document", "edition"),
                    ("meeting", "procedure"),
                ]
            },
        ),
        (_("Record"), {"fields": [("note_en", "note_ru"), ("source_en", "source_ru")]}),
    ]
