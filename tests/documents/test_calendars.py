"""Deadlines in calendars: one event, its alarms, its changes; whose address opens what."""

import datetime as dt

import pytest
from django.core import mail as sent
from django.utils import translation
from icalendar import Calendar

from almaty_portal.common.mail import send_waiting
from almaty_portal.common.models import Notice
from documents import calendars
from documents.actions import silence
from tests.documents.test_silence_pages import url
from tests.factories.documents import a_procedure

pytestmark = pytest.mark.django_db


@pytest.fixture
def procedure(support_unit, members, coordinator, other_coordinator):
    return a_procedure(by=support_unit)


def unfolded(content: bytes) -> list[str]:
    """The lines of a calendar, read by RFC 5545 without a library."""
    text = content.decode()
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    assert all(len(line.encode()) <= 75 for line in text.split("\r\n"))
    return text.replace("\r\n ", "").split("\r\n")


def one_event(content: bytes):
    (event,) = Calendar.from_ical(content).walk("VEVENT")
    return event


@pytest.mark.parametrize("language", ["en", "ru"])
def test_event_with_three_alarms(procedure, client_of, coordinator, language):
    answer = client_of(coordinator).get(url("silence_calendar", procedure.slug, language=language))
    assert answer["Content-Type"].startswith("text/calendar")
    assert "no-store" in answer["Cache-Control"]
    event = one_event(answer.content)
    assert event["DTSTART"].dt == procedure.deadline_at.replace(microsecond=0)
    assert event["SEQUENCE"] == 0
    assert str(event["STATUS"]) == "CONFIRMED"
    assert f"/{language}/portal/silence/{procedure.slug}/" in str(event["URL"])
    title = {"en": "Deadline: Demonstration decision", "ru": "Срок: Учебное решение"}[language]
    assert str(event["SUMMARY"]) == title
    triggers = [alarm["TRIGGER"].dt for alarm in event.walk("VALARM")]
    assert triggers == [-dt.timedelta(hours=hours) for hours in (72, 24, 3)]
    lines = unfolded(answer.content)
    assert lines.count("BEGIN:VEVENT") == lines.count("END:VEVENT") == 1
    assert "METHOD:PUBLISH" in lines
    assert lines.count("BEGIN:VALARM") == 3


def test_line_breaks_in_a_title_add_no_line(support_unit, members, client_of, coordinator):
    """P10."""
    title = "A\r\nATTENDEE:mailto:evil@example.org\nEND:VEVENT\x00, b; \\ c"
    procedure = a_procedure(by=support_unit, title_en=title.replace("\x00", ""))
    content = client_of(coordinator).get(url("silence_calendar", procedure.slug)).content
    lines = unfolded(content)
    assert not any(line.startswith("ATTENDEE") for line in lines)
    assert lines.count("END:VEVENT") == 1
    expected = "Deadline: A ATTENDEE:mailto:evil@example.org END:VEVENT, b; \\ c"
    assert " ".join(str(one_event(content)["SUMMARY"]).split()) == expected


def attachment_of(notice):
    (attached,) = notice.email.attachments.all()
    with attached.file.open() as file:
        return attached, file.read()


def test_mails_carry_it_and_each_change_grows_the_sequence(
    procedure, support_unit, coordinator, kazakhstan
):
    """S9: opened, extended, broken; the same UID."""
    silence.extend(
        procedure=procedure,
        deadline_at=procedure.deadline_at + dt.timedelta(hours=24),
        deadline_zone="Asia/Almaty",
        reason_en="A letter",
        reason_ru="Письмо",
        by=support_unit,
    )
    silence.break_silence(procedure=procedure, state=kazakhstan, reason="No.", by=coordinator)
    found = []
    for about in ("-opened", "-extended-", "-broken"):
        notice = Notice.objects.get(event__contains=about, recipient=coordinator)
        attached, content = attachment_of(notice)
        assert attached.mimetype.startswith("text/calendar")
        found.append(one_event(content))
    assert len({str(event["UID"]) for event in found}) == 1
    assert [event["SEQUENCE"] for event in found] == [0, 1, 2]
    assert [str(event["STATUS"]) for event in found] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert found[1]["DTSTART"].dt - found[0]["DTSTART"].dt == dt.timedelta(hours=24)
    assert str(found[0]["SUMMARY"]).startswith("Срок: ")
    assert not found[2].walk("VALARM")
    assert "METHOD:CANCEL" in unfolded(content)


def test_it_leaves_with_the_mail_and_the_same_message_id_on_retry(procedure, coordinator):
    email = Notice.objects.get(event__contains="-opened", recipient=coordinator).email
    identity = email.message_id
    send_waiting()
    message = next(one for one in sent.outbox if one.to == ["kz@example.org"])
    ((name, content, kind),) = message.attachments
    assert name == f"{procedure.slug}.ics"
    assert kind.startswith("text/calendar")
    assert one_event(content if isinstance(content, bytes) else content.encode())
    assert message.extra_headers["Message-ID"] == identity


class TestPersonalAddress:
    def address(self, client_of, person):
        page = client_of(person).get(url("portal_home"))
        assert page.context["calendar"] in page.content.decode()
        return page.context["calendar"]

    def test_shows_the_deadlines_of_its_owner_in_their_language(
        self, procedure, client_of, coordinator, client
    ):
        answer = client.get(self.address(client_of, coordinator))
        event = one_event(answer.content)
        assert str(event["SUMMARY"]) == "Срок: Учебное решение"
        assert "/ru/portal/" in str(event["URL"])
        assert "no-store" in answer["Cache-Control"]

    def test_is_not_guessed(self, procedure, client, coordinator, other_coordinator):
        """P11: another person's number under one's own signature opens nothing."""
        number, mark, signature = calendars.token_of(coordinator).split(".")
        for token in (
            f"{other_coordinator.pk}.{mark}.{signature}",
            f"{number}.{mark}.{signature[:-1]}",
            f"{number}.{mark}",
            "x",
            "1.2.3",
        ):
            assert client.get(f"/calendar/{token}.ics").status_code == 404

    @pytest.mark.parametrize("what", ["password", "term", "account"])
    def test_dies_with_the_rights(self, procedure, client_of, client, coordinator, what):
        """P9, M3."""
        address = self.address(client_of, coordinator)
        if what == "password":
            coordinator.set_password("another passphrase of mine")
            coordinator.save()
        elif what == "account":
            coordinator.is_active = False
            coordinator.save()
        else:
            coordinator.designations.update(until_on=dt.date(2026, 1, 1))
        assert client.get(address).status_code == 404

    def test_observer_and_outsider_have_none(self, procedure, client_of, observer, chair):
        for person in (observer, chair):
            assert not client_of(person).get(url("portal_home")).context["calendar"]

    def test_one_query_more_for_no_procedure(
        self, support_unit, members, coordinator, client, django_assert_max_num_queries
    ):
        address = f"/calendar/{calendars.token_of(coordinator)}.ics"
        for _number in range(12):
            with translation.override("en"):
                a_procedure(by=support_unit)
        with django_assert_max_num_queries(25):
            answer = client.get(address)
        assert len(Calendar.from_ical(answer.content).walk("VEVENT")) == 12


@pytest.mark.parametrize(
    ("person", "status"),
    [("anonymous", 404), ("observer", 404), ("chair", 404), ("support_unit", 200)],
)
def test_follows_who_may_see_the_procedure(procedure, client_of, request, person, status):
    """T6."""
    client = client_of(request.getfixturevalue(person))
    assert client.get(url("silence_calendar", procedure.slug)).status_code == status
