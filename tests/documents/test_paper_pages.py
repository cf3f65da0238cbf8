"""What the pages tell while a Note Verbale on paper waits for a second person (rule S13)."""

import pytest
from django.urls import reverse

from documents.actions import silence
from documents.uploads import NOTE_SUFFIXES
from tests.documents.test_paper import enter
from tests.documents.test_silence_pages import url
from tests.factories.documents import BRACKETED, a_document, a_short_procedure

pytestmark = pytest.mark.django_db


@pytest.fixture
def ended(settings, support_unit, members):
    """A procedure whose deadline passed a while ago, with its outcome recorded."""

    def make(**fields):
        procedure = a_short_procedure(settings, by=support_unit, seconds=-26 * 60, **fields)
        silence.close_due()
        return procedure

    return make


def speak(client, language):
    client.cookies["django_language"] = language
    return client


def told(response) -> str:
    """What an admin page says first: a sentence, on a page that opens."""
    assert response.status_code == 200
    return " ".join(str(one) for one in response.context["messages"])


@pytest.mark.parametrize(
    ("language", "waits", "would", "in_force"),
    [
        (
            "en",
            "A Note Verbale received on paper in time awaits its confirmation",
            "If it is confirmed, the adoption is annulled: the text is then not adopted.",
            "The text is in force as decided",
        ),
        (
            "ru",
            "Вербальная нота, полученная на бумаге в срок, ожидает подтверждения",
            "Если нота будет подтверждена, принятие аннулируется: текст считается непринятым.",
            "Текст имеет силу",
        ),
    ],
)
def test_the_head_of_the_page_tells_what_may_still_change(
    ended, support_unit, other_staff, kazakhstan, coordinator, client_of, language,
    waits, would, in_force,
):  # fmt: skip
    procedure = ended()
    address = url("silence_detail", procedure.slug, language=language)
    client = client_of(coordinator)
    assert in_force in client.get(address).content.decode()
    note = enter(procedure, kazakhstan, support_unit)
    page = client.get(address).content.decode()
    assert page.index(waits) < page.index('id="outcome"')
    assert would in page
    assert note.confirm_before.strftime("%Y-%m-%dT%H:%M:%SZ") in page
    assert in_force not in page
    silence.confirm_paper_note(note=note, by=other_staff)
    assert waits not in client.get(address).content.decode()


def test_the_head_tells_what_an_answer_to_a_window_would_do(
    ended, support_unit, iran, client_of, coordinator
):
    procedure = ended(
        edition=a_document(rows=BRACKETED, by=support_unit),
        kind="participation_window",
        silence_means="lapses",
        states=[iran],
    )
    enter(procedure, iran, support_unit, kind="participates", reason="")
    page = client_of(coordinator).get(url("silence_detail", procedure.slug)).content.decode()
    assert "If it is confirmed, the result for this State is corrected by it." in page


@pytest.mark.parametrize(
    ("language", "heading"),
    [
        ("en", "Notes Verbales on paper that wait for your confirmation"),
        ("ru", "Вербальные ноты на бумаге, ожидающие вашего подтверждения"),
    ],
)
def test_the_first_page_lists_what_waits_for_the_second_person(
    ended, support_unit, other_staff, kazakhstan, client_of, language, heading
):
    """Only for whoever did not enter it, and only while it waits."""
    note = enter(ended(), kazakhstan, support_unit)
    home = reverse("admin:index")
    second = speak(client_of(other_staff), language)
    page = second.get(home).content.decode()
    assert heading in page
    assert reverse("admin:documents_papernote_change", args=[note.pk]) in page
    assert heading not in speak(client_of(support_unit), language).get(home).content.decode()
    silence.refuse_paper_note(note=note, reason="Another paper.", by=other_staff)
    assert heading not in second.get(home).content.decode()


@pytest.mark.parametrize(
    ("language", "yourself", "already"),
    [
        ("en", "You entered this Note Verbale yourself", "was confirmed or refused already"),
        ("ru", "Эту вербальную ноту внесли вы сами", "уже подтверждена или отклонена"),
    ],
)  # fmt: skip
def test_who_cannot_confirm_it_is_told_why(
    ended, support_unit, other_staff, kazakhstan, client_of, language, yourself, already
):
    note = enter(ended(), kazakhstan, support_unit)
    confirm = reverse("admin:documents_papernote_confirm", args=[note.pk])
    refuse = reverse("admin:documents_papernote_refuse", args=[note.pk])
    own = speak(client_of(support_unit), language)
    second = speak(client_of(other_staff), language)
    assert yourself in told(own.post(confirm, {"compared": "on"}, follow=True))
    assert second.post(confirm, {"compared": "on"}).status_code == 302
    assert already in told(second.post(confirm, {"compared": "on"}, follow=True))
    assert already in told(second.get(refuse, follow=True))


@pytest.mark.parametrize(
    ("language", "sentence"),
    [("en", "The time to confirm it ended at"), ("ru", "Время для подтверждения истекло")],
)
def test_who_comes_too_late_is_told_so(
    settings, ended, support_unit, other_staff, kazakhstan, client_of, language, sentence
):
    settings.PAPER_NOTE_CONFIRM_HOURS = 0
    note = enter(ended(), kazakhstan, support_unit)
    confirm = reverse("admin:documents_papernote_confirm", args=[note.pk])
    assert sentence in told(speak(client_of(other_staff), language).get(confirm, follow=True))


def test_the_form_asks_for_the_kinds_of_file_that_are_taken(ended, support_unit, client_of):
    client = speak(client_of(support_unit), "en")
    page = client.get(reverse("admin:documents_silenceprocedure_enter_paper", args=[ended().pk]))
    field = page.context["form"]["file"]
    named = {one.strip().lower() for one in field.help_text.split(",")[:-1]}
    named = {kind for one in named for kind in one.split(" or ")}
    assert named | {"jpeg"} == set(NOTE_SUFFIXES)
    assert field.field.widget.attrs["accept"] == ",".join(f".{one}" for one in NOTE_SUFFIXES)
