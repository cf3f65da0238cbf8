"""What several tests of a silence procedure's effects start from."""

import pytest
from django.utils import translation

from membership.models import Organization
from tests.factories.membership import OrganizationFactory


@pytest.fixture
def english():
    """Sentences and pages in English."""
    with translation.override("en"):
        yield


@pytest.fixture
def organization(db):
    return OrganizationFactory(name_en="A Union", name_ru="Союз")


@pytest.fixture
def society(db):
    return OrganizationFactory(
        kind=Organization.Kind.CIVIL_SOCIETY, name_en="A Society", name_ru="Общество"
    )
