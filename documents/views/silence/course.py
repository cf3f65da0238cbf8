"""The course of a procedure, step by step: what was, where it stands, what happens next."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field

from django.conf import settings
from django.utils.translation import gettext as _

from documents.models import FollowUp, SilenceOutcome, SilenceProcedure
from documents.templatetags.texts import capital

Status = SilenceProcedure.Status
Kind = SilenceProcedure.Kind


@dataclass
class Step:
    """One step: `place` is done, now, next, or skipped where the procedure took another way."""

    label: str
    place: str
    note: str = ""
    at: list[dt.datetime] = field(default_factory=list)
    url: str = ""
    link: str = ""


def course(procedure: SilenceProcedure, status: Status, now: dt.datetime) -> list[Step]:
    """The steps from the opening to what follows from the outcome, at an aware instant."""
    outcome: SilenceOutcome | None = getattr(procedure, "outcome", None)
    ended = outcome is not None
    early = status in (Status.BROKEN, Status.WITHDRAWN)
    passed = now >= procedure.deadline_at
    return [
        Step(_("Opened, and told to all"), "done", at=[procedure.opened_at]),
        reminders(procedure, outcome.effective_at if outcome else now, ended=ended),
        Step(
            _("Deadline"),
            "skipped" if early else "done" if passed else "next",
            "" if early else what_is_late(procedure),
            at=[procedure.deadline_at],
        ),
        told(procedure, status, outcome),
        *following(procedure, status, outcome),
    ]


def what_is_late(procedure: SilenceProcedure) -> str:
    if procedure.kind == Kind.ADOPTION:
        return _("An objection that the portal receives at this instant or later is late.")
    return _("An answer that the portal receives at this instant or later is late.")


def reminders(procedure: SilenceProcedure, now: dt.datetime, *, ended: bool) -> Step:
    marks = [
        procedure.deadline_at - dt.timedelta(hours=hours)
        for hours in settings.SILENCE_REMINDER_HOURS
    ]
    marks = [mark for mark in marks if mark > procedure.opened_at]
    coming = [mark for mark in marks if mark > now]
    if not marks:
        return Step(_("Reminders"), "skipped", _("The period is too short for reminders."))
    note = _("To the States that have not answered.")
    if ended and len(coming) == len(marks):
        return Step(_("Reminders"), "skipped")
    place = "done" if ended or not coming else "now"
    return Step(_("Reminders"), place, note, at=[] if ended else coming)


def told(procedure: SilenceProcedure, status: Status, outcome: SilenceOutcome | None) -> Step:
    if outcome is not None:
        return Step(
            _("Outcome told to all in writing"),
            "done",
            capital(outcome.get_result_display()) + ".",
            at=[outcome.recorded_at],
        )
    if status == Status.DEADLINE_PASSED:
        note = _("The outcome is being recorded; what comes now is late.")
        return Step(_("Outcome told to all in writing"), "now", note)
    if procedure.kind == Kind.ADOPTION:
        note = _(
            "Without an objection the text is adopted by consensus at the deadline. One objection "
            "ends the procedure at once."
        )
    else:
        note = _("For each State its answer, or what its silence means.")
    return Step(_("Outcome told to all in writing"), "next", note)


def following(
    procedure: SilenceProcedure, status: Status, outcome: SilenceOutcome | None
) -> Iterable[Step]:
    document = procedure.edition.document
    if procedure.kind == Kind.WINDOW and status not in SilenceProcedure.NOT_ADOPTED:
        done = outcome is not None and outcome.effects_at is not None
        yield Step(
            _("Entered in the register of decisions"),
            "done" if done else "next",
            _("Where brackets stood in the text, a clean edition is issued. What is left to the "
              "Chair, the Chair settles."),
        )  # fmt: skip
        return
    adopted = Step(
        _("If adopted: reference, final edition, register of decisions"),
        "next",
        _("The portal assigns the reference and issues the final text in both languages."),
    )
    way_back = Step(
        _("If not adopted: the Chair decides the way back"),
        "next",
        _("A revision under a new period, referral to a meeting, or abandonment."),
    )
    if status == Status.ADOPTED:
        done = outcome is not None and outcome.effects_at is not None
        adopted.label = _("Reference, final edition, register of decisions")
        adopted.place = "done" if done else "now"
        if done and outcome is not None and outcome.effects_at:
            adopted.at, adopted.note = [outcome.effects_at], document.reference or ""
            adopted.url, adopted.link = document.get_absolute_url(), _("Read the text as adopted")
        yield adopted
        return
    if status in SilenceProcedure.NOT_ADOPTED:
        if outcome is not None and status == Status.ANNULLED:
            yield annulled(outcome)
        yield followed(procedure, way_back)
        return
    yield adopted
    yield way_back


def annulled(outcome: SilenceOutcome) -> Step:
    """The correction on the record, at its own moment: after what it corrects (S13)."""
    annulment = outcome.annulment
    note = _("By a Note Verbale on paper received in time: %(state)s.") % {
        "state": annulment.objection.state.formal_name()
    }
    return Step(_("Adoption annulled"), "done", note, at=[annulment.annulled_at])


def followed(procedure: SilenceProcedure, step: Step) -> Step:
    """The way back of a text that was not adopted, where the Chair has decided it (S14)."""
    follow_up: FollowUp | None = getattr(procedure, "follow_up", None)
    if follow_up is None:
        step.label, step.place = _("The Chair decides the way back"), "now"
        return step
    step.place, step.note, step.at = "done", follow_up.reason or "", [follow_up.at]
    match follow_up.kind:
        case FollowUp.Kind.REISSUE if follow_up.edition is not None:
            step.label = _("Reissued as %(edition)s") % {"edition": follow_up.edition.label}
            reissue = next(iter(procedure.reissues.all()), None)
            if reissue is not None:
                step.url = reissue.get_absolute_url()
                step.link = _("Go to the procedure on it")
            else:
                step.url = (
                    follow_up.edition.get_absolute_url() if follow_up.edition.issued_at else ""
                )
                step.link = _("Read the revision")
                step.note += " " + _("Its own procedure opens under a new period.")
        case FollowUp.Kind.REFERRAL if follow_up.agenda_item is not None:
            meeting = follow_up.agenda_item.meeting
            step.label = _("Referred to a meeting")
            step.url, step.link = meeting.get_absolute_url(), str(meeting)
        case _:
            step.label = _("Abandoned")
    return step
