"""What the tests of the admin pages share."""

import pytest

from tests.factories.documents import a_document


@pytest.fixture
def edition(support_unit, members):
    return a_document(by=support_unit)


@pytest.fixture
def unit(client_of, support_unit):
    """The Support Unit's window, in English unless told otherwise."""
    client = client_of(support_unit)
    client.cookies["django_language"] = "en"
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "en"
    return client
