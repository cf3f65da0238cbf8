"""The whole public archive as a folder: pages, downloads and lists that need no portal (rule T8).

It is what a reader who signed in nowhere sees, page by page through the portal itself, so that what
is restricted cannot be in it (T6). Links become relative, what leads out of the folder becomes
plain words, forms and scripts fall. The same database gives the same files, but for the day on the
first page.
"""

import hashlib
import logging
import posixpath
from collections.abc import Callable, Iterable
from itertools import groupby
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote, urljoin, urlsplit

import bagit
from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.contrib.staticfiles import finders
from django.core.files.storage import default_storage
from django.template.loader import render_to_string
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import translation
from django.utils.text import get_valid_filename
from django.utils.translation import gettext as _
from lxml import html as lxml_html

from almaty_portal.common.errors import DomainError
from almaty_portal.common.instants import almaty_today
from almaty_portal.common.languages import CODES
from almaty_portal.common.pdf import PdfError
from almaty_portal.common.templatetags.components import STYLESHEETS
from documents import formats, pdf
from documents.models import Attachment, Decision, Document, Edition, Rendition, Topic
from documents.reading import editions_of, with_paragraphs
from documents.renditions import is_current
from meetings.models import Meeting

logger = logging.getLogger(__name__)

MANIFEST = "SHA256SUMS"
PLAIN = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
FALLS = ".//form | .//script | .//noscript | .//*[contains(@class, 'instant__left')]"
FALLS += " | .//*[contains(@class, 'downloads__kind')]"
Make = Callable[[], bytes]


def export_archive(out: Path, *, bag: bool = False) -> int:
    """Write the archive into an empty or new folder, as a BagIt bag where asked; the number of
    files. Raises DomainError where the folder holds something."""
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise DomainError(
            _("%(folder)s is not empty. Name a folder that is new or empty.") % {"folder": out}
        )
    out.mkdir(parents=True, exist_ok=True)
    # The frame of the export has style sheets of its own: none need to be collected for it.
    with override_settings(STORAGES={**settings.STORAGES, "staticfiles": PLAIN}):
        written = Export(out).write()
    if bag:
        bagit.make_bag(
            str(out),
            {
                "Source-Organization": "Support Unit of the Almaty Process",
                "External-Description": "The public archive of the Almaty Process",
                "External-Identifier": settings.PORTAL_URL,
            },
            checksums=["sha256"],
        )
    return written


class Export:
    """One export: first the downloads and the file of every address, then the pages."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.files: dict[str, str] = {}  # the file of each address of the portal
        self.pages: list[tuple[str, str]] = []  # those that the portal shows: address, language
        self.lists: dict[str, tuple[str, str, dict[str, Any]]] = {}
        self.failed: set[str] = set()
        self.sums: dict[str, str] = {}
        self.client = Client(HTTP_HOST=urlsplit(settings.PORTAL_URL).netloc)
        self.secure = settings.PORTAL_URL.startswith("https")

    def write(self) -> int:
        self.assets()
        for language in CODES:
            with translation.override(language):
                self.plan(language)
        for language in CODES:
            with translation.override(language):
                for address, (_language, template, context) in self.lists.items():
                    if _language == language:
                        source = render_to_string(template, {**context, "language": language})
                        self.page(address, language, source)
        for address, language in self.pages:
            with translation.override(language):
                self.page(address, language, self.shown(address))
        self.save("index.html", render_to_string("export/start.html", self.start()).encode())
        lines = [f"{digest}  {path}\n" for path, digest in sorted(self.sums.items())]
        (self.out / MANIFEST).write_text("".join(lines), encoding="utf-8")
        return len(self.sums) + 1

    def start(self) -> dict[str, Any]:
        return {"day": almaty_today(), "root": "", "portal": settings.PORTAL_URL}

    # What there is

    def plan(self, language: str) -> None:
        """Every page and file in a language, which is the active one."""
        documents = list(
            Document.objects.visible_to(AnonymousUser())
            .select_related("meeting")
            .prefetch_related("editions__language_versions", "attachments")
            .order_by("issued_on", "slug")
        )
        kept = [one for one in documents if one.withdrawn_at is None]
        meetings = list(Meeting.objects.order_by("-from_on", "slug"))
        decisions = list(
            Decision.objects.visible_to(AnonymousUser())
            .select_related("document")
            .order_by("-taken_on", "slug")
        )
        context = {"by_type": by_type(kept), "by_year": by_year(kept)}
        self.list(reverse("archive"), language, "export/documents.html", context)
        self.files[reverse("home")] = f"{language}/documents/index.html"
        address = reverse("decision_list")
        self.list(address, language, "export/decisions.html", {"decisions": decisions})
        self.list(reverse("meeting_list"), language, "export/meetings.html", {"meetings": meetings})
        for one in [*decisions, *meetings, *Topic.objects.all()]:
            self.show(one.get_absolute_url(), language)
        for document in documents:
            self.show(document.get_absolute_url(), language)
            if document.withdrawn_at is None:
                self.plan_document(document, language)

    def plan_document(self, document: Document, language: str) -> None:
        slug = document.slug
        bilingual = reverse("document_bilingual", args=[slug])
        self.show(bilingual, language)
        self.show(reverse("document_history", args=[slug]), language)
        for edition in editions_of(document, AnonymousUser()):
            self.show(edition.get_absolute_url(), language)
            self.show(
                f"{bilingual}?edition={edition.key}",
                language,
                f"{edition.get_absolute_url()}bilingual/",
            )
            for layout in pdf.layouts_of(edition):
                self.offer(
                    reverse("rendition_download", args=[slug, edition.key, layout]),
                    f"files/{slug}/{pdf.file_name(edition, layout)}",
                    pdf_of(edition, layout),
                )
            for code in set(CODES) & set(pdf.layouts_of(edition)):
                for suffix in formats.FORMATS:
                    with translation.override(code):
                        address = reverse("edition_download", args=[slug, edition.key, suffix])
                    name = formats.file_name(edition, code, suffix)
                    self.offer(address, f"files/{slug}/{name}", file_of(edition, code, suffix))
        for one in document.attachments.all():
            name = f"{one.pk}-{get_valid_filename(one.name)}"
            self.offer(
                reverse("attachment_download", args=[slug, one.pk]),
                f"files/{slug}/attachments/{name}",
                content_of(one),
            )

    def show(self, address: str, language: str, path: str = "") -> None:
        """A page of the portal, at `path` where it has a query."""
        self.files[address] = f"{(path or address).strip('/')}/index.html"
        self.pages.append((address, language))

    def list(self, address: str, language: str, template: str, context: dict[str, Any]) -> None:
        self.files[address] = f"{address.strip('/')}/index.html"
        self.lists[address] = (language, template, context)

    def offer(self, address: str, path: str, make: Make) -> None:
        """A download, made once for both languages of the page; one that fails has no link."""
        if path in self.failed:
            return
        if path not in self.sums:
            try:
                self.save(path, make())
            except PdfError as error:
                logger.warning("%s is not in the export: %s", path, error)
                self.failed.add(path)
                return
        self.files[address] = path

    # The files

    def assets(self) -> None:
        """The style sheets, joined in the order of the cascade, and what they show."""
        sheets = [read_static(f"css/{name}.css") for name in STYLESHEETS]
        self.save("static/css/portal.css", b"\n".join(sheets))
        self.save("static/css/print.css", read_static("css/print.css"))
        self.save("static/img/favicon.svg", read_static("img/favicon.svg"))
        fonts = Path(str(finders.find("fonts/OFL.txt"))).parent
        for font in sorted(fonts.iterdir()):
            self.save(f"static/fonts/{font.name}", font.read_bytes())

    def shown(self, address: str) -> str:
        """A page as everybody gets it; a withdrawn document leaves its tombstone."""
        response = self.client.get(address, secure=self.secure)
        if response.status_code not in (200, 410):
            raise DomainError(
                _("%(address)s cannot be exported: the portal answers %(status)s.")
                % {"address": address, "status": response.status_code}
            )
        return response.content.decode()

    def page(self, address: str, language: str, source: str) -> None:
        """Save a page with its links made relative, in the frame of the export."""
        path = self.files[address]
        read: Any = lxml_html.document_fromstring(source)
        main = read.find(".//main")
        for element in main.xpath(FALLS):
            element.drop_tree()
        for element in list(main.iter()):
            self.link(element, address, path)
        title = read.findtext(".//title") or ""
        up = posixpath.relpath(".", posixpath.dirname(path)) + "/"
        others = [
            (code, self.relative(path, self.files[translation_of(address, code)])) for code in CODES
        ]
        body = "".join(
            [main.text or "", *(lxml_html.tostring(one, encoding="unicode") for one in main)]
        )
        frame = {"title": title, "body": body, "language": language, "root": up, "others": others}
        self.save(path, render_to_string("export/page.html", frame).encode())

    def link(self, element: Any, address: str, path: str) -> None:
        """One element: a link leads to a file of the export, or is plain words."""
        for name in [one for one in element.attrib if one.startswith(("hx-", "on", "data-"))]:
            del element.attrib[name]
        if not isinstance(element.tag, str):
            return
        if element.tag in ("img", "source", "iframe", "object", "embed", "link"):
            element.drop_tree()
        elif element.tag == "a" and not (element.get("href") or "").startswith("#"):
            target = self.target(urljoin(address, element.get("href") or ""))
            if target is None:
                element.tag = "span"
                for name in ("href", "hreflang", "type"):
                    element.attrib.pop(name, None)
            else:
                file, fragment = target
                element.set("href", self.relative(path, file) + fragment)

    def target(self, address: str) -> tuple[str, str] | None:
        """The file that an address of the portal became, and the place in it."""
        parts = urlsplit(address)
        if parts.netloc and parts.netloc != urlsplit(settings.PORTAL_URL).netloc:
            return None
        key = f"{parts.path}?{parts.query}" if parts.query else parts.path
        file = self.files.get(key) or self.files.get(unquote(key))
        return (file, f"#{parts.fragment}" if parts.fragment else "") if file else None

    def relative(self, path: str, file: str) -> str:
        return quote(posixpath.relpath(file, posixpath.dirname(path)))

    def save(self, path: str, data: bytes) -> None:
        if path in self.sums:
            return
        file = self.out / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)
        self.sums[path] = hashlib.sha256(data).hexdigest()


def translation_of(address: str, code: str) -> str:
    """The same page in another language."""
    return f"/{code}/{address.split('/', 2)[2]}"


def by_type(documents: Iterable[Document]) -> list[tuple[str, list[Document]]]:
    order = [value for value, _label in Document.Type.choices]
    ranked = sorted(documents, key=lambda one: order.index(one.type))
    return [
        (str(Document.Type(value).label), list(group))
        for value, group in groupby(ranked, key=lambda one: one.type)
    ]


def by_year(documents: Iterable[Document]) -> list[tuple[str, list[Document]]]:
    def year(one: Document) -> str:
        return str(one.issued_on.year) if one.issued_on else ""

    ranked = sorted(documents, key=year, reverse=True)
    return [(value, list(group)) for value, group in groupby(ranked, key=year)]


def pdf_of(edition: Edition, layout: str) -> Make:
    """The PDF that the portal has, where it still says what it should; else it is made."""

    def make() -> bytes:
        text = Edition.objects.with_text().get(pk=edition.pk)
        row = Rendition.objects.filter(edition=text, layout=layout).first()
        if row is not None and is_current(row, text):
            with default_storage.open(str(row.file)) as file:
                return file.read()
        return pdf.render(text, layout)

    return make


def file_of(edition: Edition, language: str, suffix: str) -> Make:
    def make() -> bytes:
        with_paragraphs(edition)
        return formats.make(edition, language, suffix)

    return make


def content_of(attachment: Attachment) -> Make:
    def make() -> bytes:
        with attachment.file.open() as file:
            return file.read()

    return make


def read_static(name: str) -> bytes:
    return Path(str(finders.find(name))).read_bytes()
