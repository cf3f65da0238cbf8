"""The pages of States and observers."""

import datetime as dt
import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from membership.models import NationalCoordinator, Standing, StateName
from tests.factories.membership import (
    DesignationFactory,
    ObserverFactory,
    OrganizationFactory,
    StandingFactory,
    StateFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["en", "ru"])
def test_members_stand_in_the_order_of_protocol(client, members, language):
    """M2: the English alphabetical order in both languages."""
    response = client.get(f"/{language}/members/")
    html = response.content.decode()
    assert response.status_code == 200
    assert f'<html lang="{language}">' in html
    order = ["afghanistan", "azerbaijan", "kazakhstan", "kyrgyzstan", "tajikistan"]
    places = [html.index(f'href="/{language}/members/{slug}/"') for slug in order]
    assert places == sorted(places)


def test_a_standing_that_is_open_is_no_membership(client, members, iran):
    """M1: a State in brackets is shown apart from the Members."""
    html = client.get("/en/members/").content.decode()
    assert html.index("tajikistan") < html.index("whose standing is still open")
    assert html.index("whose standing is still open") < html.index("/members/iran/")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_state_shows_its_history_and_names(client, language):
    """M1, M2: each standing with its dates and what it rests on; each name with its dates."""
    state = StateFactory(english="Turkey", russian="Турция")
    StateName.objects.filter(state=state).update(until_on=dt.date(2022, 6, 1), precision="month")
    StateName.objects.create(
        state=state,
        from_on=dt.date(2022, 6, 1),
        precision="month",
        short_en="Türkiye",
        short_ru="Турция",
        formal_en="Republic of Türkiye",
        formal_ru="Турецкая Республика",
    )
    StandingFactory(
        state=state,
        kind=Standing.Kind.REVIEW,
        until_precision="unknown",
        basis_en="A Note Verbale",
        basis_ru="Вербальная нота",
    )
    StandingFactory(state=state, from_on=None, from_precision="unknown")
    response = client.get(f"/{language}/members/turkey/")
    html = response.content.decode()
    assert response.status_code == 200
    assert html.count('class="ledger__item') == 2
    if language == "en":
        assert "A Note Verbale" in html
        assert "ended, date not known" in html
        assert "June 2022" in html
        assert "1 June 2022" not in html
    else:
        assert "Вербальная нота" in html


def test_only_public_contact_data_are_shown(client, kazakhstan):
    """The Coordinator's e-mail address is nobody's business; the public contact is shown."""
    user = UserFactory(email="private@example.org", name="The Coordinator")
    DesignationFactory(state=kazakhstan, user=user)
    NationalCoordinator.objects.update(public_contact="press@example.org")
    for page in ("/en/members/", "/en/members/kazakhstan/"):
        html = client.get(page).content.decode()
        assert "The Coordinator" in html
        assert "private@example.org" not in html
    assert "press@example.org" in client.get("/en/members/kazakhstan/").content.decode()


def test_whose_term_has_ended_is_not_shown(client, kazakhstan):
    """M3: a Coordinator whose term has ended is not the Coordinator."""
    user = UserFactory(name="The Former")
    DesignationFactory(state=kazakhstan, user=user)
    NationalCoordinator.objects.update(until_on=dt.date(2021, 1, 1))
    assert "The Former" not in client.get("/en/members/kazakhstan/").content.decode()


def test_a_state_without_a_standing_has_no_page(client):
    """M1: States that only attended a meeting have no page among the Members."""
    StateFactory(english="Elsewhere")
    assert client.get("/en/members/elsewhere/").status_code == 404
    assert client.get("/en/members/none/").status_code == 404


@pytest.mark.parametrize("language", ["en", "ru"])
def test_observers_stand_once_each_with_their_basis(client, language):
    """M4: an observer rests on a decision; a State on record twice stands in the list once."""
    state = StateFactory(english="Iran", russian="Иран")
    StandingFactory(state=state, kind=Standing.Kind.OBSERVER)
    ObserverFactory(organization=None, state=state, decision="Almaty Process/05/01/2015")
    ObserverFactory(organization=OrganizationFactory(name_en="The Union", name_ru="Союз"))
    response = client.get(f"/{language}/observers/")
    html = response.content.decode()
    assert response.status_code == 200
    assert html.count(f'href="/{language}/members/iran/"') == 1
    assert "Almaty Process/05/01/2015" in html
    assert ("The Union" if language == "en" else "Союз") in html


@pytest.mark.parametrize("page", ["/en/members/", "/ru/observers/", "/en/members/one/"])
def test_lists_ask_the_same_number_of_queries_for_1_and_20(client, page):
    """Lists of States and observers cost the same with 1 row and with 20."""
    one = StateFactory(english="One")
    counts = []
    for rows in (1, 19):
        for _number in range(rows):
            state = StateFactory()
            StandingFactory(state=state)
            DesignationFactory(state=state)
            observer = StateFactory()
            StandingFactory(state=observer, kind=Standing.Kind.OBSERVER)
            ObserverFactory()
            StandingFactory(state=one, until_precision="unknown")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("language", "badge", "since"),
    [("en", "Demonstration", "Since 1 "), ("ru", "Демонстрация", "С 1 ")],
)
def test_an_observer_of_the_demonstration_says_so(client, language, badge, since):
    """M4: what is no true record bears the mark, and no decision is claimed for it."""
    real = ObserverFactory(organization=OrganizationFactory(), decision="05/01/2015")
    observer = ObserverFactory(
        organization=OrganizationFactory(), decision="Made up", from_on=dt.date(2020, 1, 1)
    )
    html = client.get(f"/{language}/observers/").content.decode()
    assert "Made up" in html
    assert "status--info" not in html
    observer.focal_points.add(UserFactory(is_demonstration=True))
    html = client.get(f"/{language}/observers/").content.decode()
    assert "Made up" not in html
    assert real.decision in html
    assert re.search(rf"status--info[^<]*>\s*(<[^>]*>\s*)*{badge}", html)
    assert since in html
