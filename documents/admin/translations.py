"""Giving out translations; they are written on their own pages in the portal."""

from typing import Any

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext
from unfold.decorators import display

from almaty_portal.common.admin import AuditedAdmin
from documents.actions.translations import assign_translation
from documents.models import TranslationWork


@admin.register(TranslationWork)
class TranslationWorkAdmin(AuditedAdmin):
    refusals = {
        "one_translation_per_edition_and_language": _(
            "The edition is being translated into this language."
        ),
    }
    list_display = ["edition", "language", "status", "translator", "reviewer", "due_on", "late"]
    list_filter = ["status", "language"]
    search_fields = [
        "edition__document__reference",
        "edition__document__slug",
        "edition__document__title_en",
        "edition__document__title_ru",
        "translator__email",
        "reviewer__email",
    ]
    list_select_related = ["edition__document", "translator", "reviewer"]
    autocomplete_fields = ["edition", "translator", "reviewer"]
    permanent_fields = ["edition", "language"]
    readonly_fields = ["status", "page"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("edition", "language"),
                    ("translator", "reviewer"),
                    ("due_on", "review_due_on"),
                    ("status", "page"),
                ]
            },
        )
    ]

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """People and days change until the edition is issued."""
        if isinstance(obj, TranslationWork) and obj.edition.issued_at is not None:
            return False
        return super().has_change_permission(request, obj)

    def write(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        work = form.instance
        before = TranslationWork.objects.get(pk=work.pk) if change else None
        stored = assign_translation(
            edition=work.edition,
            language=work.language,
            translator=work.translator,
            reviewer=work.reviewer,
            due_on=work.due_on,
            review_due_on=work.review_due_on,
            by=request.user,
            work=before,
        )
        work.pk = stored.pk
        work.refresh_from_db()

    @display(description=_("overdue"))
    def late(self, work: TranslationWork) -> str:
        return pgettext("a translation", "overdue") if work.overdue else "—"

    @display(description=_("page"))
    def page(self, work: TranslationWork) -> SafeString | str:
        if work.pk is None:
            return "—"
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500 underline" href="{}">{}</a>',
            work.get_absolute_url(),
            _("Open the translation"),
        )
