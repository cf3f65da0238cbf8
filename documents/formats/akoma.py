"""An edition as Akoma Ntoso 3.0 (OASIS LegalDocML): a `doc`, valid against the strict schema.

Headings make nested containers, paragraphs keep their printed numbers, and an `eId` is the same in
both languages (`par_vii`). States in the text are organizations, brackets are inline elements
named "bracket", a footnote stands where its first mark does. See docs/adr/0015.
"""

from collections.abc import Iterator
from typing import Any

from django.utils.translation import override
from lxml import etree

from documents import markup
from documents.formats.record import Record
from documents.models import LanguageVersion, Paragraph

NAMESPACE = "http://docs.oasis-open.org/legaldocml/ns/akn/3.0"
LANGUAGES = {"en": "eng", "ru": "rus"}
COUNTRY = "xa"  # ISO 3166 leaves it to users: the Process is no State's, and the name must have one
PROCESS, UNIT = "almaty-process", "support-unit"
Standing = LanguageVersion.Standing
Role = Paragraph.Role
ELEMENTS = {Role.ARTICLE: "article", Role.ITEM: "point"}
Element = etree._Element


def make(record: Record) -> bytes:
    with override(record.language):
        root = Akoma(record).root()
    return etree.tostring(root, encoding="utf-8", xml_declaration=True)


class Akoma:
    """One file in the making: which footnotes have found their place, which ids are taken."""

    def __init__(self, record: Record) -> None:
        self.record = record
        self.notes = {one.number: one for one in record.paragraphs if one.role == Role.FOOTNOTE}
        self.placed: set[str] = set()
        self.states: set[str] = set()

    def root(self) -> Element:
        names: Any = {None: NAMESPACE}  # the default namespace
        root = etree.Element(q("akomaNtoso"), nsmap=names)
        doc = add(root, "doc", name=self.record.document.type, contains="singleVersion")
        meta = add(doc, "meta")
        self.preface(add(doc, "preface"))
        self.body(add(doc, "mainBody"))
        self.identification(add(meta, "identification", source=f"#{UNIT}"))
        self.references(add(meta, "references", source=f"#{UNIT}"))
        etree.indent(meta)  # and nothing else: white space in a text would be read
        return root

    # Who and what (FRBR): the work in all its languages, this text of it, this file

    def identification(self, parent: Element) -> None:
        record, edition = self.record, self.record.edition
        work = add(parent, "FRBRWork")
        date = record.date or f"{edition.dated_on:%Y}"
        name = record.document.slug
        uri = f"/akn/{COUNTRY}/doc/{record.document.type.replace('_', '-')}/{date}/{name}"
        day = date if len(date) == 10 else edition.dated_on.isoformat()
        self.names(work, uri, day, "document")
        add(work, "FRBRcountry", value=COUNTRY)
        add(work, "FRBRsubtype", value=record.document.type)
        add(work, "FRBRnumber", value=record.reference or name)
        add(work, "FRBRname", value=record.title)
        language = LANGUAGES[record.language]
        uri = f"{uri}/{language}@{edition.dated_on.isoformat()}"
        expression = add(parent, "FRBRExpression")
        self.names(expression, uri, edition.dated_on.isoformat(), "edition", record.address)
        add(expression, "FRBRversionNumber", value=edition.key)
        authoritative = record.standing in (Standing.ORIGINAL, Standing.AUTHENTIC)
        add(expression, "FRBRauthoritative", value=yes(authoritative))
        add(expression, "FRBRlanguage", language=language)
        if record.standing in (Standing.OFFICIAL, Standing.WORKING):
            source = LANGUAGES[record.document.original_language]
            add(
                expression,
                "FRBRtranslation",
                href=uri.replace(f"/{language}@", f"/{source}@"),
                fromLanguage=source,
                authoritative=yes(record.standing == Standing.OFFICIAL),
                by=f"#{UNIT}",
            )
        manifestation = add(parent, "FRBRManifestation")
        made_on = (edition.issued_at.date() if edition.issued_at else edition.dated_on).isoformat()
        self.names(manifestation, f"{uri}.xml", made_on, "file", this=f"{uri}/!main.xml")
        add(manifestation, "FRBRformat", value="xml")

    def names(
        self, parent: Element, uri: str, date: str, name: str, alias: str = "", this: str = ""
    ) -> None:
        add(parent, "FRBRthis", value=this or f"{uri}/!main")
        add(parent, "FRBRuri", value=uri)
        if alias:
            add(parent, "FRBRalias", value=alias, name="address")
        add(parent, "FRBRdate", date=date, name=name)
        author = PROCESS if name == "document" else UNIT
        add(parent, "FRBRauthor", href=f"#{author}")

    def references(self, parent: Element) -> None:
        words = self.record.words
        known = {PROCESS: self.record.author, UNIT: words["author"]}
        for name, shown in known.items():
            href = f"/akn/ontology/organization/{COUNTRY}/{name}"
            add(parent, "TLCOrganization", eId=name, href=href, showAs=shown)
        for code in sorted(self.states):
            href = f"/akn/ontology/organization/{code.lower()}/state"
            add(parent, "TLCOrganization", eId=f"state-{code}", href=href, showAs=code)

    # What is read

    def preface(self, parent: Element) -> None:
        """Masthead: marking first, then title, the facts, what became of the text."""
        record = self.record
        if record.marking:
            add(parent, "p", **{"class": "marking"}).text = record.marking
        title = add(add(parent, "longTitle", eId="title"), "p")
        text = add(title, "docTitle")
        text.text = record.title
        if record.title_language != record.language:
            text.set("{http://www.w3.org/XML/1998/namespace}lang", record.title_language)
        for name, value in record.facts:
            line = add(parent, "p", **{"class": "fact"})
            line.text = f"{name}: "
            number = value == record.reference and value
            (add(line, "docNumber") if number else add(line, "span")).text = value
        for notice in record.notices:
            add(parent, "p", **{"class": "notice"}).text = notice

    def body(self, parent: Element) -> None:
        """The paragraphs in order, nested below their headings; footnotes without a mark last."""
        stack: list[tuple[int, Element]] = [(0, parent)]
        for one in self.record.paragraphs:
            if one.role == Role.FOOTNOTE:
                continue
            if one.role == Role.HEADING:
                level = max(one.level, 1)
                while stack[-1][0] >= level:
                    close(stack.pop()[1])
                opened = add(stack[-1][1], "hcontainer", name=f"level{level}", eId=eid(one))
                self.number(opened, one)
                self.inline(add(opened, "heading"), one)
                stack.append((level, opened))
            else:
                self.block(stack[-1][1], one)
        while len(stack) > 1:
            close(stack.pop()[1])
        for number, one in self.notes.items():
            if number not in self.placed:
                self.block(parent, one)
        if len(parent) == 0:
            add(parent, "p").text = self.record.words["missing"]

    def block(self, parent: Element, one: Paragraph) -> None:
        name = ELEMENTS.get(Role(one.role), "paragraph")
        block = add(parent, name, eId=eid(one), **{"class": one.role})
        self.number(block, one)
        self.inline(add(add(block, "content", eId=f"{eid(one)}__content"), "p"), one)

    def number(self, parent: Element, one: Paragraph) -> None:
        if one.number:
            add(parent, "num").text = one.number

    def inline(self, parent: Element, one: Paragraph) -> None:
        """The text with its marks; a paragraph without one says so (rule T2)."""
        text = self.record.text(one)
        if not text:
            add(parent, "remark", type="editorial").text = self.record.words["missing"]
            return
        at = parent
        for piece in markup.parse(text):
            match piece.kind:
                case "text":
                    append(at, piece.text)
                case "state":
                    self.states.add(piece.code)
                    state = add(at, "organization", refersTo=f"#state-{piece.code}")
                    state.text = piece.text
                case "bracket_open":
                    at = add(parent, "inline", name="bracket")
                    append(at, "[")
                case "bracket_close":
                    append(at, "]")
                    at = parent
                case "footnote":
                    self.footnote(at, piece.text)

    def footnote(self, parent: Element, number: str) -> None:
        note = self.notes.get(number)
        if note is None:
            add(parent, "sup").text = number
        elif number in self.placed:
            add(parent, "noteRef", href=f"#{eid(note)}", marker=number)
        else:
            self.placed.add(number)
            attributes: dict[str, Any] = {"marker": number, "placement": "bottom"}
            self.inline(add(add(parent, "authorialNote", eId=eid(note), **attributes), "p"), note)


def q(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def add(parent: Element, tag: str, /, **attributes: str) -> Element:
    return etree.SubElement(parent, q(tag), attributes)


def append(parent: Element, text: str) -> None:
    """Add text behind whatever the element holds."""
    children: Iterator[Element] = reversed(parent)
    last = next(children, None)
    if last is None:
        parent.text = (parent.text or "") + text
    else:
        last.tail = (last.tail or "") + text


def close(container: Element) -> None:
    """A heading with nothing below it still needs a content."""
    if not any(child.tag not in (q("num"), q("heading")) for child in container):
        add(add(container, "content", eId=f"{container.get('eId')}__content"), "p")


def eid(one: Paragraph) -> str:
    return f"{'fn' if one.role == Role.FOOTNOTE else 'par'}_{one.anchor}"


def yes(value: bool) -> str:
    return "true" if value else "false"
