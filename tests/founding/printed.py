"""The printed Summary Report of 2013 and the loaded texts as lists of words, to be compared.

What is left out of the print or restored in it is listed here, and nothing else is.
"""

import re
from pathlib import Path

from documents import markup
from documents.models import Edition, Paragraph

SOURCE = Path(__file__).parent / "summary-report-2013.txt"

# The pages of each text, by the number printed at their foot; the cover has none.
PAGES = {
    "ministerial-conference-2013-summary-report": ["cover", "2", "3", "4", "5", "6"],
    "ministerial-conference-2013-agenda": ["7"],
    "almaty-process-02-01-2013": ["8", "9", "10", "11"],
    "almaty-process-03-01-2013": ["12", "13"],
    "ministerial-conference-2013-participants": ["14", "15", "16"],
}
# Left out: page "1" is the table of contents, and page 2 repeats the title of the cover.
REPEATED_TITLE = (
    "Ministerial Conference on Refugee Protection and International Migration: The Almaty Process "
    "5 June 2013 Summary Report "
)
# Footnotes stand at the foot of these pages and are loaded at the end of their text.
FOOTNOTES = {
    "8": " 1 The States listed in brackets",
    "9": " 3 Preliminary topics include",
    "12": " 5 The States listed in brackets",
}
# Apostrophes that were lost in the file.
APOSTROPHES = {
    "ministerial-conference-2013-summary-report": [
        ("Children s Fund", "Children's Fund"),
        ("Women s Initiatives", "Women's Initiatives"),
        ("Almaty s geo-political", "Almaty's geo-political"),
        ("UNHCR s attention", "UNHCR's attention"),
        ("Senior Official s Meeting", "Senior Official's Meeting"),
    ],
    "almaty-process-02-01-2013": [("year s work", "year's work")],
    "ministerial-conference-2013-participants": [("Children s Fund", "Children's Fund")],
}
# Dashes between two times that were lost in the file.
DASHES = {
    "ministerial-conference-2013-agenda": [
        ("10.45 11.15", "10.45-11.15"),
        ("11.15 11.45", "11.15-11.45"),
        ("15.30 16.00", "15.30-16.00"),
        ("16.00 16.30", "16.00-16.30"),
    ]
}


def pages() -> dict[str, str]:
    """The text of each page on one line, by the number at its foot, which is taken off."""
    found = {}
    for index, page in enumerate(SOURCE.read_text(encoding="utf-8").strip().split("\n\n")):
        line = " ".join(page.split())
        if index == 0:
            found["cover"] = line
        else:
            text, _, number = line.rpartition(" ")
            found[number] = text
    return found


def printed_words(slug: str) -> list[str]:
    """The words of a text as it was printed."""
    found, body, notes = pages(), [], []
    for number in PAGES[slug]:
        text = found[number]
        if number == "2":
            assert text.startswith(REPEATED_TITLE)
            text = text.removeprefix(REPEATED_TITLE)
        if number in FOOTNOTES:
            assert text.count(FOOTNOTES[number]) == 1
            at = text.index(FOOTNOTES[number])
            text, note = text[:at], text[at:]
            notes.append(note)
        body.append(text)
    whole = " ".join(body + notes)
    for lost, restored in APOSTROPHES.get(slug, []) + DASHES.get(slug, []):
        assert whole.count(lost) == 1, lost
        whole = whole.replace(lost, restored)
    return normal(whole)


def loaded_words(slug: str, language: str = "en") -> list[str]:
    """The words of the text that the portal holds: numbers, brackets, footnote marks and all."""
    edition = Edition.objects.get(document__slug=slug, kind=Edition.Kind.FINAL)
    return normal(" ".join(said(one, language) for one in edition.paragraphs.all()))


def said(paragraph: Paragraph, language: str) -> str:
    text = getattr(paragraph, f"text_{language}")
    text = re.sub(r"\[\^(\w+)\]", r" \1", text)
    return f"{paragraph.number} {markup.plain(text)}"


def normal(text: str) -> list[str]:
    """Words in one form: one kind of apostrophe and dash, no blank before a mark."""
    text = text.replace("’", "'").replace("–", "-").replace("—", "-")
    return re.sub(r"\s+([;:,.])", r"\1", " ".join(text.split())).split()
