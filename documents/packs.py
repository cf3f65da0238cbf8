"""A pack of documents as one PDF: cover, contents, every text and the pages of its files; pages are
numbered throughout."""

import tempfile
from collections.abc import Iterator, Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

from django.template.loader import get_template
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from almaty_portal.common import pdf as common
from documents import packfiles, pdf
from documents.models import Document, Edition, LanguageVersion, Pack, PackFile
from documents.models.archive import LANGUAGES, Access
from documents.preparing import ATTEMPTS, advance, keep, prepare
from documents.text import standing_in

TEMPLATE = "pdf/pack.html"
Content = dict[str, Any]


def content(pack: Pack, language: str) -> Content:
    """All that the PDF of a pack prints in a language, as plain values (rule T7)."""
    with translation.override(language):
        return {
            "language": language,
            "label": pack.label,
            "title": f"{pack.label}: {pack.meeting.title}",
            "meeting": pack.meeting.title or pack.meeting.slug,
            "note": getattr(pack, f"note_{language}") or "",
            "place": pack.meeting.city or "",
            "days": [pack.meeting.from_on.isoformat(), pack.meeting.last_on.isoformat()],
            "distribution": distribution(pack),
            "parts": list(parts(pack, language)),
            "words": {
                "contents": _("Contents"),
                "files": _("Files of this document"),
                "from": pgettext("page number", "page"),
                "named": _("is downloaded from the page of the document in the portal"),
                "distribution": _("Distribution"),
                "page": pgettext("page number", "Page"),
                "of": pgettext("page number", "of"),
                "author": _("Support Unit of the Almaty Process"),
                "emblem": _("Emblem of the Almaty Process"),
            },
        }


def distribution(pack: Pack) -> str:
    """To whom a pack goes (rule T6)."""
    if pack.access == Access.PUBLIC:
        return pgettext("distribution of a document", "General")
    return pdf.capital(str(pack.get_access_display()))


def parts(pack: Pack, language: str) -> Iterator[Content]:
    """What is printed of each document; one without a text in the language says so (rule T2)."""
    for number, item in enumerate(pack.items.order_by("position", "pk"), start=1):
        edition = Edition.objects.with_text().get(pk=item.edition_id)
        printed = pdf.content(edition, language)
        column, reference = printed["columns"][0], edition.document.reference
        missing = standing_in(edition, language) == LanguageVersion.Standing.MISSING
        yield {
            **printed,
            "number": number,
            "anchor": f"part-{number}",
            "name": title_of(edition.document, language),
            "reference": reference if column["reference"] == reference else "",
            "edition": column["facts"][-1][1],
            "marking": column["marking"] or column["demonstration"],
            "missing": _("This document has no text in this language.") if missing else "",
            "files": list(packfiles.files_of(edition.document, language, f"part-{number}")),
        }


def title_of(document: Document, language: str) -> str:
    return getattr(document, f"title_{language}") or _("no title in this language")


def render(
    pack: Pack,
    printed: Content,
    progress: common.Progress | None = None,
    sheets: Mapping[str, Path] | None = None,
) -> bytes:
    """The PDF of what `content` gathered: PDF/UA-1, or where it has the pages of files, which
    nobody can answer for, tagged without that claim. Raises almaty_portal.common.pdf.PdfError."""
    with translation.override(printed["language"]):
        page = get_template(TEMPLATE).render(
            {
                **printed,
                "pack": pack,
                "parts": [
                    {**one, "rows": list(rows(one)), "files": list(told(one["files"]))}
                    for one in printed["parts"]
                ],
                "emblem": f"static:{common.EMBLEM}",
                "styles": f"static:{common.STYLES}",
            }
        )
    return common.make_pdf(
        page,
        first=("en", "ru"),
        variant=common.MIXED if sheets else common.READING,
        sheets=sheets,
        progress=progress,
        seconds=PackFile.SECONDS,
    )


def told(files: list[Content]) -> Iterator[Content]:
    """The files of a part, each with why its pages are missing that are wanted."""
    for one in files:
        yield {**one, "reason": packfiles.reason(one.get("why", ""))}


def rows(part: Content) -> Iterator[Content]:
    """The paragraphs of a part; its title is the heading above them all."""
    if part["missing"]:
        return
    for row in pdf.rows(part):
        level = min(int(row["tag"][1]) + 1, 5) if row["tag"] != "p" else 0
        yield {**row, "tag": f"h{level}" if level else "p"}


def make_pack_file(*, file_id: int) -> None:
    """Make the PDF of a row that waits; idempotent, and it raises nothing: the row tells."""
    prepare(PackFile, file_id, make)


def make(file: PackFile) -> None:
    import pypdf

    pack = Pack.objects.select_related("meeting").get(pk=file.pack_id)
    advance(file, "text")
    printed = content(pack, file.language)
    fingerprint = pdf.fingerprint(printed)
    files = [one for part in printed["parts"] for one in part["files"]]
    sheets: dict[str, Path] = {}
    with tempfile.TemporaryDirectory(prefix="pack-") as folder:
        if file.attempts < ATTEMPTS:
            advance(file, "files")
            sheets = packfiles.take_in(files, Path(folder))
        else:  # what stopped the others may be in one of the files
            packfiles.leave_out(files)
        data = render(pack, printed, lambda step: advance(file, step), sheets)
    keep(
        file,
        data,
        f"packs/{pack.pk}-{file.language}",
        fingerprint=fingerprint,
        pages=len(pypdf.PdfReader(BytesIO(data)).pages),
        left_out=packfiles.left_out(files),
    )


def is_current(file: PackFile) -> bool:
    """Whether a ready file says what the pack's PDF would say now."""
    return file.status == PackFile.Status.READY and file.fingerprint == pdf.fingerprint(
        content(file.pack, file.language)
    )


def languages() -> list[str]:
    """A pack has one PDF in each language of the Process."""
    return [code for code, _name in LANGUAGES]


def file_name(pack: Pack, language: str) -> str:
    """The name under which a reader saves the file: meeting, kind, language."""
    number = f"-{pack.number}" if pack.number > 1 else ""
    return f"{pack.meeting.slug}-{pack.kind}{number}-{language}.pdf"
