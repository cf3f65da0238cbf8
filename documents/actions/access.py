"""Who may read a document: changing it, with the reason, on record (rule T6)."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from almaty_portal.common import audit
from almaty_portal.common.errors import DomainError
from almaty_portal.common.instants import database_now
from almaty_portal.common.languages import in_both
from documents.models import AccessChange, Document, SilenceProcedure
from documents.models.archive import Access
from membership.models import User


def require_not_under_silence(document: Document) -> None:
    """Raise DomainError while a procedure on the document runs or its outcome is owed (S4, S10).

    Its row is locked first: none is opened on it until the transaction ends.
    """
    Document.objects.select_for_update(of=("self",), no_key=True).get(pk=document.pk)
    owed = Q(outcome__effects_at__isnull=True, outcome__annulment__isnull=True)
    running = Q(outcome__isnull=True) | owed
    if SilenceProcedure.objects.filter(
        running, edition__document=document, historic=False
    ).exists():
        raise DomainError(
            _("The document is under silence: wait for the outcome before you change it.")
        )


@transaction.atomic
def set_access(
    *,
    document: Document,
    access: str,
    by: User | None,
    reason_en: str = "",
    reason_ru: str = "",
) -> Document:
    """Change who may read a document; opening it wider is derestriction, on record (rule T6).

    Raises DomainError while it is under silence, for the States read it (S4); where nothing would
    change; and where a person gives no reason in one of the languages.
    """
    require_not_under_silence(document)
    document.refresh_from_db(fields=["access"])
    if document.access == access:
        raise DomainError(
            _("The document is open to these readers already: choose others."), fields=["access"]
        )
    reasons = {"reason_en": reason_en.strip(), "reason_ru": reason_ru.strip()}
    if by is None:
        stock = in_both(gettext_noop("Set by a command of the portal."))
        reasons = {f"reason_{code}": reasons[f"reason_{code}"] or stock[code] for code in stock}
    if missing := [name for name, text in reasons.items() if not text]:
        raise DomainError(
            _("Say in both languages why the access changes: the page of the document will tell."),
            fields=missing[:1],
        )
    change = access_change(document, access, by=by, **reasons)
    document.save(update_fields=["access"])
    change.save()
    audit.record_all([act_of(change)])
    return document


def access_change(
    document: Document, access: str, *, reason_en: str, reason_ru: str, by: User | None
) -> AccessChange:
    """Give the document its access, and return the row that tells of it; neither is stored."""
    before, document.access = document.access, Access(access)
    return AccessChange(
        document=document,
        before=before,
        after=document.access,
        reason_en=reason_en,
        reason_ru=reason_ru,
        changed_at=database_now(),
        by=by,
    )


def record_changes(changes: Iterable[AccessChange]) -> list[audit.AuditRecord]:
    """Store rows of `access_change`; returns their audit records, not stored."""
    return [act_of(one) for one in AccessChange.objects.bulk_create(changes)]


def act_of(change: AccessChange) -> audit.AuditRecord:
    return audit.of_act(
        by=change.by,
        action="set_access",
        target=change.document,
        detail={"before": change.before, "after": change.after},
    )
