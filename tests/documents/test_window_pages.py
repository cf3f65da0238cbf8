"""How a State answers a participation window, and what the pages say of one (rules S2, S8)."""

import pytest
from django.urls import reverse

from almaty_portal.common.errors import DomainError
from documents.actions import silence
from documents.models import Decision, Edition, SilenceResponse
from tests.documents.test_silence_pages import url
from tests.factories.documents import (
    BRACKETED,
    a_document,
    a_public_document,
    a_short_procedure,
    move_deadline,
)
from tests.factories.membership import DesignationFactory, UserFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def person(iran):
    user = UserFactory(email="ir@example.org", language="en")
    DesignationFactory(state=iran, user=user)
    return user


@pytest.fixture
def window(settings, support_unit, members, iran):
    return a_short_procedure(
        settings,
        by=support_unit,
        seconds=600,
        edition=a_public_document(rows=BRACKETED),
        kind="participation_window",
        silence_means="lapses",
        states=[iran],
    )


@pytest.mark.parametrize(
    ("language", "answer", "leads_to", "final"),
    [
        ("en", "participates", "the State is a Member State from the day of the deadline",
         "The answer is final"),
        ("en", "declines", "it is struck in every text in force", "The answer is final"),
        ("ru", "participates", "со дня истечения срока является государством-членом",
         "Ответ окончателен"),
        ("ru", "declines", "исключается из всех действующих текстов", "Ответ окончателен"),
    ],
)  # fmt: skip
def test_a_page_between_says_what_the_answer_leads_to(
    window, person, client_of, language, answer, leads_to, final
):
    client = client_of(person)
    address = url("silence_answer", window.slug, language=language)
    page = client.post(address, {"answer": answer, "reason": "Our words."}, follow=True)
    text = page.content.decode()
    assert leads_to in text
    assert final in text
    assert "Our words." in text
    confirm = url("silence_answer_confirm", window.slug, language=language)
    assert client.post(confirm, {}).status_code == 422  # the tick is missing
    assert not SilenceResponse.objects.exists()
    for _click in range(2):
        assert client.post(confirm, {"understood": "on"}).status_code == 302
    response = SilenceResponse.objects.get()
    assert (response.kind, response.reason) == (answer, "Our words.")


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "An answer to a participation window needs a fresh sign-in"),
        ("ru", "Для ответа в окне участия требуется повторный вход"),
    ],
)
def test_an_answer_needs_a_fresh_sign_in(window, person, client_of, language, sentence):
    client = client_of(person, ago=3600)
    client.cookies["django_language"] = language
    address = url("silence_answer", window.slug, language=language)
    page = client.post(address, {"answer": "participates"}, follow=True)
    assert page.redirect_chain[-1][0].startswith(url("account_reauthenticate", language=language))
    assert sentence in page.content.decode()
    assert not SilenceResponse.objects.exists()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_an_empty_answer_is_an_error_at_its_field(window, person, client_of, language):
    """Whatever was put on record meanwhile, the form lacks an answer and nothing else."""
    seen = window.ledger.order_by("number").first().number
    address = url("silence_answer", window.slug, language=language)
    page = client_of(person).post(address, {"seen": seen})
    assert page.status_code == 422
    assert page.context["form"].errors["answer"]
    assert not page.context["overtaken"]


def test_nothing_is_offered_that_makes_no_sense_in_a_window(
    window, person, iran, client_of, support_unit
):
    page = client_of(person).get(url("silence_detail", window.slug))
    offered = [value for value, _label in page.context["position_form"].fields["kind"].choices]
    assert offered == ["more_time", "statement", "reservation"]
    for kind in ("joins", "dissociates"):
        fields = {"kind": kind, "text": "Words."}
        page = client_of(person).post(url("silence_position", window.slug), fields)
        assert page.status_code == 422
    with pytest.raises(DomainError):
        silence.take_position(procedure=window, state=iran, kind="joins", text="", by=person)
    assert not SilenceResponse.objects.exists()


@pytest.mark.parametrize(
    ("language", "sentence", "settled", "taken"),
    [
        ("en", "The participation window has closed.", "in which the brackets",
         "In a participation window: each State answered for itself"),
        ("ru", "Окно участия закрыто.", "скобки",
         "В окне участия: каждое государство ответило за себя"),
    ],
)  # fmt: skip
def test_what_is_said_when_it_has_closed(
    window, client_of, coordinator, language, sentence, settled, taken
):
    move_deadline(window, -3600)
    silence.close_due()
    address = url("silence_detail", window.slug, language=language)
    client = client_of(coordinator)
    box = client.get(address).content.decode().split('id="outcome"')[1].split("</section>")[0]
    clean = Edition.objects.get(kind="clean")
    assert sentence in box
    assert f'href="/{language}{clean.get_absolute_url()[3:]}"' in box
    for name, args in (("decision_list", []), ("decision_detail", [Decision.objects.get().slug])):
        page = client.get(url(name, *args, language=language)).content.decode()
        assert taken in page
        assert {"en": "By consensus under", "ru": "Консенсусом в"}[language] not in page


def test_no_link_to_a_text_in_which_the_brackets_stand(
    settings, support_unit, members, iran, client_of, coordinator
):
    """A window on a draft leaves its brackets standing: there is no text in force to read."""
    window = a_short_procedure(
        settings,
        by=support_unit,
        seconds=-60,
        edition=a_document(by=support_unit, rows=BRACKETED),
        kind="participation_window",
        silence_means="lapses",
        states=[iran],
    )
    silence.close_due()
    page = client_of(coordinator).get(url("silence_detail", window.slug)).content.decode()
    box = page.split('id="outcome"')[1].split("</section>")[0]
    assert "in which the brackets" not in box
    assert reverse("document_detail", args=[window.edition.document.slug])[3:] not in box
