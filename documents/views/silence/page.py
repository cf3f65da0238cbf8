"""The page of a procedure: what is asked, who has answered, what came of it, both texts."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, cast

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from almaty_portal.common.instants import ALMATY, database_now
from documents import permissions, redline
from documents.evidence.record import BOOKKEEPING
from documents.forms.silence import ActForm, AnswerWindowForm, PositionForm, WithdrawForm
from documents.models import (
    Edition,
    SilenceOutcome,
    SilenceProcedure,
    SilenceResponse,
    StateOutcome,
)
from documents.views.silence.course import course
from documents.views.silence.onward import onward, withdrawn_objections, would_do
from documents.views.silence.trail import CHAIR, Item, trail
from membership.models import State, User
from membership.permissions import reads_as_member

Status = SilenceProcedure.Status
Answer = SilenceResponse.Kind


def person(request: HttpRequest) -> User:
    """The reader of a page that asks for a sign-in."""
    return cast(User, request.user)


def visible_procedure(request: HttpRequest, slug: str) -> SilenceProcedure:
    """The procedure with all that its page shows, fetched; 404 where the reader may not see it."""
    return get_object_or_404(
        SilenceProcedure.objects.visible_to(request.user)
        .with_text()
        .select_related(
            "outcome__broken_by__state",
            "edition__supersedes",
            "effect__state",
            "effect__organization",
            "effect__meeting",
            "reissue_of",
            "follow_up__edition__document",
            "follow_up__agenda_item__meeting",
            "decision",
        )
        .prefetch_related(
            "corrections__edition__document",
            "corrections__edition__paragraphs",
            "corrections__edition__language_versions",
            "reissues",
        ),
        slug=slug,
    )


@require_safe
def silence_detail(request: HttpRequest, slug: str) -> HttpResponse:
    """A procedure: what is asked, who has answered, what happens next, both texts."""
    visible = SilenceProcedure.objects.visible_to(request.user)
    if not request.user.is_authenticated and not visible.filter(slug=slug).exists():
        return redirect_to_login(request.get_full_path())
    procedure = visible_procedure(request, slug)
    return render(request, "documents/silence_detail.html", page_of(request, procedure))


@dataclass
class StateAnswers:
    """What a State said in a procedure, and what its silence would mean."""

    state: State
    answers: list[SilenceResponse] = field(default_factory=list)

    @property
    def said_in_time(self) -> bool:
        return any(not one.late for one in self.answers)

    @property
    def decided(self) -> bool:
        """Whether it answered a window."""
        answers = (Answer.PARTICIPATES, Answer.DECLINES)
        return any(one.kind in answers and not one.late for one in self.answers)


def page_of(
    request: HttpRequest,
    procedure: SilenceProcedure,
    *,
    seen: int | None = None,
    **forms: Any,
) -> dict[str, Any]:
    """What the page shows; `seen` is the last entry on the page from which a refused act came."""
    now = database_now()
    status = procedure.status(now)
    state = permissions.responding_state(request.user, procedure)
    responses = list(
        procedure.responses.select_related("state", "by", "paper_note").prefetch_related(
            "state__names", "points__paragraph"
        )
    )
    own = {
        one.kind: one
        for one in responses
        if state is not None and one.state_id == state.pk and not one.late
    }
    answers = answers_by_state(procedure, responses)
    outcome: SilenceOutcome | None = getattr(procedure, "outcome", None)
    papers = list(procedure.paper_notes.waiting(now).select_related("state"))
    steps = trail(
        procedure.ledger.all(), {one.state.code: one.state.formal_name() for one in answers}
    )
    last = steps[-1].entry.number if steps else 0
    running = status == Status.RUNNING
    window = procedure.kind == SilenceProcedure.Kind.WINDOW
    return {
        "procedure": procedure,
        "document": procedure.edition.document,
        "edition": procedure.text_edition(),
        "differences": [] if procedure.historic else list(differences(request, procedure)),
        "now": now,
        "opened_on": procedure.opened_at.astimezone(ALMATY).date(),
        "status": status,
        "running": running,
        "window": window,
        "not_adopted": status in SilenceProcedure.NOT_ADOPTED,
        "state": state,
        "may_act": state is not None and running,
        # Broken by another State: an objection goes on record beside it until the deadline (S7).
        "may_object_too": state is not None
        and status == Status.BROKEN
        and now < procedure.deadline_at
        and Answer.OBJECTION not in own,
        "own": own,
        "unstored": procedure.unstored_acts.filter(state=state) if state else [],
        "answered": bool(own.keys() & set(SilenceResponse.ANSWERS)),
        "may_withdraw": Answer.OBJECTION in own
        and Answer.WITHDRAWAL not in own
        and status in SilenceProcedure.NOT_ADOPTED,
        "answers": answers,
        "answered_count": sum(one.decided if window else one.said_in_time for one in answers),
        "shows_people": reads_as_member(request.user) and not procedure.historic,
        "outcome": outcome,
        "results": results(outcome) if outcome else [],
        "settled_text": settled_text(request, procedure) if outcome and window else None,
        "onward": onward(procedure, status, outcome, waits=bool(papers)) if outcome else None,
        "withdrawals": withdrawn_objections(responses),
        "course": [] if procedure.historic else course(procedure, status, now),
        "trail": steps,
        "chair_acts": [one for one in steps if one.entry.step in CHAIR],
        "papers": [(one, would_do(one, status)) for one in papers],
        "corrected": corrected_anchors(procedure),
        "happened": happened(procedure, steps, seen, now),
        "can_now": can_now(status),
        "act_form": ActForm.fresh(last),
        "join_form": PositionForm.fresh(last, auto_id="join_%s"),
        "window_form": AnswerWindowForm.fresh(last),
        "position_form": PositionForm.fresh(last, window=window),
        "withdraw_form": WithdrawForm.fresh(last),
        "seen": last,
        **forms,
    }


def answers_by_state(
    procedure: SilenceProcedure, responses: list[SilenceResponse]
) -> list[StateAnswers]:
    """Each entitled State, in the order of protocol, with what it said."""
    said: dict[int, list[SilenceResponse]] = defaultdict(list)
    for one in responses:
        said[one.state_id].append(one)
    entitled = sorted(procedure.electorate.all(), key=lambda one: one.protocol_key)
    return [StateAnswers(state, said[state.pk]) for state in entitled]


def results(outcome: SilenceOutcome) -> list[tuple[StateOutcome, list[StateOutcome]]]:
    """What a window ended with for each State: what holds now, and what it took the place of."""
    rows = list(outcome.by_state.select_related("state").prefetch_related("state__names"))
    by_pk = {one.pk: one for one in rows}
    replaced = {one.replaces_id for one in rows if one.replaces_id}
    found = []
    for one in rows:
        if one.pk in replaced:
            continue
        earlier, before = [], one.replaces_id
        while before is not None and before in by_pk:
            earlier.append(by_pk[before])
            before = by_pk[before].replaces_id
        found.append((one, earlier))
    return found


def settled_text(request: HttpRequest, procedure: SilenceProcedure) -> Edition | None:
    """The text from which the brackets fell that a window settled, where one was issued."""
    return (
        Edition.objects.visible_to(request.user)
        .select_related("document")
        .filter(
            document=procedure.edition.document_id,
            kind=Edition.Kind.CLEAN,
            issued_at__isnull=False,
            annulled_at__isnull=True,
            pk__gt=procedure.edition_id,
        )
        .order_by("-pk")
        .first()
    )


def differences(
    request: HttpRequest, procedure: SilenceProcedure
) -> list[tuple[str, list[redline.Row]]]:
    """What changed in the text: by technical correction, and from the edition it supersedes."""
    found = []
    text = procedure.text_edition()
    if text.pk != procedure.edition_id:
        rows = redline.compare(procedure.edition.paragraphs.all(), text.paragraphs.all())
        found.append((_("Corrected since the procedure opened"), rows))
    earlier = procedure.edition.supersedes_id
    before = (
        Edition.objects.visible_to(request.user).with_text().filter(pk=earlier).first()
        if earlier
        else None
    )
    if before is not None:
        rows = redline.compare(before.paragraphs.all(), procedure.edition.paragraphs.all())
        found.append((_("Changed since %(edition)s") % {"edition": redline_name(before)}, rows))
    return [(title, [one for one in rows if one.change != "same"]) for title, rows in found]


def redline_name(edition: Edition) -> str:
    return edition.label[:1].lower() + edition.label[1:] if edition.kind != "rev" else edition.label


def corrected_anchors(procedure: SilenceProcedure) -> set[str]:
    """The addresses of the paragraphs that technical corrections changed."""
    text = procedure.text_edition()
    if text.pk == procedure.edition_id:
        return set()
    rows = redline.compare(procedure.edition.paragraphs.all(), text.paragraphs.all())
    return {one.paragraph.anchor for one in rows if one.change != "same"}


# An act that the procedure overtook


def happened(
    procedure: SilenceProcedure, steps: list[Item], seen: int | None, now: dt.datetime
) -> list[Item]:
    """What was recorded since the page was made from which a refused act came."""
    if seen is None:
        return []
    return [one for one in steps if one.entry.number > seen and one.entry.step not in BOOKKEEPING]


def can_now(status: Status) -> str:
    """What a State can do where its act was refused."""
    match status:
        case Status.RUNNING:
            return _("The procedure runs on: look at it as it stands now, and act anew if needed.")
        case Status.BROKEN | Status.WITHDRAWN | Status.ANNULLED:
            return _(
                "The text was not adopted. The Chair may reissue it as a revision under a new "
                "period, refer it to a meeting, or abandon it; you will be told."
            )
        case _:
            return _(
                "Nothing can be said in the procedure any more. If your State handed in a Note "
                "Verbale on paper before the deadline, tell the Support Unit at once."
            )


def refused(
    request: HttpRequest,
    procedure: SilenceProcedure,
    *,
    seen: int | None,
    template: str = "documents/silence_detail.html",
    tried: bool = True,
    **forms: Any,
) -> HttpResponse:
    """The page for an act that was refused: 409 where the procedure went on meanwhile, else 422.
    `tried` is false where the form itself lacked something, which is all there is to tell.

    It tells what happened since the page was made, keeps what was typed, and says what can be
    done now.
    """
    procedure = visible_procedure(request, procedure.slug)  # as it stands after the act
    context = page_of(request, procedure, seen=seen, **forms)
    overtaken = (tried and bool(context["happened"])) or not context["running"]
    context["overtaken"] = overtaken
    return render(request, template, context, status=409 if overtaken else 422)


def acting(request: HttpRequest, slug: str) -> tuple[SilenceProcedure, State]:
    """The procedure and the State for which the reader may act in it; 404 for anybody else."""
    procedure = visible_procedure(request, slug)
    state = permissions.responding_state(request.user, procedure)
    return procedure, get_object_or_404(State, pk=state.pk if state else None)
