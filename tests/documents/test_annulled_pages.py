"""What the page and the certificate tell of an adoption that was annulled (rules S13, S15)."""

import datetime as dt

import pytest

from almaty_portal.common.errors import TooLate
from almaty_portal.common.instants import almaty_today, database_now
from documents.actions import silence
from documents.evidence import certificate
from documents.evidence.record import entries_of
from documents.models import Annulment, SilenceProcedure
from documents.views.silence.course import course
from tests.documents.test_paper import enter
from tests.documents.test_silence_pages import url
from tests.factories.documents import a_short_procedure

pytestmark = pytest.mark.django_db

DECISION = {"reason_en": "Letter of the Chair.", "reason_ru": "Письмо Председателя."}


@pytest.fixture
def annulled(settings, support_unit, other_staff, members, kazakhstan, azerbaijan):
    """An adoption that was to elect a Chair, annulled on paper; a revision was begun since."""
    procedure = a_short_procedure(
        settings,
        by=support_unit,
        seconds=-26 * 60,
        effect={"kind": "chair", "state": azerbaijan, "from_on": almaty_today()},
    )
    silence.close_due()
    paragraph = procedure.edition.paragraphs.get(number="1.")
    note = enter(
        procedure,
        kazakhstan,
        support_unit,
        points=[(paragraph, "Decide to protect refugees at once.", "")],
    )
    silence.confirm_paper_note(note=note, by=other_staff)
    procedure = SilenceProcedure.objects.get(pk=procedure.pk)
    silence.prepare_reissue(procedure=procedure, accepted=[], by=support_unit, **DECISION)
    return SilenceProcedure.objects.get(pk=procedure.pk)


@pytest.mark.parametrize(
    ("language", "follows", "has_no_effect"),
    [
        ("en", "Once the text is adopted", "which has no effect now"),
        ("ru", "С принятием текста", "теперь не имеет силы"),
    ],
)
def test_nothing_is_said_to_follow_from_it(
    annulled, client_of, other_coordinator, language, follows, has_no_effect
):
    address = url("silence_detail", annulled.slug, language=language)
    page = client_of(other_coordinator).get(address).content.decode()
    asked = page.split('id="asked"')[1].split("</section>")[0]
    assert follows not in asked
    assert has_no_effect in asked


def test_the_annulment_is_a_step_of_its_own_at_its_own_moment(annulled):
    now = database_now()
    steps = course(annulled, annulled.status(now), now)
    annulment = Annulment.objects.get()
    [at] = [n for n, one in enumerate(steps) if one.at == [annulment.annulled_at]]
    assert steps[at].label == "Принятие аннулировано"
    assert "Казахстан" in steps[at].note
    recorded = steps[at - 1]
    assert recorded.at == [annulled.outcome.recorded_at]
    assert recorded.note == "Принято в процедуре умолчания."
    assert steps[at + 1].at == [annulled.follow_up.at]


@pytest.mark.parametrize(
    ("language", "column", "no_more", "as_effective", "on_paper", "proposed"),
    [
        ("en", 0, "Effective", "Recorded as effective", "by a Note Verbale on paper",
         "Paragraph 1: proposed: “Decide to protect refugees at once.”"),
        ("ru", 1, "Действует с", "Записано как вступившее в силу",
         "вербальной нотой на бумаге", "Пункт 1: предложено только на другом языке"),
    ],
)  # fmt: skip
def test_the_certificate_tells_what_was_annulled_in_its_order(
    annulled, monkeypatch, language, column, no_more, as_effective, on_paper, proposed
):
    shown = {}

    class Template:
        def render(self, context):
            shown.update(context)
            return ""

    monkeypatch.setattr(certificate, "get_template", lambda name: Template())
    last = annulled.ledger.order_by("number").last().number
    certificate.page(annulled, entries_of(annulled, last))
    cells = [row[column] for section in shown["sections"] for row in section["rows"]]
    rows = {one["label"]: one["lines"] for one in cells}
    assert no_more not in rows
    word = {"en": "annulled", "ru": "аннулировано"}[language]
    assert rows[as_effective][-1] == word
    assert rows[{"en": "Reference", "ru": "Условное обозначение"}[language]][-1] == word
    labels = [one["label"] for one in cells]
    order = {
        "en": ["Recorded as effective", "Adoption annulled", "Revision prepared for a reissue"],
        "ru": ["Записано как вступившее в силу", "Принятие аннулировано",
               "Подготовлен пересмотренный текст для переиздания"],
    }[language]  # fmt: skip
    assert [one for one in labels if one in order] == order
    said = [line for one in cells for line in one["lines"]]
    assert [line for line in said if on_paper in line]
    assert proposed in said


def test_what_a_state_said_stands_in_the_order_of_receipt(
    settings, support_unit, other_staff, members, kazakhstan, coordinator
):
    """A late objection in the portal follows the Note that was received before it, though the Note
    was entered after it."""
    procedure = a_short_procedure(settings, by=support_unit, seconds=-26 * 60)
    silence.close_due()
    with pytest.raises(TooLate):
        silence.break_silence(procedure=procedure, state=kazakhstan, reason="Late.", by=coordinator)
    note = enter(procedure, kazakhstan, support_unit)
    assert note.received_at < database_now() - dt.timedelta(minutes=26)
    silence.confirm_paper_note(note=note, by=other_staff)
    procedure = SilenceProcedure.objects.get(pk=procedure.pk)
    entries = entries_of(procedure, procedure.ledger.order_by("number").last().number)
    told = certificate.told_by(entries)
    [lines] = [
        lines for name, lines in certificate.answers(procedure, told, "ru") if "Казахстан" in name
    ]
    said = [one for one in lines if one.startswith("нарушает умолчание")]
    assert "бумаге" in said[0]
    assert "бумаге" not in said[1]
