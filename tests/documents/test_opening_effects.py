"""The effect that is put under silence with a text: what it needs, how it is told (S2, M4, C5)."""

import datetime as dt

import pytest

from almaty_portal.common.instants import ALMATY, almaty_today, database_now
from documents.models import (
    Effect,
)
from meetings.models import Invitation
from membership.models import Observer, Organization
from tests.documents.opening import a_meeting, a_term, mail_to, refused
from tests.factories.documents import a_procedure
from tests.factories.membership import ObserverFactory, OrganizationFactory

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("english")]

NEXT_YEAR = dt.timedelta(days=365)


class TestEffect:
    """S2: what an adoption does besides, fixed when it opens."""

    def test_an_observer(self, support_unit, members, coordinator, organization):
        """M4"""
        effect = {"kind": "observer", "organization": organization}
        procedure = a_procedure(by=support_unit, effect=effect)
        assert procedure.effect.organization == organization
        assert procedure.ledger.get(step="opened").entry["effect"] == {
            "kind": "observer",
            "state": None,
            "organization": organization.slug,
            "meeting": None,
            "from_on": None,
            "until_on": None,
        }
        assert "в качестве наблюдателя также допускается: Союз." in mail_to(coordinator)

    def test_an_invitation(self, support_unit, members, other_coordinator, society):
        effect = {"kind": "invitation", "organization": society, "meeting": a_meeting(30)}
        procedure = a_procedure(by=support_unit, effect=effect)
        assert procedure.ledger.get(step="opened").entry["effect"]["meeting"] == "meeting-30"
        assert "to one meeting: A Society; Workshop 30, " in mail_to(other_coordinator)

    def test_an_election(self, support_unit, members, other_coordinator, kazakhstan):
        """C5"""
        effect = {"kind": "chair", "state": kazakhstan, "from_on": dt.date(2030, 1, 1)}
        procedure = a_procedure(by=support_unit, effect=effect)
        assert procedure.effect.state == kazakhstan
        told = "elects to the Chair: Republic of Kazakhstan, from 1 January 2030."
        assert told in mail_to(other_coordinator)

    def test_a_term(self, support_unit, members, other_coordinator, kazakhstan):
        """C2"""
        a_term(kazakhstan, until_on=almaty_today() + dt.timedelta(days=30))
        effect = {"kind": "term", "until_on": dt.date(2040, 1, 1)}
        procedure = a_procedure(by=support_unit, effect=effect)
        assert procedure.ledger.get(step="opened").entry["effect"]["until_on"] == "2040-01-01"
        assert "term of the present Chair until 1 January 2040" in mail_to(other_coordinator)

    def test_no_effect_is_told_as_none(self, support_unit, members):
        procedure = a_procedure(by=support_unit)
        assert procedure.ledger.get(step="opened").entry["effect"] is None
        assert not Effect.objects.exists()

    @pytest.mark.parametrize(
        ("make", "sentence", "fields"),
        [
            (lambda w: {"kind": "observer"}, "Name the one that is admitted", "state organization"),
            (
                lambda w: {"kind": "observer", "state": w.iran, "organization": w.organization},
                "Name the one that is admitted",
                "state organization",
            ),
            (
                lambda w: {"kind": "observer", "organization": w.observer},
                "Observing is an observer already.",
                "organization",
            ),
            (
                lambda w: {"kind": "observer", "state": w.kazakhstan},
                "Kazakhstan is a Member State",
                "state",
            ),
            (
                lambda w: {"kind": "observer", "organization": w.society},
                "A Society is a civil-society organization",
                "organization",
            ),
            (
                lambda w: {
                    "kind": "observer",
                    "organization": w.organization,
                    "from_on": dt.date(2030, 1, 1),
                    "until_on": dt.date(2029, 1, 1),
                },
                "The period ends before it starts",
                "until_on",
            ),
            (
                lambda w: {"kind": "invitation", "organization": w.society},
                "Fill in: meeting.",
                "meeting",
            ),
            (
                lambda w: {
                    "kind": "invitation",
                    "organization": w.organization,
                    "meeting": w.meeting,
                },
                "A Union is not a civil-society organization",
                "organization",
            ),
            (
                lambda w: {"kind": "invitation", "organization": w.society, "meeting": w.past},
                "The meeting “Workshop -3” is past",
                "meeting",
            ),
            (
                lambda w: {"kind": "invitation", "organization": w.invited, "meeting": w.meeting},
                "Invited is invited to this meeting already.",
                "organization",
            ),
            (
                lambda w: {"kind": "chair", "state": w.kazakhstan},
                "Fill in: from.",
                "from_on",
            ),
            (
                lambda w: {"kind": "chair", "state": w.iran, "from_on": dt.date(2030, 1, 1)},
                "Iran is not a Member State on that day",
                "state",
            ),
            (
                lambda w: {
                    "kind": "chair",
                    "state": w.kazakhstan,
                    "from_on": dt.date(2030, 1, 1),
                    "meeting": w.meeting,
                },
                "Leave empty: meeting.",
                "meeting",
            ),
            (lambda w: {"kind": "veto"}, "Choose the effect from the list.", ""),
        ],
    )
    def test_one_that_cannot_be_applied_is_refused(
        self, support_unit, members, iran, organization, society, make, sentence, fields
    ):
        """M4, C5: told at its fields, nothing stored."""

        class World:
            pass

        world = World()
        world.iran, world.kazakhstan = iran, members["KZ"]
        world.organization, world.society = organization, society
        world.observer = OrganizationFactory(name_en="Observing", name_ru="Наблюдатель")
        ObserverFactory(organization=world.observer)
        world.meeting, world.past = a_meeting(30), a_meeting(-3)
        world.invited = OrganizationFactory(
            kind=Organization.Kind.CIVIL_SOCIETY, name_en="Invited", name_ru="Приглашенные"
        )
        Invitation.objects.create(
            meeting=world.meeting, organization=world.invited, decision="A decision"
        )
        named = [f"effect_{one}" for one in fields.split()] or ["effect"]
        refused(sentence, *named, by=support_unit, effect=make(world))

    def test_an_annulled_admission_admits_nobody(self, support_unit, members, organization):
        """S13: it may be put again."""
        ObserverFactory(organization=organization)
        Observer.objects.update(annulled_at=database_now())
        effect = {"kind": "observer", "organization": organization}
        assert a_procedure(by=support_unit, effect=effect).effect

    def test_a_term_is_extended_only_where_one_runs(self, support_unit, members):
        """C2"""
        effect = {"kind": "term", "until_on": dt.date(2040, 1, 1)}
        refused("No State is in the Chair on", "effect", by=support_unit, effect=effect)

    @pytest.mark.parametrize("ends", [True, False])
    def test_a_term_is_extended_to_a_later_day(self, support_unit, members, ends):
        """C2: later than its end, or than its two years where no end is entered."""
        last = almaty_today() + dt.timedelta(days=30)
        a_term(members["KZ"], until_on=last if ends else None)
        effect = {"kind": "term", "until_on": last if ends else almaty_today() + NEXT_YEAR}
        refused("choose a later day", "effect_until_on", by=support_unit, effect=effect)

    def test_a_chair_is_not_elected_into_a_term_that_has_its_end(self, support_unit, members):
        """C2"""
        a_term(members["KZ"], until_on=almaty_today() + dt.timedelta(days=30))
        day = almaty_today() + dt.timedelta(days=10)
        effect = {"kind": "chair", "state": members["KG"], "from_on": day}
        refused("elect from that day", "effect_from_on", by=support_unit, effect=effect)

    @pytest.mark.parametrize(
        ("make", "sentence", "field"),
        [
            (lambda w: {"kind": "observer", "from_on": w.before}, "nothing follows", "from_on"),
            (lambda w: {"kind": "observer", "until_on": w.on}, "would have ended", "until_on"),
            (lambda w: {"kind": "chair", "from_on": w.before}, "nothing follows", "from_on"),
            (lambda w: {"kind": "term", "until_on": w.on}, "would have ended", "until_on"),
            (lambda w: {"kind": "invitation"}, "is past on", "meeting"),
        ],
    )
    def test_none_is_dated_before_its_decision(
        self, support_unit, members, organization, society, make, sentence, field
    ):
        """S2, S11: the day is that of the deadline in Almaty, when the text would be adopted."""
        deadline = database_now() + dt.timedelta(hours=100)

        class World:
            on = deadline.astimezone(ALMATY).date()
            before = on - dt.timedelta(days=1)

        effect = make(World)
        match effect["kind"]:
            case "observer":
                effect["organization"] = organization
            case "chair":
                effect["state"] = members["KG"]
            case "term":
                a_term(members["KZ"])
            case _:
                days = (World.before - almaty_today()).days
                effect |= {"organization": society, "meeting": a_meeting(days)}
        opening = {"by": support_unit, "deadline_at": deadline}
        refused(sentence, f"effect_{field}", **opening, effect=effect)

    def test_one_of_the_day_of_its_decision_is_put(self, support_unit, members, organization):
        deadline = database_now() + dt.timedelta(hours=100)
        day = deadline.astimezone(ALMATY).date()
        effect = {"kind": "observer", "organization": organization, "from_on": day}
        assert a_procedure(by=support_unit, deadline_at=deadline, effect=effect).effect

    def test_a_window_has_none(self, support_unit, members, organization):
        """S2"""
        refused(
            "A participation window has no other effect",
            "effect",
            by=support_unit,
            kind="participation_window",
            silence_means="lapses",
            states=[members["KZ"]],
            effect={"kind": "observer", "organization": organization},
        )
