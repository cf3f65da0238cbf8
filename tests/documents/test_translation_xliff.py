"""A translation out as XLIFF 2.1 and back (U3): valid, round, and nothing stored of a bad file."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from lxml import etree

from almaty_portal.common.models import AuditRecord
from documents.exchange.xliff import from_xliff, to_xliff
from documents.models import Paragraph
from tests.documents.test_translation_work import given_out
from tests.factories.documents import BRACKETED, a_document
from tests.factories.membership import UserFactory

pytestmark = pytest.mark.django_db
X = "{urn:oasis:names:tc:xliff:document:2.0}"
ESCAPED = {
    "role": "operative",
    "number": "3.",
    "text_en": "See \\[annex\\] & <b>, {KZ|Kazakhstan} and {KZ|Kazakhstan}.",
    "text_ru": "",
}
ROWS = [*BRACKETED, ESCAPED]


@pytest.fixture
def translator(db):
    return UserFactory(email="translator@example.org", language="en")


@pytest.fixture
def work(members, iran, support_unit, translator):
    edition = a_document(by=support_unit, rows=ROWS)
    return given_out(support_unit, translator, UserFactory(), edition=edition)


def fresh(work):
    return type(work).objects.get(pk=work.pk)


def as_sent(work, change=lambda root: None) -> bytes:
    root = etree.fromstring(to_xliff(work))
    change(root)
    return etree.tostring(root)


def send(client, work, data: bytes, language="en"):
    client.cookies["django_language"] = language
    file = SimpleUploadedFile("t.xlf", data)
    return client.post(f"/{language}/portal/translations/{work.pk}/xliff/", {"file": file})


def russian(work) -> list[str]:
    rows = Paragraph.objects.filter(edition=work.edition).order_by("position")
    return list(rows.values_list("text_ru", flat=True))


def test_the_file_keeps_the_rules_of_the_specification(work):
    """XLIFF 2.1, core: what a validator would look for."""
    root = etree.fromstring(to_xliff(work))
    assert root.tag == f"{X}xliff"
    assert dict(root.attrib) == {"version": "2.1", "srcLang": "en", "trgLang": "ru"}
    [file] = root
    assert file.get("id")
    names = [unit.get("id") for unit in file]
    assert len(set(names)) == len(names) == 6
    for unit in file:
        assert unit.tag == f"{X}unit"
        tags = [one.tag.removeprefix(X) for one in unit]
        assert tags in (["segment"], ["originalData", "segment"])
        data = {one.get("id"): one.text for one in unit.iter(f"{X}data")}
        [segment] = unit.iterfind(f"{X}segment")
        assert segment[0].tag == f"{X}source"
        has_target = segment.find(f"{X}target") is not None
        assert (segment.get("state") == "initial") is not has_target
        ids = {}
        for side in segment:
            codes = [one for one in side.iter() if one is not side]
            assert {one.tag for one in codes} <= {f"{X}ph", f"{X}pc"}
            own = [one.get("id") for one in codes]
            assert len(set(own)) == len(own)
            for one in codes:
                name = one.get("id")
                assert name not in ids or ids[name] == dict(one.attrib)
                ids[name] = dict(one.attrib)
                if one.tag == f"{X}ph":
                    assert data[one.get("dataRef")]
                else:
                    assert data[one.get("dataRefStart")] and data[one.get("dataRefEnd")]
        if has_target:
            source, target = (
                sorted(one.get("id") for one in side.iter() if one is not side) for side in segment
            )
            assert source == target


def test_marks_are_protected_codes(work):
    root = etree.fromstring(to_xliff(work))
    [unit] = [one for one in root.iter(f"{X}unit") if one.get("name") == "2."]
    source = unit.find(f"{X}segment/{X}source")
    state, bracket, note = source
    assert (state.tag, state.text, state.get("dispStart")) == (f"{X}pc", "Kazakhstan", "{KZ|")
    assert (bracket.get("dispStart"), bracket[0].text) == ("[", "Iran")
    assert (note.tag, note.get("disp"), note.get("canDelete")) == (f"{X}ph", "[^5]", "no")
    assert "".join(source.itertext()) == "Kazakhstan, Iran and others agree."


def test_out_and_back_is_the_same(work):
    """Every paragraph of a text with every kind of mark, target beside source."""
    rows = Paragraph.objects.filter(edition=work.edition)
    rows.filter(number="3.").update(
        text_ru="См. \\[приложение\\] & <b>, {KZ|Казахстан} и {KZ|Казахстан}."
    )
    wanted = {one.anchor: one.text_ru for one in rows}
    assert from_xliff(to_xliff(fresh(work)), fresh(work)) == wanted


def test_what_another_program_does_to_a_file_is_read(work):
    """Segments split in two, codes as sc and ec, marks of its own, comments."""

    def change(root):
        [unit] = [one for one in root.iter(f"{X}unit") if one.get("name") == "3."]
        segment = unit.find(f"{X}segment")
        target = etree.SubElement(segment, f"{X}target")
        target.text = "См. [приложение] & <b>, "
        ids = [one.get("id") for one in segment.find(f"{X}source")]
        etree.SubElement(target, f"{X}sc", {"id": ids[0]}).tail = "Казахстан"
        etree.SubElement(target, f"{X}ec", {"startRef": ids[0]}).tail = " и "
        mark = etree.SubElement(target, f"{X}mrk", {"id": "m1", "translate": "yes"})
        wrapping = etree.SubElement(mark, f"{X}pc", {"id": ids[1]})
        wrapping.text, mark.tail = "Казахстан", "."
        target.append(etree.Comment("checked"))
        [first] = [one for one in root.iter(f"{X}unit") if one.get("name") == "(i)"]
        whole = first.find(f"{X}segment")
        whole[0].text, whole[1].text = "Recalling ", "Ссылаясь "
        more = etree.SubElement(first, f"{X}segment", {"id": "s2"})
        etree.SubElement(more, f"{X}source").text = "the Almaty Declaration;"
        etree.SubElement(more, f"{X}target").text = "на Алматинскую декларацию 2011;"

    found = from_xliff(as_sent(work, change), work)
    by_number = {
        one.number: found[one.anchor] for one in Paragraph.objects.filter(edition=work.edition)
    }
    assert by_number["3."] == "См. \\[приложение\\] & <b>, {KZ|Казахстан} и {KZ|Казахстан}."
    assert by_number["(i)"] == "Ссылаясь на Алматинскую декларацию 2011;"


def retranslated(root):
    [unit] = [one for one in root.iter(f"{X}unit") if one.get("name") == "1."]
    unit.find(f"{X}segment/{X}target").text = "Постановляют защищать 5 беженцев."


@pytest.mark.parametrize(
    ("language", "words"),
    [("en", "Changed: 1. Unchanged: 4."), ("ru", "Изменено: 1. Без изменений: 4.")],
)
def test_what_changes_is_shown_and_stored_when_the_person_says_so(
    work, translator, client_of, language, words
):
    client = client_of(translator)
    before = russian(work)
    page = send(client, work, as_sent(work, retranslated), language)
    told = page.content.decode()
    assert words in told
    assert "Постановляют защищать 5 беженцев." in told
    assert "“5”" in told or "«5»" in told  # the check of concordance says it at once
    assert russian(work) == before
    address = f"/{language}/portal/translations/{work.pk}/xliff/"
    assert client.post(address, {"report": page.context["report"]["token"]}).status_code == 302
    assert russian(work)[2] == "Постановляют защищать 5 беженцев."
    assert russian(work)[:2] == before[:2]
    assert AuditRecord.objects.filter(action="import_translation", by=translator).count() == 1


def test_a_report_overtaken_or_forged_stores_nothing(work, translator, client_of):
    client = client_of(translator)
    page = send(client, work, as_sent(work, retranslated))
    Paragraph.objects.filter(edition=work.edition, number="1.").update(text_ru="Иначе.")
    address = f"/en/portal/translations/{work.pk}/xliff/"
    late = client.post(address, {"report": page.context["report"]["token"]})
    assert "changed after you sent the file" in late.content.decode()
    forged = client.post(address, {"report": page.context["report"]["token"] + "x"})
    assert "not one of this portal" in forged.content.decode()
    assert russian(work)[2] == "Иначе."


def unit_of(root, name):
    return next(one for one in root.iter(f"{X}unit") if one.get("name") == name)


def other_edition(root):
    root[0].set("original", "another/draft")


def other_language(root):
    root.set("trgLang", "kk")


def changed_source(root):
    unit_of(root, "1.").find(f"{X}segment/{X}source").text = "Decide otherwise."


def unknown_unit(root):
    unit_of(root, "1.").set("id", "p-99")


def missing_mark(root):
    target = unit_of(root, "2.").find(f"{X}segment/{X}target")
    target.remove(target[-1])


def unknown_code(root):
    unit_of(root, "2.").find(f"{X}segment/{X}target")[0].set("id", "c77")


def no_target(root):
    for segment in root.iter(f"{X}segment"):
        for target in segment.findall(f"{X}target"):
            segment.remove(target)


def old_version(root):
    root.set("version", "1.2")


CHANGED = [
    (other_edition, "not a translation of this edition", "не является переводом этой редакции"),
    (other_language, "translates from “en” into “kk”", "«en» → «kk»"),
    (changed_source, "Paragraph 1.: the source text was changed", "исходный текст был изменен"),
    (unknown_unit, "“p-99” of the file is no paragraph", "«p-99» из файла нет среди пунктов"),
    (missing_mark, "lacks the mark “5”", "нет знака «5»"),
    (unknown_code, "the code “c77” is none of the text", "кода «c77» в тексте нет"),
    (no_target, "has no translation in it", "нет перевода"),
    (old_version, "no XLIFF 2 file", "не файл XLIFF 2"),
]
LAUGHS = b'<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><xliff>&b;</xliff>'
OUTSIDE = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><xliff>&a;</xliff>'
SENT = [
    (LAUGHS, "declares a document type", "объявлен тип документа"),
    (OUTSIDE, "declares a document type", "объявлен тип документа"),
    (b"<xliff", "cannot be read as XML", "не читается как XML"),
    (b"PK\x03\x04", "cannot be read as XML", "не читается как XML"),
    (b'<xliff xmlns="urn:oasis:names:tc:xliff:document:1.2"/>', "no XLIFF 2", "не файл XLIFF 2"),
    (b"", "Choose the XLIFF file", "Выберите файл XLIFF"),
]


@pytest.mark.parametrize("language", ["en", "ru"])
def test_a_bad_file_is_a_sentence_and_nothing_is_stored(work, translator, client_of, language):
    client = client_of(translator)
    before = russian(work)
    sent = [(as_sent(work, change), *told) for change, *told in CHANGED] + SENT
    for data, english, in_russian in sent:
        page = send(client, work, data, language)
        told = page.content.decode()
        assert page.status_code == 422, english
        assert (english if language == "en" else in_russian) in told, (english, told)
        assert russian(work) == before


def test_too_large_a_file_is_not_kept(work, translator, client_of):
    page = send(client_of(translator), work, b"<" + b" " * (5 * 1024 * 1024 + 10))
    assert "larger than 5 MB" in page.content.decode()


def test_who_takes_and_sends_the_file(work, translator, coordinator, observer, client_of):
    """T6: a draft that was not given to a person is not there for that person."""
    file = f"/en/portal/translations/{work.pk}/translation.xlf"
    answer = client_of(translator).get(file)
    assert answer.headers["Content-Type"] == "application/xliff+xml"
    assert "attachment" in answer.headers["Content-Disposition"]
    for person in (coordinator, observer):
        assert client_of(person).get(file).status_code == 404
        assert send(client_of(person), work, as_sent(work)).status_code == 404
    reader = send(client_of(work.reviewer), work, as_sent(work))
    assert "you cannot write in it now" in reader.content.decode()
