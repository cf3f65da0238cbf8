"""Files that belong to a document: judged by what they are, not by what they are called."""

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from almaty_portal.common import audit
from almaty_portal.common.errors import DomainError
from documents import uploads
from documents.models import Attachment, Document
from membership.models import User


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
    uploads.check_file(file, Attachment.SUFFIXES)
    attachment = Attachment(
        document=document,
        title_en=title_en,
        title_ru=title_ru,
        language=language,
        name=uploads.name_of(file),
        size=file.size or 0,
        sha256=uploads.sha256(file),
    )
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
