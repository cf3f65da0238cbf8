"""The Operating Modalities are amended by Ministerial meetings only (OM 3.vii, rule D2)."""

import pytest
from django.db import DatabaseError, transaction
from django.urls import reverse

from almaty_portal.common.errors import DomainError
from documents.actions import archive, silence
from documents.models import Document
from tests.factories.documents import a_document, a_procedure, a_public_document

pytestmark = pytest.mark.django_db


@pytest.fixture
def modalities():
    return a_public_document(type=Document.Type.OPERATING_MODALITIES).document


@pytest.fixture
def procedure(support_unit, members):
    return a_procedure(by=support_unit)


@pytest.mark.parametrize("how", ["type", "annex"])
def test_a_text_under_silence_becomes_no_part_of_them(procedure, modalities, how):
    """Not before the outcome is recorded, whoever writes."""
    change = {"type": "operating_modalities"} if how == "type" else {"annex_of": modalities}
    document = Document.objects.filter(pk=procedure.edition.document_id)
    with pytest.raises(DatabaseError, match="keeps its type"), transaction.atomic():
        document.update(**change)
    document.update(title_en="Another title")


def test_nor_does_what_it_is_an_annex_of(support_unit, members):
    whole = a_public_document().document
    a_procedure(by=support_unit, edition=a_document(by=support_unit, annex_of=whole))
    with pytest.raises(DatabaseError, match="keeps its type"), transaction.atomic():
        Document.objects.filter(pk=whole.pk).update(type="operating_modalities")


def test_free_again_when_silence_was_broken(procedure, kazakhstan, coordinator):
    silence.break_silence(procedure=procedure, state=kazakhstan, reason="No.", by=coordinator)
    Document.objects.filter(pk=procedure.edition.document_id).update(type="report")


def test_a_text_under_silence_gets_no_reference(procedure, support_unit):
    """S4: the final reference is assigned on adoption."""
    document = procedure.edition.document
    with pytest.raises(DomainError, match="умолчания"):
        archive.assign_reference(document=document, by=support_unit)
    document.refresh_from_db()
    assert document.reference is None


def test_the_page_says_why(procedure, modalities, support_unit, client_of):
    document = procedure.edition.document
    client = client_of(support_unit)
    client.cookies["django_language"] = "en"
    page = reverse("admin:documents_document_change", args=[document.pk])
    inlines = client.get(page).context["inline_admin_formsets"]
    answer = client.post(
        page,
        {
            "title_en": document.title_en,
            "title_ru": document.title_ru,
            "type": "operating_modalities",
            "access": document.access,
            "issued_precision": document.issued_precision,
            "original_language": document.original_language,
            **{f"{one.formset.prefix}-TOTAL_FORMS": 0 for one in inlines},
            **{f"{one.formset.prefix}-INITIAL_FORMS": 0 for one in inlines},
        },
    )
    assert "its type and what it is an annex of stay" in answer.content.decode()
