"""Suggestions while a question is typed: its last word completed, and titles that hold it.

Nothing is suggested by which the reader would find nothing (rule T6).
"""

from dataclasses import dataclass

from documents.models import Document
from documents.models.archive import Reader
from documents.models.searches import QUERY_LENGTH
from documents.search import lemmas, statements
from documents.search.passages import title_of
from documents.search.question import Question
from documents.search.reach import reach_of
from documents.search.spelling import found_by
from documents.search.statements import Sql

SHORTEST = 2  # letters of a word that is completed
COMPLETIONS = 5
TITLES = 5
COMPARED = 20


@dataclass(frozen=True)
class Suggestions:
    """What a question that is being typed may become."""

    questions: list[str]
    titles: list[tuple[str, str, Document]]  # title, its language, the document


def suggestions(*, reader: Reader, text: str, language: str) -> Suggestions:
    """What the reader may mean by the beginning of a question; the number of queries is fixed."""
    typed = lemmas.words(text[:QUERY_LENGTH])
    if not typed or len(typed[-1]) < SHORTEST:
        return Suggestions([], [])
    reach = reach_of(reader)
    beginning, last = text[: text.rindex(typed[-1])], lemmas.plain(typed[-1])
    rows = Sql(
        "SELECT word FROM documents_searchword WHERE word LIKE %s"
        " ORDER BY length(word), word LIMIT %s",
        [f"{last}%", COMPARED],
    ).rows()
    known = found_by([word for (word,) in rows], reach) if rows else set()
    questions = [f"{beginning}{word}" for (word,) in rows if word in known][:COMPLETIONS]
    question = Question.read(questions[0] if questions else text)
    if not question.wanted:
        return Suggestions(questions, [])
    ids = statements.in_titles(question, reach, limit=TITLES, language=language)
    documents = Document.objects.in_bulk(ids)
    titles = [(*title_of(documents[pk], language), documents[pk]) for pk in ids if pk in documents]
    return Suggestions(questions, titles)
