"""Silence as a legal instrument, as people use it: real browser, real worker, real broker."""

import datetime as dt

import pytest

from tests.browser.test_main_job import ALMATY, open_procedure
from tests.factories.files import a_pdf

pytestmark = pytest.mark.browser

DECISION = {"reason_en": "Letter of the Chair No. 7", "reason_ru": "Письмо Председателя № 7"}


def act(page, portal, slug: str, name: str) -> None:
    """Open the page of an act from the menu of a procedure's page in the admin site."""
    (pk,) = portal.row("SELECT id FROM documents_silenceprocedure WHERE slug = %s", slug)
    page.goto(f"/admin/documents/silenceprocedure/{pk}/change/")
    page.locator("a", has_text="Actions").first.click()
    page.get_by_role("link", name=name).first.click()


def send(page, **values: str) -> None:
    """Fill in a form of the admin site and send it."""
    for name, value in values.items():
        page.fill(f"[name={name}]", value)
    page.locator("#content form button[type=submit], main form button[type=submit]").first.click()
    page.wait_for_load_state()


def answer(page) -> None:
    """Send the answer that was chosen, past the page that says what it leads to."""
    page.locator("form:has([name=answer]) button").click()
    page.wait_for_url("**/answer/confirm/")
    page.locator("[name=understood]").check()
    page.locator("form:has([name=understood]) button").click()
    page.wait_for_load_state()


def outcome_of(portal, slug: str, seconds: float) -> tuple:
    return portal.wait_for(
        "SELECT o.result, o.effective_at FROM documents_silenceoutcome o"
        " JOIN documents_silenceprocedure p ON p.id = o.procedure_id"
        " WHERE p.slug = %s AND o.effects_at IS NOT NULL",
        slug,
        seconds=seconds,
    )


def test_extension_window_reissue_and_annulment(portal, visit, tmp_path):
    """S2, S9, S10, S13, S14: three procedures side by side, so that the test waits once.

    One is extended, adopted, and annulled by a late-entered Note Verbale on paper; one is broken,
    reissued as Rev.1 with the wording proposed, and adopted; one is a participation window that
    three States answer in three ways.
    """
    staff = visit("en", "support@example.org")
    extended, deadline = open_procedure(portal, staff, "Browser extension")
    broken, _deadline = open_procedure(portal, staff, "Browser reissue")
    window, _deadline = open_procedure(
        portal,
        staff,
        "Browser window",
        kind="participation_window",
        silence_means="lapses",
        states=["AZ", "KZ", "TR"],
    )

    # The extension: every State is told, and the page shows the new deadline (S9).
    later = deadline + dt.timedelta(minutes=1)
    local = later.astimezone(ALMATY)
    act(staff, portal, extended, "Extend the deadline")
    send(
        staff,
        deadline_at_0=f"{local:%Y-%m-%d}",
        deadline_at_1=f"{local:%H:%M}",
        **DECISION,
    )
    assert staff.locator("#preview tbody tr").count() >= 5  # by the clock of each capital
    send(staff)
    assert portal.row(
        "SELECT deadline_at FROM documents_silenceprocedure WHERE slug = %s", extended
    ) == (later,)

    # Three States answer the window in three ways: one takes part, one does not, one is silent.
    kazakhstan = visit("ru", "kz@example.org")
    kazakhstan.goto(f"/ru/portal/silence/{extended}/")
    assert f"{later:%H:%M} UTC" in kazakhstan.inner_text("main")
    kazakhstan.goto(f"/ru/portal/silence/{window}/")
    kazakhstan.locator("input[name=answer][value=participates]").check()
    answer(kazakhstan)
    azerbaijan = visit("en", "az@example.org")
    azerbaijan.goto(f"/en/portal/silence/{window}/")
    azerbaijan.locator("input[name=answer][value=declines]").check()
    answer(azerbaijan)

    # An objection to one paragraph, with its own wording: told to all, in two steps (S7).
    azerbaijan.goto(f"/en/portal/silence/{broken}/break/")
    azerbaijan.get_by_label("Reason of the objection").fill("Ten days are too few.")
    row = azerbaijan.locator("details", has_text="To send the Support Unit")
    row.locator("summary").click()
    row.get_by_label("Object to this paragraph").check()
    english, russian = row.locator("textarea").all()
    english.fill(english.input_value().replace("tenth", "twentieth"))
    russian.fill(russian.input_value().replace("десятого", "двадцатого"))
    azerbaijan.get_by_role("button", name="Go on").click()
    assert "twentieth" in azerbaijan.inner_text("main")
    azerbaijan.get_by_label("I act for my State").check()
    azerbaijan.get_by_role("button", name="Break silence for my State").click()
    azerbaijan.wait_for_url(f"**/silence/{broken}/")
    assert "silence is broken" in azerbaijan.inner_text("main")

    # The Chair accepts it: Rev.1 with that wording, under a new period (S10, S14).
    act(staff, portal, broken, "Reissue as a revision")
    staff.locator("input[name=accepted]").check()
    send(staff, **DECISION)
    staff.wait_for_url("**/documents/edition/**")
    reissued, _deadline = open_procedure(portal, staff, "Browser revision")
    kazakhstan.goto(f"/ru/portal/silence/{broken}/")
    assert "Rev.1" in kazakhstan.inner_text("main")
    kazakhstan.goto(f"/ru/portal/silence/{reissued}/")
    assert "двадцатого" in kazakhstan.inner_text("main")

    assert outcome_of(portal, window, 200)[0] == "window_closed"
    results = {
        portal.row(
            "SELECT s.result FROM documents_stateoutcome s JOIN documents_silenceoutcome o"
            " ON o.id = s.outcome_id JOIN documents_silenceprocedure p ON p.id = o.procedure_id"
            " JOIN membership_state t ON t.id = s.state_id WHERE p.slug = %s AND t.code = %s",
            window,
            code,
        )
        for code in ("KZ", "AZ", "TR")
    }
    assert results == {("formalised",), ("declined",), ("lapsed",)}
    assert outcome_of(portal, extended, 200) == ("adopted", later)
    assert outcome_of(portal, reissued, 200)[0] == "adopted"

    # The register: the chain from the draft to the final edition, for those who may read it (D3).
    kazakhstan.goto("/ru/decisions/")
    kazakhstan.get_by_role("link", name="Процедура: Browser revision").click()
    text = kazakhstan.inner_text("main")
    assert "От проекта до текста решения" in text
    assert "Rev.1" in text

    # A Note Verbale on paper, received in time and entered late, confirmed by a second person.
    stamp = (later - dt.timedelta(minutes=1)).astimezone(ALMATY)
    scan = tmp_path / "note.pdf"
    scan.write_bytes(a_pdf())
    act(staff, portal, extended, "Enter a Note Verbale on paper")
    (tajikistan,) = portal.row("SELECT id FROM membership_state WHERE code = 'TJ'")
    staff.select_option("[name=state]", str(tajikistan))
    staff.set_input_files("[name=file]", str(scan))
    send(
        staff,
        received_at_0=f"{stamp:%Y-%m-%d}",
        received_at_1=f"{stamp:%H:%M}",
        received_how="Handed in at the Support Unit, stamp No. 41",
        reason="Paragraph 2 is not acceptable.",
    )
    staff.wait_for_url("**/papernote/**")
    note = staff.url
    colleague = visit("ru", "support2@example.org")
    colleague.goto(note)
    colleague.get_by_role("link", name="Подтвердить").first.click()
    colleague.locator("[name=compared]").check()
    send(colleague)
    colleague.wait_for_url("**/silenceprocedure/**")
    assert "принятие аннулировано" in colleague.inner_text("#status-now")

    kazakhstan.goto(f"/ru/portal/silence/{extended}/")
    assert "аннулировано" in kazakhstan.inner_text("main")
    public = visit("en")
    public.goto("/en/decisions/")
    row = public.locator("li.row", has_text="Browser extension")
    assert "Annulled" in row.inner_text()
    feed = public.request.get("/en/decisions/feed/").text()
    assert "Annulled: Demonstration: Browser extension" in feed
