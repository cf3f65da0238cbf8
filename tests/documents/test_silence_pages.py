"""The Coordinator's pages: who reaches them, what they show and do, in both languages."""

import pytest
from django.urls import reverse
from django.utils import translation

from almaty_portal.common.models import Notice
from documents.actions import silence
from documents.models import LedgerEntry, SilenceOutcome, SilenceResponse
from tests.factories.documents import (
    BRACKETED,
    a_procedure,
    a_public_document,
    a_short_procedure,
    move_deadline,
)

pytestmark = pytest.mark.django_db

EVERYBODY = [
    "anonymous",
    "support_unit",
    "chair",
    "coordinator",
    "deputy",
    "other_coordinator",
    "observer",
]


ACTS = ("silence_acknowledge", "silence_answer", "silence_position", "silence_withdraw")


def confirm(client, procedure, **fields):
    """The second step of an objection: what was shown is sent."""
    data = {"understood": "on", **fields}
    return client.post(url("silence_confirm", procedure.slug), data, follow=True)


def url(name: str, *args: str, language: str = "en") -> str:
    with translation.override(language):
        return reverse(name, args=args)


@pytest.fixture
def procedure(support_unit, members):
    return a_procedure(by=support_unit)


@pytest.fixture
def person(request, members):
    return request.getfixturevalue(request.param)


class TestWhoMay:
    @pytest.mark.parametrize(
        ("person", "status"),
        [
            ("anonymous", 302),
            ("support_unit", 200),
            ("coordinator", 200),
            ("deputy", 200),
            ("other_coordinator", 200),
            ("chair", 404),
            ("observer", 404),
        ],
        indirect=["person"],
    )
    def test_follow_a_procedure(self, procedure, client_of, person, status):
        """T6, M4: observers and outsiders follow no procedure; no access is a 404."""
        assert client_of(person).get(url("silence_detail", procedure.slug)).status_code == status

    @pytest.mark.parametrize(
        ("person", "status"),
        [
            ("anonymous", 302),
            ("support_unit", 404),
            ("coordinator", 200),
            ("deputy", 200),
            ("other_coordinator", 200),
            ("chair", 404),
            ("observer", 404),
        ],
        indirect=["person"],
    )
    def test_act_in_a_procedure(self, procedure, client_of, person, status):
        """S3: only those who act for an entitled State."""
        client = client_of(person)
        assert client.get(url("silence_break", procedure.slug)).status_code == status
        posted = client.post(url("silence_acknowledge", procedure.slug))
        assert posted.status_code == (404 if status == 404 else 302)
        assert SilenceResponse.objects.count() == (1 if status == 200 else 0)

    @pytest.mark.parametrize("person", EVERYBODY, indirect=True)
    def test_draft_under_silence_is_read_by_members_only(
        self, procedure, client_of, person, request
    ):
        """T6."""
        readers = {"support_unit", "coordinator", "deputy", "other_coordinator"}
        expected = 200 if request.node.callspec.params["person"] in readers else 404
        address = url("document_detail", procedure.edition.document.slug)
        assert client_of(person).get(address).status_code == expected


class TestPages:
    @pytest.mark.parametrize("language", ["en", "ru"])
    def test_home_shows_what_awaits(self, procedure, client_of, coordinator, language):
        page = client_of(coordinator).get(url("portal_home", language=language))
        assert page.status_code == 200
        with translation.override(language):
            assert procedure.title in page.content.decode()
        heading = {"en": "What awaits you", "ru": "Что требует вашего внимания"}[language]
        assert heading in page.content.decode()
        assert list(page.context["awaiting"]) == [procedure]

    def test_home_is_for_those_who_signed_in(self, client):
        page = client.get(url("portal_home"))
        assert page.status_code == 302
        assert page.url.startswith(reverse("account_login"))

    @pytest.mark.parametrize("language", ["en", "ru"])
    def test_page_shows_both_texts_deadline_and_meaning(
        self, procedure, client_of, coordinator, language
    ):
        """S4, S5: both texts, and the deadline in UTC and in Almaty."""
        page = (
            client_of(coordinator)
            .get(url("silence_detail", procedure.slug, language=language))
            .content.decode()
        )
        assert "Decide to protect refugees." in page
        assert "Постановляют защищать беженцев." in page
        assert "UTC" in page
        assert {"en": "in Almaty", "ru": "Алматы"}[language] in page
        assert {"en": "What silence means", "ru": "Что означает умолчание"}[language] in page

    def test_pages_are_kept_by_no_cache(self, procedure, client_of, coordinator):
        """P6."""
        page = client_of(coordinator).get(url("silence_detail", procedure.slug))
        assert "no-store" in page["Cache-Control"]

    def test_query_count_does_not_grow(
        self, support_unit, members, coordinator, client_of, django_assert_max_num_queries
    ):
        for _ in range(20):
            a_procedure(by=support_unit)
        client = client_of(coordinator)
        with django_assert_max_num_queries(40):
            client.get(url("portal_home"))

    def test_historic_window_is_read_by_everybody(self, client):
        """S16; loaded by the founding archive, tested there; here: unknown is a sign-in."""
        assert client.get(url("silence_detail", "nothing")).status_code == 302


class TestActs:
    def test_acknowledge(self, procedure, client_of, coordinator):
        """S8."""
        page = client_of(coordinator).post(
            url("silence_acknowledge", procedure.slug, language="ru"), follow=True
        )
        assert "Получение подтверждено" in page.content.decode()
        assert SilenceResponse.objects.get().kind == "acknowledgement"

    def test_break_silence(self, procedure, client_of, coordinator):
        """S7: the reason first, then what all will be told, then the act."""
        client = client_of(coordinator)
        step = client.post(
            url("silence_break", procedure.slug),
            {"reason": "Paragraph 1 <script>alert(1)</script>"},
            follow=True,
        )
        assert "<script>alert(1)" not in step.content.decode()
        assert "&lt;script&gt;alert(1)" in step.content.decode()
        assert not SilenceResponse.objects.exists()
        page = confirm(client, procedure)
        text = page.content.decode()
        assert "silence is broken" in text
        assert "<script>alert(1)" not in text
        assert SilenceOutcome.objects.get().result == "broken"

    @pytest.mark.parametrize(
        ("language", "sentence"),
        [
            ("en", "Give the reason of the objection"),
            ("ru", "Укажите причину возражения"),
        ],
    )
    def test_break_without_reason_is_a_sentence(
        self, procedure, client_of, coordinator, language, sentence
    ):
        page = client_of(coordinator).post(
            url("silence_break", procedure.slug, language=language), {"reason": ""}
        )
        assert page.status_code == 422
        text = page.content.decode()
        assert sentence in text
        title = text.partition("<title>")[2].partition("</title>")[0].strip()
        assert title.startswith({"en": "Error:", "ru": "Ошибка:"}[language])
        assert not SilenceResponse.objects.exists()

    def test_late_objection_is_a_sentence(
        self, settings, support_unit, members, client_of, coordinator
    ):
        """S6: the page was open while the deadline passed; what was written is kept."""
        procedure = a_short_procedure(settings, by=support_unit, seconds=600)
        client = client_of(coordinator)
        address = url("silence_break", procedure.slug, language="ru")
        client.post(address, {"reason": "Нет, по причине."})
        move_deadline(procedure, -1)
        page = client.post(
            url("silence_confirm", procedure.slug, language="ru"), {"understood": "on"}
        )
        assert page.status_code == 409
        text = page.content.decode()
        assert "опоздало и не имеет силы" in text
        assert "Нет, по причине." in text
        assert "немедленно сообщите об этом Группе поддержки" in text
        assert SilenceResponse.objects.get().late

    def test_statement_is_issued_with_the_decision(
        self, settings, client, support_unit, members, client_of, coordinator
    ):
        """S8: it breaks no silence, and everybody reads it beside the decision."""
        procedure = a_short_procedure(settings, by=support_unit, seconds=20)
        address = url("silence_position", procedure.slug)
        person = client_of(coordinator)
        assert person.post(address, {"kind": "statement", "text": ""}).status_code == 422
        data = {"kind": "statement", "text": "We read paragraph 1 <b>narrowly</b>."}
        assert person.post(address, data).status_code == 302
        move_deadline(procedure, -3600)
        silence.close_due()
        page = client.get(url("decision_detail", procedure.slug)).content.decode()
        assert "We read paragraph 1 &lt;b&gt;narrowly&lt;/b&gt;." in page

    def test_reading_changes_nothing(self, procedure, client_of, coordinator):
        """P7: mail scanners follow links."""
        client = client_of(coordinator)
        page = url("silence_detail", procedure.slug)
        for name in ACTS:
            assert client.get(url(name, procedure.slug)).url == page
        client.get(url("silence_break", procedure.slug))
        client.post(url("silence_break", procedure.slug), {"reason": "No."})
        before = LedgerEntry.objects.count(), Notice.objects.count()
        for name in ("silence_confirm", "silence_calendar", "silence_detail"):
            assert client.get(url(name, procedure.slug)).status_code == 200
        assert not SilenceResponse.objects.exists()
        assert (LedgerEntry.objects.count(), Notice.objects.count()) == before

    def test_forged_post_is_refused(self, procedure, coordinator):
        """P7."""
        from django.test import Client

        client = Client(enforce_csrf_checks=True)
        client.force_login(coordinator, backend="django.contrib.auth.backends.ModelBackend")
        for name in (*ACTS, "silence_break", "silence_confirm"):
            assert client.post(url(name, procedure.slug)).status_code == 403
        assert not SilenceResponse.objects.exists()

    def test_answer_a_window(self, support_unit, members, iran, client_of):
        """S2."""
        from tests.factories.membership import DesignationFactory, UserFactory

        person = UserFactory(language="en")
        DesignationFactory(state=iran, user=person)
        procedure = a_procedure(
            by=support_unit,
            edition=a_public_document(rows=BRACKETED),
            kind="participation_window",
            silence_means="lapses",
            states=[iran],
        )
        client = client_of(person)
        address = url("silence_answer", procedure.slug)
        assert client.post(address, {}).status_code == 422
        page = client.post(address, {"answer": "participates"}, follow=True)
        assert "What the answer of your State leads to" in page.content.decode()
        assert not SilenceResponse.objects.exists()
        confirmed = url("silence_answer_confirm", procedure.slug)
        page = client.post(confirmed, {"understood": "on"}, follow=True)
        assert "is on record" in page.content.decode()
        assert SilenceResponse.objects.get().kind == "participates"


class TestQueries:
    """The number of queries does not grow with States, answers, paragraphs or entries."""

    def test_page_of_a_procedure(self, support_unit, members, client_of, coordinator):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        from membership.models import Standing
        from tests.factories.membership import (
            DesignationFactory,
            StandingFactory,
            StateFactory,
            UserFactory,
        )

        def queries(procedure) -> int:
            client = client_of(coordinator)
            address = url("silence_detail", procedure.slug)
            client.get(address)
            with CaptureQueriesContext(
                connection,
            ) as made:
                assert client.get(address).status_code == 200
            return len(made)

        people = []
        for number in range(20):
            code = f"Q{chr(65 + number)}"
            state = StateFactory(code=code, iso3=f"{code}Q", english=f"Other land {code}")
            StandingFactory(state=state, kind=Standing.Kind.MEMBER)
            people.append((UserFactory(), state))
            DesignationFactory(state=state, user=people[-1][0])

        def count(answering) -> tuple[int, int]:
            """Queries while it runs and when it is broken, with so many who answer."""
            procedure = a_procedure(by=support_unit, title_en=f"Procedure {len(answering)}")
            point = procedure.edition.paragraphs.get(number="1.")
            for user, state in answering:
                silence.take_position(
                    procedure=procedure, state=state, kind="statement", text="Words.", by=user
                )
            running = queries(procedure)
            for user, state in answering:
                silence.break_silence(
                    procedure=procedure,
                    state=state,
                    reason="No.",
                    by=user,
                    points=[(point, "Other words.", "")],
                )
            return running, queries(procedure)

        assert count(people[:1]) == count(people)


class TestAboutSilence:
    @pytest.mark.parametrize(
        ("language", "words"),
        [
            ("en", ["Silence is consent.", "OM 3.vii", "decision 74/544", "OSCE Rules"]),
            ("ru", ["Умолчание означает согласие.", "ПР 3.vii", "решение 74/544", "ОБСЕ"]),
        ],
    )
    def test_everybody_reads_what_silence_means(self, client, language, words):
        """Issue, done when: a person learns it from the portal itself."""
        page = client.get(url("about_silence", language=language)).content.decode()
        assert all(word in page for word in words)

    @pytest.mark.parametrize("language", ["en", "ru"])
    def test_procedure_page_says_what_is_asked_and_what_happens_next(
        self, procedure, client_of, coordinator, language
    ):
        page = client_of(coordinator).get(url("silence_detail", procedure.slug, language=language))
        text = page.content.decode()
        words = {
            "en": ["A State that agrees need do nothing.", "What happens next", "that is consent"],
            "ru": ["ничего делать не нужно", "Что происходит дальше", "это означает согласие"],
        }[language]
        assert all(word in text for word in words)
        assert text.count('aria-current="step"') == 1
        assert url("about_silence", language=language) in text
        assert url("silence_calendar", procedure.slug, language=language) in text


@pytest.mark.parametrize(
    ("language", "before", "after"),
    [
        ("en", "Said something: 0 of 5.", "Said something: 1 of 5."),
        ("ru", "Высказались: 0 из 5.", "Высказались: 1 из 5."),
    ],
)
def test_home_tells_how_many_have_answered(
    procedure, client_of, coordinator, other_coordinator, kazakhstan, language, before, after
):
    """S8: before any page of a procedure is opened."""
    client = client_of(other_coordinator)
    home = url("portal_home", language=language)
    assert before in client.get(home).content.decode()
    silence.acknowledge(procedure=procedure, state=kazakhstan, by=coordinator)
    assert after in client.get(home).content.decode()


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_newcomer_is_led_from_home_to_the_rules_and_on(client, language):
    """From the first page, signed out: what silence means, where to sign in, what was decided."""
    rules = url("about_silence", language=language)
    assert f'href="{rules}"' in client.get(f"/{language}/").content.decode()
    page = client.get(rules).content.decode()
    for name in ("portal_home", "decision_list"):
        assert f'href="{url(name, language=language)}"' in page.split('id="essentials"')[1]
