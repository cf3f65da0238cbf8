"""Every address of a document, for every reader, with ids of their own and of others (P1, P2)."""

import hashlib

import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import translation

from documents.formats import FORMATS
from documents.models import Attachment, Citation
from documents.urls import archive_urls
from tests.factories.documents import ROWS, a_document, a_public_document

pytestmark = pytest.mark.django_db
READERS = {
    "anonymous": {"public"},
    "chair": {"public"},
    "observer": {"public", "observers"},
    "coordinator": {"public", "observers", "members", "draft"},
    "deputy": {"public", "observers", "members", "draft"},
    "support_unit": {"public", "observers", "members", "draft", "support_unit"},
}
KINDS = ("public", "observers", "members", "draft", "support_unit")
CANARY = "Quetzalcanary"


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    settings.SECOND_FACTOR_REQUIRED = False


@pytest.fixture
def documents():
    """A document of each access and a draft, each with a file and the canary word in its text."""
    rows = [*ROWS, {"role": "operative", "number": "2.", "text_en": CANARY, "text_ru": CANARY}]
    found = {}
    for kind in KINDS:
        draft = kind == "draft"
        edition = a_document(
            slug=f"the-{kind}",
            title_en=f"{CANARY} {kind}",
            title_ru=f"{CANARY} {kind}",
            issued=True,
            kind="draft" if draft else "final",
            access="public" if draft else kind,
            rows=rows,
        )
        body = b"plain text"
        Attachment.objects.create(
            document=edition.document,
            title_en=CANARY,
            name="a.txt",
            size=len(body),
            sha256=hashlib.sha256(kind.encode()).hexdigest(),
            file=ContentFile(body, name="a.txt"),
        )
        found[kind] = edition
    return found


def addresses(edition) -> dict[str, str]:
    """Each address under a document's, by its name; one that this test does not know fails."""
    slug, key = edition.document.slug, edition.key
    values = {
        "slug": slug,
        "key": key,
        "pk": edition.document.attachments.get().pk,
        "layout": "en",
        "suffix": next(iter(FORMATS)),
    }
    found = {}
    with translation.override("en"):
        for pattern in archive_urls:
            names = pattern.pattern.regex.groupindex
            if "slug" in names:
                found[pattern.name] = reverse(
                    pattern.name, kwargs={name: values[name] for name in names}
                )
    return found


@pytest.mark.parametrize("reader", READERS)
def test_every_address_for_every_reader(request, client_of, documents, reader):
    """P1, T6: who may not read a document gets 404 at each of its addresses, and not a word."""
    client = client_of(request.getfixturevalue(reader))
    for kind, edition in documents.items():
        for name, address in addresses(edition).items():
            post = name == "rendition_ask"
            response = client.post(address, {"layout": "en"}) if post else client.get(address)
            if kind in READERS[reader]:
                assert response.status_code in (200, 303), (reader, kind, name)
            else:
                assert response.status_code == 404, (reader, kind, name)
                assert CANARY not in response.content.decode(), (reader, kind, name)
                assert CANARY not in str(response.headers)
            if response.streaming:
                b"".join(response.streaming_content)  # read to the end, the file is closed


def test_ids_of_another_document_lead_nowhere(client_of, support_unit, documents):
    """P1: a file or an edition belongs to its own document alone, whoever asks."""
    client = client_of(support_unit)
    own, foreign = documents["public"], documents["draft"]
    slug = own.document.slug
    for path in (
        f"files/{foreign.document.attachments.get().pk}/",
        f"editions/{foreign.key}/",
        f"pdf/{foreign.key}/en.pdf",
        f"pdf/{foreign.key}/en/",
        f"pdf/{own.key}/kk.pdf",
        "files/999999/",
    ):
        assert client.get(f"/en/documents/{slug}/{path}").status_code == 404, path


def test_what_is_not_public_is_on_no_page_of_a_public_document(client, documents):
    """P2: neither as an annex, a relation, a citation, an edition, nor in a comparison."""
    public = a_public_document(slug="seen", reference="Almaty Process/01/01/2026").document
    for kind in ("observers", "members", "draft", "support_unit"):
        hidden = documents[kind].document
        hidden.annex_of = public
        hidden.save(update_fields=["annex_of"])
        hidden.relations.create(kind="implements", target=public)
        paragraph = documents[kind].paragraphs.first()
        Citation.objects.create(paragraph=paragraph, key="almaty-process-1-1-2026")
    for language in ("en", "ru"):
        for path in ("", "bilingual/", "history/", "compare/", "editions/final/"):
            page = client.get(f"/{language}/documents/seen/{path}").content.decode()
            assert CANARY not in page, path
            assert "/documents/the-" not in page, path
