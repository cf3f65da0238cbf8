"""The silence procedure: opening, answering, closing.

Every step takes the database's clock first, then the procedure's row lock, then judges (rule S6);
it writes its ledger entry, its notices and its audit record in the same transaction.
"""

import datetime as dt
import logging
from collections.abc import Iterable, Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db import IntegrityError, OperationalError, connection, transaction
from django.utils.text import slugify
from django.utils.translation import gettext as _

from almaty_portal.common import audit
from almaty_portal.common.errors import DomainError, TooLate
from almaty_portal.common.instants import database_now
from documents import permissions
from documents.actions import archive
from documents.actions.ledger import instant, record_step
from documents.actions.outcomes import record_outcome
from documents.mail import tell_broken, tell_opened
from documents.models import (
    Document,
    Edition,
    LanguageVersion,
    SilenceOutcome,
    SilenceProcedure,
    SilenceResponse,
)
from documents.models.archive import Access
from documents.models.silence import RULES_VERSION
from membership.models import NationalCoordinator, State, User

logger = logging.getLogger(__name__)

Kind = SilenceProcedure.Kind
Response = SilenceResponse.Kind


@transaction.atomic
def open_silence(
    *,
    edition: Edition,
    kind: str,
    silence_means: str,
    title_en: str,
    title_ru: str,
    directive_on: dt.date,
    directive_form_en: str,
    directive_form_ru: str,
    directive_by_en: str,
    directive_by_ru: str,
    deadline_at: dt.datetime,
    deadline_zone: str,
    by: User,
    states: Iterable[State] | None = None,
    urgency_reason_en: str = "",
    urgency_reason_ru: str = "",
    publish_on_adoption: bool = True,
    slug: str | None = None,
) -> SilenceProcedure:
    """Put an edition under silence on a directive of the Chair (OM 3.iii, rules S1–S5).

    `deadline_at` is aware, set in the named zone `deadline_zone`. `states` are those whom a
    participation window addresses; an adoption is put to the Member States of this moment, fixed
    now. A draft that is not issued yet is issued with both languages. Raises DomainError, and
    stores nothing, where the directive, a language or a title is missing, the period is too short,
    the text is under silence already, or is one that silence cannot change (rule D2).
    """
    now = database_now()
    if not permissions.can_open_silence(by):
        raise DomainError(_("Only the Support Unit opens a silence procedure."))
    document = Document.objects.select_for_update().get(pk=edition.document_id)
    edition = Edition.objects.with_text().get(pk=edition.pk)
    check_text(document, edition, kind)
    check_directive(
        directive_on, directive_form_en, directive_form_ru, directive_by_en, directive_by_ru
    )
    if not (title_en.strip() and title_ru.strip()):
        raise DomainError(
            _("Give the procedure a title in both languages."), fields=["title_en", "title_ru"]
        )
    check_period(
        now=now,
        deadline_at=deadline_at,
        deadline_zone=deadline_zone,
        urgent=bool(urgency_reason_en.strip() and urgency_reason_ru.strip()),
        demonstration=settings.DEMO and document.is_demonstration,
    )
    entitled = entitled_states(kind, silence_means, states)
    if edition.issued_at is None:
        edition = archive.issue_edition(edition=edition, standings=both_languages(document), by=by)
    if document.access == Access.SUPPORT_UNIT:
        archive.set_access(document=document, access=Access.MEMBERS, by=by)
    hashes = archive.text_hashes(edition)
    procedure = SilenceProcedure.objects.create(
        slug=slug or free_slug(title_en),
        title_en=title_en,
        title_ru=title_ru,
        kind=kind,
        silence_means=silence_means,
        edition=edition,
        directive_on=directive_on,
        directive_form_en=directive_form_en,
        directive_form_ru=directive_form_ru,
        directive_by_en=directive_by_en,
        directive_by_ru=directive_by_ru,
        urgency_reason_en=urgency_reason_en,
        urgency_reason_ru=urgency_reason_ru,
        opened_at=now,
        deadline_at=deadline_at,
        deadline_zone=deadline_zone,
        text_hash_en=hashes["en"],
        text_hash_ru=hashes["ru"],
        opened_by=by,
        publish_on_adoption=publish_on_adoption,
        is_demonstration=document.is_demonstration,
    )
    procedure.electorate.set(entitled)
    record_step(
        step="opened",
        procedure=procedure,
        at=now,
        entry={
            "rules": RULES_VERSION,
            "kind": kind,
            "silence_means": silence_means,
            "title": {"en": title_en, "ru": title_ru},
            "document": document.slug,
            "edition": edition.key,
            "text_sha256": hashes,
            "directive": {
                "on": directive_on.isoformat(),
                "form": {"en": directive_form_en, "ru": directive_form_ru},
                "by": {"en": directive_by_en, "ru": directive_by_ru},
            },
            "urgency": {"en": urgency_reason_en, "ru": urgency_reason_ru},
            "opened_at": instant(now),
            "deadline_at": instant(deadline_at),
            "deadline_zone": deadline_zone,
            "entitled": [state.code for state in entitled],
            "by": by.email,
            "demonstration": document.is_demonstration,
        },
    )
    tell_opened(procedure)
    audit.record(
        by=by,
        action="open_silence",
        target=procedure,
        detail={"edition": edition.pk, "deadline_at": instant(deadline_at)},
    )
    return procedure


def both_languages(document: Document) -> dict[str, str]:
    """The standing of two texts put under silence: one is the original, both are authentic (T2)."""
    return {
        language: LanguageVersion.Standing.ORIGINAL
        if language == document.original_language
        else LanguageVersion.Standing.AUTHENTIC
        for language in archive.CODES
    }


def check_text(document: Document, edition: Edition, kind: str) -> None:
    if document.type == Document.Type.OPERATING_MODALITIES and kind == Kind.ADOPTION:
        raise DomainError(
            _(
                "The Operating Modalities are amended by Ministerial meetings only (OM 3.vii): "
                "put the amendment on the agenda of a Ministerial Conference."
            )
        )
    if document.withdrawn_at is not None:
        raise DomainError(_("The document is withdrawn and cannot be put under silence."))
    for language in archive.CODES:
        archive.require_language(edition, language)
    if not edition.paragraphs.all():
        raise DomainError(_("The edition has no text yet: enter its paragraphs first."))
    if edition.issued_at is not None:
        missing = edition.language_versions.filter(standing=LanguageVersion.Standing.MISSING)
        if missing.exists():
            raise DomainError(_("The edition was issued in one language only: issue both first."))
    if SilenceProcedure.objects.open().filter(edition__document=document, historic=False).exists():
        raise DomainError(_("A procedure on this document is running: wait for its outcome."))
    if kind == Kind.ADOPTION and edition.kind not in (Edition.Kind.DRAFT, Edition.Kind.REVISION):
        raise DomainError(
            _("This text is final already. Make a draft or a revision, and put that under silence.")
        )
    if kind == Kind.ADOPTION and edition.procedures.exists():
        raise DomainError(
            _("This text was under silence before: reissue it as a revision under a new period.")
        )


def check_directive(directive_on: dt.date | None, *parts: str) -> None:
    if directive_on is None or not all(part.strip() for part in parts):
        raise DomainError(
            _(
                "Record the Chair's directive: its date, its form and who gave it, in both "
                "languages. The Support Unit acts upon the directives of the Chair (OM 3.iii)."
            ),
            fields=["directive_on"],
        )


def check_period(
    *,
    now: dt.datetime,
    deadline_at: dt.datetime,
    deadline_zone: str,
    urgent: bool,
    demonstration: bool,
) -> None:
    """Raise DomainError where the time from `now` to the deadline is too short (rule S5)."""
    try:
        ZoneInfo(deadline_zone)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise DomainError(
            _("“%(zone)s” is not a time zone: choose one from the list.") % {"zone": deadline_zone},
            fields=["deadline_zone"],
        ) from error
    if deadline_at <= now:
        raise DomainError(
            _("The deadline is in the past: choose a later one."), fields=["deadline_at"]
        )
    period = deadline_at - now
    if demonstration:
        if period < dt.timedelta(minutes=1):
            raise DomainError(
                _("Even a demonstration leaves the States a minute: choose a later deadline."),
                fields=["deadline_at"],
            )
        return
    if period < dt.timedelta(hours=settings.SILENCE_URGENT_PERIOD_HOURS):
        raise DomainError(
            _(
                "The period is under 24 hours, the least that even urgency allows: choose a later "
                "deadline."
            ),
            fields=["deadline_at"],
        )
    if period < dt.timedelta(hours=settings.SILENCE_PERIOD_HOURS) and not urgent:
        raise DomainError(
            _(
                "The period is under 72 hours. Choose a later deadline, or record the Chair's "
                "reason of urgency in both languages."
            ),
            fields=["deadline_at"],
        )


def entitled_states(
    kind: str, silence_means: str, states: Iterable[State] | None
) -> Sequence[State]:
    """The States entitled to act, in the order of protocol (rule S3)."""
    means = SilenceProcedure.SilenceMeans
    if kind == Kind.ADOPTION:
        if silence_means != means.ADOPTED:
            raise DomainError(
                _("In an adoption silence means that the text is adopted."),
                fields=["silence_means"],
            )
        entitled = list(State.objects.members().in_protocol_order())
        if not entitled:
            raise DomainError(_("No State is a Member today: enter the standing of States first."))
        return entitled
    if silence_means not in (means.FORMALISED, means.LAPSES, means.CHAIR):
        raise DomainError(
            _("Declare what the silence of a State will mean in this participation window."),
            fields=["silence_means"],
        )
    wanted = [state.pk for state in states or []]
    if not wanted:
        raise DomainError(
            _("Choose the States that the participation window addresses."), fields=["states"]
        )
    return list(State.objects.filter(pk__in=wanted).in_protocol_order())


def free_slug(title: str) -> str:
    base = slugify(title)[:100] or "procedure"
    slug, number = base, 2
    while SilenceProcedure.objects.filter(slug=slug).exists():
        slug, number = f"{base}-{number}", number + 1
    return slug


def locked(procedure: SilenceProcedure) -> SilenceProcedure:
    """The procedure under its row lock. Raises DomainError where the lock is not to be had in time.

    It waits less than a request may last, so that a timely act is committed before the sweep's
    grace ends (rule S11), or refused with a sentence while its sender can still send it again.
    """
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL lock_timeout = '{settings.REQUEST_TIMEOUT_SECONDS - 5}s'")
    try:
        return (
            SilenceProcedure.objects.select_for_update(of=("self",))
            .select_related("edition__document")
            .get(pk=procedure.pk)
        )
    except OperationalError as error:
        raise DomainError(
            _(
                "The portal is busy recording other acts, and yours was not stored. Send it again "
                "at once."
            )
        ) from error


def require_entitled(procedure: SilenceProcedure, state: State, by: User) -> None:
    """Raise DomainError unless `by` acts for `state`, and it is entitled here (rules S3, M3)."""
    if procedure.historic:
        raise DomainError(_("This procedure is history: nobody can act in it any more."))
    if not procedure.electorate.filter(pk=state.pk).exists():
        raise DomainError(
            _("%(state)s is not among the States entitled to act in this procedure.")
            % {"state": state}
        )
    if permissions.responding_state(by, procedure) != state:
        raise DomainError(
            _("Only the National Coordinator in office, or the deputy, acts for %(state)s.")
            % {"state": state}
        )


def already_answered(procedure: SilenceProcedure, state: State, kinds: Iterable[str]) -> bool:
    return procedure.responses.filter(state=state, kind__in=list(kinds), late=False).exists()


def store_response(
    *,
    procedure: SilenceProcedure,
    state: State,
    kind: str,
    received_at: dt.datetime,
    by: User,
    reason: str = "",
) -> SilenceResponse:
    late = received_at >= procedure.deadline_at
    try:
        with transaction.atomic():
            response = SilenceResponse.objects.create(
                procedure=procedure,
                state=state,
                kind=kind,
                reason=reason,
                late=late,
                received_at=received_at,
                by=by,
            )
    except IntegrityError as error:
        if "received" in str(error):
            raise DomainError(
                _("Your act waited too long to be stored, and was not. Send it again at once.")
            ) from error
        raise
    record_step(
        step="late_refused" if late else kind,
        procedure=procedure,
        at=received_at,
        entry={
            "state": state.code,
            "answer": kind,
            "reason": reason,
            "received_at": instant(received_at),
            "deadline_at": instant(procedure.deadline_at),
            "late": late,
            "by": by.email,
        },
    )
    audit.record(
        by=by,
        action=f"respond_{kind}",
        target=procedure,
        detail={"state": state.code, "late": late, "received_at": instant(received_at)},
    )
    return response


def clock(value: dt.datetime) -> str:
    """An instant in UTC to the second, as the sentence about a late act tells it."""
    return f"{value.astimezone(dt.UTC):%d.%m.%Y %H:%M:%S}"


def refuse_late(response: SilenceResponse) -> None:
    """Raise TooLate for an act that is stored as late; call it after the transaction."""
    if response.late:
        raise TooLate(
            _(
                "Your act reached the portal at %(received)s UTC, at or after the deadline of "
                "%(deadline)s UTC. It is late and has no effect; that it came is on record."
            )
            % {
                "received": clock(response.received_at),
                "deadline": clock(response.procedure.deadline_at),
            }
        )


@transaction.atomic
def acknowledge(*, procedure: SilenceProcedure, state: State, by: User) -> SilenceResponse:
    """Acknowledge receipt for a State; it does not break silence (rule S8).

    Acknowledging twice changes nothing. Raises DomainError for a State not entitled, and where the
    procedure has ended.
    """
    received_at = database_now()
    procedure = locked(procedure)
    require_entitled(procedure, state, by)
    earlier = procedure.responses.filter(state=state, kind=Response.ACKNOWLEDGEMENT).first()
    if earlier is not None:
        return earlier
    if not procedure.is_running(received_at):
        raise DomainError(
            _("The procedure has ended (%(status)s): there is nothing to acknowledge any more.")
            % {"status": procedure.status(received_at).label}
        )
    return store_response(
        procedure=procedure,
        state=state,
        kind=Response.ACKNOWLEDGEMENT,
        received_at=received_at,
        by=by,
    )


def break_silence(
    *, procedure: SilenceProcedure, state: State, reason: str, by: User
) -> SilenceResponse:
    """Object for a State: one objection received before the deadline breaks an adoption (S6, S7).

    The moment of receipt is the database's clock as the act begins. An objection at or after the
    deadline is stored as late, has no effect, and raises TooLate. A timely one that follows
    another State's is on record too and changes no outcome. Raises DomainError, storing nothing,
    without a reason, for a second objection of the State, for a State not entitled, and in a
    participation window.
    """
    with transaction.atomic():
        received_at = database_now()
        procedure = locked(procedure)
        require_entitled(procedure, state, by)
        if procedure.kind != Kind.ADOPTION:
            raise DomainError(
                _(
                    "A participation window is answered, not broken: say whether your State "
                    "formalises its participation."
                )
            )
        if not reason.strip():
            raise DomainError(
                _("Give the reason of the objection: it is told to all States."), fields=["reason"]
            )
        if already_answered(procedure, state, [Response.OBJECTION]):
            raise DomainError(
                _(
                    "%(state)s has objected already: the objection is on record and silence is "
                    "broken."
                )
                % {"state": state}
            )
        response = store_response(
            procedure=procedure,
            state=state,
            kind=Response.OBJECTION,
            received_at=received_at,
            by=by,
            reason=reason.strip(),
        )
        if not response.late and not SilenceOutcome.objects.filter(procedure=procedure).exists():
            record_outcome(
                procedure=procedure,
                result=SilenceOutcome.Result.BROKEN,
                effective_at=received_at,
                broken_by=response,
            )
            tell_broken(procedure, response)
    refuse_late(response)
    return response


def answer_window(
    *, procedure: SilenceProcedure, state: State, participates: bool, by: User, reason: str = ""
) -> SilenceResponse:
    """Answer a participation window for a State: it formalises its participation or does not (S2).

    Judged by the database's clock as an objection is. Raises TooLate for a late answer, which is
    stored without effect, and DomainError for a second answer or a State not entitled.
    """
    with transaction.atomic():
        received_at = database_now()
        procedure = locked(procedure)
        require_entitled(procedure, state, by)
        if procedure.kind != Kind.WINDOW:
            raise DomainError(_("This is no participation window: acknowledge it or object."))
        if already_answered(procedure, state, [Response.PARTICIPATES, Response.DECLINES]):
            raise DomainError(
                _("%(state)s has answered already: its answer is on record.") % {"state": state}
            )
        response = store_response(
            procedure=procedure,
            state=state,
            kind=Response.PARTICIPATES if participates else Response.DECLINES,
            received_at=received_at,
            by=by,
            reason=reason.strip(),
        )
    refuse_late(response)
    return response


@transaction.atomic
def close_procedure(*, procedure_id: int) -> SilenceOutcome | None:
    """Record what the deadline and the answers have decided (rule S11); None where nothing is due.

    Effective at the deadline, whenever it runs; exactly once, since the outcome is unique and the
    row is locked: a sweep that meets another one at work passes by.
    """
    procedure = (
        SilenceProcedure.objects.select_for_update(of=("self",), skip_locked=True)
        .due(database_now())
        .select_related("edition__document")
        .filter(pk=procedure_id)
        .first()
    )
    if procedure is None:
        return None
    if procedure.kind == Kind.WINDOW:
        return record_outcome(
            procedure=procedure,
            result=SilenceOutcome.Result.WINDOW_CLOSED,
            effective_at=procedure.deadline_at,
        )
    objection = procedure.responses.filter(kind=Response.OBJECTION, late=False).first()
    if objection is not None:
        return record_outcome(
            procedure=procedure,
            result=SilenceOutcome.Result.BROKEN,
            effective_at=objection.received_at,
            broken_by=objection,
        )
    return record_outcome(
        procedure=procedure,
        result=SilenceOutcome.Result.ADOPTED,
        effective_at=procedure.deadline_at,
    )


def close_due() -> int:
    """Close every procedure that is due, each in a transaction of its own; the number closed.

    One that fails is logged and left for the next sweep; the others are closed all the same.
    """
    closed = 0
    for procedure_id in (
        SilenceProcedure.objects.due(database_now())
        .order_by("deadline_at")
        .values_list("pk", flat=True)
    ):
        try:
            closed += close_procedure(procedure_id=procedure_id) is not None
        except Exception:
            logger.exception("Procedure %s could not be closed", procedure_id)
    return closed


def states_without_coordinator(states: Iterable[State]) -> list[State]:
    """Those of the States that have no National Coordinator in office today."""
    served = set(
        NationalCoordinator.objects.in_office()
        .filter(role=NationalCoordinator.Role.COORDINATOR)
        .values_list("state_id", flat=True)
    )
    return [state for state in states if state.pk not in served]
