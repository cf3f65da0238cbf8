"""Notes Verbales on the disk: none left of an act that failed, none lost that stands (F11)."""

import datetime as dt
from pathlib import Path

import pytest
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError

from almaty_portal.common import files
from almaty_portal.common.errors import DomainError
from documents.actions import silence
from documents.actions.silence import answering, paper
from documents.models import PaperNote, SilenceResponse
from tests.factories.documents import a_procedure, a_short_procedure
from tests.factories.files import a_pdf

pytestmark = pytest.mark.django_db

PDF = a_pdf(note="A Note Verbale.")


def kept(settings) -> list[bytes]:
    """What lies in the folder of Notes Verbales."""
    folder = Path(settings.MEDIA_ROOT) / "notes"
    return [one.read_bytes() for one in folder.rglob("*") if one.is_file()]


def fails(*args, **kwargs):
    raise DomainError("Not now.")


@pytest.fixture
def objects(support_unit, members, kazakhstan, coordinator):
    """An objection of Kazakhstan with a Note Verbale."""
    procedure = a_procedure(by=support_unit)

    def act():
        return silence.break_silence(
            procedure=procedure,
            state=kazakhstan,
            reason="No.",
            by=coordinator,
            note=SimpleUploadedFile("note.pdf", PDF),
        )

    return act


def test_an_objection_that_fails_leaves_no_file(settings, objects, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(answering, "record_outcome", fails)
        with pytest.raises(DomainError, match="Not now"):
            objects()
    assert kept(settings) == []
    assert not SilenceResponse.objects.exists()
    objects()
    assert kept(settings) == [PDF]


def test_a_paper_note_that_fails_leaves_no_file(
    settings, support_unit, members, kazakhstan, other_staff, monkeypatch
):
    procedure = a_short_procedure(settings, by=support_unit, seconds=-26 * 60)

    def enter():
        return silence.enter_paper_note(
            procedure=procedure,
            state=kazakhstan,
            kind="objection",
            reason="No.",
            received_at=procedure.deadline_at - dt.timedelta(minutes=5),
            received_how="Stamp No. 41",
            file=SimpleUploadedFile("note.pdf", PDF),
            by=support_unit,
        )

    with monkeypatch.context() as broken:
        broken.setattr(paper, "tell", fails)
        with pytest.raises(DomainError, match="Not now"):
            enter()
    assert kept(settings) == []
    assert not PaperNote.objects.exists()
    note = enter()
    with monkeypatch.context() as broken:
        broken.setattr(paper, "take_effect", fails)
        with pytest.raises(DomainError, match="Not now"):
            silence.confirm_paper_note(note=note, by=other_staff)
    assert kept(settings) == [PDF]  # the note was entered, and waits


def test_half_a_file_of_a_full_disk_is_removed(settings, objects, monkeypatch):
    def full(self, name, content):
        path = Path(self.path(name))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(PDF[:5])
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(type(default_storage._wrapped), "_save", full)
    with pytest.raises(DomainError):
        objects()
    assert kept(settings) == []


def test_what_a_row_names_is_not_taken_back(settings, objects):
    """What fails after the commit takes no Note Verbale away."""
    objection = objects()
    files.take_back(objection.note_file.name)
    assert kept(settings) == [PDF]


def test_where_the_connection_broke_the_file_stays(settings):
    """Whether it was committed is not known then."""
    with pytest.raises(OperationalError), files.taken_back_on_failure():
        files.store("notes/one", SimpleUploadedFile("note.pdf", PDF))
        raise OperationalError("the connection is lost")
    assert kept(settings) == [PDF]
    with pytest.raises(ValueError, match="no"), files.taken_back_on_failure():
        files.store("notes/two", SimpleUploadedFile("note.pdf", b"other"))
        raise ValueError("no")
    assert kept(settings) == [PDF]
