"""Pages that told too much, too little, or in two languages (rules M1, T6, S8)."""

import datetime as dt

import pytest
from django.test import Client
from django.utils import translation

from almaty_portal.common.instants import Precision, almaty_today, database_now
from almaty_portal.common.models import Notice
from documents.actions import silence
from documents.mail import remind
from documents.models import SilenceProcedure
from documents.templatetags.texts import since
from documents.views.silence.course import course
from membership.models import Observer, Standing
from tests.documents.test_silence_pages import url
from tests.factories.documents import a_procedure
from tests.factories.meetings import a_meeting

pytestmark = pytest.mark.django_db

DECISION = {"reason_en": "Letter of the Chair.", "reason_ru": "Письмо Председателя."}


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Since when is not known"), ("ru", "С какого времени, неизвестно")],
)
def test_since_is_of_one_language(language, words):
    with translation.override(language):
        assert since(None, Precision.UNKNOWN) == words
        assert ("Since" in since(dt.date(2016, 11, 1), Precision.MONTH)) == (language == "en")


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_member_state_is_no_observer(client, iran, language):
    """M1: whose participation was formalised stands among the Members alone."""
    Observer.objects.create(state=iran, from_on=almaty_today(), decision="Decision")
    name = {"en": "Iran", "ru": "Иран"}[language]
    address = url("observer_list", language=language)
    assert name in client.get(address).content.decode()
    Standing.objects.filter(state=iran).update(kind=Standing.Kind.MEMBER)
    assert name not in Client().get(address).content.decode()


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "If it does not agree, it objects in writing"), ("ru", "направляет письменное возра")],
)
def test_a_reminder_says_what_to_do_who_does_not_agree(
    support_unit, members, kazakhstan, coordinator, language, words
):
    coordinator.language = language
    coordinator.save()
    procedure = a_procedure(by=support_unit)
    remind(procedure, 24, [kazakhstan])
    assert words in Notice.objects.get(event__contains="reminder").email.message


def test_the_chair_keeps_its_capital_in_the_course(support_unit, members):
    procedure = a_procedure(by=support_unit)
    silence.withdraw(procedure=procedure, by=support_unit, **DECISION)
    procedure = SilenceProcedure.objects.get(pk=procedure.pk)
    now = database_now()
    notes = [one.note for one in course(procedure, procedure.status(now), now)]
    assert "Отозвано Председателем." in notes


@pytest.mark.parametrize(("language", "heading"), [("en", 'id="agenda"'), ("ru", 'id="agenda"')])
def test_no_empty_table_tells_of_items_that_are_not_public(
    client_of, support_unit, members, coordinator, language, heading
):
    """T6: a text that was referred is on the agenda for those who may follow its procedure."""
    procedure = a_procedure(by=support_unit)
    silence.withdraw(procedure=procedure, by=support_unit, **DECISION)
    day = almaty_today() + dt.timedelta(days=3)
    meeting = a_meeting(slug="to-come", from_on=day, last_on=day)
    silence.refer(procedure=procedure, meeting=meeting, by=support_unit, **DECISION)
    address = url("meeting_detail", "to-come", language=language)
    assert heading in client_of(coordinator).get(address).content.decode()
    assert heading not in Client().get(address).content.decode()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "is known only to those who are signed in"),
        ("ru", "известен порталу только для тех, кто вошел в систему"),
    ],
)
def test_the_public_is_told_why_a_note_may_be_unknown(client_of, support_unit, language, words):
    fields = {"sha256": "0" * 64}
    address = url("verify", language=language)
    assert words in Client().post(address, fields).content.decode()
    assert words not in client_of(support_unit).post(address, fields).content.decode()
