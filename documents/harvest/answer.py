"""The answers of OAI-PMH 2.0 as XML, with documents in unqualified Dublin Core (oai_dc)."""

import datetime as dt
from collections.abc import Mapping
from email.utils import parseaddr
from typing import Any

from django.conf import settings
from django.db.models import Min, QuerySet
from django.utils import translation
from django.utils.translation import gettext
from lxml import etree

from almaty_portal.common.instants import database_now
from documents.harvest.naming import (
    LANGUAGES,
    address,
    date_of,
    host,
    plain,
    reference_address,
    title_in,
)
from documents.harvest.protocol import (
    PREFIX,
    TOKEN_SECONDS,
    OaiError,
    Selection,
    read_arguments,
    read_selection,
)
from documents.models import Document, PublicRecord, Topic
from meetings.models import Meeting

PAGE = 100  # records of one answer
OAI = "http://www.openarchives.org/OAI/2.0/"
OAI_DC = "http://www.openarchives.org/OAI/2.0/oai_dc/"
DC = "http://purl.org/dc/elements/1.1/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
XML_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
DC_SCHEMA = "http://www.openarchives.org/OAI/2.0/oai_dc.xsd"

Element = Any  # lxml carries no types
NAMESPACES: dict[Any, str] = {None: OAI, "xsi": XSI}


def base_url() -> str:
    return settings.PORTAL_URL + "/oai"


def stamp(moment: dt.datetime) -> str:
    """An instant in UTC, to the second."""
    return moment.astimezone(dt.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def identifier_of(record: PublicRecord) -> str:
    return f"oai:{host()}:{record.identifier}"


def add(parent: Element, name: str, text: str | None = None, **attributes: str) -> Element:
    element = etree.SubElement(parent, f"{{{OAI}}}{name}", attributes)
    element.text = text
    return element


def answer(sent: Mapping[str, list[str]]) -> bytes:
    """The XML that answers a request: what it asks for, or the protocol's own error."""
    root = etree.Element(f"{{{OAI}}}OAI-PMH", nsmap=NAMESPACES)
    root.set(f"{{{XSI}}}schemaLocation", f"{OAI} {OAI}OAI-PMH.xsd")
    add(root, "responseDate", stamp(database_now()))
    request = add(root, "request", base_url())
    try:
        arguments = read_arguments(sent)
        body = ANSWERS[arguments["verb"]](arguments)
    except OaiError as error:
        # The protocol: of a request that could not be read its arguments are not repeated.
        if error.code not in {"badVerb", "badArgument"}:
            request.attrib.update(arguments)
        add(root, "error", str(error), code=error.code)
    else:
        request.attrib.update(arguments)
        root.append(body)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")


def identify(arguments: Mapping[str, str]) -> Element:
    earliest = PublicRecord.objects.aggregate(at=Min("changed_at"))["at"] or database_now()
    body = etree.Element(f"{{{OAI}}}Identify")
    add(body, "repositoryName", "Almaty Process")
    add(body, "baseURL", base_url())
    add(body, "protocolVersion", "2.0")
    add(body, "adminEmail", parseaddr(settings.DEFAULT_FROM_EMAIL)[1])
    add(body, "earliestDatestamp", stamp(earliest))
    add(body, "deletedRecord", "persistent")
    add(body, "granularity", "YYYY-MM-DDThh:mm:ssZ")
    return body


def list_metadata_formats(arguments: Mapping[str, str]) -> Element:
    if "identifier" in arguments:
        find(arguments["identifier"])
    body = etree.Element(f"{{{OAI}}}ListMetadataFormats")
    format = add(body, "metadataFormat")
    add(format, "metadataPrefix", PREFIX)
    add(format, "schema", DC_SCHEMA)
    add(format, "metadataNamespace", OAI_DC)
    return body


def list_sets(arguments: Mapping[str, str]) -> Element:
    """The sets that records are in: by type, topic, meeting and language."""
    read_selection(arguments)  # no list of sets is so long that a token would resume it
    used = {
        one
        for sets in PublicRecord.objects.values_list("sets", flat=True).distinct()
        for one in sets
    }
    with translation.override("en"):
        names = {f"type-{value}": str(label) for value, label in Document.Type.choices}
    names |= {"language-en": "Text in English", "language-ru": "Text in Russian"}
    names |= {
        f"topic-{slug}": name or slug for slug, name in Topic.objects.values_list("slug", "name_en")
    }
    names |= {
        f"meeting-{slug}": name or slug
        for slug, name in Meeting.objects.values_list("slug", "title_en")
    }
    body = etree.Element(f"{{{OAI}}}ListSets")
    for one in sorted(used):
        item = add(body, "set")
        add(item, "setSpec", one)
        add(item, "setName", plain(names.get(one, one)))
    return body


def get_record(arguments: Mapping[str, str]) -> Element:
    require_prefix(arguments)
    body = etree.Element(f"{{{OAI}}}GetRecord")
    body.append(record_element(find(arguments["identifier"])))
    return body


def list_records(arguments: Mapping[str, str]) -> Element:
    """A page of headers or whole records, and the token of the next one.

    The list is ordered by the moment of the last change: what changes while a harvest goes on
    moves to its end, where the harvest meets it again.
    """
    require_prefix(arguments)
    verb = arguments["verb"]
    selection = read_selection(arguments)
    selected = select(selection)
    if selection.total is None:
        selection.total = selected.count()
    resumed = selection.after
    rest = selected
    if resumed:
        moment, pk = resumed
        rest = selected.filter(changed_at__gte=moment).exclude(changed_at=moment, pk__lte=pk)
    page = list(rest[: PAGE + 1])
    if not page:
        raise OaiError("noRecordsMatch", "No record matches what was asked for.")
    body = etree.Element(f"{{{OAI}}}{verb}")
    for record in page[:PAGE]:
        body.append(header_element(record) if verb == "ListIdentifiers" else record_element(record))
    if resumed or len(page) > PAGE:
        token = add(
            body,
            "resumptionToken",
            completeListSize=str(selection.total),
            cursor=str(selection.cursor),
        )
        if len(page) > PAGE:
            last = page[PAGE - 1]
            selection.after, selection.cursor = (
                (last.changed_at, last.pk),
                selection.cursor + PAGE,
            )
            token.text = selection.token(verb)
            token.set("expirationDate", stamp(database_now() + dt.timedelta(seconds=TOKEN_SECONDS)))
    return body


def select(selection: Selection) -> QuerySet[PublicRecord]:
    records = PublicRecord.objects.select_related("document__meeting").prefetch_related(
        "document__topics"
    )
    if selection.since:
        records = records.filter(changed_at__gte=selection.since)
    if selection.before:
        records = records.filter(changed_at__lt=selection.before)
    if selection.set:
        records = records.filter(sets__contains=[selection.set])
    return records.order_by("changed_at", "pk")


def require_prefix(arguments: Mapping[str, str]) -> None:
    if arguments.get("metadataPrefix", PREFIX) != PREFIX:
        raise OaiError("cannotDisseminateFormat", f"Records are given as {PREFIX}.")


def find(identifier: str) -> PublicRecord:
    prefix, _colon, name = identifier.rpartition(":")
    record = (
        select(Selection()).filter(identifier=name).first() if prefix == f"oai:{host()}" else None
    )
    if record is None:
        raise OaiError("idDoesNotExist", "There is no record with this identifier.")
    return record


def header_element(record: PublicRecord) -> Element:
    header = etree.Element(f"{{{OAI}}}header")
    if record.deleted:
        header.set("status", "deleted")
    add(header, "identifier", identifier_of(record))
    add(header, "datestamp", stamp(record.changed_at))
    for one in record.sets:
        add(header, "setSpec", one)
    return header


def record_element(record: PublicRecord) -> Element:
    """A record; of one that is no longer public the header alone (rule T6)."""
    element = etree.Element(f"{{{OAI}}}record")
    element.append(header_element(record))
    if not record.deleted:
        add(element, "metadata").append(dublin_core(record))
    return element


def dublin_core(record: PublicRecord) -> Element:
    """A document in the fifteen elements of Dublin Core; names in both languages."""
    document = record.document
    root = etree.Element(f"{{{OAI_DC}}}dc", nsmap={"oai_dc": OAI_DC, "dc": DC, "xsi": XSI})
    root.set(f"{{{XSI}}}schemaLocation", f"{OAI_DC} {DC_SCHEMA}")

    def say(name: str, text: str | None, language: str = "") -> None:
        if text:
            element = etree.SubElement(root, f"{{{DC}}}{name}")
            element.text = plain(text)
            if language:
                element.set(XML_LANG, language)

    for language in LANGUAGES:
        say("title", title_in(document, language), language)
    for language in LANGUAGES:
        for topic in document.topics.all():
            say("subject", getattr(topic, f"name_{language}"), language)
    for language in LANGUAGES:
        with translation.override(language):
            say("publisher", gettext("Almaty Process"), language)
            say("type", str(document.get_type_display()), language)
    say("type", "Text")
    say("date", date_of(document))
    say("format", "text/html")
    say("identifier", document.reference)
    say("identifier", reference_address(document))
    for language in LANGUAGES:
        say("identifier", address("document_detail", document.slug, language=language))
    for language in LANGUAGES:
        say("language", language if f"language-{language}" in record.sets else "")
    if document.meeting:
        for language in LANGUAGES:
            say("relation", address("meeting_detail", document.meeting.slug, language=language))
    return root


ANSWERS = {
    "Identify": identify,
    "ListMetadataFormats": list_metadata_formats,
    "ListSets": list_sets,
    "GetRecord": get_record,
    "ListIdentifiers": list_records,
    "ListRecords": list_records,
}
