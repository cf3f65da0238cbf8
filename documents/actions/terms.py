"""Writes on the term base that concern many concepts at once."""

from collections.abc import Sequence

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from almaty_portal.common import audit
from almaty_portal.common.errors import DomainError
from documents import permissions
from documents.exchange.terms import CODES, Entry
from documents.models import Concept, Term
from membership.models import User

MAX_ENTRIES = 5000


@transaction.atomic
def import_terms(*, entries: Sequence[Entry], by: User) -> tuple[int, int]:
    """Bring the term base in step with a file: how many concepts are new, how many changed.

    A concept that the file names has afterwards the terms, the definition and the source that the
    file gives it; concepts that it does not name stay. Raises DomainError naming the first concept
    that cannot be taken, or where the person may not; nothing is stored then.
    """
    if not permissions.can_keep_terms(by):
        raise DomainError(_("Only the Support Unit keeps the glossary."))
    if not entries:
        raise DomainError(_("The file names no concept. Nothing was stored."), fields=["file"])
    if len(entries) > MAX_ENTRIES:
        raise DomainError(
            _("The file names more than %(limit)s concepts: divide it. Nothing was stored.")
            % {"limit": MAX_ENTRIES},
            fields=["file"],
        )
    slugs = [entry.key for entry in entries]
    known = {
        one.slug: one
        for one in Concept.objects.with_terms().select_for_update().filter(slug__in=slugs)
    }
    created: list[str] = []
    changed: list[str] = []
    seen: set[str] = set()
    for entry in entries:
        if entry.key in seen:
            raise refused(entry, _("it stands twice in the file"))
        seen.add(entry.key)
        concept = known.get(entry.key)
        if concept is None:
            created.append(entry.key)
            store(Concept(slug=entry.key), entry)
        elif differs(concept, entry):
            changed.append(entry.key)
            store(concept, entry)
    if created or changed:
        target = Concept.objects.get(slug=(created or changed)[0])
        audit.record(
            by=by,
            action="import_terms",
            target=target,
            detail={"created": created, "changed": changed},
        )
    return len(created), len(changed)


def refused(entry: Entry, what: str) -> DomainError:
    return DomainError(
        _("Concept “%(key)s”: %(what)s. Nothing was stored.")
        % {"key": entry.key or "—", "what": what.rstrip(".")},
        fields=["file"],
    )


def told(concept: Concept) -> set[tuple[str, str, str]]:
    return {(one.language, one.status, one.text) for one in concept.terms.all()}


def wanted(entry: Entry) -> set[tuple[str, str, str]]:
    return {
        (language, status, text)
        for (language, status), texts in entry.terms.items()
        for text in texts
    }


def differs(concept: Concept, entry: Entry) -> bool:
    return told(concept) != wanted(entry) or any(
        (getattr(concept, f"{name}_{code}") or "") != getattr(entry, name).get(code, "")
        for name in ("definition", "source")
        for code in CODES
    )


def store(concept: Concept, entry: Entry) -> None:
    for code in CODES:
        if not entry.terms.get((code, Term.Status.AGREED)):
            raise refused(
                entry,
                {
                    "en": _("it has no agreed English term"),
                    "ru": _("it has no agreed Russian term"),
                }[code],
            )
        for name in ("definition", "source"):
            setattr(concept, f"{name}_{code}", getattr(entry, name).get(code, ""))
    try:
        concept.full_clean(validate_unique=False)
        concept.save()
        concept.terms.all().delete()
        terms = [
            Term(concept=concept, language=language, status=status, text=text)
            for language, status, text in sorted(wanted(entry))
        ]
        for term in terms:
            term.clean_fields()
    except ValidationError as error:
        raise refused(entry, " ".join(error.messages)) from error
    Term.objects.bulk_create(terms)
