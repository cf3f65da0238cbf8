"""The process that turns one HTML page into a PDF; `almaty_portal.common.pdf` starts and ends it.

It stands alone: no Django, no database, no secrets. It reads a job in JSON from its input, prints
the name of each step, and writes the PDF to the file that the job names. It fetches nothing but
the files that the job lists. Its end: 0 done, 3 a system library is missing, 1 anything else.
"""

import json
import resource
import signal
import sys
from pathlib import Path
from typing import Any

LIBRARY_MISSING = 3
# Enough for hundreds of bilingual pages; a page that wants more is refused, not swapped (F14).
MEMORY_BYTES = 1536 * 1024 * 1024
CONTENT_TYPES = {".css": "text/css", ".svg": "image/svg+xml", ".woff2": "font/woff2"}


def fetcher(files: dict[str, str]) -> Any:
    """A URL fetcher for `static:…` addresses of the listed files; everything else is refused."""
    from weasyprint.urls import URLFetcher, URLFetcherResponse

    class ListedFilesOnly(URLFetcher):
        def fetch(self, url: str, headers: Any = None) -> Any:
            name = url.removeprefix("static:")
            if name == url or name not in files:
                raise ValueError(f"refused: {url[:120]!r} is not a file of the portal's own")
            path = Path(files[name])
            return URLFetcherResponse(
                url, path.read_bytes(), {"Content-Type": CONTENT_TYPES[path.suffix]}
            )

    return ListedFilesOnly()


def complete_tags(languages: list[str], first: list[str]) -> Any:
    """A finisher that completes WeasyPrint's tags where PDF/UA asks for more.

    Running headers and footers become artifacts, page footnotes become notes, the cells of a table
    in columns of different languages (`languages`) say theirs, and the first paragraphs (`first`)
    theirs.
    """

    def finish(document: Any, pdf: Any) -> None:
        import pydyf

        def kids(element: Any) -> list[Any]:
            found = []
            for kid in element.get("K", []):
                if not isinstance(kid, int):
                    target = pdf.objects[int(bytes(kid).split()[0])]
                    if "S" in target:
                        found.append(target)
            return found

        linked: dict[bytes, set[int]] = {}
        ahead = list(first)
        notes = 0

        def walk(element: Any) -> None:
            page = linked.setdefault(bytes(element["Pg"]), set()) if "Pg" in element else set()
            page.update(kid for kid in element["K"] if isinstance(kid, int))
            children = kids(element)
            if element["S"] == "/P" and ahead:
                element["Lang"] = pydyf.String(ahead.pop(0))
            if element["S"] == "/TR" and len(children) == len(languages):
                for child, language in zip(children, languages, strict=True):
                    child["Lang"] = pydyf.String(language)
            for child in children:
                walk(child)

        root = next(
            one
            for one in pdf.objects
            if isinstance(one, pydyf.Dictionary) and one.get("S") == "/Document"
        )
        for child in kids(root):
            if child["S"] == "/NonStruct":  # WeasyPrint's area of page footnotes
                child["S"] = "/Div"
                for note in kids(child):
                    notes += 1
                    note["S"] = "/Note"
                    note["ID"] = pydyf.String(f"note-{notes}")
        walk(root)

        for reference in pdf.page_references:
            page = pdf.objects[int(bytes(reference).split()[0])]
            stream = pdf.objects[int(bytes(page["Contents"]).split()[0])]
            real = linked.get(bytes(reference), set())
            as_artifacts(stream.stream, real)

    return finish


def as_artifacts(operators: list[Any], real: set[int]) -> None:
    """Mark as artifact, in a page's operators, the marked content that is in no tag."""
    import pydyf

    for at, operator in enumerate(operators):
        if isinstance(operator, pydyf.Dictionary) and operator.get("MCID", -1) not in {-1, *real}:
            operators[at - 1 : at + 1] = ["/Artifact", pydyf.Dictionary({"Type": "/Pagination"})]


def set_sheets(target: str, first_pages: dict[int, str]) -> None:
    """Draw the sheets of other files on pages of a PDF, those of each from its first page on.

    A sheet is a paragraph of its page's text, read in the order in which it was drawn.

    The files are those of `documents.inspection`, each page with one form named `Sheet`.
    """
    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import (
        ArrayObject,
        DecodedStreamObject,
        DictionaryObject,
        NameObject,
        NumberObject,
    )

    writer = PdfWriter(clone_from=target)
    writer.pdf_header = "%PDF-1.7"
    texts = writer.root_object["/StructTreeRoot"]["/ParentTree"]["/Nums"]
    for first, path in first_pages.items():
        for number, sheet in enumerate(PdfReader(path).pages, start=first):
            page = writer.pages[number]
            form = sheet["/Resources"]["/XObject"].raw_get("/Sheet").clone(writer)
            known = texts[texts.index(page["/StructParents"]) + 1].get_object()
            before = first_text(known)
            text = DictionaryObject(
                {
                    NameObject("/Type"): NameObject("/StructElem"),
                    NameObject("/S"): NameObject("/P"),
                    NameObject("/P"): before.raw_get("/P"),
                    NameObject("/Pg"): page.indirect_reference,
                    NameObject("/K"): ArrayObject([NumberObject(len(known))]),
                }
            )
            drawing = DecodedStreamObject()
            drawing.set_data(b"/P <</MCID %d>> BDC /Sheet Do EMC\n" % len(known))
            reference = writer._add_object(text)
            before["/P"]["/K"].append(reference)
            known.append(reference)
            # The other pages share their resources.
            own = DictionaryObject(page["/Resources"])
            own[NameObject("/XObject")] = DictionaryObject(
                {**own.get("/XObject", {}), NameObject("/Sheet"): form}
            )
            page[NameObject("/Resources")] = own
            page[NameObject("/Contents")] = ArrayObject(
                [writer._add_object(drawing), page.raw_get("/Contents")]
            )
    writer.write(target)


def first_text(known: Any) -> Any:
    """The first of a page's tagged texts that is in the tree of tags; running lines are not."""
    for one in known:
        text = one.get_object()
        if one in text["/P"]["/K"]:
            return text
    raise ValueError("a page for a sheet has no text of its own")


def step(name: str) -> None:
    sys.stdout.write(f"{name}\n")
    sys.stdout.flush()


def make(job: dict[str, Any]) -> None:
    """Render the job's page and write its PDF. Raises OSError where a library is missing."""
    import weasyprint

    step("layout")
    variant = job["variant"]
    page = weasyprint.HTML(string=job["html"], url_fetcher=fetcher(job["files"]), base_url=None)
    document = page.render(pdf_variant=variant, pdf_tags=True)
    step("pages")
    document.write_pdf(
        job["target"],
        pdf_variant=variant,
        pdf_tags=True,
        attachments=[
            weasyprint.Attachment(
                string=one["text"],
                name=one["name"],
                description=one["description"],
                relationship=one["relationship"],
            )
            for one in job["attached"]
        ],
        finisher=complete_tags(job["languages"], job["first"]),
    )
    if job["sheets"]:
        step("sheets")
        set_sheets(
            job["target"],
            {
                number: job["sheets"][name]
                for number, page in enumerate(document.pages)
                for name in page.anchors
                if name in job["sheets"]
            },
        )
    step("done")


def main() -> int:
    job = json.load(sys.stdin)
    signal.alarm(int(job["seconds"]) + 5)  # if whoever started us is gone, end all the same
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    try:
        import weasyprint  # noqa: F401 (it loads Pango, or says that it can't)
    except (OSError, ImportError) as error:
        sys.stderr.write(f"{error}\n")
        return LIBRARY_MISSING
    make(job)
    return 0


if __name__ == "__main__":
    sys.exit(main())
