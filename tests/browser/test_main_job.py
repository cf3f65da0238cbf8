"""The portal's main job, as people do it: real browser, real worker, real broker."""

import datetime as dt
import time
from zoneinfo import ZoneInfo

import pytest
from pypdf import PdfReader

pytestmark = pytest.mark.browser

ALMATY = ZoneInfo("Asia/Almaty")


def open_procedure(
    portal, page, title: str, *, kind="adoption", silence_means="adopted", states=()
) -> tuple[str, dt.datetime]:
    """Put the waiting demonstration draft under silence in the admin site, as the Support Unit.

    `states` are the codes of those that a participation window addresses. Returns the procedure's
    address part and its deadline, the first full minute at least 95 seconds away.
    """
    waiting = (
        "SELECT e.id FROM documents_edition e JOIN documents_document d"
        " ON d.id = e.document_id WHERE d.is_demonstration AND e.issued_at IS NULL"
        " ORDER BY e.id DESC"
    )
    if portal.row(waiting) is None:
        another_draft(portal)
    (edition,) = portal.row(waiting)
    deadline = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=95 + 59)
    deadline = deadline.replace(second=0, microsecond=0)
    local = deadline.astimezone(ALMATY)
    page.goto(f"/admin/documents/edition/{edition}/change/")
    page.locator("a", has_text="Actions").first.click()
    page.get_by_role("link", name="Put under silence").first.click()
    page.fill("[name=title_en]", title)
    page.fill("[name=title_ru]", f"Процедура: {title}")
    page.fill("[name=directive_form_en]", "letter")
    page.fill("[name=directive_form_ru]", "письмо")
    page.fill("[name=directive_by_en]", "Demonstration Chair")
    page.fill("[name=directive_by_ru]", "Демонстрационный Председатель")
    if kind != "adoption":
        page.select_option("[name=kind]", kind)
        page.select_option("[name=silence_means]", silence_means)
    for code in states:
        (pk,) = portal.row("SELECT id FROM membership_state WHERE code = %s", code)
        page.check(f"[name=states][value='{pk}']")
    page.fill("[name=deadline_at_0]", f"{local:%Y-%m-%d}")
    page.fill("[name=deadline_at_1]", f"{local:%H:%M}")
    page.locator("#step-5 button[name=check]").click()
    assert f"{deadline:%H:%M} UTC" in page.locator("#preview").inner_text()
    letters = page.locator("#circular").inner_text()
    assert f"Under silence: {title}" in letters
    assert f"В процедуре умолчания: Процедура: {title}" in letters
    page.locator("#open-silence button[name=confirm]").click()
    page.wait_for_url("**/silenceprocedure/**")
    slug, stored = portal.row(
        "SELECT slug, deadline_at FROM documents_silenceprocedure WHERE title_en = %s", title
    )
    assert stored == deadline
    return slug, deadline


def another_draft(portal) -> None:
    """A second demonstration draft, as the next start of the portal makes it."""
    import subprocess
    import sys

    subprocess.run([sys.executable, "manage.py", "load_demo"], env=portal.env, check=True)


def test_public_reads_the_archive_in_both_languages(visit):
    """Issue: the public reads EN and RU, finds inflected words, sees both texts side by side."""
    page = visit("en")
    page.goto("/")
    assert page.url.endswith("/en/")
    page.goto("/en/documents/almaty-process-03-01-2013/")
    assert "Expressing our deep appreciation to the Government" in page.inner_text("main")
    assert "[the Islamic Republic of Iran]" in page.inner_text("main")
    page.goto("/en/documents/almaty-process-03-01-2013/bilingual/")
    text = page.inner_text("#par-vii")
    assert "non-refoulement" in text
    assert "беженцев" in text

    russian = visit("ru")
    russian.goto("/")
    assert russian.url.endswith("/ru/")
    russian.goto("/ru/documents/?q=беженец")
    assert "беженцев" in russian.inner_text("main")
    assert "almaty-process-03-01-2013" in russian.content()
    russian.goto("/ru/documents/almaty-process-03-01-2013/")
    assert "рабочий перевод Группы поддержки" in russian.inner_text("main").replace(
        "Рабочий", "рабочий"
    )


def test_communique_as_pdf_in_three_layouts(visit, tmp_path):
    """Issue: by a job with visible progress, and a download when done."""
    page = visit("en")
    for layout, words in (
        ("en", "Endorse the Operating Modalities"),
        ("ru", "Порядок работы"),
        ("bilingual", "Endorse the Operating Modalities"),
    ):
        page.goto("/en/documents/almaty-process-03-01-2013/")
        assert page.locator(f"a[href$='/{layout}.pdf']").count()
        page.goto(f"/en/documents/almaty-process-03-01-2013/pdf/final/{layout}/")
        link = page.locator(f"main a[href$='/{layout}.pdf']")
        link.wait_for(timeout=90_000)  # the page renews itself until the worker has made it
        with page.expect_download() as download:
            link.click()
        target = tmp_path / f"{layout}.pdf"
        download.value.save_as(target)
        pdf = PdfReader(target)
        text = " ".join(" ".join(one.extract_text() for one in pdf.pages).split())
        assert words in text
        assert pdf.trailer["/Root"]["/MarkInfo"]["/Marked"]


def test_adopted_by_silence_and_broken_one_second_before(portal, visit):
    """Issue, done when 2: adoption by the worker at the deadline; and the other way round.

    Both procedures run at the same time, so that the test waits once.
    """
    staff = visit("en", "support@example.org")
    adopted, adopted_deadline = open_procedure(portal, staff, "Browser adoption")
    broken, broken_deadline = open_procedure(portal, staff, "Browser objection")

    coordinator = visit("ru", "kz@example.org")
    assert "Процедура: Browser adoption" in coordinator.inner_text("main")
    coordinator.goto(f"/ru/portal/silence/{adopted}/")
    text = coordinator.inner_text("main")
    assert "Decide:" in text
    assert "постановляют:" in text
    coordinator.get_by_role("button", name="Подтвердить получение").click()
    assert "Получение подтверждено" in coordinator.inner_text("main")

    # A State acts for itself alone: Kazakhstan's Coordinator sees Azerbaijan's line, and has no
    # act for it; an observer sees nothing of the procedure.
    observer = visit("en", "observer@example.org")
    assert observer.goto(f"/en/portal/silence/{adopted}/").status == 404

    objector = visit("en", "az@example.org")
    objector.goto(f"/en/portal/silence/{broken}/")
    objector.get_by_role("link", name="Break silence").click()
    objector.get_by_label("Reason of the objection").fill("Paragraph 1 sets no day for 2026.")
    objector.get_by_role("button", name="Go on to what all will be told").click()
    assert "Paragraph 1 sets no day for 2026." in objector.inner_text("main")
    objector.get_by_label("I act for my State").check()
    # A page left open over the deadline: the act is refused with a sentence, and on record (S6).
    late = visit("en", "tr@example.org")
    late.goto(f"/en/portal/silence/{adopted}/break/")
    late.get_by_label("Reason of the objection").fill("Too late.")
    late.get_by_role("button", name="Go on to what all will be told").click()
    late.get_by_label("I act for my State").check()

    wait = (broken_deadline - dt.datetime.now(dt.UTC)).total_seconds() - 1.5
    assert wait > 0, "the machine was too slow to come to the deadline in time"
    time.sleep(wait)
    objector.get_by_role("button", name="Break silence for my State").click()
    objector.wait_for_url(f"**/silence/{broken}/")
    assert "silence is broken" in objector.inner_text("main")
    received, result = portal.row(
        "SELECT r.received_at, o.result FROM documents_silenceresponse r"
        " JOIN documents_silenceoutcome o ON o.broken_by_id = r.id"
        " JOIN documents_silenceprocedure p ON p.id = o.procedure_id WHERE p.slug = %s",
        broken,
    )
    assert result == "broken"
    assert dt.timedelta(0) < broken_deadline - received < dt.timedelta(seconds=1.6)

    wait = (adopted_deadline - dt.datetime.now(dt.UTC)).total_seconds() + 1
    time.sleep(max(0.0, wait))
    late.get_by_role("button", name="Break silence for my State").click()
    assert "It is late and has no effect" in late.inner_text("main")
    assert portal.row("SELECT late FROM documents_silenceresponse WHERE reason = 'Too late.'") == (
        True,
    )
    coordinator.goto(f"/ru/portal/silence/{adopted}/")
    assert "Срок истек" in coordinator.inner_text("main")

    outcome, effective = portal.wait_for(
        "SELECT o.result, o.effective_at FROM documents_silenceoutcome o"
        " JOIN documents_silenceprocedure p ON p.id = o.procedure_id WHERE p.slug = %s",
        adopted,
        seconds=90,
    )
    assert outcome == "adopted"
    assert effective == adopted_deadline

    slug, reference = portal.row(
        "SELECT d.slug, d.reference FROM documents_document d JOIN documents_edition e"
        " ON e.document_id = d.id JOIN documents_silenceprocedure p ON p.edition_id = e.id"
        " WHERE p.slug = %s",
        adopted,
    )
    assert reference.startswith("Almaty Process/")
    public = visit("ru")
    public.goto("/ru/decisions/")
    assert "Процедура: Browser adoption" in public.inner_text("main")
    assert "Browser objection" not in public.inner_text("main")
    public.goto(f"/ru/documents/{slug}/")
    assert reference in public.inner_text("main")
    portal.wait_for(
        "SELECT 1 FROM documents_rendition n JOIN documents_edition e ON e.id = n.edition_id"
        " JOIN documents_document d ON d.id = e.document_id"
        " WHERE d.slug = %s AND e.kind = 'final' AND n.layout = 'ru' AND n.status = 'ready'",
        slug,
        seconds=60,
    )
    with public.expect_download() as download:
        public.evaluate(f"location.href = '/ru/documents/{slug}.pdf'")
    text = " ".join(one.extract_text() for one in PdfReader(download.value.path()).pages)
    assert reference in " ".join(text.split())

    # The notices arrive, each in its reader's language, once.
    portal.wait_for(
        "SELECT 1 FROM common_notice n JOIN post_office_email m ON m.id = n.email_id"
        " JOIN membership_user u ON u.id = n.recipient_id"
        " WHERE u.email = 'kz@example.org' AND n.subject LIKE 'Принято: %%' AND m.status = 0",
        seconds=40,
    )
    coordinator.goto("/ru/portal/")
    assert f"Принято: Процедура: Browser adoption ({reference})" in coordinator.inner_text("main")
    assert sum(one.count("To: kz@example.org") for one in portal.mails()) >= 4
