"""The search of the archive: what is stored for it, how a question is read, what is found."""

from documents.models.searches import QUERY_LENGTH
from documents.search.completing import Suggestions, suggestions
from documents.search.facets import FACETS, Choice, in_words, labels_of, names_of, url_of
from documents.search.finding import CANDIDATES, PER_PAGE, Results, find, latest, searchable
from documents.search.index import index_document, index_editions, index_stale
from documents.search.passages import Hit, hits, title_of
from documents.search.question import Question
from documents.search.spelling import suggestion

__all__ = [
    "CANDIDATES",
    "FACETS",
    "PER_PAGE",
    "QUERY_LENGTH",
    "Choice",
    "Hit",
    "Question",
    "Results",
    "Suggestions",
    "find",
    "hits",
    "in_words",
    "index_document",
    "index_editions",
    "index_stale",
    "labels_of",
    "latest",
    "names_of",
    "searchable",
    "suggestion",
    "suggestions",
    "title_of",
    "url_of",
]
