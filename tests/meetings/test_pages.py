"""The pages of meetings."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from almaty_portal.common.instants import almaty_today
from chairmanship.models import Chairmanship
from meetings.models import AgendaItem, Delegation, ListEntry, Meeting, Participant
from membership.models import StateName
from tests.factories.membership import OrganizationFactory, StateFactory

pytestmark = pytest.mark.django_db


def a_meeting(slug: str = "conference", **fields) -> Meeting:
    return Meeting.objects.create(
        **{
            "slug": slug,
            "type": "ministerial_conference",
            "title_en": f"Conference {slug}",
            "title_ru": f"Конференция {slug}",
            "from_on": dt.date(2013, 6, 5),
            "last_on": dt.date(2013, 6, 5),
            **fields,
        }
    )


def an_entry(meeting: Meeting, number: int, delegation: Delegation, **fields) -> ListEntry:
    values = {"group": "observers", "printed_en": f"Entry {number}", "printed_ru": f"{number}-й"}
    return ListEntry.objects.create(
        meeting=meeting, number=number, delegation=delegation, **{**values, **fields}
    )


@pytest.mark.parametrize("language", ["en", "ru"])
def test_past_and_coming_meetings_are_told_apart(client, language):
    """G1: what is to come stands before what has been; a meeting of today is still to come."""
    a_meeting("past")
    today = almaty_today()
    a_meeting("today", from_on=today, last_on=today)
    response = client.get(f"/{language}/meetings/")
    html = response.content.decode()
    assert response.status_code == 200
    assert f'<html lang="{language}">' in html
    coming, past = (
        html[html.index('id="coming"') : html.index('id="past"')],
        html.split('id="past"')[1],
    )
    assert f"/{language}/meetings/today/" in coming
    assert f"/{language}/meetings/past/" in past


def test_the_list_is_narrowed_by_type(client):
    """G1: by type of meeting; an unknown type shows all."""
    a_meeting("one")
    a_meeting("two", type="senior_officials_meeting")
    html = client.get("/en/meetings/?type=senior_officials_meeting").content.decode()
    assert "/meetings/two/" in html
    assert "/meetings/one/" not in html
    assert "/meetings/one/" in client.get("/en/meetings/?type=%00").content.decode()


def test_dates_are_as_precise_as_their_source(client):
    """S16: a month is shown as a month, days of one month as a range."""
    a_meeting("month", precision="month")
    a_meeting("days", from_on=dt.date(2011, 3, 15), last_on=dt.date(2011, 3, 16))
    english = client.get("/en/meetings/").content.decode()
    assert "June 2013" in english
    assert "5 June 2013" not in english
    assert "15–16 March 2011" in english
    russian = client.get("/ru/meetings/").content.decode()
    assert "июнь 2013 года" in russian
    assert "15–16 марта 2011 года" in russian


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_list_of_participants_is_as_printed_and_explained(client, language):
    """G6: numbers and groups are the printed ones; who is entered twice is one participant."""
    meeting = a_meeting()
    union = Delegation.objects.create(meeting=meeting, organization=OrganizationFactory())
    an_entry(meeting, 10, union, printed_en="European Union", printed_ru="Европейский союз")
    an_entry(meeting, 18, union, printed_en="European Union", printed_ru="Европейский союз")
    html = client.get(f"/{language}/meetings/conference/").content.decode()
    assert html.count('class="participants__item"') == 2
    assert 'id="participant-10"' in html
    assert 'id="participant-18"' in html
    if language == "en":
        assert "2 numbered entries" in html
        assert "1 participant." in html
        assert "entered more than once, under the numbers 10, 18" in html


def test_the_agenda_has_times_and_people_have_their_country_of_the_time(client):
    """G4, M2: timed items; a State bears the name of the meeting's date."""
    meeting = a_meeting()
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
    AgendaItem.objects.create(
        meeting=meeting,
        position=1,
        starts_at=dt.time(10, 45),
        ends_at=dt.time(11, 15),
        title_en="Coffee Break",
        title_ru="Перерыв",
        speakers_en="One\nTwo",
    )
    Participant.objects.create(
        meeting=meeting,
        delegation=Delegation.objects.create(meeting=meeting, state=turkey),
        name_en="A Person",
        name_ru="Лицо",
        role="head_of_delegation",
    )
    html = client.get("/en/meetings/conference/").content.decode()
    assert "10:45–11:15" in html
    assert "Coffee Break" in html
    assert '<p class="agenda__speakers">Two</p>' in html
    assert "A Person" in html
    assert "(Turkey)" in html
    assert "Türkiye" not in html


def test_a_meeting_that_is_not_there(client):
    """No address is guessed."""
    assert client.get("/en/meetings/none/").status_code == 404


@pytest.mark.parametrize("page", ["/en/meetings/", "/ru/", "/en/meetings/conference/"])
def test_lists_ask_the_same_number_of_queries_for_1_and_20(client, page):
    """Lists of meetings, entries, people and items cost the same with 1 row and with 20."""
    meeting = a_meeting()
    counts = []
    for numbers in (range(1, 2), range(2, 21)):
        for number in numbers:
            country = StateFactory()
            a_meeting(f"m-{number}", country=country, host=country)
            delegation = Delegation.objects.create(meeting=meeting, state=country)
            an_entry(meeting, number, delegation)
            AgendaItem.objects.create(meeting=meeting, position=number, title_en="x", title_ru="x")
            Participant.objects.create(
                meeting=meeting, delegation=delegation, name_en="x", name_ru="x", role="speaker"
            )
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_chair_whose_first_day_is_not_told_is_not_said_to_chair(client, members):
    """S16: where a source tells the month alone, nobody is said to chair a meeting of that month;
    what is known is told."""
    Chairmanship.objects.create(
        state=members["KZ"],
        from_on=dt.date(2013, 6, 1),
        from_precision="month",
        note_en="Elected on that day; took office on 31 August 2013.",
    )
    a_meeting("first")
    a_meeting("later", from_on=dt.date(2013, 7, 1), last_on=dt.date(2013, 7, 1))
    html = client.get("/en/meetings/first/").content.decode()
    assert "the source does not tell the day on which its term began. Elected on that day" in html
    assert "does not tell the day" not in client.get("/en/meetings/later/").content.decode()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_type_is_not_said_twice(client, language):
    """G1: a title that says what the meeting is needs no type beside it."""
    a_meeting("one", title_en="3rd Ministerial Conference", title_ru="3-я Министерская конференция")
    html = client.get(f"/{language}/meetings/").content.decode().split('id="past"')[1]
    assert (
        html.casefold().count(
            "ministerial conference" if language == "en" else "министерская конференция"
        )
        == 1
    )
