"""Breaking silence in two steps, after a fresh sign-in (rules S6, S7, P8).

First the reason and the paragraphs, kept in the session; then the page that shows what all States
will be told, takes the Note Verbale, and acts.
"""

import time
from typing import Any
from uuid import UUID, uuid4

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from almaty_portal.common.errors import DomainError
from documents import redline
from documents.actions import silence
from documents.forms.silence import BreakSilenceForm, ConfirmObjectionForm
from documents.models import Edition, Paragraph, SilenceProcedure, SilenceResponse
from documents.views.silence.page import acting, page_of, person, refused

Draft = dict[str, Any]


# The sign-in


def is_fresh(request: HttpRequest, seconds: int) -> bool:
    """Whether the reader signed in, or confirmed that it is them, within so many seconds."""
    moments = [one.get("at", 0) for one in get_authentication_records(request, request.user)]
    return bool(moments) and time.time() - max(moments) < seconds


def sign_in_again(request: HttpRequest, name: str, slug: str, why: str = "") -> HttpResponse:
    """To the page that asks for the password or the code, and from there to the page `name`; `why`
    is the sentence told there, where it is no objection that asks for it."""
    messages.info(
        request,
        why
        or _(
            "An objection needs a fresh sign-in: confirm that it is you. What you typed is kept; "
            "nothing has been sent."
        ),
    )
    address = reverse("account_reauthenticate")
    return redirect(f"{address}?{urlencode({'next': reverse(name, args=[slug])})}")


# What was typed


def draft_key(procedure: SilenceProcedure) -> str:
    return f"objection-{procedure.pk}"


def draft_of(request: HttpRequest, procedure: SilenceProcedure) -> Draft | None:
    return request.session.get(draft_key(procedure))


def keep_draft(
    request: HttpRequest, procedure: SilenceProcedure, form: BreakSilenceForm, text: Edition
) -> None:
    """Keep what was typed, valid or not, in the session: paragraphs by their addresses, so that
    they are found again in a text that was corrected meanwhile."""
    form.is_valid()
    request.session[draft_key(procedure)] = {
        "reason": str(form.value_of("reason") or ""),
        "points": form.typed_points(),
        "edition": text.pk,
        "submission": str(form.cleaned_data.get("submission") or uuid4()),
        "seen": form.seen_entry or last_entry(procedure),
    }


def text_seen(request: HttpRequest, procedure: SilenceProcedure) -> Edition:
    """The text that the page of a form showed, as it was before a technical correction too."""
    texts = [procedure.text_edition(), procedure.edition]
    texts += [one.edition for one in procedure.corrections.select_related("edition")]
    sent = request.POST.get("edition")
    return next((one for one in texts if str(one.pk) == sent), texts[0])


def last_entry(procedure: SilenceProcedure) -> int:
    return procedure.ledger.order_by("-number").values_list("number", flat=True).first() or 0


# The pages


@login_required
@require_http_methods(["GET", "POST"])
def silence_break(request: HttpRequest, slug: str) -> HttpResponse:
    """What an objection does; its reason, the paragraphs, the wording proposed."""
    procedure, _state = acting(request, slug)
    draft = draft_of(request, procedure)
    if request.method == "POST":
        text = text_seen(request, procedure)
        form = BreakSilenceForm(request.POST, paragraphs=text.paragraphs.all())
        keep_draft(request, procedure, form, text)
        if not is_fresh(request, settings.OBJECTION_SIGN_IN_SECONDS):
            return sign_in_again(request, "silence_break", slug)
        if form.is_valid():
            return redirect("silence_confirm", slug)
        return refused(
            request, procedure, seen=form.seen_entry, template=BREAK, form=form, draft_kept=True
        )
    if not is_fresh(request, settings.ACCOUNT_REAUTHENTICATION_TIMEOUT):
        return sign_in_again(request, "silence_break", slug)
    if draft is None:
        draft = {
            "reason": "",
            "points": [],
            "submission": str(uuid4()),
            "seen": last_entry(procedure),
        }
    form = filled_form(procedure.text_edition(), draft)
    return render(request, BREAK, page_of(request, procedure, form=form))


BREAK = "documents/silence_break.html"
CONFIRM = "documents/silence_confirm_break.html"


@login_required
@require_http_methods(["GET", "POST"])
def silence_confirm(request: HttpRequest, slug: str) -> HttpResponse:
    """What all States will be told, and the button that breaks silence."""
    procedure, state = acting(request, slug)
    draft = draft_of(request, procedure)
    form = ConfirmObjectionForm(
        request.POST if request.method == "POST" else None,
        request.FILES or None,
        initial={"submission": draft["submission"], "seen": draft["seen"]} if draft else None,
    )
    if draft is None:
        return sent_twice(request, procedure, form) or redirect("silence_break", slug)
    if not is_fresh(request, settings.OBJECTION_SIGN_IN_SECONDS):
        return sign_in_again(request, "silence_confirm", slug)
    if request.method == "GET" and draft["edition"] != procedure.text_edition().pk:
        messages.warning(
            request,
            _(
                "The text was corrected while you wrote. Look at what you propose once more: "
                "it is kept here beside the text as it stands now."
            ),
        )
        text = procedure.text_edition()
        keep_draft(request, procedure, filled_form(text, draft), text)
        return redirect("silence_break", slug)
    points = points_of(procedure, draft)
    if request.method == "POST" and form.is_valid():
        try:
            response = silence.break_silence(
                procedure=procedure,
                state=state,
                reason=draft["reason"],
                by=person(request),
                points=points,
                note=form.cleaned_data["note"],
                submission=UUID(draft["submission"]),
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            del request.session[draft_key(procedure)]
            messages.success(request, what_it_did(response))
            return redirect("silence_detail", slug)
    told = {
        "form": form,
        "reason": draft["reason"],
        "points": [
            (one, redlined(one, "en", en), redlined(one, "ru", ru)) for one, en, ru in points
        ],
    }
    if form.is_bound:
        return refused(request, procedure, seen=form.seen_entry, template=CONFIRM, **told)
    return render(request, CONFIRM, page_of(request, procedure, **told))


def filled_form(text: Edition, draft: Draft) -> BreakSilenceForm:
    """The form as it was typed, upon a text as it stands now."""
    initial = {**BreakSilenceForm.filled(draft), "edition": text.pk}
    form = BreakSilenceForm(initial=initial, paragraphs=text.paragraphs.all())
    form.cleaned_data = {"submission": draft["submission"]}
    form.data = {"seen": str(draft["seen"])}  # read by `seen_entry`
    return form


def points_of(procedure: SilenceProcedure, draft: Draft) -> list[tuple[Paragraph, str, str]]:
    """The paragraphs of a draft in the text as it stands, with the wording proposed."""
    by_anchor = {one.anchor: one for one in procedure.text_edition().paragraphs.all()}
    return [
        (by_anchor[anchor], en, ru) for anchor, en, ru in draft["points"] if anchor in by_anchor
    ]


def redlined(paragraph: Paragraph, code: str, proposed: str) -> list[redline.Run]:
    """A proposed wording against the present one; empty where none is proposed."""
    if not proposed:
        return []
    return redline.redline(redline.words_of(paragraph, code), proposed)


def sent_twice(
    request: HttpRequest, procedure: SilenceProcedure, form: ConfirmObjectionForm
) -> HttpResponse | None:
    """The page after the act, where this form has acted already (P7)."""
    if not form.is_bound:
        return None
    form.is_valid()
    response = SilenceResponse.objects.filter(
        procedure=procedure, submission=form.sent_number, by=person(request), late=False
    ).first()
    if form.sent_number is None or response is None:
        return None
    messages.success(request, what_it_did(response))
    return redirect("silence_detail", procedure.slug)


def what_it_did(objection: SilenceResponse) -> str:
    """The sentence for the sender of a timely objection."""
    first = SilenceResponse.objects.filter(broken_outcomes__procedure=objection.procedure_id).get()
    if first == objection:
        return _("The objection of %(state)s is on record, and silence is broken.") % {
            "state": objection.state
        }
    return _(
        "The objection of %(state)s is on record. Silence had been broken already by %(other)s."
    ) % {"state": objection.state, "other": first.state}
