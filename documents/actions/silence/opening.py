"""Opening a silence procedure on a directive of the Chair (rules S1–S5)."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from almaty_portal.common import audit
from almaty_portal.common.errors import DomainError
from almaty_portal.common.instants import almaty_today, database_now
from documents import concordance, permissions
from documents.actions import archive, texts
from documents.actions.addresses import free_slug
from documents.actions.ledger import instant, record_step
from documents.actions.silence.effect import proposed_effect
from documents.mail import tell_opened
from documents.models import (
    Document,
    Edition,
    FollowUp,
    LanguageVersion,
    SilenceProcedure,
)
from documents.models.archive import Access
from membership.models import NationalCoordinator, State, User

Kind = SilenceProcedure.Kind


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
    effect: Mapping[str, Any] | None = None,
    discordance_reason_en: str = "",
    discordance_reason_ru: str = "",
    slug: str | None = None,
) -> SilenceProcedure:
    """Put an edition under silence on a directive of the Chair (OM 3.iii, rules S1–S5).

    `deadline_at` is aware, set in the named zone `deadline_zone`. `states` are those whom a
    participation window addresses; an adoption is put to the Member States of this moment, fixed
    now. A draft that is not issued yet is issued with both languages. `effect` is what an adoption
    does besides (`silence.effect.proposed_effect`). Where the two texts differ
    (`documents.concordance`), `discordance_reason` tells in both languages why they may.

    Raises DomainError, and stores nothing, where the directive, a language or a title is missing,
    the texts differ without a reason, the period is too short, the effect cannot be applied, the
    text is under silence already, or is one that silence cannot change (rule D2).
    """
    now = database_now()
    if not permissions.can_open_silence(by):
        raise DomainError(_("Only the Support Unit opens a silence procedure."))
    document = Document.objects.select_for_update(no_key=True).get(pk=edition.document_id)
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
    follows = proposed_effect(kind, effect)
    differences, reason = agreement(edition, discordance_reason_en, discordance_reason_ru)
    before = reissued(document, edition)
    if edition.issued_at is None:
        edition = archive.issue_edition(
            edition=edition, standings=both_languages(document), by=by, judged=True
        )
    if document.access == Access.SUPPORT_UNIT:
        archive.set_access(document=document, access=Access.MEMBERS, by=by)
    hashes = texts.text_hashes(edition)
    procedure = SilenceProcedure.objects.create(
        slug=slug or free_slug(title_en, SilenceProcedure),
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
        reissue_of=before,
        discordances=differences,
        discordance_reason_en=reason["en"],
        discordance_reason_ru=reason["ru"],
        is_demonstration=document.is_demonstration,
    )
    procedure.electorate.set(entitled)
    if follows is not None:
        follows.procedure = procedure
        follows.save()
    record_step(
        step="opened",
        procedure=procedure,
        at=now,
        entry={
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
            "effect": follows.told() if follows is not None else None,
            "reissue_of": before.slug if before else None,
            "discordances": differences,
            "discordance_reason": reason,
            "by": by.email,
            "demonstration": document.is_demonstration,
        },
    )
    archive.refresh(edition)  # a proposal is searched and printed as one from now on
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
        for language in texts.CODES
    }


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
    part: Document | None = document
    while part is not None and part.type != Document.Type.OPERATING_MODALITIES:
        part = part.annex_of
    if part is None:
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


def reissued(document: Document, edition: Edition) -> SilenceProcedure | None:
    """The procedure that was not adopted and whose text this edition revises (S10, S14)."""
    return (
        SilenceProcedure.objects.filter(
            edition__document=document,
            follow_up__kind=FollowUp.Kind.REISSUE,
            follow_up__edition=edition,
        )
        .order_by("-pk")
        .first()
    )


def check_directive(directive_on: dt.date | None, *parts: str) -> None:
    if directive_on is not None and directive_on > almaty_today():
        raise DomainError(
            _("The Chair's directive is dated in the future: correct its date."),
            fields=["directive_on"],
        )
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
    require_zone(deadline_zone)
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


def states_without_coordinator(states: Iterable[State]) -> list[State]:
    """Those of the States that have no National Coordinator in office today."""
    served = set(
        NationalCoordinator.objects.in_office()
        .filter(role=NationalCoordinator.Role.COORDINATOR)
        .values_list("state_id", flat=True)
    )
    return [state for state in states if state.pk not in served]
