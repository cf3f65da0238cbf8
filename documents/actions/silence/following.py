"""The ways back for a text that was not adopted: reissue, referral, abandonment (rule S14)."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Max
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from almaty_portal.common import audit
from almaty_portal.common.actions import save_audited
from almaty_portal.common.errors import DomainError
from almaty_portal.common.instants import ALMATY, almaty_today
from almaty_portal.common.languages import in_both
from documents.actions import archive, texts
from documents.actions.adoption import latest_of
from documents.actions.ledger import record_step
from documents.actions.silence.directing import chairs_decision
from documents.actions.silence.receiving import act, locked
from documents.mail import tell
from documents.models import Edition, FollowUp, ObjectionPoint, SilenceProcedure
from documents.remarking import remark
from documents.transitions import require
from meetings.models import AgendaItem, Meeting
from membership.models import User

STEPS = {
    FollowUp.Kind.REISSUE: "reissue_prepared",
    FollowUp.Kind.REFERRAL: "referred",
    FollowUp.Kind.ABANDONMENT: "abandoned",
}


def begin(procedure: SilenceProcedure, kind: FollowUp.Kind, now: Any, by: User) -> SilenceProcedure:
    """The procedure under its row lock, where it may be followed up so; DomainError elsewhere."""
    procedure = locked(procedure)
    require(STEPS[kind], procedure, now, by)
    follow_up = FollowUp.objects.filter(procedure=procedure).first()
    if follow_up is not None:
        raise DomainError(
            _("What becomes of this text is decided already: %(kind)s.")
            % {"kind": follow_up.get_kind_display()}
        )
    return procedure


def conclude(
    procedure: SilenceProcedure,
    kind: FollowUp.Kind,
    reason: dict[str, str],
    now: Any,
    by: User,
    entry: dict[str, Any],
    **leads_to: Any,
) -> FollowUp:
    """Store what becomes of the text, on record and told to all."""
    follow_up = FollowUp.objects.create(
        procedure=procedure,
        kind=kind,
        reason_en=reason["en"],
        reason_ru=reason["ru"],
        at=now,
        by=by,
        **leads_to,
    )
    record_step(
        step=STEPS[kind],
        procedure=procedure,
        at=now,
        entry={"follow_up": kind.value, "reason": reason, **entry, "by": by.email},
    )
    tell(procedure, "followed_up", follow_up=follow_up, reason=reason)
    audit.record(by=by, action=STEPS[kind], target=procedure, detail=entry)
    return follow_up


def prepare_reissue(
    *,
    procedure: SilenceProcedure,
    accepted: Iterable[ObjectionPoint],
    reason_en: str,
    reason_ru: str,
    by: User,
) -> Edition:
    """Begin Rev.n of a text that was not adopted, with the proposed wording that was accepted.

    The revision can be edited like any draft, and is put under a new period of silence (S10, S14).
    Raises DomainError where the text was adopted or followed up already, a point is not of this
    procedure or proposes no wording, or two points propose wordings of one paragraph.
    """
    with act() as now:
        procedure = begin(procedure, FollowUp.Kind.REISSUE, now, by)
        reason = chairs_decision(reason_en, reason_ru)
        before = Edition.objects.with_text().get(pk=procedure.text_edition().pk)
        rows = texts.text_rows(before)
        places = {one.anchor: index for index, one in enumerate(before.paragraphs.all())}
        taken: list[str] = []
        for point in accepted:
            anchor = point.paragraph.anchor
            if point.response.procedure_id != procedure.pk or anchor not in places:
                raise DomainError(_("This proposal belongs to another procedure."))
            if not (point.proposed_en or point.proposed_ru):
                raise DomainError(
                    _("%(state)s proposes no wording of its own there: nothing can be accepted.")
                    % {"state": point.response.state},
                    fields=["accepted"],
                )
            if anchor in taken:
                raise DomainError(
                    _(
                        "Two proposals for paragraph %(paragraph)s cannot both be accepted: choose "
                        "one, and edit the revision afterwards."
                    )
                    % {"paragraph": point.paragraph.number or anchor},
                    fields=["accepted"],
                )
            taken.append(anchor)
            row = rows[places[anchor]]
            for name, words in (("text_en", point.proposed_en), ("text_ru", point.proposed_ru)):
                if words:
                    row[name] = remark(words, row[name])
        document = before.document
        edition = archive.create_edition(
            document=document,
            kind=Edition.Kind.REVISION,
            number=archive.next_number(document, Edition.Kind.REVISION),
            dated_on=now.astimezone(ALMATY).date(),
            supersedes=latest_of(before, document.editions.all()),
            by=by,
        )
        texts.set_text(edition=edition, rows=rows, by=by)
        conclude(
            procedure,
            FollowUp.Kind.REISSUE,
            reason,
            now,
            by,
            {"edition": edition.key, "accepted": taken},
            edition=edition,
        )
        return edition


def refer(
    *,
    procedure: SilenceProcedure,
    meeting: Meeting,
    reason_en: str,
    reason_ru: str,
    by: User,
) -> FollowUp:
    """Refer a text that was not adopted to a meeting: it becomes an item of its agenda (S14).

    Raises DomainError where the text was adopted or followed up already, or the meeting is past.
    """
    with act() as now:
        procedure = begin(procedure, FollowUp.Kind.REFERRAL, now, by)
        reason = chairs_decision(reason_en, reason_ru)
        if meeting.last_on < almaty_today():
            raise DomainError(
                _("The meeting is past: choose one that is still to come."), fields=["meeting"]
            )
        # The agenda is public and the text is not: its name is told by a tag to those who may know.
        titles = in_both(gettext_noop("A text referred from the silence procedure"))
        titles = {f"title_{language}": text for language, text in titles.items()}
        Meeting.objects.select_for_update(no_key=True).get(pk=meeting.pk)  # one last item at a time
        last = meeting.agenda.aggregate(last=Max("position"))["last"] or 0
        item = AgendaItem(
            meeting=meeting,
            position=last + 1,
            **titles,
        )
        save_audited(obj=item, changed={}, by=by)
        return conclude(
            procedure,
            FollowUp.Kind.REFERRAL,
            reason,
            now,
            by,
            {"meeting": meeting.slug, "agenda_item": item.position},
            agenda_item=item,
        )


def abandon(*, procedure: SilenceProcedure, reason_en: str, reason_ru: str, by: User) -> FollowUp:
    """Give up a text that was not adopted, on the Chair's decision (rule S14)."""
    with act() as now:
        procedure = begin(procedure, FollowUp.Kind.ABANDONMENT, now, by)
        reason = chairs_decision(reason_en, reason_ru)
        return conclude(procedure, FollowUp.Kind.ABANDONMENT, reason, now, by, {})
