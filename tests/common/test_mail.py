"""Notices and the outbox: one mail each, whatever a recipient's address or a title holds."""

import pytest
from django.conf import settings as portal
from django.core import mail as sent
from django.utils import translation
from post_office import mail as post_office
from post_office.models import STATUS, Email

from almaty_portal.common.mail import notify, send_waiting
from almaty_portal.common.models import Notice
from documents.actions import silence
from documents.models import SilenceOutcome, SilenceResponse
from membership.models import User
from tests.factories.documents import a_procedure

pytestmark = pytest.mark.django_db


def test_a_broken_address_never_undoes_the_act(
    support_unit, members, coordinator, other_coordinator, kazakhstan, caplog
):
    """S7, F10: the objection stands, the others are told, and what failed is on record."""
    procedure = a_procedure(by=support_unit)
    User.objects.filter(pk=other_coordinator.pk).update(email="no address at all")
    silence.break_silence(procedure=procedure, state=kazakhstan, reason="No.", by=coordinator)
    assert SilenceResponse.objects.filter(kind="objection").count() == 1
    assert SilenceOutcome.objects.get().result == "broken"
    told = {
        one.recipient_id: one.email
        for one in Notice.objects.filter(event=f"silence-{procedure.pk}-broken")
    }
    assert set(told) == {support_unit.pk, coordinator.pk, other_coordinator.pk}
    assert told[coordinator.pk].to == ["kz@example.org"]
    assert told[support_unit.pk].to == ["support@example.org"]
    assert told[other_coordinator.pk] is None
    assert "No mail about silence-" in caplog.text


def test_an_unknown_time_zone_of_one_reader_never_undoes_the_act(
    support_unit, members, coordinator, caplog
):
    """F10."""
    User.objects.filter(pk=coordinator.pk).update(time_zone="Mars/Olympus")
    procedure = a_procedure(by=support_unit)
    told = {one.recipient: one.email for one in Notice.objects.all()}
    assert told[coordinator] is None
    assert told[support_unit] is not None
    assert procedure.ledger.filter(step="opened").count() == 1


def test_words_of_people_are_no_template(support_unit, members):
    """P10: braces and percent signs in a title arrive as they were written."""
    title = "{{ recipient.password }} {% now 'Y' %} <b> & {x.__class__}"
    a_procedure(by=support_unit, title_en=title)
    email = Email.objects.get()
    assert email.subject == f"Under silence: {title}"
    assert title in email.message


def test_nobody_is_told_twice(support_unit, members):
    """F6."""
    with translation.override("en"):
        procedure = a_procedure(by=support_unit)
    again = {
        "event": f"silence-{procedure.pk}-opened",
        "recipients": [support_unit],
        "template": "silence_opened",
        "context": {"procedure": procedure, "document": procedure.edition.document},
    }
    assert notify(**again) == []
    assert Notice.objects.count() == Email.objects.count() == 1


def test_a_batch_is_on_record_before_the_worker_would_be_killed():
    """F6, F10: a worker killed in the middle of a batch would send its mails again."""
    assert portal.POST_OFFICE["BATCH_SIZE"] <= 10
    assert portal.POST_OFFICE["BATCH_DELIVERY_TIMEOUT"] + 5 < portal.CELERY_TASK_SOFT_TIME_LIMIT


def test_tasks_of_a_beat_whose_clock_is_behind_are_not_dropped():
    """F4: a worker an hour ahead of beat throws away what has expired by its own clock."""
    for name in ("close-due-silence", "send-notices"):
        assert portal.CELERY_BEAT_SCHEDULE[name]["options"]["expires"] > 3600


def test_a_run_sends_what_waits_in_small_batches(db, monkeypatch):
    """F6: each batch is on record before the next begins."""
    for number in range(25):
        post_office.send(f"p{number}@example.org", "portal@example.org", subject="S", message="M")
    on_record = []
    from almaty_portal.common import mail

    def watched(**options):
        on_record.append(Email.objects.filter(status=STATUS.sent).count())
        return post_office.send_queued(**options)

    monkeypatch.setattr(mail, "send_queued", watched)
    assert send_waiting() == (25, 0)
    assert on_record == [0, 10, 20]
    assert len(sent.outbox) == 25
    assert send_waiting() == (0, 0)
