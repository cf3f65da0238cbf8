"""Answering a participation window in two steps, after a fresh sign-in (rules S2, P8).

First the answer, kept in the session; then the page that says what it leads to, and acts.
"""

from uuid import UUID, uuid4

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from almaty_portal.common.errors import DomainError
from documents.actions import silence
from documents.forms.silence import AnswerWindowForm, ConfirmAnswerForm
from documents.models import SilenceProcedure
from documents.views.silence.objecting import is_fresh, last_entry, sign_in_again
from documents.views.silence.page import acting, page_of, person, refused

CONFIRM = "documents/silence_confirm_answer.html"


def draft_key(procedure: SilenceProcedure) -> str:
    return f"answer-{procedure.pk}"


@login_required
def silence_answer(request: HttpRequest, slug: str) -> HttpResponse:
    """Choose the answer of one's State; nothing is sent yet (rule S2)."""
    if request.method != "POST":
        return redirect("silence_detail", slug)
    procedure, _state = acting(request, slug)
    form = AnswerWindowForm(request.POST)
    if not form.is_valid():
        return refused(
            request, procedure, seen=form.seen_entry, tried=False, window_form=form, form=form
        )
    request.session[draft_key(procedure)] = {
        "answer": form.cleaned_data["answer"],
        "reason": form.cleaned_data["reason"],
        "submission": str(form.sent_number or uuid4()),
        "seen": form.seen_entry or last_entry(procedure),
    }
    return redirect("silence_answer_confirm", slug)


@login_required
@require_http_methods(["GET", "POST"])
def silence_answer_confirm(request: HttpRequest, slug: str) -> HttpResponse:
    """What the answer leads to, and the button that sends it (rules S2, S6)."""
    procedure, state = acting(request, slug)
    draft = request.session.get(draft_key(procedure))
    if draft is None:  # sent already, or never chosen: the page of the procedure tells which
        return redirect("silence_detail", slug)
    if not is_fresh(request, settings.OBJECTION_SIGN_IN_SECONDS):
        return sign_in_again(
            request,
            "silence_answer_confirm",
            slug,
            _(
                "An answer to a participation window needs a fresh sign-in: confirm that it is "
                "you. What you chose is kept; nothing has been sent."
            ),
        )
    form = ConfirmAnswerForm(
        request.POST if request.method == "POST" else None,
        initial={"submission": draft["submission"], "seen": draft["seen"]},
    )
    if form.is_bound and form.is_valid():
        try:
            silence.answer_window(
                procedure=procedure,
                state=state,
                participates=draft["answer"] == "participates",
                reason=draft["reason"],
                by=person(request),
                submission=UUID(draft["submission"]),
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            del request.session[draft_key(procedure)]
            messages.success(request, _("The answer of %(state)s is on record.") % {"state": state})
            return redirect("silence_detail", slug)
    told = {"form": form, "answer": draft["answer"], "reason": draft["reason"]}
    if form.is_bound:
        return refused(request, procedure, seen=draft["seen"], template=CONFIRM, **told)
    return render(request, CONFIRM, page_of(request, procedure, **told))
