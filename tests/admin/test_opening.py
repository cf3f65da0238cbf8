"""The guided form that opens a procedure: its steps, what it refuses, what it shows (S1–S5)."""

import datetime as dt
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse
from django.utils import translation

from almaty_portal.common.instants import database_now
from almaty_portal.common.models import Notice
from documents.actions import texts
from documents.models import Edition, Effect, SilenceProcedure
from membership.models import State
from tests.admin.test_writing import silence_form
from tests.factories.documents import ROWS, a_document, a_procedure
from tests.factories.membership import DesignationFactory, OrganizationFactory, UserFactory

pytestmark = pytest.mark.django_db
DIFFERENT = [
    *ROWS,
    {"role": "operative", "number": "2.", "text_en": "In 30 days.", "text_ru": "За 20 дней."},
]


def url_of(edition: Edition) -> str:
    return reverse("admin:documents_edition_open_silence", args=[edition.pk])


def in_russian(client: Any) -> Any:
    client.cookies["django_language"] = "ru"
    client.defaults["HTTP_ACCEPT_LANGUAGE"] = "ru"
    return client


def confirm(client: Any, url: str, data: dict[str, Any], times: int = 1) -> list[Any]:
    """What the check showed, confirmed; more than once as by an impatient hand."""
    checked = client.post(url, data)
    assert "preview" in checked.context, checked.context["form"].errors
    signed = {**data, "previewed": checked.context["form"].data["previewed"], "confirm": "1"}
    return [client.post(url, signed) for _time in range(times)]


class TestSteps:
    @pytest.mark.parametrize(
        ("language", "headings"),
        [
            (
                "en",
                [
                    "1. What",
                    "2. Directive of the Chair",
                    "3. States and meaning",
                    "4. Deadline",
                    "Check and circular",
                ],
            ),
            (
                "ru",
                [
                    "1. Предмет",
                    "2. Указание Председателя",
                    "3. Государства и значение умолчания",
                    "4. Срок",
                    "Проверка и циркуляр",
                ],
            ),
        ],
    )
    def test_the_page_guides_in_both_languages(self, unit, edition, language, headings):
        client = in_russian(unit) if language == "ru" else unit
        page = client.get(url_of(edition)).content.decode()
        places = [page.index(heading) for heading in headings]
        assert places == sorted(places)

    def test_who_has_no_coordinator_is_told_before_anything(self, unit, edition, coordinator):
        """M3: a State with nobody in office is named."""
        page = unit.get(url_of(edition))
        named = {one.code for one in page.context["without_coordinator"]}
        assert named == {"AF", "AZ", "KG", "TJ"}
        assert "Kz (National Coordinator)" in page.content.decode()

    def test_a_deputy_alone_is_no_coordinator(self, unit, edition, deputy):
        page = unit.get(url_of(edition))
        assert "KZ" in {one.code for one in page.context["without_coordinator"]}


class TestRefused:
    @pytest.mark.parametrize("language", ["en", "ru"])
    @pytest.mark.parametrize(
        ("fields", "field", "sentences"),
        [
            ({"title_ru": ""}, "title_ru", ("This field is required.", "Обязательное поле.")),
            (
                {"directive_form_ru": ""},
                "directive_form_ru",
                ("This field is required.", "Обязательное поле."),
            ),
            (
                {"hours": -2},
                "deadline_at",
                ("The deadline is in the past", "Указанный срок уже истек"),
            ),
            ({"hours": 60}, "deadline_at", ("under 72 hours", "72 часов")),
            ({"hours": 20}, "deadline_at", ("under 24 hours", "24 часов")),
            (
                {"effect": "invitation"},
                "effect_organization",
                ("Fill in: organization, meeting.", "Заполните: организация, встреча."),
            ),
            (
                {"effect_until_on": "2030-01-01"},
                "effect",
                ("Choose the effect, or clear", "Выберите последствие или очистите"),
            ),
        ],
    )
    def test_bad_input_is_told_at_its_field_and_nothing_is_lost(
        self, unit, edition, language, fields, field, sentences
    ):
        """S1, S2, S5"""
        client = in_russian(unit) if language == "ru" else unit
        data = silence_form(**fields)
        response = client.post(url_of(edition), data)
        assert response.status_code == 200
        form = response.context["form"]
        assert sentences[language == "ru"] in " ".join(form.errors[field])
        page = response.content.decode()
        assert f'href="#id_{field}-block"' in page
        assert f'id="id_{field}-block"' in page
        for name in ("title_en", "directive_by_ru", "deadline_at_1"):
            assert form.data[name] == data[name]
            assert f'value="{data[name]}"' in page
        assert not SilenceProcedure.objects.exists()
        assert not Notice.objects.exists()

    def test_a_time_that_a_clock_shows_twice_is_unclear(self, unit, edition):
        """S5: one instant. Berlin's clocks go back on the last Sunday of October at 3:00."""
        State.objects.filter(code="TJ").update(time_zone="Europe/Berlin")
        year = database_now().year + 1
        last = dt.date(year, 10, 31)
        day = last - dt.timedelta(days=(last.weekday() + 1) % 7)
        data = silence_form(
            deadline_at_0=f"{day:%Y-%m-%d}", deadline_at_1="02:30", deadline_zone="Europe/Berlin"
        )
        response = unit.post(url_of(edition), data)
        assert "comes twice there" in response.context["form"].errors["deadline_at"][0]


class TestConcordance:
    def test_reasons_are_asked_for_only_where_texts_differ(self, unit, edition, support_unit):
        assert "discordance_reason_en" not in unit.get(url_of(edition)).context["form"].fields
        different = a_document(by=support_unit, rows=DIFFERENT)
        page = unit.get(url_of(different))
        assert "discordance_reason_en" in page.context["form"].fields
        text = page.content.decode()
        assert "The two texts differ in 1 paragraph." in text
        assert "In 30 days." in text
        assert "За 20 дней." in text
        editor = reverse("admin:documents_edition_edit_text", args=[different.pk])
        assert f'href="{editor}#text-3"' in text
        assert 'id="text-3"' in unit.get(editor).content.decode()

    def test_they_open_with_a_reason_alone(self, unit, support_unit, members):
        """S4"""
        different = a_document(by=support_unit, rows=DIFFERENT)
        response = unit.post(url_of(different), silence_form())
        for name in ("discordance_reason_en", "discordance_reason_ru"):
            assert "English “30”, Russian “20”" in response.context["form"].errors[name][0]
        reasons = {"discordance_reason_en": "By months.", "discordance_reason_ru": "По месяцам."}
        (opened,) = confirm(unit, url_of(different), silence_form(**reasons))
        assert opened.status_code == 302
        assert SilenceProcedure.objects.get().discordance_reason_ru == "По месяцам."


class TestDeadline:
    def saturday(self) -> dict[str, str]:
        day = (database_now() + dt.timedelta(days=5)).date()
        day += dt.timedelta(days=(5 - day.weekday()) % 7)
        return {"deadline_at_0": f"{day:%Y-%m-%d}", "deadline_at_1": "18:00"}

    def test_a_weekend_warns_and_does_not_forbid(self, unit, edition):
        """S5"""
        response = unit.post(url_of(edition), silence_form(**self.saturday()))
        told = response.context["preview"]["deadline"]
        assert {one.state.code for one in told["off"]} >= {"KZ", "AZ", "TJ"}
        page = response.content.decode()
        assert "The deadline falls on a day off" in page
        assert "weekend" in page

    def test_every_capital_has_its_clock(self, unit, edition):
        State.objects.filter(code="AF").update(time_zone="Asia/Kabul")
        response = unit.post(url_of(edition), silence_form(**self.saturday()))
        read = {
            one.state.code: one.time for one in response.context["preview"]["deadline"]["clocks"]
        }
        assert read["KZ"] == "18:00"
        assert read["AF"] == "17:30"

    def test_a_calendar_not_known_is_said_without_any_day_off(self, unit, edition, monkeypatch):
        """S5: nothing is claimed about such a State, and that is told."""
        from documents import daysoff

        known = daysoff.calendar_of
        monkeypatch.setattr(
            daysoff, "calendar_of", lambda code, year: None if code == "TJ" else known(code, year)
        )
        monday = database_now() + dt.timedelta(days=5)
        monday += dt.timedelta(days=(1 - monday.weekday()) % 7)
        data = silence_form(deadline_at_0=f"{monday:%Y-%m-%d}", deadline_at_1="12:00")
        page = unit.post(url_of(edition), data).content.decode()
        assert 'id="unknown-calendars"' in page
        assert "calendar not known" in page

    def test_it_is_read_even_while_other_fields_are_wrong(self, unit, edition):
        response = unit.post(url_of(edition), silence_form(title_ru="", **self.saturday()))
        assert "preview" not in response.context
        assert "The deadline falls on a day off" in response.content.decode()

    @pytest.mark.parametrize(
        ("hours", "words"),
        [
            (80, "at least 72 are required."),
            (30, "under the 72 required: only with the Chair's reason of urgency."),
        ],
    )
    def test_whether_the_period_is_enough(self, unit, edition, hours, words):
        urgent = {"urgency_reason_en": "Flood.", "urgency_reason_ru": "Наводнение."}
        response = unit.post(url_of(edition), silence_form(hours=hours, **urgent))
        assert response.context["preview"]["deadline"]["period"].endswith(words)


class TestPreview:
    def test_both_circulars_as_they_will_be_sent(self, unit, edition, coordinator):
        """S4, S12: the very words."""
        data = silence_form()
        shown = unit.post(url_of(edition), data).context["preview"]
        assert not Notice.objects.exists()
        assert shown["reader"] == coordinator
        assert confirm(unit, url_of(edition), data)[0].status_code == 302
        notice = Notice.objects.get(recipient=coordinator)
        letters = {code: (subject, body) for code, _name, subject, body in shown["circulars"]}
        assert letters["ru"] == (notice.subject, notice.email.message)
        assert letters["en"][0] == "Under silence: A decision"

    def test_all_who_will_be_told_are_named(self, unit, edition, coordinator, deputy, observer):
        shown = unit.post(url_of(edition), silence_form()).context["preview"]
        confirm(unit, url_of(edition), silence_form())
        told = set(Notice.objects.values_list("recipient__email", flat=True))
        assert {person.email for person, _state, _office in shown["told"]} == told
        assert told == {"kz@example.org", "kz-deputy@example.org", "support@example.org"}

    def test_what_people_wrote_is_no_markup(self, unit, edition):
        """P4"""
        data = silence_form(title_en="<script>alert(1)</script>", directive_by_en="<b>x</b>")
        page = unit.post(url_of(edition), data).content.decode()
        letters = page[page.index('id="circular"') : page.index('id="told"')]
        assert "&lt;script&gt;alert(1)" in letters
        assert "<script>alert(1)" not in page
        assert "<b>x</b>" not in page

    def test_an_effect_is_shown_and_opened(self, unit, edition):
        """S2, M4"""
        union = OrganizationFactory(name_en="A Union", name_ru="Союз")
        data = silence_form(effect="observer", effect_organization=union.pk)
        page = unit.post(url_of(edition), data).content.decode()
        assert "Adopted, it also admits as an observer: A Union." in page
        assert "в качестве наблюдателя также допускается: Союз." in page
        confirm(unit, url_of(edition), data)
        assert Effect.objects.get().organization == union

    def test_a_text_changed_since_the_check_is_looked_at_again(self, unit, edition, support_unit):
        """What is opened is what was looked at: the words of the text too."""
        data = silence_form()
        checked = unit.post(url_of(edition), data)
        signed = {**data, "previewed": checked.context["form"].data["previewed"], "confirm": "1"}
        changed = [*ROWS[:-1], {**ROWS[-1], "text_en": "Decide otherwise."}]
        texts.set_text(edition=edition, rows=changed, by=support_unit)
        response = unit.post(url_of(edition), signed)
        assert response.status_code == 200
        assert "have changed since the check" in response.content.decode()
        assert not SilenceProcedure.objects.exists()


class TestOnce:
    def test_a_confirmation_sent_twice_opens_once(self, unit, edition, coordinator):
        """P7: the second leads to the procedure that was opened."""
        first, second = confirm(unit, url_of(edition), silence_form(), times=2)
        procedure = SilenceProcedure.objects.get()
        page = reverse("admin:documents_silenceprocedure_change", args=[procedure.pk])
        assert (first.status_code, first.url) == (302, page)
        assert (second.status_code, second.url) == (302, page)
        assert Notice.objects.filter(recipient=coordinator).count() == 1
        assert procedure.ledger.filter(step="opened").count() == 1

    def test_one_that_waited_for_the_first_leads_there_too(
        self, unit, edition, support_unit, monkeypatch
    ):
        """P7: both passed the first look before either was stored."""
        from documents.admin import opening

        data = silence_form()
        checked = unit.post(url_of(edition), data)
        signed = {**data, "previewed": checked.context["form"].data["previewed"], "confirm": "1"}
        # The text is under silence when the action looks, and was not when the page did.
        looked: list[int] = []
        look = opening.running_on

        def not_at_first(one: Edition) -> SilenceProcedure | None:
            looked.append(1)
            return None if len(looked) == 1 else look(one)

        procedure = a_procedure(by=support_unit, edition=edition)
        signed["previewed"] = "x" * 32
        monkeypatch.setattr(opening, "running_on", not_at_first)
        response = unit.post(url_of(edition), signed)
        assert response.status_code == 302
        assert response.url.endswith(f"/silenceprocedure/{procedure.pk}/change/")
        assert SilenceProcedure.objects.count() == 1


def test_who_opens_the_page(
    client_of, edition, support_unit, other_staff, coordinator, deputy, chair, observer, anonymous
):
    """S1: everyone allowed and everyone refused; a refused confirmation opens nothing."""
    reader = UserFactory(is_staff=True)
    reader.user_permissions.add(Permission.objects.get(codename="view_edition"))
    for person in (support_unit, other_staff):
        assert client_of(person).get(url_of(edition)).status_code == 200
    for person in (coordinator, deputy, chair, observer, anonymous, reader):
        client = client_of(person)
        data = {**silence_form(), "confirm": "1"}
        for response in (client.get(url_of(edition)), client.post(url_of(edition), data)):
            assert response.status_code in (302, 403, 404)
            assert "/login" in response.url if response.status_code == 302 else True
    assert not SilenceProcedure.objects.exists()


def test_the_page_costs_the_same_for_many_states(
    unit, edition, members, django_assert_max_num_queries
):
    """A page of a form: no query for each State or Coordinator."""
    for state in members.values():
        DesignationFactory(state=state)
    with translation.override("en"), django_assert_max_num_queries(45):
        unit.get(url_of(edition))
