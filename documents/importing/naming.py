"""Marks the States that a text names, where the name is one State's alone (rules M2, T5)."""

import re

from documents.concordance.names import Names

MARKED = re.compile(r"\{[A-Z]{2}\|[^{}]*\}|\[\^[^\]]*\]|\\.")
ARTICLE = re.compile(r"\b[Tt]he\s+$")


def mark_states(text: str, language: str, names: Names) -> str:
    """The text with `{KZ|…}` round every known name, and the article with it; what is marked stays.

    A name that two States have borne is left alone.
    """
    made, at = "", 0
    for kept in [*MARKED.finditer(text), None]:
        end = kept.start() if kept else len(text)
        made += marked(text[at:end], language, names) + (kept.group() if kept else "")
        at = kept.end() if kept else end
    return made


def marked(text: str, language: str, names: Names) -> str:
    made, at = "", 0
    for code, start, end in names.places(text, language):
        if language == "en" and (article := ARTICLE.search(text, at, start)):
            start = article.start()
        made += f"{text[at:start]}{{{code}|{text[start:end]}}}"
        at = end
    return made + text[at:]
