"""Mails about an account: through the outbox, in its owner's language, with canonical links."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from post_office.models import Email

pytestmark = pytest.mark.django_db


def ask(address: str, language: str = "en") -> Email:
    client = Client(headers={"accept-language": language, "host": "testserver"})
    answer = client.post(reverse("account_reset_password"), {"email": address})
    assert answer.status_code == 302
    return Email.objects.order_by("-pk")[0]


def test_in_the_language_that_its_owner_reads(coordinator, other_coordinator):
    """The browser asks for English; Kazakhstan's Coordinator reads Russian."""
    assert ask(coordinator.email).subject == "Алматинский процесс: новый пароль"
    assert ask(other_coordinator.email).subject == "Almaty Process: a new password"


def test_link_is_canonical_and_sets_the_password(settings, coordinator):
    """P5: built from the portal's own address, whatever host the request names."""
    settings.PORTAL_URL = "https://portal.example.org"
    body = ask(coordinator.email).message
    link = re.search(r"https://portal\.example\.org(/\S+)", body)[1]
    client = Client()
    page = client.get(link, follow=True)
    form = page.redirect_chain[-1][0] if page.redirect_chain else link
    password = "a quite new passphrase"
    client.post(form, {"password1": password, "password2": password})
    coordinator.refresh_from_db()
    assert coordinator.check_password(password)


def test_tells_nobody_whether_an_address_has_an_account(db):
    """P8: the page answers the same; the mail tells the owner of the address alone."""
    assert "no account" in ask("nobody@example.org").subject
