"""How documents stand to each other: relations, annexes, citations (rules T1, T6)."""

import pytest
from django.core.management import call_command
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from documents.models import Citation, Document, Relation
from documents.references import Finder, plain_form
from tests.factories.documents import ROWS, a_document, a_public_document

pytestmark = pytest.mark.django_db
REFERENCE = "Almaty Process/03/01/2013"


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    settings.SECOND_FACTOR_REQUIRED = False


def citing(*references: str) -> list[dict]:
    words = " and ".join(references)
    row = {"role": "operative", "number": "2.", "text_en": f"Recall {words}.", "text_ru": words}
    return [*ROWS, row]


def related(source, kind, target) -> Relation:
    return Relation.objects.create(source=source, kind=kind, target=target)


def test_a_relation_is_shown_on_both_pages_in_both_languages(client):
    one = a_public_document(slug="one", title_en="First").document
    two = a_public_document(slug="two", title_en="Second").document
    related(one, "implements", two)
    for address, words, other in (
        ("/en/documents/one/", "Implements", "/en/documents/two/"),
        ("/en/documents/two/", "Implemented by", "/en/documents/one/"),
        ("/ru/documents/one/", "Осуществляет", "/ru/documents/two/"),
        ("/ru/documents/two/", "Осуществляется документом", "/ru/documents/one/"),
    ):
        page = client.get(address).content.decode()
        block = page.partition('<dl class="relations">')[2].partition("</dl>")[0]
        assert words in block
        assert f'href="{other}"' in block


def test_no_relation_to_what_the_reader_may_not_see(client, client_of, coordinator):
    """T6: on both sides; a withdrawn document is not named either."""
    one = a_public_document(slug="one").document
    secret = a_document(issued=True, kind="final", access="members", title_en="Canary").document
    related(one, "implements", secret)
    related(secret, "amends", one)
    assert "Canary" not in client.get("/en/documents/one/").content.decode()
    page = client_of(coordinator).get("/en/documents/one/").content.decode()
    assert "Implements" in page
    assert "Amended by" in page
    assert page.count("Canary") >= 2


def test_relations_make_no_ring():
    """What replaces a document is not replaced by it, directly or by others, nor by itself."""
    one, two, three = (a_public_document().document for _ in range(3))
    related(one, "replaces", two)
    related(two, "replaces", three)
    with pytest.raises(IntegrityError, match="make no ring"), transaction.atomic():
        related(three, "replaces", one)
    with pytest.raises(IntegrityError), transaction.atomic():
        related(one, "amends", one)
    with pytest.raises(IntegrityError, match="one_relation_of_a_kind"), transaction.atomic():
        related(one, "replaces", two)
    related(three, "implements", one)  # of another kind


def test_annexes_make_no_ring():
    one, two = (a_public_document().document for _ in range(2))
    Document.objects.filter(pk=two.pk).update(annex_of=one)
    for document, above in ((one, two), (one, one)):
        with pytest.raises(IntegrityError, match="annexes make no ring"), transaction.atomic():
            Document.objects.filter(pk=document.pk).update(annex_of=above)


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("Almaty Process/03/01/2013", "almaty-process-3-1-2013"),
        ("ALMATY  PROCESS/3/1/2013", "almaty-process-3-1-2013"),
        ("Almaty Process–03–01–2013", "almaty-process-3-1-2013"),
        ("almaty-process-03-01-2013", "almaty-process-3-1-2013"),
        ("Алматинский процесс/03/01/2013", "almaty-process-3-1-2013"),
        ("AP/2026/007", "ap-2026-7"),
        ("Å/100/2026", "å-100-2026"),
    ],
)
def test_the_plain_form_is_the_same_here_and_in_the_database(written, plain):
    """T1: one form for all spellings, computed by Python for what is asked and by the database."""
    assert plain_form(written) == plain
    if "Алмат" not in written:
        document = a_public_document(reference=written).document
        document.refresh_from_db()
        assert document.reference_key == plain


def test_references_are_found_in_a_text():
    text = "See Almaty Process/03/01/2013, ALMATY PROCESS/12/01/2026; not 03/01/2013 or 2013."
    assert Finder().keys(text) == {"almaty-process-3-1-2013", "almaty-process-12-1-2026"}


def test_a_reference_in_a_text_is_a_link_and_the_other_page_tells_who_cites_it(client):
    """T1: from the text itself, whichever of the two was entered first."""
    a_public_document(slug="later", rows=citing(REFERENCE), title_en="Later text")
    page = client.get("/en/documents/later/").content.decode()
    assert f"Recall {REFERENCE}." in page
    a_public_document(slug="cited", reference=REFERENCE, rows=citing(REFERENCE))
    link = f'<a class="citation" href="/en/documents/cited/">{REFERENCE}</a>'
    for path in ("", "bilingual/"):
        assert link in client.get(f"/en/documents/later/{path}").content.decode()
    page = client.get("/en/documents/cited/").content.decode()
    assert link not in page, "its own reference is no citation"
    listed = page.partition('id="cited-by"')[2]
    assert '/en/documents/later/editions/final/#par-2"' in listed
    assert "Later text" in listed
    assert "На документ ссылаются" in client.get("/ru/documents/cited/").content.decode()


def test_citations_respect_the_rights_on_both_sides(client, client_of, coordinator):
    """T6: neither a link to what the reader may not see, nor a text of Members that cites."""
    a_document(
        issued=True,
        kind="final",
        access="members",
        slug="secret",
        reference="Almaty Process/09/01/2026",
        title_en="Canary",
        rows=citing(REFERENCE),
    )
    a_public_document(slug="open", reference=REFERENCE, rows=citing("Almaty Process/09/01/2026"))
    page = client.get("/en/documents/open/").content.decode()
    assert 'class="citation"' not in page
    assert "Canary" not in page
    page = client_of(coordinator).get("/en/documents/open/").content.decode()
    assert 'class="citation" href="/en/documents/secret/"' in page
    assert "Canary" in page.partition('id="cited-by"')[2]


def test_citations_are_recorded_anew_by_command(capsys):
    a_public_document(rows=citing(REFERENCE, "Almaty Process/04/01/2013"))
    a_document(rows=citing(REFERENCE))
    assert Citation.objects.count() == 2, "a draft's are not recorded before it is issued"
    Citation.objects.all().delete()
    call_command("record_citations")
    assert capsys.readouterr().out == "2 citations recorded.\n"
    assert Citation.objects.count() == 2


def test_text_around_a_link_stays_escaped(client):
    """P4."""
    a_public_document(slug="cited", reference=REFERENCE)
    a_public_document(slug="one", rows=citing(f"<script>x</script> {REFERENCE} <b>"))
    page = client.get("/en/documents/one/").content.decode()
    assert "&lt;script&gt;x&lt;/script&gt; <a class=" in page
    assert "</a> &lt;b&gt;" in page


def test_as_many_queries_for_many_relations_and_citations(client):
    one = a_public_document(
        slug="one", reference=REFERENCE, rows=citing("Almaty Process/50/01/2026")
    )
    a_public_document(reference="Almaty Process/50/01/2026", rows=citing(REFERENCE))

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get("/en/documents/one/").status_code == 200
        return len(queries)

    related(one.document, "implements", a_public_document().document)
    related(a_public_document().document, "amends", one.document)
    few = count()
    for _ in range(10):
        related(one.document, "implements", a_public_document(rows=citing(REFERENCE)).document)
        related(a_public_document().document, "amends", one.document)
    assert count() == few


def test_the_support_unit_enters_relations_from_either_side(client_of, support_unit):
    """A ring comes back as a sentence at the form."""
    one = a_public_document(slug="one").document
    two = a_public_document(slug="two").document
    client = client_of(support_unit)
    address = reverse("admin:documents_document_change", args=[one.pk])

    def filled(**rows) -> dict:
        page = client.get(address)
        data = {
            name: value
            for name, value in page.context["adminform"].form.initial.items()
            if name in page.context["adminform"].form.fields and value not in (None, [])
        }
        for formset in page.context["inline_admin_formsets"]:
            prefix = formset.formset.prefix
            data |= {f"{prefix}-TOTAL_FORMS": 0, f"{prefix}-INITIAL_FORMS": 0}
            if prefix in rows:
                data[f"{prefix}-TOTAL_FORMS"] = 1
                data |= {f"{prefix}-0-{name}": value for name, value in rows[prefix].items()}
        return data

    def post(**rows):
        return client.post(address, filled(**rows))

    response = post(inverse_relations={"source": two.pk, "kind": "replaces"})
    assert response.status_code == 302, response.context["errors"]
    assert Relation.objects.get().source == two
    relation = Relation.objects.get()
    relation.delete()
    related(one, "replaces", two)
    address = reverse("admin:documents_document_change", args=[two.pk])
    data = filled(relations={"kind": "replaces", "target": one.pk})
    data |= {
        "inverse_relations-TOTAL_FORMS": 1,
        "inverse_relations-INITIAL_FORMS": 1,
        "inverse_relations-0-id": Relation.objects.get().pk,
        "inverse_relations-0-target": two.pk,
        "inverse_relations-0-source": one.pk,
        "inverse_relations-0-kind": "replaces",
    }
    response = client.post(address, data)
    assert "уже находится в таком отношении к этому" in response.content.decode()
    assert Relation.objects.count() == 1
