"""Downloads of a text: who gets them, under which name, in which language, marked as what."""

import itertools
import json
from pathlib import Path

import bibtexparser
import jsonschema_rs
import pytest
import rispy

from documents import formats
from documents.actions import archive, texts
from documents.models import Document, Edition
from tests.factories.documents import (
    BRACKETED,
    ROWS,
    a_document,
    a_procedure,
    a_public_document,
)

pytestmark = pytest.mark.django_db
SUFFIXES = sorted(formats.FORMATS)
SCHEMA = json.loads(
    (Path(formats.__file__).parent / "edition.schema.json").read_text(encoding="utf-8")
)


@pytest.fixture(autouse=True)
def no_second_factor(settings):
    settings.SECOND_FACTOR_REQUIRED = False


def address(suffix, slug="one", language="en", key="") -> str:
    edition = f"/editions/{key}" if key else ""
    return f"/{language}/documents/{slug}{edition}.{suffix}"


def told(response) -> dict:
    assert response.status_code == 200
    return json.loads(response.content)


def test_comes_as_a_download_under_a_safe_name(client):
    """P3: an attachment of its own kind, that no browser runs or guesses at; the same file at both
    addresses, and 304 for who has it."""
    a_public_document(
        slug="one",
        title_en='Evil"\r\nX: y <b>',
        title_ru="Злой «заголовок»",
        reference="Almaty Process/09/01/2013",
    )
    for suffix, language in itertools.product(SUFFIXES, ("en", "ru")):
        response = client.get(address(suffix, language=language))
        assert response.status_code == 200
        name = f"almaty-process-09-01-2013-{language}.{suffix}"
        assert response["Content-Disposition"] == f'attachment; filename="{name}"'
        assert response["Content-Type"] == formats.FORMATS[suffix].content_type
        assert response["Content-Language"] == language
        assert response["X-Content-Type-Options"] == "nosniff"
        assert "sandbox" in response["Content-Security-Policy"]
        assert response["Cache-Control"] == "no-cache"
        assert response["Last-Modified"].endswith("GMT")
        same = client.get(address(suffix, language=language, key="final"))
        assert same.content == response.content
        again = client.get(
            address(suffix, language=language), headers={"if-none-match": response["ETag"]}
        )
        assert (again.status_code, again.content) == (304, b"")
        assert client.post(address(suffix)).status_code == 405


@pytest.mark.parametrize(
    ("reader", "status"),
    [("anonymous", 404), ("observer", 404), ("coordinator", 200), ("support_unit", 200)],
)
def test_who_may_not_read_the_text_finds_nothing(request, client_of, reader, status):
    """T6: and what a Member gets, no cache keeps."""
    a_document(slug="one", issued=True, kind="final", access="members")
    client = client_of(request.getfixturevalue(reader))
    for suffix, key in itertools.product([*SUFFIXES, "pdf"], ("", "final")):
        response = client.get(address(suffix, key=key))
        if suffix == "pdf":
            assert response.status_code == (303 if status == 200 else 404)
            continue
        assert response.status_code == status
        if status == 200:
            assert "no-store" in response["Cache-Control"]
            assert "private" in response["Cache-Control"]


def test_what_is_not_issued_or_gone_has_no_file(client_of, support_unit):
    """T3, T8: not even for the Support Unit; nor an edition or a format that there isn't."""
    client = client_of(support_unit)
    a_document(slug="one")
    gone = a_public_document(slug="two")
    archive.withdraw_document(document=gone.document, reason_en="A.", reason_ru="А.", by=None)
    a_public_document(slug="three")
    for suffix in [*SUFFIXES, "pdf"]:
        assert client.get(address(suffix)).status_code == 404
        assert client.get(address(suffix, key="draft")).status_code == 404
        assert client.get(address(suffix, slug="two")).status_code == 410
        assert client.get(address(suffix, slug="three", key="rev-7")).status_code == 404
    assert client.get(address("exe", slug="three")).status_code == 404


def test_a_missing_language_has_a_page_that_says_so(client):
    """T2: never replaced by the other language."""
    rows = [{"role": "paragraph", "text_en": "Only English here.", "text_ru": ""}]
    edition = a_document(slug="one", title_ru="", kind="final", access="public", rows=rows)
    archive.issue_edition(edition=edition, standings={"en": "original"}, by=None)
    page = client.get("/ru/documents/one/").content.decode()
    assert "/ru/documents/one/editions/final." not in page
    for suffix, key in itertools.product([*SUFFIXES, "pdf"], ("", "final")):
        one = address(suffix, language="ru", key=key)
        response = client.get(one)
        html = response.content.decode()
        assert response.status_code == 404
        assert "Этого текста нет на русском языке" in html
        assert "Only English here." not in html
        assert one.replace("/ru/", "/en/") in html
        assert suffix == "pdf" or address(suffix, key="final") in page


def test_a_former_address_leads_on(client, support_unit):
    """T8."""
    edition = a_public_document(slug="a-draft")
    archive.assign_reference(
        document=edition.document, reference="Almaty Process/07/01/2020", by=support_unit
    )
    for suffix, key in itertools.product(SUFFIXES, ("", "final")):
        response = client.get(address(suffix, slug="a-draft", key=key))
        assert response.status_code == 301
        assert response["Location"] == address(suffix, slug="almaty-process-07-01-2020", key=key)


def test_the_page_offers_every_format_in_both_languages(client):
    a_public_document(slug="one")
    for language in ("en", "ru"):
        html = client.get(f"/{language}/documents/one/").content.decode()
        for code in ("en", "ru"):
            for suffix in SUFFIXES:
                assert f'href="{address(suffix, language=code, key="final")}"' in html


# JSON


def test_json_is_what_its_schema_says_and_aligns_the_languages(client, members, iran):
    """T2, T4, T5: the same ids in both files; brackets, States and footnotes as data."""
    a_public_document(slug="one", rows=BRACKETED, reference="Almaty Process/09/01/2013")
    files = {code: told(client.get(address("json", language=code))) for code in ("en", "ru")}
    for code, file in files.items():
        jsonschema_rs.validate(SCHEMA, file)
        assert file["language"] == code
        assert file["reference"] == "Almaty Process/09/01/2013"
        assert file["marking"] is None
    ids = [[one["id"] for one in file["paragraphs"]] for file in files.values()]
    assert ids[0] == ids[1] != []
    english, russian = (
        next(one for one in file["paragraphs"] if one["number"] == "2.") for file in files.values()
    )
    assert english["text"] == "Kazakhstan, [Iran] and others agree."
    assert russian["marked"] == "{KZ|Казахстан}, [{IR|Иран}][^5] и другие согласны."
    assert russian["states"][1] == {"code": "IR", "words": "Иран"}
    assert english["bracketed_states"] == ["IR"]
    assert english["footnotes"] == ["5"]
    hashes = {one["language"]: one["sha256"] for one in files["en"]["languages"]}
    stored = Edition.objects.get(document__slug="one").language_versions.all()
    assert hashes == {one.language: one.text_hash for one in stored}


@pytest.mark.parametrize(("precision", "date"), [("month", "2013-06"), ("year", "2013")])
def test_a_date_is_told_as_precisely_as_it_is_known(client, precision, date):
    """S16."""
    a_public_document(slug="one", issued_on="2013-06-01", issued_precision=precision)
    file = told(client.get(address("json")))
    jsonschema_rs.validate(SCHEMA, file)
    assert file["date"] == date
    [entry] = rispy.loads(client.get(address("ris")).content.decode())
    assert entry["year"] == "2013"
    assert entry["date"].startswith(date.replace("-", "/"))


def test_a_text_under_silence_is_marked_and_has_no_reference(client_of, coordinator, support_unit):
    """S4: in every format."""
    edition = a_document(slug="one", by=support_unit, access="members")
    a_procedure(by=support_unit, edition=edition)
    client = client_of(coordinator)
    file = told(client.get(address("json", key="draft")))
    assert file["marking"].startswith("DRAFT under silence until ")
    assert file["reference"] is None
    russian = told(client.get(address("json", language="ru", key="draft")))
    assert russian["marking"].startswith("ПРОЕКТ")
    for suffix in ("bib", "ris"):
        text = client.get(address(suffix, key="draft")).content.decode()
        assert "DRAFT under silence until " in text
        assert "number = " not in text
        assert "IS  -" not in text


def test_a_superseded_and_a_demonstration_text_say_so(client):
    """T3."""
    edition = a_public_document(slug="one", is_demonstration=True)
    later = archive.create_edition(
        document=edition.document,
        kind="rev",
        number=1,
        dated_on=edition.dated_on,
        supersedes=edition,
        by=None,
    )
    texts.set_text(edition=later, rows=ROWS, by=None)
    archive.issue_edition(edition=later, standings={"en": "original", "ru": "authentic"}, by=None)
    file = told(client.get(address("json", key="final")))
    assert file["marking"] == "DEMONSTRATION"
    assert any(one.startswith("Superseded by: Rev.1") for one in file["notices"])
    assert told(client.get(address("json")))["edition"]["key"] == "rev-1"


# Lists of references

HARD = r"50 % of {all} & \more_ #1 $5 ~ ^ “quoted” @misc{x,"


@pytest.mark.parametrize("language", ["en", "ru"])
@pytest.mark.parametrize("kind", [Document.Type.DECISION, Document.Type.REPORT])
def test_bibtex_is_read_by_a_parser(client, language, kind):
    """One entry whatever the title holds, with the reference as its number."""
    a_public_document(
        slug="one",
        title_en=HARD,
        title_ru="Решение {о} защите",
        type=kind,
        issued_on="2013-06-05",
        reference="Almaty Process/09/01/2013",
    )
    library = bibtexparser.parse_string(
        client.get(address("bib", language=language)).content.decode()
    )
    assert library.failed_blocks == []
    [entry] = library.entries
    assert entry.key == f"almaty-process-09-01-2013-{language}"
    assert entry.entry_type == ("techreport" if kind == "report" else "misc")
    fields = {name: field.value for name, field in entry.fields_dict.items()}
    assert fields["number"] == "Almaty Process/09/01/2013"
    assert (fields["year"], fields["month"], fields["day"]) == ("2013", "jun", "5")
    assert fields["url"].endswith(f"/{language}/documents/one/editions/final/")
    assert fields["language"] == {"en": "english", "ru": "russian"}[language]
    if language == "en":
        for escaped in (r"50 \% of \{all\} \& \textbackslash{}more\_ \#1 \$5", r"\{x,"):
            assert escaped in fields["title"]
    else:
        assert "Язык: русский" in fields["note"]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_ris_is_read_by_a_parser(client, language):
    """One entry, and no line of a title begins a field of its own."""
    a_public_document(
        slug="one",
        title_en="A title\r\nER  - \r\nTY  - JOUR",
        title_ru="Заголовок\nUR  - http://evil.example",
        issued_on="2013-06-05",
        reference="Almaty Process/09/01/2013",
    )
    body = client.get(address("ris", language=language)).content.decode()
    [entry] = rispy.loads(body)
    assert body.endswith("ER  - \r\n")
    assert entry["type_of_reference"] == "GEN"
    assert entry["year"] == "2013"
    assert entry["date"] == "2013/06/05/"
    assert entry["language"] == language
    assert entry["number"] == "Almaty Process/09/01/2013"
    assert len(entry["urls"]) == 1
    assert entry["urls"][0].endswith(f"/{language}/documents/one/editions/final/")
