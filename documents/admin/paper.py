"""Notes Verbales on paper: entered by one person, confirmed or refused by another (rule S13)."""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import display

from almaty_portal.common.admin import ReadOnlyAdmin
from almaty_portal.common.errors import DomainError
from almaty_portal.common.instants import database_now
from almaty_portal.common.templatetags.instants import plain_instant
from documents.actions import silence
from documents.actions.silence import paper
from documents.admin.act_forms import ConfirmForm, RefuseForm
from documents.admin.acts import TOLD
from documents.admin.steps import act
from documents.models import PaperNote, SilenceProcedure
from documents.permissions import can_confirm_paper, can_enter_paper


class PaperStatusFilter(admin.SimpleListFilter):
    """Notes that wait for their confirmation, and those that no longer do."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("waiting", _("to be confirmed")), ("done", _("confirmed, refused or lapsed"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        waiting = PaperNote.objects.waiting(database_now())
        match self.value():
            case "waiting":
                return queryset.filter(pk__in=waiting.values("pk"))
            case "done":
                return queryset.exclude(pk__in=waiting.values("pk"))
        return queryset


@admin.register(PaperNote)
class PaperNoteAdmin(ReadOnlyAdmin):
    """A Note Verbale on paper: entered from its procedure's page, confirmed or refused here."""

    list_display = ["state", "kind", "procedure", "received", "entered_by", "status_now"]
    list_display_links = ["state", "kind"]
    list_filter = [PaperStatusFilter, "kind"]
    search_fields = ["procedure__title_en", "procedure__title_ru", "state__code", "reason"]
    date_hierarchy = "received_at"
    list_select_related = ["state", "procedure", "entered_by"]
    actions_detail = ["confirm", "refuse"]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    "status_now",
                    "procedure",
                    ("state", "kind"),
                    ("received", "received_how"),
                    "reason",
                    "named",
                    ("scan", "note_sha256"),
                    ("entered_by", "entered_at"),
                    "until",
                    ("confirmed_by", "confirmed_at"),
                    ("refused_by", "refused_at"),
                    "refused_reason",
                ]
            },
        )
    ]
    readonly_fields = ["status_now", "named", "scan", "received", "until"]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).prefetch_related("state__names")

    def get_urls(self) -> list[URLPattern]:
        send = path(
            "<int:pk>/scan/", self.admin_site.admin_view(self.send), name="documents_papernote_scan"
        )
        return [send, *super().get_urls()]

    def send(self, request: HttpRequest, pk: int) -> FileResponse:
        """The scan, under the name it came with, always as a download."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        note = get_object_or_404(PaperNote, pk=pk)
        return FileResponse(
            note.note_file.open("rb"),
            as_attachment=True,
            filename=note.note_name,
            content_type="application/octet-stream",
        )

    @display(description=_("scan"))
    def scan(self, note: PaperNote) -> SafeString:
        return format_html(
            '<a class="text-primary-600 dark:text-primary-500 underline" href="{}">{}</a>',
            reverse("admin:documents_papernote_scan", args=[note.pk]),
            note.note_name,
        )

    @display(description=_("paragraphs and proposed wording"))
    def named(self, note: PaperNote) -> SafeString:
        points = [
            render_to_string(
                "documents/_silence_point.html", {"paragraph": paragraph, "en": en, "ru": ru}
            )
            for paragraph, en, ru in note.named_points()
        ]
        return format_html_join("", "<div>{}</div>", [(point,) for point in points])

    @display(description=_("received on paper at"), ordering="received_at")
    def received(self, note: PaperNote) -> str:
        """By the clocks that a stamp may show (rule S5)."""
        return plain_instant(note.received_at, note.procedure.deadline_zone)

    @display(description=_("to be confirmed before"))
    def until(self, note: PaperNote) -> str:
        return plain_instant(note.confirm_before, note.procedure.deadline_zone)

    @display(description=_("status"))
    def status_now(self, note: PaperNote) -> str:
        if note.confirmed_at is not None:
            return str(_("confirmed"))
        if note.refused_at is not None:
            return str(_("refused"))
        if database_now() >= note.confirm_before:
            return str(_("not confirmed in time, without effect"))
        return str(_("to be confirmed"))

    def waiting(self, object_id: Any) -> PaperNote | None:
        return PaperNote.objects.waiting(database_now()).filter(pk=object_id).first()

    def has_confirm_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        note = self.waiting(object_id)
        return note is not None and can_confirm_paper(request.user, note)

    def has_refuse_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        note = self.waiting(object_id)
        return note is not None and can_enter_paper(request.user, note.procedure)

    def procedure(self, object_id: Any) -> SilenceProcedure:
        return self.note(object_id).procedure

    def why_not(self, request: HttpRequest, object_id: Any) -> str:
        """Why this person cannot confirm or refuse it now."""
        note = self.note(object_id)
        try:
            paper.require_waiting(note, note.procedure, database_now())
            paper.require_another_person(note, request.user)
        except DomainError as error:
            return str(error)
        return ""

    def note(self, object_id: Any) -> PaperNote:
        note = PaperNote.objects.select_related("procedure").filter(pk=object_id).first()
        if note is None:
            raise Http404
        return note

    @act(
        "paper_confirmed",
        why=why_not,
        description=_("Confirm it"),
        icon="verified",
        permissions=["confirm"],
    )
    def confirm(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """A second person compares the entry with the paper (rule S13)."""
        note = self.note(object_id)
        return self.act_page(
            request,
            note,
            form=ConfirmForm(request.POST or None),
            title=_("Confirm the Note Verbale"),
            intro=_(
                "It then counts as received at the moment on its stamp: an objection breaks "
                "silence, or annuls the adoption that was recorded; an answer corrects the result "
                "for the State. %(told)s"
            )
            % {"told": TOLD},
            submit=_("Confirm it"),
            done=_("The Note Verbale is confirmed, and all are being told."),
            template="admin/documents/confirm_paper.html",
            context={"note": note, "points": note.named_points()},
            perform=lambda data: silence.confirm_paper_note(note=note, by=request.user),
            redirect=lambda response: reverse(
                "admin:documents_silenceprocedure_change", args=[response.procedure_id]
            ),
        )

    @act(
        "paper_refused",
        why=why_not,
        description=_("Refuse it"),
        icon="cancel",
        permissions=["refuse"],
    )
    def refuse(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """What does not agree with the paper, or was entered in error, gets no effect."""
        note = self.note(object_id)
        return self.act_page(
            request,
            note,
            form=RefuseForm(request.POST or None),
            title=_("Refuse the Note Verbale"),
            submit=_("Refuse it"),
            done=_("The Note Verbale is refused; that it was entered stays on record."),
            perform=lambda data: silence.refuse_paper_note(note=note, by=request.user, **data),
        )
