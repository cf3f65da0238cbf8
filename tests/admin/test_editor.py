"""The editor: rows rearranged, stale languages, two people at once, previews (issue 4, point 2)."""

import pytest
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext

from documents.actions import texts
from documents.models import Paragraph
from tests.admin.test_importing import as_a_browser_sends, page
from tests.factories.documents import ROWS, a_document

pytestmark = pytest.mark.django_db


@pytest.fixture
def staff(client_of, support_unit):
    client = client_of(support_unit)
    client.cookies["django_language"] = "en"
    return client


@pytest.fixture
def edition(support_unit):
    return a_document(by=support_unit)


def sent(client, edition, **changes):
    """The editor's page as a browser sends it, with changes as `text_0_text_en="…"`."""
    data = as_a_browser_sends(client.get(page(edition, "edit_text")))
    for name, value in changes.items():
        data[name.replace("_", "-", 2) if name.startswith("text_") else name] = value
    return data


def save(client, edition, **changes):
    return client.post(page(edition, "edit_text"), sent(client, edition, **changes))


def stale(edition):
    return list(edition.paragraphs.values_list("stale", flat=True))


class TestStale:
    """A paragraph changed in one language marks the other until it is changed or confirmed."""

    def test_marks_the_other_language_and_shows_it(self, staff, edition):
        assert save(staff, edition, text_1_text_en="Changed;").status_code == 302
        assert stale(edition) == ["", "ru", ""]
        shown = staff.get(page(edition, "edit_text")).content.decode()
        assert shown.count("the other language was changed since") == 1
        assert "Russian: the other language was changed since" in " ".join(shown.split())

    def test_is_told_before_the_text_is_issued(self, staff, edition):
        save(staff, edition, text_1_text_en="Changed;")
        shown = staff.get(page(edition, "issue")).content.decode()
        assert "the other neither changed nor confirmed: (i)." in " ".join(shown.split())

    def test_falls_when_the_other_follows(self, staff, edition):
        save(staff, edition, text_1_text_en="Changed;")
        save(staff, edition, text_1_text_ru="Изменено;")
        assert stale(edition) == ["", "", ""]

    def test_falls_when_it_is_confirmed(self, staff, edition):
        save(staff, edition, text_1_text_en="Changed;")
        save(staff, edition, text_1_confirmed="on")
        assert stale(edition) == ["", "", ""]

    def test_stays_when_something_else_changes(self, staff, edition):
        save(staff, edition, text_1_text_en="Changed;")
        save(staff, edition, text_1_number="(ii)", text_1_anchor="ii", text_1_text_en="Again;")
        assert stale(edition) == ["", "ru", ""]

    def test_both_changed_at_once_agree(self, staff, edition):
        save(staff, edition, text_1_text_en="Changed;", text_1_text_ru="Изменено;")
        assert stale(edition) == ["", "", ""]

    def test_a_language_without_text_is_missing(self, staff, edition):
        save(staff, edition, text_1_text_ru="")
        save(staff, edition, text_1_text_en="Changed;")
        assert stale(edition) == ["", "", ""]
        shown = " ".join(staff.get(page(edition, "edit_text")).content.decode().split())
        assert "Russian: missing" in shown


class TestRows:
    def act(self, client, edition, act, **changes):
        data = sent(client, edition, row=act, **changes)
        response = client.post(page(edition, "edit_text"), data)
        assert response.status_code == 200
        assert Paragraph.objects.filter(edition=edition).count() == len(ROWS)  # nothing stored
        rows = response.context["formset"].initial
        return [row["text_en"] for row in rows], response

    @pytest.mark.parametrize(
        ("act", "order"),
        [
            ("up:2", [0, 2, 1]),
            ("down:0", [1, 0, 2]),
            ("up:0", [0, 1, 2]),
            ("down:2", [0, 1, 2]),
            ("remove:1", [0, 2]),
            ("up:9", [0, 1, 2]),
            ("nonsense", [0, 1, 2]),
        ],
    )
    def test_moved_and_taken_out(self, staff, edition, act, order):
        made, _response = self.act(staff, edition, act)
        assert made == [ROWS[place]["text_en"] for place in order]

    def test_joined_with_the_next(self, staff, edition):
        made, _response = self.act(staff, edition, "join:1")
        assert made[1] == f"{ROWS[1]['text_en']} {ROWS[2]['text_en']}"

    def test_divided_where_a_blank_line_is(self, staff, edition):
        words = {"text_1_text_en": "One.\r\n\r\nTwo.", "text_1_text_ru": "Раз.\r\n\r\nДва."}
        made, response = self.act(staff, edition, "divide:1", **words)
        assert made[1:3] == ["One.", "Two."]
        assert response.context["formset"].initial[2]["text_ru"] == "Два."
        made, response = self.act(staff, edition, "divide:1")
        assert "Put a blank line where" in response.content.decode()

    def test_what_was_rearranged_is_stored_with_its_addresses(self, staff, edition):
        _made, response = self.act(staff, edition, "up:2")
        data = as_a_browser_sends(response)
        assert staff.post(page(edition, "edit_text"), data).status_code == 302
        stored = list(edition.paragraphs.values_list("number", "anchor", "stale"))
        assert [one[0] for one in stored] == ["", "1.", "(i)"]
        assert all(one[2] == "" for one in stored)

    def test_a_row_added_waits_for_its_words(self, staff, edition):
        made, response = self.act(staff, edition, "add:0")
        assert made[1] == ""
        assert "autofocus" in response.content.decode()
        data = as_a_browser_sends(response) | {"text-1-text_en": "New.", "text-1-text_ru": "Новый."}
        staff.post(page(edition, "edit_text"), data)
        assert edition.paragraphs.get(position=2).text_en == "New."


class TestTwoPeople:
    def test_are_told_of_each_other(self, staff, client_of, other_staff, edition):
        cache.clear()
        assert "Also writing" not in staff.get(page(edition, "edit_text")).content.decode()
        shown = client_of(other_staff).get(page(edition, "edit_text")).context["others"]
        assert "support@example.org" in shown or "Support" in shown
        told = staff.get(page(edition, "edit_text"), {"present": "1"}).json()["told"]
        assert "Also writing in this text now" in told
        save(client_of(other_staff), edition)  # stored and left
        told = staff.get(page(edition, "edit_text"), {"present": "1"}).json()["told"]
        assert told == ""

    def test_both_changes_are_joined_and_nothing_is_lost(
        self, staff, client_of, other_staff, edition
    ):
        mine = sent(staff, edition, text_1_text_en="Mine;", text_2_text_en="Mine too.")
        save(client_of(other_staff), edition, text_0_text_en="Theirs", text_2_text_en="Also theirs")
        response = staff.post(page(edition, "edit_text"), mine)
        shown = " ".join(response.content.decode().split())
        assert "Somebody changed this text after you opened it" in shown
        assert "In 1 row, which is marked" in shown
        assert "Also theirs" in shown
        assert edition.paragraphs.get(position=2).text_en == ROWS[1]["text_en"]
        assert (
            staff.post(page(edition, "edit_text"), as_a_browser_sends(response)).status_code == 302
        )
        stored = list(edition.paragraphs.values_list("text_en", flat=True))
        assert stored == ["Theirs", "Mine;", "Mine too."]

    def test_a_third_change_is_noticed_too(self, staff, support_unit, edition):
        mine = sent(staff, edition, text_1_text_en="Mine;")
        texts.set_text(edition=edition, rows=[*ROWS, {"text_en": "x", "text_ru": "х"}], by=None)
        response = staff.post(page(edition, "edit_text"), mine)
        texts.set_text(edition=edition, rows=ROWS[:2], by=None)
        response = staff.post(page(edition, "edit_text"), as_a_browser_sends(response))
        assert response.status_code == 200
        assert "Somebody changed this text" in response.content.decode()


class TestPreview:
    @pytest.mark.parametrize("kind", ["en", "ru", "bilingual"])
    def test_shows_what_is_typed_and_stores_nothing(self, staff, edition, kind):
        data = sent(
            staff, edition, text_1_text_en="Typed;", text_1_text_ru="Набрано;", preview=kind
        )
        shown = staff.post(page(edition, "edit_text"), data).content.decode()
        assert ("Typed;" in shown) == (kind != "ru")
        assert ("Набрано;" in shown) == (kind != "en")
        assert "Nothing is stored." in shown
        assert "Original" in shown or kind != "bilingual"
        assert not edition.paragraphs.filter(text_en="Typed;").exists()

    def test_pdf(self, staff, edition):
        data = sent(staff, edition, text_1_text_en="Typed;", preview="pdf-bilingual")
        response = staff.post(page(edition, "edit_text"), data)
        assert response["Content-Type"] == "application/pdf"
        assert response.content.startswith(b"%PDF-")

    def test_a_malformed_mark_is_told_first(self, staff, edition):
        data = sent(staff, edition, text_1_text_en="{KZ", preview="en")
        shown = staff.post(page(edition, "edit_text"), data).content.decode()
        assert "Malformed mark near" in shown


def test_the_editor_asks_the_database_as_often_for_few_rows_as_for_many(staff, edition):
    def queries():
        with CaptureQueriesContext(connection) as asked:
            staff.get(page(edition, "edit_text"))
        return len(asked)

    queries()
    few = queries()
    rows = [{"text_en": f"Row {n}", "text_ru": f"Ряд {n}"} for n in range(20)]
    texts.set_text(edition=edition, rows=rows, by=None)
    assert queries() == few
