"""A search is saved, its mail sent by the worker, and stopped by its address; judged by axe."""

import re
import subprocess
import sys

import pytest

from tests.browser.test_silence_accessible import faults

pytestmark = pytest.mark.browser
PERSON = {"en": "az@example.org", "ru": "tj@example.org"}


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_coordinator_saves_a_search_is_told_and_stops_the_mails(portal, visit, language):
    page = visit(language, PERSON[language])
    page.goto(f"/{language}/documents/?q=communique&type=communique")
    page.locator(".following summary").click()
    found = faults(page)
    page.get_by_label({"en": "Name of the search", "ru": "Название поиска"}[language]).fill("Mine")
    page.locator(".following button").click()
    page.wait_for_url(f"**/{language}/portal/searches/")
    page.locator(".saved summary").first.click()
    found += faults(page)
    (owner, search) = portal.row(
        "SELECT s.owner_id, s.id FROM documents_savedsearch s JOIN membership_user u"
        " ON u.id = s.owner_id WHERE u.email = %s AND s.name = 'Mine'",
        PERSON[language],
    )
    forgotten = (
        "WITH gone AS (DELETE FROM documents_searchhit WHERE search_id = %s),"
        " due AS (UPDATE documents_savedsearch SET looked_at = now() - interval '8 days'"
        " WHERE id = %s RETURNING id) SELECT id FROM due"
    )
    portal.row(forgotten, search, search)
    tell = "from documents.periodic import tell_searches; tell_searches()"
    subprocess.run([sys.executable, "manage.py", "shell", "-c", tell], env=portal.env, check=True)
    portal.wait_for(
        "SELECT 1 FROM common_notice n JOIN post_office_email e ON e.id = n.email_id"
        " WHERE n.recipient_id = %s AND n.event LIKE 'searches-%%' AND e.status = 0",
        owner,
        seconds=60,
    )
    (message,) = portal.row(
        "SELECT e.message FROM common_notice n JOIN post_office_email e ON e.id = n.email_id"
        " WHERE n.recipient_id = %s AND n.event LIKE 'searches-%%'",
        owner,
    )
    assert "Almaty Process/03/01/2013" in message
    stop = re.search(r"/\w\w/portal/searches/stop/\S+", message)[0]
    stranger = visit(language)
    stranger.goto(stop)
    found += faults(stranger)
    stranger.locator("main form button").click()
    found += faults(stranger)
    assert portal.row("SELECT frequency FROM documents_savedsearch WHERE id = %s", search) == (
        "never",
    )
    page.goto(f"/{language}/portal/searches/{search}/delete/")
    found += faults(page)
    page.locator("main form button").click()
    page.wait_for_url(f"**/{language}/portal/searches/")
    assert portal.row("SELECT 1 FROM documents_savedsearch WHERE id = %s", search) is None
    assert not found, "\n".join(found)
