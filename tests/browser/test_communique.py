"""The Communiqué's whole way through the archive, by clicking, in real Chromium: from a DOCX file
through translation, concordance and issue to the reader who finds and cites it (issue 4)."""

import datetime as dt
from urllib.parse import quote

import bibtexparser
import pytest
import rispy
from lxml import etree

from almaty_portal.common.instants import ALMATY
from tests.factories.office import communique, printed

pytestmark = pytest.mark.browser
X = "{urn:oasis:names:tc:xliff:document:2.0}"
REFERENCE = "Almaty Process/77/01/2026"
SLUG = "second-communique"
TITLE_EN = "Communiqué of the second Ministerial Conference"
TITLE_RU = "Коммюнике второй Министерской конференции"
RIGHT, WRONG = "16 марта 2011 года", "16 марта 2012 года"


def today() -> dt.date:
    return dt.datetime.now(ALMATY).date()


def act(page, name: str) -> None:
    """Choose an act of a record from the menu of its page in the admin site."""
    page.locator("a", has_text="Actions").first.click()
    page.get_by_role("link", name=name).first.click()


def choose(page, field: str, words: str, found: str) -> None:
    """Choose in a field of the admin site that looks for records as one types."""
    page.locator(f"[name={field}] + .select2 .select2-selection").click()
    page.locator("input.select2-search__field").last.fill(words)
    page.locator(".select2-results__option", has_text=found).first.click()


def a_docx_of_the_portal(visit, folder) -> str:
    """The English Communiqué of the founding archive, as anybody downloads it."""
    reader = visit("en")
    reader.goto("/en/documents/almaty-process-03-01-2013/")
    with reader.expect_download() as download:
        reader.locator("a[href$='.docx'][hreflang=en]").click()
    download.value.save_as(folder / "communique.docx")
    return str(folder / "communique.docx")


def a_document_with_its_english_text(staff, file: str) -> None:
    """Leaves `staff` at the page of the draft edition, its English text stored."""
    staff.goto("/admin/documents/document/")
    staff.locator("a[href$='/document/add/']").first.click()
    staff.fill("[name=title_en]", TITLE_EN)
    staff.fill("[name=title_ru]", TITLE_RU)
    staff.select_option("[name=type]", "communique")
    staff.select_option("[name=access]", "public")
    staff.fill("[name=reference]", REFERENCE)
    staff.fill("[name=slug]", SLUG)
    staff.get_by_role("button", name="Save and continue editing").click()
    staff.wait_for_url("**/document/*/change/**")
    act(staff, "New edition")
    staff.fill("[name=dated_on]", f"{today():%Y-%m-%d}")
    staff.get_by_role("button", name="Save and continue editing").click()
    staff.wait_for_url("**/edition/*/change/**")
    act(staff, "Import a text")
    staff.set_input_files("[name=file_en]", file)
    staff.get_by_role("button", name="Read the text").click()
    staff.wait_for_selector("#text-rows")
    staff.get_by_role("button", name="Store the text").click()
    staff.wait_for_url("**/edition/*/change/**")


def give_out(staff) -> None:
    """The Russian translation to one Coordinator, its review to another."""
    staff.goto("/en/portal/translations/")
    staff.get_by_role("link", name="Give out a translation").click()
    choose(staff, "edition", SLUG, REFERENCE)
    staff.select_option("#id_language", "ru")
    choose(staff, "translator", "kg@", "Кыргызстана")
    choose(staff, "reviewer", "tj@", "Таджикистана")
    for days, field in ((7, "due_on"), (10, "review_due_on")):
        staff.fill(f"[name={field}]", f"{today() + dt.timedelta(days):%Y-%m-%d}")
    staff.get_by_role("button", name="Save", exact=True).click()
    staff.wait_for_url("**/translationwork/")


def open_translation(page) -> None:
    page.goto("/ru/portal/")
    page.get_by_role("link", name="Все переводы").click()
    page.locator("main a", has_text=REFERENCE).click()
    page.wait_for_url("**/translations/*/")


def step(page, name: str, status: str) -> None:
    """Take the translation one step on by its button."""
    page.get_by_role("button", name=name).click()
    page.wait_for_selector(f"text=Состояние перевода: {status}.")


def translate(translator, folder) -> None:
    """Most by XLIFF, with one year wrong; what names States on the page of the translation."""
    open_translation(translator)
    step(translator, "Начать перевод", "переводится")
    translator.get_by_role("link", name="XLIFF").click()
    with translator.expect_download() as download:
        translator.get_by_role("link", name="XLIFF 2.1").click()
    tree = etree.parse(download.value.path())
    russian = {printed(one, "en"): printed(one, "ru") for one in communique()}
    marked = []
    for unit in tree.iter(f"{X}unit"):
        source = unit.find(f"{X}segment/{X}source")
        if len(source):
            marked.append(unit.get("id").removeprefix("p-"))
            continue
        target = etree.SubElement(source.getparent(), f"{X}target")
        target.text = russian[source.text].replace(RIGHT, WRONG)
    tree.write(folder / "translated.xlf", encoding="utf-8", xml_declaration=True)
    translator.set_input_files("[name=file]", str(folder / "translated.xlf"))
    translator.get_by_role("button", name="Показать изменения").click()
    assert f"в английском «16 March 2011», в русском «{WRONG}»" in translator.inner_text("main")
    translator.get_by_role("button", name="Сохранить эти изменения").click()
    translator.wait_for_url("**/translations/*/")
    for anchor, text in ((one["anchor"], one["ru"]) for one in communique()):
        if anchor in marked:
            row = translator.locator(f"#row-{anchor}")
            if not row.count():
                translator.locator(".pagination a[href*='page=2']").first.click()
            row.locator("textarea").fill(" ".join(text.split()))
            with translator.expect_navigation():
                row.get_by_role("button", name="Сохранить").click()
    step(translator, "Передать на проверку", "на проверке")


def issue(staff, edition: str) -> None:
    staff.goto(edition)
    act(staff, "Issue this edition")
    staff.get_by_role("button", name="Issue it").click()


def test_the_communique_is_imported_translated_checked_issued_found_and_cited(visit, tmp_path):
    staff = visit("en", "support@example.org")
    a_document_with_its_english_text(staff, a_docx_of_the_portal(visit, tmp_path))
    edition = staff.url
    give_out(staff)
    translator, reviewer = visit("ru", "kg@example.org"), visit("ru", "tj@example.org")
    translate(translator, tmp_path)
    open_translation(reviewer)  # who overlooks what the page shows
    assert WRONG in reviewer.locator("#row-iii").inner_text()
    step(reviewer, "Утвердить как окончательный", "окончательный")

    # The gate is shut, and the page of concordance says why.
    staff.goto(edition)
    staff.select_option("[name=kind]", "final")
    staff.get_by_role("button", name="Save and continue editing").click()
    issue(staff, edition)
    staff.wait_for_selector("text=The two texts differ.")
    finding = "Paragraph (iii), dates: English “16 March 2011”, Russian “16 марта 2012 года”"
    assert finding in staff.inner_text("body")
    staff.goto(edition)
    act(staff, "Concordance")
    assert staff.locator("label", has_text=finding).count() == 1

    # It is opened again, mended in the portal, approved; then nothing is open.
    staff.goto("/en/portal/translations/")
    staff.locator("main a", has_text=REFERENCE).click()
    staff.get_by_role("button", name="Open it again").click()
    open_translation(translator)
    row = translator.locator("#row-iii")
    assert "16 марта 2012 года" in row.locator(".translation__finding").inner_text()
    row.locator("textarea").fill(row.locator("textarea").input_value().replace(WRONG, RIGHT))
    row.get_by_role("button", name="Сохранить").click()
    row.locator(".translation__finding").wait_for(state="detached")
    step(translator, "Передать на проверку", "на проверке")
    reviewer.reload()
    step(reviewer, "Утвердить как окончательный", "окончательный")
    staff.goto(edition)
    act(staff, "Concordance")
    assert "The two texts agree: nothing is open." in staff.inner_text("body")
    issue(staff, edition)
    staff.wait_for_selector("text=The edition is issued and its text is fixed.")

    found_and_cited(visit("ru"), tmp_path)


def found_and_cited(reader, folder) -> None:
    """The public finds the text by a word in another form, reads it and takes its citation."""
    reader.goto("/ru/documents/")
    reader.fill("#id_q", "гостеприимством")
    reader.locator("#id_q").press("Enter")
    result = reader.locator("li.result", has_text=REFERENCE)
    assert result.locator(".result__excerpt mark").all_inner_texts() == ["гостеприимство"]
    result.get_by_role("link", name=TITLE_RU).click()
    reader.wait_for_url(f"**/ru/documents/{SLUG}/")
    assert RIGHT in reader.inner_text("#par-iii")
    russian, english = (reader.locator(f".cite[lang={code}]").inner_text() for code in ("ru", "en"))
    assert english.startswith(f"Almaty Process. {TITLE_EN}. {REFERENCE}")
    assert russian.startswith(f"Алматинский процесс. {TITLE_RU} : {REFERENCE}")
    assert "Рабочий перевод Группы поддержки" in russian
    for text in (russian, english):
        assert f"/ref/{quote(REFERENCE)}" in text
    for suffix in ("bib", "ris"):
        with reader.expect_download() as download:
            reader.locator(f"a[href$='.{suffix}'][hreflang=ru]").click()
        download.value.save_as(folder / f"cited.{suffix}")
    [entry] = bibtexparser.parse_file(str(folder / "cited.bib")).entries
    assert TITLE_RU in entry["title"]
    assert REFERENCE in entry["number"]
    with (folder / "cited.ris").open(encoding="utf-8") as file:
        [record] = rispy.load(file)
    assert TITLE_RU in record["title"]
    assert REFERENCE in record["number"]
