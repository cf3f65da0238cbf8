"""Writes on documents and editions; each is atomic and leaves one audit record."""

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import pgtrigger
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from almaty_portal.common import audit
from almaty_portal.common.errors import DomainError
from almaty_portal.common.instants import ALMATY, database_now
from documents import markup
from documents.actions.access import require_not_under_silence
from documents.actions.access import set_access as set_access  # told from here too
from documents.actions.addresses import next_reference, slug_of
from documents.actions.citations import record_citations
from documents.actions.concordance import require_concordance
from documents.actions.renditions import ask_for_rendition
from documents.actions.texts import (
    CODES,
    check_footnotes,
    hashes_of,
    set_text,
    settled_rows,
    text_hashes,
    write_paragraphs,
)
from documents.models import (
    Decision,
    Document,
    Edition,
    FormerAddress,
    LanguageVersion,
    Rendition,
)
from documents.reading import BESIDE, editions_of, in_force
from documents.search import index_document
from documents.text import missing_paragraphs, text_hash
from membership.models import User


@transaction.atomic
def create_document(
    *, by: User | None, slug: str, type: str, title_en: str, title_ru: str, **fields: Any
) -> Document:
    """Enter a document. Raises DomainError where its reference or address is used already (T1)."""
    document = Document(slug=slug, type=type, title_en=title_en, title_ru=title_ru, **fields)
    save_new(document)
    audit.record(
        by=by,
        action="create_document",
        target=document,
        detail={"reference": document.reference, "access": document.access},
    )
    return document


def save_new(document: Document) -> None:
    """Store a document; DomainError where its reference or address is or was used (T1, T8)."""
    if FormerAddress.objects.filter(slug=document.slug).exclude(document=document.pk).exists():
        raise address_taken(document)
    try:
        with transaction.atomic():
            document.save()
    except IntegrityError as error:
        if "reference" in str(error):
            raise reference_taken(document.reference or "") from error
        if "slug" in str(error):
            raise address_taken(document) from error
        raise


def address_taken(document: Document) -> DomainError:
    return DomainError(
        _("The address “%(slug)s” leads to another document: choose another one.")
        % {"slug": document.slug},
        fields=["slug"],
    )


def reference_taken(reference: str) -> DomainError:
    return DomainError(
        _(
            "The reference %(reference)s is borne by another document. A reference is never used "
            "twice: take the next free one."
        )
        % {"reference": reference},
        fields=["reference"],
    )


@transaction.atomic
def create_edition(
    *,
    document: Document,
    kind: str,
    dated_on: dt.date,
    by: User | None,
    number: int = 0,
    supersedes: Edition | None = None,
    belongs_to: Edition | None = None,
    historic: bool = False,
    note_en: str = "",
    note_ru: str = "",
) -> Edition:
    """Begin an edition of a document (rule T3).

    A revision replaces: without `supersedes` the latest text. An addendum stands beside a text and
    a corrigendum corrects one: without `belongs_to` the text in force; one that supersedes is a
    whole text, as corrected under silence (S10). Raises DomainError where its number is taken,
    `supersedes` is no edition of the document or superseded already, or it cannot belong to
    `belongs_to`.
    """
    if kind == Edition.Kind.REVISION and supersedes is None:
        supersedes = latest_text(document)
    if kind in BESIDE and supersedes is None and belongs_to is None:
        belongs_to = in_force(editions_of(document))
    edition = Edition(
        document=document,
        kind=kind,
        number=number,
        dated_on=dated_on,
        supersedes=supersedes,
        belongs_to=belongs_to,
        historic=historic,
        note_en=note_en,
        note_ru=note_ru,
    )
    if document.editions.filter(kind=kind, number=number).exists():
        raise DomainError(
            _("The document already has the edition “%(edition)s”: take the next number.")
            % {"edition": edition.label},
            fields=["number"],
        )
    if supersedes is not None and supersedes.document_id != document.pk:
        raise DomainError(
            _("An edition supersedes one of its own document: choose another one."),
            fields=["supersedes"],
        )
    if supersedes is not None and (later := Edition.objects.filter(supersedes=supersedes).first()):
        raise DomainError(
            _("That edition is superseded by “%(edition)s” already: choose the latest one.")
            % {"edition": later.label},
            fields=["supersedes"],
        )
    if belongs_to is not None:
        check_beside(edition, belongs_to)
    edition.save()
    audit.record(by=by, action="create_edition", target=edition)
    return edition


def latest_text(document: Document) -> Edition | None:
    """The latest whole text of a document, at the end of its line; None without one."""
    superseded = Edition.objects.filter(document=document, supersedes__isnull=False)
    texts = document.editions.exclude(kind__in=BESIDE)
    texts = texts.exclude(pk__in=superseded.values("supersedes"))
    return texts.order_by("pk").last()


def check_beside(edition: Edition, belongs_to: Edition) -> None:
    """Raise DomainError where an edition cannot belong to another one (rule T3)."""
    if edition.kind not in BESIDE or edition.supersedes is not None:
        raise DomainError(
            _(
                "Only an addendum or a corrigendum belongs to another edition, and supersedes "
                "none: leave one of the two fields empty."
            ),
            fields=["belongs_to"],
        )
    if belongs_to.document_id != edition.document_id or belongs_to.kind in BESIDE:
        raise DomainError(
            _("It belongs to a whole text of its own document: choose another edition."),
            fields=["belongs_to"],
        )


@transaction.atomic
def correct_historic_text(
    *, edition: Edition, rows: Sequence[Mapping[str, Any]], by: User | None
) -> bool:
    """Enter anew the text of a historic edition whose source was read wrongly (rule S16).

    Only for editions that the portal did not issue itself, and not while a procedure of the portal
    rests on them; the hashes before and after are in the audit record. Says whether it changed.
    Raises DomainError for any other edition, and as `set_text` does.
    """
    if not edition.historic:
        raise DomainError(_("Only a text entered as history can be entered anew."))
    if edition.procedures.filter(historic=False).exists():
        raise DomainError(_("A silence procedure rests on this text: it stays as it is."))
    before = text_hashes(edition)
    with pgtrigger.ignore(
        "documents.Paragraph:an_issued_text_stays",
        "documents.LanguageVersion:an_issued_version_stays",
    ):
        write_paragraphs(edition, rows)
        after = text_hashes(edition)
        if before == after:
            return False
        fix_hashes(edition)
    record_citations([edition])
    refresh(edition)
    audit.record(
        by=by,
        action="correct_historic_text",
        target=edition,
        detail={"before": before, "after": after},
    )
    return True


def fix_hashes(edition: Edition) -> None:
    fresh = Edition.objects.with_text().get(pk=edition.pk)
    for version in edition.language_versions.all():
        if version.standing != LanguageVersion.Standing.MISSING:
            version.text_hash = text_hash(fresh, version.language)
            version.save(update_fields=["text_hash"])


def refresh(edition: Edition) -> None:
    """Bring what is made from an edition's text up to date: the search and the PDFs."""
    index_document(edition.document)
    for layout in Rendition.Layout:
        ask_for_rendition(edition=edition, layout=layout)


@transaction.atomic
def issue_edition(
    *,
    edition: Edition,
    standings: Mapping[str, str],
    by: User | None,
    issued_at: dt.datetime | None = None,
    judged: bool = False,
) -> Edition:
    """Fix the text of an edition: from now on no word of it changes (rules T3, S4).

    `standings` says what each language's text is (`LanguageVersion.Standing`); a language that it
    does not name is recorded as missing. `issued_at` is aware, the database's clock without. Where
    both languages are issued they agree, or each difference is accepted with a reason; not asked of
    history, which is printed as it was (S16), nor where the caller has `judged` the two texts.
    Raises DomainError where the edition is issued already, is empty, or lacks a paragraph in a
    language that `standings` names, or its texts differ.
    """
    edition = Edition.objects.select_for_update(of=("self",)).with_text().get(pk=edition.pk)
    if edition.issued_at is not None:
        raise DomainError(_("This edition is issued already."))
    if not edition.paragraphs.all():
        raise DomainError(_("The edition has no text yet: enter its paragraphs first."))
    check_footnotes(edition)
    for language, standing in standings.items():
        if standing != LanguageVersion.Standing.MISSING:
            require_language(edition, language)
    present = [one for one in standings.values() if one != LanguageVersion.Standing.MISSING]
    if len(present) == len(CODES) and not (judged or edition.historic):
        require_concordance(edition)
    fix_texts([(edition, standings)], by=by, issued_at=issued_at or database_now())
    refresh(edition)
    return Edition.objects.with_text().get(pk=edition.pk)


def fix_texts(
    issued: Sequence[tuple[Edition, Mapping[str, str]]], *, by: User | None, issued_at: dt.datetime
) -> None:
    """Fix the fetched and checked texts of editions, each with its standings (`issue_edition`)."""
    missing = LanguageVersion.Standing.MISSING
    versions = [
        LanguageVersion(
            edition=edition,
            language=language,
            standing=(standing := standings.get(language, missing)),
            text_hash="" if standing == missing else text_hash(edition, language),
        )
        for edition, standings in issued
        for language in CODES
    ]
    LanguageVersion.objects.bulk_create(
        versions,
        update_conflicts=True,
        unique_fields=["edition", "language"],
        update_fields=["standing", "text_hash"],
    )
    Edition.objects.filter(pk__in=[one.pk for one, _standings in issued]).update(
        issued_at=issued_at
    )
    for edition, _standings in issued:
        edition.issued_at = issued_at
    record_citations([one for one, _standings in issued])
    audit.record_all(
        audit.of_act(
            by=by,
            action="issue_edition",
            target=edition,
            detail={"hashes": hashes_of(edition), "standings": dict(standings)},
        )
        for edition, standings in issued
    )


def require_language(edition: Edition, language: str) -> None:
    """Raise DomainError where a paragraph lacks its text in a language, naming the first one."""
    missing = missing_paragraphs(edition, language)
    if not missing:
        return
    first = missing[0]
    sentence = {
        "en": _(
            "The English text is missing from paragraph %(paragraph)s on: enter it before the "
            "text is issued or put under silence."
        ),
        "ru": _(
            "The Russian text is missing from paragraph %(paragraph)s on: enter it before the "
            "text is issued or put under silence."
        ),
    }[language]
    raise DomainError(
        sentence % {"paragraph": first.number or first.position}, fields=[f"text_{language}"]
    )


@transaction.atomic
def issue_clean_edition(
    *,
    edition: Edition,
    settlements: Mapping[str, markup.Settlement],
    by: User | None,
    note_en: str,
    note_ru: str,
    dated_on: dt.date | None = None,
    historic: bool = False,
    supersedes: Edition | None = None,
) -> Edition:
    """Issue the edition in which settled brackets have fallen (rule S12).

    `settlements` says for each State's code whether its brackets are lifted or its name struck;
    a State it does not name stays in brackets. When no bracketed State is left, the footnotes that
    explain the brackets fall with their marks. The new edition supersedes `edition`, or the one
    named, unless it is a reading edition of a historic text, which stands beside it.
    """
    edition = Edition.objects.with_text().get(pk=edition.pk)
    clean = create_edition(
        document=edition.document,
        kind=Edition.Kind.CLEAN,
        number=next_number(edition.document, Edition.Kind.CLEAN),
        dated_on=dated_on or database_now().astimezone(ALMATY).date(),
        supersedes=None if historic else supersedes or edition,
        historic=historic,
        note_en=note_en,
        note_ru=note_ru,
        by=by,
    )
    set_text(edition=clean, rows=settled_rows(edition, settlements), by=by)
    standings = {one.language: one.standing for one in edition.language_versions.all()}
    # Its words are those of a text that was judged: no term agreed since stops an outcome (S11).
    return issue_edition(edition=clean, standings=standings, by=by, judged=True)


def next_number(document: Document, kind: str) -> int:
    """Of a draft, final or clean text 0 for the first, then 2, 3 …; of the others 1, 2, 3 …"""
    count = document.editions.filter(kind=kind).count()
    numbered = (Edition.Kind.REVISION, Edition.Kind.ADDENDUM, Edition.Kind.CORRIGENDUM)
    return count + 1 if count or kind in numbered else 0


@transaction.atomic
def assign_reference(
    *,
    document: Document,
    by: User | None,
    reference: str | None = None,
    year: int | None = None,
) -> Document:
    """Give a document its reference, once and for all (rule T1).

    Without `reference` the next free one of `year` (the present one in Almaty, without) is taken,
    by the pattern in force.
    The address follows the reference; the old one leads to it. Raises DomainError where the
    document has a reference, or another one bears this, and to a person while it is under silence.
    """
    if document.reference:
        raise DomainError(
            _("The document bears the reference %(reference)s: a reference is assigned once.")
            % {"reference": document.reference}
        )
    if by is not None:  # the outcome itself assigns it; nobody before it does (rule S4)
        require_not_under_silence(document)
    reference = reference or next_reference(year or database_now().astimezone(ALMATY).year)
    former = document.slug
    document.reference = reference
    document.slug = slug_of(reference)
    save_new(document)
    if former != document.slug:
        FormerAddress.objects.get_or_create(slug=former, document=document)
    audit.record(by=by, action="assign_reference", target=document, detail={"reference": reference})
    return document


@transaction.atomic
def withdraw_document(
    *, document: Document, reason_en: str, reason_ru: str, by: User | None
) -> Document:
    """Take a document out of the archive; its address keeps a tombstone with the reason (T8)."""
    require_not_under_silence(document)
    if not (reason_en.strip() and reason_ru.strip()):
        raise DomainError(
            _("Say in both languages why the document is withdrawn: its page will tell."),
            fields=["withdrawn_reason_en"],
        )
    document.withdrawn_at = database_now()
    document.withdrawn_reason_en, document.withdrawn_reason_ru = reason_en, reason_ru
    document.save(update_fields=["withdrawn_at", "withdrawn_reason_en", "withdrawn_reason_ru"])
    index_document(document)
    audit.record(by=by, action="withdraw_document", target=document)
    return document


@transaction.atomic
def register_decision(*, by: User | None, **fields: Any) -> Decision:
    """Enter a decision in the register (rule D3)."""
    decision = Decision(**fields)
    decision.full_clean(exclude=["note_en", "note_ru", "source_en", "source_ru"])
    return register_decisions([decision], by=by)[0]


@transaction.atomic
def register_decisions(decisions: Sequence[Decision], *, by: User | None) -> list[Decision]:
    """Enter decisions in the register (rule D3), which the caller or the database has checked."""
    entered = Decision.objects.bulk_create(decisions)
    audit.record_all(audit.of_act(by=by, action="register_decision", target=one) for one in entered)
    return entered
