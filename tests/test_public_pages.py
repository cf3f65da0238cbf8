"""The pages above the apps: languages, home, about, health."""

import time

import pytest
from celery.signals import beat_init
from django.core.cache import cache

from almaty_portal import views
from almaty_portal.common.periodic import HEARTBEAT_KEY, HEARTBEAT_LATE_SECONDS, heartbeat
from chairmanship.models import Chairmanship
from tests.factories.documents import a_document, a_public_document

pytestmark = pytest.mark.django_db
PAGES = [
    "",
    "about/",
    "documents/",
    "decisions/",
    "meetings/",
    "members/",
    "observers/",
    "chairmanship/",
]


@pytest.mark.parametrize(
    ("cookie", "accepted", "language"),
    [
        ("en", "ru", "en"),
        ("ru", "en", "ru"),
        (None, "en-GB,en;q=0.8", "en"),
        (None, "ru,en;q=0.5", "ru"),
        (None, "kk,fr;q=0.8", "ru"),
        (None, "", "ru"),
        ("xx", "en", "en"),
    ],
)
def test_the_first_page_chooses_cookie_then_accept_language_then_russian(
    client, settings, cookie, accepted, language
):
    """The contract of addresses: `/` chooses by cookie, then Accept-Language, then Russian."""
    if cookie:
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = cookie
    response = client.get("/", headers={"accept-language": accepted})
    assert response.status_code == 302
    assert response.headers["Location"] == f"/{language}/"
    assert "Accept-Language" in response.headers["Vary"]
    assert "Cookie" in response.headers["Vary"]


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_page_is_there_in_both_languages_with_its_pair(client, page, language):
    """Every page under /en/ and /ru/ at the same path, hreflang pairs, one h1, a title."""
    response = client.get(f"/{language}/{page}")
    html = response.content.decode()
    assert response.status_code == 200
    assert f'<html lang="{language}">' in html
    assert html.count("<h1") == 1
    for other in ("en", "ru"):
        assert f'hreflang="{other}" href="' in html
        assert f'/{other}/{page}"' in html
    assert '<meta name="description" content="' in html
    assert " style=" not in html


def test_titles_are_unique(client):
    """No two pages bear the same title."""
    titles = [
        client.get(f"/en/{page}").content.decode().split("<title>")[1].split("</title>")[0]
        for page in PAGES
    ]
    assert len(set(titles)) == len(titles)


def test_home_tells_the_chair_and_only_public_documents(client, members):
    """T6: the latest documents are those that the reader may see."""
    Chairmanship.objects.create(state=members["KZ"], from_on="2025-04-24")
    a_public_document(title_en="The public one", title_ru="Открытый")
    a_document(title_en="The hidden one", issued=True, kind="final", access="members")
    html = client.get("/en/").content.decode()
    assert "Republic of Kazakhstan" in html
    assert "The public one" in html
    assert "The hidden one" not in html


def test_what_is_not_there_is_404(client):
    """An unknown address is a page of the portal that says so."""
    for page in ("/en/nothing/", "/ru/documents/none/", "/en/topics/none/", "/ref/none"):
        assert client.get(page).status_code == 404


def test_the_styleguide_is_for_staff_alone(client_of, anonymous, coordinator, support_unit):
    """For everybody else the address does not exist."""
    assert client_of(anonymous).get("/en/styleguide/").status_code == 404
    assert client_of(coordinator).get("/en/styleguide/").status_code == 404
    assert client_of(support_unit).get("/en/styleguide/").status_code == 200


def test_mails_are_shown_in_a_demonstration(client):
    """`make run` shows the mails that a demonstration writes."""
    assert client.get("/en/mail/").status_code == 200


def test_alive_needs_no_database(client, django_assert_num_queries):
    """/healthz tells that the web server answers, nothing else."""
    with django_assert_num_queries(0):
        assert client.get("/healthz").status_code == 200


def test_ready_when_database_broker_and_beat_are(client_of, anonymous, support_unit, monkeypatch):
    """/readyz is 200 when all are there; only staff are told which."""
    monkeypatch.setitem(views.CHECKS, "broker", lambda: True)
    cache.set(HEARTBEAT_KEY, time.time())
    response = client_of(anonymous).get("/readyz")
    assert response.status_code == 200
    assert response.json() == {"ready": True}
    checks = client_of(support_unit).get("/readyz").json()["checks"]
    assert checks == {"database": True, "broker": True, "heartbeat": True}


@pytest.mark.parametrize("beat", [None, 120])
def test_not_ready_without_a_heartbeat(client_of, anonymous, support_unit, monkeypatch, beat):
    """A beat that is silent or late makes the portal not ready: 503, no detail for the public."""
    monkeypatch.setitem(views.CHECKS, "broker", lambda: True)
    cache.delete(HEARTBEAT_KEY)
    if beat:
        cache.set(HEARTBEAT_KEY, time.time() - beat)
    response = client_of(anonymous).get("/readyz")
    assert response.status_code == 503
    assert response.json() == {"ready": False}
    assert client_of(support_unit).get("/readyz").json()["checks"]["heartbeat"] is False


def test_beat_shows_itself_when_it_comes_up(monkeypatch):
    """/readyz does not wait for the first period of a beat that was just started to be over."""
    asked = []
    monkeypatch.setattr(heartbeat, "apply_async", lambda **options: asked.append(options))
    beat_init.send(sender=None)
    assert asked == [{"expires": HEARTBEAT_LATE_SECONDS}]


def test_a_broker_that_fails_is_not_ready(client, monkeypatch):
    """An error of a check is an answer, not a broken page."""

    def refused() -> bool:
        raise ConnectionRefusedError

    monkeypatch.setitem(views.CHECKS, "broker", refused)
    cache.set(HEARTBEAT_KEY, time.time())
    assert client.get("/readyz").status_code == 503
