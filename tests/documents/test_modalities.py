"""The Operating Modalities are amended by Ministerial meetings only (OM 3.vii, rule D2)."""

import datetime as dt
import threading

import pytest
from django.core.exceptions import ValidationError
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.urls import reverse

from almaty_portal.common.errors import DomainError
from almaty_portal.common.models import AuditRecord
from documents.actions import archive, silence
from documents.actions.relations import set_relation
from documents.models import Document, Relation
from meetings.models import Meeting
from tests.factories.documents import a_document, a_procedure, a_public_document
from tests.faults.conftest import at_once, emptied_afterwards  # noqa: F401 (a fixture)

pytestmark = pytest.mark.django_db


@pytest.fixture
def modalities():
    return a_public_document(type=Document.Type.OPERATING_MODALITIES).document


@pytest.fixture
def procedure(support_unit, members):
    return a_procedure(by=support_unit)


@pytest.mark.parametrize("how", ["type", "annex"])
def test_a_text_under_silence_becomes_no_part_of_them(procedure, modalities, how):
    """Not before the outcome is recorded, whoever writes."""
    change = {"type": "operating_modalities"} if how == "type" else {"annex_of": modalities}
    document = Document.objects.filter(pk=procedure.edition.document_id)
    with pytest.raises(DatabaseError, match="keeps its type"), transaction.atomic():
        document.update(**change)
    document.update(title_en="Another title")


def test_nor_does_what_it_is_an_annex_of(support_unit, members):
    whole = a_public_document().document
    a_procedure(by=support_unit, edition=a_document(by=support_unit, annex_of=whole))
    with pytest.raises(DatabaseError, match="keeps its type"), transaction.atomic():
        Document.objects.filter(pk=whole.pk).update(type="operating_modalities")


def test_free_again_when_silence_was_broken(procedure, kazakhstan, coordinator):
    silence.break_silence(procedure=procedure, state=kazakhstan, reason="No.", by=coordinator)
    Document.objects.filter(pk=procedure.edition.document_id).update(type="report")


def test_a_text_under_silence_gets_no_reference(procedure, support_unit):
    """S4: the final reference is assigned on adoption."""
    document = procedure.edition.document
    with pytest.raises(DomainError, match="умолчания"):
        archive.assign_reference(document=document, by=support_unit)
    document.refresh_from_db()
    assert document.reference is None


def test_the_page_says_why(procedure, modalities, support_unit, client_of):
    document = procedure.edition.document
    client = client_of(support_unit)
    client.cookies["django_language"] = "en"
    page = reverse("admin:documents_document_change", args=[document.pk])
    inlines = client.get(page).context["inline_admin_formsets"]
    answer = client.post(
        page,
        {
            "title_en": document.title_en,
            "title_ru": document.title_ru,
            "type": "operating_modalities",
            "access": document.access,
            "issued_precision": document.issued_precision,
            "original_language": document.original_language,
            **{f"{one.formset.prefix}-TOTAL_FORMS": 0 for one in inlines},
            **{f"{one.formset.prefix}-INITIAL_FORMS": 0 for one in inlines},
        },
    )
    assert "its type and what it is an annex of stay" in answer.content.decode()


def a_meeting(kind="ministerial_conference") -> Meeting:
    day = dt.date(2026, 1, 1)
    return Meeting.objects.create(
        slug=f"meeting-{kind[:5]}", type=kind, title_en="M", title_ru="М", from_on=day, last_on=day
    )


class TestRelations:
    """Nothing but a document of a Ministerial meeting amends or replaces them, by whatever way."""

    @pytest.fixture
    def decision(self):
        return a_public_document().document

    @pytest.mark.parametrize("kind", ["amends", "replaces"])
    @pytest.mark.parametrize("target", ["itself", "annex"])
    @pytest.mark.parametrize(
        "meeting", [None, "senior_officials_meeting", "ministerial_conference"]
    )
    def test_the_form_the_action_and_the_database_say_the_same(
        self, modalities, decision, support_unit, kind, target, meeting
    ):
        if target == "annex":
            modalities = a_public_document(annex_of=modalities).document
        if meeting:
            decision.meeting = a_meeting(meeting)
            decision.save()
        relation = Relation(source=decision, kind=kind, target=modalities)
        if meeting == "ministerial_conference":
            relation.full_clean()
            set_relation(relation=relation, changed={"kind": kind}, by=support_unit)
            [record] = AuditRecord.objects.filter(action="add_relation")
            assert record.by == support_unit
            return
        with pytest.raises(
            ValidationError, match=r"Ministerial meetings only|Министерские конференции"
        ):
            relation.full_clean()
        with pytest.raises(
            DomainError, match=r"Ministerial meetings only|Министерские конференции"
        ) as refused:
            set_relation(relation=relation, changed={"kind": kind}, by=support_unit)
        assert refused.value.fields == ("kind",)
        with pytest.raises(IntegrityError, match="only Ministerial"), transaction.atomic():
            Relation.objects.bulk_create([relation])
        other = Relation.objects.create(source=decision, kind="implements", target=modalities)
        with pytest.raises(IntegrityError, match="only Ministerial"), transaction.atomic():
            Relation.objects.filter(pk=other.pk).update(kind=kind)

    def test_what_it_rests_on_stays(self, modalities, decision):
        """The meeting of the amending document, its type, and what is part of the Modalities."""
        ministers, officials = a_meeting(), a_meeting("senior_officials_meeting")
        Document.objects.filter(pk=decision.pk).update(meeting=ministers)
        Relation.objects.create(source=decision, kind="amends", target=modalities)
        other = a_public_document().document
        Relation.objects.create(source=a_public_document().document, kind="amends", target=other)
        documents = Document.objects.filter(pk=decision.pk)
        for rows, change in (
            (documents, {"meeting": None}),
            (documents, {"meeting": officials}),
            (Meeting.objects.filter(pk=ministers.pk), {"type": "senior_officials_meeting"}),
            (Document.objects.filter(pk=other.pk), {"type": "operating_modalities"}),
            (Document.objects.filter(pk=other.pk), {"annex_of": modalities}),
        ):
            with pytest.raises(IntegrityError, match="only Ministerial"), transaction.atomic():
                rows.update(**change)
        Document.objects.filter(pk=decision.pk).update(title_en="Another title")
        Relation.objects.filter(source=decision).delete()
        Document.objects.filter(pk=decision.pk).update(meeting=officials)

    def test_the_pages_say_why(self, modalities, decision, support_unit, client_of, settings):
        settings.SECOND_FACTOR_REQUIRED = False
        client = client_of(support_unit)
        client.cookies["django_language"] = "en"
        sent = {"source": decision.pk, "kind": "amends", "target": modalities.pk}
        page = client.post(reverse("admin:documents_relation_add"), sent)
        assert "name such a meeting on the page of the amending document" in page.content.decode()
        ministers = a_meeting()
        Document.objects.filter(pk=decision.pk).update(meeting=ministers)
        assert client.post(reverse("admin:documents_relation_add"), sent).status_code == 302
        address = reverse("admin:meetings_meeting_change", args=[ministers.pk])
        form = client.get(address).context["adminform"].form
        sent = {name: form[name].value() for name in form.fields if form[name].value() is not None}
        page = client.post(address, {**sent, "type": "senior_officials_meeting"})
        assert "the meeting keeps its type" in page.content.decode()
        ministers.refresh_from_db()
        assert ministers.type == "ministerial_conference"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("emptied_afterwards")
def test_a_relation_and_the_meeting_it_rests_on_change_at_once(modalities):
    """Neither sees what the other wrote; one of them waits, looks again, and is refused."""
    decision = a_public_document(meeting=a_meeting()).document
    ended = threading.Event()

    def take_the_meeting_away() -> None:
        with transaction.atomic():
            Document.objects.filter(pk=decision.pk).update(meeting=None)
            ended.wait(2)

    def amend() -> None:
        Relation.objects.create(source=decision, kind="amends", target=modalities)

    found = at_once([take_the_meeting_away, amend])
    assert sum(isinstance(one, IntegrityError) for one in found) == 1, found
    kept = Relation.objects.filter(source=decision).exists()
    assert kept != Document.objects.filter(pk=decision.pk, meeting=None).exists()
    assert not connection.in_atomic_block
