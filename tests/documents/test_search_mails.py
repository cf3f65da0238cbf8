"""Mails about what is new to a saved search: what, to whom, once (T6, F6)."""

import datetime as dt
import re

import pytest
from django.core import mail as sent_mails
from django.db import connection
from django.test import Client
from post_office.models import Email

from almaty_portal.common.instants import database_now
from almaty_portal.common.mail import put_in_outbox, send_waiting
from almaty_portal.common.models import AuditRecord, Notice
from documents import alerts, periodic
from documents.actions import access, archive, searches
from documents.models import SavedSearch, SearchHit
from membership.models import NationalCoordinator
from tests.documents.test_saved_searches import save
from tests.factories.documents import a_document, a_public_document
from tests.faults.conftest import (  # noqa: F401 (fixtures)
    at_once,
    coordinators,
    emptied_afterwards,
    staff,
)

pytestmark = pytest.mark.django_db


def next_morning() -> int:
    """Let every search be due again on another day, and tell what is new; how many were told."""
    SavedSearch.objects.update(looked_at=database_now() - dt.timedelta(days=8))
    for number, notice in enumerate(Notice.objects.filter(event__startswith="searches-2")):
        Notice.objects.filter(pk=notice.pk).update(event=f"searches-before-{notice.pk}-{number}")
    return searches.tell_new()


def restricted(**fields):
    return a_document(issued=True, kind="final", access="members", **fields).document


def mails(person) -> list[str]:
    found = Email.objects.filter(notice__recipient=person, notice__event__startswith="searches")
    return [one.message for one in found.order_by("pk")]


def test_only_what_is_new_is_told_and_once(coordinator):
    a_public_document(title_ru="Canary из прошлого")
    kept = save(coordinator)
    assert next_morning() == 0, "nothing is new"
    new = a_public_document(title_ru="Canary новая").document
    a_public_document(title_ru="О другом")
    assert next_morning() == 1
    [mail] = mails(coordinator)
    assert "- Canary новая\n" in mail
    assert f"/ru/documents/{new.slug}/" in mail
    assert "из прошлого" not in mail
    assert "О другом" not in mail
    kept.refresh_from_db()
    assert kept.told_at is not None
    assert next_morning() == 0, "a day later it is not new"
    SearchHit.objects.filter(document=new).delete()  # and again, could it be forgotten
    assert next_morning() == 1


@pytest.mark.parametrize(
    ("who", "told"), [("coordinator", True), ("observer", False), ("support_unit", True)]
)
def test_only_what_the_person_may_see_at_that_moment(request, who, told):
    """T6: by the access, the office and the withdrawal of then; opened later, it is new to them."""
    person = request.getfixturevalue(who)
    save(person)
    document = restricted(title_en="Canary", title_ru="Canary")
    gone = restricted(title_en="Canary gone", title_ru="Canary gone")
    archive.withdraw_document(document=gone, reason_en="x", reason_ru="х", by=None)
    assert next_morning() == told
    reasons = {"reason_en": "x", "reason_ru": "х"}
    for level, now_told in (("public", not told), ("support_unit", False), ("public", False)):
        access.set_access(document=document, access=level, by=None, **reasons)
        assert next_morning() == now_told, level
    [mail] = mails(person)
    assert "gone" not in mail
    assert mail.count(document.slug) == 1


@pytest.mark.parametrize("how", ["restricted", "withdrawn", "office"])
@pytest.mark.parametrize("others", [0, 1])
def test_a_waiting_mail_names_nothing_that_was_closed_meanwhile(coordinator, how, others):
    """T6: judged at the moment of sending, whatever closed it; what is left is told."""
    kept = save(coordinator)
    document = restricted(title_en="Canary", title_ru="Canary тайная")
    for _other in range(others):
        a_public_document(title_ru="Canary открытая")
    assert next_morning() == 1
    assert "тайная" in mails(coordinator)[0]
    reasons = {"reason_en": "x", "reason_ru": "х"}
    if how == "restricted":
        access.set_access(document=document, access="support_unit", by=None, **reasons)
    elif how == "withdrawn":
        archive.withdraw_document(document=document, by=None, **reasons)
    else:
        NationalCoordinator.objects.filter(user=coordinator).update(until_on="2021-01-01")
    send_waiting()
    assert [one.subject for one in sent_mails.outbox] == (
        ["1 новый документ в Ваших сохраненных поисках"] * others
    )
    assert not any("тайная" in one.body for one in sent_mails.outbox)
    assert not any("тайная" in one for one in mails(coordinator))
    assert kept.hits.count() == others  # opened again, it is new
    assert AuditRecord.objects.filter(action="take_back_mail").count() == 1
    send_waiting()
    assert len(sent_mails.outbox) == others


def test_a_mail_that_cannot_be_judged_waits_and_holds_up_no_other(
    coordinator, support_unit, monkeypatch
):
    save(coordinator)
    a_public_document(title_ru="Canary")
    assert next_morning() == 1
    put_in_outbox(address="a@example.org", language="en", subject="Silence", body="Closes today.")
    monkeypatch.setattr(searches, "write_anew", lambda *_given: 1 / 0)
    send_waiting()
    assert [one.subject for one in sent_mails.outbox] == ["Silence"]
    assert len(mails(coordinator)) == 1


def test_nothing_to_those_whose_office_or_account_ended(coordinator, other_coordinator, observer):
    for person in (coordinator, other_coordinator, observer):
        save(person)
    NationalCoordinator.objects.filter(user=coordinator).update(until_on="2021-01-01")
    other_coordinator.is_active = False
    other_coordinator.save()
    a_public_document(title_en="Canary")
    assert next_morning() == 1
    assert Notice.objects.get().recipient == observer
    NationalCoordinator.objects.filter(user=coordinator).update(until_on=None)
    assert next_morning() == 1, "in office again, it is told what came meanwhile"


def test_the_mail_is_in_the_language_of_the_person(coordinator, support_unit):
    for person in (coordinator, support_unit):
        save(person, name="Птицы", type="report")
    a_public_document(title_en="A canary", title_ru="Птица canary", type="report")
    assert next_morning() == 2
    english, russian = (
        Email.objects.get(notice__recipient=one) for one in (support_unit, coordinator)
    )
    assert english.subject == "1 new document in your saved searches"
    assert russian.subject == "1 новый документ в Ваших сохраненных поисках"
    for mail, language, words in (
        (english, "en", ["Search: Птицы", "“canary” · Type: Report", "- A canary\n", "Report"]),
        (russian, "ru", ["Поиск: Птицы", "«canary» · Вид: Доклад", "- Птица canary\n"]),
    ):
        for one in words:
            assert one in mail.message
        assert f"/{language}/portal/searches/\n" in mail.message
        assert mail.headers["Content-Language"] == language
        assert "\n\n\n" not in mail.message


def test_one_mail_for_all_searches_of_a_person(coordinator):
    save(coordinator, frequency="weekly")
    save(coordinator, name="Reports", question="", type="report")
    save(coordinator, name="Silent", question="", type="report", language="en", frequency="never")
    for number in range(23):
        a_public_document(title_ru=f"Canary {number}", type="report")
    assert next_morning() == 1
    [mail] = mails(coordinator)
    assert "Поиск: Canaries" in mail
    assert "Поиск: Reports" in mail
    assert "Silent" not in mail
    assert mail.count("И еще 3 документа:\n") == 2
    assert Email.objects.get().subject == "23 новых документа в Ваших сохраненных поисках"
    [record] = AuditRecord.objects.filter(action="tell_searches")
    assert record.by is None
    assert sorted(record.detail["documents"].values()) == [23, 23]


def test_a_name_or_title_of_many_lines_forges_nothing(coordinator):
    """P10."""
    save(coordinator, name="Birds\nBcc: x@example.org")
    a_public_document(title_ru="Canary {{ recipient.email }}\n\nhttps://example.org/")
    assert next_morning() == 1
    [mail] = mails(coordinator)
    assert "Поиск: Birds Bcc: x@example.org\n" in mail
    assert "- Canary {{ recipient.email }} https://example.org/\n" in mail


@pytest.mark.parametrize(
    ("zone", "now", "morning"),
    [
        ("Asia/Almaty", "2026-11-25T02:00+00:00", "2026-11-25T07:00+05:00"),
        ("Asia/Almaty", "2026-11-25T01:59+00:00", "2026-11-24T07:00+05:00"),
        ("Europe/Istanbul", "2026-11-25T03:59+00:00", "2026-11-24T07:00+03:00"),
        ("Asia/Kabul", "2026-11-25T02:30+00:00", "2026-11-25T07:00+04:30"),
        ("Nowhere", "2026-11-25T02:00+00:00", "2026-11-25T07:00+05:00"),
    ],
)
def test_when_a_search_is_due(coordinator, zone, now, morning):
    """Every day at seven in the person's zone, or on Monday; what was missed is done later."""
    coordinator.time_zone = zone
    begun = dt.datetime.fromisoformat(morning)
    assert alerts.morning_of(coordinator, dt.datetime.fromisoformat(now)) == begun
    daily = save(coordinator)
    weekly = save(coordinator, question="other", frequency="weekly")
    save(coordinator, question="third", frequency="never")
    monday = begun - dt.timedelta(days=begun.weekday())
    second = dt.timedelta(seconds=1)
    for looked_at, due in (
        (begun, []),
        (begun - second, [daily]),
        (monday - second, [daily, weekly]),
    ):
        SavedSearch.objects.update(looked_at=looked_at)
        assert set(alerts.due_searches(coordinator, begun)) == set(due)


def test_of_more_than_can_be_followed_what_moves_up_is_not_new(coordinator, monkeypatch):
    """An old document that comes among the latest since another was withdrawn."""
    monkeypatch.setattr("documents.search.finding.CANDIDATES", 2)
    old, second, first = (
        a_public_document(title_ru=f"Canary {year}", issued_on=dt.date(year, 1, 1)).document
        for year in (2020, 2021, 2022)
    )
    kept = save(coordinator)
    assert kept.bounded
    assert set(kept.hits.values_list("document", flat=True)) == {first.pk, second.pk}
    archive.withdraw_document(document=first, reason_en="x", reason_ru="х", by=None)
    assert next_morning() == 0
    assert kept.hits.filter(document=old, told_at=None).exists()
    a_public_document(title_ru="Canary 2023", issued_on=dt.date(2023, 1, 1))
    assert next_morning() == 1
    [mail] = mails(coordinator)
    assert "Canary 2023" in mail
    assert "Canary 2020" not in mail


def test_a_failure_at_one_person_tells_the_others_and_nobody_twice(
    coordinator, other_coordinator, monkeypatch
):
    """F6: what was found and the mail are written together, each person by themselves."""
    save(coordinator)
    save(other_coordinator)
    a_public_document(title_en="Canary")
    told = searches.mail.tell_found

    def failing(owner, *rest):
        if owner == other_coordinator:
            raise RuntimeError("the process dies here")
        return told(owner, *rest)

    monkeypatch.setattr(searches.mail, "tell_found", failing)
    assert next_morning() == 1
    assert not SearchHit.objects.filter(search__owner=other_coordinator).exists()
    monkeypatch.setattr(searches.mail, "tell_found", told)
    periodic.tell_searches()
    assert [len(mails(one)) for one in (coordinator, other_coordinator)] == [1, 1]


def test_a_second_mail_of_one_day_waits_for_the_next(coordinator):
    """The notice is unique for a day and a person; what it would tell is not lost."""
    save(coordinator)
    a_public_document(title_ru="Canary 1")
    assert next_morning() == 1
    a_public_document(title_ru="Canary 2")
    SavedSearch.objects.update(looked_at=database_now() - dt.timedelta(days=8))
    assert searches.tell_new() == 0
    assert next_morning() == 1
    assert ["Canary 2" in one for one in mails(coordinator)] == [False, True]


def stop_addresses(person) -> list[str]:
    [mail] = mails(person)
    return re.findall(r"/\w\w/portal/searches/stop/[^\s]+", mail)


def test_the_mails_are_stopped_without_a_sign_in(coordinator, other_coordinator, client):
    """RFC 8058: the page changes nothing, its button and the mail program's POST do."""
    one, other = save(coordinator), save(coordinator, name="Others", question="", type="decision")
    save(other_coordinator, frequency="never")
    a_public_document(title_en="Canary")
    assert next_morning() == 1
    send_waiting()
    [sent] = sent_mails.outbox
    headers = sent.message()
    *of_one, of_all = stop_addresses(coordinator)
    assert str(headers["List-Unsubscribe"]) == f"<http://127.0.0.1:8000{of_all}>"
    assert headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"

    page = client.get(of_one[0])
    assert "Отключить письма об этом поиске?" in page.content.decode()
    assert "<strong>Canaries</strong>" in page.content.decode()
    assert page["X-Robots-Tag"] == "noindex"
    assert "no-store" in page["Cache-Control"]
    assert SavedSearch.objects.filter(frequency="daily").count() == 2, "looking changes nothing"

    stranger = Client(enforce_csrf_checks=True)
    answer = stranger.post(of_one[0], {"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    assert "больше не будут приходить" in answer.content.decode()
    one.refresh_from_db()
    other.refresh_from_db()
    assert (one.frequency, other.frequency) == ("never", "daily")
    stranger.post(of_all, {"List-Unsubscribe": "One-Click"})
    stranger.post(of_all, {"List-Unsubscribe": "One-Click"})
    assert set(SavedSearch.objects.values_list("frequency", flat=True)) == {"never"}
    records = AuditRecord.objects.filter(action="change_savedsearch", by=coordinator)
    assert [record.detail["through"] for record in records] == ["link in a mail"] * 2
    searches.delete_search(kept=one, by=coordinator)
    assert "Этот поиск удален" in client.get(of_one[0]).content.decode()
    a_public_document(title_en="Canary")
    assert next_morning() == 0


def test_an_address_that_was_not_given_is_not_found(client, coordinator, other_coordinator):
    kept = save(coordinator)
    good = alerts.token_of(coordinator, kept)
    number, _dot, signature = good.rpartition(".")
    for token in (
        "x",
        f"{number}.{signature[:-1]}",
        f"{coordinator.pk}-0.{signature}",
        alerts.token_of(coordinator).replace(str(coordinator.pk), str(other_coordinator.pk), 1),
    ):
        assert client.post(f"/en/portal/searches/stop/{token}/").status_code == 404, token
    foreign = alerts.token_of(other_coordinator, kept)
    client.post(f"/en/portal/searches/stop/{foreign}/")
    kept.refresh_from_db()
    assert kept.frequency == "daily"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("emptied_afterwards")
def test_runs_at_once_tell_each_once(staff, coordinators):  # noqa: F811 (a fixture)
    """F6: four workers at the same moment."""
    people = [staff, *(user for _state, user in coordinators[:5])]
    for person in people:
        save(person)
    a_public_document(title_en="Canary", title_ru="Canary")
    SavedSearch.objects.update(looked_at=database_now() - dt.timedelta(days=8))
    told = at_once([searches.tell_new] * 4)
    assert sum(told) == len(people), told
    assert Notice.objects.filter(event__startswith="searches-").count() == len(people)
    assert SearchHit.objects.count() == len(people)
    assert connection.in_atomic_block is False
