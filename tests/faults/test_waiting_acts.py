"""S6: an act that waits for others longer than it may is refused, and that it came is on record."""

import datetime as dt
import threading
import time

import pytest
from django.db import transaction
from django.urls import reverse
from django.utils import translation

from almaty_portal.common.errors import DomainError, TooLate
from almaty_portal.common.instants import almaty_today
from almaty_portal.common.models import AuditRecord
from documents.actions import archive, silence, texts
from documents.actions.silence.receiving import locked
from documents.ledger import lock_chain
from documents.models import Edition, FollowUp, SilenceProcedure, SilenceResponse, UnstoredAct
from meetings.models import Meeting
from tests.conftest import signed_in_client
from tests.factories.documents import a_document, a_procedure, a_short_procedure
from tests.faults.conftest import at_once, member_states, wait_until

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("emptied_afterwards"),
]
HELD = {"the procedure": locked, "the ledger": lambda procedure: lock_chain()}


@pytest.fixture
def states():
    return member_states(3)


@pytest.mark.parametrize("held", list(HELD))
def test_an_objection_that_waits_across_its_deadline_leaves_a_trace(settings, staff, states, held):
    """Another transaction holds what it needs until the deadline has passed; it began in time."""
    settings.REQUEST_TIMEOUT_SECONDS = 7  # a lock is waited for two seconds
    procedure = a_short_procedure(settings, by=staff, seconds=2.5)
    point = (procedure.edition.paragraphs.get(number="1."), "Decide now.", "Решают сейчас.")
    (state, user), (_other, other_user), _third = states
    has_it, gave_up = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            HELD[held](procedure)
            has_it.set()
            gave_up.wait(timeout=20)

    def objection() -> SilenceResponse:
        has_it.wait(timeout=20)
        wait_until(procedure.deadline_at - dt.timedelta(seconds=1))
        try:
            with translation.override("en"):
                return silence.break_silence(
                    procedure=procedure, state=state, reason="No.", points=[point], by=user
                )
        finally:
            gave_up.set()

    _none, refused = at_once([hold, objection])
    assert isinstance(refused, DomainError)
    assert "was not stored: it has no effect. That it came is on record." in str(refused)
    assert not SilenceResponse.objects.exists()
    kept = UnstoredAct.objects.get()
    assert (kept.state, kept.by, kept.kind, kept.text) == (state, user, "objection", "No.")
    assert kept.points == [{"anchor": point[0].anchor, "en": point[1], "ru": point[2]}]
    assert kept.received_at < procedure.deadline_at < kept.refused_at
    assert kept.came_in_time
    assert AuditRecord.objects.get(action="act_not_stored").by == user

    # sent again it is late, and is on record as late
    with translation.override("en"), pytest.raises(TooLate):
        silence.break_silence(procedure=procedure, state=state, reason="No.", by=user)
    assert SilenceProcedure.objects.get().responses.get().late

    # the State and the Support Unit see it, and no other State
    sentence = "An act of your State could not be stored"
    assert sentence in page(user, procedure)
    assert "It had come before the deadline." in page(user, procedure)
    assert sentence not in page(other_user, procedure)
    address = reverse("admin:documents_silenceprocedure_change", args=[procedure.pk])
    told = signed_in_client(staff).get(address).content.decode()
    assert "Действия государств, которые не удалось сохранить" in told
    assert reverse("admin:documents_unstoredact_change", args=[kept.pk]) in told


def page(user, procedure) -> str:
    with translation.override("en"):
        address = reverse("silence_detail", args=[procedure.slug])
    response = signed_in_client(user).get(address)
    assert response.status_code == 200
    return response.content.decode()


def test_nobody_leaves_a_trace_for_another_state(settings, staff, states):
    """S3."""
    settings.REQUEST_TIMEOUT_SECONDS = 6
    procedure = a_short_procedure(settings, by=staff, seconds=60)
    (state, _user), (_other, other_user), _third = states
    has_it, gave_up = threading.Event(), threading.Event()

    def hold() -> None:
        with transaction.atomic():
            locked(procedure)
            has_it.set()
            gave_up.wait(timeout=20)

    def act() -> SilenceResponse:
        has_it.wait(timeout=20)
        try:
            return silence.acknowledge(procedure=procedure, state=state, by=other_user)
        finally:
            gave_up.set()

    _none, refused = at_once([hold, act])
    assert isinstance(refused, DomainError)
    assert not UnstoredAct.objects.exists()


def test_the_chairs_acts_that_wait_across_the_deadline_are_refused_in_words(
    settings, staff, states
):
    """S9, S10: an extension and a correction that began in time; the database refuses both."""
    procedure = a_short_procedure(settings, by=staff, seconds=3)
    rows = texts.text_rows(Edition.objects.with_text().get(pk=procedure.edition_id))
    rows[2] |= {name: rows[2][name] + ";" for name in ("text_en", "text_ru")}
    has_it = threading.Event()

    def hold() -> None:
        with transaction.atomic():
            locked(procedure)
            has_it.set()
            wait_until(procedure.deadline_at + dt.timedelta(seconds=1))

    def extension():
        has_it.wait(timeout=20)
        with translation.override("en"):
            return silence.extend(
                procedure=procedure,
                deadline_at=procedure.deadline_at + dt.timedelta(days=1),
                deadline_zone="UTC",
                reason_en="Letter 7.",
                reason_ru="Письмо 7.",
                by=staff,
            )

    def correction():
        has_it.wait(timeout=20)
        with translation.override("en"):
            return silence.correct_text(
                procedure=procedure, rows=rows, note_en="A sign.", note_ru="Знак.", by=staff
            )

    _none, *refused = at_once([hold, extension, correction])
    for one in refused:
        assert isinstance(one, DomainError), repr(one)
        assert str(one).startswith("What you did waited for other acts until its time had passed")


def test_two_texts_referred_at_once_are_two_items(staff, states):
    """S14: to one meeting; each becomes an item of its own."""
    day = almaty_today() + dt.timedelta(days=3)
    meeting = Meeting.objects.create(
        slug="m", type="som", title_en="M", title_ru="В", from_on=day, last_on=day
    )
    decision = {"reason_en": "Letter 7.", "reason_ru": "Письмо 7.", "by": staff}
    procedures = [a_procedure(by=staff) for _number in range(4)]
    for one in procedures:
        silence.withdraw(procedure=one, **decision)

    def referral(procedure):
        return lambda: silence.refer(procedure=procedure, meeting=meeting, **decision)

    done = at_once([referral(one) for one in procedures])
    assert [type(one) for one in done] == [FollowUp] * 4, done
    assert sorted(meeting.agenda.values_list("position", flat=True)) == [1, 2, 3, 4]


def test_an_opening_that_is_under_way_is_waited_for(staff, states):
    """S4: access is not changed, nor the document withdrawn, beneath a procedure being opened."""
    edition = a_document(by=staff)
    reasons = {"reason_en": "No.", "reason_ru": "Нет."}
    opened, asked = threading.Event(), threading.Event()

    def opening() -> None:
        with transaction.atomic():
            a_procedure(by=staff, edition=edition)
            opened.set()
            asked.wait(timeout=20)
            time.sleep(0.5)

    def change(act, **more):
        def begin():
            opened.wait(timeout=20)
            asked.set()
            return act(document=edition.document, by=staff, **reasons, **more)

        return begin

    _none, *refused = at_once(
        [opening, change(archive.set_access, access="public"), change(archive.withdraw_document)]
    )
    assert [type(one) for one in refused] == [DomainError, DomainError]
    edition.document.refresh_from_db()
    assert (edition.document.access, edition.document.withdrawn_at) == ("members", None)


def test_a_sweep_passes_by_while_an_act_holds_its_procedure(settings, staff, states):
    """S11: what locks a procedure changes no key of it, and is still waited for by nobody twice."""
    procedure = a_short_procedure(settings, by=staff, seconds=-26 * 60)
    with transaction.atomic():
        locked(procedure)
        assert at_once([silence.close_due]) == [0]
    assert silence.close_due() == 1
