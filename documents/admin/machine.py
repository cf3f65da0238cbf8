"""What the machine keeps of the archive, for searches and for other programs; read here alone."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest

from almaty_portal.common.admin import ReadOnlyAdmin
from documents.models import (
    AttachmentText,
    PackFile,
    PublicRecord,
    SavedSearch,
    SearchHit,
    SearchText,
    SearchWord,
)


@admin.register(SearchText)
class SearchTextAdmin(ReadOnlyAdmin):
    list_display = ["document", "language", "title"]
    list_filter = ["language"]
    search_fields = ["title", "document__reference"]
    list_select_related = ["document"]
    fieldsets = [(None, {"fields": [("document", "language"), "title", "body"]})]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).defer("vector", "body_terms", "title_terms")


@admin.register(SearchWord)
class SearchWordAdmin(ReadOnlyAdmin):
    list_display = ["word"]
    search_fields = ["^word"]
    fields = ["word"]


@admin.register(AttachmentText)
class AttachmentTextAdmin(ReadOnlyAdmin):
    list_display = ["attachment", "state"]
    list_filter = ["state"]
    search_fields = ["attachment__name", "attachment__document__reference"]
    list_select_related = ["attachment__document"]
    fields = [("attachment", "state"), "text"]


@admin.register(PublicRecord)
class PublicRecordAdmin(ReadOnlyAdmin):
    list_display = ["identifier", "document", "changed_at", "deleted"]
    list_filter = ["deleted"]
    search_fields = ["identifier", "document__reference"]
    date_hierarchy = "changed_at"
    list_select_related = ["document"]
    fields = [("document", "identifier"), ("changed_at", "deleted"), "sets"]


@admin.register(PackFile)
class PackFileAdmin(ReadOnlyAdmin):
    list_display = ["pack", "language", "status", "progress", "pages", "asked_at"]
    list_filter = ["status", "language"]
    search_fields = ["pack__meeting__title_en", "pack__meeting__title_ru", "sha256"]
    date_hierarchy = "asked_at"
    list_select_related = ["pack__meeting"]
    fields = [("pack", "language"), ("status", "progress"), ("pages", "sha256"), "asked_at"]


@admin.register(SavedSearch)
class SavedSearchAdmin(ReadOnlyAdmin):
    list_display = ["name", "owner", "frequency", "told_at"]
    list_filter = ["frequency"]
    search_fields = ["name", "question", "owner__name", "owner__email"]
    date_hierarchy = "saved_at"
    list_select_related = ["owner"]
    fields = [
        ("owner", "name"),
        ("question", "filters"),
        ("frequency", "bounded"),
        ("saved_at", "looked_at", "told_at"),
    ]


@admin.register(SearchHit)
class SearchHitAdmin(ReadOnlyAdmin):
    list_display = ["search", "document", "told_at"]
    search_fields = ["search__name", "search__owner__email", "document__reference"]
    date_hierarchy = "told_at"
    list_select_related = ["search", "document"]
    fields = [("search", "document"), "told_at"]
