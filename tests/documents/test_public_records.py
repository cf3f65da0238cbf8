"""What the public saw and when it changed is noted by the database itself (rules T6, T8)."""

import itertools

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import DatabaseError, connection, transaction

from almaty_portal.common.instants import database_now
from documents.actions import archive, silence
from documents.models import Document, Edition, PublicRecord, Topic
from tests.factories.documents import (
    a_document,
    a_procedure,
    a_public_document,
    a_short_procedure,
)

pytestmark = pytest.mark.django_db
LONG_AGO = -26 * 60


def commit() -> None:
    """What the database does when a transaction commits, inside the transaction of a test."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def record_of(document: Document) -> PublicRecord | None:
    commit()
    return PublicRecord.objects.filter(document=document).first()


def test_a_public_document_is_noted_when_its_text_is_issued():
    """T6: the moment is the database's, the sets are those it belongs to."""
    before = database_now()
    record = record_of(a_public_document().document)
    assert before < record.changed_at < database_now()
    assert not record.deleted
    assert record.sets == ["type-decision", "language-en", "language-ru"]


@pytest.mark.parametrize("access", ["observers", "members", "support_unit"])
def test_a_restricted_document_never_appears(access):
    """T6: not even as deleted, whatever happens to it."""
    document = a_document(issued=True, kind="final", access=access).document
    archive.withdraw_document(document=document, reason_en="R", reason_ru="П", by=None)
    assert record_of(document) is None


def test_a_text_opened_and_restricted_in_one_act_never_appears():
    """T6: what was public to nobody at any moment is not told as deleted."""
    document = a_public_document().document
    archive.set_access(document=document, access="members", by=None)
    assert record_of(document) is None


def test_restricting_counts_as_deleted_and_derestriction_brings_it_back():
    """T6, T8: the row stays under its identifier, the moments go on."""
    document = a_public_document().document
    first = record_of(document)
    archive.set_access(document=document, access="members", by=None)
    gone = record_of(document)
    archive.set_access(document=document, access="public", by=None)
    back = record_of(document)
    assert [first.deleted, gone.deleted, back.deleted] == [False, True, False]
    assert first.pk == gone.pk == back.pk
    assert first.changed_at < gone.changed_at < back.changed_at


def test_what_happens_behind_closed_doors_is_not_told():
    """T6: a deleted record does not tell that its document is still worked on."""
    document = a_public_document().document
    commit()
    archive.withdraw_document(document=document, reason_en="R", reason_ru="П", by=None)
    gone = record_of(document)
    Document.objects.filter(pk=document.pk).update(title_en="Another", type="agenda")
    assert vars_of(record_of(document)) == vars_of(gone)


def vars_of(record: PublicRecord) -> tuple:
    return record.changed_at, record.deleted, record.sets


def test_a_write_past_every_action_is_noted():
    """P2: a title in SQL, a topic linked or renamed, a new edition each move the moment on."""
    document = a_public_document().document
    topic = Topic.objects.create(slug="asylum", position=1, name_en="Asylum", name_ru="Убежище")
    moments = [record_of(document).changed_at]
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE documents_document SET title_en = 'New' WHERE id = %s", [document.pk]
        )
    moments.append(record_of(document).changed_at)
    document.topics.add(topic)
    moments.append(record_of(document).changed_at)
    Topic.objects.filter(pk=topic.pk).update(slug="protection")
    record = record_of(document)
    moments.append(record.changed_at)
    assert "topic-protection" in record.sets
    document.topics.clear()
    moments.append(record_of(document).changed_at)
    assert moments == sorted(set(moments))


def test_the_identifier_outlives_a_new_address():
    """T1, T8: a reference assigned later changes the address, never the identifier."""
    document = a_public_document().document
    before = record_of(document).identifier
    archive.assign_reference(document=document, reference="Almaty Process/09/01/2026", by=None)
    record = record_of(document)
    assert record.identifier == before != record.document.slug


def test_a_text_under_silence_appears_when_it_is_adopted(support_unit, members, settings):
    """S4, S12: while silence runs the public sees nothing of it."""
    edition = a_document(by=support_unit, access="public")
    procedure = a_short_procedure(settings, by=support_unit, seconds=LONG_AGO, edition=edition)
    assert record_of(edition.document) is None
    silence.close_due()
    assert procedure.pk
    assert record_of(edition.document).deleted is False


def test_it_says_what_the_permissions_say(support_unit, members, settings):
    """T6: the rule of the database and `visible_to` name the same documents."""
    for access, kind, issued in itertools.product(
        ["public", "observers", "members", "support_unit"], ["draft", "final"], [True, False]
    ):
        a_document(access=access, kind=kind, issued=issued)
    withdrawn = a_public_document().document
    archive.withdraw_document(document=withdrawn, reason_en="R", reason_ru="П", by=None)
    a_procedure(by=support_unit, edition=a_document(by=support_unit, access="public"))
    a_short_procedure(
        settings,
        by=support_unit,
        seconds=LONG_AGO,
        edition=a_document(by=support_unit, access="public"),
    )
    silence.close_due()
    commit()
    seen = Document.objects.visible_to(AnonymousUser()).filter(withdrawn_at__isnull=True)
    noted = PublicRecord.objects.filter(deleted=False)
    assert set(noted.values_list("document", flat=True)) == set(seen.values_list("pk", flat=True))
    assert noted.count() == 2
    assert Edition.objects.count() > noted.count()


def test_a_record_is_never_taken_away():
    """T8: deletions are kept for good."""
    record = record_of(a_public_document().document)
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
        record.delete()
