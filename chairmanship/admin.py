"""The Support Unit's pages of the Chairmanship."""

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from chairmanship.models import Chairmanship, Volunteer
from membership.admin import InForceFilter, OfStateAdmin, StateAdmin, StateFilter

# A State's page lists what stands above it.
StateAdmin.related += [("chairmanship.Chairmanship", "state"), ("chairmanship.Volunteer", "state")]


@admin.register(Chairmanship)
class ChairmanshipAdmin(OfStateAdmin):
    list_display = ["state", "from_on", "until_on", "representative", "decision"]
    list_filter = [InForceFilter, StateFilter]
    search_fields = [
        "state__names__short_en",
        "state__names__short_ru",
        "decision",
        "published_en",
        "published_ru",
        "representative__name",
    ]
    date_hierarchy = "from_on"
    autocomplete_fields = ["state", "representative"]
    list_select_related = ["state", "representative"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("state", "representative"),
                    ("from_on", "from_precision"),
                    ("until_on", "until_precision"),
                    "decision",
                ]
            },
        ),
        (
            _("History"),
            {
                "fields": [
                    ("published_en", "published_ru"),
                    ("note_en", "note_ru"),
                    ("source_en", "source_ru"),
                ]
            },
        ),
    ]


@admin.register(Volunteer)
class VolunteerAdmin(OfStateAdmin):
    list_display = ["state", "declared_on", "note_verbale", "withdrawn_on", "stands"]
    list_filter = [StateFilter, ("withdrawn_on", admin.EmptyFieldListFilter)]
    search_fields = ["state__names__short_en", "state__names__short_ru", "note_verbale"]
    date_hierarchy = "declared_on"
    autocomplete_fields = ["state"]
    list_select_related = ["state"]
    fieldsets = [(None, {"fields": ["state", "note_verbale", ("declared_on", "withdrawn_on")]})]

    @display(description=_("stands"), boolean=True)
    def stands(self, volunteer: Volunteer) -> bool:
        return volunteer.withdrawn_on is None
