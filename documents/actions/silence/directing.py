"""What the Chair decides while a procedure runs and after, entered by the Support Unit."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext as _

from almaty_portal.common import audit
from almaty_portal.common.errors import DomainError
from almaty_portal.common.instants import ALMATY
from documents import concordance, markup, redline
from documents.actions import archive, outcomes, texts
from documents.actions.adoption import latest_of
from documents.actions.ledger import record_step
from documents.actions.silence.receiving import act, locked
from documents.mail import tell
from documents.models import (
    Edition,
    SilenceOutcome,
    SilenceProcedure,
    StateOutcome,
    TechnicalCorrection,
)
from documents.models.archive import LANGUAGES
from documents.transitions import require
from membership.models import State, User


def in_both_languages(en: str, ru: str, sentence: str, *fields: str) -> dict[str, str]:
    """The words in both languages, stripped; DomainError with `sentence` where one is missing."""
    if not (en.strip() and ru.strip()):
        raise DomainError(sentence, fields=fields)
    return {"en": en.strip(), "ru": ru.strip()}


def chairs_decision(reason_en: str, reason_ru: str) -> dict[str, str]:
    """The Chair's decision on which an act rests, named in both languages (rule S1)."""
    return in_both_languages(
        reason_en,
        reason_ru,
        _("Name the Chair's decision in both languages: its form, its date, and the reason."),
        "reason_en",
        "reason_ru",
    )


def withdraw(
    *, procedure: SilenceProcedure, reason_en: str, reason_ru: str, by: User
) -> SilenceOutcome:
    """Withdraw a text from silence on the Chair's decision, before the deadline (rule S10).

    It is not adopted; every State is told. Raises DomainError where the procedure has ended or the
    decision is not named in both languages.
    """
    with act() as now:
        procedure = locked(procedure)
        require("withdrawn", procedure, now, by)
        return outcomes.record_outcome(
            procedure=procedure,
            result=SilenceOutcome.Result.WITHDRAWN,
            effective_at=now,
            reason=chairs_decision(reason_en, reason_ru),
            by=by,
        )


def correct_text(
    *,
    procedure: SilenceProcedure,
    rows: Sequence[Mapping[str, Any]],
    note_en: str,
    note_ru: str,
    by: User,
) -> TechnicalCorrection:
    """Correct a slip in the text while it is under silence; nothing starts anew (rule S10).

    `rows` are all paragraphs as `set_text` takes them. The corrected text is an edition of its own
    (Corr.n); all are told, in both languages, what was corrected. Raises DomainError where the
    procedure has ended, nothing was changed, or what was changed is substance: the paragraphs,
    their numbers, the States they name, brackets and footnotes stay; any other change of substance
    is for the Chair to withdraw and reissue.
    """
    with act() as now:
        procedure = locked(procedure)
        require("corrected", procedure, now, by)
        note = in_both_languages(
            note_en,
            note_ru,
            _("Say in both languages what was corrected: all States are told."),
            "note_en",
            "note_ru",
        )
        before = Edition.objects.with_text().get(pk=procedure.text_edition().pk)
        changed = corrected_paragraphs(texts.text_rows(before), rows)
        document = before.document
        edition = archive.create_edition(
            document=document,
            kind=Edition.Kind.CORRIGENDUM,
            number=archive.next_number(document, Edition.Kind.CORRIGENDUM),
            dated_on=now.astimezone(ALMATY).date(),
            supersedes=latest_of(before, document.editions.all()),
            note_en=note["en"],
            note_ru=note["ru"],
            by=by,
        )
        texts.set_text(edition=edition, rows=rows, by=by)
        require_concordance(procedure, before, edition)
        standings = {one.language: one.standing for one in before.language_versions.all()}
        correction = TechnicalCorrection.objects.create(
            procedure=procedure,
            edition=edition,
            note_en=note["en"],
            note_ru=note["ru"],
            made_at=now,
            by=by,
        )
        correction.edition = archive.issue_edition(
            edition=edition, standings=standings, by=by, judged=True
        )
        record_step(
            step="corrected",
            procedure=procedure,
            at=now,
            entry={
                "edition": edition.key,
                "paragraphs": changed,
                "note": note,
                "text_sha256": texts.text_hashes(edition),
                "by": by.email,
            },
        )
        archive.refresh(before)
        changes = [
            {
                "paragraph": new,
                "language": name,
                "before": redline.words_of(old, code),
                "after": redline.words_of(new, code),
            }
            for old, new in zip(before.paragraphs.all(), edition.paragraphs.all(), strict=True)
            for code, name in LANGUAGES
            if redline.words_of(old, code) != redline.words_of(new, code)
        ]
        tell(
            procedure, "corrected", event=f"corrected-{edition.number}", note=note, changes=changes
        )
        audit.record(by=by, action="correct_text", target=procedure, detail={"paragraphs": changed})
        return correction


def require_concordance(procedure: SilenceProcedure, before: Edition, edition: Edition) -> None:
    """Raise DomainError where a corrected text differs between its languages in anything that was
    not on record when the procedure opened, nor found in the text as it stood `before`: a term
    agreed while silence runs is no fault of the correction (S10)."""
    recorded = [*procedure.discordances, *(one.as_dict() for one in concordance.check(before))]
    for finding in concordance.check(Edition.objects.with_text().get(pk=edition.pk)):
        if finding.as_dict() not in recorded:
            raise DomainError(
                _("The two corrected texts differ. %(finding)s Correct both languages.")
                % {"finding": finding.sentence}
            )


def corrected_paragraphs(
    before: Sequence[Mapping[str, Any]], after: Sequence[Mapping[str, Any]]
) -> list[str]:
    """The paragraphs that a correction changes; DomainError where it touches the substance."""
    frame = ("role", "level", "number", "anchor")
    if [[one.get(name) for name in frame] for one in before] != [
        [one.get(name) for name in frame] for one in after
    ]:
        raise DomainError(
            _(
                "A technical correction keeps all paragraphs and their numbers. To change them, "
                "withdraw the text and reissue it as a revision."
            )
        )
    changed = []
    for old, new in zip(before, after, strict=True):
        name = str(new.get("number") or new.get("anchor") or "")
        for language in texts.CODES:
            former = old.get(f"text_{language}") or ""
            present = new.get(f"text_{language}") or ""
            if not present.strip() or (marks(former) != marks(present)):
                raise DomainError(
                    _(
                        "Paragraph %(paragraph)s: a technical correction keeps the States named, "
                        "the brackets and the footnotes. To change them, withdraw the text and "
                        "reissue it as a revision."
                    )
                    % {"paragraph": name},
                    fields=[f"text_{language}"],
                )
            if former != present and name not in changed:
                changed.append(name)
    if not changed:
        raise DomainError(_("Nothing was corrected: the text is the same as before."))
    return changed


def marks(text: str) -> list[tuple[str, str]]:
    """The States, brackets and footnotes of a text, in order."""
    return [
        (piece.kind, piece.code or (piece.text if piece.kind == "footnote" else ""))
        for piece in markup.parse(text)
        if piece.kind != "text"
    ]


def settle_state(
    *,
    procedure: SilenceProcedure,
    state: State,
    formalised: bool,
    note_en: str,
    note_ru: str,
    by: User,
) -> StateOutcome:
    """Enter how the Chair settled the participation of a State whose silence left it so (S2).

    Raises DomainError where the window has not closed, the State's result is not the Chair's to
    settle, or the decision is not named in both languages.
    """
    with act() as now:
        procedure = locked(procedure)
        require("settled", procedure, now, by)
        note = chairs_decision(note_en, note_ru)
        outcome = SilenceOutcome.objects.get(procedure=procedure)
        left = StateOutcome.objects.filter(
            outcome=outcome, state=state, result=StateOutcome.Result.CHAIR
        ).standing()
        if not left.exists():
            raise DomainError(
                _("The result for %(state)s is not left for the Chair to settle.")
                % {"state": state},
                fields=["state"],
            )
        return outcomes.correct_state_outcome(
            outcome=outcome,
            state=state,
            result=StateOutcome.Result.FORMALISED if formalised else StateOutcome.Result.DECLINED,
            step="settled",
            note=note,
            by=by,
        )
