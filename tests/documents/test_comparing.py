"""Two editions against each other, and the text as at a day: rules T3, T6."""

import datetime as dt

import pytest

from documents.actions import archive, texts
from documents.models import Edition, Paragraph
from documents.redline import compare
from tests.factories.documents import ROWS, a_document, a_public_document

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    settings.SECOND_FACTOR_REQUIRED = False


def a_revision(first: Edition, rows, *, number=1, day=dt.date(2026, 2, 1), issued=True) -> Edition:
    edition = archive.create_edition(
        document=first.document,
        kind=Edition.Kind.REVISION,
        number=number,
        dated_on=day,
        supersedes=first,
        by=None,
    )
    texts.set_text(edition=edition, rows=rows, by=None)
    if issued:
        standings = {"en": "original", "ru": "authentic"}
        edition = archive.issue_edition(edition=edition, standings=standings, by=None)
    return edition


@pytest.fixture
def two_editions():
    """A final text of 1 January 2026 and its revision of 1 February 2026."""
    first = a_public_document(slug="one")
    rows = [*ROWS[:2], {**ROWS[2], "text_en": "Decide to protect all refugees."}]
    return first, a_revision(first, rows)


def test_what_changed_between_two_editions_word_by_word(client, two_editions):
    """T3: reached from the history, in both languages or one, all of it or what changed."""
    history = client.get("/en/documents/one/history/").content.decode()
    assert "/en/documents/one/compare/?from=final&amp;to=rev-1" in history
    page = client.get("/en/documents/one/compare/?from=final&to=rev-1").content.decode()
    assert "[inserted: </span>all <" in page
    assert "1 paragraph changed." in page
    assert "Recalling the Almaty Declaration" in page
    assert "Постановляют защищать беженцев." in page
    page = client.get("/ru/documents/one/compare/?from=final&to=rev-1&only=on&language=en")
    page = page.content.decode()
    assert "Изменен 1 пункт." in page
    assert "Recalling the Almaty Declaration" not in page
    assert "Постановляют" not in page
    page = client.get("/en/documents/one/compare/?from=final&to=rev-1&language=ru")
    assert "No word changed." in page.content.decode()


def test_without_parameters_the_text_in_force_and_the_one_before(client, two_editions):
    """T3: what was superseded is compared with what took its place."""
    page = client.get("/en/documents/one/compare/")
    assert page.context["before"].key == "final"
    assert page.context["after"].key == "rev-1"
    page = client.get("/en/documents/one/compare/?to=final")
    assert page.context["before"].key == "rev-1"


def test_a_clean_edition_of_a_historic_text_is_the_later_one(client):
    """T3: it was made after the text in force, beside which it stands."""
    first = a_document(slug="one", access="public")
    for kind in ("final", "clean"):
        edition = archive.create_edition(
            document=first.document, kind=kind, dated_on=dt.date(2026, 2, 1), historic=True, by=None
        )
        texts.set_text(edition=edition, rows=ROWS, by=None)
        standings = {"en": "original", "ru": "authentic"}
        archive.issue_edition(edition=edition, standings=standings, by=None)
    context = client.get("/en/documents/one/compare/").context
    assert (context["before"].key, context["after"].key) == ("final", "clean")


@pytest.mark.parametrize(
    ("query", "sentence"),
    [
        ("from=nothing&to=rev-1", "The document has no such edition: choose two from the lists."),
        ("from=final&to=draft", "The document has no such edition: choose two from the lists."),
        ("from=final&to=final", "These are one edition: choose two different ones."),
        ("from=final&to=rev-1&language=kk", "Choose English, Russian or both languages."),
        ("from=%00&to=<script>", "choose two from the lists."),
    ],
)
def test_bad_parameters_get_a_sentence(client, two_editions, query, sentence):
    """Whatever is asked wrongly is told at the form, and nothing is compared."""
    response = client.get(f"/en/documents/one/compare/?{query}")
    assert response.status_code == 400
    page = response.content.decode()
    assert sentence in page
    assert '<ins class="redline">' not in page
    assert "<script>" not in page.partition("<main")[2]


def test_an_edition_that_the_reader_may_not_see_is_not_there(client, client_of, coordinator):
    """T6: a draft is compared by those who read as Members; for others it is as if it were not."""
    first = a_public_document(slug="one")
    draft = archive.create_edition(
        document=first.document, kind="draft", dated_on=dt.date(2026, 3, 1), by=None
    )
    rows = [*ROWS, {"role": "operative", "number": "2.", "text_en": "Canary", "text_ru": "Кенар"}]
    texts.set_text(edition=draft, rows=rows, by=None)
    archive.issue_edition(edition=draft, standings={"en": "original", "ru": "authentic"}, by=None)
    address = "/en/documents/one/compare/?from=final&to=draft"
    assert "Canary" in client_of(coordinator).get(address).content.decode()
    seen, absent = client.get(address), client.get(address.replace("draft", "rev-7"))
    assert seen.status_code == absent.status_code == 200
    for page in (seen.content.decode(), absent.content.decode()):
        assert "There is nothing to compare yet." in page
        assert "Canary" not in page


def test_a_paragraph_that_moved_is_one_paragraph():
    """T4: taken out here and put in there, changed or not, it is shown once, in its new place."""

    def one(number, text):
        return Paragraph(anchor=number, number=number, role="operative", text_en=text, text_ru="")

    first = "The States agree to meet every year in Almaty."
    before = [one("1", first), one("2", "Second."), one("3", "Third one."), one("4", "Last.")]
    after = [one("1", "Second."), one("2", "Third one."), one("3", "Last."), one("4", first)]
    rows = compare(before, after)
    assert [row.change for row in rows] == ["changed", "changed", "changed", "moved"]
    assert rows[-1].number == "1 → 4"
    after[-1] = one("4", first.replace("Almaty", "Astana"))
    rows = compare(before, after)
    assert rows[-1].change == "moved"
    assert [run.text for run in rows[-1].runs["en"] if run.kind == "added"] == ["Astana"]
    after[-1] = one("4", "Something else altogether is said here.")
    assert [row.change for row in compare(before, after)].count("moved") == 0


def test_footnotes_are_compared(client):
    """T5: a footnote that changed is among the rows."""
    note = {"role": "footnote", "number": "1", "text_en": "Old note.", "text_ru": "Прежняя."}
    marked = {**ROWS[2], "text_en": "Decide[^1].", "text_ru": "Постановляют[^1]."}
    first = a_public_document(slug="one", rows=[marked, note])
    a_revision(first, [marked, {**note, "text_en": "New note."}])
    page = client.get("/en/documents/one/compare/").content.decode()
    assert "1 · footnote" in page
    assert "[deleted: </span>Old<" in page


def test_the_text_as_at_a_day(client, two_editions):
    """T3: the edition that was in force, from the day that it bears."""
    for day, label, words in (
        ("2026-01-01", "Final text", "Decide to protect refugees."),
        ("2026-01-31", "Final text", "Decide to protect refugees."),
        ("2026-02-01", "Rev.1", "Decide to protect all refugees."),
        ("01.02.2026", "Rev.1", "Decide to protect all refugees."),
    ):
        response = client.get(f"/en/documents/one/?as_at={day}")
        assert response.context["edition"].label == label, day
        assert words in response.content.decode()
        assert "The text in force on this day:" in response.content.decode()
    response = client.get("/ru/documents/one/?as_at=2025-12-31")
    assert response.status_code == 200
    assert "На эту дату действующего текста не было: 31 декабря 2025" in response.content.decode()
    assert "Постановляют" not in response.content.decode()


@pytest.mark.parametrize(
    ("day", "sentence"),
    [
        ("yesterday", "This is no day: write year, month and day, as in 2013-06-05."),
        ("", "Write the day: year, month and day, as in 2013-06-05."),
        ("2999-01-01", "This day is yet to come"),
    ],
)
def test_what_is_no_day_gets_a_sentence(client, two_editions, day, sentence):
    response = client.get("/en/documents/one/", {"as_at": day})
    assert response.status_code == 400
    assert sentence in response.content.decode()
    assert "Decide to protect all refugees." in response.content.decode()


def test_as_at_a_day_shows_no_text_that_the_reader_may_not_see(client, two_editions):
    """T6, S13: neither a draft nor what is not issued."""
    _first, second = two_editions
    a_revision(second, ROWS, number=2, day=dt.date(2026, 3, 1), issued=False)
    response = client.get("/en/documents/one/?as_at=2026-03-02")
    assert response.context["edition"].label == "Rev.1"


def test_a_withdrawn_document_is_not_compared(client, two_editions):
    """T8: only the tombstone is left at its addresses."""
    archive.withdraw_document(
        document=two_editions[0].document, reason_en="An error.", reason_ru="Ошибка.", by=None
    )
    for page in ("compare/?from=final&to=rev-1", "?as_at=2026-01-05"):
        response = client.get(f"/en/documents/one/{page}")
        assert response.status_code == 410
        assert "An error." in response.content.decode()
        assert "Decide to protect" not in response.content.decode()


def test_as_many_queries_for_many_paragraphs(client, django_assert_max_num_queries):
    """A comparison asks the database as often for a hundred paragraphs as for one."""
    rows = [
        {"role": "operative", "number": f"{n}.", "text_en": f"Word {n}.", "text_ru": f"Слово {n}."}
        for n in range(1, 101)
    ]
    first = a_public_document(slug="one", rows=rows)
    a_revision(first, rows[::-1][:60])
    with django_assert_max_num_queries(25):
        assert client.get("/en/documents/one/compare/").status_code == 200
