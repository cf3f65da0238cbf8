"""The components of a page: what they print, in both languages, and what they refuse."""

import datetime as dt
import re
from types import SimpleNamespace

import pytest
from django import forms
from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles import finders
from django.core.files.storage import FileSystemStorage
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.template import RequestContext, Template
from django.test import RequestFactory, override_settings
from django.urls import path
from django.utils import translation

from almaty_portal.common.instants import time_left
from almaty_portal.common.storage import PortalStaticFilesStorage
from almaty_portal.common.templatetags import components
from almaty_portal.common.templatetags.components import BUNDLE, FIRST_FACES, STYLESHEETS


def _empty(request):
    return HttpResponse()


urlpatterns = [
    path("plain/", _empty),
    *i18n_patterns(path("", _empty, name="home"), path("documents/", _empty, name="archive")),
]
here = override_settings(ROOT_URLCONF=__name__, PORTAL_URL="https://portal.example")


class Objection(forms.Form):
    reason_ru = forms.CharField(help_text="In <b>one</b> sentence.")
    kind = forms.ChoiceField(choices=[("a", "First"), ("b", "Second")], widget=forms.RadioSelect)
    understood = forms.BooleanField(required=False)

    def clean(self):
        raise forms.ValidationError("The deadline has passed.")


def show(text, address="/en/documents/", user=None, **context):
    """The text of a template, rendered for a request."""
    request = RequestFactory().get(address)
    request.user = user or AnonymousUser()
    with translation.override("ru" if address.startswith("/ru/") else "en"):
        page = Template("{% load components instants %}" + text)
        return page.render(RequestContext(request, context))


def flat(markup):
    """The words of some markup, without the markup."""
    return " ".join(re.sub(r"<[^>]+>", "", markup).split())


# Boxes


def test_card_escapes_its_title_and_keeps_its_body():
    page = show("{% card title href='/x/' meta='2013' %}<p>Body</p>{% endcard %}", title="<A>")
    assert '<a class="card__link" href="/x/">&lt;A&gt;</a>' in page
    assert "<p>Body</p>" in page


def test_card_without_address_is_no_link():
    assert "<a " not in show("{% card 'Title' %}{% endcard %}")


def test_alert_names_its_kind_and_only_danger_interrupts():
    assert 'class="alert alert--danger" role="alert"' in show("{% alert 'danger' %}x{% endalert %}")
    assert "role" not in show("{% alert 'info' %}x{% endalert %}")


@pytest.mark.parametrize(
    "text",
    ["{% alert 'loud' %}x{% endalert %}", "{% status_badge 'x' 'pink' %}"],
)
def test_an_unknown_kind_is_refused_with_a_sentence(text):
    with pytest.raises(ValueError, match="is one of"):
        show(text)


def test_table_is_named_and_can_be_reached_by_keyboard():
    page = show("{% table 'Agenda' kind='agenda' %}<tbody></tbody>{% endtable %}")
    assert 'role="region" aria-label="Agenda" tabindex="0"' in page
    assert "<caption>Agenda</caption>" in page


def test_summary_list_escapes_values():
    page = show("{% summary_list rows %}", rows=[("Place", "<Almaty>")])
    assert "<dt>Place</dt>" in page
    assert "&lt;Almaty&gt;" in page


# Forms


def test_field_ties_hint_and_error_to_its_widget():
    page = show("{% field form.reason_ru %}", form=Objection({"reason_ru": ""}))
    assert 'aria-describedby="id_reason_ru_helptext id_reason_ru_error"' in page
    assert 'aria-invalid="true"' in page
    assert 'id="id_reason_ru_helptext">In <b>one</b> sentence.</div>' in page
    assert 'lang="ru"' in page


def test_field_escapes_a_hint_given_by_the_page():
    page = show("{% field form.reason_ru hint=hint %}", form=Objection(), hint="<i>x</i>")
    assert "&lt;i&gt;x&lt;/i&gt;" in page


def test_field_without_hint_or_error_is_described_by_nothing():
    page = show("{% field form.reason_ru hint='' %}", form=Objection())
    assert "aria-describedby" not in page
    assert "aria-invalid" not in page


def test_radio_buttons_are_a_fieldset_with_a_legend():
    page = show("{% field form.kind %}", form=Objection())
    assert "<fieldset>" in page
    assert '<legend class="field__label">Kind</legend>' in page
    assert page.count('type="radio"') == 2


def test_a_field_that_may_stay_empty_says_so_unless_it_is_a_tick():
    page = show("{% field form.understood %}", form=Objection())
    assert "optional" not in page
    assert '<label for="id_understood">Understood</label>' in page


def test_error_summary_leads_to_each_field():
    page = show("{% error_summary form %}", form=Objection({}))
    assert 'role="alert"' in page
    assert 'href="#id_reason_ru"' in page
    assert 'href="#id_kind_0"' in page
    assert "<li>The deadline has passed.</li>" in page


@pytest.mark.parametrize("form", [None, "", Objection()])
def test_error_summary_of_no_errors_is_nothing(form):
    assert show("{% error_summary form %}", form=form).strip() == ""


# Finding one's way


def test_pagination_keeps_the_query():
    page = show(
        "{% pagination page %}",
        "/en/documents/?q=refugee&page=3",
        page=Paginator(range(100), 10).page(3),
    )
    assert 'href="?q=refugee&amp;page=4"' in page
    assert '<span class="visually-hidden">Page</span> 3' in page
    assert "…" in page


def test_a_single_page_has_no_pagination():
    page = show("{% pagination page %}", page=Paginator(range(3), 10).page(1))
    assert page.strip() == ""


@here
@pytest.mark.parametrize(
    "text",
    ["{% breadcrumbs items %}", "{% breadcrumbs 'Documents' '/en/documents/' 'Communiqué' %}"],
)
def test_breadcrumbs_begin_at_home_and_end_here(text):
    page = show(text, items=[("Documents", "/en/documents/"), ("Communiqué", "")])
    assert '<a href="/en/">Home</a>' in page
    assert '<a href="/en/documents/">Documents</a>' in page
    assert '<span aria-current="page">Communiqué</span>' in page


@here
def test_language_switch_stays_on_the_page_with_its_query():
    page = show("{% language_switch %}", "/en/documents/?q=refugee&page=2")
    assert 'href="/ru/documents/?q=refugee&amp;page=2" lang="ru" hreflang="ru"' in page
    assert 'lang="en" aria-current="true">English' in page


@here
def test_language_switch_of_a_missing_page_leads_to_the_other_language():
    assert 'href="/ru/nothing/"' in show("{% language_switch %}", "/en/nothing/")


@here
def test_language_switch_without_a_language_in_the_address_leads_home():
    assert 'href="/ru/"' in show("{% language_switch %}", "/plain/")


@here
def test_alternate_links_name_both_languages_and_a_default():
    page = show("{% alternate_links %}", "/en/documents/?q=x")
    assert 'hreflang="en" href="https://portal.example/en/documents/"' in page
    assert 'hreflang="ru" href="https://portal.example/ru/documents/"' in page
    assert 'hreflang="x-default" href="https://portal.example/ru/documents/"' in page


@here
@pytest.mark.parametrize("address", ["/plain/", "/en/nothing/"])
def test_a_page_without_another_language_has_no_alternates(address):
    assert show("{% alternate_links %}", address).strip() == ""


@here
def test_the_default_of_the_home_page_is_the_choice_of_a_language():
    page = show("{% alternate_links %}", "/ru/")
    assert 'hreflang="x-default" href="https://portal.example/"' in page


@pytest.mark.parametrize("language", ["en", "ru"])
def test_every_stylesheet_and_first_font_exists(language):
    for name in STYLESHEETS:
        assert finders.find(f"css/{name}.css"), name
    for face in FIRST_FACES[language]:
        assert finders.find(f"fonts/{face}.woff2"), face


def test_the_collected_stylesheets_are_one_file_that_names_hashed_fonts(tmp_path):
    sources = FileSystemStorage(settings.BASE_DIR / "static")
    names = [f"css/{name}.css" for name in STYLESHEETS]
    names += [f"fonts/{name}" for name in sources.listdir("fonts")[1]]
    names.append("css/print.css")
    storage = PortalStaticFilesStorage(location=tmp_path, base_url="/static/")
    for name in names:
        with sources.open(name) as file:
            storage.save(name, file)
    problems = [
        result
        for _name, _hashed, result in storage.post_process({n: (sources, n) for n in names})
        if isinstance(result, Exception)
    ]
    assert problems == []
    css = (tmp_path / storage.hashed_files[BUNDLE]).read_text()
    assert css.startswith("@layer tokens, base, layout, components, utilities;")
    assert re.search(r'url\("\.\./fonts/pt-sans-400-cyrillic\.[0-9a-f]{12}\.woff2"\)', css)
    assert "/*" not in css


def test_where_stylesheets_are_joined_a_page_asks_for_one(monkeypatch):
    monkeypatch.setattr(components, "staticfiles_storage", SimpleNamespace(has_bundle=True))
    page = show("{% stylesheets %}")
    assert page.count('rel="stylesheet"') == 2
    assert "css/portal.css" in page
    assert 'css/print.css" media="print"' in page


# Instants

OBJECTION_DEADLINE = dt.datetime(2013, 8, 31, 18, 0, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/en/", "31 August 2013, 18:00 UTC"),
        ("/ru/", "31 августа 2013 года, 18:00 UTC"),
    ],
)
def test_an_instant_is_written_as_each_language_writes_it(address, words):
    page = show("{% instant value %}", address, value=OBJECTION_DEADLINE)
    assert f'datetime="2013-08-31T18:00:00Z">{words}</time>' in page


def test_almaty_was_six_hours_ahead_until_february_2024_and_five_since():
    before = dt.datetime(2024, 2, 29, 12, 0, tzinfo=dt.UTC)
    after = dt.datetime(2024, 3, 1, 12, 0, tzinfo=dt.UTC)
    assert "18:00 in Almaty" in flat(show("{% instant value %}", value=before))
    assert "17:00 in Almaty" in flat(show("{% instant value %}", value=after))


def test_another_day_in_almaty_is_named():
    page = flat(show("{% instant value %}", value=OBJECTION_DEADLINE))
    assert "(1 September, 00:00 in Almaty)" in page


@pytest.mark.parametrize(
    ("zone", "is_shown"), [("Asia/Baku", True), ("Asia/Almaty", False), ("UTC", False)]
)
def test_the_reader_sees_the_clock_of_their_capital_where_it_differs(zone, is_shown):
    reader = SimpleNamespace(is_authenticated=True, time_zone=zone)
    page = flat(show("{% instant value %}", user=reader, value=OBJECTION_DEADLINE))
    assert ("23:00 in Baku" in page) is is_shown


def test_an_instant_takes_another_clock_than_the_readers():
    page = show("{% instant value zone='Europe/Istanbul' %}", value=OBJECTION_DEADLINE)
    assert "21:00 in Ankara" in page


def test_an_instant_without_a_zone_is_refused():
    with pytest.raises(ValueError, match="aware"):
        show("{% instant value %}", value=dt.datetime(2013, 8, 31, 18, 0))  # noqa: DTZ001


def test_a_deadline_says_what_is_left():
    now = OBJECTION_DEADLINE - dt.timedelta(days=2, hours=3, minutes=5)
    page = show("{% instant value deadline=True now=now %}", value=OBJECTION_DEADLINE, now=now)
    assert "2 days 3 hours left" in page
    assert 'data-deadline="2013-08-31T18:00:00Z" data-now="2013-08-29T14:55:00Z"' in page
    assert 'data-left="{} left"' in page


def test_at_the_deadline_its_time_has_passed():
    """S6: received at the deadline is late."""
    page = show("{% instant value deadline=True now=value %}", value=OBJECTION_DEADLINE)
    assert "instant__left--over" in page
    assert flat(page).endswith("The time has passed")


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (dt.timedelta(days=1), "1 day left"),
        (dt.timedelta(days=1, minutes=5), "1 day left"),
        (dt.timedelta(hours=1, minutes=2), "1 hour 2 minutes left"),
        (dt.timedelta(minutes=5, seconds=30), "5 minutes left"),
        (dt.timedelta(seconds=59), "less than a minute left"),
        (dt.timedelta(0), "The time has passed"),
    ],
)
def test_time_left_is_told_in_its_two_greatest_units(left, words):
    with translation.override("en"):
        assert time_left(left) == words


MARCH = dt.date(2011, 3, 15)


@pytest.mark.parametrize(
    ("address", "arguments", "words"),
    [
        ("/en/", "value 'day'", "15 March 2011"),
        ("/ru/", "value 'day'", "15 марта 2011 года"),
        ("/en/", "value 'month'", "March 2011"),
        ("/ru/", "value 'month'", "март 2011 года"),
        ("/en/", "value 'year'", "2011"),
        ("/ru/", "value 'year'", "2011 год"),
        ("/en/", "value 'unknown'", "date not known"),
        ("/en/", "None 'day'", "date not known"),
        ("/en/", "value 'day' next_day", "15–16 March 2011"),
        ("/ru/", "value 'day' next_day", "15–16 марта 2011 года"),
        ("/en/", "value 'day' next_month", "15 March – 2 April 2011"),
        ("/en/", "value 'month' later", "March 2011 – November 2016"),
        ("/en/", "value 'day' later 'month'", "15 March 2011 – November 2016"),
        ("/en/", "value 'day' value", "15 March 2011"),
        ("/en/", "value 'day' None", "15 March 2011"),
    ],
)
def test_a_date_is_as_precise_as_its_source(address, arguments, words):
    """S16: as precisely as the source says."""
    page = show(
        f"{{% partial_date {arguments} %}}",
        address,
        value=MARCH,
        next_day=dt.date(2011, 3, 16),
        next_month=dt.date(2011, 4, 2),
        later=dt.date(2016, 11, 1),
    )
    assert page == words
