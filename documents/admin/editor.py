"""The editor of a text that is not issued: English and Russian side by side, row by row."""

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from almaty_portal.common.admin import AuditedAdmin, Refused, sentence
from documents.actions import texts
from documents.admin.forms import TextFormSet, state_of_rows
from documents.models import Edition
from membership.models import State

Row = dict[str, Any]


def editor_page(admin: AuditedAdmin, request: HttpRequest, edition: Edition) -> HttpResponse:
    """The rows of the text; sent, they are stored as a whole or not at all."""
    stored = texts.text_rows(edition)
    formset = formset_of(stored, request.POST or None)
    opened = request.POST.get("opened", state_of_rows(stored))
    error = ""
    if request.method == "POST" and formset.is_valid():
        if opened != state_of_rows(stored):
            error = gettext(
                "Somebody changed this text after you opened it, and yours was not stored. "
                "Copy what you wrote, open the page again, and enter it there."
            )
        else:
            try:
                with transaction.atomic():
                    texts.set_text(edition=edition, rows=formset.rows(), by=request.user)
            except Refused as refusal:
                error = sentence(refusal, admin.refusals)
            else:
                messages.success(request, _("The text is stored."))
                stay = "_continue" in request.POST
                return HttpResponseRedirect(address(edition) if stay else admin.page_of(edition.pk))
    return show(admin, request, edition, formset, opened=opened, refusal=error)


def address(edition: Edition) -> str:
    return reverse("admin:documents_edition_edit_text", args=[edition.pk])


def formset_of(rows: Sequence[Row], data: Any = None) -> Any:
    """The forms of the rows, in the order of their places."""
    return TextFormSet(
        data,
        initial=[{**row, "ORDER": place} for place, row in enumerate(rows, start=1)],
        prefix="text",
        form_kwargs={"known": set(State.objects.values_list("code", flat=True))},
    )


def show(
    admin: AuditedAdmin,
    request: HttpRequest,
    edition: Edition,
    formset: Any,
    *,
    opened: str,
    refusal: str = "",
) -> HttpResponse:
    """The page of the editor; `opened` is the state of the stored text that the rows rest on."""
    return TemplateResponse(
        request,
        "admin/documents/edit_text.html",
        {
            **admin.admin_site.each_context(request),
            "opts": admin.opts,
            "original": edition,
            "title": gettext("Text: %(edition)s") % {"edition": edition},
            "formset": formset,
            "opened": opened,
            "refusal": refusal,
            "media": admin.media + formset.media,
            "action": address(edition),
            "back": admin.page_of(edition.pk),
        },
    )
