"""The editor of a text that is not issued: English and Russian side by side, row by row.

What is stored is guarded by the state of the text that the page was opened with: where somebody
stored another meanwhile, both are joined (`documents.merging`) and shown, and nothing is lost.
Rows are moved, divided and joined by buttons that send the page: no JavaScript is needed.
"""

import json
from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from almaty_portal.common.admin import AuditedAdmin, Refused, sentence
from documents import merging, presence
from documents.actions import texts
from documents.admin.forms import TextFormSet, state_of_rows
from documents.admin.previewing import preview_page
from documents.admin.rows import CannotDivide, rearranged
from documents.models import Edition
from membership.models import State

Row = dict[str, Any]


def editor_page(admin: AuditedAdmin, request: HttpRequest, edition: Edition) -> HttpResponse:
    """The rows of the text; sent, they are stored as a whole or not at all."""
    if request.GET.get("present"):
        return JsonResponse({"told": told_of(presence.seen(edition, request.user))})
    stored = texts.text_rows(edition)
    if request.method != "POST":
        return show(admin, request, edition, formset_of(stored), base=stored)
    formset = formset_of(stored, request.POST)
    base = base_of(request, stored)
    if "row" in request.POST:
        return with_rows_rearranged(admin, request, edition, formset, base)
    if not formset.is_valid():
        return show(admin, request, edition, formset, base=base)
    if "preview" in request.POST:
        return preview_page(request, edition, formset.rows(), request.POST["preview"])
    if request.POST.get("opened") != state_of_rows(stored):
        return with_both_joined(admin, request, edition, formset, base, stored)
    try:
        with transaction.atomic():
            texts.set_text(edition=edition, rows=formset.rows(), by=request.user)
    except Refused as refusal:
        error = sentence(refusal, admin.refusals)
        return show(admin, request, edition, formset, base=base, refusal=error)
    messages.success(request, _("The text is stored."))
    if "_continue" in request.POST:
        return HttpResponseRedirect(address(edition))
    presence.left(edition, request.user)
    return HttpResponseRedirect(admin.page_of(edition.pk))


def with_rows_rearranged(
    admin: AuditedAdmin, request: HttpRequest, edition: Edition, formset: Any, base: Sequence[Row]
) -> HttpResponse:
    """The page with a row moved, divided, joined, added or taken out; nothing is stored."""
    refusal = ""
    rows = formset.typed()
    try:
        rows, focus = rearranged(rows, request.POST["row"])
    except CannotDivide:
        focus = None
        refusal = gettext(
            "Put a blank line where the paragraph is to be divided, in each language that it has, "
            "and press “Divide” again."
        )
    again = formset_of(rows, focus=focus)
    return show(
        admin,
        request,
        edition,
        again,
        base=base,
        refusal=refusal,
    )


def with_both_joined(
    admin: AuditedAdmin,
    request: HttpRequest,
    edition: Edition,
    formset: Any,
    base: Sequence[Row],
    stored: Sequence[Row],
) -> HttpResponse:
    """The page with what somebody stored meanwhile and what was sent, joined; nothing is stored."""
    merged = merging.merge(base, stored, formset.rows())
    differing = len(set(merged.differing) | merged.taken_out)
    refusal = gettext(
        "Somebody changed this text after you opened it, so yours is not stored yet. What each of "
        "you changed is joined below: look it over, and store the text."
    )
    if differing:
        refusal += " " + ngettext(
            "In %(count)d row, which is marked, both of you changed the same: yours stands in the "
            "field, the other beside it.",
            "In %(count)d rows, which are marked, both of you changed the same: yours stands in "
            "the field, the other beside it.",
            differing,
        ) % {"count": differing}
    again = formset_of(merged.rows)
    for place, form in enumerate(again.forms[: len(merged.rows)]):
        form.theirs = {
            name: value for name, value in merged.differing.get(place, {}).items() if value
        }
        form.taken_out = place in merged.taken_out
    return show(admin, request, edition, again, base=stored, refusal=refusal)


def base_of(request: HttpRequest, stored: Sequence[Row]) -> list[Row]:
    """The rows that the page was opened with, as it carries them; the stored ones where it does
    not, or not rightly."""
    try:
        rows = json.loads(request.POST.get("base", ""))
        return [{**row, "anchor": str(row["anchor"])} for row in rows]
    except (ValueError, TypeError, KeyError):
        return list(stored)


def address(edition: Edition) -> str:
    return reverse("admin:documents_edition_edit_text", args=[edition.pk])


def formset_of(rows: Sequence[Row], data: Any = None, *, focus: int | None = None) -> Any:
    """The forms of the rows, in the order of their places; `focus` is the place that was acted on.

    A row tells the address that its paragraph has in the stored text as `was`.
    """
    formset = TextFormSet(
        data,
        initial=[
            {"was": row.get("anchor", ""), **row, "ORDER": place}
            for place, row in enumerate(rows, start=1)
        ],
        prefix="text",
        form_kwargs={"known": known_states()},
    )
    if focus is not None and focus < len(rows):
        formset.forms[focus].fields["text_en"].widget.attrs["autofocus"] = True
    return formset


def known_states() -> Collection[str]:
    return set(State.objects.values_list("code", flat=True))


def told_of(others: Sequence[str]) -> str:
    """A sentence that names who else has the editor open; empty where nobody has."""
    if not others:
        return ""
    return gettext("Also writing in this text now: %(names)s.") % {"names": ", ".join(others)}


def show(
    admin: AuditedAdmin,
    request: HttpRequest,
    edition: Edition,
    formset: Any,
    *,
    base: Sequence[Mapping[str, Any]],
    refusal: str = "",
) -> HttpResponse:
    """The page of the editor; `base` are the stored rows that what it shows rests on."""
    return TemplateResponse(
        request,
        "admin/documents/edit_text.html",
        {
            **admin.admin_site.each_context(request),
            "opts": admin.opts,
            "original": edition,
            "title": gettext("Text: %(edition)s") % {"edition": edition},
            "formset": formset,
            "opened": state_of_rows(base),
            "base": json.dumps(base),
            "refusal": refusal,
            "others": told_of(presence.seen(edition, request.user)),
            "media": admin.media + formset.media,
            "action": address(edition),
            "back": admin.page_of(edition.pk),
        },
    )
