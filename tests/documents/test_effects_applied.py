"""What an effect does when its text is adopted: never from a day before that (S2, S9, S11)."""

import datetime as dt

import pgtrigger
import pytest
from django.urls import reverse

from almaty_portal.common.instants import ALMATY, almaty_today, write_day
from chairmanship.models import Chairmanship
from documents.actions import silence
from documents.actions.ledger import verify_ledger
from documents.models import Decision, Effect, SilenceProcedure
from documents.text import effect_in_short
from meetings.models import Invitation
from membership.models import Observer
from tests.documents.opening import a_meeting, a_term
from tests.factories.documents import a_short_procedure, rewrite
from tests.factories.membership import ObserverFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]
FAR = 26 * 60
SOON = dt.timedelta(days=30)


@pytest.fixture
def overtaken(settings, support_unit, members):
    """A procedure that was put with an effect for an earlier day, as one whose deadline has been
    extended beyond it: adopted, with what the effect did."""

    def make(effect: dict, **put) -> SilenceProcedure:
        procedure = a_short_procedure(settings, by=support_unit, seconds=-FAR, effect=effect)
        with pgtrigger.ignore("documents.Effect:the_effect_stays"):
            Effect.objects.update(**put)
        told = Effect.objects.get().told()
        rewrite({procedure.ledger.get(step="opened").number: {"effect": told}})
        silence.close_due()
        return SilenceProcedure.objects.get(pk=procedure.pk)

    return make


def decided_on(procedure) -> dt.date:
    return procedure.deadline_at.astimezone(ALMATY).date()


def changes(procedure) -> list:
    return procedure.ledger.get(step="effects_applied").entry["changes"]


def test_an_observer_is_admitted_on_the_day_of_the_decision(overtaken, organization):
    """S9, M4: the day named is past when the text is adopted; ledger and register tell that day."""
    early = almaty_today() - dt.timedelta(days=5)
    procedure = overtaken({"kind": "observer", "organization": organization}, from_on=early)
    day = decided_on(procedure)
    assert Observer.objects.get().from_on == day
    [told] = changes(procedure)
    assert told["after"] == {"from_on": day.isoformat(), "until_on": None}
    assert effect_in_short(procedure.effect).endswith(f"from {write_day(day)}")
    # what was asked stays as it was asked
    assert procedure.effect.from_on == early
    assert [one for one in verify_ledger() if "effect" in one.what] == []


def test_a_chair_is_elected_from_the_day_of_the_decision(overtaken, members):
    """S9, C5: the present term ends that day, and none has ended before there was a decision."""
    a_term(members["AZ"])
    early = almaty_today() - dt.timedelta(days=5)
    effect = {"kind": "chair", "state": members["KG"], "from_on": almaty_today() + SOON}
    procedure = overtaken(effect, from_on=early)
    day = decided_on(procedure)
    assert Chairmanship.objects.get(state=members["KG"]).from_on == day
    assert Chairmanship.objects.get(state=members["AZ"]).until_on == day
    assert changes(procedure)[1]["after"]["from_on"] == day.isoformat()


def test_a_later_day_is_kept(overtaken, members, client):
    """S2: and the register tells it."""
    day = almaty_today() + SOON
    procedure = overtaken({"kind": "chair", "state": members["KG"], "from_on": day})
    assert Chairmanship.objects.get().from_on == day
    page = client.get(
        reverse("decision_detail", args=[Decision.objects.get().slug]), HTTP_ACCEPT_LANGUAGE="en"
    )
    assert f"from {write_day(day)}" in page.content.decode()
    assert "could not be applied" not in page.content.decode()
    assert changes(procedure)[0]["after"]["from_on"] == day.isoformat()


@pytest.mark.parametrize("kind", ["observer", "invitation", "term", "again"])
def test_what_time_has_overtaken_is_not_applied(
    overtaken, members, organization, society, client, kind
):
    """S11: the text is adopted, and the register and the ledger say that the effect is not."""
    early = almaty_today() - dt.timedelta(days=5)
    if kind == "term":
        a_term(members["KZ"])
    effects = {
        "observer": ({"kind": "observer", "organization": organization}, {"until_on": early}),
        "invitation": (
            {"kind": "invitation", "organization": society, "meeting": a_meeting(9)},
            {"meeting": a_meeting(-3)},
        ),
        "term": ({"kind": "term", "until_on": almaty_today() + 30 * SOON}, {"until_on": early}),
        "again": ({"kind": "observer", "organization": organization}, {}),
    }
    effect, put = effects[kind]
    if kind == "again":  # admitted at a meeting since the opening
        procedure = overtaken_by_a_meeting(overtaken, effect, organization)
    else:
        procedure = overtaken(effect, **put)
    [told] = changes(procedure)
    assert told["not_applied"] == effect["kind"]
    assert told["why"]
    assert Observer.objects.count() == (kind == "again")
    assert not Invitation.objects.exists()
    assert not Chairmanship.objects.filter(until_on__isnull=False).exists()
    page = client.get(
        reverse("decision_detail", args=[Decision.objects.get().slug]), HTTP_ACCEPT_LANGUAGE="en"
    )
    assert "could not be applied" in page.content.decode()
    assert [one for one in verify_ledger() if "effect" in one.what] == []


def overtaken_by_a_meeting(overtaken, effect, organization) -> SilenceProcedure:
    real = silence.close_due

    def meanwhile() -> int:
        ObserverFactory(organization=organization)
        return real()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(silence, "close_due", meanwhile)
        return overtaken(effect)
