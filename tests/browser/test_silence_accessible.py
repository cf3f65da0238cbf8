"""The pages of the silence procedure, judged by axe in both languages (WCAG 2.2 AA)."""

import pytest
from axe_playwright_python.sync_playwright import Axe

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
LANGUAGES = ["en", "ru"]
PUBLIC = ["about/silence/", "decisions/", "verify/"]


def faults(page) -> list[str]:
    """What axe finds on a page: rule, help, and the first places."""
    found = Axe().run(page, options={"runOnly": {"type": "tag", "values": TAGS}})
    return [
        f"{page.url}: {one['id']} ({one['impact']}): {one['help']}: "
        + "; ".join(node["html"][:160] for node in one["nodes"][:3])
        for one in found.response["violations"]
    ]


def running(portal) -> str:
    """The address of the demonstration procedure that runs."""
    (slug,) = portal.row(
        "SELECT slug FROM documents_silenceprocedure WHERE is_demonstration"
        " AND deadline_at > now() ORDER BY id LIMIT 1"
    )
    return slug


@pytest.mark.parametrize("language", LANGUAGES)
def test_public_pages(visit, language):
    page = visit(language)
    found = []
    for path in PUBLIC:
        page.goto(f"/{language}/{path}")
        found += faults(page)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_coordinator_reads_and_objects(portal, visit, language):
    """The page of an open procedure, both steps of an objection, and an error in the first."""
    slug = running(portal)
    page = visit(language, "tj@example.org")
    found = faults(page)
    page.goto(f"/{language}/portal/silence/{slug}/")
    found += faults(page)
    page.goto(f"/{language}/portal/silence/{slug}/break/")
    page.locator("details.objection__paragraph summary").nth(4).click()
    found += faults(page)
    page.locator("form.objection button").click()
    assert page.locator(".error-summary").count()
    found += faults(page)
    page.locator("[name=reason]").fill("For a test.")
    page.locator("form.objection button").click()
    page.wait_for_url("**/confirm/")
    found += faults(page)
    assert not found, "\n".join(found)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_opening_form(portal, visit, language):
    """The first page of the guided form, as the Support Unit meets it."""
    (draft,) = portal.row(
        "SELECT e.id FROM documents_edition e JOIN documents_document d ON d.id = e.document_id"
        " WHERE d.is_demonstration AND e.issued_at IS NULL ORDER BY e.id LIMIT 1"
    )
    page = visit(language, "support@example.org")
    page.goto(f"/admin/documents/edition/{draft}/open_silence/")
    # The frame of the admin site is a library's: what the portal wrote is its form.
    found = Axe().run(
        page,
        context="#open-silence",
        options={"runOnly": {"type": "tag", "values": TAGS}},
    )
    told = [f"{one['id']}: {one['nodes'][0]['html'][:200]}" for one in found.response["violations"]]
    assert not told, "\n".join(told)
