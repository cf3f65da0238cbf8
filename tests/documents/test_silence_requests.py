"""P7, P11, P12: what reaches a procedure through pages and past them, and what never does."""

import datetime as dt

import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.urls import reverse
from django.utils import translation

from almaty_portal.common.errors import DomainError
from almaty_portal.common.models import AuditRecord, Notice
from documents.actions import silence
from documents.models import (
    Decision,
    LedgerEntry,
    SilenceOutcome,
    SilenceProcedure,
    SilenceResponse,
)
from membership.models import Standing
from tests.factories.documents import a_procedure, a_public_document, a_short_procedure
from tests.factories.membership import StandingFactory, UserFactory

pytestmark = pytest.mark.django_db

ACTS = {
    "silence_acknowledge": {},
    "silence_position": {"kind": "joins", "text": ""},
    "silence_break": {"reason": "No."},
    "silence_confirm": {"understood": "on"},
    "silence_answer": {"answer": "participates", "reason": ""},
    "silence_answer_confirm": {"understood": "on"},
}


@pytest.fixture
def procedure(support_unit, members):
    return a_procedure(by=support_unit)


def on_record() -> tuple[int, ...]:
    return tuple(
        model.objects.count()
        for model in (SilenceResponse, SilenceOutcome, LedgerEntry, Notice, AuditRecord)
    )


@pytest.mark.parametrize("name", ACTS)
def test_an_act_without_the_token_of_its_form_is_refused(procedure, coordinator, name):
    """P7."""
    client = Client(enforce_csrf_checks=True)
    client.force_login(coordinator, backend="django.contrib.auth.backends.ModelBackend")
    before = on_record()
    assert client.post(reverse(name, args=[procedure.slug]), ACTS[name]).status_code == 403
    assert on_record() == before


@pytest.mark.parametrize("name", ACTS)
def test_reading_an_address_acts_in_nothing(procedure, coordinator, client_of, name):
    """P7: a mail scanner follows every link, with whatever it finds in it."""
    before = on_record()
    for method in ("get", "head", "options"):
        getattr(client_of(coordinator), method)(reverse(name, args=[procedure.slug]), ACTS[name])
    assert on_record() == before


def test_a_form_sent_twice_acts_once(procedure, coordinator, client_of):
    """P7, S7."""
    client = client_of(coordinator)
    client.post(reverse("silence_break", args=[procedure.slug]), {"reason": "No."})
    path = reverse("silence_confirm", args=[procedure.slug])
    assert client.post(path, {"understood": "on"}).status_code == 302
    client.post(path, {"understood": "on"})
    assert SilenceResponse.objects.count() == 1
    assert SilenceOutcome.objects.count() == 1
    told = Notice.objects.filter(event__contains="broken", recipient=coordinator)
    assert told.count() == 1


@pytest.mark.parametrize("name", ["silence_acknowledge", "silence_position", "silence_break"])
def test_a_coordinator_acts_for_no_other_state(
    procedure, coordinator, other_coordinator, azerbaijan, client_of, name
):
    """P11: the State is that of the designation, whatever the form or the session says."""
    client = client_of(coordinator)
    session = client.session
    session["state"] = azerbaijan.code
    session.save()
    fields = {**ACTS[name], "state": azerbaijan.pk, "by": other_coordinator.pk}
    assert (
        client.post(f"{reverse(name, args=[procedure.slug])}?state=AZ", fields).status_code == 302
    )
    if name == "silence_break":  # the second step is the act
        client.post(
            reverse("silence_confirm", args=[procedure.slug]), {**fields, "understood": "on"}
        )
    response = SilenceResponse.objects.get()
    assert (response.state.code, response.by) == ("KZ", coordinator)


@pytest.mark.parametrize("name", ACTS)
def test_a_procedure_that_addresses_another_state_is_not_there_to_act_in(
    support_unit, azerbaijan, members, coordinator, client_of, name
):
    """P11, S3."""
    procedure = a_procedure(
        by=support_unit,
        edition=a_public_document(by=support_unit),
        kind="participation_window",
        silence_means="lapses",
        states=[azerbaijan],
    )
    answer = client_of(coordinator).post(reverse(name, args=[procedure.slug]), ACTS[name])
    assert answer.status_code == 404
    assert not SilenceResponse.objects.exists()


def test_the_actions_ask_who_acts(procedure, coordinator, other_coordinator, azerbaijan):
    """P11: whatever calls them, as a page, an API or a command."""
    for act, more in (
        (silence.acknowledge, {}),
        (silence.take_position, {"kind": "joins", "text": ""}),
        (silence.break_silence, {"reason": "No."}),
    ):
        with translation.override("en"), pytest.raises(DomainError, match="acts for"):
            act(procedure=procedure, state=azerbaijan, by=coordinator, **more)
    assert not SilenceResponse.objects.exists()


@pytest.fixture
def closed(settings, support_unit, members, coordinator, kazakhstan):
    procedure = a_short_procedure(settings, by=support_unit, seconds=60)
    silence.acknowledge(procedure=procedure, state=kazakhstan, by=coordinator)
    silence.break_silence(procedure=procedure, state=kazakhstan, reason="No.", by=coordinator)
    other = a_short_procedure(settings, by=support_unit, seconds=-26 * 60, title_en="Adopted")
    silence.close_due()
    assert SilenceOutcome.objects.count() == 2
    return procedure, other


@pytest.fixture(params=["support_unit", "superuser"])
def staff(request, support_unit):
    if request.param == "superuser":
        return UserFactory(email="root@example.org", is_staff=True, is_superuser=True)
    return support_unit


@pytest.mark.parametrize(
    "model", [SilenceProcedure, SilenceOutcome, SilenceResponse, LedgerEntry, Decision]
)
def test_staff_change_nothing_of_a_closed_procedure_on_their_pages(closed, staff, client_of, model):
    """P12: neither change nor add nor delete, whoever they are."""
    client = client_of(staff)
    before = rows_of(model)
    audited = AuditRecord.objects.count()
    changed = {
        "title_en": "Changed",
        "deadline_at_0": "2020-01-01",
        "deadline_at_1": "00:00",
        "effective_at_0": "2020-01-01",
        "effective_at_1": "00:00",
        "result": "adopted",
        "reason": "Changed",
        "taken_on": "2020-01-01",
        "post": "yes",
    }
    for pk in model.objects.values_list("pk", flat=True):
        for page in ("change", "delete"):
            if page == "change" and model is Decision:
                continue  # a note on it may be corrected; the trigger keeps the rest (below)
            answer = client.post(f"/admin/documents/{model._meta.model_name}/{pk}/{page}/", changed)
            assert answer.status_code in (403, 404), (model, page)
    assert rows_of(model) == before
    assert AuditRecord.objects.count() == audited


def rows_of(model) -> list:
    """Every row; what it calls a title is the one of the language."""
    with translation.override("en"):
        return list(model.objects.order_by("pk").values())


PAST = "'2020-01-01 00:00:00+00'"


@pytest.mark.parametrize(
    "statement",
    [
        f"UPDATE documents_silenceprocedure SET deadline_at = {PAST}",
        "UPDATE documents_silenceprocedure SET deadline_at = deadline_at + interval '1 day'",
        f"UPDATE documents_silenceprocedure SET opened_at = {PAST}",
        "UPDATE documents_silenceprocedure SET title_en = 'Changed'",
        "DELETE FROM documents_silenceprocedure",
        f"UPDATE documents_silenceoutcome SET effective_at = {PAST}",
        f"UPDATE documents_silenceoutcome SET recorded_at = {PAST}",
        "UPDATE documents_silenceoutcome SET result = 'withdrawn', broken_by_id = NULL",
        "DELETE FROM documents_silenceoutcome",
        f"UPDATE documents_silenceresponse SET received_at = {PAST}",
        "UPDATE documents_silenceresponse SET late = NOT late",
        "UPDATE documents_silenceresponse SET reason = 'Changed'",
        "DELETE FROM documents_silenceresponse",
        "DELETE FROM documents_entitlement",
        f"UPDATE documents_ledgerentry SET recorded_at = {PAST}",
        "UPDATE documents_decision SET taken_on = '2020-01-01'",
        f"UPDATE documents_decision SET effective_at = {PAST}",
        "DELETE FROM documents_decision",
        "UPDATE documents_paragraph SET text_en = 'Changed'",
        "TRUNCATE documents_silenceresponse CASCADE",
    ],
)
def test_sql_changes_nothing_of_a_closed_procedure(closed, statement):
    """P12: kept by the database, whatever asks for it."""
    with (
        pytest.raises(DatabaseError) as refused,
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)
    assert "does not exist" not in str(refused.value)


def test_no_objection_is_dated_back_into_a_closed_procedure(closed, kazakhstan, members):
    """P12, S6: the moment of receipt is a reading of the clock, and the end is the end."""
    _broken, adopted = closed
    for received in (adopted.deadline_at - dt.timedelta(seconds=1), adopted.outcome.recorded_at):
        with pytest.raises(DatabaseError), transaction.atomic():
            SilenceResponse.objects.create(
                procedure=adopted,
                state=kazakhstan,
                kind="objection",
                reason="No.",
                received_at=received,
            )


def test_no_state_is_entitled_after_the_opening(closed):
    """P12, S3."""
    iran = StandingFactory(kind=Standing.Kind.MEMBER).state
    for procedure in closed:
        with pytest.raises(DatabaseError), transaction.atomic():
            procedure.electorate.add(iran)
