"""The term base (U3): its page, its files out and in, and what of bad files is refused."""

import csv
import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation
from lxml import etree

from almaty_portal.common.errors import DomainError
from almaty_portal.common.models import AuditRecord
from documents.actions.terms import import_terms
from documents.exchange.terms import Entry, entries_of, from_csv, from_tbx, to_csv, to_tbx
from documents.models import Concept, Term
from documents.permissions import can_keep_terms

pytestmark = pytest.mark.django_db
TBX = "{urn:iso:std:iso:30042:ed-2}"
IMPORT = reverse("admin:documents_concept_import_file")


def a_concept(slug="observer", en="observer", ru="наблюдатель", **fields) -> Concept:
    concept = Concept.objects.create(slug=slug, **fields)
    Term.objects.create(concept=concept, language="en", text=en)
    Term.objects.create(concept=concept, language="ru", text=ru)
    return concept


def entries() -> list[Entry]:
    return entries_of(Concept.objects.with_terms())


def told() -> list[tuple]:
    return list(Term.objects.values_list("concept__slug", "language", "status", "text"))


@pytest.fixture
def glossary(db):
    concept = a_concept(definition_en="Reads what is circulated.", source_ru="Порядок работы")
    Term.objects.create(concept=concept, language="ru", text="обозреватель", status="forbidden")
    Term.objects.create(concept=concept, language="en", text="SOM", status="admitted")
    a_concept("sum", "=SUM(A1)", "@сумма")
    return concept


@pytest.mark.parametrize(("write", "read"), [(to_csv, from_csv), (to_tbx, from_tbx)])
def test_files_tell_the_whole_term_base(glossary, support_unit, write, read):
    """U3: what goes out comes back the same, and a second time changes nothing."""
    before = told()
    data = write(entries(), *(["Glossary"] if write is to_tbx else []))
    assert import_terms(entries=read(data), by=support_unit) == (0, 0)
    Concept.objects.all().delete()
    assert import_terms(entries=read(data), by=support_unit) == (2, 0)
    assert told() == before
    found = Concept.objects.get(slug="observer")
    assert (found.definition_en, found.source_ru) == ("Reads what is circulated.", "Порядок работы")
    assert AuditRecord.objects.filter(action="import_terms", by=support_unit).count() == 1


def test_a_cell_that_begins_a_formula_is_neutral(glossary):
    rows = list(csv.DictReader(io.StringIO(to_csv(entries()).decode("utf-8-sig"))))
    assert (rows[1]["en"], rows[1]["ru"]) == ("'=SUM(A1)", "'@сумма")
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row.values())


def test_tbx_has_the_shape_of_the_standard(glossary):
    """ISO 30042:2019: header, then concepts with sections of languages with terms."""
    root = etree.fromstring(to_tbx(entries(), "Glossary"))
    assert (root.tag, root.get("type"), root.get("style")) == (f"{TBX}tbx", "TBX-Basic", "dca")
    assert [one.tag for one in root] == [f"{TBX}tbxHeader", f"{TBX}text"]
    assert root.findtext(f"{TBX}tbxHeader/{TBX}fileDesc/{TBX}sourceDesc/{TBX}p") == "Glossary"
    ids = [one.get("id") for one in root.iter(f"{TBX}conceptEntry")]
    assert ids == ["observer", "sum"]
    for section in root.iter(f"{TBX}langSec"):
        assert section.get("{http://www.w3.org/XML/1998/namespace}lang") in ("en", "ru")
        tags = [one.tag.removeprefix(TBX) for one in section]
        assert tags[-1] == "termSec"
        assert tags == sorted(tags, key=lambda tag: tag == "termSec")
    assert {one.text for one in root.iter(f"{TBX}termNote")} == {
        "preferredTerm-admn-sts", "admittedTerm-admn-sts", "deprecatedTerm-admn-sts",
    }  # fmt: skip


LAUGHS = (
    b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]>'
    b'<tbx xmlns="urn:iso:std:iso:30042:ed-2">&b;</tbx>'
)
OUTSIDE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><tbx>&a;</tbx>'
BAD = [
    (b"<tbx><open>", "cannot be read as XML", "не читается как XML"),
    (LAUGHS, "declares a document type", "объявлен тип документа"),
    (OUTSIDE, "declares a document type", "объявлен тип документа"),
    (b"<martif/>", "no TBX file", "не файл TBX"),
    (b"\xff\xfe\x00", "not written in UTF-8", "не в кодировке UTF-8"),
    (b"a,b\n1,2\n", "“key” is missing", "«key» отсутствует"),
    (b"key,en,ru\nx,a,b,c\n", "more cells than columns", "больше ячеек, чем столбцов"),
    (b'key,en,ru\nx,"a,b\n', "cannot be read as a table", "не читается как таблица"),
    (b"key,en,ru\n", "names no concept", "не названо ни одно понятие"),
    (b"key,en,ru\nNo Key,a,b\n", "Small Latin letters", "Строчные латинские буквы"),
    (b"key,en,ru\nx,a,\n", "no agreed Russian term", "нет согласованного русского"),
    ("key,en,ru\nx,a,б\nx,c,д\n".encode(), "stands twice", "стоит в файле дважды"),
    (("key,en,ru\nx," + "a" * 200 + ",б\n").encode(), "150", "150"),
]


@pytest.mark.parametrize(("data", "english", "russian"), BAD)
@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_bad_file_is_a_sentence_and_nothing_is_stored(
    glossary, support_unit, client_of, data, english, russian, language
):
    before = told()
    client = client_of(support_unit)
    client.cookies["django_language"] = language
    page = client.post(IMPORT, {"file": SimpleUploadedFile("terms", data)})
    assert page.status_code == 200
    assert (english if language == "en" else russian) in page.content.decode()
    assert ">None<" not in page.content.decode()
    assert told() == before


def test_the_support_unit_imports_a_file(support_unit, client_of):
    data = "key;en;ru\nobserver;observer;наблюдатель | обозреватель\n".encode("utf-8-sig")
    page = client_of(support_unit).post(IMPORT, {"file": SimpleUploadedFile("t.csv", data)})
    assert page.status_code == 302
    assert told() == [
        ("observer", "en", "agreed", "observer"),
        ("observer", "ru", "admitted", "обозреватель"),
        ("observer", "ru", "agreed", "наблюдатель"),
    ]


def test_who_keeps_the_glossary(
    support_unit, other_staff, coordinator, deputy, chair, observer, anonymous, client_of
):
    allowed = [support_unit, other_staff]
    refused = [coordinator, deputy, chair, observer, anonymous]
    assert all(can_keep_terms(person) for person in allowed)
    assert not any(can_keep_terms(person) for person in refused)
    assert client_of(coordinator).get(IMPORT).status_code == 302
    with translation.override("en"), pytest.raises(DomainError, match="Only the Support Unit"):
        import_terms(entries=[Entry("a")], by=coordinator)


def test_one_agreed_term_per_language(glossary):
    with pytest.raises(IntegrityError, match="one_agreed_term"), transaction.atomic():
        Term.objects.create(concept=glossary, language="en", text="watcher")


@pytest.mark.parametrize(
    ("language", "title", "avoid"), [("en", "Glossary", "not:"), ("ru", "Глоссарий", "не:")]
)
def test_everybody_reads_the_glossary(glossary, client, language, title, avoid):
    page = client.get(f"/{language}/glossary/").content.decode()
    assert f"<h1>{title}</h1>" in page
    assert avoid in page
    assert "наблюдатель" in page
    found = client.get(f"/{language}/glossary/", {"q": "НАБЛЮД"}).content.decode()
    assert "наблюдатель" in found
    assert "SUM" not in found
    assert "<script>" not in client.get(f"/{language}/glossary/?q=<script>").content.decode()
    assert client.get(f"/{language}/glossary/glossary.csv").content.startswith(b"\xef\xbb\xbfkey,")
    tbx = client.get(f"/{language}/glossary/glossary.tbx")
    assert len(from_tbx(tbx.content)) == 2


def test_the_page_costs_the_same_with_twenty_concepts(client):
    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            client.get("/en/glossary/")
        return len(queries)

    a_concept()
    one = cost()
    for number in range(19):
        a_concept(f"concept-{number}", f"concept {number}", f"понятие {number}")
    assert cost() == one
