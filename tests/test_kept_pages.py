"""Public pages kept ready: for whom, and until when (fault P6)."""

from contextlib import contextmanager

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client

from almaty_portal.common import kept
from documents.actions import archive
from documents.models import Document
from tests.factories.documents import a_public_document

pytestmark = pytest.mark.django_db

RU = {"accept-language": "ru"}
EN = {"accept-language": "en"}


@pytest.fixture
def committed(django_capture_on_commit_callbacks):
    """Acts as if what is written inside were committed."""

    @contextmanager
    def act():
        connection.run_on_commit = []
        with django_capture_on_commit_callbacks(execute=True):
            yield

    return act


@pytest.fixture(autouse=True)
def pages_are_kept(settings):
    settings.PAGES_KEPT_SECONDS = 60
    kept._seen.clear()
    cache.clear()
    yield
    cache.clear()


def test_a_page_read_again_asks_the_database_for_nothing(django_assert_num_queries):
    """The page of a document is made once, and then answered from the cache as it was."""
    a_public_document(slug="one")
    first = Client().get("/ru/documents/one/", headers=RU)
    with django_assert_num_queries(0):
        second = Client().get("/ru/documents/one/", headers=RU)
    assert second.content == first.content
    for name in ("Content-Security-Policy", "X-Frame-Options", "Content-Type", "Vary"):
        assert second.headers[name] == first.headers[name]


def test_a_committed_write_drops_every_page(support_unit, committed):
    """A page shows what is in force: a withdrawal is seen at the next visit (rules T6, T8)."""
    edition = a_public_document(slug="one", title_ru="О зебре")
    assert "О зебре" in Client().get("/ru/documents/one/", headers=RU).content.decode()
    document = Document.objects.get(pk=edition.document.pk)
    document.title_ru = "О жирафе"
    with committed():
        document.save()
    assert "О жирафе" in Client().get("/ru/documents/one/", headers=RU).content.decode()
    with committed():
        archive.withdraw_document(
            document=document, reason_en="Wrong.", reason_ru="Ошибка.", by=support_unit
        )
    assert Client().get("/ru/documents/one/", headers=RU).status_code == 410


def test_no_byte_crosses_between_staff_and_the_public(support_unit, client_of):
    """P6: what the Support Unit sees is not kept, and it is not shown what is."""
    a_public_document(slug="one")
    staff = client_of(support_unit)
    first = staff.get("/ru/documents/one/", headers=RU)
    assert support_unit.email in first.content.decode() or "no-store" in first["Cache-Control"]
    public = Client().get("/ru/documents/one/", headers=RU)
    assert "logout" not in public.content.decode()
    assert "no-store" not in public.headers.get("Cache-Control", "")
    again = staff.get("/ru/documents/one/", headers=RU)
    assert "no-store" in again["Cache-Control"]
    assert again.content != public.content


def test_no_byte_crosses_between_the_languages():
    """P6: each language has its own page, and each encoding."""
    a_public_document(slug="one")
    russian = Client().get("/ru/documents/one/", headers=RU)
    english = Client().get("/en/documents/one/", headers=EN)
    assert b'<html lang="ru">' in russian.content
    assert b'<html lang="en">' in english.content
    packed = Client().get("/ru/documents/one/", headers={**RU, "accept-encoding": "gzip"})
    assert packed["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in Client().get("/ru/documents/one/", headers=RU)


@pytest.mark.parametrize(
    ("address", "headers", "cookies"),
    [
        ("/ru/documents/?q=зебра", RU, {}),
        ("/ru/documents/one/", RU, {"sessionid": "x"}),
        ("/ru/documents/one/", RU, {"csrftoken": "x" * 32}),
        ("/ru/documents/one/", EN, {}),
        ("/ru/documents/one/", {**RU, "authorization": "Bearer x"}, {}),
    ],
)
def test_what_is_somebodys_own_is_not_kept(address, headers, cookies):
    """P6: a question, a session, a token, or a language that a cookie is to remember."""
    a_public_document(slug="one")
    client = Client()
    client.cookies.load(cookies)
    client.get(address, headers=headers)
    assert not [key for key in cache._cache if "page:" in key]


def test_a_cache_that_is_down_costs_nothing_but_time(monkeypatch):
    """A page is made where the cache does not answer (fault F8)."""
    a_public_document(slug="one")

    class Down:
        def __getattr__(self, name):
            raise ConnectionError

    monkeypatch.setattr(kept, "cache", Down())
    assert Client().get("/ru/documents/one/", headers=RU).status_code == 200


def test_a_process_asks_the_cache_for_no_page_that_it_answered_last(monkeypatch):
    """It asks for the epoch alone, and a write of another process ends its own pages too."""
    document = a_public_document(slug="one", title_ru="О зебре").document
    client = Client()
    client.get("/ru/documents/one/", headers=RU)
    with monkeypatch.context() as patched:
        patched.setattr(kept.cache, "get_many", None)
        assert "О зебре" in client.get("/ru/documents/one/", headers=RU).content.decode()
    Document.objects.filter(pk=document.pk).update(title_ru="О жирафе")
    cache.set(kept.EPOCH, 1)
    monkeypatch.setattr(kept, "SURE_SECONDS", 0)
    assert "О жирафе" in client.get("/ru/documents/one/", headers=RU).content.decode()


def test_a_process_keeps_so_many_bytes_of_pages(monkeypatch):
    """Those that were answered last stay."""
    monkeypatch.setattr(kept, "NEAR", 25)
    near = kept.NearPages()
    for name in ("one", "two", "one", "three"):
        near.put(name, kept.Page(1, 0.0, b"x" * 10, {}))
    assert list(near.pages) == ["one", "three"]
    assert near.bytes == 20
