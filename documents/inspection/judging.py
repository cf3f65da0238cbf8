"""Starts the judging of a file in a bounded process, and says what it found."""

import enum
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

CHILD = Path(__file__).with_name("child.py")
SHEETS = Path(__file__).with_name("sheets.py")
SECONDS = 5
TEXT_SECONDS = 15
SHEETS_SECONDS = 20


class Fault(enum.StrEnum):
    """What may be wrong with a file."""

    KIND = "kind"  # not what its name says
    BROKEN = "broken"  # not whole, or not readable
    ENCRYPTED = "encrypted"
    PAGES = "pages"  # too many
    BOMB = "bomb"  # far larger unpacked than sent, or too intricate to be read
    TIME = "time"  # the time was over before it was read
    ACTIVE = "active"  # with macros or scripts
    HIDDEN = "hidden"  # not all of it is shown, or only by some programs (`pdf_sheets`)
    PACK = "pack"  # the pack with its pages would be too large (documents.packfiles)


def judge(content: bytes, suffix: str) -> Fault | None:
    """What is wrong with a file of that kind; None where nothing is.

    The file is read by a process of its own with at most 512 MB of memory and 5 seconds (F14), and
    without the portal's environment. One that ends that process is a bomb.
    """
    try:
        answer = ask(content, suffix, seconds=SECONDS)
    except subprocess.TimeoutExpired:
        return Fault.TIME
    except ValueError:
        return Fault.BOMB
    return None if answer == "ok" else Fault(answer)


def pdf_pages(content: bytes) -> list[str] | None:
    """The text of each page of a PDF, in the same bounds but with 15 seconds; None where it has
    none or takes more."""
    try:
        answer = ask(content, "pdf", "--text", seconds=TEXT_SECONDS)
    except (subprocess.TimeoutExpired, ValueError):
        return None
    return answer if isinstance(answer, list) and any(page.strip() for page in answer) else None


def pdf_sheets(content: bytes, target: Path) -> list[str] | Fault:
    """Set the pages of a PDF on sheets, as a PDF that is written to a file; their kinds, or what
    is wrong, in the same bounds but with 20 seconds."""
    try:
        answer = ask(content, str(target), seconds=SHEETS_SECONDS, program=SHEETS)
    except subprocess.TimeoutExpired:
        return Fault.TIME
    except ValueError:
        return Fault.BOMB
    return answer if isinstance(answer, list) else Fault(answer)


def ask(content: bytes, *arguments: str, seconds: float, program: Path | None = None) -> Any:
    """What the program answers. Raises TimeoutExpired, and ValueError where it was ended."""
    done = subprocess.run(  # noqa: S603 (our own program; the arguments are of a list)
        [sys.executable, "-I", str(program or CHILD), *arguments],
        input=content,
        capture_output=True,
        timeout=seconds,
        check=False,
        env={"PATH": os.defpath, "LC_ALL": "C.UTF-8"},
    )
    return json.loads(done.stdout)
