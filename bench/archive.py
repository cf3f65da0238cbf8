"""The archive at size: generated bilingual documents, searched and read.

`make bench ARGS=archive` takes 100,000 documents, `ARGS=archive=5000` as many as it says. What is
printed for a kind of search is p50 and p95 of the search (finding, facets, the passages of a page)
and of the same statements sent bare, in turn, in the same run; of a page its time through the whole
of the portal, and its queries.
"""

import datetime as dt
import gc
import itertools
import random
import statistics
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.core.cache import cache
from django.core.handlers.wsgi import WSGIHandler
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.test import Client, RequestFactory, override_settings
from django.test.utils import CaptureQueriesContext
from django.urls import path

from documents import search
from documents.models import Document, Edition, LanguageVersion, Paragraph, SearchText
from documents.search import index
from documents.search.lemmas import words

NUMBER = 100_000
AT_A_TIME = 2_000
RUNS = 40
MADE = "bench-"
PHRASES = ["silence procedure", "mixed migration", "host community", "border management"]
RUSSIAN_PHRASES = [
    "процедура умолчания",
    "смешанная миграция",
    "принимающее сообщество",
    "управление границами",
]
QUESTIONS = {
    "common word": ["миграция", "migration", "миграции", "беженцы", "refugees", "беженцев"],
    "rare word": ["редкослов11", "rareword11", "редкослов23", "rareword23", "rareword13"],
    "two common words": ["миграция беженцы", "refugees migration", "защита миграции"],
    "phrase": ['"процедура умолчания"', '"silence procedure"', '"mixed migration"'],
    "word and phrase": ['миграция "процедуры умолчания"', 'refugees "silence procedure"'],
    "word without another": ["миграция -беженцы", "migration -refugees"],
    "reference": ["17/02/2019", "almaty process 9/2/2021"],
}
# A misspelt word, and the one it is meant for; of the founding archive.
MISSPELT = {
    "мигарция": "миграция",
    "бежинец": "беженец",
    "умалчание": "умолчание",
    "дикларация": "декларация",
    "комюнике": "коммюнике",
    "координатар": "координатор",
    "гасударство": "государство",
    "канференция": "конференция",
    "совищание": "совещание",
    "консесус": "консенсус",
    "наблюдатиль": "наблюдатель",
    "сотрудничиство": "сотрудничество",
    "refugess": "refugees",
    "migraton": "migration",
    "consesus": "consensus",
    "conferance": "conference",
    "coordinater": "coordinator",
    "statless": "stateless",
    "Kazakstan": "kazakhstan",
    "declaraton": "declaration",
}
PAGES = {"archive page": "/{}/documents/", "document page": "/{}/documents/bench-{}/"}


def bare(request: HttpRequest) -> HttpResponse:
    """40 kB of text, and nothing else."""
    return HttpResponse("x" * 40_000)


urlpatterns = [path("bare", bare)]


def run(argument: str = "") -> None:
    number = int(argument or NUMBER)
    start = time.perf_counter()
    load(number)
    sys.stdout.write(
        f"archive: {number:,} bilingual documents made in {time.perf_counter() - start:.0f} s\n"
    )
    cache.clear()
    gc.collect()
    gc.freeze()  # as the web server does (`almaty_portal.serving`)
    searches()
    spelling()
    with override_settings(
        STORAGES={
            **settings.STORAGES,
            "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
        }
    ):
        pages(number)


# The documents


def vocabulary(language: str) -> list[str]:
    """Words of the founding archive and made ones, the frequent first."""
    known: dict[str, None] = {}
    for body in SearchText.objects.filter(language=language).values_list("body", flat=True):
        known.update((word.lower(), None) for word in words(body) if word.isalpha())
    syllables = (
        ["ма", "ро", "ли", "ке", "нур", "сан"] if language == "ru" else ["ma", "ro", "li", "ke"]
    )
    made = ("".join(one) for one in itertools.product(syllables, repeat=4))
    return [*known, *made][:4000]


def sentences(language: str, chance: random.Random) -> Iterator[list[str]]:
    """Texts of four paragraphs without end, with words as frequent as in a language (Zipf)."""
    known = vocabulary(language)
    weights = [1 / (place + 3) for place in range(len(known))]
    total = list(itertools.accumulate(weights))
    common = (
        ["миграция", "беженцы", "защита"]
        if language == "ru"
        else ["migration", "refugees", "protection"]
    )
    phrases = RUSSIAN_PHRASES if language == "ru" else PHRASES
    rare = "редкослов" if language == "ru" else "rareword"
    for place in itertools.count():
        text = []
        for paragraph in range(4):
            own = chance.choices(known, cum_weights=total, k=18)
            own += [word for word in common if chance.random() < 0.3]
            if chance.random() < 0.12:
                own.append(chance.choice(phrases))
            if paragraph == 0 and place % 20_000 < 5:
                own.append(f"{rare}{place % 30}")
            chance.shuffle(own)
            text.append(" ".join(own).capitalize() + ".")
        yield text


TABLES = ("document", "edition", "languageversion", "paragraph", "searchtext", "searchword")


def load(number: int) -> None:
    """So many generated public documents, each issued in two languages, with the rows that the
    index makes of them; written past the triggers of the archive, and indexed at the end."""
    chance = random.Random(2013)  # noqa: S311 (no secret)
    texts = {language: sentences(language, chance) for language in ("en", "ru")}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT indexname, indexdef FROM pg_indexes WHERE tablename IN"
            " ('documents_paragraph', 'documents_searchtext') AND indexname NOT IN"
            " (SELECT conname FROM pg_constraint)"
        )
        # Nothing here looks for similar paragraphs, and their indexes take longest to make.
        indexes = dict(cursor.fetchall())
        for name in indexes:
            cursor.execute(f"DROP INDEX {name}")
        for table in TABLES[:4]:
            cursor.execute(f"ALTER TABLE documents_{table} DISABLE TRIGGER USER")
        cursor.execute("SET synchronous_commit = off; SET maintenance_work_mem = '256MB'")
        for first in range(0, number, AT_A_TIME):
            batch(first, min(number, first + AT_A_TIME), texts, chance)
        for name, statement in indexes.items():
            if not name.startswith("similar_paragraphs"):
                cursor.execute(statement)
        cursor.execute("RESET synchronous_commit; RESET maintenance_work_mem")
        for table in TABLES:
            cursor.execute(f"ALTER TABLE documents_{table} ENABLE TRIGGER USER")
            cursor.execute(f"VACUUM (ANALYZE) documents_{table}")


def batch(
    first: int, last: int, texts: dict[str, Iterator[list[str]]], chance: random.Random
) -> None:
    kinds = [one for one in Document.Type.values if one != "decision"]
    day = dt.date(2013, 6, 6)
    with transaction.atomic():
        documents = Document.objects.bulk_create(
            Document(
                slug=f"{MADE}{place}",
                reference=f"Bench {place}/{place % 90 + 1:02d}/02/{2013 + place % 13}",
                type=chance.choice(kinds),
                title_en=f"Generated document {place} on {chance.choice(PHRASES)}",
                title_ru=f"Созданный документ {place}: {chance.choice(RUSSIAN_PHRASES)}",
                access="public",
                issued_on=day + dt.timedelta(days=chance.randrange(4_700)),
                is_demonstration=True,
            )
            for place in range(first, last)
        )
        issued_at = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
        editions = Edition.objects.bulk_create(
            Edition(document=one, kind="final", dated_on=one.issued_on, issued_at=issued_at)
            for one in documents
        )
        versions, paragraphs = [], []
        for edition in editions:
            own = [
                LanguageVersion(edition=edition, language=code, standing=standing)
                for code, standing in (("en", "original"), ("ru", "authentic"))
            ]
            rows = [
                Paragraph(
                    edition=edition,
                    position=place,
                    anchor=f"p{place}",
                    text_en=english,
                    text_ru=russian,
                )
                for place, (english, russian) in enumerate(
                    zip(next(texts["en"]), next(texts["ru"]), strict=True), start=1
                )
            ]
            edition._prefetched_objects_cache = {"language_versions": own, "paragraphs": rows}
            versions += own
            paragraphs += rows
        LanguageVersion.objects.bulk_create(versions, batch_size=AT_A_TIME)
        Paragraph.objects.bulk_create(paragraphs, batch_size=AT_A_TIME)
    index.index_editions(editions)


# The searches


def percentiles(runs: list[float]) -> tuple[float, float]:
    return statistics.median(runs), statistics.quantiles(runs, n=20)[-1]


def milliseconds(act: Callable[[], object]) -> float:
    start = time.perf_counter()
    act()
    return (time.perf_counter() - start) * 1000


def look(text: str, correct: bool = False) -> None:
    reader, question = AnonymousUser(), search.Question.read(text)
    language = "ru" if any("а" <= one <= "я" for one in text) else "en"
    found = search.find(
        reader=reader, question=question, filters={}, sort="relevance", language=language
    )
    if correct and not found.ids:
        better = search.suggestion(reader=reader, question=question)
        question = search.Question.read(better)
        found = search.find(
            reader=reader, question=question, filters={}, sort="relevance", language=language
        )
    search.hits(found.ids[: search.PER_PAGE], question=question, language=language)


def statements(act: Callable[[], object]) -> list[tuple[str, Any]]:
    sent: list[tuple[str, Any]] = []

    def keep(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        sent.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        act()
    return sent


def send(sent: Iterable[tuple[str, Any]]) -> None:
    with connection.cursor() as cursor:
        for sql, params in sent:
            cursor.cursor.execute(sql, params)
            cursor.fetchall()


def searches() -> None:
    misspelt = list(MISSPELT)[:6]
    for name, questions in {**QUESTIONS, "misspelt word": misspelt}.items():
        ours, theirs, number = [], [], 0
        for turn in range(RUNS):
            text = questions[turn % len(questions)]

            def act(text: str = text, correct: bool = name == "misspelt word") -> None:
                look(text, correct)

            sent = statements(act)
            number = max(number, len(sent))
            ours.append(milliseconds(act))
            theirs.append(milliseconds(lambda sent=sent: send(sent)))
        tell(f"search, {name}", ours, theirs, number)


def tell(what: str, ours: list[float], theirs: list[float], queries: int) -> None:
    (half, most), (bare_half, bare_most) = percentiles(ours), percentiles(theirs)
    sys.stdout.write(
        f"{what:<30} p50 {half:7.1f}  p95 {most:7.1f} ms   bare p50 {bare_half:7.1f}"
        f"  p95 {bare_most:7.1f} ms   ratio of p95 {most / bare_most:5.2f}   {queries} queries\n"
    )


def spelling() -> None:
    reader = AnonymousUser()
    right = [
        typed
        for typed, meant in MISSPELT.items()
        if search.suggestion(reader=reader, question=search.Question.read(typed)).lower() == meant
    ]
    missed = sorted(set(MISSPELT) - set(right))
    sys.stdout.write(
        f"search: {len(right)} of {len(MISSPELT)} misspelt words put right"
        f"{'; not: ' + ', '.join(missed) if missed else ''}\n"
    )


# The pages


def pages(number: int) -> None:
    client = Client(headers={"host": "localhost", "accept-language": "ru"})
    for name, address in PAGES.items():
        client.get(address.format("ru", 1))  # what a process learns once is not counted
        runs, queries = [], 0
        for turn in range(RUNS // 2):
            page = address.format("ru", turn * (number // RUNS))
            cache.clear()
            with CaptureQueriesContext(connection) as captured:
                runs.append(milliseconds(lambda page=page: client.get(page)))
            queries = len(captured)
        half, most = percentiles(runs)
        sys.stdout.write(
            f"{name + ', made':<30} p50 {half:7.1f}  p95 {most:7.1f} ms   {queries} queries\n"
        )
    kept()


def kept() -> None:
    """How many document pages a process answers a second, against a view that only answers."""
    rates = []
    for address, options in (
        ("/ru/documents/bench-1/", {}),
        ("/bare", {"ROOT_URLCONF": "bench.archive", "MIDDLEWARE": []}),
    ):
        with override_settings(**options):
            handler = WSGIHandler()
            ask = RequestFactory(
                headers={"host": "localhost", "accept-language": "ru", "accept-encoding": "gzip"}
            )

            def answer() -> None:
                environ = ask._base_environ(PATH_INFO=address)  # noqa: B023
                body = b"".join(handler(environ, lambda *_: None))  # noqa: B023
                if not body:
                    raise SystemExit(f"{address} does not answer")  # noqa: B023

            for _ in range(20):
                answer()
            start = time.perf_counter()
            for _ in range(2000):
                answer()
            rates.append(2000 / (time.perf_counter() - start))
    sys.stdout.write(
        f"document page, again           {rates[0]:7.0f} a second   bare view {rates[1]:7.0f}"
        f" a second   ratio {rates[0] / rates[1]:5.2f}\n"
    )
