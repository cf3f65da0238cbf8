"""Files that people send: judged by what they are, not by what they are called (fault F14)."""

import hashlib
import zipfile
import zlib
from collections.abc import Sequence
from pathlib import PurePath

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from almaty_portal.common.errors import DomainError

MAX_BYTES = 25 * 1024 * 1024
# The kinds in which a Note Verbale is taken.
NOTE_SUFFIXES = ("pdf", "docx", "odt", "jpg", "jpeg", "png")
# The first bytes of a file of each kind; the others are archives or plain text.
SIGNATURES = {
    "pdf": b"%PDF-",
    "jpg": b"\xff\xd8\xff",
    "jpeg": b"\xff\xd8\xff",
    "png": b"\x89PNG\r\n\x1a\n",
}
# The part without which an office file is not one of its kind.
PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml", "odt": "content.xml"}
OPEN_DOCUMENT_TEXT = b"application/vnd.oasis.opendocument.text"


def check_file(file: UploadedFile, suffixes: Sequence[str]) -> None:
    """Raise DomainError where a file is empty, larger than 25 MB, of another kind than those, or
    not what its name says."""
    check_size(file)
    check_kind(file, suffix_of(file), suffixes)


def refused(message: str) -> DomainError:
    return DomainError(message, fields=["file", "note"])


def name_of(file: UploadedFile) -> str:
    """A file's own name, without folders."""
    return PurePath(file.name or "").name[-200:]


def suffix_of(file: UploadedFile) -> str:
    return PurePath(file.name or "").suffix.lstrip(".").lower()


def check_size(file: UploadedFile) -> None:
    if not file.size:
        raise refused(_("The file is empty: choose another one."))
    if file.size > MAX_BYTES:
        raise refused(
            _("The file is larger than %(limit)d MB: make it smaller or divide it.")
            % {"limit": MAX_BYTES // 1024 // 1024}
        )


def check_kind(file: UploadedFile, suffix: str, suffixes: Sequence[str]) -> None:
    if suffix not in suffixes:
        raise refused(
            _("Files of this kind are not kept. Those that are: %(kinds)s.")
            % {"kinds": ", ".join(suffixes)}
        )
    if not is_kind(file, suffix):
        raise refused(
            _(
                "The content of the file is not what its name says (%(kind)s). Save it anew in "
                "that format, and add it again."
            )
            % {"kind": suffix}
        )


def is_kind(file: UploadedFile, suffix: str) -> bool:
    """Whether the content of a file is of the kind that its suffix names."""
    file.seek(0)
    if suffix in SIGNATURES:
        return file.read(16).startswith(SIGNATURES[suffix])
    if suffix == "txt":
        return is_text(file)
    return is_office(file, suffix)


def is_text(file: UploadedFile) -> bool:
    try:
        return "\x00" not in file.read().decode("utf-8")
    except UnicodeDecodeError:
        return False


def is_office(file: UploadedFile, suffix: str) -> bool:
    """Whether it is an office file of the kind, without macros."""
    try:
        with zipfile.ZipFile(file) as parts:
            names = set(parts.namelist())
            if PARTS[suffix] not in names or any("vbaProject" in name for name in names):
                return False
            if suffix == "odt":
                with parts.open("mimetype") as kind:
                    return kind.read(80).strip() == OPEN_DOCUMENT_TEXT
            return "[Content_Types].xml" in names
    except (zipfile.BadZipFile, zlib.error, EOFError, KeyError, OSError, RuntimeError, ValueError):
        return False


def sha256(file: UploadedFile) -> str:
    """SHA-256 of a file, in hexadecimal; it stands at its beginning afterwards."""
    digest = hashlib.sha256()
    file.seek(0)
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()
