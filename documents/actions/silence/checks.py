"""What an opening is judged by: text, directive, period, States, agreement (rules S1–S5, D2)."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from almaty_portal.common.errors import DomainError, Judging
from almaty_portal.common.instants import ALMATY, almaty_today
from documents import concordance
from documents.actions import archive, texts
from documents.actions.silence.effect import proposed_effect
from documents.models import Document, Edition, Effect, LanguageVersion, SilenceProcedure
from membership.models import State

Kind = SilenceProcedure.Kind


@dataclass
class Judged:
    """What an opening would be: who is entitled, its effect, where the texts differ and why."""

    entitled: Sequence[State] = ()
    effect: Effect | None = None
    differences: list[dict[str, Any]] = field(default_factory=list)
    reason: dict[str, str] = field(default_factory=dict)


def judge_opening(
    *,
    document: Document,
    edition: Edition,
    now: dt.datetime,
    kind: str,
    silence_means: str,
    title_en: str,
    title_ru: str,
    directive_on: dt.date | None,
    directive: Sequence[str],
    deadline_at: dt.datetime | None,
    deadline_zone: str,
    urgency: Sequence[str],
    states: Iterable[State] | None,
    effect: Mapping[str, Any] | None,
    discordance_reason_en: str,
    discordance_reason_ru: str,
) -> Judged:
    """Judge all of an opening at an aware instant; raise all that the rules refuse, together.

    A kind or a deadline that was not entered, or not understood, is not judged: the form tells it.
    """
    judging, judged = Judging(), Judged()
    with judging:
        check_directive(directive_on, *directive)
    with judging:
        if not (title_en.strip() and title_ru.strip()):
            raise DomainError(
                _("Give the procedure a title in both languages."), fields=["title_en", "title_ru"]
            )
    with judging:
        if deadline_at is not None:
            check_period(
                now=now,
                deadline_at=deadline_at,
                deadline_zone=deadline_zone,
                urgent=all(reason.strip() for reason in urgency),
                demonstration=settings.DEMO and document.is_demonstration,
            )
    if kind in Kind.values:
        with judging:
            check_text(document, edition, kind)
        with judging:
            judged.entitled = entitled_states(kind, silence_means, states)
        with judging:
            on = deadline_at.astimezone(ALMATY).date() if deadline_at else almaty_today()
            judged.effect = proposed_effect(kind, effect, adopted_on=on)
    with judging:
        judged.differences, judged.reason = agreement(
            edition, discordance_reason_en, discordance_reason_ru
        )
    judging.settle()
    return judged


def check_text(document: Document, edition: Edition, kind: str) -> None:
    if amends_modalities(document, edition, kind):
        raise DomainError(
            _(
                "The Operating Modalities are amended by Ministerial meetings only (OM 3.vii): "
                "put the amendment on the agenda of a Ministerial Conference."
            )
        )
    if document.withdrawn_at is not None:
        raise DomainError(_("The document is withdrawn and cannot be put under silence."))
    for language in texts.CODES:
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


def amends_modalities(document: Document, edition: Edition, kind: str) -> bool:
    """Whether the procedure would change the Operating Modalities or an annex of them (rule D2).

    An adoption gives force to a text: of these, none. A window gives none, and lifts or strikes
    brackets as its States answer: it may be put on the text in force, and on no proposal.
    """
    if not document.in_modalities:
        return False
    proposal = edition.kind in (Edition.Kind.DRAFT, Edition.Kind.REVISION)
    return kind == Kind.ADOPTION or proposal


def agreement(
    edition: Edition, reason_en: str, reason_ru: str
) -> tuple[list[dict[str, Any]], dict[str, str]]:
    """Where the two texts differ, and the recorded reason: empty where they agree.

    Raises DomainError where they differ and no reason is given in both languages (rules S4, T2).
    """
    found = concordance.check(edition)
    reason = {"en": reason_en.strip(), "ru": reason_ru.strip()}
    if not found:
        return [], {"en": "", "ru": ""}
    if not all(reason.values()):
        more = len(found) - 1
        raise DomainError(
            " ".join(
                [
                    _("The two texts differ. %(first)s.") % {"first": found[0].sentence},
                    *(
                        [
                            ngettext(
                                "There is %(count)d more difference.",
                                "There are %(count)d more differences.",
                                more,
                            )
                            % {"count": more}
                        ]
                        if more
                        else []
                    ),
                    _("Correct the texts, or record in both languages why they may differ."),
                ]
            ),
            fields=["discordance_reason_en", "discordance_reason_ru"],
        )
    return [one.as_dict() for one in found], reason


def check_directive(directive_on: dt.date | None, *parts: str) -> None:
    """Raise DomainError without a date, form and author of the directive in both languages (S1)."""
    if directive_on is not None and directive_on > almaty_today():
        raise DomainError(
            _("The Chair's directive is dated in the future: correct its date."),
            fields=["directive_on"],
        )
    names = ("directive_form_en", "directive_form_ru", "directive_by_en", "directive_by_ru")
    missing = [] if directive_on else ["directive_on"]
    missing += [name for name, part in zip(names, parts, strict=True) if not part.strip()]
    if missing:
        raise DomainError(
            _(
                "Record the Chair's directive: its date, its form and who gave it, in both "
                "languages. The Support Unit acts upon the directives of the Chair (OM 3.iii)."
            ),
            fields=missing,
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
    require_zone(deadline_zone)
    if deadline_at <= now:
        raise DomainError(
            _("The deadline is in the past: choose a later one."), fields=["deadline_at"]
        )
    check_not_far(deadline_at, now)
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


def check_not_far(deadline_at: dt.datetime, now: dt.datetime) -> None:
    """Raise DomainError where a deadline is further than a mistyped year would put it: it could
    never be shortened (rule S9)."""
    if deadline_at - now > dt.timedelta(days=settings.SILENCE_LONGEST_DAYS):
        raise DomainError(
            _(
                "The deadline is more than two years away, and a deadline is never shortened: "
                "correct its year."
            ),
            fields=["deadline_at"],
        )


def require_zone(name: str) -> None:
    """Raise DomainError where `name` is no time zone."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError) as error:
        raise DomainError(
            _("“%(zone)s” is not a time zone: choose one from the list.") % {"zone": name},
            fields=["deadline_zone"],
        ) from error


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
    judging = Judging()
    with judging:
        if silence_means not in (means.FORMALISED, means.LAPSES, means.CHAIR):
            raise DomainError(
                _("Declare what the silence of a State will mean in this participation window."),
                fields=["silence_means"],
            )
    wanted = [state.pk for state in states or []]
    with judging:
        if not wanted:
            raise DomainError(
                _("Choose the States that the participation window addresses."), fields=["states"]
            )
    judging.settle()
    return list(State.objects.filter(pk__in=wanted).in_protocol_order())
