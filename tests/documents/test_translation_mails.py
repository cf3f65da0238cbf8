"""Mails about translations: given out, due in three days, overdue; each once (U3, F6)."""

import datetime as dt

import pytest
from post_office.models import Email

from almaty_portal.common.instants import almaty_today
from almaty_portal.common.models import AuditRecord, Notice
from documents import periodic
from documents.actions import archive
from documents.actions.translations import assign_translation, remind_due, take_step
from documents.models import TranslationWork
from tests.documents.test_translation_work import given_out
from tests.factories.documents import a_document
from tests.factories.membership import UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def translator(db):
    return UserFactory(email="translator@example.org", name="Aigul", language="ru")


@pytest.fixture
def reviewer(db):
    return UserFactory(email="reviewer@example.org", name="John", language="en")


def subjects(person) -> list[str]:
    found = Email.objects.filter(notice__recipient=person).order_by("pk")
    return [one.subject.partition(":")[0] for one in found]


def move(work, days: int) -> None:
    """Let the translation be due in so many days, the review two days later."""
    due = almaty_today() + dt.timedelta(days=days)
    TranslationWork.objects.filter(pk=work.pk).update(
        due_on=due, review_due_on=due + dt.timedelta(days=2)
    )


def test_both_are_told_in_their_language_what_was_given_to_them(support_unit, translator, reviewer):
    edition = a_document(title_en="On asylum", title_ru="Об убежище")
    work = given_out(support_unit, translator, reviewer, edition)
    russian, english = (Email.objects.get(notice__recipient=one) for one in (translator, reviewer))
    assert russian.subject.startswith("Текст для перевода: ")
    assert english.subject.startswith("A translation for your review: ")
    for mail, words in (
        (russian, ["Уважаемый коллега (Aigul)!", "просит Вас перевести текст", "Об убежище"]),
        (english, ["Dear John,", "asks you to review a translation", "On asylum", "Aigul"]),
    ):
        for one in words:
            assert one in mail.message
        assert (
            f"/{mail.headers['Content-Language']}/portal/translations/{work.pk}/\n" in mail.message
        )
        assert "\n\n\n" not in mail.message


def test_given_out_again_only_those_to_whom_it_is_new_are_told(support_unit, translator, reviewer):
    work = given_out(support_unit, translator, reviewer)
    other = UserFactory(email="other@example.org", language="en")
    values = {"edition": work.edition, "language": "ru", "by": support_unit, "work": work}
    days = {"due_on": work.due_on, "review_due_on": work.review_due_on}
    assign_translation(translator=translator, reviewer=reviewer, **values, **days)
    assert Notice.objects.count() == 2, "nothing is new"
    assign_translation(translator=other, reviewer=reviewer, **values, **days)
    assert subjects(other) == ["A text for you to translate"]
    assert Notice.objects.count() == 3
    days["review_due_on"] += dt.timedelta(days=1)
    assign_translation(translator=other, reviewer=reviewer, **values, **days)
    assert subjects(reviewer) == ["A translation for your review"] * 2, "another day"
    assert Notice.objects.count() == 4


def test_reminded_three_days_before_and_when_it_is_overdue_once_each(
    support_unit, translator, reviewer, monkeypatch
):
    work = given_out(support_unit, translator, reviewer)
    # any hour of the day serves: a day of reminders begins at seven, here at midnight
    monkeypatch.setattr("documents.alerts.HOUR", 0)
    Notice.objects.all().delete()
    for days, told in ((4, 0), (3, 1), (3, 0), (0, 1), (-1, 1), (-1, 0), (-2, 1)):
        move(work, days)
        assert remind_due() == told, days
    assert subjects(translator) == [
        "Срок Вашего перевода скоро истекает",
        "Срок Вашего перевода скоро истекает",
        "Срок Вашего перевода истек",
        "Срок Вашего перевода истек",
    ]
    assert subjects(reviewer) == []
    assert AuditRecord.objects.filter(action="remind_translation", by=None).count() == 4


def test_the_reviewer_is_reminded_of_the_review_and_nobody_of_what_is_done(
    support_unit, translator, reviewer, monkeypatch
):
    monkeypatch.setattr("documents.alerts.HOUR", 0)
    work = given_out(support_unit, translator, reviewer, a_document(by=support_unit), days=-1)
    Notice.objects.all().delete()
    take_step(work=work, step="begin", by=translator)
    take_step(work=work, step="submit", by=translator)
    periodic.remind_of_translations()
    assert subjects(reviewer) == ["Your review is due soon"]
    assert subjects(translator) == []
    move(work, -10)
    take_step(work=work, step="approve", by=reviewer)
    assert remind_due() == 0


def test_nobody_is_reminded_who_has_it_no_longer(support_unit, translator, reviewer, monkeypatch):
    monkeypatch.setattr("documents.alerts.HOUR", 0)
    work = given_out(support_unit, translator, reviewer, days=-1)
    translator.is_active = False
    translator.save()
    assert remind_due() == 0
    translator.is_active = True
    translator.save()
    archive.withdraw_document(document=work.edition.document, reason_en="x", reason_ru="х", by=None)
    assert remind_due() == 0
