"""Opening a silence procedure on a directive of the Chair (rules S1–S5)."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from almaty_portal.common import audit
from almaty_portal.common.errors import DomainError
from almaty_portal.common.instants import database_now
from almaty_portal.common.languages import in_both
from documents import permissions
from documents.actions import archive, texts
from documents.actions.access import set_access
from documents.actions.addresses import free_slug
from documents.actions.ledger import instant, record_step
from documents.actions.silence.checks import judge_opening
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
def open_silence(*, edition: Edition, by: User, **asked: Any) -> SilenceProcedure:
    """Put an edition under silence on a directive of the Chair (OM 3.iii, rules S1–S5).

    Takes what `draw_up` takes and refuses what that refuses, storing nothing. The procedure is on
    the ledger and told to all in the same transaction.
    """
    procedure = draw_up(edition=edition, by=by, **asked)
    edition = procedure.edition
    record_step(
        step="opened",
        procedure=procedure,
        at=procedure.opened_at,
        entry=opening_entry(procedure, by),
    )
    archive.refresh(edition)  # a proposal is searched and printed as one from now on
    tell_opened(procedure)
    audit.record(
        by=by,
        action="open_silence",
        target=procedure,
        detail={"edition": edition.pk, "deadline_at": instant(procedure.deadline_at)},
    )
    return procedure


def opening_entry(procedure: SilenceProcedure, by: User) -> dict[str, Any]:
    """What the ledger tells of an opening (rule S15)."""
    one = procedure

    def both(name: str) -> dict[str, str]:
        return {language: getattr(one, f"{name}_{language}") for language in texts.CODES}

    return {
        "kind": one.kind,
        "silence_means": one.silence_means,
        "title": both("title"),
        "document": one.edition.document.slug,
        "edition": one.edition.key,
        "text_sha256": both("text_hash"),
        "directive": {
            "on": one.directive_on.isoformat() if one.directive_on else None,
            "form": both("directive_form"),
            "by": both("directive_by"),
        },
        "urgency": both("urgency_reason"),
        "opened_at": instant(one.opened_at),
        "deadline_at": instant(one.deadline_at),
        "deadline_zone": one.deadline_zone,
        "entitled": [state.code for state in one.electorate.order_by("protocol_key")],
        "effect": one.effect.told() if hasattr(one, "effect") else None,
        "reissue_of": one.reissue_of.slug if one.reissue_of else None,
        "discordances": one.discordances,
        "discordance_reason": both("discordance_reason"),
        "by": by.email,
        "demonstration": one.is_demonstration,
    }


@transaction.atomic
def draw_up(
    *,
    edition: Edition,
    kind: str,
    silence_means: str,
    title_en: str,
    title_ru: str,
    directive_on: dt.date | None,
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
    """The procedure as it would be opened, with its States and its effect, told to nobody.

    A preview draws it up and takes it back: nothing of it is on the ledger, whose chain is not
    locked meanwhile. `deadline_at` is aware, set in the named zone `deadline_zone`. `states` are
    those whom a participation window addresses; an adoption is put to the Member States of this
    moment, fixed now. A draft that is not issued yet is issued with both languages. `effect` is
    what an adoption does besides (`silence.effect.proposed_effect`). Where the two texts differ
    (`documents.concordance`), `discordance_reason` tells in both languages why they may.

    Raises DomainError, and stores nothing, for whoever is not of the Support Unit; and, all of them
    together, where the directive, a language or a title is missing, the texts differ without a
    reason, the period is too short, the effect cannot be applied, the text is under silence
    already, or is one that silence cannot change (rule D2).
    """
    now = database_now()
    if not permissions.can_open_silence(by):
        raise DomainError(_("Only the Support Unit opens a silence procedure."))
    document = Document.objects.select_for_update(no_key=True).get(pk=edition.document_id)
    edition = Edition.objects.with_text().get(pk=edition.pk)
    judged = judge_opening(
        document=document,
        edition=edition,
        now=now,
        kind=kind,
        silence_means=silence_means,
        title_en=title_en,
        title_ru=title_ru,
        directive_on=directive_on,
        directive=[directive_form_en, directive_form_ru, directive_by_en, directive_by_ru],
        deadline_at=deadline_at,
        deadline_zone=deadline_zone,
        urgency=[urgency_reason_en, urgency_reason_ru],
        states=states,
        effect=effect,
        discordance_reason_en=discordance_reason_en,
        discordance_reason_ru=discordance_reason_ru,
    )
    before = reissued(document, edition)
    if edition.issued_at is None:
        edition = archive.issue_edition(
            edition=edition, standings=both_languages(document), by=by, judged=True
        )
    if document.access == Access.SUPPORT_UNIT:
        reason = in_both(gettext_noop("Put under silence: the Member States read it."))
        set_access(
            document=document,
            access=Access.MEMBERS,
            reason_en=reason["en"],
            reason_ru=reason["ru"],
            by=by,
        )
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
        discordances=judged.differences,
        discordance_reason_en=judged.reason["en"],
        discordance_reason_ru=judged.reason["ru"],
        is_demonstration=document.is_demonstration,
    )
    procedure.electorate.set(judged.entitled)
    if judged.effect is not None:
        judged.effect.procedure = procedure
        judged.effect.save()
    return procedure


def both_languages(document: Document) -> dict[str, str]:
    """The standing of two texts put under silence: one is the original, both are authentic (T2)."""
    return {
        language: LanguageVersion.Standing.ORIGINAL
        if language == document.original_language
        else LanguageVersion.Standing.AUTHENTIC
        for language in texts.CODES
    }


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


def states_without_coordinator(states: Iterable[State]) -> list[State]:
    """Those of the States that have no National Coordinator in office today."""
    served = set(
        NationalCoordinator.objects.in_office()
        .filter(role=NationalCoordinator.Role.COORDINATOR)
        .values_list("state_id", flat=True)
    )
    return [state for state in states if state.pk not in served]
