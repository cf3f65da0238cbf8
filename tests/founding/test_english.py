"""The English of the archive is the English that was printed, word by word."""

import re

import pgtrigger
import pytest

from documents import markup
from documents.models import Edition, LanguageVersion, Paragraph
from tests.founding.printed import PAGES, loaded_words, pages, printed_words

WORDS = {
    "ministerial-conference-2013-summary-report": 1500,
    "ministerial-conference-2013-agenda": 150,
    "almaty-process-02-01-2013": 1000,
    "almaty-process-03-01-2013": 500,
    "ministerial-conference-2013-participants": 250,
}


def first_difference(one: list[str], other: list[str]) -> str:
    for index, (left, right) in enumerate(zip(one, other, strict=False)):
        if left != right:
            around = slice(max(0, index - 5), index + 6)
            return f"printed: {' '.join(one[around])} | loaded: {' '.join(other[around])}"
    return f"{len(one)} words printed, {len(other)} loaded"


def test_every_page_belongs_to_a_text():
    """Only the table of contents (page 1) is left out."""
    assert sorted([*(number for many in PAGES.values() for number in many), "1"]) == sorted(pages())
    assert pages()["1"].startswith("Contents ")


@pytest.mark.parametrize("slug", PAGES)
def test_english_is_the_printed_text(archive, slug):
    printed, loaded = printed_words(slug), loaded_words(slug)
    assert len(printed) > WORDS[slug]
    assert printed == loaded, first_difference(printed, loaded)


@pytest.mark.parametrize("slug", PAGES)
def test_one_changed_word_is_found(archive, slug):
    paragraph = Paragraph.objects.filter(
        edition__document__slug=slug, edition__kind="final", text_en__contains=" of "
    ).last()
    paragraph.text_en = paragraph.text_en.replace(" of ", " on ", 1)
    with pgtrigger.ignore("documents.Paragraph:an_issued_text_stays"):
        paragraph.save()
    assert printed_words(slug) != loaded_words(slug)


def test_russian_is_a_full_working_translation(archive):
    """T2: every paragraph has its Russian, marked as a working translation."""
    for edition in Edition.objects.with_text():
        standings = {one.language: one.standing for one in edition.language_versions.all()}
        assert standings == {
            "en": LanguageVersion.Standing.ORIGINAL,
            "ru": LanguageVersion.Standing.WORKING,
        }
        for paragraph in edition.paragraphs.all():
            without_latin = re.fullmatch(r"[^А-Яа-яЁё]*", paragraph.text_ru)
            assert not without_latin, paragraph.text_ru


def test_both_languages_have_the_same_marks(archive):
    """T4, T5: States, brackets and footnote marks are the same in both languages."""
    for paragraph in Paragraph.objects.all():
        for read in (markup.states, markup.bracketed_states, markup.footnotes):
            assert sorted(read(paragraph.text_en)) == sorted(read(paragraph.text_ru))


def test_brackets_and_their_footnotes_are_kept(archive):
    """T5: Iran and Pakistan stand in brackets in the issued texts, with the footnote."""
    for slug, marks in (("almaty-process-03-01-2013", 1), ("almaty-process-02-01-2013", 2)):
        edition = Edition.objects.get(document__slug=slug, kind="final")
        texts = [one.text_en for one in edition.paragraphs.all()]
        assert [code for text in texts for code in markup.bracketed_states(text)] == (
            ["IR", "PK"] * marks
        )
        assert edition.paragraphs.filter(explains_brackets=True).count() == marks


def test_communique_has_its_paragraphs(archive):
    """T4: (i)–(xi), then 1 and 2."""
    edition = Edition.objects.get(document__slug="almaty-process-03-01-2013", kind="final")
    numbers = list(
        edition.paragraphs.filter(role__in=["preambular", "operative"]).values_list(
            "number", flat=True
        )
    )
    roman = ["i", "ii", "iii", "iv", "v", "vi", "vii", "viii", "ix", "x", "xi"]
    assert numbers == [*(f"({one})" for one in roman), "1.", "2."]
