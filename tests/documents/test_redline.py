"""What changed between two texts: words, paragraphs, numbers; nothing unescaped."""

import pytest
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from documents.models import Paragraph
from documents.redline import MOST, compare, html, redline


def one(anchor, english, russian="", number="", role="operative"):
    return Paragraph(
        anchor=anchor, number=number or anchor, role=role, text_en=english, text_ru=russian
    )


def said(runs):
    return [(run.kind, run.text) for run in runs]


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("the same", "the same", [("same", "the same")]),
        ("", "", []),
        ("", "new", [("added", "new")]),
        ("old", "", [("removed", "old")]),
        (
            "States shall act.",
            "Member States shall act.",
            [("added", "Member "), ("same", "States shall act.")],
        ),
        (
            "защищать беженцев",
            "защищать всех мигрантов",
            [("same", "защищать "), ("removed", "беженцев"), ("added", "всех мигрантов")],
        ),
        ("a b c", "d e f", [("removed", "a b c"), ("added", "d e f")]),
    ],
)
def test_words(before, after, expected):
    assert said(redline(before, after)) == expected


@given(st.text(max_size=60), st.text(max_size=60))
def test_both_versions_can_be_read_from_it(before, after):
    runs = redline(before, after)
    assert "".join(run.text for run in runs if run.kind != "added") == before
    assert "".join(run.text for run in runs if run.kind != "removed") == after


def test_a_paragraph_put_in_renumbers_the_rest_and_changes_no_word():
    before = [one("1", "First."), one("2", "Second.")]
    after = [one("1", "New."), one("2", "First."), one("3", "Second.")]
    rows = compare(before, after)
    assert [(row.change, row.number) for row in rows] == [
        ("added", "1"),
        ("changed", "1 → 2"),
        ("changed", "2 → 3"),
    ]
    assert said(rows[1].runs["en"]) == [("same", "First.")]


def test_changed_and_taken_out():
    before = [one("1", "First.", "Первый."), one("2", "Second."), one("3", "Third.")]
    after = [one("1", "First one.", "Первый."), one("3", "Third.")]
    rows = compare(before, after)
    assert [row.change for row in rows] == ["changed", "removed", "same"]
    assert said(rows[0].runs["ru"]) == [("same", "Первый.")]
    assert said(rows[1].runs["en"]) == [("removed", "Second.")]


def test_marks_are_no_change():
    rows = compare([one("1", "{KZ|Kazakhstan} agrees[^5].")], [one("1", "Kazakhstan agrees.")])
    assert rows[0].change == "same"


def test_html_is_escaped_and_heard():
    with translation.override("en"):
        made = html(redline("a <b> c", "a <script>alert(1)</script> c"))
    assert "<script>" not in made
    assert '<del class="redline"><span class="visually-hidden">[deleted: </span>' in made
    with translation.override("ru"):
        assert "[исключено: " in html(redline("a", ""))


def test_very_long_versions_are_shown_whole():
    before, after = "a " * (MOST // 1000), "b " * (MOST // 1000)
    assert said(redline(before, after)) == [("removed", before), ("added", after)]
