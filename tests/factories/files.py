"""Small whole files of each kind, and files made to do harm."""

import io
import zipfile

from PIL import Image
from pypdf import PdfWriter
from pypdf.actions import JavaScript

ODT = "application/vnd.oasis.opendocument.text"


def a_pdf(pages: int = 1, password: str = "", script: str = "", note: str = "") -> bytes:
    """A PDF of blank pages; `note` makes it another file."""
    writer = PdfWriter()
    for _page in range(pages):
        writer.add_blank_page(200, 200)
    if note:
        writer.add_metadata({"/Title": note})
    if script:
        writer.add_open_action(JavaScript(script))
    if password:
        writer.encrypt(password)
    made = io.BytesIO()
    writer.write(made)
    return made.getvalue()


def a_zip(*parts: tuple[str, str | bytes]) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts:
            archive.writestr(name, content)
    return made.getvalue()


def a_docx(document: str | bytes = "<document/>", *more: tuple[str, str | bytes]) -> bytes:
    return a_zip(("[Content_Types].xml", "<Types/>"), ("word/document.xml", document), *more)


def an_odt(content: str | bytes = "<content/>", *more: tuple[str, str | bytes]) -> bytes:
    return a_zip(("mimetype", ODT), ("content.xml", content), *more)


def a_picture(kind: str) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (40, 30), "white").save(made, "JPEG" if kind in ("jpg", "jpeg") else kind)
    return made.getvalue()


def a_file(suffix: str) -> bytes:
    """A whole file of a kind."""
    match suffix:
        case "pdf":
            return a_pdf()
        case "docx":
            return a_docx()
        case "odt":
            return an_odt()
        case "xlsx":
            return a_zip(("[Content_Types].xml", "<Types/>"), ("xl/workbook.xml", "<workbook/>"))
        case "txt":
            return "Записка".encode()
    return a_picture(suffix)
