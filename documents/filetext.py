"""The text of a file, read in a process of its own: `python -m documents.filetext docx`.

It takes the kind of the file as its argument and the file on standard input, and writes the text
to standard output. It exits with 1 where the file cannot be read.
"""

import io
import sys
import xml.etree.ElementTree as ElementTree
import zipfile
from collections.abc import Iterator

CHARACTERS = 400_000  # of a file are read
PAGES = 1_000
KINDS = ("pdf", "docx", "odt", "txt")
ODT_TEXT = "{urn:oasis:names:tc:opendocument:xmlns:text:1.0}"


def pieces(kind: str, content: bytes) -> Iterator[str]:
    """The paragraphs or pages of a file, one after another."""
    match kind:
        case "pdf":
            from pypdf import PdfReader

            reader = PdfReader(io.BytesIO(content))
            for page in reader.pages[:PAGES]:
                yield page.extract_text()
        case "docx":
            from docx import Document
            from docx.table import Table

            for block in Document(io.BytesIO(content)).iter_inner_content():
                if isinstance(block, Table):
                    for row in block.rows:
                        yield " ".join(cell.text for cell in row.cells)
                else:
                    yield block.text
        case "odt":
            with zipfile.ZipFile(io.BytesIO(content)) as parts, parts.open("content.xml") as xml:
                for _event, element in ElementTree.iterparse(xml):  # noqa: S314 (memory is limited)
                    if element.tag in (f"{ODT_TEXT}p", f"{ODT_TEXT}h"):
                        yield "".join(element.itertext())
        case "txt":
            yield content.decode("utf-8")


def text_of(kind: str, content: bytes) -> str:
    """The text of a file, at most `CHARACTERS` of it; empty where it has none."""
    found: list[str] = []
    length = 0
    for piece in pieces(kind, content):
        found.append(piece.strip())
        length += len(piece)
        if length >= CHARACTERS:
            break
    return "\n".join(one for one in found if one)[:CHARACTERS]


def main() -> int:
    import resource

    # a broken or hostile file takes no more than this of the machine (fault F14)
    resource.setrlimit(resource.RLIMIT_AS, (512 * 1024 * 1024, 512 * 1024 * 1024))
    resource.setrlimit(resource.RLIMIT_CPU, (40, 40))
    try:
        text = text_of(sys.argv[1], sys.stdin.buffer.read())
    except Exception as error:  # whatever a file may cause; the reader is told that it is not read
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        return 1
    sys.stdout.buffer.write(text.encode("utf-8", "replace"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
