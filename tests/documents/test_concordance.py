"""The check of concordance (rules S4, T2): what differs is found, what agrees is left alone."""

from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.urls import reverse
from django.utils import translation

from documents.concordance import Finding, Kind, check, compare, open_findings, warnings
from documents.concordance.names import Name, Names
from documents.models import Edition
from tests.factories.documents import BRACKETED, a_document

NAMES = Names(
    Name(code, language, name)
    for code, english, formal, russian, formally in [
        ("KZ", "Kazakhstan", "Republic of Kazakhstan", "Казахстан", "Республика Казахстан"),
        ("KG", "Kyrgyzstan", "Kyrgyz Republic", "Кыргызстан", "Кыргызская Республика"),
        ("TJ", "Tajikistan", "Republic of Tajikistan", "Таджикистан", "Республика Таджикистан"),
        ("TM", "Turkmenistan", "Turkmenistan", "Туркменистан", "Туркменистан"),
        ("TR", "Türkiye", "Republic of Türkiye", "Турция", "Турецкая Республика"),
        ("TR", "Turkey", "Republic of Turkey", "Турция", "Турецкая Республика"),
        ("IR", "Iran", "Islamic Republic of Iran", "Иран", "Исламская Республика Иран"),
        (
            *("AF", "Afghanistan", "Islamic Republic of Afghanistan"),
            *("Афганистан", "Исламская Республика Афганистан"),
        ),
        ("AE", "UAE", "United Arab Emirates", "ОАЭ", "Объединенные Арабские Эмираты"),
    ]
    for language, name in (("en", english), ("en", formal), ("ru", russian), ("ru", formally))
)


def found(english: str, russian: str) -> list[tuple[str, str, str]]:
    row = SimpleNamespace(position=4, number="3.", anchor="3", text_en=english, text_ru=russian)
    return [(one.kind, one.english, one.russian) for one in compare([row], NAMES)]


@pytest.mark.parametrize(
    ("english", "russian", "finding"),
    [
        ("Within 30 days.", "В течение 20 дней.", ("number", "30", "20")),
        ("A fund of 1,000 dollars.", "Фонд в 10 000 долларов.", ("number", "1,000", "10 000")),
        ("A fund of 1,000 dollars.", "Фонд в 1,000 доллара.", ("number", "1,000", "1,000")),
        ("A share of 2.5 per cent.", "Доля 2,6 процента.", ("number", "2.5", "2,6")),
        ("At 10:30.", "В 10.45.", ("number", "10:30", "10.45")),
        ("At 2.30 p.m.", "В 13:30.", ("number", "2.30 p.m.", "13:30")),
        ("In 2013-14.", "В 2013–2015 годах.", ("number", "2013-14", "2015")),
        ("Article 3.iv.", "Статья 3.vi.", ("number", "iv", "vi")),
        ("The XXI century.", "XX век.", ("number", "XXI", "XX")),
        ("Three States and ten projects.", "Четыре государства и десять проектов.",
         ("number", "Three", "Четыре")),
        ("On 5 June 2013.", "6 июня 2013 года.", ("date", "5 June 2013", "6 июня 2013 года")),
        ("On 5 June 2013.", "5 июля 2013 года.", ("date", "5 June 2013", "5 июля 2013 года")),
        ("On 5 June 2013.", "05.06.2014.", ("date", "5 June 2013", "05.06.2014")),
        ("On 15-16 March 2011.", "15–17 марта 2011 года.",
         ("date", "15-16 March 2011", "15–17 марта 2011 года")),
        ("See Almaty Process/03/01/2013.", "См. Almaty Process/02/01/2013.",
         ("reference", "Almaty Process/03/01/2013", "Almaty Process/02/01/2013")),
        ("In Kazakhstan.", "В Таджикистане.", ("state", "Kazakhstan", "Таджикистане")),
        ("With Türkiye.", "С партнерами.", ("state", "Türkiye", "")),
        ("In the region.", "В Объединенных Арабских Эмиратах.",
         ("state", "", "Объединенных Арабских Эмиратах")),
        ("{KZ|Kazakhstan} agrees.", "{KG|Казахстан} согласен.",
         ("marked_state", "Kazakhstan", "Казахстан")),
        ("{KZ|Kazakhstan} agrees.", "Казахстан согласен.", ("marked_state", "Kazakhstan", "")),
        ("The words [in brackets] stand.", "Слова в скобках стоят.", ("bracket", "[ ]", "")),
        ("[{IR|Iran}] and {KZ|Kazakhstan}", "{IR|Иран} и [{KZ|Казахстан}]",
         ("bracket", "[ ] Iran", "[ ] Казахстан")),
        ("A mark[^1] and another[^2].", "Знак[^1] и другой.", ("footnote", "1, 2", "1")),
        ("A mark[^1] and another[^2].", "Знак[^2] и другой[^1].", ("footnote", "1, 2", "2, 1")),
        ("They (a) act and (b) report.", "Они (а) действуют.", ("list_marker", "(a), (b)", "(а)")),
        ("See https://example.org/a.", "См. https://example.org/b.",
         ("address", "https://example.org/a", "https://example.org/b")),
        ("Write to a@example.org", "Пишите: b@example.org",
         ("address", "a@example.org", "b@example.org")),
        ("A sentence.", "", ("missing", "A sentence.", "")),
        ("", "Предложение.", ("missing", "", "Предложение.")),
    ],
)  # fmt: skip
def test_what_differs_is_found(english, russian, finding):
    assert finding in found(english, russian)


@pytest.mark.parametrize(
    ("english", "russian"),
    [
        # numbers
        ("A fund of 1,000.50 dollars.", "Фонд в 1 000,50 доллара."),
        ("250,000 people", "250 000 человек"),
        ("250,000 people", "250.000 человек"),
        ("2.5 per cent", "2,5 процента"),
        ("the 21st century", "XXI век"),
        ("the 20th session", "двадцатая сессия"),
        ("a 10-day period", "десятидневный срок (10 дней)"),
        ("five (5) days", "пять (5) дней"),
        ("within 72 hours", "в течение семидесяти двух часов"),
        ("Annex I", "приложение 1"),
        ("at 2.30 p.m.", "в 14:30"),
        ("at 9 a.m.", "в 9.00"),
        ("at 10:30", "в 10 ч. 30 мин."),
        ("in 2013-14", "в 2013–2014 годах"),
        ("the 1990s", "1990-е годы"),
        ("resolution 74/544", "резолюция 74/544"),
        ("a four-year plan of three States", "четырехлетний план трех государств"),
        ("first, one State may", "прежде всего государство вправе"),
        ("a family of seven", "семья из семи человек"),
        # dates
        ("on 5 June 2013", "5 июня 2013 года"),
        ("on June 5, 2013", "05.06.2013"),
        ("Date: 05/06/2013", "Дата: 5 июня 2013 г."),
        ("on the 5th of June 2013", "5-го июня 2013 года"),
        ("on 15-16 March 2011", "15–16 марта 2011 года"),
        ("from 15 to 16 March 2011", "с 15 по 16 марта 2011 года"),
        ("from 30 May to 2 June 2013", "с 30 мая по 2 июня 2013 года"),
        ("in June 2013", "в июне 2013 года"),
        ("2013-06-05", "5 июня 2013 года"),
        ("States may march on in 2013", "Государства могут идти вперед в 2013 году"),
        # references, addresses
        ("in MC.DOC/1/06 and A/RES/74/544.", "в MC.DOC/1/06 и A/RES/74/544."),
        ("at https://example.org/en/x/.", "на https://example.org/ru/x/"),
        ("either IOM/UNHCR", "МОМ/УВКБ"),
        # States, in any case and by an adjective
        ("in Kazakhstan and in the Kyrgyz Republic", "в Казахстане и в Кыргызской Республике"),
        ("the Islamic Republic of Iran, Turkey", "с Исламской Республикой Иран и Турцией"),
        ("Afghanistan", "Афганистаном"),
        ("the United Arab Emirates", "в ОАЭ"),
        ("the Government of Kazakhstan", "казахстанское правительство"),
        ("the Turkish capital", "столица Турции"),
        ("Turkmenistan", "Туркменистану"),
        ("{KZ|the Republic of Kazakhstan}", "{KZ|Республикой Казахстан}"),
        ("the turkey of Iran", "индейка Ирана"),
        # brackets, footnotes, marks of lists
        ("[{IR|Iran}][^5] and [others]", "[{IR|Иран}][^5] и [другие]"),
        ("(a) act; (b) report", "а) действуют; б) отчитываются"),
        ("(a) act; (b) report", "(a) действуют; (b) отчитываются"),
        ("subparagraph (b) applies", "применяется подпункт «б»"),
        ("(i) act; (iv) report", "(i) действуют; (iv) отчитываются"),
        ("the State(s) concerned (see annex b)", "государство (см. приложение b)"),
        ("", ""),
    ],
)
def test_no_alarm_where_both_say_the_same(english, russian):
    assert found(english, russian) == []


def test_a_finding_is_told_in_the_readers_language_and_kept():
    finding = Finding(Kind.DATE, 4, "3.", "3", "5 June 2013", "")
    with translation.override("en"):
        assert (
            finding.sentence == "Paragraph 3, dates: English “5 June 2013”, Russian nothing there"
        )
    with translation.override("ru"):
        assert finding.sentence == "Пункт 3, даты: в английском «5 June 2013», в русском ничего"
    assert Finding(**finding.as_dict()) == finding
    with translation.override("en"):
        assert Finding("number", 4, "", "p4", "1", "2").place == "paragraph at place 4"


@pytest.mark.django_db
def test_an_edition_is_checked_with_the_names_on_record(members, iran, support_unit, capsys):
    rows = [
        *BRACKETED,
        {"role": "operative", "number": "9.", "text_en": "In Tajikistan.", "text_ru": "Там же."},
    ]
    edition = Edition.objects.with_text().get(pk=a_document(by=support_unit, rows=rows).pk)
    (finding,) = check(edition)
    assert (finding.kind, finding.number, finding.english) == ("state", "9.", "Tajikistan")
    with translation.override("en"):
        call_command("check_concordance", edition.document.slug)
    told = capsys.readouterr().out
    assert "Paragraph 9, names of States: English “Tajikistan”, Russian nothing there" in told
    assert "6 paragraphs compared, 1 differences found." in told


@pytest.mark.django_db
def test_a_reference_that_no_document_bears_is_a_warning(support_unit, client_of, capsys):
    """T1: it names the paragraph and holds up nothing; what others number is none of ours."""
    a_document(by=support_unit, reference="Almaty Process/07/01/2024")
    rows = [
        {
            "role": "operative",
            "number": "1.",
            "text_en": "See Almaty Process/7/01/2024 and [Almaty Process/08/01/2024][^1].",
            "text_ru": "См. Almaty Process/07/01/2024 и [Almaty Process/08/01/2024][^1].",
        },
        {
            "role": "operative",
            "number": "2.",
            "text_en": "See A/RES/60/1, EC/GC/01/12, almaty Process/09/01/2025 and this text, "
            "Almaty Process/06/01/2024.",
            "text_ru": "См. A/RES/60/1, EC/GC/01/12.",
        },
    ]
    edition = a_document(by=support_unit, rows=rows, reference="Almaty Process/06/01/2024")
    edition = Edition.objects.with_text().get(pk=edition.pk)
    first, second = warnings(edition)
    assert (first.number, first.english, first.russian) == (
        "1.",
        *["Almaty Process/08/01/2024"] * 2,
    )
    assert (second.number, second.english, second.russian) == (
        "2.",
        "almaty Process/09/01/2025",
        "",
    )
    assert not {first.key, second.key} & {one.key for one in open_findings(edition)}
    sentence = "Paragraph 1: no document on record bears the reference “Almaty Process/08/01/2024”"
    with translation.override("en"):
        assert first.sentence == sentence
        call_command("check_concordance", edition.document.slug)
    told = capsys.readouterr().out
    assert f"draft #1: warning: {sentence}" in told
    assert "2 references name a document that is not on record." in told
    client = client_of(support_unit)
    client.cookies["django_language"] = "ru"
    page = client.get(reverse("admin:documents_edition_concordance", args=[edition.pk]))
    assert "Пункт 1: документа с условным обозначением" in page.content.decode()
