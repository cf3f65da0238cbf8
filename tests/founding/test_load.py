"""What the archive holds after it was loaded, and that a second run changes nothing."""

import datetime as dt
from io import StringIO

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.core.management import call_command
from django.db import connection
from django.utils import translation

from almaty_portal.common.models import AuditRecord
from almaty_portal.founding.loader import load_founding_archive
from chairmanship.models import Chairmanship
from documents import markup
from documents.actions.ledger import verify_ledger
from documents.models import (
    Decision,
    Document,
    Edition,
    LedgerEntry,
    SilenceProcedure,
    SilenceResponse,
    Topic,
)
from documents.reading import current_edition
from documents.text import text_hash
from meetings.models import AgendaItem, Delegation, ListEntry, Meeting, Participant
from membership.models import Observer, Standing, State

COMMUNIQUE = "almaty-process-03-01-2013"
MODALITIES = "almaty-process-02-01-2013"


def everything() -> dict[str, list[tuple]]:
    """Every row of every table of the portal, as the database holds it."""
    rows = {}
    with connection.cursor() as cursor:
        for label in ("common", "membership", "meetings", "documents", "chairmanship"):
            for model in apps.get_app_config(label).get_models(include_auto_created=True):
                table = model._meta.db_table
                cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')
                rows[table] = cursor.fetchall()
    return rows


def codes(states) -> list[str]:
    return [state.code for state in states.in_protocol_order()]


def test_counts_of_a_first_load(archive):
    assert archive["created"] > 250
    assert archive["changed"] == archive["removed"] == archive["unchanged"] == 0
    assert State.objects.filter(standings__isnull=False).distinct().count() == 9
    assert Delegation.objects.count() == 45
    assert ListEntry.objects.count() == 46
    assert set(ListEntry.objects.values_list("group", flat=True)) == set(ListEntry.Group.values)
    assert Topic.objects.count() == 11
    assert Meeting.objects.count() == 15
    assert AgendaItem.objects.count() == 12
    assert Chairmanship.objects.count() == 6
    assert Document.objects.count() == 5
    assert Decision.objects.count() == 3


def test_second_run_changes_nothing(archive):
    """Not a row, not a column, not an audit record; whatever language it runs in."""
    before = everything()
    for language in ("ru", "en"):
        with translation.override(language):
            counts = load_founding_archive()
        assert counts["unchanged"] == archive["created"]
        assert counts["created"] == counts["changed"] == counts["removed"] == 0
    assert everything() == before


def test_each_record_has_an_audit_record_of_the_portal(archive):
    loaded = AuditRecord.objects.filter(action="load_founding_record")
    assert loaded.count() == archive["created"]
    assert not AuditRecord.objects.filter(by__isnull=False).exists()


def test_command_tells_what_it_did(archive):
    out = StringIO()
    with translation.override("en"):
        call_command("load_founding_archive", stdout=out)
    assert f"0 created, 0 changed, 0 removed, {archive['created']} unchanged" in out.getvalue()


@pytest.mark.parametrize(
    ("day", "members", "brackets", "review", "observers"),
    [
        (dt.date(2013, 6, 4), "", "", "", ""),
        (dt.date(2013, 6, 6), "AF AZ KZ KG TJ TR", "IR PK", "TM", ""),
        (dt.date(2020, 1, 1), "AF AZ KZ KG TJ TR", "IR PK", "TM", ""),
        (None, "AF AZ KZ KG TJ TR TM", "", "", "IR PK"),
    ],
)
def test_who_was_what_on_a_day(archive, day, members, brackets, review, observers):
    """M1: one query; what is known without its day speaks from the day it was read."""
    assert codes(State.objects.members(day)) == members.split()
    for kind, expected in (
        (Standing.Kind.BRACKETS, brackets),
        (Standing.Kind.REVIEW, review),
        (Standing.Kind.OBSERVER, observers),
    ):
        assert codes(State.objects.with_standing(kind, on=day)) == expected.split()


def test_no_state_has_two_standings_on_a_day(archive):
    first, today = dt.date(2013, 6, 5), Standing._meta.get_field("entered_on").default()
    for days in range(0, (today - first).days + 2, 7):
        states = list(
            Standing.objects.in_force(first + dt.timedelta(days)).values_list("state", flat=True)
        )
        assert len(states) == len(set(states)) == 9


def test_observers_rest_on_their_publication(archive):
    """M4: the decision is not known, so the source is named; since when is not known."""
    for observer in Observer.objects.all():
        assert observer.from_on is None
        assert "UNHCR" in observer.source_en
        assert "УВКБ" in observer.source_ru
    assert {one.state.code for one in Observer.objects.in_force()} == {"IR", "PK"}


def test_names_have_dates(archive):
    """M2: a text of 2013 prints the names of 2013; Türkiye stands before Turkmenistan."""
    turkey = State.objects.get(code="TR")
    with translation.override("en"):
        assert turkey.name(dt.date(2013, 6, 5)) == "Turkey"
        assert turkey.name(dt.date(2013, 6, 5), formal=True) == "Republic of Turkey"
        assert turkey.name(dt.date(2022, 7, 1), formal=True) == "Republic of Türkiye"
        assert turkey.name() == "Türkiye"
    with translation.override("ru"):
        assert turkey.name(dt.date(2013, 6, 5)) == turkey.name() == "Турция"
    order = codes(State.objects.filter(standings__isnull=False).distinct())
    assert order == ["AF", "AZ", "IR", "KZ", "KG", "PK", "TJ", "TR", "TM"]


def test_states_have_the_time_zones_of_their_capitals(archive):
    zones = dict(State.objects.filter(standings__isnull=False).values_list("code", "time_zone"))
    assert zones == {
        "AF": "Asia/Kabul",
        "AZ": "Asia/Baku",
        "IR": "Asia/Tehran",
        "KZ": "Asia/Almaty",
        "KG": "Asia/Bishkek",
        "PK": "Asia/Karachi",
        "TJ": "Asia/Dushanbe",
        "TR": "Europe/Istanbul",
        "TM": "Asia/Ashgabat",
    }


def test_european_union_stands_twice(archive):
    """The trap of the List of Participants is kept and explained: 46 entries, 45 participants."""
    entries = ListEntry.objects.filter(printed_en="European Union")
    assert [entry.number for entry in entries] == [10, 18]
    (delegation,) = {entry.delegation for entry in entries}
    assert "46 entries are 45 participants" in delegation.note_en
    assert "46 позиций соответствуют 45 участникам" in delegation.note_ru
    assert list(ListEntry.objects.values_list("number", flat=True)) == list(range(1, 47))


def test_people_belong_to_their_delegations(archive):
    assert Participant.objects.count() == 26  # who spoke twice stands twice
    assert not Participant.objects.filter(delegation=None).exists()
    rapporteur = Participant.objects.get(role=Participant.Role.RAPPORTEUR)
    assert rapporteur.name_en == "Ms. Zumrad Solieva"
    assert rapporteur.delegation.state.code == "TJ"


def test_annexes_of_the_summary_report(archive):
    report = Document.objects.get(type=Document.Type.REPORT)
    annexes = report.annexes.order_by("annex_number")
    assert [(one.annex_number, one.type) for one in annexes] == [
        (1, "agenda"),
        (2, "operating_modalities"),
        (3, "communique"),
        (4, "list_of_participants"),
    ]
    assert {one.access for one in Document.objects.all()} == {"public"}


def test_references_are_stored_as_issued(archive):
    """T1: historic references are entered as they were."""
    assert set(Document.objects.exclude(reference=None).values_list("slug", "reference")) == {
        (COMMUNIQUE, "Almaty Process/03/01/2013"),
        (MODALITIES, "Almaty Process/02/01/2013"),
    }


def test_chairs_as_published(archive):
    """C2: with the precision of the sources; Kazakhstan is in the Chair since 24 April 2025."""
    chairs = " ".join(term.state.code for term in Chairmanship.objects.all())
    assert chairs == "KZ KG TJ TR AZ KZ"
    assert Chairmanship.objects.in_force(dt.date(2017, 1, 1)).get().state.code == "KG"
    present = Chairmanship.objects.in_force().get()
    assert (present.state.code, present.from_on) == ("KZ", dt.date(2025, 4, 24))


def test_topics_are_linked_to_the_conference(archive):
    conference = Meeting.objects.get(slug="ministerial-conference-2013")
    assert conference.topics.count() == 11


def test_window_of_2013_is_history(archive):
    """S16: with the time it happened, the time it was entered, and the source."""
    window = SilenceProcedure.objects.get()
    assert window.historic and window.kind == SilenceProcedure.Kind.WINDOW
    assert window.silence_means == "not_recorded"
    assert window.deadline_at == dt.datetime(2013, 8, 31, 18, tzinfo=dt.UTC)
    assert codes(window.electorate) == ["IR", "PK"]
    assert window.text_hash_en == text_hash(window.edition, "en")
    assert window.text_hash_ru == text_hash(window.edition, "ru")
    assert window.outcome.result == "window_closed"
    assert window.outcome.effective_at == window.deadline_at
    assert window.outcome.recorded_at > window.deadline_at + dt.timedelta(days=365)
    assert window.outcome.note_en and window.outcome.note_ru and window.outcome.source_en
    assert {one.result for one in window.outcome.by_state.all()} == {"observer_later"}
    assert not SilenceResponse.objects.exists()
    entry = LedgerEntry.objects.get()
    assert (entry.step, entry.procedure) == ("history_entered", window)
    assert list(verify_ledger()) == []


@pytest.mark.parametrize("slug", [COMMUNIQUE, MODALITIES])
def test_clean_text_stands_beside_the_issued_one(archive, slug):
    """S12, T3: names and footnote fall in the clean text; the reader is shown the issued one."""
    document = Document.objects.get(slug=slug)
    issued, clean = document.editions.order_by("pk")
    assert clean.kind == Edition.Kind.CLEAN and clean.supersedes is None
    assert "not issued in 2013" in clean.note_en and "не издавалась" in clean.note_ru
    for paragraph in clean.paragraphs.all():
        for text in (paragraph.text_en, paragraph.text_ru):
            assert not {"IR", "PK"} & set(markup.states(text))
            assert "[" not in markup.plain(text)
    assert not clean.paragraphs.filter(explains_brackets=True).exists()
    fallen = issued.paragraphs.filter(explains_brackets=True).count()
    assert clean.paragraphs.count() == issued.paragraphs.count() - fallen
    assert current_edition(document, AnonymousUser()) == issued


def test_decisions_of_the_conference(archive):
    """D1, D3: from the Summary Report only, each with its source."""
    for decision in Decision.objects.all():
        assert decision.taken == Decision.Taken.MEETING
        assert decision.taken_on == dt.date(2013, 6, 5)
        assert "Summary Report" in decision.source_en


def test_a_corrected_translation_is_taken_over(archive, files):
    """T3, S16: the text, its hash, the clean text and the window's record follow; all on record."""
    directory = files("texts/communique.yaml", "вновь подтверждая важность", "подтверждая важность")
    counts = load_founding_archive(directory)
    assert counts["created"] == counts["removed"] == 0
    assert counts["changed"] == 3  # the issued text, the clean text, the window
    for edition in Edition.objects.filter(document__slug=COMMUNIQUE):
        assert edition.paragraphs.filter(text_ru__startswith="подтверждая важность").exists()
    window = SilenceProcedure.objects.get()
    assert window.text_hash_ru == text_hash(window.edition, "ru")
    assert AuditRecord.objects.filter(action="correct_historic_text").count() == 2
    assert LedgerEntry.objects.last().step == "history_corrected"
    assert list(verify_ledger()) == []
    assert load_founding_archive(directory)["changed"] == 0


def test_a_corrected_field_is_taken_over(archive, files):
    counts = load_founding_archive(files("meetings.yaml", 'en: "sanasezim.org"', 'en: "sana"'))
    assert (counts["changed"], counts["created"]) == (1, 0)
    assert Meeting.objects.get(slug="som-2018").source_en == "sana"


def test_what_was_changed_in_the_portal_stays(archive, files):
    """A run takes over what changed in the files, and undoes nobody's work."""
    meeting = Meeting.objects.get(slug="som-2018")
    meeting.city_en, meeting.source_en = "Bishkek (Kyrgyz Republic)", "seen"
    meeting.save()
    assert load_founding_archive()["changed"] == 0
    load_founding_archive(files("meetings.yaml", 'en: "sanasezim.org"', 'en: "sana"'))
    meeting.refresh_from_db()
    assert (meeting.city_en, meeting.source_en) == ("Bishkek (Kyrgyz Republic)", "sana")


def test_an_entry_taken_out_is_removed(archive, files):
    directory = files(
        "agenda.yaml",
        '    title: {en: "Luncheon", ru: "Обед"}\n\n  - from: "14:30"\n    until: "15:30"\n',
        "",
    )
    counts = load_founding_archive(directory)
    assert counts["removed"] == 1
    assert AgendaItem.objects.count() == 11
    assert load_founding_archive(directory)["removed"] == 0
