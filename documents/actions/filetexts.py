"""The texts of attached files: read once each by the worker, for the search."""

import subprocess
import sys
from pathlib import PurePath

from django.conf import settings

from documents import filetext
from documents.models import Attachment, AttachmentText
from documents.search import index_document

SECONDS = 45


def read_waiting(at_most: int = 3) -> int:
    """Read attached files that were not read yet; how many."""
    waiting = Attachment.objects.filter(file_text__isnull=True).select_related("document")
    files = list(waiting.order_by("pk")[:at_most])
    for attachment in files:
        read(attachment)
    return len(files)


def read(attachment: Attachment) -> AttachmentText:
    """Read the text of an attached file and have its document found by it.

    Until it is read it is on record as unreadable, so that a file that ends the worker is not
    tried again (fault F14).
    """
    kept, _created = AttachmentText.objects.update_or_create(
        attachment=attachment, defaults={"state": AttachmentText.State.BROKEN, "text": ""}
    )
    kind = PurePath(attachment.name).suffix.lstrip(".").lower()
    kept.state, kept.text = extract(kind, attachment)
    kept.save(update_fields=["state", "text"])
    if kept.text:
        index_document(attachment.document)
    return kept


def extract(kind: str, attachment: Attachment) -> tuple[str, str]:
    """What became of reading a file, and its text."""
    if kind not in filetext.KINDS:
        return AttachmentText.State.NO_TEXT, ""
    try:
        with attachment.file.open() as file:
            content = file.read()
        done = subprocess.run(  # noqa: S603 (a constant program, and one of our kinds)
            [sys.executable, "-m", "documents.filetext", kind],
            input=content,
            capture_output=True,
            timeout=SECONDS,
            check=False,
            cwd=settings.BASE_DIR,
        )
    except (subprocess.TimeoutExpired, OSError):
        return AttachmentText.State.BROKEN, ""
    if done.returncode:
        return AttachmentText.State.BROKEN, ""
    text = done.stdout.decode("utf-8", "replace").replace("\x00", "")
    return (AttachmentText.State.READ if text.strip() else AttachmentText.State.NO_TEXT), text
