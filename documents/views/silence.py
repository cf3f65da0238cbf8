"""The Coordinator's pages: what awaits them, a procedure, and the acts in it."""

from typing import Any, cast

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from almaty_portal.common.errors import DomainError
from almaty_portal.common.instants import ALMATY, database_now
from almaty_portal.common.models import Notice
from documents import permissions
from documents.actions import silence
from documents.forms.silence import AnswerWindowForm, BreakSilenceForm, PositionForm
from documents.models import Document, SilenceProcedure, SilenceResponse
from documents.models.archive import Access
from membership.models import Observer, State, User
from membership.permissions import acting_state, is_support_unit, reads_as_member


@login_required
def portal_home(request: HttpRequest) -> HttpResponse:
    """What awaits the reader: procedures to answer, those running, those ended, notices."""
    now = database_now()
    state = acting_state(request.user)
    procedures = list(
        SilenceProcedure.objects.filter(historic=False)
        .visible_to(request.user)
        .select_related("edition__document", "outcome")
        .prefetch_related("electorate", "responses")[:50]
    )
    for procedure in procedures:
        procedure.status_now = procedure.status(now)
    running = [one for one in procedures if one.status_now == one.Status.RUNNING]
    awaiting = [one for one in running if state is not None and awaits(one, state)]
    return render(
        request,
        "documents/portal_home.html",
        {
            "state": state,
            "support_unit": is_support_unit(request.user),
            "observes": Observer.objects.in_force().filter(focal_points=person(request)).first(),
            "circulated": Document.objects.visible_to(request.user)
            .issued()
            .exclude(access=Access.PUBLIC)
            .filter(withdrawn_at__isnull=True)[:10],
            "reads_as_member": reads_as_member(request.user),
            "awaiting": awaiting,
            "running": [one for one in running if one not in awaiting],
            "ended": [one for one in procedures if one.status_now != one.Status.RUNNING][:10],
            "notices": Notice.objects.filter(recipient=person(request))[:10],
        },
    )


def person(request: HttpRequest) -> User:
    """The reader of a page that asks for a sign-in."""
    return cast(User, request.user)


def awaits(procedure: SilenceProcedure, state: State) -> bool:
    """Whether a procedure waits for a State's answer: it is entitled and has said nothing."""
    return state in procedure.electorate.all() and not any(
        response.state_id == state.pk and not response.late
        for response in procedure.responses.all()
    )


def visible_procedure(request: HttpRequest, slug: str) -> SilenceProcedure:
    return get_object_or_404(
        SilenceProcedure.objects.visible_to(request.user).with_text(), slug=slug
    )


def silence_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """A procedure: both texts, what is asked, who has answered, what came of it."""
    visible = SilenceProcedure.objects.visible_to(request.user)
    if not request.user.is_authenticated and not visible.filter(slug=slug).exists():
        return redirect_to_login(request.get_full_path())
    procedure = visible_procedure(request, slug)
    return render(request, "documents/silence_detail.html", page_of(request, procedure))


def page_of(request: HttpRequest, procedure: SilenceProcedure, **forms: Any) -> dict[str, Any]:
    now = database_now()
    state = permissions.responding_state(request.user, procedure)
    responses = list(
        procedure.responses.select_related("state", "by").prefetch_related("state__names")
    )
    own = [one for one in responses if state is not None and one.state_id == state.pk]
    said = {one.kind for one in own if not one.late}
    outcome = getattr(procedure, "outcome", None)
    return {
        "procedure": procedure,
        "document": procedure.edition.document,
        "edition": procedure.edition,
        "now": now,
        "opened_on": procedure.opened_at.astimezone(ALMATY).date(),
        "status": procedure.status(now),
        "running": procedure.is_running(now),
        "state": state,
        "may_act": state is not None and procedure.is_running(now),
        "acknowledged": SilenceResponse.Kind.ACKNOWLEDGEMENT in said,
        "answered": bool(said & set(SilenceResponse.ANSWERS)),
        "states": answers_by_state(procedure, responses),
        "outcome": outcome,
        "by_state": list(outcome.by_state.select_related("state").prefetch_related("state__names"))
        if outcome
        else [],
        "window_form": AnswerWindowForm(),
        "position_form": PositionForm(),
        "ledger": procedure.ledger.all(),
        **forms,
    }


def answers_by_state(
    procedure: SilenceProcedure, responses: list[SilenceResponse]
) -> list[tuple[State, list[SilenceResponse]]]:
    """Each entitled State, in the order of protocol, with what it said."""
    entitled = sorted(procedure.electorate.all(), key=lambda one: one.protocol_key)
    return [(state, [one for one in responses if one.state_id == state.pk]) for state in entitled]


def acting(request: HttpRequest, slug: str) -> tuple[SilenceProcedure, State]:
    """The procedure and the State for which the reader may act in it; 404 for anybody else."""
    procedure = visible_procedure(request, slug)
    state = permissions.responding_state(request.user, procedure)
    return procedure, get_object_or_404(State, pk=state.pk if state else None)


@login_required
def silence_acknowledge(request: HttpRequest, slug: str) -> HttpResponse:
    """Acknowledge receipt; by reading nothing happens (P7): it leads to the procedure."""
    if request.method != "POST":
        return redirect("silence_detail", slug)
    procedure, state = acting(request, slug)
    try:
        silence.acknowledge(procedure=procedure, state=state, by=person(request))
    except DomainError as error:
        messages.error(request, str(error))
    else:
        messages.success(request, _("Receipt is acknowledged for %(state)s.") % {"state": state})
    return redirect("silence_detail", slug)


@login_required
@require_http_methods(["GET", "POST"])
def silence_break(request: HttpRequest, slug: str) -> HttpResponse:
    """The page that says what an objection does, and takes its reason."""
    procedure, state = acting(request, slug)
    form = BreakSilenceForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            response = silence.break_silence(
                procedure=procedure,
                state=state,
                reason=form.cleaned_data["reason"],
                by=person(request),
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, what_it_did(response))
            return redirect("silence_detail", slug)
    context = page_of(request, procedure, form=form)
    return render(
        request,
        "documents/silence_confirm_break.html",
        context,
        status=422 if form.errors else 200,
    )


@login_required
def silence_position(request: HttpRequest, slug: str) -> HttpResponse:
    """Say something for one's State that breaks no silence (rule S8)."""
    if request.method != "POST":
        return redirect("silence_detail", slug)
    procedure, state = acting(request, slug)
    form = PositionForm(request.POST)
    if form.is_valid():
        try:
            silence.take_position(
                procedure=procedure,
                state=state,
                kind=form.cleaned_data["kind"],
                text=form.cleaned_data["text"],
                by=person(request),
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, _("What %(state)s said is on record.") % {"state": state})
            return redirect("silence_detail", slug)
    return render(
        request,
        "documents/silence_detail.html",
        page_of(request, procedure, position_form=form, form=form),
        status=422,
    )


def what_it_did(objection: SilenceResponse) -> str:
    """The sentence for the sender of a timely objection."""
    first = SilenceResponse.objects.get(broken_outcomes__procedure=objection.procedure_id)
    if first == objection:
        return _("The objection of %(state)s is on record, and silence is broken.") % {
            "state": objection.state
        }
    return _(
        "The objection of %(state)s is on record. Silence had been broken already by %(other)s."
    ) % {"state": objection.state, "other": first.state}


@login_required
def silence_answer(request: HttpRequest, slug: str) -> HttpResponse:
    """Answer a participation window for one's State."""
    if request.method != "POST":
        return redirect("silence_detail", slug)
    procedure, state = acting(request, slug)
    form = AnswerWindowForm(request.POST)
    if form.is_valid():
        try:
            silence.answer_window(
                procedure=procedure,
                state=state,
                participates=form.cleaned_data["answer"] == "participates",
                reason=form.cleaned_data["reason"],
                by=person(request),
            )
        except DomainError as error:
            form.add_domain_error(error)
        else:
            messages.success(request, _("The answer of %(state)s is on record.") % {"state": state})
            return redirect("silence_detail", slug)
    return render(
        request,
        "documents/silence_detail.html",
        page_of(request, procedure, window_form=form, form=form),
        status=422,
    )
