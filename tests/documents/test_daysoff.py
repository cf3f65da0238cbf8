"""The warning of rule S5: a deadline on a weekend or holiday of an entitled State."""

import datetime as dt

import pytest
from django.utils import translation

from documents.daysoff import days_off
from tests.factories.membership import StateFactory

pytestmark = pytest.mark.django_db


def test_weekend_by_the_clock_of_the_capital(members):
    """Friday 22:00 UTC is Saturday in Almaty and Baku; Kabul rests on Friday and Saturday."""
    members["AZ"].time_zone = "Asia/Baku"
    members["AF"].time_zone = "Asia/Kabul"
    friday = dt.datetime(2026, 11, 27, 12, 0, tzinfo=dt.UTC)
    found, unknown = days_off(friday, members.values())
    assert [one.state.code for one in found] == ["AF"]
    assert unknown == []
    evening = friday.replace(hour=22)
    assert {one.state.code for one in days_off(evening, members.values())[0]} == set(members)
    assert {one.day for one in days_off(evening, members.values())[0]} == {dt.date(2026, 11, 28)}


def test_public_holiday_is_named(members):
    """Nauryz is a holiday in Kazakhstan."""
    with translation.override("en"):
        found, _unknown = days_off(dt.datetime(2027, 3, 22, 6, tzinfo=dt.UTC), [members["KZ"]])
    assert found[0].what == "Nowruz Holiday"
    with translation.override("ru"):
        found, _unknown = days_off(dt.datetime(2027, 3, 22, 6, tzinfo=dt.UTC), [members["KZ"]])
    assert found[0].what == "государственный праздник"


def test_a_working_day_warns_of_nothing(members):
    assert days_off(dt.datetime(2026, 11, 25, 6, tzinfo=dt.UTC), members.values()) == ([], [])


def test_a_calendar_that_is_not_known_is_said(db):
    state = StateFactory(code="XX")
    assert days_off(dt.datetime(2026, 11, 28, 6, tzinfo=dt.UTC), [state]) == ([], [state])
