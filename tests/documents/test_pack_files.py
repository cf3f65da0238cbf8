"""The pages of attached PDF files in a pack of documents (rule T7, docs/adr/0023)."""

import datetime as dt
import hashlib
import io
import re
import zlib
from pathlib import Path

import pypdf
import pytest
from django.core.files.base import ContentFile
from django.urls import reverse
from django.utils import translation
from pypdf.generic import (
    ArrayObject,
    DecodedStreamObject,
    DictionaryObject,
    EncodedStreamObject,
    IndirectObject,
    NameObject,
    NumberObject,
    RectangleObject,
    StreamObject,
    TextStringObject,
)

from almaty_portal.common.instants import almaty_today
from documents import inspection, packfiles
from documents import packs as making
from documents.actions import packs
from documents.inspection import Fault, judging
from documents.models import Attachment, Edition, Pack
from documents.preparing import ATTEMPTS
from meetings.models import Meeting
from tests.factories.documents import a_document, a_public_document
from tests.factories.files import a_file, a_pdf

pytestmark = pytest.mark.django_db

A4, A3 = (595, 842), (842, 1191)


def name(text: str) -> NameObject:
    return NameObject(text)


def entries(**some) -> DictionaryObject:
    return DictionaryObject({name(f"/{key}"): value for key, value in some.items()})


def written(*words: str, size=A4, change=lambda writer: None) -> bytes:
    """A PDF with a page for each of some words, which stand in its lower left corner."""
    writer = pypdf.PdfWriter()
    font = entries(Type=name("/Font"), Subtype=name("/Type1"), BaseFont=name("/Helvetica"))
    for one in words:
        page = writer.add_blank_page(*size)
        page[name("/Resources")] = entries(Font=entries(F1=font))
        drawing = DecodedStreamObject()
        drawing.set_data(f"BT /F1 24 Tf 20 20 Td ({one}) Tj ET".encode())
        page[name("/Contents")] = writer._add_object(drawing)
    change(writer)
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def attach(document, title: str, content: bytes, file="file.pdf", language="") -> Attachment:
    """A file of a document, as the archive keeps it, whatever it holds."""
    kept = Attachment(
        document=document,
        title_en=title,
        title_ru=f"{title} (рус.)",
        language=language,
        name=file,
        size=len(content),
        sha256=hashlib.sha256(content).hexdigest(),
    )
    kept.file.save(file, ContentFile(content), save=False)
    kept.save()
    return kept


@pytest.fixture
def meeting(db):
    return Meeting.objects.create(
        slug="som",
        type=Meeting.Type.SOM,
        title_en="A Senior Officials Meeting",
        title_ru="Встреча старших должностных лиц",
        from_on=almaty_today(),
        last_on=almaty_today() + dt.timedelta(days=1),
    )


@pytest.fixture
def document(meeting, members, support_unit):
    return a_public_document(by=support_unit, meeting=meeting).document


def a_pack(meeting, by) -> Pack:
    return packs.create_pack(
        meeting=meeting, kind="materials", access="members", note_en="", note_ru="", by=by
    )


def made(pack: Pack, language: str, folder: Path) -> tuple[bytes, pypdf.PdfReader]:
    """The pack with its files, and a reader of it."""
    printed = making.content(pack, language)
    sheets = packfiles.take_in([one for part in printed["parts"] for one in part["files"]], folder)
    data = making.render(pack, printed, sheets=sheets)
    return data, pypdf.PdfReader(io.BytesIO(data))


def outline(reader) -> list[tuple[int, str, int]]:
    """The bookmarks as (level, title, page from 1)."""
    found = []

    def walk(some, level):
        for one in some:
            if isinstance(one, list):
                walk(one, level + 1)
            else:
                found.append((level, one.title, reader.get_destination_page_number(one) + 1))

    walk(reader.outline, 1)
    return found


def objects(reader) -> list:
    """Everything that the file holds, whether something leads to it or not."""
    numbers = range(1, reader.trailer["/Size"])
    return [IndirectObject(number, 0, reader).get_object() for number in numbers]


@pytest.mark.parametrize(
    ("language", "page", "named"),
    [
        ("en", "Page 5 of", "is downloaded from the page of the document in the portal"),
        ("ru", "Стр. 5 из", "скачивается со страницы документа на портале"),
    ],
)
def test_the_pages_of_a_file_follow_its_document(
    meeting, document, support_unit, tmp_path, language, page, named
):
    """T7: contents, bookmarks and page numbers go on through them; what is no PDF is named, and
    what is in the other language."""
    later = a_document(
        by=support_unit, issued=True, kind=Edition.Kind.FINAL, access="public", meeting=meeting
    )
    other = {"en": "ru", "ru": "en"}[language]
    attach(document, "Budget", written("alpha", "beta"))
    attach(document, "Map", written("gamma", size=(1191, 842)), language=language)
    attach(document, "Their own", written("delta"), language=other)
    attach(document, "Table", a_file("xlsx"), file="table.xlsx")
    pack = a_pack(meeting, support_unit)
    _data, reader = made(pack, language, tmp_path)
    pages = [" ".join(one.extract_text().split()) for one in reader.pages]
    order = [n for n, text in enumerate(pages) if re.search("alpha|beta|gamma|delta", text)]
    assert order == [3, 4, 5]
    assert "beta" in pages[4] and page in pages[4] and f"{len(pages)}" in pages[4]
    assert [f"· {one}" in pages[n] for n, one in zip(order, ("1/2", "2/2", "1/1"), strict=True)]
    tail = "" if language == "en" else " (рус.)"
    marks = outline(reader)
    at = {title: (level, number) for level, title, number in marks}
    level = at[f"1. {getattr(document, f'title_{language}')}"][0]
    assert at[f"Budget{tail}"] == (level + 1, 4) and at[f"Map{tail}"] == (level + 1, 6)
    assert at[f"2. {getattr(later.document, f'title_{language}')}"] == (level, 7)
    for title, number in (("Budget", 4), ("Map", 6)):
        assert re.search(rf"{re.escape(title + tail)}[ .]*{number}\b", pages[1])
    first = pages[2]
    assert first.count(named) == 2 and "Their own" in first and "XLSX" in first
    assert "Table" not in pages[1] and "Their own" not in pages[1]


def test_upright_on_a4_or_a3_and_above_the_strip(tmp_path):
    """The orientation stays, a larger page is made smaller, a small one is not enlarged; what was
    cut away stays away."""

    def turned(writer):
        writer.pages[0].rotate(90)
        writer.pages[1].rotate(270)
        writer.pages[2].cropbox = RectangleObject((0, 0, 300, 400))

    for content, kinds in (
        (written("a", "b", "c", change=turned), ["a4-landscape", "a4-landscape", "a4"]),
        (written("a", size=(612, 792)), ["a4"]),
        (written("a", size=A3), ["a3"]),
        (written("a", size=(3370, 2384)), ["a3-landscape"]),  # A1
        (written("a", size=(200, 200)), ["a4"]),
    ):
        target = tmp_path / "sheets.pdf"
        assert inspection.pdf_sheets(content, target) == kinds
        for kind, sheet in zip(kinds, pypdf.PdfReader(target).pages, strict=True):
            size = A3 if kind.startswith("a3") else A4
            size = size[::-1] if kind.endswith("landscape") else size
            assert (round(sheet.mediabox.width), round(sheet.mediabox.height)) == size
            form = sheet["/Resources"]["/XObject"]["/Sheet"]
            (a, b, c, d, e, f), box = form["/Matrix"], form["/BBox"]
            corners = [(a * x + c * y + e, b * x + d * y + f) for x in box[::2] for y in box[1::2]]
            assert min(x for x, _y in corners) >= -0.01
            assert max(x for x, _y in corners) <= size[0] + 0.5
            assert min(y for _x, y in corners) >= 34  # 12 mm
            assert max(y for _x, y in corners) <= size[1] + 0.5
            assert max(abs(a), abs(b)) <= 1
            if kind == "a4-landscape":
                assert a == 0 == d


def acting(writer) -> None:
    """Everything that a page may do besides being read."""
    script = entries(Type=name("/Action"), S=name("/JavaScript"), JS=TextStringObject("evil()"))
    page = writer.pages[0]
    page[name("/AA")] = entries(O=script)
    look = DecodedStreamObject()
    look.set_data(b"1 0 0 rg 0 0 10 10 re f")
    box = ArrayObject(NumberObject(one) for one in (0, 0, 10, 10))
    look.update(entries(BBox=box, Subtype=name("/Form"), AA=entries(O=script)))
    launch = entries(Type=name("/Action"), S=name("/Launch"), F=TextStringObject("evil.exe"))
    address = entries(S=name("/URI"), URI=TextStringObject("https://evil.example/"))
    seen = entries(N=writer._add_object(look))
    notes = [
        entries(Subtype=name("/Link"), Rect=box, A=address),
        entries(Subtype=name("/Stamp"), Rect=box, A=launch, AP=seen),
        entries(Subtype=name("/Stamp"), Rect=box, F=NumberObject(2), AP=seen),
    ]
    page[name("/Annots")] = ArrayObject(writer._add_object(one) for one in notes)
    page["/Resources"][name("/Odd")] = writer._add_object(script)
    writer.add_attachment("evil.txt", b"evil")
    writer.add_outline_item(title="Evil bookmark", page_number=0)
    writer.add_metadata({"/Title": "Evil title"})


def test_nothing_that_acts_goes_along(meeting, document, support_unit, tmp_path):
    """F14, P10: no script, started program, link, embedded file or bookmark of the file; its stamp
    is seen as it looks."""
    attach(document, "Budget", written("alpha", change=acting))
    data, reader = made(a_pack(meeting, support_unit), "en", tmp_path)
    assert "alpha" in reader.pages[3].extract_text()
    streams = b"".join(one.get_data() for one in objects(reader) if isinstance(one, StreamObject))
    assert streams.count(b"1 0 0 rg 0 0 10 10 re f") == 1  # what was hidden is not drawn
    told = repr(objects(reader)) + repr(reader.trailer["/Root"])
    assert "evil" not in (told + data.decode("latin-1")).lower()
    for word in ("/JavaScript", "/Launch", "/URI", "/AA", "/EmbeddedFile"):
        assert word not in told, word
    assert "/Annots" not in reader.pages[3]
    names = reader.pages[3]["/Resources"]["/XObject"]["/Sheet"]["/Resources"]["/XObject"]["/Page"]
    assert list(names["/Resources"]["/XObject"]) == ["/Page", "/Note0"]


def test_it_claims_to_be_accessible_without_pages_of_others_alone(
    meeting, document, support_unit, tmp_path
):
    """The words of a file are in the tree of tags, but nobody can answer for their order."""
    pack = a_pack(meeting, support_unit)
    data, reader = made(pack, "en", tmp_path)
    assert b"pdfuaid" in reader.trailer["/Root"]["/Metadata"].get_data()
    attach(document, "Budget", written("alpha"))
    data, reader = made(pack, "en", tmp_path)
    root = reader.trailer["/Root"]
    assert b"pdfuaid" not in data and "/Metadata" not in root
    assert root["/MarkInfo"]["/Marked"] and root["/Lang"] == "en"
    page = reader.pages[3]
    texts = root["/StructTreeRoot"]["/ParentTree"]["/Nums"]
    last = texts[texts.index(page["/StructParents"]) + 1].get_object()[-1]
    tag = last.get_object()
    assert tag["/S"] == "/P" and last in tag["/P"]["/K"] and tag["/Pg"] == page
    drawing = page["/Contents"][0].get_object().get_data()
    assert drawing == b"/P <</MCID %d>> BDC /Sheet Do EMC\n" % tag["/K"][0]


def hidden_layer(writer) -> None:
    layer = writer._add_object(entries(Type=name("/OCG"), Name=TextStringObject("Secret")))
    shown = entries(OFF=ArrayObject([layer]))
    writer.root_object[name("/OCProperties")] = entries(OCGs=ArrayObject([layer]), D=shown)


def a_value_without_a_look(writer) -> None:
    box = ArrayObject(NumberObject(one) for one in (0, 0, 10, 10))
    field = entries(Subtype=name("/Widget"), Rect=box, V=TextStringObject("Filled in"))
    writer.pages[0][name("/Annots")] = ArrayObject([field])


def nested(writer) -> None:
    """Resources within resources, deeper than anybody draws."""
    inner = entries()
    for _deeper in range(1500):
        inner = entries(Deeper=writer._add_object(inner))
    writer.pages[0]["/Resources"][name("/Properties")] = inner


def inflated(writer) -> None:
    """A page draws with very many bytes, which are few as long as they are packed."""
    packed = EncodedStreamObject()
    packed._data = zlib.compress(b" " * 60 * 2**20)
    packed[name("/Filter")] = name("/FlateDecode")
    writer.pages[0][name("/Contents")] = ArrayObject([writer._add_object(packed)] * 9)


@pytest.mark.parametrize(
    ("content", "fault", "sentence"),
    [
        (lambda: a_pdf(password="secret"), Fault.ENCRYPTED, "protected by a password"),
        (lambda: a_pdf(script="evil()"), Fault.ACTIVE, "contains scripts"),
        (lambda: a_pdf(pages=501), Fault.PAGES, "more than 500"),
        (lambda: written("a", change=hidden_layer), Fault.HIDDEN, "hidden layers"),
        (lambda: written("a", change=a_value_without_a_look), Fault.HIDDEN, "notes or fields"),
        (lambda: written("a", change=nested), Fault.BROKEN, "is broken"),
        (lambda: written("a", change=inflated), Fault.BOMB, "too intricate"),
        (lambda: written("a", size=(1, 1)), Fault.BROKEN, "is broken"),
        (lambda: a_pdf()[:300], Fault.BROKEN, "is broken"),
        (lambda: a_file("docx"), Fault.KIND, "is broken"),
    ],
    ids=[
        "password",
        "script",
        "pages",
        "layer",
        "field",
        "nested",
        "inflated",
        "tiny",
        "cut off",
        "no pdf",
    ],
)
def test_a_file_that_cannot_be_taken_in_is_named_with_the_reason(
    document, meeting, support_unit, tmp_path, monkeypatch, content, fault, sentence
):
    """F14: and the others are taken in."""
    attach(document, "Bad", content())
    attach(document, "Good", written("alpha"))
    pages = []
    monkeypatch.setattr(
        "documents.packs.common.make_pdf", lambda html, **how: pages.append((html, how)) or b""
    )
    made_of = making.content(a_pack(meeting, support_unit), "en")
    bad, good = made_of["parts"][0]["files"]
    sheets = packfiles.take_in([bad, good], tmp_path)
    assert bad["why"] == fault and list(sheets) == [good["anchor"]]
    with translation.override("en"):
        making.render(Pack.objects.get(), made_of, sheets=sheets)
    [(html, how)] = pages
    assert sentence in html and how["variant"] is None
    assert html.count('class="sheet ') == 1


def test_one_that_hangs_or_is_missing_holds_up_nothing(document, tmp_path, monkeypatch):
    """F14: the process is ended, and no file is read when the time of all is over."""
    attach(document, "Bad", written("a"))
    gone = attach(document, "Gone", written("b"))
    gone.file.storage.delete(gone.file.name)
    sleeps = tmp_path / "sleeps.py"
    sleeps.write_text("import time; time.sleep(60)")
    monkeypatch.setattr(judging, "SHEETS", sleeps)
    monkeypatch.setattr(judging, "SHEETS_SECONDS", 0.5)
    with translation.override("en"):
        files = list(packfiles.files_of(document, "en", "part-1"))
    assert packfiles.take_in(files, tmp_path) == {}
    assert packfiles.left_out(files) == [["Bad", "time"], ["Gone", "broken"]]
    monkeypatch.setattr(packfiles, "SECONDS", 0)
    monkeypatch.setattr(packfiles, "sheets_of", lambda *_given: pytest.fail("it was read"))
    packfiles.take_in(files, tmp_path)
    assert packfiles.left_out(files) == [["Bad", "time"], ["Gone", "time"]]


def test_a_pack_that_would_be_too_large_names_what_is_left(document, tmp_path, monkeypatch):
    monkeypatch.setattr(packfiles, "MAX_SHEETS", 2)
    attach(document, "First", written("a", "b"))
    attach(document, "Second", written("c"))
    with translation.override("en"):
        files = list(packfiles.files_of(document, "en", "part-1"))
    assert list(packfiles.take_in(files, tmp_path)) == ["part-1-file-1"]
    assert packfiles.left_out(files) == [["Second", "pack"]]
    with translation.override("en"):
        assert "too large" in packfiles.reason("pack")


@pytest.fixture
def quick(monkeypatch):
    monkeypatch.setattr("documents.packs.common.make_pdf", lambda *_given, **_how: a_pdf())


class TestJob:
    def test_says_which_pages_are_missing_before_it_is_sent(
        self, meeting, document, support_unit, client_of, quick
    ):
        attach(document, "Bad", a_pdf(password="secret"))
        pack = a_pack(meeting, support_unit)
        packs.prepare_pack(pack=pack, by=support_unit)
        for file in pack.files.all():
            making.make_pack_file(file_id=file.pk)
        assert [one.status for one in pack.files.all()] == ["ready", "ready"]
        assert pack.files.get(language="ru").left_out == [["Bad (рус.)", "encrypted"]]
        client = client_of(support_unit)
        client.cookies["django_language"] = "en"
        page = client.get(reverse("admin:documents_pack_change", args=[pack.pk]))
        assert "since it is protected by a password" in page.content.decode()

    def test_is_made_without_them_at_the_last_attempt(
        self, meeting, document, support_unit, quick, monkeypatch
    ):
        """Whatever in a file stopped the others, the pack is made."""
        attach(document, "Budget", written("a"))
        monkeypatch.setattr(packfiles, "sheets_of", lambda *_given: pytest.fail("it was read"))
        pack = a_pack(meeting, support_unit)
        packs.prepare_pack(pack=pack, by=support_unit)
        pack.files.update(attempts=ATTEMPTS - 1)
        file = pack.files.get(language="en")
        making.make_pack_file(file_id=file.pk)
        file.refresh_from_db()
        assert (file.status, file.left_out) == ("ready", [["Budget", "pack"]])

    def test_another_file_makes_another_pack(self, meeting, document, support_unit, quick):
        pack = a_pack(meeting, support_unit)
        packs.prepare_pack(pack=pack, by=support_unit)
        file = pack.files.get(language="en")
        making.make_pack_file(file_id=file.pk)
        file.refresh_from_db()
        assert making.is_current(file)
        attach(document, "Budget", written("a"))
        assert not making.is_current(file)
