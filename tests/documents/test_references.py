"""References: one for ever, in any spelling, by the pattern in force (rules T1, T8)."""

import datetime as dt
from urllib.parse import quote

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, ProgrammingError, transaction
from django.urls import reverse

from almaty_portal.common.errors import DomainError
from documents.actions import archive
from documents.actions.addresses import next_reference
from documents.models import ReferencePattern
from tests.factories.documents import a_document, a_public_document

pytestmark = pytest.mark.django_db
REFERENCE = "Almaty Process/03/01/2013"


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    settings.SECOND_FACTOR_REQUIRED = False


def test_any_spelling_of_a_reference_leads_to_its_document(client):
    """T1, T8: in the reader's language; a restricted one leads nowhere (T6)."""
    a_public_document(slug="almaty-process-03-01-2013", reference=REFERENCE)
    a_document(issued=True, kind="final", access="members", reference="Almaty Process/04/01/2013")
    for written in (
        REFERENCE,
        "almaty process/03/01/2013",
        "ALMATY PROCESS/3/1/2013",
        "Almaty%20Process/03/01/2013",
        "Almaty  Process – 03 – 01 – 2013",
        "Almaty Process–03–01–2013",
        "almaty-process-03-01-2013",
        "almaty-process-03-01-2013/",
        "Алматинский процесс/03/01/2013",
        "03/01/2013",
        "Ref: Almaty Process/03/01/2013",
    ):
        address = f"/ref/{quote(written, safe='/%')}"
        for language in ("en", "ru"):
            response = client.get(address, headers={"accept-language": language})
            assert response.status_code == 302, written
            assert response.url == f"/{language}/documents/almaty-process-03-01-2013/"
    for absent in ("Almaty Process/04/01/2013", "05/01/2013", "%00", "x" * 5000, "(((", "/"):
        assert client.get(f"/ref/{quote(absent, safe='/%')}").status_code == 404, absent


def test_no_other_document_bears_a_reference_in_another_spelling():
    """T1: it would be taken for the first one."""
    a_public_document(reference=REFERENCE)
    with pytest.raises(DomainError, match=r"never used twice|не используется дважды|дважды"):
        a_public_document(reference="ALMATY PROCESS/3/1/2013")
    document = a_document().document
    with pytest.raises(DomainError):
        archive.assign_reference(document=document, reference="almaty process-03-01-2013", by=None)
    type(document).objects.filter(pk=document.pk).update(reference="AP/1/2026")
    for other in ("AP/2/2026", None):
        with pytest.raises(ProgrammingError, match="documents_document"), transaction.atomic():
            type(document).objects.filter(pk=document.pk).update(reference=other)


def test_new_references_follow_the_pattern_in_force():
    """T1: from its day on; those assigned before stay, and no number is used twice."""
    document = a_public_document(reference="Almaty Process/01/01/2026").document
    assert next_reference(2026) == "Almaty Process/02/01/2026"
    ReferencePattern.objects.create(pattern="AP/{year}/{number:03d}", from_on=dt.date(2020, 1, 1))
    assert next_reference(2026) == "AP/2026/002"
    ReferencePattern.objects.create(pattern="X/{number}/{year}", from_on=dt.date(2999, 1, 1))
    ReferencePattern.objects.create(pattern="AP.{year}.{number}", from_on=dt.date(2020, 1, 1))
    assert next_reference(2026) == "AP.2026.2", "of two of one day the later entry"
    document.refresh_from_db()
    assert document.reference == "Almaty Process/01/01/2026"


def test_a_pattern_stays_as_it_was_entered():
    pattern = ReferencePattern.objects.create(pattern="A/{number}/{year}", from_on="2020-01-01")
    patterns = ReferencePattern.objects.filter(pk=pattern.pk)
    for write in (lambda: patterns.update(pattern="B/{number}/{year}"), patterns.delete):
        with pytest.raises(ProgrammingError), transaction.atomic():
            write()


@pytest.mark.parametrize("pattern", ["Almaty Process/{year}", "AP/{number}", "AP {", "{0}/{year}"])
def test_a_pattern_that_makes_no_new_references_is_refused(pattern):
    with pytest.raises(ValidationError, match=r"\{number\}"):
        ReferencePattern(pattern=pattern, from_on=dt.date(2020, 1, 1)).full_clean()


def test_the_support_unit_enters_a_pattern(client_of, support_unit, coordinator):
    address = reverse("admin:documents_referencepattern_add")
    data = {"pattern": "AP/{number}/{year}", "from_on": "2026-01-01"}
    assert client_of(coordinator).post(address, data).status_code in (302, 403)
    assert not ReferencePattern.objects.exists()
    client = client_of(support_unit)
    refused = client.post(address, {**data, "pattern": "AP/{year}"})
    assert "{number}" in refused.content.decode()
    assert client.post(address, data).status_code == 302
    page = client.get(reverse("admin:documents_referencepattern_changelist")).content.decode()
    assert "AP/{number}/{year}" in page


def test_a_reference_typed_by_hand_that_is_taken_gets_a_sentence(client_of, support_unit):
    a_public_document(reference=REFERENCE)
    document = a_document().document
    address = reverse("admin:documents_document_assign_reference", args=[document.pk])
    page = client_of(support_unit).post(address, {"reference": "almaty process/3/1/2013"})
    assert page.status_code == 200
    document.refresh_from_db()
    assert document.reference is None


def test_the_database_alone_keeps_a_reference_single():
    one = a_public_document(reference=REFERENCE).document
    other = a_document().document
    with pytest.raises(IntegrityError, match="any_spelling"), transaction.atomic():
        type(one).objects.filter(pk=other.pk).update(reference="almaty process 3 1 2013")
