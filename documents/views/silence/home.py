"""What awaits a reader: procedures to answer, those that run, those that ended, notices."""

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from almaty_portal.common.instants import database_now
from almaty_portal.common.models import Notice
from documents import calendars
from documents.models import Document, SilenceProcedure, SilenceResponse, TranslationWork
from documents.models.archive import Access
from documents.views.silence.page import person
from membership.models import Observer, State
from membership.permissions import acting_state, is_support_unit, reads_as_member

Answer = SilenceResponse.Kind


@login_required
def portal_home(request: HttpRequest) -> HttpResponse:
    """What awaits the reader, with the State, the time left and one next step."""
    now = database_now()
    state = acting_state(request.user)
    procedures = list(
        SilenceProcedure.objects.filter(historic=False)
        .visible_to(request.user)
        .select_related("edition__document", "outcome__annulment")
        .prefetch_related("electorate", "responses")[:50]
    )
    for procedure in procedures:
        procedure.status_now = procedure.status(now)
        procedure.answered = len(answered(procedure))
    running = [one for one in procedures if one.status_now == one.Status.RUNNING]
    running.reverse()  # the nearest deadline first
    awaiting = []
    for procedure in running:
        step = next_step(procedure, state) if state is not None else ""
        if step:
            procedure.next_step = step
            awaiting.append(procedure)
    member = reads_as_member(request.user)
    calendar = ""
    if state is not None or member:
        calendar = reverse("personal_calendar", args=[calendars.token_of(person(request))])
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
            "reads_as_member": member,
            "awaiting": awaiting,
            "running": [one for one in running if one not in awaiting],
            "ended": [one for one in procedures if one.status_now != one.Status.RUNNING][:10],
            "notices": Notice.objects.filter(recipient=person(request))[:10],
            "calendar": calendar,
            "translations": TranslationWork.objects.visible_to(request.user)
            .open()
            .select_related("edition__document")[:10],
        },
    )


def answered(procedure: SilenceProcedure) -> set[int]:
    """The States that have said something in time; in a window, that have answered it."""
    window = procedure.kind == SilenceProcedure.Kind.WINDOW
    return {
        one.state_id
        for one in procedure.responses.all()
        if not one.late and (not window or one.kind in (Answer.PARTICIPATES, Answer.DECLINES))
    }


def next_step(procedure: SilenceProcedure, state: State) -> str:
    """What a running procedure asks of a State now; empty where it is not entitled or has answered:
    in an adoption by saying anything at all, in a window by answering it."""
    if state not in procedure.electorate.all():
        return ""
    said = {
        one.kind for one in procedure.responses.all() if one.state_id == state.pk and not one.late
    }
    if procedure.kind == SilenceProcedure.Kind.WINDOW:
        if said & {Answer.PARTICIPATES, Answer.DECLINES}:
            return ""
        return _("Say whether your State formalises its participation.")
    if said:
        return ""
    return _("Read the text and acknowledge receipt; object only if your State does not agree.")
