"""Translations (U3): given out, written row by row, reviewed by another person, due in time."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import translation

from almaty_portal.common.errors import DomainError
from almaty_portal.common.instants import almaty_today
from almaty_portal.common.models import AuditRecord
from documents import permissions, translating
from documents.actions.texts import set_text, text_rows
from documents.actions.translations import assign_translation, take_step, translate_paragraph
from documents.models import Concept, Paragraph, Term, TranslationWork
from documents.search.memory import remembered
from tests.factories.documents import ROWS, a_document, a_public_document
from tests.factories.membership import UserFactory

pytestmark = pytest.mark.django_db
BARE = [{**row, "text_ru": ""} for row in ROWS]


@pytest.fixture
def translator(db):
    return UserFactory(email="translator@example.org", language="en")


@pytest.fixture
def reviewer(db):
    return UserFactory(email="reviewer@example.org", language="en")


def given_out(by, translator, reviewer, edition=None, days=5, **fields) -> TranslationWork:
    due = almaty_today() + dt.timedelta(days=days)
    values = {"due_on": due, "review_due_on": due + dt.timedelta(days=2), "language": "ru"}
    return assign_translation(
        edition=edition or a_document(by=by, rows=BARE),
        translator=translator,
        reviewer=reviewer,
        by=by,
        **{**values, **fields},
    )


@pytest.fixture
def work(support_unit, translator, reviewer):
    return given_out(support_unit, translator, reviewer)


def store(work, by, anchor="p1", text="Коммюнике", seen=""):
    return translate_paragraph(work=work, anchor=anchor, text=text, seen=seen, by=by)


def test_a_translation_goes_through_its_steps(work, translator, reviewer, support_unit):
    store(work, translator)
    work.refresh_from_db()
    assert work.status == "in_translation"
    with translation.override("en"), pytest.raises(DomainError, match="has no translation yet"):
        take_step(work=work, step="submit", by=translator)
    translated_rest = {row["text_en"]: row["text_ru"] for row in ROWS}
    for row in Paragraph.objects.filter(edition=work.edition).exclude(anchor="p1"):
        store(work, translator, row.anchor, translated_rest[row.text_en])
    assert take_step(work=work, step="submit", by=translator).status == "review"
    assert take_step(work=work, step="give_back", by=reviewer, note="See 1.").status == (
        "in_translation"
    )
    take_step(work=work, step="submit", by=translator)
    assert take_step(work=work, step="approve", by=reviewer).status == "final"
    assert take_step(work=work, step="reopen", by=support_unit).status == "in_translation"
    told = AuditRecord.objects.filter(action="move_translation").order_by("pk")
    assert [one.detail["step"] for one in told] == [
        "submit", "give_back", "submit", "approve", "reopen",
    ]  # fmt: skip


# who may do what at which status: translator, reviewer, Support Unit
MAY = {
    ("begin", "assigned"): "translator support_unit",
    ("submit", "in_translation"): "translator support_unit",
    ("give_back", "review"): "reviewer",
    ("approve", "review"): "reviewer",
    ("reopen", "final"): "support_unit",
}


@pytest.mark.parametrize("status", TranslationWork.Status.values)
def test_who_may_take_which_step(
    work, translator, reviewer, support_unit, coordinator, observer, anonymous, status
):
    TranslationWork.objects.filter(pk=work.pk).update(status=status)
    work.refresh_from_db()
    people = {
        "translator": translator,
        "reviewer": reviewer,
        "support_unit": support_unit,
        "coordinator": coordinator,
        "observer": observer,
        "anonymous": anonymous,
    }
    for step in translating.TABLE:
        expected = MAY.get((step, status), "").split()
        found = [name for name, one in people.items() if translating.allowed(step, work, one)]
        assert found == expected, (step, status)
        for name in set(people) - set(expected) - {"anonymous"}:
            with pytest.raises(DomainError):
                take_step(work=work, step=step, by=people[name])
    writes = [name for name, one in people.items() if translating.can_write(one, work)]
    assert (
        writes
        == {
            "assigned": ["translator", "support_unit"],
            "in_translation": ["translator", "support_unit"],
            "review": ["reviewer"],
            "final": [],
        }[status]
    )


def test_who_sees_a_translation(
    work, translator, reviewer, support_unit, coordinator, deputy, chair, observer, anonymous,
    client_of,
):  # fmt: skip
    """T6: a draft is read by those it was given to; for all others it is not there."""
    address = work.get_absolute_url()
    for person in (translator, reviewer, support_unit):
        assert list(TranslationWork.objects.visible_to(person)) == [work]
        assert client_of(person).get(address).status_code == 200
    for person in (coordinator, deputy, chair, observer):
        assert not TranslationWork.objects.visible_to(person).exists()
        assert client_of(person).get(address).status_code == 404
        sent = client_of(person).post(address, {"anchor": "p1", "text": "x", "seen": ""})
        assert sent.status_code == 404
    assert not TranslationWork.objects.visible_to(anonymous).exists()
    assert client_of(anonymous).get(address).status_code == 302


def test_the_right_ends_when_somebody_else_gets_it(work, translator, reviewer, support_unit):
    other = UserFactory(email="other@example.org")
    given_out(support_unit, other, reviewer, edition=work.edition, work=work)
    assert not TranslationWork.objects.visible_to(translator).exists()
    assert TranslationWork.objects.visible_to(other).exists()
    assert not permissions.can_translate(translator, TranslationWork.objects.get())


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "is another person than the translator"), ("ru", "Проверяет перевод другое лицо")],
)
def test_the_reviewer_is_another_person(support_unit, translator, language, sentence):
    with translation.override(language), pytest.raises(DomainError, match=sentence):
        given_out(support_unit, translator, translator)
    work = given_out(support_unit, translator, UserFactory())
    with pytest.raises(IntegrityError, match="reviewer_is_another"), transaction.atomic():
        TranslationWork.objects.filter(pk=work.pk).update(reviewer=translator)


def test_what_is_not_given_out(support_unit, coordinator, translator, reviewer, work):
    with translation.override("en"):
        with pytest.raises(DomainError, match="Only the Support Unit"):
            given_out(coordinator, translator, reviewer, edition=work.edition)
        with pytest.raises(DomainError, match="is being translated"):
            given_out(support_unit, translator, reviewer, edition=work.edition)
        with pytest.raises(DomainError, match="due before"):
            given_out(support_unit, translator, reviewer, review_due_on=almaty_today())
        with pytest.raises(DomainError, match="issued and its text is fixed"):
            given_out(support_unit, translator, reviewer, edition=a_public_document())


def test_an_overdue_translation_is_marked(support_unit, translator, reviewer, client_of):
    late = given_out(support_unit, translator, reviewer, days=-1)
    assert late.overdue
    client = client_of(translator)
    client.cookies["django_language"] = "ru"
    assert "просрочено" in client.get("/ru/portal/translations/").content.decode()
    assert "overdue" in client.get("/en/portal/").content.decode()
    late.status = "review"
    assert not late.overdue  # the review is due tomorrow


def test_a_paragraph_changed_meanwhile_is_not_overwritten(work, translator):
    store(work, translator)
    with translation.override("en"), pytest.raises(DomainError, match="Somebody changed"):
        store(work, translator, text="Другое", seen="")
    assert Paragraph.objects.get(edition=work.edition, anchor="p1").text_ru == "Коммюнике"
    store(work, translator, text="Другое", seen="Коммюнике")
    assert Paragraph.objects.get(edition=work.edition, anchor="p1").text_ru == "Другое"


@pytest.mark.parametrize(
    ("anchor", "text", "sentence"),
    [("p1", "[open", "Malformed mark"), ("p1", "{QQ|Q}", "no State"), ("p9", "x", "is gone")],
)
def test_bad_rows_are_a_sentence_and_kept_on_the_page(
    work, translator, client_of, anchor, text, sentence
):
    page = client_of(translator).post(
        f"/en/portal/translations/{work.pk}/", {"anchor": anchor, "text": text, "seen": ""}
    )
    assert page.status_code == 422
    told = page.content.decode()
    assert sentence in told
    assert text in told or anchor == "p9"
    assert not Paragraph.objects.filter(edition=work.edition, text_ru=text).exists()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", ["Glossary", "Translated before", "Store", "paragraph 1"]),
        ("ru", ["Глоссарий", "Уже переведено", "Сохранить", "пункт 1"]),
    ],
)
def test_the_page_shows_what_helps(work, translator, client_of, language, words):
    """Source and target, glossary hits, what issued texts have, findings."""
    concept = Concept.objects.create(slug="refugee")
    Term.objects.create(concept=concept, language="en", text="refugee")
    Term.objects.create(concept=concept, language="ru", text="беженец")
    before = a_public_document(title_en="Earlier text", title_ru="Прежний текст")
    client = client_of(translator)
    client.cookies["django_language"] = language
    page = client.get(f"/{language}/portal/translations/{work.pk}/").content.decode()
    for one in [*words, "беженец", "Постановляют защищать беженцев.", before.document.slug]:
        assert one in page, one
    sent = {"anchor": "1.", "text": "Постановляют защищать 5 гостей.", "seen": ""}
    row = Paragraph.objects.get(edition=work.edition, number="1.")
    after = client.post(
        f"/{language}/portal/translations/{work.pk}/", {**sent, "anchor": row.anchor}, follow=True
    ).content.decode()
    assert "refugees”" in after or "«refugees»" in after
    assert "“5”" in after or "«5»" in after


def test_the_memory_offers_what_the_reader_may_see(support_unit, translator, observer):
    """T6: identical first, then similar; of restricted and unissued texts nothing."""
    a_public_document()
    a_document(by=None, issued=True, kind="final", access="members", rows=[
        {**ROWS[2], "text_ru": "Только для членов."}
    ])  # fmt: skip
    a_document(by=None, rows=[{**ROWS[2], "text_ru": "Черновик."}])
    asked = {"a": "Decide to protect refugees.", "b": "Decide to protect all refugees."}
    found, complete = remembered(asked, "en", "ru", translator)
    assert complete
    assert [(one.target, one.percent) for one in found["a"]] == [
        ("Постановляют защищать беженцев.", 100)
    ]
    [similar] = found["b"]
    assert 60 <= similar.percent < 100
    of_staff, _complete = remembered(asked, "en", "ru", support_unit)
    assert {one.target for one in of_staff["a"]} == {
        "Постановляют защищать беженцев.", "Только для членов.",
    }  # fmt: skip


def test_the_memory_is_given_up_in_time(translator, monkeypatch):
    """A page never waits for it longer than it says; without an answer it says so."""
    a_public_document()
    monkeypatch.setattr("documents.search.memory.SECONDS", 0)
    assert remembered({"a": "Decide to protect refugees."}, "en", "ru", translator) == ({}, False)


def test_the_list_costs_the_same_with_twenty(support_unit, translator, reviewer, client_of):
    client = client_of(translator)

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/en/portal/translations/").status_code == 200
        return len(queries)

    given_out(support_unit, translator, reviewer)
    cost()  # caches filled alike
    one = cost()
    for _number in range(19):
        given_out(support_unit, translator, reviewer)
    assert cost() == one


def test_the_support_unit_gives_out_a_translation_in_the_admin(
    support_unit, translator, reviewer, client_of
):
    edition = a_document(by=support_unit, rows=BARE)
    sent = {
        "edition": edition.pk, "language": "ru", "translator": translator.pk,
        "reviewer": translator.pk, "due_on": "2030-01-01", "review_due_on": "2030-01-05",
    }  # fmt: skip
    client = client_of(support_unit)
    client.cookies["django_language"] = "en"
    refused = client.post("/admin/documents/translationwork/add/", sent)
    assert "another person" in refused.content.decode()
    stored = client.post("/admin/documents/translationwork/add/", {**sent, "reviewer": reviewer.pk})
    assert stored.status_code == 302
    assert TranslationWork.objects.visible_to(translator).exists()
    assert AuditRecord.objects.filter(action="assign_translation", by=support_unit).count() == 1


@pytest.mark.parametrize(
    ("language", "words"), [("en", "source was changed"), ("ru", "Исходный текст изменен")]
)
def test_a_stale_translation_is_marked_until_it_follows(
    work, translator, support_unit, client_of, language, words
):
    """A paragraph changed in the source marks its translation; storing it, changed or not, ends
    that."""
    store(work, translator)
    rows = text_rows(work.edition)
    rows[0]["text_en"] = "Final Communiqué"
    set_text(edition=work.edition, rows=rows, by=support_unit)
    client = client_of(translator)
    address = f"/{language}/portal/translations/{work.pk}/"
    assert words in client.get(address).content.decode()
    store(work, translator, seen="Коммюнике")
    assert words not in client.get(address).content.decode()
    assert AuditRecord.objects.filter(action="confirm_translation").count() == 1
