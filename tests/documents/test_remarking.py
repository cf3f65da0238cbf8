"""Wording that States proposed, taken over into a revision with the marks of the text (S14, T5)."""

import pytest

from documents import markup
from documents.actions import silence
from documents.models import SilenceProcedure
from documents.remarking import remark
from tests.factories.documents import BRACKETED, a_document, a_procedure

FORMER = "{KZ|Kazakhstan}, [{IR|Iran}][^5] and others agree."


@pytest.mark.parametrize(
    ("words", "former", "marked"),
    [
        (
            "Kazakhstan, [Iran] and others agree to meet.",
            FORMER,
            "{KZ|Kazakhstan}, [{IR|Iran}][^5] and others agree to meet.",
        ),
        ("All agree, Kazakhstan too.", FORMER, "All agree, {KZ|Kazakhstan} too."),
        ("[Iran] agrees.", FORMER, "[{IR|Iran}][^5] agrees."),
        (
            "Iran, Kazakhstan and Iran agree.",
            FORMER,
            "{IR|Iran}, {KZ|Kazakhstan} and Iran agree.",
        ),
        ("Nobody agrees.", FORMER, "Nobody agrees."),
        # the words of one State stand within those of another
        (
            "the Republic of Kazakhstan and Kazakhstan",
            "{KZ|the Republic of Kazakhstan}",
            "{KZ|the Republic of Kazakhstan} and Kazakhstan",
        ),
        (
            "Республики Казахстан и [Исламской Республики Иран], как сказано,",
            "{KZ|Республики Казахстан} и [{IR|Исламской Республики Иран}][^5]",
            "{KZ|Республики Казахстан} и [{IR|Исламской Республики Иран}][^5], как сказано,",
        ),
        ("See the note in detail.", "See[^1] the note[^2].", "See[^1] the note[^2] in detail."),
        ("As [agreed in 2027] it is", "As [agreed] it is", "As [agreed in 2027] it is"),
        # signs of marks that are no marks
        ("A {b} \\ c", "A b", "A \\{b\\} \\\\ c"),
        ("An [open bracket", "A bracket", "An \\[open bracket"),
        ("[Iran] of [", FORMER, "\\[{IR|Iran}\\][^5] of \\["),
        # marks that the State typed itself
        ("{IR|Iran} agrees.", FORMER, "{IR|Iran} agrees."),
        ("a\n  b", "a b[^1]", "a b[^1]"),
    ],
)
def test_the_marks_of_the_text_are_put_upon_the_words(words, former, marked):
    assert remark(words, former) == marked
    markup.parse(marked)


@pytest.mark.django_db
def test_a_reissue_keeps_the_states_brackets_and_footnotes(
    support_unit, members, iran, kazakhstan, coordinator
):
    """S14, T5: the proposals stay on record as they were typed."""
    procedure = a_procedure(by=support_unit, edition=a_document(by=support_unit, rows=BRACKETED))
    words = ("Kazakhstan, [Iran] and others agree in 2027.", "Казахстан, [Иран] и {другие} {")
    point = (procedure.edition.paragraphs.get(number="2."), *words)
    objection = silence.break_silence(
        procedure=procedure, state=kazakhstan, reason="No.", points=[point], by=coordinator
    )
    edition = silence.prepare_reissue(
        procedure=SilenceProcedure.objects.get(pk=procedure.pk),
        accepted=[objection.points.get()],
        reason_en="Letter 7.",
        reason_ru="Письмо 7.",
        by=support_unit,
    )
    text = edition.paragraphs.get(number="2.")
    assert text.text_en == "{KZ|Kazakhstan}, [{IR|Iran}][^5] and others agree in 2027."
    assert text.text_ru == "{KZ|Казахстан}, [{IR|Иран}][^5] и \\{другие\\} \\{"
    kept = objection.points.get()
    assert (kept.proposed_en, kept.proposed_ru) == words
