"""Files that belong to a document: judged by what they are, not by what they are called."""

import hashlib
import zipfile
import zlib
from pathlib import PurePath

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from almaty_portal.common import audit
from almaty_portal.common.errors import DomainError
from documents.models import Attachment, Document
from membership.models import User

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


@transaction.atomic
def add_attachment(
    *,
    document: Document,
    file: UploadedFile,
    title_en: str,
    title_ru: str,
    language: str = "",
    by: User | None,
) -> Attachment:
    """Keep a file with a document, under its SHA-256.

    Raises DomainError where it is empty, larger than 25 MB, of a kind the archive does not take,
    or not what its name says.
    """
    if not (title_en.strip() or title_ru.strip()):
        raise DomainError(_("Give the file a title in one language at least."), fields=["title_en"])
    suffix = PurePath(file.name or "").suffix.lstrip(".").lower()
    check_size(file)
    check_kind(file, suffix)
    attachment = Attachment(
        document=document,
        title_en=title_en,
        title_ru=title_ru,
        language=language,
        name=PurePath(file.name or "").name[-200:],
        size=file.size or 0,
        sha256=sha256(file),
    )
    file.seek(0)
    attachment.file.save(attachment.name, file, save=False)
    attachment.save()
    audit.record(
        by=by,
        action="add_attachment",
        target=attachment,
        detail={
            "document": str(document),
            "name": attachment.name,
            "size": attachment.size,
            "sha256": attachment.sha256,
        },
    )
    return attachment


def refused(message: str) -> DomainError:
    return DomainError(message, fields=["file"])


def check_size(file: UploadedFile) -> None:
    if not file.size:
        raise refused(_("The file is empty: choose another one."))
    if file.size > Attachment.MAX_BYTES:
        raise refused(
            _("The file is larger than %(limit)d MB: make it smaller or divide it.")
            % {"limit": Attachment.MAX_BYTES // 1024 // 1024}
        )


def check_kind(file: UploadedFile, suffix: str) -> None:
    if suffix not in Attachment.SUFFIXES:
        raise refused(
            _("Files of this kind are not kept. The archive takes: %(kinds)s.")
            % {"kinds": ", ".join(Attachment.SUFFIXES)}
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
    digest = hashlib.sha256()
    file.seek(0)
    for chunk in file.chunks():
        digest.update(chunk)
    return digest.hexdigest()
