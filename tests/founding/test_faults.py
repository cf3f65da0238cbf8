"""A fault in a data file is told in a sentence: where, and what to do; nothing is stored."""

import re

import pytest
from django.core.management import CommandError, call_command
from django.utils import translation

from almaty_portal.common.models import AuditRecord
from almaty_portal.founding.files import DataError
from almaty_portal.founding.loader import load_founding_archive
from documents.models import Document
from membership.models import Standing, State

TEXT = "texts/communique.yaml"
# What is spoilt: file, words, the words put in their place; then what the sentence says.
FAULTS = {
    "unknown field": (
        TEXT,
        "original_language: en",
        "original_language: en\noriginal_lang: en",
        ["communique.yaml, line ", "field “original_lang”", "is not known here"],
        ["строка ", "поле «original_lang»", "здесь не предусмотрено"],
    ),
    "unknown field of a paragraph": (
        TEXT,
        '    number: "(ii)"',
        '    nummer: "(ii)"',
        ["paragraph 9 (ii), field “nummer”", "correct its spelling"],
        ["пункт 9 (ii), поле «nummer»", "исправьте написание"],
    ),
    "missing field": (
        TEXT,
        "type: communique\n",
        "",
        ["field “type”: this field is missing: add it."],
        ["поле «type»: это поле отсутствует: добавьте его."],
    ),
    "missing Russian": (
        TEXT,
        '    ru: "приняли решение:"\n',
        "",
        ["paragraph 19 (decided), field “ru”: the Russian text is missing"],
        ["пункт 19 (decided), поле «ru»: отсутствует русский текст"],
    ),
    "empty Russian": (
        TEXT,
        '    ru: "приняли решение:"\n',
        "    ru:\n",
        ["paragraph 19 (decided), field “ru”: the Russian text is missing"],
        ["пункт 19 (decided), поле «ru»: отсутствует русский текст"],
    ),
    "malformed State mark": (
        TEXT,
        "{TR|the Republic of Turkey}[^5]",
        "{TR:the Republic of Turkey}[^5]",
        ["paragraph 8 (i), field “en”", "Malformed mark near", "{KZ|the Republic of Kazakhstan}"],
        ["пункт 8 (i), поле «en»"],
    ),
    "bracket that is not closed": (
        TEXT,
        "[{IR|the Islamic Republic of Iran}]",
        "[{IR|the Islamic Republic of Iran}",
        ["paragraph 8 (i), field “en”", "bracket"],
        ["пункт 8 (i), поле «en»"],
    ),
    "marks that differ": (
        TEXT,
        "[{IR|Исламской Республики Иран}]",
        "{IR|Исламской Республики Иран}",
        ["paragraph 8 (i)", "the marks of both languages differ", "English: IR, PK; Russian: PK"],
        ["пункт 8 (i)", "знаки в двух языках различаются", "в английском: IR, PK; в русском: PK"],
    ),
    "mark without its footnote": (
        TEXT,
        '    number: "5"',
        '    number: "6"',
        ["paragraph 8 (i): the mark [^5] has no footnote of that number"],
        ["пункт 8 (i): для знака [^5] нет сноски с таким номером"],
    ),
    "YAML syntax": (
        TEXT,
        'ru: "приняли решение:"',
        'ru: "приняли решение:',
        ["communique.yaml, line ", "the file cannot be read from here", "quotation marks"],
        ["communique.yaml, строка ", "с этого места файл прочитать не удалось", "кавычки"],
    ),
    "field that stands twice": (
        TEXT,
        "original_language: en",
        "original_language: en\noriginal_language: ru",
        ["the field “original_language” stands twice"],
        ["поле «original_language» указано дважды"],
    ),
    "unknown code in a text": (
        TEXT,
        "{AF|the Islamic",
        "{AX|the Islamic",
        ["paragraph 8 (i)"],
        ["пункт 8 (i)"],
    ),
    "unknown State": (
        "standing.yaml",
        "- state: AZ",
        "- state: AX",
        ["standing.yaml, line ", "entry 2 (AX), field “state”", "“AX” is not the code of a State"],
        ["standing.yaml, строка ", "запись 2 (AX), поле «state»", "«AX» — не код государства"],
    ),
    "code that is no code": (
        "standing.yaml",
        "- state: AZ",
        "- state: az",
        ["“az” is not a code of a State: write two capital letters"],
        ["«az» — не код государства: напишите две заглавные латинские буквы"],
    ),
    "wrong role": (
        TEXT,
        "- role: operative",
        "- role: operativ",
        ["“operativ” is not known here: write masthead, heading", " or footnote"],
        ["«operativ» здесь не предусмотрено: напишите masthead, heading", " или footnote"],
    ),
    "duplicate anchor": (
        TEXT,
        '    anchor: "iii"',
        '    anchor: "ii"',
        ["paragraph 10 (iii), field “anchor”: paragraph 9 has the address “ii” already"],
        ["пункт 10 (iii), поле «anchor»: адрес «ii» уже занят пунктом 9"],
    ),
    "day that does not exist": (
        "meetings.yaml",
        "from: 2013-06-04",
        "from: 2013-06-31",
        ["field “from”: “2013-06-31” is not a day of the calendar: write it as 2013-06-05."],
        ["поле «from»: «2013-06-31» — не календарная дата: напишите ее так: 2013-06-05."],
    ),
    "meeting that is nowhere": (
        "people.yaml",
        "meeting: ministerial-conference-2013",
        "meeting: ministerial-conference",
        ["“ministerial-conference” is not in meetings.yaml"],
        ["«ministerial-conference» нет в файле meetings.yaml"],
    ),
    "number that stands twice": (
        "participants.yaml",
        "{number: 12,",
        "{number: 11,",
        ["the number 11 stands twice"],
        ["номер 11 указан дважды"],
    ),
    "State and organization": (
        "participants.yaml",
        "{number: 12, state: JP,",
        "{number: 12, state: JP, organization: iom,",
        ["entry 3 of “entries” (12)", "write either “state” or “organization”"],
        ["запись 3 в «entries» (12)", "напишите либо «state», либо «organization»"],
    ),
    # Found only when it is stored, after much else was: all of it is undone.
    "terms that overlap": (
        "chairmanships.yaml",
        "until: 2018-11-01",
        "until: 2019-11-01",
        ["chairmanships.yaml, line ", "entry 3 (TJ)", "Another State is in the Chair"],
        ["chairmanships.yaml, строка ", "запись 3 (TJ)"],
    ),
}


def message(directory, language: str) -> str:
    with translation.override(language), pytest.raises(DataError) as caught:
        load_founding_archive(directory)
    return caught.value.message


def nothing_is_stored() -> bool:
    return not any(model.objects.exists() for model in (State, Document, Standing, AuditRecord))


@pytest.mark.django_db
@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_told_and_nothing_is_stored(files, fault):
    name, old, new, english, russian = FAULTS[fault]
    directory = files(name, old, new)
    for language, expected in (("en", english), ("ru", russian)):
        told = message(directory, language)
        assert told.startswith(f"founding_archive/{name}, ")
        for words in expected:
            assert words in told
        assert nothing_is_stored()


@pytest.mark.django_db
def test_the_line_is_the_line_of_the_file(files):
    directory = files(TEXT, '    anchor: "iii"', '    ancor: "iii"')
    lines = (directory / TEXT).read_text(encoding="utf-8").splitlines()
    number = int(re.search(r"line (\d+)", message(directory, "en"))[1])
    assert lines[number - 1] == '    ancor: "iii"'


@pytest.mark.django_db
def test_all_faults_of_all_files_are_told_at_once(files):
    files(TEXT, "type: communique", "type: communicue")
    files("meetings.yaml", "online: true", "online: perhaps")
    told = message(files("topics.yaml", "position: 3", "position: three"), "en").splitlines()
    assert sorted(line.split(",")[0].split("/")[-1] for line in told) == [
        "communique.yaml",
        "meetings.yaml",
        "topics.yaml",
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "words"), [("en", "the file is missing"), ("ru", "файл отсутствует")]
)
def test_a_missing_file_is_named(files, language, words):
    (files.directory / "states.yaml").unlink()
    told = message(files.directory, language)
    assert told.startswith("founding_archive/states.yaml: ") and words in told


@pytest.mark.django_db
@pytest.mark.parametrize("content", ["", "words", "- 1\n- 2\n", "a: b", "- {}", "\x00", "[[[["])
def test_no_content_of_a_file_breaks_the_loader(files, content):
    """Whatever a file holds, a sentence comes of it."""
    for name in ("states.yaml", "agenda.yaml", "windows.yaml", TEXT):
        original = (files.directory / name).read_text(encoding="utf-8")
        (files.directory / name).write_text(content, encoding="utf-8")
        assert f"founding_archive/{name}" in message(files.directory, "en")
        (files.directory / name).write_text(original, encoding="utf-8")
    assert nothing_is_stored()


@pytest.mark.django_db
def test_command_refuses_with_the_sentence(files):
    directory = files(TEXT, "type: communique\n", "")
    with translation.override("en"), pytest.raises(CommandError, match="Nothing was stored"):
        call_command("load_founding_archive", directory=directory)


@pytest.mark.django_db
def test_norway_is_no_false(files):
    """Words that YAML takes for yes, no, times or numbers stay words."""
    files("standing.yaml", "- state: AZ", "- state: NO")
    assert "“NO” is not the code of a State in states.yaml" in message(files.directory, "en")


def test_an_issued_text_is_never_taken_out(db, files):
    """T8: the archive is permanent; and what a window asked stays (S16)."""
    load_founding_archive(files.directory)
    files("windows.yaml", "2013-08-31T18:00:00Z", "2013-09-30T18:00:00Z")
    assert "is on record and stays as it was entered" in message(files.directory, "en")
    files("windows.yaml", "2013-09-30T18:00:00Z", "2013-08-31T18:00:00Z")
    (files.directory / "texts/agenda.yaml").unlink()
    files("texts/summary-report.yaml", "  - ministerial-conference-2013-agenda\n", "")
    assert "Put its entry back" in message(files.directory, "en")
    assert Document.objects.count() == 5


def test_states_that_were_there_before_are_taken_up(members):
    """A State that was entered by hand is not entered twice."""
    Standing.objects.all().delete()
    assert load_founding_archive()["created"] > 250
    assert State.objects.filter(code="KZ").count() == 1
