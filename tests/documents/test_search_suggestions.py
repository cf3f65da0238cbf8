"""Suggestions while a question is typed, and what is shown where nothing was found."""

import json

import pytest
from django.urls import reverse

from documents import search
from tests.factories.documents import a_document, a_public_document

pytestmark = pytest.mark.django_db

JSON = {"accept": "application/json"}


def rows(english: str, russian: str) -> list[dict]:
    return [{"role": "paragraph", "text_en": english, "text_ru": russian}]


def offered(client, text: str) -> list[str]:
    response = client.get("/ru/documents/suggest/", {"q": text}, headers=JSON)
    assert response["Content-Type"] == "application/json"
    return json.loads(response.content)["suggestions"]


def test_the_last_word_is_completed_and_titles_offered(client):
    """A beginning of two letters leads to words of the texts and to titles that hold them."""
    a_public_document(title_ru="О зебрах", rows=rows("The zebra.", "Зебры и жираф."))
    assert offered(client, "зеб") == ["зебра", "О зебрах"]
    assert offered(client, "зебра жир")[0] == "зебра жираф"
    assert offered(client, "з") == offered(client, "") == offered(client, "%%") == []


def test_a_canary_is_not_offered_to_those_who_may_not_read_it(client, client_of, support_unit):
    """P2: no word or title of a draft, a restricted or a withdrawn document."""
    canary = rows("A hippopotamus.", "О бегемоте.")
    a_document(title_ru="Бегемот", rows=canary, issued=True, access="public")  # a draft
    a_document(title_ru="Бегемот", rows=canary, issued=True, kind="final", access="support_unit")
    assert offered(client, "бегем") == []
    assert offered(client_of(support_unit), "бегем") == ["бегемот", "Бегемот"]


def test_the_suggestions_are_a_page_without_javascript(client):
    """The second button of the form leads to the same suggestions."""
    a_public_document(slug="one", title_ru="О зебрах", rows=rows("The zebra.", "Зебра."))
    page = client.get("/ru/documents/suggest/", {"q": "зеб"}).content.decode()
    assert f"{reverse('archive')}?q=" in page or "/ru/documents/?q=" in page
    assert 'href="/ru/documents/one/"' in page
    form = client.get("/ru/documents/").content.decode()
    assert 'formaction="/ru/documents/suggest/"' in form
    assert 'list="suggestions"' in form


def test_suggestions_cost_the_same_whatever_is_found(anonymous, django_assert_max_num_queries):
    """The number of queries does not grow with the documents."""
    for number in range(20):
        a_public_document(title_ru=f"О зебре {number}", rows=rows("The zebra.", "Зебра."))
    with django_assert_max_num_queries(4):
        found = search.suggestions(reader=anonymous, text="зеб", language="ru")
    assert len(found.titles) == 5


def test_a_misspelt_word_shows_what_was_meant(client):
    """Where nothing is found, the page shows what the question with its words put right finds."""
    a_public_document(slug="one", rows=rows("Refugees.", "О беженцах."))
    page = client.get("/ru/documents/", {"q": "бежинец"}).content.decode()
    assert 'href="/ru/documents/one/"' in page
    assert "бежинец" in page
    assert "?q=%D0%B1%D0%B5%D0%B6%D0%B5%D0%BD%D0%B5%D1%86" in page


def test_a_question_of_100_kb_is_answered_with_a_sentence(client):
    """F14: it is refused at once, and says what to do."""
    page = client.get("/ru/documents/", {"q": "зебра " * 17_000})
    assert page.status_code == 200
    assert "Вопрос слишком длинный" in page.content.decode() or "слишком" in page.content.decode()
    assert offered(client, "зебра " * 17_000) == []
