"""Files that people send: judged by what they are, not by what they are called (fault F14)."""

import hashlib
import logging
from collections.abc import Sequence
from pathlib import PurePath

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext as _

from almaty_portal.common.errors import DomainError
from documents import inspection
from documents.inspection import Fault

logger = logging.getLogger(__name__)

MAX_BYTES = settings.UPLOAD_MAX_BYTES
# The kinds in which a Note Verbale is taken.
NOTE_SUFFIXES = ("pdf", "docx", "odt", "jpg", "jpeg", "png")


def check_file(file: UploadedFile, suffixes: Sequence[str]) -> None:
    """Raise DomainError where a file is empty, larger than 25 MB, of another kind than those, not
    what its name says, broken, encrypted, too long, with macros, or infected.

    Its content is read in a process of its own (`documents.inspection`), within 5 seconds.
    """
    check_size(file)
    check_kind(suffix_of(file), suffixes)
    file.seek(0)
    content = file.read()
    file.seek(0)
    check_content(content, suffix_of(file))
    check_virus(content)


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


def check_kind(suffix: str, suffixes: Sequence[str]) -> None:
    if suffix not in suffixes:
        raise refused(
            _("Files of this kind are not kept. Those that are: %(kinds)s.")
            % {"kinds": ", ".join(suffixes)}
        )


def check_content(content: bytes, suffix: str) -> None:
    """Raise DomainError with a sentence where the content is not a harmless file of that kind."""
    match inspection.judge(content, suffix):
        case Fault.KIND:
            raise refused(
                _(
                    "The content of the file is not what its name says (%(kind)s). Save it anew in "
                    "that format, and add it again."
                )
                % {"kind": suffix}
            )
        case Fault.BROKEN:
            raise refused(
                _(
                    "The file is broken or was cut off on the way: open it on your computer, save "
                    "it anew, and add it again."
                )
            )
        case Fault.ENCRYPTED:
            raise refused(
                _("The file is protected by a password: save it without one, and add it again.")
            )
        case Fault.PAGES:
            raise refused(
                _("The file has more than 2000 pages: divide it, and add the parts one by one.")
            )
        case Fault.ACTIVE:
            raise refused(
                _(
                    "The file contains macros or scripts: save it without them, or as PDF, and add "
                    "it again."
                )
            )
        case Fault.TIME:
            raise refused(
                _(
                    "The file could not be checked within 5 seconds, and nothing was stored. Try "
                    "again; if it happens again, save it in a simpler form, as PDF."
                )
            )
        case Fault.BOMB:
            raise refused(
                _(
                    "The file is too large inside, or too intricate, to be checked: save it in a "
                    "simpler form, as PDF, and add it again."
                )
            )


def check_virus(content: bytes) -> None:
    """Raise DomainError where the scanner finds something, or does not answer; without CLAMD_URL
    nothing is scanned."""
    if not settings.CLAMD_URL:
        return
    try:
        inspection.scan(content, settings.CLAMD_URL)
    except inspection.Infected as found:
        logger.warning("An infected file was refused: %s", found)
        raise refused(
            _(
                "The virus scanner found something in the file (%(name)s), and nothing was stored. "
                "Have your computer checked, and send another copy."
            )
            % {"name": found}
        ) from found
    except inspection.Unreachable as error:
        logger.exception("The virus scanner does not answer")
        raise refused(
            _(
                "The virus scanner does not answer, so the file was not taken and nothing was "
                "stored. Try again in a minute, or send it without the file."
            )
        ) from error


def sha256(file: UploadedFile) -> str:
    """SHA-256 of a file, in hexadecimal; it stands at its beginning afterwards."""
    digest = hashlib.sha256()
    file.seek(0)
    for chunk in file.chunks():
        digest.update(chunk)
    file.seek(0)
    return digest.hexdigest()
