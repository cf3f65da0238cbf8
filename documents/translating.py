"""Every step of a translation in one table: from where to where, and by whom (U3)."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from almaty_portal.common.errors import DomainError
from documents import permissions
from documents.models import TranslationWork
from documents.models.archive import Reader

Status = TranslationWork.Status
May = Callable[[Reader, TranslationWork], bool]

WHO: dict[May, Any] = {
    permissions.can_translate: _("Only its translator or the Support Unit does this."),
    permissions.can_review: _("Only its reviewer does this, another person than the translator."),
    permissions.can_direct_translation: _("Only the Support Unit does this."),
}


@dataclass(frozen=True)
class Step:
    """One step: `label` is its button, `sources` where it is allowed, `target` where it leads."""

    label: Any
    sources: tuple[Status, ...]
    target: Status
    may: May


TABLE: dict[str, Step] = {
    "begin": Step(
        _("Begin the translation"),
        (Status.ASSIGNED,),
        Status.IN_TRANSLATION,
        permissions.can_translate,
    ),
    "submit": Step(
        _("Give it to the reviewer"),
        (Status.IN_TRANSLATION,),
        Status.REVIEW,
        permissions.can_translate,
    ),
    "give_back": Step(
        _("Give it back to the translator"),
        (Status.REVIEW,),
        Status.IN_TRANSLATION,
        permissions.can_review,
    ),
    "approve": Step(
        _("Approve it as final"), (Status.REVIEW,), Status.FINAL, permissions.can_review
    ),
    "reopen": Step(
        _("Open it again"),
        (Status.FINAL,),
        Status.IN_TRANSLATION,
        permissions.can_direct_translation,
    ),
}


def allowed(name: str, work: TranslationWork, by: Reader) -> bool:
    """Whether a person may take a step now: for buttons."""
    step = TABLE[name]
    return work.status in step.sources and step.may(by, work) and work.edition.issued_at is None


def can_write(by: Reader, work: TranslationWork) -> bool:
    """Whether a person may change the translation now: its translator until it is given to the
    reviewer, the reviewer during the review; never in an issued edition."""
    if work.edition.issued_at is not None:
        return False
    if work.status == Status.REVIEW:
        return permissions.can_review(by, work)
    return work.status != Status.FINAL and permissions.can_translate(by, work)


def require(name: str, work: TranslationWork, by: Reader) -> Step:
    """The step, where it may be taken; else DomainError with a sentence."""
    step = TABLE[name]
    if not step.may(by, work):
        raise DomainError(str(WHO[step.may]))
    if work.edition.issued_at is not None:
        raise DomainError(
            gettext(
                "This edition is issued and its text is fixed. Make a corrigendum or a revision."
            )
        )
    if work.status not in step.sources:
        raise DomainError(
            gettext(
                "The translation is at “%(status)s”: this can be done only at “%(sources)s”. "
                "Open the page again. Nothing was stored."
            )
            % {
                "status": work.get_status_display(),
                "sources": ", ".join(str(one.label) for one in step.sources),
            }
        )
    return step
