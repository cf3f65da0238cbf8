"""The Communiqué of the founding archive as people send it: DOCX, ODT, PDF, plain text."""

import io
import re
import subprocess
import zipfile
from functools import cache
from typing import Any

import docx
import pypandoc
import yaml
from django.conf import settings
from docx.oxml.ns import qn
from docx.oxml.parser import OxmlElement

STATE = re.compile(r"\{[A-Z]{2}\|([^{}]*)\}")
EXTENSIONS = "markdown-smart-fancy_lists-startnum-citations"


@cache
def communique() -> list[dict[str, Any]]:
    """Its paragraphs, as founding_archive has them."""
    path = settings.BASE_DIR / "founding_archive" / "texts" / "communique.yaml"
    return yaml.safe_load(path.read_text(encoding="utf-8"))["paragraphs"]


def printed(row: dict[str, Any], language: str) -> str:
    """A paragraph with its brackets and footnote marks, without the marks of States."""
    return STATE.sub(r"\1", " ".join(row[language].split()))


def as_markdown(language: str) -> str:
    parts = []
    for row in communique():
        text = printed(row, language)
        if row["role"] == "footnote":
            parts.append(f"[^{row['number']}]: {text}")
            continue
        text = re.sub(r"\[(?!\^)|(?<!\d)\]", lambda sign: "\\" + sign[0], text)
        number = re.sub(r"([(.])", r"\\\1", row.get("number", ""))
        head = "#" * row["level"] if row["role"] == "heading" else number
        parts.append(f"{head} {text}".strip())
    return "\n\n".join(parts) + "\n"


def exported(language: str, kind: str, *options: str) -> bytes:
    command = [pypandoc.get_pandoc_path(), "-f", EXTENSIONS, "-t", kind, *options, "-o", "-"]
    done = subprocess.run(
        command, input=as_markdown(language).encode(), capture_output=True, check=True
    )
    return done.stdout


def communique_docx(language: str) -> bytes:
    """With the footnotes numbered from 5, as in the annexes of the Summary Report."""
    opened = docx.Document(io.BytesIO(exported(language, "docx")))
    notes, start = OxmlElement("w:footnotePr"), OxmlElement("w:numStart")
    start.set(qn("w:val"), "5")
    notes.append(start)
    opened.sections[0]._sectPr.insert(0, notes)
    made = io.BytesIO()
    opened.save(made)
    return made.getvalue()


def communique_odt(language: str) -> bytes:
    made = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(exported(language, "odt"))) as parts,
        zipfile.ZipFile(made, "w") as changed,
    ):
        for part in parts.infolist():
            content = parts.read(part)
            if part.filename == "content.xml":
                content = content.replace(b"note-citation>1<", b"note-citation>5<")
            changed.writestr(part, content)
    return made.getvalue()


def communique_text(language: str) -> bytes:
    """As copied from a page: the mark and the footnote with the number 5."""
    text = exported(language, "plain", "--wrap=none").decode()
    return re.sub(r"\[1\]", "[5]", text).encode()


def communique_html(language: str) -> str:
    """As printed: a superscript mark, the footnote below the text."""
    rows = []
    for row in communique():
        text = re.sub(r"\[\^(\d+)\]", r"<sup>\1</sup>", printed(row, language))
        number = row.get("number", "")
        tag = "h1" if row["role"] == "heading" else "p"
        rows.append(f"<{tag}>{number} {text}</{tag}>")
    return (
        f'<html lang="{language}"><style>body {{ font: 11pt/1.4 sans-serif }}'
        f" h1 {{ font-size: 16pt }}</style>{''.join(rows)}"
    )
