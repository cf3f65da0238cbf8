"""Whose turn it is, when a term has overrun, and the page that shows it."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chairmanship.models import Chairmanship, Volunteer
from chairmanship.rotation import rotation, years_later
from membership.models import State, StateName, protocol_key
from tests.factories.membership import StandingFactory, StateFactory

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 6, 1)


def term(state: State, from_on: dt.date = dt.date(2025, 4, 24), **fields) -> Chairmanship:
    return Chairmanship.objects.create(state=state, from_on=from_on, **fields)


def volunteer(state: State, **fields) -> Volunteer:
    values = {"declared_on": dt.date(2026, 1, 1), "note_verbale": "1", **fields}
    return Volunteer.objects.create(state=state, **values)


def codes(states: list[State]) -> list[str]:
    return [state.code for state in states]


def test_the_next_chair_is_the_first_volunteer_after_the_present_one(members):
    """C1: English alphabetical order after the present Chair; those passed over have not
    volunteered."""
    term(members["AZ"])
    volunteer(members["TJ"])
    volunteer(members["AF"])
    result = rotation(DAY)
    assert result.next == members["TJ"]
    assert codes(result.passed_over) == ["KZ", "KG"]


def test_the_order_wraps_round(members):
    """C1: after the last State of the alphabet comes the first."""
    term(members["KG"])
    volunteer(members["AZ"])
    result = rotation(DAY)
    assert result.next == members["AZ"]
    assert codes(result.passed_over) == ["TJ", "AF"]


def test_without_a_volunteer_nobody_is_next(members):
    """C1: nothing is assumed of States that said nothing."""
    term(members["KZ"])
    result = rotation(DAY)
    assert result.next is None
    assert codes(result.passed_over) == ["KG", "TJ", "AF", "AZ"]


def test_turkiye_comes_before_turkmenistan(members):
    """M2: the order is that of the language, not of code points."""
    for code, iso3, english in (("TM", "TKM", "Turkmenistan"), ("TR", "TUR", "Türkiye")):
        state = StateFactory(code=code, iso3=iso3, english=english, russian=english)
        StandingFactory(state=state)
        volunteer(state)
    term(members["TJ"])
    assert rotation(DAY).next.code == "TR"


def test_a_declaration_counts_from_its_day_until_it_is_withdrawn(members):
    """C1: a State has volunteered while its declaration stands."""
    term(members["AZ"])
    volunteer(members["KZ"], withdrawn_on=dt.date(2026, 5, 1))
    volunteer(members["KG"], declared_on=dt.date(2026, 7, 1))
    volunteer(members["TJ"])
    assert rotation(DAY).next == members["TJ"]
    assert rotation(dt.date(2026, 4, 1)).next == members["KZ"]
    assert rotation(dt.date(2026, 8, 1)).next == members["KG"]


def test_only_members_have_a_turn(members, iran):
    """C1, M1: a State that is no Member is neither next nor passed over."""
    term(members["AZ"])
    volunteer(iran)
    result = rotation(DAY)
    assert result.next is None
    assert "IR" not in codes(result.passed_over)


@pytest.mark.parametrize(
    ("day", "overrun"), [(dt.date(2027, 4, 23), False), (dt.date(2027, 4, 24), True)]
)
def test_a_term_of_two_years_overruns(members, day, overrun):
    """C2: the portal warns of an overrun and never ends a term."""
    term(members["KZ"])
    assert rotation(day).overrun is overrun
    assert rotation(day).present.state == members["KZ"]


def test_a_vacancy_is_told_and_the_order_goes_on_from_the_last_chair(members):
    """C2: a vacancy is warned of."""
    term(members["KG"], dt.date(2020, 1, 1), until_on=dt.date(2022, 1, 1))
    volunteer(members["TJ"])
    volunteer(members["AF"])
    result = rotation(DAY)
    assert result.vacant
    assert result.next == members["TJ"]


def test_two_years_after_a_leap_day():
    """C2: 29 February plus two years is 1 March."""
    assert years_later(dt.date(2024, 2, 29), 2) == dt.date(2026, 3, 1)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_page_shows_terms_picture_and_the_name_of_the_time(client, members, language):
    """M2: a term of 2014 bears the name of 2014; the picture has a text alternative."""
    turkey = StateFactory(code="TR", iso3="TUR", english="Turkey", russian="Турция")
    StateName.objects.filter(state=turkey).update(until_on=dt.date(2022, 6, 1))
    StateName.objects.create(
        state=turkey,
        from_on=dt.date(2022, 6, 1),
        short_en="Türkiye",
        short_ru="Турция",
        formal_en="Republic of Türkiye",
        formal_ru="Турецкая Республика",
    )
    State.objects.filter(pk=turkey.pk).update(protocol_key=protocol_key("Türkiye"))
    term(turkey, dt.date(2014, 1, 1), until_on=dt.date(2016, 1, 1))
    term(members["KZ"], dt.date(2020, 1, 1))
    response = client.get(f"/{language}/chairmanship/")
    html = response.content.decode()
    assert response.status_code == 200
    assert f'<html lang="{language}">' in html
    assert '<svg viewBox="0 0' in html
    assert '<desc id="timeline-desc">' in html
    assert "alert--warning" in html  # the term of 2020 has overrun
    if language == "en":
        assert "Turkey" in html
        assert "Türkiye" not in html


def test_the_page_is_there_before_the_first_term(client):
    """An empty page is designed, too."""
    assert client.get("/en/chairmanship/").status_code == 200


def test_the_page_asks_the_same_number_of_queries_for_1_and_20_terms(client, members):
    """The page costs the same with 1 term and with 20."""
    term(members["KZ"], dt.date(1980, 1, 1), until_on=dt.date(1981, 1, 1))
    counts = []
    for years in (range(1981, 2000), range(0)):
        with CaptureQueriesContext(connection) as queries:
            client.get("/en/chairmanship/")
        counts.append(len(queries))
        for year in years:
            term(members["KG"], dt.date(year, 1, 1), until_on=dt.date(year + 1, 1, 1))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "January 2021 – 2022"), ("ru", "январь 2021 года – 2022 год")],
)
def test_an_end_told_by_its_year_shows_the_last_year_in_the_chair(client, members, language, words):
    """S16: the end is stored as the first day no longer in the Chair; of a year, the last one in
    it is shown."""
    term(
        members["KG"],
        dt.date(2021, 1, 1),
        from_precision="month",
        until_on=dt.date(2023, 1, 1),
        until_precision="year",
    )
    html = client.get(f"/{language}/chairmanship/").content.decode()
    assert html.count(words) == 2  # the list, and the alternative of the picture
    assert f"{words[:-9]}2023" not in html


def test_a_picture_wider_than_a_phone_says_that_it_slides(client, members):
    """The years to the right of a narrow screen are not lost on the reader."""
    term(members["KZ"])
    html = client.get("/en/chairmanship/").content.decode()
    assert '<p class="timeline__cue">Slide the picture sideways to see all years.</p>' in html
    assert "24 April 2025 – today" in html
    assert "Since 24 April 2025" in html
