"""The acts of a State that need one form: acknowledge, say something, withdraw (S8, S14).

Reading an address of an act changes nothing and leads to the procedure: mail scanners follow links
(P7).
"""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from almaty_portal.common.errors import DomainError
from documents.actions import silence
from documents.actions.silence.receiving import who_and_when
from documents.forms.silence import ActForm, PositionForm, WithdrawForm
from documents.models import SilenceProcedure, SilenceResponse
from documents.views.silence.page import acting, person, refused
from membership.models import State, User

Act = Callable[[SilenceProcedure, State, User], SilenceResponse]


def perform(
    request: HttpRequest, slug: str, *, form: ActForm, name: str, act: Act, done: str
) -> HttpResponse:
    """Check the form, act, and lead to the procedure; where the act is refused show it there.

    `name` is the form's name on the page, `done` the sentence after the act, about a State.
    """
    procedure, state = acting(request, slug)
    tried = form.is_valid()
    if tried:
        try:
            response = act(procedure, state, person(request))
        except DomainError as error:
            form.add_domain_error(error)
        else:
            if response.by_id == person(request).pk:
                messages.success(request, done % {"state": state})
            else:  # the deputy was first, or the Coordinator
                messages.info(
                    request,
                    _("This was done for %(state)s already, by %(who)s at %(when)s UTC.")
                    % who_and_when(response),
                )
            return redirect("silence_detail", slug)
    forms: dict[str, Any] = {name: form, "form": form}
    return refused(request, procedure, seen=form.seen_entry, tried=tried, **forms)


@login_required
def silence_acknowledge(request: HttpRequest, slug: str) -> HttpResponse:
    """Acknowledge receipt (rule S8)."""
    if request.method != "POST":
        return redirect("silence_detail", slug)
    form = ActForm(request.POST)
    return perform(
        request,
        slug,
        form=form,
        name="act_form",
        act=lambda procedure, state, by: silence.acknowledge(
            procedure=procedure, state=state, by=by, submission=form.sent_number
        ),
        done=_("Receipt is acknowledged for %(state)s."),
    )


@login_required
def silence_position(request: HttpRequest, slug: str) -> HttpResponse:
    """Say something for one's State that breaks no silence (rule S8)."""
    if request.method != "POST":
        return redirect("silence_detail", slug)
    window = SilenceProcedure.objects.filter(slug=slug, kind=SilenceProcedure.Kind.WINDOW)
    form = PositionForm(request.POST, window=window.exists())
    return perform(
        request,
        slug,
        form=form,
        name="position_form",
        act=lambda procedure, state, by: silence.take_position(
            procedure=procedure,
            state=state,
            kind=form.cleaned_data["kind"],
            text=form.cleaned_data["text"],
            by=by,
            submission=form.sent_number,
        ),
        done=_("What %(state)s said is on record."),
    )


@login_required
def silence_withdraw(request: HttpRequest, slug: str) -> HttpResponse:
    """Withdraw the objection of one's State; it revives nothing (rule S14)."""
    if request.method != "POST":
        return redirect("silence_detail", slug)
    form = WithdrawForm(request.POST)
    return perform(
        request,
        slug,
        form=form,
        name="withdraw_form",
        act=lambda procedure, state, by: silence.withdraw_objection(
            procedure=procedure,
            state=state,
            reason=form.cleaned_data["reason"],
            by=by,
            submission=form.sent_number,
        ),
        done=_("The objection of %(state)s is withdrawn, and that is on record."),
    )
