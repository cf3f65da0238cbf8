"""What proves procedures to others: certificates, bundles, heads of days; read here alone."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from almaty_portal.common.admin import ReadOnlyAdmin
from documents.models import Certificate, DailyHead, EvidenceBundle


@admin.register(Certificate)
class CertificateAdmin(ReadOnlyAdmin):
    list_display = ["procedure", "upto", "signed_by", "made_at"]
    list_select_related = ["procedure"]
    search_fields = ["sha256", "procedure__title_en", "procedure__title_ru"]
    date_hierarchy = "made_at"
    fields = [("procedure", "upto"), "sha256", ("signed_by", "made_at")]


@admin.register(EvidenceBundle)
class EvidenceBundleAdmin(ReadOnlyAdmin):
    list_display = ["procedure", "upto", "made_at", "by"]
    list_select_related = ["procedure", "by"]
    search_fields = ["sha256", "procedure__title_en", "procedure__title_ru"]
    date_hierarchy = "made_at"
    fields = [("procedure", "upto"), "sha256", ("made_at", "by")]


@admin.register(DailyHead)
class DailyHeadAdmin(ReadOnlyAdmin):
    list_display = ["day", "number", "entry_hash", "stamped"]
    search_fields = ["entry_hash", "=number"]
    date_hierarchy = "day"
    fields = [("day", "number"), "entry_hash", ("sealed_at", "token_at")]

    @display(description=_("time-stamped"), boolean=True)
    def stamped(self, head: Any) -> bool:
        return head.token_at is not None
