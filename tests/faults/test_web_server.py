"""What the web server says itself, before Django is asked."""

import pytest

pytestmark = [pytest.mark.processes, pytest.mark.django_db(transaction=True)]


def test_an_address_that_is_too_long_gets_a_sentence(web):
    """Issue: a query of 100 kB is answered in words, in both languages, and the next one works."""
    status, text, _cookies = web.ask("GET", f"/en/documents/?q={100_000 * 'a'}")
    assert status == 414
    assert "a query has at most 500 characters" in text
    assert "в запросе не более 500 знаков" in text
    long = "%D0%B1" * 1000  # more than a query may have, and yet an address that Django gets
    status, text, _cookies = web.ask("GET", f"/ru/documents/?q={long}")
    assert status == 200
    assert 'aria-invalid="true"' in text
    assert web.ask("GET", "/healthz")[0] == 200
