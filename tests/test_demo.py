"""The demonstration: every role, on record, and nothing added by a second run."""

import datetime as dt

import pytest
from django.core.management import CommandError, call_command

from almaty_portal.common.models import AuditRecord
from documents.actions import texts
from documents.models import Edition, SilenceProcedure
from membership.models import NationalCoordinator, Observer, User
from tests.factories.documents import move_deadline
from tests.factories.membership import StateFactory


def test_the_demonstration_is_made_by_actions_once(settings, members, capsys):
    """S16: each account, observer and designation has its audit record."""
    StateFactory(code="TR", iso3="TUR", english="Türkiye", russian="Турция")
    settings.DEMO, settings.SILENCE_DEMO_PERIOD_MINUTES = True, 4
    call_command("load_demo")
    people = User.objects.all()
    assert people.count() == 9
    assert all(one.is_demonstration for one in people)
    acts = AuditRecord.objects.values_list("action", flat=True)
    assert list(acts).count("create_account") == 9
    assert list(acts).count("add_organization") == list(acts).count("add_observer") == 1
    assert list(acts).count("designate_coordinator") == NationalCoordinator.objects.count() == 6
    assert Observer.objects.get().focal_points.get().email == "observer@example.org"
    assert User.objects.get(email="support@example.org").has_perm("documents.add_silenceprocedure")
    before = AuditRecord.objects.count()
    call_command("load_demo")
    assert AuditRecord.objects.count() == before
    assert SilenceProcedure.objects.count() == 1
    assert "almaty-demonstration" in capsys.readouterr().out


def test_a_draft_left_half_written_never_hinders_the_next_start(settings, members):
    """The waiting draft is a visitor's to spoil: the next demonstration has a text of its own."""
    StateFactory(code="TR", iso3="TUR", english="Türkiye", russian="Турция")
    settings.DEMO, settings.SILENCE_DEMO_PERIOD_MINUTES = True, 4
    call_command("load_demo")
    waiting = Edition.objects.get(issued_at=None)
    row = {"role": "operative", "number": "1.", "text_en": "In 30 days.", "text_ru": "20 дней."}
    texts.set_text(edition=waiting, rows=[row], by=None)
    move_deadline(SilenceProcedure.objects.get(), -5)
    call_command("load_demo")
    assert SilenceProcedure.objects.count() == 2
    assert Edition.objects.get(issued_at=None) == waiting


def test_a_period_of_a_minute_is_long_enough(settings, members):
    """S16: it is measured again a little after the text has been checked."""
    StateFactory(code="TR", iso3="TUR", english="Türkiye", russian="Турция")
    settings.DEMO, settings.SILENCE_DEMO_PERIOD_MINUTES = True, 1
    call_command("load_demo")
    procedure = SilenceProcedure.objects.get()
    assert procedure.deadline_at - procedure.opened_at >= dt.timedelta(minutes=1)


@pytest.mark.django_db
def test_only_a_demonstration_has_open_accounts(settings):
    """S16."""
    settings.DEMO = False
    with pytest.raises(CommandError, match="DEMO=1 only"):
        call_command("load_demo")
    assert not User.objects.exists()
