"""The files of a pack's documents: the pages of PDF files stand in the pack, all others are named
(rule T7, docs/adr/0023)."""

import logging
import time
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from django.template.defaultfilters import filesizeformat
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from documents import inspection
from documents.inspection import Fault
from documents.models import Attachment, Document

logger = logging.getLogger(__name__)

SECONDS = 90  # for all files of a pack
MAX_SHEETS = 1000  # of a pack
Content = dict[str, Any]


def files_of(document: Document, language: str, anchor: str) -> Iterator[Content]:
    """What a pack in the active language tells of a document's files; `as_pages` says whether its
    pages are wanted: those of a PDF in that language, or in none."""
    for place, one in enumerate(document.attachments.order_by("pk"), start=1):
        about = [one.kind, filesizeformat(one.size)]
        if one.language and one.language != language:
            about.append(
                {
                    "en": pgettext("a text in a language", "in English"),
                    "ru": pgettext("a text in a language", "in Russian"),
                }[one.language]
            )
        title = getattr(one, f"title_{language}") or one.name
        yield {
            "pk": one.pk,
            "sha256": one.sha256,
            "anchor": f"{anchor}-file-{place}",
            "title": title,
            "short_title": Truncator(title).chars(60),
            "about": ", ".join(about),
            "as_pages": one.kind == "PDF" and one.language in ("", language),
        }


def take_in(files: Iterable[Content], folder: Path) -> dict[str, Path]:
    """Set the wanted files on sheets, each as a PDF in the folder; these by their anchors.

    Each file is told its `sheets`, or with `why` that there are none. Nothing is raised for a file:
    a pack is made without it.
    """
    ends, number = time.monotonic() + SECONDS, 0
    taken: dict[str, Path] = {}
    for file in files:
        if not file["as_pages"]:
            continue
        target = folder / f"{file['anchor']}.pdf"
        found: list[str] | Fault = Fault.TIME
        if time.monotonic() < ends:
            found = sheets_of(Attachment.objects.get(pk=file["pk"]), target)
        if not isinstance(found, Fault) and number + len(found) > MAX_SHEETS:
            found = Fault.PACK
        if isinstance(found, Fault):
            file["why"] = found.value
            logger.warning("attachment %s is not taken in: %s", file["pk"], found)
            continue
        number += len(found)
        taken[file["anchor"]], file["sheets"] = target, found
    return taken


def sheets_of(attachment: Attachment, target: Path) -> list[str] | Fault:
    """The kinds of the sheets of an attached PDF, written to a file; or what is wrong with it,
    judged anew as when it was sent (fault F14)."""
    try:
        with attachment.file.open() as file:
            content = file.read()
    except OSError:
        return Fault.BROKEN
    return inspection.judge(content, "pdf") or inspection.pdf_sheets(content, target)


def leave_out(files: Iterable[Content]) -> None:
    """Name every file, where the pack could not be made with the pages of them all."""
    for file in files:
        if file["as_pages"]:
            file["why"] = Fault.PACK.value


def left_out(files: Iterable[Content]) -> list[list[str]]:
    """Title and fault of the files whose pages are wanted and do not stand in the pack."""
    return [[file["title"], file["why"]] for file in files if "why" in file]


def reason(why: str) -> str:
    """Why the pages of a file do not stand in a pack, in a sentence in the active language."""
    match why:
        case "":
            return ""
        case Fault.ENCRYPTED:
            return _("Its pages are not here, since it is protected by a password.")
        case Fault.ACTIVE:
            return _("Its pages are not here, since it contains scripts.")
        case Fault.PAGES:
            return _("Its pages are not here, since there are more than 500.")
        case Fault.HIDDEN:
            return _(
                "Its pages are not here, since it has hidden layers, or notes or fields that not "
                "every program shows."
            )
        case Fault.BOMB:
            return _("Its pages are not here, since it is too large inside, or too intricate.")
        case Fault.TIME:
            return _("Its pages are not here, since they could not be read in time.")
        case Fault.PACK:
            return _("Its pages are not here, since the pack would become too large with them.")
        case _other:
            return _("Its pages are not here, since it is broken and cannot be read.")
