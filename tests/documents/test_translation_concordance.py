"""Terms in the check of concordance, and the check as a gate before issue (U3, T2, S4, S10)."""

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation

from almaty_portal.common.errors import DomainError
from almaty_portal.common.models import AuditRecord
from documents import concordance
from documents.actions import archive, silence, texts
from documents.actions.concordance import accept_findings
from documents.concordance.terms import Glossary, Known
from documents.models import AcceptedFinding, Concept, Edition, Term
from documents.permissions import can_accept_findings
from tests.factories.documents import ROWS, a_document, a_procedure

TERMS = Glossary(
    Known(number, language, status, text)
    for number, (status, english, russian) in enumerate(
        [
            ("agreed", "observer", "наблюдатель"),
            ("agreed", "Member State", "государство-член"),
            ("agreed", "Chair", "Председатель"),
            ("agreed", "agenda", "повестка дня"),
            ("agreed", "agenda item", "пункт повестки дня"),
            ("agreed", "to break silence", "нарушить умолчание"),
            ("agreed", "to adopt by consensus", "принять консенсусом"),
            ("agreed", "civil society", "гражданское общество"),
            ("forbidden", "spectator", "обозреватель"),
        ]
    )
    for language, text in (("en", english), ("ru", russian))
)
BOTH = {"en": "original", "ru": "authentic"}
DIFFER = [
    *ROWS,
    {"role": "operative", "number": "2.", "text_en": "In 5 days.", "text_ru": "6 дней."},
]


@pytest.mark.parametrize(
    ("english", "russian"),
    [
        ("The observers speak.", "Выступают наблюдатели."),
        ("with the observers' consent", "с согласия наблюдателей"),
        ("of the Member States", "государств-членов"),
        ("by a Member State", "государством — членом Процесса"),
        ("The Chair opens it.", "Заседание открывается Председателем."),
        ("Chair the meetings.", "Вести заседания."),
        ("a chair and a table", "стул и стол"),
        ("an agenda item", "по пункту повестки дня"),
        ("the agenda", "пункты повестки дня"),
        ("breaks silence", "нарушило умолчание"),
        ("It was adopted by consensus.", "Было принято консенсусом."),
        ("civil societies", "с гражданским обществом"),
        ("They observe the rules.", "Они соблюдают правила."),
    ],
)
def test_an_inflected_term_is_found(english, russian):
    """U3: Russian by lemmas, English by stems; a name only with its capital."""
    assert TERMS.apart(english, russian) == ([], [])


@pytest.mark.parametrize(
    ("english", "russian", "absent"),
    [
        ("The observers speak.", "Выступают гости.", ["observers"]),
        ("of the Member States", "государств-участников", ["Member States"]),
        ("The next Chair", "Следующий ведущий", ["Chair"]),
        ("an agenda item", "вопрос повестки дня", ["agenda item"]),
        ("civil society", "общественность", ["civil society"]),
    ],
)
def test_an_absent_term_is_told(english, russian, absent):
    assert TERMS.apart(english, russian) == (absent, [])


def test_a_term_not_to_be_used_is_told():
    assert TERMS.apart("A spectator.", "С обозревателями.")[1] == [
        ("spectator", ""),
        ("", "обозревателями"),
    ]


@pytest.fixture
def glossary(db):
    concept = Concept.objects.create(slug="refugee")
    Term.objects.create(concept=concept, language="en", text="refugee")
    Term.objects.create(concept=concept, language="ru", text="беженец")
    return concept


def guests(russian: str = "беженцев") -> list[dict]:
    return [*ROWS[:2], {**ROWS[2], "text_ru": f"Постановляют защищать {russian}."}]


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "1, terms of the glossary: English “refugees”"),
        ("ru", "1, термины глоссария: в англ"),
    ],
)
def test_an_edition_is_not_issued_while_a_finding_is_open(support_unit, glossary, language, words):
    """T2, S4: refused with a sentence, nothing stored; accepted with a reason it is issued."""
    edition = a_document(by=support_unit, rows=guests("гостей"))
    with translation.override(language), pytest.raises(DomainError) as refusal:
        archive.issue_edition(edition=edition, standings=BOTH, by=support_unit)
    assert words in str(refusal.value)
    edition.refresh_from_db()
    assert edition.issued_at is None
    [finding] = concordance.open_findings(edition)
    accept_findings(
        edition=edition, keys=[finding.key], reason_en="So said.", reason_ru="Так.", by=support_unit
    )
    assert concordance.open_findings(edition) == []
    assert archive.issue_edition(edition=edition, standings=BOTH, by=support_unit).issued_at
    assert AuditRecord.objects.filter(action="accept_findings", by=support_unit).count() == 1


def test_what_agrees_or_has_one_language_is_issued(support_unit, glossary):
    agreed = a_document(by=support_unit, rows=guests())
    assert archive.issue_edition(edition=agreed, standings=BOTH, by=support_unit).issued_at
    alone = a_document(by=support_unit, rows=DIFFER)
    standings = {"en": "original", "ru": "missing"}
    assert archive.issue_edition(edition=alone, standings=standings, by=support_unit).issued_at


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"keys": []}, "Choose the findings"),
        ({"reason_ru": " "}, "Say in both languages"),
        ({"keys": ["0" * 64]}, "changed meanwhile"),
    ],
)
def test_what_is_not_accepted(support_unit, change, sentence):
    edition = a_document(by=support_unit, rows=DIFFER)
    [finding] = concordance.open_findings(edition)
    given = {"keys": [finding.key], "reason_en": "So.", "reason_ru": "Так.", **change}
    with translation.override("en"), pytest.raises(DomainError, match=sentence):
        accept_findings(edition=edition, by=support_unit, **given)
    assert not AcceptedFinding.objects.exists()


def test_a_changed_paragraph_opens_its_finding_again(support_unit):
    edition = a_document(by=support_unit, rows=DIFFER)
    [finding] = concordance.open_findings(edition)
    accept_findings(
        edition=edition, keys=[finding.key], reason_en="So.", reason_ru="Так.", by=support_unit
    )
    texts.set_text(
        edition=edition, rows=[*DIFFER[:3], {**DIFFER[3], "text_ru": "7 дней."}], by=None
    )
    fresh = Edition.objects.with_text().get(pk=edition.pk)
    assert [one.russian for one in concordance.open_findings(fresh)] == ["7"]


def test_an_acceptance_has_a_reason_and_stays(support_unit):
    edition = a_document(by=support_unit, rows=DIFFER)
    [finding] = concordance.open_findings(edition)
    [accepted] = accept_findings(
        edition=edition, keys=[finding.key], reason_en="So.", reason_ru="Так.", by=support_unit
    )
    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        AcceptedFinding.objects.update(reason_en="Other.")
    accepted.pk = None
    accepted.key, accepted.reason_ru = "1" * 64, ""
    with pytest.raises(IntegrityError, match="accepted_with_a_reason"), transaction.atomic():
        accepted.save()


def test_a_correction_is_not_stopped_by_a_term_agreed_meanwhile(members, support_unit):
    """S10: what the glossary says since the opening is no fault of the correction; what the
    correction itself breaks is."""
    edition = a_document(by=support_unit, rows=guests("гостей"))
    procedure = a_procedure(by=support_unit, edition=edition)
    concept = Concept.objects.create(slug="refugee")
    Term.objects.create(concept=concept, language="en", text="refugee")
    Term.objects.create(concept=concept, language="ru", text="беженец")
    rows = texts.text_rows(edition)
    rows[1]["text_en"] = "Recalling the Declaration of Almaty;"
    given = {"procedure": procedure, "note_en": "A slip.", "note_ru": "Описка.", "by": support_unit}
    silence.correct_text(rows=rows, **given)
    rows[2]["text_en"] = "Decide to protect 3 refugees."
    with translation.override("en"), pytest.raises(DomainError, match="corrected texts differ"):
        silence.correct_text(rows=rows, **given)


@pytest.mark.parametrize(
    ("language", "title", "empty"),
    [
        ("en", "Concordance of the two texts", "nothing is open"),
        ("ru", "Соответствие двух текстов", "неразрешенных расхождений нет"),
    ],
)
def test_the_support_unit_accepts_on_the_page_of_an_edition(
    support_unit, client_of, language, title, empty
):
    edition = a_document(by=support_unit, rows=DIFFER)
    client = client_of(support_unit)
    client.cookies["django_language"] = language
    address = reverse("admin:documents_edition_concordance", args=[edition.pk])
    page = client.get(address).content.decode()
    assert title in page
    [finding] = concordance.open_findings(edition)
    assert finding.key in page
    refused = client.post(address, {"findings": [finding.key], "reason_en": "So."})
    assert refused.status_code == 200
    assert not AcceptedFinding.objects.exists()
    given = {"findings": [finding.key], "reason_en": "So it is.", "reason_ru": "Так и есть."}
    after = client.post(address, given, follow=True).content.decode()
    assert empty in after
    assert ("So it is." if language == "en" else "Так и есть.") in after


def test_an_edition_without_two_texts_is_not_said_to_agree(support_unit, client_of):
    """S4: what nobody has compared, the page does not call equal."""
    edition = a_document(by=support_unit, rows=[])
    client = client_of(support_unit)
    client.cookies["django_language"] = "en"
    page = client.get(reverse("admin:documents_edition_concordance", args=[edition.pk])).content
    assert "There is nothing to compare" in page.decode()
    assert "The two texts agree" not in page.decode()


def test_who_accepts_findings(
    support_unit, other_staff, coordinator, deputy, chair, observer, anonymous, client_of
):
    assert can_accept_findings(support_unit)
    assert can_accept_findings(other_staff)
    edition = a_document(by=support_unit, rows=DIFFER)
    address = reverse("admin:documents_edition_concordance", args=[edition.pk])
    for person in (coordinator, deputy, chair, observer, anonymous):
        assert not can_accept_findings(person)
        assert client_of(person).get(address).status_code == 302
    with translation.override("en"), pytest.raises(DomainError, match="Only the Support Unit"):
        accept_findings(edition=edition, keys=["x"], reason_en="a", reason_ru="б", by=coordinator)
