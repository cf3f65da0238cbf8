"""PDF files from HTML: tagged PDF/UA-1, or PDF/A-3a with its data embedded, made in a process of
its own that ends in time (F11).

WeasyPrint is never imported here, so that everything else runs where Pango is missing.
"""

import json
import logging
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Callable, Mapping, Sequence
from ctypes.util import find_library
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path

from django.contrib.staticfiles import finders
from django.utils.translation import gettext as _

from almaty_portal.common.errors import DomainError
from almaty_portal.common.pdf_process import LIBRARY_MISSING

logger = logging.getLogger(__name__)

SECONDS = 50.0  # with all around it well under the 60 that a PDF may take (fault F11)
INSTALL = "apt-get install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0"
LIBRARIES = ("pango-1.0", "pangoft2-1.0")
PROGRAM = (sys.executable, "-I", str(Path(__file__).with_name("pdf_process.py")))

# All that a PDF may be made of, besides its own text.
STYLES = "css/pdf.css"
EMBLEM = "img/mark.svg"
FONT = re.compile(r"static:(fonts/pt-(?:sans|serif)-[a-z0-9-]+\.woff2)")

# The reading copy, the record copy (never pdf/a-3b, which is not tagged), and a tagged PDF that
# claims nothing, since pages of other files are set in it.
READING, RECORD, MIXED = "pdf/ua-1", "pdf/a-3a", None

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Attached:
    """A file embedded in a PDF/A-3a: what it is, and how it belongs to the document (`Source`,
    `Data`, `Supplement`: ISO 32000-2, 7.11.3)."""

    name: str
    text: str
    description: str
    relationship: str = "Data"


class PdfError(DomainError):
    """No PDF was made; the message says why and what to do."""


class PdfUnavailable(PdfError):
    """A system library is missing; asking again is no use before it is installed."""


class PdfTimeout(PdfError):
    """It took too long and was ended."""


@cache
def allowed_files() -> dict[str, str]:
    """The static files that a PDF may use: its style sheet, the fonts named there, the emblem."""
    files = {name: finders.find(name) for name in (STYLES, EMBLEM)}
    if styles := files[STYLES]:
        fonts = FONT.findall(Path(styles).read_text(encoding="utf-8"))
        files |= {name: finders.find(name) for name in fonts}
    return {name: path for name, path in files.items() if path}


def unavailable() -> str:
    """Why this machine can make no PDF, as a sentence with the command that helps; else ""."""
    if all(find_library(name) for name in LIBRARIES):
        return ""
    return library_missing()


def library_missing() -> str:
    return _(
        "PDF files cannot be made on this machine: the Pango library is missing. "
        "Install it with: %(command)s"
    ) % {"command": INSTALL}


def make_pdf(
    html: str,
    *,
    languages: Sequence[str] = (),
    first: Sequence[str] = (),
    variant: str | None = READING,
    attached: Sequence[Attached] = (),
    sheets: Mapping[str, Path] | None = None,
    progress: Progress | None = None,
    seconds: float = SECONDS,
    program: Sequence[str] = PROGRAM,
) -> bytes:
    """The PDF of a whole HTML page, whose `lang`, `title` and `meta` become the file's.

    `variant` is READING (PDF/UA-1), RECORD (PDF/A-3a) or MIXED; only RECORD has files `attached`.
    `sheets` are files of `documents.inspection` whose pages are drawn on those of the PDF, from
    the page on that has the anchor.

    `languages` are those of a table's columns, where it has one in several languages; `first` are
    those of the first paragraphs, where they differ from the page's. `progress` is
    called with "layout", "pages" and "sheets". The process is ended after `seconds`. Raises
    PdfTimeout, PdfUnavailable or PdfError, each with a sentence.
    """
    with tempfile.TemporaryDirectory(prefix="pdf-") as folder:
        target = Path(folder) / "page.pdf"
        job: dict[str, object] = {
            "html": html,
            "files": allowed_files(),
            "target": str(target),
            "languages": list(languages),
            "first": list(first),
            "variant": variant,
            "attached": [asdict(one) for one in attached],
            "sheets": {anchor: str(path) for anchor, path in (sheets or {}).items()},
            "seconds": seconds,
        }
        run(job, Path(folder), progress or (lambda step: None), seconds, program)
        return target.read_bytes()


def run(
    job: dict[str, object],
    folder: Path,
    progress: Progress,
    seconds: float,
    program: Sequence[str],
) -> None:
    too_long = threading.Event()
    # Only what the process needs: no secret of the portal's reaches it.
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "TMPDIR") if key in os.environ}
    errors, order = folder / "errors", folder / "job.json"
    order.write_text(json.dumps(job), encoding="utf-8")
    with (
        order.open() as given,
        errors.open("w") as written,
        subprocess.Popen(  # noqa: S603 (our own program; the job is its input)
            program,
            stdin=given,
            stdout=subprocess.PIPE,
            stderr=written,
            encoding="utf-8",
            env={**kept, "LANG": "C.UTF-8"},
            start_new_session=True,
        ) as process,
    ):

        def end() -> None:
            too_long.set()
            kill(process)

        timer = threading.Timer(seconds, end)
        timer.daemon = True
        timer.start()
        try:
            for line in process.stdout or ():
                if line.strip() in {"layout", "pages", "sheets"}:
                    progress(line.strip())
            status = process.wait()
        finally:
            timer.cancel()
            kill(process)
    complaint = errors.read_text(encoding="utf-8", errors="replace").strip()
    if too_long.is_set():
        raise PdfTimeout(
            _(
                "Making the PDF took longer than %(seconds)s seconds and was ended. "
                "Ask for it again."
            )
            % {"seconds": round(seconds)}
        )
    if status == LIBRARY_MISSING:
        logger.error("%s (%s)", library_missing(), complaint[-300:])
        raise PdfUnavailable(library_missing())
    if complaint:
        logger.warning("making a PDF: %s", complaint[-2000:])
    if status:
        raise PdfError(_("The PDF could not be made. Ask for it again, or tell the Support Unit."))


def kill(process: "subprocess.Popen[str]") -> None:
    """End the process and whatever it started."""
    if process.poll() is None:
        try:
            os.killpg(process.pid, signal.SIGKILL)
        except ProcessLookupError:
            return
