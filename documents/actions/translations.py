"""Giving out translations, writing them and taking them through their steps (U3)."""

import datetime as dt
import logging
from collections.abc import Mapping

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from almaty_portal.common import audit
from almaty_portal.common.errors import DomainError
from almaty_portal.common.instants import ALMATY, database_now
from documents import alerts, mail, permissions, translating
from documents.actions.texts import new_paragraph, text_rows
from documents.models import Edition, Paragraph, TranslationWork
from membership.models import State, User

logger = logging.getLogger(__name__)
Status = TranslationWork.Status
REMINDED_DAYS = 3  # before a translation or a review is due


@transaction.atomic
def assign_translation(
    *,
    edition: Edition,
    language: str,
    translator: User,
    reviewer: User,
    due_on: dt.date,
    review_due_on: dt.date,
    by: User,
    work: TranslationWork | None = None,
) -> TranslationWork:
    """Give the translation of an edition to a translator and a reviewer, or to others than before.

    The days are days in Almaty. Both may read the edition from now on, whoever had it before no
    longer; each of them to whom this is new is told by mail. Raises DomainError where the person
    may not, the edition is issued, the two are one person or the days are in the wrong order.
    """
    if not permissions.can_direct_translation(by):
        raise DomainError(_("Only the Support Unit gives out translations."))
    if edition.issued_at is not None:
        raise DomainError(
            _("This edition is issued and its text is fixed. Make a corrigendum or a revision.")
        )
    known = set(tasks_of(work)) if work is not None else set()
    if work is not None:
        permissions.revoke_translation(work)
    else:
        work = TranslationWork(edition=edition, language=language, assigned_at=database_now())
    work.translator, work.reviewer = translator, reviewer
    work.due_on, work.review_due_on = due_on, review_due_on
    try:
        work.full_clean()
    except ValidationError as error:
        raise DomainError(" ".join(error.messages)) from error
    work.save()
    permissions.grant_translation(work)
    audit.record(
        by=by,
        action="assign_translation",
        target=work,
        detail={
            "translator": translator.email,
            "reviewer": reviewer.email,
            "due_on": due_on.isoformat(),
            "review_due_on": review_due_on.isoformat(),
        },
    )
    mail.tell_given_out(work, [one for one in tasks_of(work) if one not in known])
    return work


def tasks_of(work: TranslationWork) -> list[mail.Task]:
    """What a translation asks of its translator and of its reviewer."""
    return [
        mail.Task("translation", work.translator, work.due_on),
        mail.Task("review", work.reviewer, work.review_due_on),
    ]


def remind_due() -> int:
    """Remind those whose translation or review is due in three days, and again when it is overdue,
    each once for a day that was set; how many. A day begins at seven in the morning of Almaty."""
    now = database_now().astimezone(ALMATY)
    today = (now - dt.timedelta(hours=alerts.HOUR)).date()
    works = TranslationWork.objects.open().filter(
        edition__issued_at__isnull=True, edition__document__withdrawn_at__isnull=True
    )
    reminded = 0
    for work in works.select_related("edition__document", "translator", "reviewer"):
        translation, review = tasks_of(work)
        task = review if work.status == Status.REVIEW else translation
        if today < task.due_on - dt.timedelta(days=REMINDED_DAYS):
            continue
        if not permissions.works_on(task.person, work):
            continue
        try:
            reminded += remind_of(work, task, overdue=today > task.due_on)
        except Exception:
            logger.exception("The reminder of translation %s could not be written", work.pk)
    return reminded


@transaction.atomic
def remind_of(work: TranslationWork, task: mail.Task, *, overdue: bool) -> bool:
    """Remind one person of a translation; whether they had not been reminded of it before."""
    told = mail.remind_of_translation(work, task, overdue=overdue)
    if told:
        detail = {"task": task.kind, "due_on": task.due_on.isoformat(), "overdue": overdue}
        audit.record(by=None, action="remind_translation", target=work, detail=detail)
    return bool(told)


def locked(work: TranslationWork) -> TranslationWork:
    """The translation and its edition, kept from others until the transaction ends."""
    Edition.objects.select_for_update().get(pk=work.edition_id)
    return (
        TranslationWork.objects.select_for_update(of=("self",))
        .select_related("edition__document", "translator", "reviewer")
        .get(pk=work.pk)
    )


@transaction.atomic
def take_step(*, work: TranslationWork, step: str, by: User, note: str = "") -> TranslationWork:
    """Take a translation one step on (`documents.translating.TABLE`).

    Raises DomainError where the table forbids it, or a paragraph has no translation yet when it is
    given to the reviewer or approved.
    """
    work = locked(work)
    target = translating.require(step, work, by).target
    if step in ("submit", "approve"):
        missing = untranslated(work)
        if missing is not None:
            raise DomainError(
                _("Paragraph %(paragraph)s has no translation yet: translate it first.")
                % {"paragraph": missing.number or missing.position}
            )
    before, work.status = work.status, target
    work.save(update_fields=["status"])
    audit.record(
        by=by,
        action="move_translation",
        target=work,
        detail={"step": step, "from": before, "to": target, "note": note.strip()[:1000]},
    )
    return work


def untranslated(work: TranslationWork) -> Paragraph | None:
    """The first paragraph that has words in the source and none in the target."""
    for one in work.edition.paragraphs.all():
        if getattr(one, f"text_{work.source}") and not getattr(one, f"text_{work.language}"):
            return one
    return None


@transaction.atomic
def translate_paragraph(
    *, work: TranslationWork, anchor: str, text: str, seen: str, by: User
) -> Paragraph:
    """Store the translation of one paragraph; the first one begins the translation.

    `seen` is the text that the person saw before writing. Raises DomainError, and stores nothing,
    where the person may not write now, the paragraph is gone, somebody else has changed it
    meanwhile, or a mark is malformed.
    """
    work = locked(work)
    if not translating.can_write(by, work):
        raise DomainError(
            _(
                "The translation is at “%(status)s”, and you cannot write in it now. Copy what you "
                "wrote. Nothing was stored."
            )
            % {"status": work.get_status_display()}
        )
    paragraph = Paragraph.objects.filter(edition=work.edition_id, anchor=anchor).first()
    if paragraph is None:
        raise DomainError(
            _("The paragraph is gone from the text: open the page again. Nothing was stored.")
        )
    before = getattr(paragraph, f"text_{work.language}") or ""
    text = text.replace("\r\n", "\n").strip()
    if same(before) == same(text):
        if paragraph.stale == work.language:  # looked at, and it says the same still
            paragraph.stale = ""
            paragraph.save(update_fields=["stale"])
            audit.record(
                by=by, action="confirm_translation", target=work, detail={"anchor": anchor}
            )
        return paragraph
    if same(before) != same(seen):
        raise DomainError(
            _(
                "Somebody changed this paragraph after you opened it, and yours was not stored. "
                "Copy what you wrote, open the page again, and enter it there."
            )
        )
    write(work, {anchor: text})
    if work.status == Status.ASSIGNED:
        work.status = Status.IN_TRANSLATION
        work.save(update_fields=["status"])
    audit.record(
        by=by,
        action="translate_paragraph",
        target=work,
        detail={"anchor": anchor, "before": before, "after": text},
    )
    return Paragraph.objects.get(pk=paragraph.pk)


def same(text: str) -> str:
    return " ".join(text.split())


def write(work: TranslationWork, translations: dict[str, str]) -> None:
    """Store the translations of paragraphs by address; DomainError where a mark is malformed."""
    known = set(State.objects.values_list("code", flat=True))
    column = f"text_{work.language}"
    rows = {row["anchor"]: row for row in text_rows(work.edition)}
    for paragraph in Paragraph.objects.filter(edition=work.edition_id, anchor__in=translations):
        text = translations[paragraph.anchor]
        new_paragraph(
            work.edition, paragraph.position, {**rows[paragraph.anchor], column: text}, known
        )
        setattr(paragraph, column, text)
        if paragraph.stale == work.language:
            paragraph.stale = ""
        paragraph.save(update_fields=[column, "stale"])


@transaction.atomic
def apply_translations(
    *,
    work: TranslationWork,
    translations: Mapping[str, str],
    seen: Mapping[str, str],
    by: User,
) -> list[str]:
    """Store the translations of many paragraphs, as a file has them; the addresses that changed.

    `seen` are the texts that were there when the person was shown what would change. Raises
    DomainError, and stores nothing, where the person may not write now, a paragraph was changed
    meanwhile, or a mark is malformed.
    """
    work = locked(work)
    if not translating.can_write(by, work):
        raise DomainError(
            _("The translation is at “%(status)s”, and you cannot write in it now.")
            % {"status": work.get_status_display()}
        )
    present = {
        one.anchor: getattr(one, f"text_{work.language}") or ""
        for one in Paragraph.objects.filter(edition=work.edition_id)
    }
    changed = {}
    for anchor, text in translations.items():
        if anchor not in present or same(present[anchor]) != same(seen.get(anchor, "")):
            raise DomainError(
                _(
                    "The text was changed after you sent the file: send it again, and look at the "
                    "report anew. Nothing was stored."
                )
            )
        if same(present[anchor]) != same(text):
            changed[anchor] = text
    if not changed:
        return []
    write(work, changed)
    if work.status == Status.ASSIGNED:
        work.status = Status.IN_TRANSLATION
        work.save(update_fields=["status"])
    audit.record(
        by=by,
        action="import_translation",
        target=work,
        detail={
            "before": {anchor: present[anchor] for anchor in changed},
            "after": changed,
        },
    )
    return list(changed)
