"""Packs of documents for a meeting: chosen, prepared, sent; who has received them (rule T7)."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Count, Model, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _
from unfold.decorators import action, display

from almaty_portal.common.admin import AuditedAdmin, AuditedTabularInline, ReadOnlyAdmin, table
from almaty_portal.common.templatetags.instants import plain_instant
from documents.actions import packs
from documents.models import Edition, Pack, PackItem, PackReceipt
from documents.permissions import can_pack


class PackItemInline(AuditedTabularInline):
    model = PackItem
    fields = ["position", "edition"]
    autocomplete_fields = ["edition"]
    hide_title = True  # the edition says it, and long titles would make the rows wide
    verbose_name_plural = _("documents of the pack")

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_change_permission(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return can_pack(request.user) and (obj is None or obj.sent_at is None)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return super().get_queryset(request).select_related("edition__document")

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if db_field.name == "edition":
            kwargs["queryset"] = Edition.objects.issued().select_related("document")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(Pack)
class PackAdmin(AuditedAdmin):
    list_display = ["meeting", "name", "access", "sent_at", "received"]
    list_display_links = ["meeting", "name"]
    list_filter = ["kind", "access", ("meeting", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["meeting"]
    search_fields = ["meeting__title_en", "meeting__title_ru", "meeting__slug"]
    autocomplete_fields = ["meeting"]
    permanent_fields = ["meeting", "kind"]
    readonly_fields = ["name", "sent_at", "sent_by", "files", "receipts"]
    refusals = {
        "a_sent_pack_stays": _(
            "This pack was sent and stays as everybody has it. Make a new one for the meeting."
        )
    }
    inlines = [PackItemInline]
    actions_detail = [
        {"title": _("Actions"), "icon": "more_horiz", "items": ["prepare", "send_out"]}
    ]
    add_fieldsets = [
        (
            None,
            {
                "fields": [("meeting", "kind"), "access", ("note_en", "note_ru")],
                "description": _(
                    "It begins with the documents of the meeting that all who get it may read; "
                    "then you take some out, add others and put them in order."
                ),
            },
        )
    ]
    fieldsets = [
        (
            None,
            {
                "fields": [
                    ("meeting", "kind"),
                    ("name", "access"),
                    ("note_en", "note_ru"),
                    ("sent_at", "sent_by"),
                    "files",
                    "receipts",
                ]
            },
        )
    ]

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return (
            super()
            .get_queryset(request)
            .annotate(
                owed=Count("receipts", distinct=True),
                confirmed=Count(
                    "receipts", filter=Q(receipts__confirmed_at__isnull=False), distinct=True
                ),
            )
        )

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        return self.fieldsets if obj else self.add_fieldsets

    def get_inlines(self, request: HttpRequest, obj: Model | None) -> list:
        return self.inlines if obj else []

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """A pack is changed until it is sent."""
        if isinstance(obj, Pack) and obj.sent_at is not None:
            return False
        return super().has_change_permission(request, obj)

    def write(
        self,
        request: HttpRequest,
        form: forms.BaseForm,
        formsets: Sequence[forms.BaseFormSet],
        change: bool,
    ) -> None:
        if change:
            super().write(request, form, formsets, change)
            packs.number_items(pack=form.instance)
            return
        given = form.cleaned_data
        pack = packs.create_pack(
            meeting=given["meeting"],
            kind=given["kind"],
            access=given["access"],
            note_en=given.get("note_en") or "",
            note_ru=given.get("note_ru") or "",
            by=request.user,
        )
        form.instance.pk, form.instance.number = pack.pk, pack.number

    def has_prepare_permission(self, request: HttpRequest, object_id: Any = None) -> bool:
        unsent = Pack.objects.filter(pk=object_id, sent_at__isnull=True)
        return bool(object_id) and can_pack(request.user) and unsent.exists()

    @action(description=_("Prepare the PDF files"), icon="picture_as_pdf", permissions=["prepare"])
    def prepare(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """Have the PDF of each language made by the worker."""
        pack = get_object_or_404(Pack.objects.select_related("meeting"), pk=object_id)
        return self.act_page(
            request,
            pack,
            form=forms.Form(request.POST or None),
            title=_("Prepare the PDF files"),
            intro=_(
                "The worker sets the cover, the contents, every text as it stands now and the "
                "pages of the PDF files of the documents, in English and in Russian. It may take "
                "some minutes; the page of the pack shows how far it has come, and which files "
                "could not be taken in. Nothing is sent."
            ),
            submit=_("Prepare them"),
            done=_("The PDF files are being prepared."),
            perform=lambda data: packs.prepare_pack(pack=pack, by=request.user),
        )

    @action(description=_("Send it"), icon="send", permissions=["prepare"])
    def send_out(self, request: HttpRequest, object_id: Any) -> HttpResponse:
        """Send a prepared pack to all who get it (OM 3.iii)."""
        pack = get_object_or_404(Pack.objects.select_related("meeting"), pk=object_id)
        whom = ", ".join(
            f"{one.user} ({one.state or one.organization})" for one in packs.receipts_of(pack)
        )
        return self.act_page(
            request,
            pack,
            form=forms.Form(request.POST or None),
            title=_("Send it"),
            intro=_(
                "Each of these people gets a mail in their language and is asked to confirm "
                "receipt: %(whom)s. After that the pack stays as it is."
            )
            % {"whom": whom or "—"},
            submit=_("Send it"),
            done=_("The pack is sent, and all are being told."),
            perform=lambda data: packs.send_pack(pack=pack, by=request.user),
        )

    @display(description=_("name"))
    def name(self, pack: Pack) -> str:
        return pack.label if pack.pk else "—"

    @display(description=_("receipts"))
    def received(self, pack: Any) -> str:
        if not pack.owed:
            return "—"
        return _("%(confirmed)s of %(owed)s") % {"confirmed": pack.confirmed, "owed": pack.owed}

    @display(description=_("PDF files"))
    def files(self, pack: Pack) -> SafeString | str:
        """The files with their progress; the part renews itself while one is on its way."""
        return render_to_string(
            "admin/documents/pack_files.html", {"pack": pack, "files": pack.files.all()}
        )

    @display(description=_("receipts"))
    def receipts(self, pack: Pack) -> SafeString | str:
        rows = [
            (
                one.user.name or one.user.email,
                one.receives_for,
                plain_instant(one.confirmed_at) if one.confirmed_at else _("not confirmed yet"),
            )
            for one in pack.receipts.select_related("user", "state", "organization")
        ]
        if not rows:
            return "—"
        return table((_("person"), _("for"), _("receipt confirmed at")), rows)

    def view_on_site(self, obj: Pack) -> str:
        return obj.get_absolute_url()


@admin.register(PackItem)
class PackItemAdmin(ReadOnlyAdmin):
    list_display = ["pack", "position", "edition"]
    list_select_related = ["pack__meeting", "edition__document"]
    search_fields = ["pack__meeting__title_en", "edition__document__reference"]
    fields = ["pack", ("position", "edition")]


@admin.register(PackReceipt)
class PackReceiptAdmin(ReadOnlyAdmin):
    list_display = ["pack", "user", "receives_for", "confirmed_at"]
    list_filter = [("confirmed_at", admin.EmptyFieldListFilter)]
    list_select_related = ["pack__meeting", "user", "state", "organization"]
    search_fields = ["user__name", "user__email", "pack__meeting__title_en"]
    fields = ["pack", "user", ("state", "organization"), "confirmed_at"]

    @display(description=_("for"))
    def receives_for(self, receipt: PackReceipt) -> str:
        return str(receipt.receives_for)
