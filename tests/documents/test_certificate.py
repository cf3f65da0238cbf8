"""How a certificate reads as a PDF: nothing torn apart, both languages on every page (S15, T2)."""

import io
import re

import pypdf
import pytest

from documents.actions import silence
from documents.evidence import certificate
from documents.models import SilenceProcedure
from tests.factories.documents import a_procedure

pytestmark = pytest.mark.django_db


@pytest.fixture
def pages(settings, support_unit, members, kazakhstan, coordinator) -> list[str]:
    """The text of each page, line by line."""
    settings.PORTAL_URL = "http://portal.example.org"
    procedure = a_procedure(
        by=support_unit,
        title_en="Adoption of the plan of action on the protection of refugees " * 3,
        title_ru="Принятие плана действий по защите беженцев " * 3,
    )
    silence.break_silence(
        procedure=procedure, state=kazakhstan, reason="No day is set. " * 20, by=coordinator
    )
    last = procedure.ledger.order_by("number").last().number
    data = certificate.render(SilenceProcedure.objects.get(pk=procedure.pk), last)
    return [one.extract_text() for one in pypdf.PdfReader(io.BytesIO(data)).pages]


def test_it_is_printed_whole(pages):
    assert len(pages) > 1
    for page in pages[1:]:
        heads = page.splitlines()
        for words in ("Certificate of a silence procedure: Ad", "Свидетельство о процедуре"):
            [line] = [one for one in heads if one.startswith(words)]
            assert line.endswith("…")
    text = "\n".join(pages)
    # an address and a clock stand in one line each
    for language in ("en", "ru"):
        assert f"http://portal.example.org/{language}/verify/" in text
    opened = re.findall(r"\((?:Almaty|Алматы):[^)]*\)", text)
    assert len(opened) >= 8
    assert not [one for one in opened if "\n" in one]
    assert "«No day is set." in text
    assert "“No day is set." in text
