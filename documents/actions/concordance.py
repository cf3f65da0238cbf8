"""Accepting differences between the two texts of an edition, on record (rules T2, S4)."""

from collections.abc import Collection

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from almaty_portal.common import audit
from almaty_portal.common.errors import DomainError
from almaty_portal.common.instants import database_now
from documents import concordance, permissions
from documents.models import AcceptedFinding, Edition
from membership.models import User


@transaction.atomic
def accept_findings(
    *, edition: Edition, keys: Collection[str], reason_en: str, reason_ru: str, by: User
) -> list[AcceptedFinding]:
    """Let differences stand that a person has looked at, with a reason in both languages.

    Raises DomainError where the person may not, the edition is issued, a reason is missing, or
    the texts no longer have one of the findings; nothing is stored then.
    """
    edition = Edition.objects.select_for_update(of=("self",)).with_text().get(pk=edition.pk)
    if not permissions.can_accept_findings(by):
        raise DomainError(_("Only the Support Unit accepts differences between the two texts."))
    if edition.issued_at is not None:
        raise DomainError(_("This edition is issued already."))
    if not keys:
        raise DomainError(_("Choose the findings that you accept."), fields=["findings"])
    if not (reason_en.strip() and reason_ru.strip()):
        raise DomainError(
            _("Say in both languages why the texts may differ here: it stays on record."),
            fields=["reason_en", "reason_ru"],
        )
    present = {one.key: one for one in concordance.open_findings(edition)}
    if set(keys) - set(present):
        raise DomainError(
            _("The texts or the glossary have changed meanwhile: look at the findings again."),
            fields=["findings"],
        )
    now = database_now()
    accepted = AcceptedFinding.objects.bulk_create(
        AcceptedFinding(
            edition=edition,
            key=key,
            finding=finding.as_dict(),
            reason_en=reason_en.strip(),
            reason_ru=reason_ru.strip(),
            accepted_by=by,
            accepted_at=now,
        )
        for key, finding in present.items()
        if key in keys
    )
    audit.record(
        by=by,
        action="accept_findings",
        target=edition,
        detail={
            "findings": [one.finding for one in accepted],
            "reason": {"en": reason_en.strip(), "ru": reason_ru.strip()},
        },
    )
    return accepted


def require_concordance(edition: Edition) -> None:
    """Raise DomainError where the two texts differ and nobody accepted it (rules T2, S4)."""
    found = concordance.open_findings(edition)
    if not found:
        return
    more = len(found) - 1
    sentences = [_("The two texts differ. %(first)s.") % {"first": found[0].sentence}]
    if more:
        sentences.append(
            ngettext(
                "There is %(count)d more difference.", "There are %(count)d more differences.", more
            )
            % {"count": more}
        )
    sentences.append(
        _("Correct the texts, or accept each difference with a reason under “Concordance”.")
    )
    raise DomainError(" ".join(sentences))
