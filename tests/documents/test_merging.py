"""Two people's changes of one text are joined, and nothing is lost (issue 4, point 2)."""

from hypothesis import given
from hypothesis import strategies as st

from documents.merging import merge


def row(anchor, en="", ru="", **more):
    return {
        **{"role": "paragraph", "level": 2, "number": "", "anchor": anchor},
        **{"explains_brackets": False, "text_en": en, "text_ru": ru, **more},
    }


def mine(anchor, en="", ru="", was=None, **more):
    """As the form sends it: text with the browser's line ends, numbers as text."""
    return row(anchor, en, ru, **{"was": anchor if was is None else was, "level": 2, **more})


BASE = [row("a", "A", "А"), row("b", "B", "Б"), row("c", "C", "В")]


def texts(merged):
    return [(one["text_en"], one["text_ru"]) for one in merged.rows]


def test_each_changed_another_paragraph_or_language():
    theirs = [row("a", "A2", "А"), row("b", "B", "Б2"), BASE[2]]
    own = [mine("a", "A", "А"), mine("b", "B2", "Б"), mine("c", "C", "В2")]
    merged = merge(BASE, theirs, own)
    assert texts(merged) == [("A2", "А"), ("B2", "Б2"), ("C", "В2")]
    assert (merged.differing, merged.taken_out) == ({}, set())


def test_both_changed_the_same_words_mine_stand_and_theirs_are_told():
    theirs = [BASE[0], row("b", "Theirs", "Б"), BASE[2]]
    own = [mine("a", "A", "А"), mine("b", "Mine", "Б"), mine("c", "C", "В")]
    merged = merge(BASE, theirs, own)
    assert merged.rows[1]["text_en"] == "Mine"
    assert merged.differing == {1: {"text_en": "Theirs"}}


def test_the_same_change_is_no_difference():
    theirs = [row("a", "Same", "А"), *BASE[1:]]
    own = [mine("a", "Same", "А"), mine("b", "B", "Б"), mine("c", "C", "В")]
    assert merge(BASE, theirs, own).differing == {}


def test_rows_that_they_added_follow_theirs_and_mine_stay():
    theirs = [row("n0", "first"), BASE[0], row("n1", "new"), *BASE[1:]]
    own = [mine("a", "A", "А"), mine("", "own", was=""), mine("b", "B", "Б"), mine("c", "C", "В")]
    merged = merge(BASE, theirs, own)
    assert [one for one, _ru in texts(merged)] == ["first", "A", "new", "own", "B", "C"]


def test_a_row_taken_out_by_one_goes_unless_the_other_changed_it():
    own = [mine("a", "A", "А"), mine("c", "C2", "В")]  # I took b out, they changed it
    theirs = [BASE[0], row("b", "B2", "Б")]  # they took c out, I changed it
    merged = merge(BASE, theirs, own)
    assert texts(merged) == [("A", "А"), ("B2", "Б"), ("C2", "В")]
    assert merged.taken_out == {1, 2}
    merged = merge(BASE, BASE[:2], [mine("a", "A", "А"), mine("c", "C", "В")])
    assert texts(merged) == [("A", "А")]
    assert merged.taken_out == set()


rows = st.lists(
    st.tuples(st.sampled_from("abcdef"), st.sampled_from("xyz"), st.sampled_from("xyz")),
    max_size=5,
    unique_by=lambda one: one[0],
).map(lambda made: [row(*one) for one in made])


@given(base=rows, theirs=rows, own=rows)
def test_no_words_are_lost(base, theirs, own):
    """Whatever either wrote anew stands in a row or is told beside one."""
    former = {one["anchor"]: one for one in base}
    sent = [{**one, "was": one["anchor"] if one["anchor"] in former else ""} for one in own]
    merged = merge(base, theirs, sent)
    for name in ("text_en", "text_ru"):
        kept = [one[name] for one in merged.rows]
        kept += [told[name] for told in merged.differing.values() if name in told]
        for one in (*theirs, *own):
            if one[name] != former.get(one["anchor"], {}).get(name):
                assert one[name] in kept
