"""Judges one file: a program of its own, which knows nothing of the portal.

    python -I child.py SUFFIX [--text] < FILE

It prints one word of JSON: "ok", or what is wrong (`documents.inspection.judging.Fault`); with
`--text` the text of each page of a PDF. Limits of
memory and time are set before anything is read; whoever starts it ends it after a few seconds.
"""

import io
import json
import re
import resource
import sys
import warnings
import zipfile
import zlib
from collections.abc import Iterator
from typing import Any
from xml.parsers import expat

MEMORY_BYTES = 448 * 1024 * 1024
PROCESSOR_SECONDS = 4
TEXT_PROCESSOR_SECONDS = 14
MAX_PAGES = 2000
MAX_PARTS = 4000
MAX_UNPACKED_BYTES = 150 * 1024 * 1024
MAX_PIXELS = 120_000_000
HEAD_BYTES = 64 * 1024
# The part without which an office file is not one of its kind.
PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "odt": "content.xml"}
OPEN_DOCUMENT_TEXT = b"application/vnd.oasis.opendocument.text"
# The kinds that puremagic tells a file to be, by suffix.
KINDS = {
    "pdf": {"application/pdf"},
    "docx": {"application/zip", "application/vnd.openxmlformats"},
    "xlsx": {"application/zip", "application/vnd.openxmlformats"},
    "odt": {"application/zip", "application/vnd.oasis.opendocument.text"},
    "jpg": {"image/jpeg"},
    "jpeg": {"image/jpeg"},
    "png": {"image/png"},
}
COMPOUND = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"  # an office file of old, or one with a password
ENCRYPTED_PACKAGE = "EncryptedPackage".encode("utf-16-le")
ACTIVE_TEXT = re.compile(
    rb"\s*(?:<!--.*?-->\s*)*<(?:!doctype|\?xml|html|svg|script|head|body|iframe|object|embed)\b",
    re.IGNORECASE | re.DOTALL,
)


class Fault(Exception):
    """What is wrong, in a word."""


def judge(content: bytes, suffix: str) -> None:
    """Raise Fault where the content is not a whole, open, harmless file of that kind."""
    if suffix == "txt":
        judge_text(content)
        return
    judge_magic(content, suffix)
    if suffix == "pdf":
        judge_pdf(content)
    elif suffix in PARTS:
        judge_office(content, suffix)
    else:
        judge_picture(content, suffix)


def judge_magic(content: bytes, suffix: str) -> None:
    import puremagic  # after the limits are set

    if content.startswith(COMPOUND) and suffix in PARTS:
        raise Fault("encrypted" if ENCRYPTED_PACKAGE in content else "kind")
    try:
        found = {one.mime_type for one in puremagic.magic_string(content[:HEAD_BYTES])}
    except puremagic.PureError as error:
        raise Fault("kind") from error
    if not any(one.startswith(kind) for one in found for kind in KINDS[suffix]):
        raise Fault("kind")


def judge_text(content: bytes) -> None:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Fault("kind") from error
    if "\x00" in text or ACTIVE_TEXT.match(content.removeprefix(b"\xef\xbb\xbf")):
        raise Fault("kind")


def judge_pdf(content: bytes) -> None:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    if not content.startswith(b"%PDF-"):
        raise Fault("kind")
    if b"startxref" not in content[-4096:]:
        raise Fault("broken")  # cut off
    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted:
            raise Fault("encrypted")
        count = reader.trailer["/Root"]["/Pages"].get("/Count", 0)
        if count > MAX_PAGES:
            raise Fault("pages")
        pages = sum(1 for _page in counted(reader))
        if not pages:
            raise Fault("broken")
        judge_actions(reader)
    except (PyPdfError, ValueError, TypeError, KeyError, IndexError, AttributeError) as error:
        raise Fault("broken") from error


def counted(reader: Any) -> Iterator[Any]:
    for place, page in enumerate(reader.pages, start=1):
        if place > MAX_PAGES:
            raise Fault("pages")
        yield page


def judge_actions(reader: Any) -> None:
    """Refuse what runs when the file is opened: scripts and started programs."""
    root = reader.trailer["/Root"]
    names = root.get("/Names")
    names = names.get_object() if names is not None else {}
    opened = root.get("/OpenAction")
    opened = opened.get_object() if opened is not None else {}
    kind = opened.get("/S") if isinstance(opened, dict) else None
    if "/JavaScript" in names or "/AA" in root or kind in ("/JavaScript", "/Launch"):
        raise Fault("active")


def judge_office(content: bytes, suffix: str) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            judge_parts(archive, suffix)
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, OSError) as error:
        raise Fault("broken") from error
    except NotImplementedError as error:  # a way of packing that office programs do not use
        raise Fault("broken") from error


def judge_parts(archive: zipfile.ZipFile, suffix: str) -> None:
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise Fault("encrypted")
    if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
        raise Fault("bomb")
    if PARTS[suffix] not in names:
        raise Fault("kind")
    if any("vbaProject" in name or name.startswith(("Basic/", "Scripts/")) for name in names):
        raise Fault("active")
    if suffix == "odt":
        if archive.read("mimetype").strip() != OPEN_DOCUMENT_TEXT:
            raise Fault("kind")
        if "META-INF/manifest.xml" in names and b"encryption-data" in archive.read(
            "META-INF/manifest.xml"
        ):
            raise Fault("encrypted")
    elif "[Content_Types].xml" not in names:
        raise Fault("kind")
    unpacked = 0
    for part in parts:  # what a part says of its own size may be a lie
        with archive.open(part) as opened:
            while chunk := opened.read(1024 * 1024):
                unpacked += len(chunk)
                if unpacked > MAX_UNPACKED_BYTES:
                    raise Fault("bomb")
    judge_xml(archive.read(PARTS[suffix]))


def judge_xml(content: bytes) -> None:
    """Refuse what is not well formed, and what declares entities, which may multiply."""
    parser = expat.ParserCreate()

    def declared(*_told: object) -> None:
        raise Fault("bomb")

    parser.StartDoctypeDeclHandler = declared
    try:
        parser.Parse(content, True)
    except expat.ExpatError as error:
        raise Fault("broken") from error


def judge_picture(content: bytes, suffix: str) -> None:
    from PIL import Image, UnidentifiedImageError

    kind = "PNG" if suffix == "png" else "JPEG"
    try:
        with Image.open(io.BytesIO(content), formats=[kind]) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise Fault("bomb")
            picture.verify()
    except UnidentifiedImageError as error:
        raise Fault("broken") from error
    except (OSError, SyntaxError, ValueError) as error:
        raise Fault("broken") from error
    except Image.DecompressionBombError as error:
        raise Fault("bomb") from error
    if kind == "JPEG" and b"\xff\xd9" not in content[-HEAD_BYTES:]:
        raise Fault("broken")  # cut off


def pages_of(content: bytes) -> list[str]:
    from pypdf import PdfReader

    return [page.extract_text() for page in PdfReader(io.BytesIO(content)).pages]


def limit(seconds: int = PROCESSOR_SECONDS) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    read = "--text" in sys.argv
    limit(TEXT_PROCESSOR_SECONDS if read else PROCESSOR_SECONDS)
    warnings.simplefilter("ignore")
    if read:
        sys.stdout.write(json.dumps(pages_of(sys.stdin.buffer.read())))
        return
    try:
        judge(sys.stdin.buffer.read(), sys.argv[1])
    except Fault as fault:
        answer = str(fault)
    except (MemoryError, RecursionError):
        answer = "bomb"
    else:
        answer = "ok"
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
