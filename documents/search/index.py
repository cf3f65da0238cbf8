"""What is stored for the search: title and text of each document, in both languages."""

from documents import markup
from documents.models import Document, Edition, LanguageVersion, SearchText
from documents.search import lemmas

INDEXED_CHARACTERS = 400_000  # of one text in one language; a tsvector holds 1 MB

LANGUAGES = ("en", "ru")


def index_document(document: Document) -> None:
    """Store anew what the search reads of a document: title and text in force, in both languages.

    The text is the issued edition in force, before there is one the draft; who may see neither
    does not see the document at all (rule T6). A withdrawn document is not found (rule T8).
    """
    edition = None if document.withdrawn_at else searched_edition(document)
    if edition is None:
        SearchText.objects.filter(document=document).delete()
        return
    missing = {
        version.language
        for version in edition.language_versions.all()
        if version.standing == LanguageVersion.Standing.MISSING
    }
    paragraphs = list(edition.paragraphs.all())
    for language in LANGUAGES:
        title = getattr(document, f"title_{language}") or ""
        texts = [getattr(one, f"text_{language}") or "" for one in paragraphs]
        body = "" if language in missing else "\n".join(markup.plain(one) for one in texts if one)
        body = body[:INDEXED_CHARACTERS].replace("\x00", "")
        if not title and not body:
            SearchText.objects.filter(document=document, language=language).delete()
            continue
        named = dict.fromkeys(code for one in texts for code in markup.states(one))
        SearchText.objects.update_or_create(
            document=document,
            language=language,
            defaults={
                "edition": edition,
                "title": title,
                "body": body,
                "title_terms": lemmas.terms(title, language),
                "body_terms": " ".join(
                    [lemmas.terms(body, language), *(state_term(code) for code in named)]
                ),
            },
        )


def state_term(code: str) -> str:
    """The term that stands for a State named by a mark; the digit keeps it from being stemmed."""
    return f"state0{code.lower()}"


def searched_edition(document: Document) -> Edition | None:
    """The edition that the search reads: the one in force, before it is issued the draft."""
    editions = list(Edition.objects.filter(document=document).with_text().order_by("pk"))
    superseded = {one.supersedes_id for one in editions if one.issued_at}
    texts = [
        one
        for one in editions
        if one.kind not in (Edition.Kind.ADDENDUM, Edition.Kind.CORRIGENDUM)
        and not (one.historic and one.kind == Edition.Kind.CLEAN)
        and one.pk not in superseded
    ]
    issued = [one for one in texts if one.issued_at]
    final = [one for one in issued if one.kind != Edition.Kind.DRAFT]
    return (final or issued or texts or [None])[-1]
