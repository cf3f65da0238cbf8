"""An objection after silence was broken, and what a page offers when its time is over (S6, S7)."""

import pytest
from django.urls import reverse

from documents.actions import silence
from documents.models import SilenceResponse
from tests.documents.test_silence_pages import confirm, url
from tests.factories.documents import a_procedure, a_short_procedure, move_deadline

pytestmark = pytest.mark.django_db


@pytest.fixture
def broken(settings, support_unit, members, azerbaijan, other_coordinator):
    procedure = a_short_procedure(settings, by=support_unit, seconds=600)
    silence.break_silence(
        procedure=procedure, state=azerbaijan, reason="Theirs.", by=other_coordinator
    )
    return procedure


@pytest.mark.parametrize(
    ("language", "offered", "ended"),
    [
        ("en", "Object beside the State that broke silence",
         "no State can act in it any more"),
        ("ru", "Возразить вслед за государством, нарушившим умолчание",
         "действовать в ней государства больше не могут"),
    ],
)  # fmt: skip
def test_it_is_offered_and_put_on_record(broken, client_of, coordinator, language, offered, ended):
    client = client_of(coordinator)
    page = client.get(url("silence_detail", broken.slug, language=language)).content.decode()
    assert offered in page
    assert ended not in page
    client.post(url("silence_break", broken.slug, language=language), {"reason": "Ours."})
    confirm(client, broken)
    assert SilenceResponse.objects.filter(kind="objection", late=False).count() == 2
    page = client.get(url("silence_detail", broken.slug, language=language)).content.decode()
    assert offered not in page


def test_not_after_the_deadline(broken, client_of, coordinator):
    move_deadline(broken, -60)
    page = client_of(coordinator).get(url("silence_detail", broken.slug)).content.decode()
    assert "Object beside the State" not in page
    assert "no State can act in it any more" in page
    page = client_of(coordinator).get(url("silence_break", broken.slug)).content.decode()
    assert "No objection has an effect any more" in page
    assert '<form class="form objection"' not in page


def test_no_time_is_left_of_a_procedure_that_ended(broken, client_of, support_unit):
    address = reverse("admin:documents_silenceprocedure_change", args=[broken.pk])
    assert "data-deadline" not in client_of(support_unit).get(address).content.decode()


def test_the_notice_of_the_deadline_is_there_for_the_script(
    support_unit, members, client_of, coordinator
):
    """static/js/instant.js shows the notice as the deadline passes; buttons stay, since the
    database's clock judges (S6)."""
    procedure = a_procedure(by=support_unit)
    until = procedure.deadline_at.strftime("%Y-%m-%dT%H:%M:%SZ")
    for name in ("silence_detail", "silence_break"):
        page = client_of(coordinator).get(url(name, procedure.slug)).content.decode()
        assert f'data-deadline="{until}"' in page
        assert f'data-over-from="{until}" role="status" hidden' in page
