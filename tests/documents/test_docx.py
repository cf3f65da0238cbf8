"""A text as DOCX: styles, printed numbers, footnotes, language; read by programs of others."""

import datetime as dt
import io
import zipfile

import docx
import pypandoc
import pytest
from docx.oxml.ns import qn

from documents import formats, importing
from documents.formats import numbering
from documents.reading import current_edition
from tests.factories.documents import BRACKETED, a_public_document
from tests.factories.office import communique, printed

pytestmark = pytest.mark.django_db
W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"
NUMBERS = ["(i)", "(ii)", "1.", "2.", "5.", "(i)", "3.i", "3.ii", "a)", "IV", "*", "6.", "b)", "0"]


def made(language="en", **fields) -> bytes:
    edition = a_public_document(**fields)
    return formats.make(current_edition(edition.document), language, "docx")


def opened(data: bytes):
    return docx.Document(io.BytesIO(data))


def text(data: bytes) -> str:
    """What pandoc, which shares no code with what wrote the file, reads in it."""
    return pypandoc.convert_text(data, "markdown", format="docx", extra_args=["--wrap=none"])


def shown_numbers(word) -> list[str]:
    """The number of each line as a word processor counts it, from the lists of the file alone."""
    root = word.part.numbering_part.element
    kinds = {one.get(f"{W}abstractNumId"): one for one in root.findall(f"{W}abstractNum")}
    counts, shown = {}, []
    for line in word.paragraphs:
        if line._p.pPr is None or line._p.pPr.numPr is None:
            continue
        key = line._p.pPr.numPr.numId.val
        [one] = [each for each in root.findall(f"{W}num") if each.get(f"{W}numId") == str(key)]
        level = kinds[one.find(f"{W}abstractNumId").get(f"{W}val")].find(f"{W}lvl")
        start = int(one.find(f"{W}lvlOverride/{W}startOverride").get(f"{W}val"))
        value = counts[key] = counts.get(key, start - 1) + 1
        kind = level.find(f"{W}numFmt").get(f"{W}val")
        written = {
            "decimal": str(value),
            "lowerRoman": numbering.written(value),
            "upperRoman": numbering.written(value).upper(),
            "lowerLetter": chr(96 + value),
            "upperLetter": chr(64 + value),
        }[kind]
        shown.append(level.find(f"{W}lvlText").get(f"{W}val").replace("%1", written))
    return shown


def test_numbers_are_real_and_as_printed():
    """T4: the word processor's own numbering, and never another number than the printed one."""
    rows = [
        {"role": "item", "number": number, "anchor": f"a{at}", "text_en": "T.", "text_ru": "Т."}
        for at, number in enumerate(NUMBERS)
    ]
    word = opened(made(rows=rows))
    assert shown_numbers(word) == NUMBERS
    assert not any(line.text.startswith(("(i)", "1.")) for line in word.paragraphs)


@pytest.mark.parametrize(
    ("language", "locale", "name", "note"),
    [
        ("en", "en-GB", "[Iran]", "The State in brackets."),
        ("ru", "ru-RU", "[Иран]", "Государство в скобках."),
    ],
)
def test_styles_brackets_footnotes_and_language(members, iran, language, locale, name, note):
    """T5, T2: what a reader of the file gets, in the language of the text and no other."""
    reference = "Almaty Process/09/01/2026"
    data = made(language, rows=BRACKETED, reference=reference, issued_on=dt.date(2026, 1, 1))
    word = opened(data)
    styles = {line.style.name for line in word.paragraphs}
    assert {"Title", "Portal Facts", "Preambular Paragraph", "Operative Paragraph"} <= styles
    facts = dict(
        line.text.split("\t") for line in word.paragraphs if line.style.name == "Portal Facts"
    )
    assert reference in facts.values()
    assert len(facts) == 5
    assert {one.get(qn("w:val")) for one in word.styles.element.iter(qn("w:lang"))} == {locale}
    assert word.core_properties.language == locale
    notes = zipfile.ZipFile(io.BytesIO(data)).read("word/footnotes.xml").decode()
    assert note in notes
    assert "footnoteRef" in notes
    assert '<w:numStart w:val="5"/>' in word.part.element.xml
    read = text(data).replace("\\", "")
    assert name in read
    assert f"]: {note}" in read or f"5 {note}" in read or f"^5^ {note}" in read
    other = "Recalling" if language == "ru" else "Ссылаясь"
    assert other not in read


def test_footnotes_bear_their_printed_numbers():
    """T4: where the word processor would count otherwise, each mark is the printed one."""
    text = "One.[^1] Three.[^3] Again.[^1]"
    notes = [
        {"role": "footnote", "number": number, "text_en": f"Note {number}", "text_ru": "С."}
        for number in ("1", "3")
    ]
    data = made(rows=[{"role": "paragraph", "text_en": text, "text_ru": text}, *notes], judged=True)
    assert opened(data).part.element.xml.count('w:customMarkFollows="1"') == 2
    part = zipfile.ZipFile(io.BytesIO(data)).read("word/footnotes.xml").decode()
    assert part.index("<w:t>1</w:t>") < part.index("Note 1") < part.index("<w:t>3</w:t>")


def test_the_same_text_gives_the_same_bytes():
    """Nothing in the file tells when it was made, nor shows the template's picture."""
    edition = current_edition(a_public_document().document)
    first, second = (formats.make(edition, "ru", "docx") for _ in range(2))
    assert first == second
    assert not [n for n in zipfile.ZipFile(io.BytesIO(first)).namelist() if "thumbnail" in n]


def test_no_text_breaks_the_file():
    """Whatever letters a text holds, the package opens and shows them."""
    hard = "a < b & “c” \x07 \\]\\]> 𝔘 \\{x\\}"
    rows = [{"role": "operative", "number": '"<&%1', "text_en": hard, "text_ru": hard}]
    word = opened(made(rows=rows, title_en="T & <b>"))
    assert "a < b & “c”  ]]> 𝔘 {x}" in [line.text for line in word.paragraphs]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_comes_back_as_the_text_alone(language):
    """What is printed before the text (reference, date, standing, marking) is none of it: the
    Support Unit takes a file of the portal's as the beginning of the next text."""
    rows = [
        {
            **{name: one[name] for name in ("role", "anchor")},
            "number": one.get("number", ""),
            "level": one.get("level", 2),
            "text_en": printed(one, "en"),
            "text_ru": printed(one, "ru"),
        }
        for one in communique()
    ]
    data = made(language, rows=rows, judged=True, is_demonstration=True)
    assert "Portal Marking" in {line.style.name for line in opened(data).paragraphs}
    again = importing.recognise(importing.lines_of_file(data, "docx"))
    assert [(one["role"], one["number"], one["text"]) for one in again] == [
        (one["role"], one.get("number", ""), printed(one, language)) for one in communique()
    ]
