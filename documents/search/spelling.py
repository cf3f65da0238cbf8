"""“Did you mean”: a question with its misspelt words put right.

A word is compared with the words of all texts (`SearchWord`) by trigrams; only those by which the
reader would find something are ever shown (rule T6).
"""

from collections.abc import Iterable
from difflib import SequenceMatcher

from documents.models.archive import Reader
from documents.search import lemmas
from documents.search.question import CONFIGURATION, Question
from documents.search.reach import Reach, reach_of
from documents.search.statements import ROWS, Sql
from membership.models import StateName

RESEMBLANCE = 0.6  # of two words, 0 to 1 (difflib)
COMPARED = 8  # words that resemble one that was typed
WORDS = 8  # of a question are put right
LOOKED_AT = 10  # texts with a word, of which the reader must be able to see one


def suggestion(*, reader: Reader, question: Question) -> str:
    """The question with misspelt words put right; empty without."""
    reach = reach_of(reader)
    typed = list(dict.fromkeys(w for part in question.wanted for w in part.words))[:WORDS]
    alike = resembling(typed)
    names = {
        lemmas.plain(word): word
        for name in StateName.objects.values_list("short_en", "short_ru")
        for each in name
        for word in lemmas.words(each)
    }
    asked = {one for word in typed for one in (*forms(word), *alike[word])}
    known = found_by(asked, reach) | set(names)
    better = question.text
    for word in typed:
        if not known.isdisjoint(forms(word)):
            continue
        close = {one for one in (*alike[word], *names) if one in known}
        alikeness, best = max(((likeness(word, one), one) for one in close), default=(0.0, ""))
        if best and alikeness >= RESEMBLANCE:
            better = better.replace(word, names.get(best, best))
    return better if better != question.text else ""


def forms(word: str) -> tuple[str, ...]:
    """The word as it may stand in the index."""
    return tuple(dict.fromkeys((lemmas.plain(word), *lemmas.lemmas(word))))


def likeness(typed: str, word: str) -> float:
    return max(SequenceMatcher(None, form, word).ratio() for form in forms(typed))


def resembling(typed: Iterable[str]) -> dict[str, list[str]]:
    """For each word the words of the texts that share most of its trigrams."""
    found: dict[str, list[str]] = {word: [] for word in typed}
    asked = [(word, form) for word in found for form in forms(word)]
    rows = Sql(
        "SELECT a.typed, w.word FROM unnest(%s::text[], %s::text[]) AS a(typed, form)"
        " CROSS JOIN LATERAL (SELECT word FROM documents_searchword WHERE word %% a.form"
        " ORDER BY similarity(word, a.form) DESC LIMIT %s) w",
        [[word for word, _form in asked], [form for _word, form in asked], COMPARED],
    ).rows()
    for word, one in rows:
        found[word].append(one)
    return found


def found_by(words: Iterable[str], reach: Reach) -> set[str]:
    """Those of the words by which the reader finds a text."""
    words = [word for word in words if lemmas.WORD.fullmatch(word)]
    languages = ["ru" if lemmas.CYRILLIC.search(word) else "en" for word in words]
    statement = (
        Sql(
            "WITH matched AS MATERIALIZED (SELECT a.word, t.edition_id"
            " FROM unnest(%s::text[], %s::text[]) AS a(word, config) CROSS JOIN LATERAL"
            f" (SELECT t.edition_id FROM {ROWS} t"
            " WHERE t.vector @@ to_tsquery(a.config::regconfig, a.word) AND ",
            [words, [CONFIGURATION[one] for one in languages]],
        )
        + Sql(reach.early, reach.early_values)
        + Sql(" LIMIT %s) t), allowed AS MATERIALIZED (SELECT v.id FROM (", [LOOKED_AT])
        + Sql(reach.visible, reach.visible_values)
        + Sql(
            ") v WHERE v.id = ANY(ARRAY(SELECT edition_id FROM matched)))"
            " SELECT DISTINCT m.word FROM matched m JOIN allowed a ON a.id = m.edition_id"
        )
    )
    return {word for (word,) in statement.rows()}
