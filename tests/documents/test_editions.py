"""What of a document and its editions never changes, whoever writes it."""

import datetime as dt

import pytest
from django.db import IntegrityError, ProgrammingError, transaction
from django.urls import reverse

from almaty_portal.common.errors import DomainError
from documents.actions import archive
from documents.models import Document, Edition, FormerAddress, LanguageVersion, Paragraph
from tests.factories.documents import a_document, a_public_document

pytestmark = pytest.mark.django_db


def a_revision(edition: Edition, number: int = 1, **fields) -> Edition:
    return archive.create_edition(
        document=edition.document,
        kind=Edition.Kind.REVISION,
        number=number,
        dated_on=dt.date(2026, 2, 1),
        by=None,
        **fields,
    )


@pytest.mark.parametrize(
    "fields",
    [
        {"kind": "draft"},
        {"number": 7},
        {"dated_on": dt.date(2001, 1, 1)},
        {"historic": True},
        {"issued_at": None},
    ],
)
def test_an_issued_edition_never_changes(fields):
    """T3: neither its kind nor its number nor its date; only the note on it is corrected."""
    edition = a_public_document()
    editions = Edition.objects.filter(pk=edition.pk)
    with pytest.raises(ProgrammingError, match="documents_edition"), transaction.atomic():
        editions.update(**fields)
    editions.update(note_en="A note.", note_ru="Примечание.")
    assert editions.get().note_en == "A note."


def test_a_paragraph_is_neither_taken_from_an_issued_text_nor_moved_into_it():
    """T3: the text of an issued edition is fixed, from whichever side it is written."""
    issued, open_one = a_public_document(), a_document()
    into = Paragraph.objects.filter(edition=open_one, position=1)
    out_of = Paragraph.objects.filter(edition=issued, position=1)
    for rows, edition in ((into, issued), (out_of, open_one)):
        with pytest.raises(IntegrityError, match="text of an issued edition"), transaction.atomic():
            rows.update(edition=edition, position=99, anchor="z")
    assert into.exists() and out_of.exists()


def test_the_hashes_of_an_issued_text_stay():
    """T3, S4: what a text in a language is never changes, but the standing of a translation."""
    edition = a_public_document()
    versions = LanguageVersion.objects.filter(edition=edition, language="ru")
    refused = "text of an issued edition"
    for fields in ({"text_hash": "0" * 64}, {"language": "en"}, {"standing": "missing"}):
        with pytest.raises(IntegrityError, match=refused), transaction.atomic():
            versions.update(**fields)
    with pytest.raises(IntegrityError, match=refused), transaction.atomic():
        versions.delete()
    versions.update(standing="official_translation")
    assert versions.get().standing == "official_translation"


def test_no_document_takes_the_former_address_of_another(support_unit):
    """T8: addresses never break: one that leads on belongs to its document for ever."""
    document = a_public_document(slug="a-draft").document
    archive.assign_reference(document=document, reference="Almaty Process/07/01/2020", by=None)
    with pytest.raises(DomainError, match=r"a-draft.*(другому|another)"):
        a_document(slug="a-draft")
    other = a_document(slug="other").document
    with pytest.raises(IntegrityError, match="leads to another document"), transaction.atomic():
        Document.objects.filter(pk=other.pk).update(slug="a-draft")
    with pytest.raises(IntegrityError, match="leads to another document"), transaction.atomic():
        FormerAddress.objects.create(slug="other", document=document)
    with pytest.raises(ProgrammingError, match="documents_formeraddress"), transaction.atomic():
        FormerAddress.objects.filter(slug="a-draft").update(document=other)
    assert FormerAddress.objects.get(slug="a-draft").document == document


def test_an_edition_supersedes_one_of_its_own_document():
    """T3: an older one, of the same document, that nothing else supersedes."""
    first, foreign = a_public_document(), a_public_document()
    with pytest.raises(DomainError, match=r"собственн|own document"):
        a_revision(first, supersedes=foreign)
    second = a_revision(first, supersedes=first)
    with pytest.raises(DomainError, match=r"Rev\.1"):
        a_revision(first, number=2, supersedes=first)
    for wrong in (foreign, second, a_revision(first, number=3)):
        with pytest.raises(IntegrityError, match="its own document"), transaction.atomic():
            Edition.objects.filter(pk=second.pk).update(supersedes=wrong)


def test_the_admin_offers_the_editions_of_the_document_alone(client_of, support_unit):
    """T3: what an edition may supersede is an older edition of its own document."""
    first, foreign = a_public_document(), a_public_document()
    second = a_revision(first)
    client = client_of(support_unit)
    add = reverse("admin:documents_edition_add")
    for address, offered in (
        (f"{add}?document={first.document_id}", {first, second}),
        (add, set()),
        (reverse("admin:documents_edition_change", args=[second.pk]), {first}),
    ):
        form = client.get(address).context["adminform"].form
        assert set(form.fields["supersedes"].queryset) == offered
        assert foreign not in form.fields["supersedes"].queryset
