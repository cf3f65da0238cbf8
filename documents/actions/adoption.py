"""Issuing what was adopted under silence: one text, or many whose deadlines came together (S12).

Everything is done for all of them at once, by as many statements for a hundred as for one.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence

from django.db.models import prefetch_related_objects
from django.utils.translation import gettext_noop

from almaty_portal.common import audit
from almaty_portal.common.instants import ALMATY
from almaty_portal.common.languages import in_both
from documents.actions import archive, texts
from documents.actions.access import access_change, record_changes
from documents.actions.addresses import next_references, slug_of
from documents.actions.renditions import ask_for_new
from documents.models import Document, Edition, FormerAddress, SilenceOutcome
from documents.models.archive import Access
from documents.search import index_editions


def issue_adopted(outcomes: Sequence[SilenceOutcome]) -> None:
    """Issue the final editions of texts adopted under silence, under their references (rule S12).

    Each outcome is given its `edition_issued`, with the text fetched, and is not saved. The caller
    has locked their procedures.
    """
    give_force(outcomes)
    finals = begin_finals(outcomes)
    drafts = [one.procedure.text_edition() for one in outcomes]
    texts.copy_texts(zip(drafts, finals, strict=True))
    prefetch_related_objects(finals, "paragraphs")
    audit.record_all(
        audit.of_act(
            by=None,
            action="set_text",
            target=final,
            detail={"copy_of": draft.pk, "after": texts.hashes_of(final)},
        )
        for draft, final in zip(drafts, finals, strict=True)
    )
    standings = [
        {version.language: version.standing for version in draft.language_versions.all()}
        for draft in drafts
    ]
    issued_at = outcomes[0].recorded_at
    archive.fix_texts(list(zip(finals, standings, strict=True)), by=None, issued_at=issued_at)
    prefetch_related_objects(finals, "language_versions")
    index_editions(finals)
    ask_for_new(finals)
    for outcome, final in zip(outcomes, finals, strict=True):
        outcome.edition_issued = final


def document_of(outcome: SilenceOutcome) -> Document:
    return outcome.procedure.edition.document


def day_of(outcome: SilenceOutcome) -> dt.date:
    """The day in Almaty on which an outcome takes effect."""
    return outcome.effective_at.astimezone(ALMATY).date()


def give_force(outcomes: Sequence[SilenceOutcome]) -> None:
    """Give the adopted documents their date, their reference where they have none, and their
    readers where they are to be public."""
    acts = list(assign_references(outcomes))
    published = []
    reason = in_both(gettext_noop("Adopted by consensus, to be public from its adoption on."))
    for outcome in outcomes:
        document = document_of(outcome)
        document.issued_on = day_of(outcome)
        if outcome.procedure.publish_on_adoption and document.access != Access.PUBLIC:
            published.append(
                access_change(
                    document,
                    Access.PUBLIC,
                    reason_en=reason["en"],
                    reason_ru=reason["ru"],
                    by=None,
                )
            )
    Document.objects.bulk_update(
        [document_of(one) for one in outcomes], ["issued_on", "reference", "slug", "access"]
    )
    audit.record_all([*acts, *record_changes(published)])


def assign_references(outcomes: Iterable[SilenceOutcome]) -> Iterable[audit.AuditRecord]:
    """Give the documents without a reference the next ones of their years, in the order of the
    outcomes (rule T1); each keeps its former address (rule T8). Yields the acts to be recorded."""
    of_years: dict[int, list[Document]] = defaultdict(list)
    for one in outcomes:
        if not document_of(one).reference:
            of_years[day_of(one).year].append(document_of(one))
    former = []
    for year, documents in of_years.items():
        references = next_references(year, len(documents))
        for document, reference in zip(documents, references, strict=True):
            former.append(FormerAddress(slug=document.slug, document=document))
            document.reference, document.slug = reference, slug_of(reference)
            yield audit.of_act(
                by=None,
                action="assign_reference",
                target=document,
                detail={"reference": reference},
            )
    FormerAddress.objects.bulk_create(former, ignore_conflicts=True)


def begin_finals(outcomes: Sequence[SilenceOutcome]) -> list[Edition]:
    """A final edition for each adopted text, at the end of its document's line of editions."""
    editions: dict[int, list[Edition]] = defaultdict(list)
    for one in Edition.objects.filter(document__in=[document_of(one) for one in outcomes]):
        editions[one.document_id].append(one)
    finals = []
    for outcome in outcomes:
        document, day = document_of(outcome), day_of(outcome)
        note = in_both(
            gettext_noop("Adopted by consensus under the silence procedure on %(date)s."), date=day
        )
        earlier = sum(one.kind == Edition.Kind.FINAL for one in editions[document.pk])
        finals.append(
            Edition(
                document=document,
                kind=Edition.Kind.FINAL,
                number=earlier + 1 if earlier else 0,
                dated_on=day,
                supersedes=latest_of(outcome.procedure.edition, editions[document.pk]),
                note_en=note["en"],
                note_ru=note["ru"],
            )
        )
    Edition.objects.bulk_create(finals)
    audit.record_all(audit.of_act(by=None, action="create_edition", target=one) for one in finals)
    return finals


def latest_of(edition: Edition, editions: Iterable[Edition]) -> Edition:
    """The edition at the end of the line that begins here, among those of its document."""
    later = {one.supersedes_id: one for one in editions}
    while edition.pk in later:
        edition = later[edition.pk]
    return edition
