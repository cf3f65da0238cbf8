"""The files attached to documents."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import FileResponse, Http404, HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from almaty_portal.common.admin import AuditedAdmin, AuditedForm, ReadOnlyInline
from documents.actions.attachments import add_attachment
from documents.models import Attachment


def download_link(attachment: Attachment) -> SafeString:
    return format_html(
        '<a class="text-primary-600 dark:text-primary-500 underline" href="{}">{}</a> ({})',
        reverse("admin:documents_attachment_download", args=[attachment.pk]),
        attachment.title_en or attachment.title_ru or attachment.name,
        attachment.name,
    )


class AttachmentInline(ReadOnlyInline):
    model = Attachment
    fields = ["download", "language", "size", "added_at"]
    readonly_fields = ["download", "language", "size", "added_at"]
    verbose_name_plural = _("files")

    @display(description=_("file"))
    def download(self, attachment: Attachment) -> SafeString:
        return download_link(attachment)


class AttachmentForm(AuditedForm):
    class Meta:
        model = Attachment
        fields = ["document", "title_en", "title_ru", "language", "file"]


@admin.register(Attachment)
class AttachmentAdmin(AuditedAdmin):
    form = AttachmentForm
    list_display = ["title_en", "title_ru", "name", "language", "size", "document", "added_at"]
    list_display_links = ["title_en", "title_ru", "name"]
    list_filter = ["language"]
    search_fields = ["title_en", "title_ru", "name", "sha256", "document__reference"]
    date_hierarchy = "added_at"
    autocomplete_fields = ["document"]
    list_select_related = ["document"]
    permanent_fields = ["document", "download", "size", "sha256", "added_at"]
    add_fieldsets = [(None, {"fields": ["document", ("title_en", "title_ru"), "language", "file"]})]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "document",
                    ("title_en", "title_ru"),
                    "language",
                    "download",
                    ("size", "added_at"),
                    "sha256",
                ]
            },
        )
    ]

    def get_urls(self) -> list:
        from django.urls import path

        own = path(
            "<int:pk>/download/",
            self.admin_site.admin_view(self.send),
            name="documents_attachment_download",
        )
        return [own, *super().get_urls()]

    def write(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        if change:
            super().write(request, form, formsets, change)
            return
        names = ["document", "title_en", "title_ru", "language", "file"]
        data = {name: form.cleaned_data.get(name) or "" for name in names}
        stored = add_attachment(by=request.user, **data)
        form.instance.pk = stored.pk
        form.instance.refresh_from_db()

    def send(self, request: HttpRequest, pk: int) -> FileResponse:
        """The file itself, under the name it came with, always as a download."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        attachment = self.get_object(request, str(pk))
        if attachment is None:
            raise Http404
        return FileResponse(
            attachment.file.open("rb"),
            as_attachment=True,
            filename=attachment.name,
            content_type="application/octet-stream",
        )

    @display(description=_("file"))
    def download(self, attachment: Attachment) -> SafeString:
        return download_link(attachment)
