"""The search: inflected Russian that is found, and its time against the bare SQL."""

import sys

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.search import SearchQuery

from bench.__main__ import tell, timed
from documents import search
from documents.models import SearchText

# A form as a reader may type it, and a word as the texts have it in another form.
INFLECTED = [
    "беженец",
    "беженцами",
    "защиту",
    "защитой",
    "женщине",
    "государств",
    "государству",
    "миграцию",
    "миграцией",
    "границе",
    "процедура",
    "умолчанию",
    "координаторами",
    "министр",
    "конференцию",
    "участниками",
    "скобка",
    "наблюдателям",
    "консенсус",
    "совещаниям",
    "взнос",
    "председатель",
    "коммюнике",
    "декларацией",
    "решением",
    "торговле",
    "незаконная",
    "трудовую",
    "беженцам и мигрантам",
    "мигранта",
    "смешанной миграцией",
    "лицом без гражданства",
    "безгражданства",
    "торговля людьми",
    "торговлей людьми",
    "международную защиту",
    "управлением границами",
    "содействием управлению",
    "странами назначения",
    "национальному координатору",
    "национальным координаторам",
    "группой поддержки",
    "старшим должностным лицам",
    "министерскую конференцию",
    "процедуре умолчания",
    "региональное сотрудничество",
    "Алматинскому процессу",
    "добровольному взносу",
    "неправительственным организациям",
    "международную организацию",
]


def run() -> None:
    reader = AnonymousUser()
    found = [word for word in INFLECTED if hits(word, reader)]
    missed = sorted(set(INFLECTED) - set(found))
    sys.stdout.write(
        f"search: {len(found)} of {len(INFLECTED)} inflected Russian questions find in the "
        f"founding archive{'; not found: ' + ', '.join(missed) if missed else ''}\n"
    )
    text = search.Question.read("беженцев").tsquery_text("ru")
    query = SearchQuery(text, config="simple", search_type="raw")

    def bare() -> None:
        list(SearchText.objects.filter(language="ru", vector=query).values_list("document_id"))

    ours = timed(lambda: hits("беженцев", reader))
    tell("search for one Russian word / bare query", ours, timed(bare))


def hits(question: str, reader: AnonymousUser) -> int:
    """How many documents the public finds."""
    return search.find(
        reader=reader,
        question=search.Question.read(question),
        filters={},
        sort="relevance",
        language="ru",
    ).count
