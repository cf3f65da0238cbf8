"""A text on its way into the archive, as people take it there: real browser, real worker."""

import pytest

from tests.browser.test_main_job import another_draft
from tests.factories.office import communique_docx

pytestmark = pytest.mark.browser


def a_draft(portal) -> int:
    """A demonstration draft that nothing else uses."""
    waiting = (
        "SELECT e.id FROM documents_edition e JOIN documents_document d"
        " ON d.id = e.document_id WHERE d.is_demonstration AND e.issued_at IS NULL"
        " ORDER BY e.id DESC"
    )
    if portal.row(waiting) is None:
        another_draft(portal)
    return portal.row(waiting)[0]


def test_the_communique_from_a_docx_to_an_issued_text(portal, visit, tmp_path):
    """Issue 4: import, correct a row, see the stale mark, confirm it, preview, issue."""
    for language in ("en", "ru"):
        (tmp_path / f"{language}.docx").write_bytes(communique_docx(language))
    staff = visit("en", "support@example.org")
    edition = a_draft(portal)
    staff.goto(f"/admin/documents/edition/{edition}/change/")
    staff.locator("a", has_text="Actions").first.click()
    staff.get_by_role("link", name="Import a text").first.click()
    staff.set_input_files("[name=file_en]", str(tmp_path / "en.docx"))
    staff.set_input_files("[name=file_ru]", str(tmp_path / "ru.docx"))
    staff.get_by_role("button", name="Read the text").click()
    staff.wait_for_selector("#text-rows")
    assert "22 paragraphs were recognised" in staff.inner_text("body")
    first = staff.locator("fieldset.text-row").nth(7)
    assert "[{IR|the Islamic Republic of Iran}]" in first.locator("textarea").first.input_value()
    assert "{TR|Турецкой Республики}[^5]" in first.locator("textarea").last.input_value()
    staff.get_by_role("button", name="Store and go on").click()
    staff.wait_for_selector("text=The text is stored.")

    # A row is corrected in English: the Russian is marked, until somebody confirms it.
    row = staff.locator("fieldset.text-row").nth(20)
    english = row.locator("textarea").first
    english.fill(english.input_value().replace("Endorse", "Approve"))
    staff.get_by_role("button", name="Store and go on").click()
    staff.wait_for_selector("text=the other language was changed since")
    assert portal.row(
        "SELECT stale FROM documents_paragraph WHERE edition_id = %s AND number = '2.'", edition
    ) == ("ru",)
    with staff.expect_popup() as opened:
        staff.get_by_role("button", name="Both side by side").click()
    assert "Approve the Operating Modalities" in opened.value.inner_text("main")
    staff.get_by_label("It still fits").check()
    staff.get_by_role("button", name="Store the text").click()
    staff.wait_for_url(f"**/edition/{edition}/change/")

    staff.locator("a", has_text="Actions").first.click()
    staff.get_by_role("link", name="Issue this edition").first.click()
    staff.get_by_role("button", name="Issue it").click()
    staff.wait_for_selector("text=The edition is issued and its text is fixed.")
    assert portal.row(
        "SELECT count(*), count(*) FILTER (WHERE stale <> '') FROM documents_paragraph"
        " WHERE edition_id = %s",
        edition,
    ) == (22, 0)
