"""An objection sent twice, by two people, or when the procedure has gone on (S7, S14, P7, P11)."""

from uuid import uuid4

import pytest
from django.utils import translation

from almaty_portal.common.errors import DomainError
from almaty_portal.common.models import Notice
from documents.actions import silence
from documents.actions.ledger import verify_ledger
from documents.models import (
    Edition,
    SilenceOutcome,
    SilenceResponse,
)
from tests.documents.test_objections import draft
from tests.documents.test_silence_pages import ACTS, confirm, url
from tests.factories.documents import (
    ROWS,
    a_document,
    a_procedure,
    a_short_procedure,
    move_deadline,
)
from tests.factories.files import a_pdf

pytestmark = pytest.mark.django_db

PDF = a_pdf(note="A Note Verbale.")


MINUTE = 60


@pytest.fixture
def procedure(support_unit, members):
    return a_procedure(by=support_unit)


class TestOnce:
    def test_objection_sent_twice(self, procedure, client_of, coordinator):
        """P7: the second click shows the same success."""
        client = client_of(coordinator)
        draft(client, procedure, reason="No.")
        page = client.get(url("silence_confirm", procedure.slug))
        number = page.context["form"]["submission"].value()
        for _click in range(2):
            page = confirm(client, procedure, submission=number)
            assert page.status_code == 200
            assert "is on record, and silence is broken" in page.content.decode()
        assert SilenceResponse.objects.count() == 1
        assert SilenceOutcome.objects.count() == 1

    @pytest.mark.parametrize(
        ("name", "fields", "sentence"),
        [
            ("silence_acknowledge", {}, "Receipt is acknowledged"),
            ("silence_position", {"kind": "joins"}, "said is on record"),
            ("silence_position", {"kind": "more_time", "text": "A week."}, "said is on record"),
        ],
    )
    def test_other_acts_sent_twice(self, procedure, client_of, coordinator, name, fields, sentence):
        client = client_of(coordinator)
        number = str(uuid4())
        for _click in range(2):
            page = client.post(
                url(name, procedure.slug), {**fields, "submission": number}, follow=True
            )
            assert sentence in page.content.decode()
        assert SilenceResponse.objects.count() == 1
        assert procedure.ledger.exclude(step="notified").count() == 2

    def test_number_of_a_form_is_of_no_use_for_another_act(
        self, procedure, client_of, coordinator, other_coordinator
    ):
        """P11: nor for another State."""
        number = str(uuid4())
        fields = {"kind": "statement", "text": "Words.", "submission": number}
        client_of(coordinator).post(url("silence_position", procedure.slug), fields)
        for client, more in (
            (client_of(coordinator), {"kind": "reservation"}),
            (client_of(other_coordinator), {}),
        ):
            page = client.post(url("silence_position", procedure.slug), {**fields, **more})
            assert page.status_code in (409, 422)
            assert "was used for another act already" in page.content.decode()
        assert SilenceResponse.objects.count() == 1


class TestTwoPeople:
    def test_the_second_is_told_who_acted_and_when(self, procedure, client_of, coordinator, deputy):
        seen = procedure.ledger.get(step="opened").number
        fields = {"kind": "statement", "text": "First.", "seen": seen}
        client_of(deputy).post(url("silence_position", procedure.slug), fields)
        page = client_of(coordinator).post(
            url("silence_position", procedure.slug), {**fields, "text": "My own words."}
        )
        assert page.status_code == 409
        text = page.content.decode()
        assert f"{deputy} put it on record for it at" in text
        assert "interpretative statement made: Republic of Kazakhstan" in text
        assert "My own words." in text

    def test_acknowledged_by_the_other(self, procedure, client_of, coordinator, deputy):
        client_of(deputy).post(url("silence_acknowledge", procedure.slug))
        page = client_of(coordinator).post(url("silence_acknowledge", procedure.slug), follow=True)
        assert f"already, by {deputy} at" in page.content.decode()
        assert SilenceResponse.objects.count() == 1

    def test_objection_after_another_states(
        self, procedure, client_of, coordinator, other_coordinator, azerbaijan
    ):
        """S7: on record beside the first, and the page says that silence was broken already."""
        client = client_of(coordinator)
        draft(client, procedure, reason="Ours.")
        silence.break_silence(
            procedure=procedure, state=azerbaijan, reason="Theirs.", by=other_coordinator
        )
        page = client.get(url("silence_confirm", procedure.slug)).content.decode()
        assert "Silence is broken already by another State" in page
        page = confirm(client, procedure).content.decode()
        assert "had been broken already by Azerbaijan" in page
        assert SilenceResponse.objects.filter(kind="objection").count() == 2


class TestEndedMeanwhile:
    @pytest.mark.parametrize(
        ("language", "happened", "now"),
        [
            ("en", "objection received: Republic of Azerbaijan", "The text was not adopted."),
            ("ru", "получено возражение: Республика Азербайджан", "Текст не принят."),
        ],
    )
    def test_page_says_what_happened_since(
        self,
        procedure,
        client_of,
        coordinator,
        other_coordinator,
        azerbaijan,
        language,
        happened,
        now,
    ):
        seen = procedure.ledger.get(step="opened").number
        silence.break_silence(
            procedure=procedure, state=azerbaijan, reason="No.", by=other_coordinator
        )
        page = client_of(coordinator).post(
            url("silence_position", procedure.slug, language=language),
            {"kind": "statement", "text": "Words that took an hour.", "seen": seen},
        )
        assert page.status_code == 409
        text = page.content.decode()
        assert happened in text
        assert now in text
        assert "Words that took an hour." in text
        assert SilenceResponse.objects.count() == 1

    def test_answer_to_a_window_that_closed(
        self, settings, support_unit, members, client_of, coordinator, kazakhstan
    ):
        procedure = a_short_procedure(
            settings,
            by=support_unit,
            seconds=600,
            kind="participation_window",
            silence_means="lapses",
            states=[kazakhstan],
            edition=a_document(by=support_unit),
        )
        client = client_of(coordinator)
        client.post(url("silence_answer", procedure.slug), {"answer": "participates", "seen": 1})
        move_deadline(procedure, -3600)
        silence.close_due()
        page = client.post(url("silence_answer_confirm", procedure.slug), {"understood": "on"})
        assert page.status_code == 409
        assert "outcome: window closed" in page.content.decode()
        assert SilenceResponse.objects.get().late


class TestIsolation:
    def test_nobody_acts_for_another_state(
        self, procedure, client_of, coordinator, kazakhstan, azerbaijan
    ):
        """P11: by form, by session, by action."""
        client = client_of(coordinator)
        foreign = {"state": azerbaijan.pk, "procedure": procedure.pk, "by": 1}
        client.post(url("silence_acknowledge", procedure.slug), foreign)
        client.post(url("silence_position", procedure.slug), {"kind": "joins", **foreign})
        session = client.session
        session["state"] = azerbaijan.pk
        session.save()
        del foreign["procedure"]
        draft(client, procedure, reason="No.", **foreign)
        confirm(client, procedure, **foreign)
        assert set(SilenceResponse.objects.values_list("state__code", flat=True)) == {"KZ"}
        with pytest.raises(DomainError):
            silence.withdraw_objection(
                procedure=procedure, state=azerbaijan, reason="", by=coordinator
            )

    @pytest.mark.parametrize("name", ["support_unit", "chair", "observer", "anonymous"])
    def test_those_who_act_for_no_state(self, procedure, client_of, name, request):
        """S3."""
        client = client_of(request.getfixturevalue(name))
        for act in (*ACTS, "silence_break", "silence_confirm"):
            assert client.post(url(act, procedure.slug)).status_code in (302, 404)
        assert not SilenceResponse.objects.exists()

    def test_session_of_an_ended_term(self, procedure, client_of, coordinator, kazakhstan):
        """M3: the draft of an objection is of no use when the term has ended."""
        from membership.permissions import revoke_acting

        client = client_of(coordinator)
        draft(client, procedure, reason="No.")
        for designation in coordinator.designations.all():
            revoke_acting(designation)
        page = client.post(url("silence_confirm", procedure.slug), {"understood": "on"})
        assert page.status_code == 404
        assert not SilenceResponse.objects.exists()


class TestWithdrawal:
    def test_is_told_to_all_and_revives_nothing(
        self, procedure, client_of, coordinator, other_coordinator, support_unit, kazakhstan
    ):
        """S14."""
        silence.break_silence(procedure=procedure, state=kazakhstan, reason="No.", by=coordinator)
        page = client_of(coordinator).get(url("silence_detail", procedure.slug)).content.decode()
        assert "Withdraw the objection of your State" in page
        done = client_of(coordinator).post(
            url("silence_withdraw", procedure.slug), {"reason": "Agreed."}, follow=True
        )
        assert "is withdrawn, and that is on record" in done.content.decode()
        assert "Withdraw the objection of your State" not in done.content.decode()
        assert SilenceOutcome.objects.get().result == "broken"
        told = Notice.objects.filter(event__contains="objection-withdrawn")
        assert {one.recipient for one in told} == {coordinator, other_coordinator, support_unit}
        assert "Agreed." in told.get(recipient=other_coordinator).email.message
        assert [str(fault) for fault in verify_ledger()] == []
        again = client_of(coordinator).post(url("silence_withdraw", procedure.slug), {})
        assert "has withdrawn its objection already" in again.content.decode()

    def test_needs_an_objection(self, procedure, coordinator, kazakhstan):
        with translation.override("en"), pytest.raises(DomainError, match="no objection to with"):
            silence.withdraw_objection(
                procedure=procedure, state=kazakhstan, reason="", by=coordinator
            )


def test_more_time_is_told_to_all(
    procedure, client_of, coordinator, other_coordinator, support_unit
):
    """S8, S9: the deadline stands."""
    client_of(coordinator).post(
        url("silence_position", procedure.slug), {"kind": "more_time", "text": "Ten days more."}
    )
    told = Notice.objects.filter(event__contains="more-time-KZ")
    assert {one.recipient for one in told} == {coordinator, other_coordinator, support_unit}
    mail = told.get(recipient=other_coordinator).email
    assert mail.subject == "Kazakhstan asks for more time: Demonstration decision"
    assert "Ten days more." in mail.message
    procedure.refresh_from_db()
    assert procedure.status(procedure.opened_at) == "running"


def test_revision_shows_what_changed(support_unit, members, client_of, coordinator):
    """Issue: the difference from the edition that it supersedes, in both languages, escaped."""
    before = a_document(by=support_unit, issued=True)
    rows = [dict(row) for row in ROWS]
    rows[2]["text_en"] = "Decide to protect <all> refugees."
    rows[2]["text_ru"] = "Постановляют защищать всех беженцев."
    from documents.actions import archive, texts

    after = archive.create_edition(
        document=before.document,
        kind=Edition.Kind.REVISION,
        number=1,
        dated_on=before.dated_on,
        supersedes=before,
        by=support_unit,
    )
    texts.set_text(edition=after, rows=rows, by=support_unit)
    procedure = a_procedure(by=support_unit, edition=after)
    page = client_of(coordinator).get(url("silence_detail", procedure.slug)).content.decode()
    part = page.partition('id="difference-1"')[2].partition("</section>")[0]
    assert "[inserted: " in part
    assert "&lt;all&gt;" in part
    assert "всех" in part
    assert "Recalling" not in part
