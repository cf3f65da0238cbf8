"""A text from a file to rows: roles, numbers, brackets, footnotes, States (rule T4)."""

import pytest
import yaml
from django.conf import settings

from almaty_portal.common.pdf import make_pdf
from documents import importing, markup
from documents.concordance.names import Name, Names
from documents.importing import Line
from documents.importing.reading import list_number, marked_up
from tests.factories.office import (
    communique,
    communique_docx,
    communique_html,
    communique_odt,
    communique_text,
    printed,
)

MAKE = {"docx": communique_docx, "odt": communique_odt, "txt": communique_text}


def names():
    path = settings.BASE_DIR / "founding_archive" / "states.yaml"
    known = yaml.safe_load(path.read_text(encoding="utf-8"))
    return Names(
        Name(state["code"], language, form[language])
        for state in known
        for period in state["names"]
        for form in (period["short"], period["formal"])
        for language in ("en", "ru")
    )


def found(rows):
    return [(str(row["role"]), row["number"], row["text"]) for row in rows]


def wanted(language):
    return [(row["role"], row.get("number", ""), printed(row, language)) for row in communique()]


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("kind", ["docx", "odt", "txt"])
def test_every_paragraph_number_and_footnote_of_the_communique(kind, language):
    """Each paragraph with its role and number, every bracket and footnote mark, word for word."""
    lines = importing.lines_of_file(MAKE[kind](language), kind)
    assert found(importing.recognise(lines)) == wanted(language)


@pytest.mark.parametrize("language", ["en", "ru"])
def test_recall_of_a_pdf(language, capsys):
    """A printed page tells no paragraphs: how many are found is measured."""
    content = make_pdf(communique_html(language))
    rows = found(importing.recognise(importing.lines_of_file(content, "pdf")))
    want = wanted(language)
    recall = sum(one in rows for one in want) / len(want)
    words = {word for _role, _number, text in rows for word in text.split()}
    all_words = [word for _role, _number, text in want for word in text.split()]
    of_words = sum(word in words for word in all_words) / len(all_words)
    with capsys.disabled():
        print(  # noqa: T201 (the figure is the point)
            f"\nPDF, {language}: {recall:.2f} of the paragraphs whole, {of_words:.3f} of words"
        )
    assert recall >= 0.75
    assert of_words >= 0.97


@pytest.mark.parametrize("language", ["en", "ru"])
def test_states_are_marked_as_in_the_archive(language):
    """M2, T5: where the archive marks States the same are marked, declined as they stand."""
    known = names()
    checked = 0
    for row in communique():
        if row["role"] in ("masthead", "heading"):
            continue
        text = printed(row, language)
        marked = importing.mark_states(text, language, known)
        assert markup.plain(marked) == markup.plain(text)
        assert markup.states(marked) == markup.states(" ".join(row[language].split()))
        checked += len(markup.states(marked))
    assert checked >= 13


def test_the_article_belongs_to_the_name_and_what_is_marked_stays():
    known = Names([Name("KZ", "en", "Republic of Kazakhstan"), Name("XA", "en", "Aland")])
    text = "In the Republic of Kazakhstan, {XA|Aland} and Alander."
    marked = importing.mark_states(text, "en", known)
    assert marked == "In {KZ|the Republic of Kazakhstan}, {XA|Aland} and Alander."
    assert importing.mark_states(marked, "en", known) == marked


def test_a_name_that_two_states_have_borne_is_left_alone():
    known = Names([Name("XA", "en", "Congo"), Name("XB", "en", "Congo")])
    assert importing.mark_states("Congo agreed.", "en", known) == "Congo agreed."
    assert [one.key for one in known.find("Congo agreed.", "en")] == ["XA"]


@pytest.mark.parametrize(
    ("text", "marked"),
    [
        ("a [b] c[^5]", "a [b] c[^5]"),
        ("{a} \\", "\\{a\\} \\\\"),
        ("a [b [c] d]", "a \\[b \\[c\\] d\\]"),
        ("a ] b [", "a \\] b \\["),
        ("[a[^1] b]", "[a[^1] b]"),
    ],
)
def test_signs_that_are_no_marks_are_escaped(text, marked):
    assert marked_up(text) == marked
    markup.parse(marked)


@pytest.mark.parametrize(
    ("line", "role", "number"),
    [
        ("(iv) Recalling the declaration;", "preambular", "(iv)"),
        ("2. Endorse the modalities.", "operative", "2."),
        ("3.i. The Member States take part in it.", "article", "3.i."),
        ("Article 5. The Chair convenes the meetings of States.", "article", "Article 5"),
        ("Статья 5. Председатель созывает совещания государств.", "article", "Статья 5"),
        ("1) the first of the aims;", "item", "1)"),
        ("– a point;", "item", ""),
        ("10:00 – 10:15 Opening", "item", "10:00–10:15"),
        ("Annex 2", "heading", ""),
        ("Have decided to:", "paragraph", ""),
    ],
)
def test_roles_and_numbers(line, role, number):
    (row,) = importing.recognise([Line(line)])
    assert (row["role"], row["number"]) == (role, number)


def test_chapters_give_addresses_to_what_stands_below_them():
    lines = ["1. Background", "It began.", "It went on.", "2. Aims", "1) to talk;", "i. Members"]
    rows = importing.recognise([Line(line) for line in lines])
    assert [row["role"] for row in rows] == [
        *("heading", "paragraph", "paragraph", "heading", "item", "heading"),
    ]
    assert [row["anchor"] for row in rows] == ["1", "1-p1", "1-p2", "2", "2.1", "2.i"]


def test_numbers_of_lists_are_printed_as_the_list_says():
    assert list_number(4, "LowerRoman", "TwoParens") == "(iv)"
    assert list_number(11, "LowerRoman", "Period") == "xi."
    assert list_number(3, "Decimal", "OneParen") == "3)"
    assert list_number(2, "LowerAlpha", "DefaultDelim") == "b."


def test_languages_stand_side_by_side_and_what_is_alone_stays_alone():
    def row(role, number, text):
        return {"role": role, "number": number, "level": 2, "anchor": number, "text": text}

    english = [row("heading", "", "T"), row("operative", "1.", "One"), row("operative", "2.", "2")]
    russian = [row("heading", "", "З"), row("operative", "2.", "Два")]
    joined = importing.join({"en": english, "ru": russian}, [])
    assert [(one["text_en"], one["text_ru"]) for one in joined] == [
        ("T", "З"),
        ("One", ""),
        ("2", "Два"),
    ]
    stored = [{**one, "text_en": one["text_en"] or "x"} for one in joined]
    again = importing.join({"ru": [row("operative", "1.", "Один")]}, stored)
    assert [(one["text_en"], one["text_ru"]) for one in again] == [
        ("T", ""),
        ("One", "Один"),
        ("2", ""),
    ]


def test_a_broken_office_text_is_unreadable():
    with pytest.raises(importing.Unreadable):
        importing.lines_of_file(b"PK\x03\x04", "docx")
