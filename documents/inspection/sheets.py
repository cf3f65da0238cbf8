"""Sets the pages of one PDF on sheets for a pack: a program of its own, which knows nothing of the
portal.

    python -I sheets.py TARGET < FILE

Every page becomes one form that draws it upright above the strip at the foot of an A4 or A3 sheet,
with what its notes and fields show. Nothing else goes along: no link, script, embedded file, form,
bookmark or tag (docs/adr/0023). It prints JSON: the kinds of the sheets in their order, or a word
of `documents.inspection.judging.Fault`. Limits of memory and time are set before anything is read.
"""

import io
import json
import math
import resource
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

MEMORY_BYTES = 448 * 1024 * 1024
PROCESSOR_SECONDS = 18
TARGET_BYTES = 60 * 1024 * 1024
MAX_PAGES = 500
POINTS_PER_MM = 72 / 25.4
# Width and height when upright, and the height of the strip: as in static/css/pdf.css.
SHEETS = {"a4": (210, 297, 12), "a3": (297, 420, 17)}
LEAST_SCALE = 0.75  # below it a page goes on the larger sheet
SIDE_POINTS = (3, 20_000)  # of a page that is one
# Notes that are not drawn as they look; and flags 2 and 6, of what a screen does not show.
NOT_DRAWN = ("/Link", "/Popup")
HIDDEN = 0b100010
# What drawing a page needs none of: entries, kinds of objects, entries of a stream.
DROPPED = {"/AA", "/AF", "/Alternates", "/Annots", "/EF", "/JS", "/Metadata", "/OPI", "/Parent"}
DROPPED |= {"/PieceInfo", "/Ref", "/StructParent", "/StructParents", "/Thumb", "/URI"}
DROPPED_KINDS = {"/Action", "/Annot", "/Catalog", "/EmbeddedFile", "/Filespec", "/Page", "/Pages"}
DROPPED_OF_STREAM = {"/F", "/FFilter", "/FDecodeParms", "/Length"}
# Entries whose own entries bear names that the file gave them.
NAMED = {"/CharProcs", "/ColorSpace", "/Colorants", "/ExtGState", "/Font", "/Pattern"}
NAMED |= {"/Properties", "/Shading", "/XObject"}

Matrix = tuple[float, float, float, float, float, float]
Box = tuple[float, float, float, float]


class Fault(Exception):
    """Why the file gives no sheets, in a word."""


class Copier:
    """Copies into another file what pages draw with, and nothing that acts."""

    def __init__(self, writer: Any) -> None:
        self.writer = writer
        self.copies: dict[tuple[int, int], Any] = {}

    def copy(self, value: Any, named: bool = False) -> Any:
        """A copy of a value; `named` says that its entries bear names of the file's own."""
        from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NullObject

        place = value if isinstance(value, IndirectObject) else None
        if place is not None:
            if copied := self.copies.get((place.idnum, place.generation)):
                return copied
            value = place.get_object()
        if isinstance(value, DictionaryObject):
            if value.get("/Type") in DROPPED_KINDS and not named:
                return NullObject()
            copied = self.blank(value)
        elif isinstance(value, ArrayObject):
            copied = ArrayObject()
        else:
            return NullObject() if value is None else value
        reference = getattr(copied, "indirect_reference", None)
        if place is not None:
            reference = reference or self.writer._add_object(copied)
            self.copies[place.idnum, place.generation] = reference
        self.fill(copied, value, named)
        return reference or copied

    def blank(self, value: Any) -> Any:
        """A dictionary without entries, or a stream with its bytes alone, in the other file."""
        from pypdf.generic import DictionaryObject, StreamObject

        if isinstance(value, StreamObject):
            return value.clone(self.writer, True, list(value))
        return DictionaryObject()

    def fill(self, copied: Any, value: Any, named: bool) -> None:
        from pypdf.generic import ArrayObject, StreamObject

        if isinstance(value, ArrayObject):
            copied.extend(self.copy(one) for one in value)
            return
        dropped = DROPPED_OF_STREAM if isinstance(value, StreamObject) else set()
        for key in list(value):
            if named or key not in DROPPED | dropped:
                copied[key] = self.copy(value.raw_get(key), key in NAMED and not named)

    def page(self, page: Any) -> Any:
        """The form that draws a page in its own coordinates, its notes and fields included."""
        contents = page.get_contents()  # one that is there may count as empty
        data = contents.get_data() if contents is not None else b""
        resources = self.copy(page.get("/Resources") or dictionary({}))
        drawn = self.form(
            data, box_of(page), resources, group=page.get("/Group") and self.copy(page["/Group"])
        )
        looks, operators = {"/Page": drawn}, ["/Page Do"]
        for place, (look, matrix) in enumerate(appearances(page)):
            copied = self.copy(look).get_object()
            copied.update(dictionary({"/Type": name("/XObject"), "/Subtype": name("/Form")}))
            looks[f"/Note{place}"] = copied.indirect_reference
            operators.append(f"q {numbers(matrix)} cm /Note{place} Do Q")
        resources = dictionary({"/XObject": dictionary(looks)})
        return self.form("\n".join(operators).encode(), box_of(page), resources)

    def form(
        self, data: bytes, box: Box, resources: Any, matrix: Matrix | None = None, group: Any = None
    ) -> Any:
        from pypdf.generic import DecodedStreamObject

        form = DecodedStreamObject()
        form.set_data(data)
        form = form.flate_encode()
        form.update(
            dictionary(
                {
                    "/Type": name("/XObject"),
                    "/Subtype": name("/Form"),
                    "/BBox": array(box),
                    "/Resources": resources,
                    **({"/Matrix": array(matrix)} if matrix else {}),
                    **({"/Group": group} if group else {}),
                }
            )
        )
        return self.writer._add_object(form)


def name(text: str) -> Any:
    from pypdf.generic import NameObject

    return NameObject(text)


def dictionary(entries: dict[str, Any]) -> Any:
    from pypdf.generic import DictionaryObject

    return DictionaryObject({name(key): value for key, value in entries.items()})


def array(some: Any) -> Any:
    from pypdf.generic import ArrayObject, FloatObject

    return ArrayObject(FloatObject(f"{one:.6f}") for one in some)


def numbers(some: Any) -> str:
    return " ".join(f"{one:.6f}" for one in some)


def floats(value: Any) -> tuple[float, ...]:
    return tuple(float(one.get_object()) for one in value.get_object())


def upright(box: tuple[float, ...]) -> Box:
    x0, y0, x1, y1 = box
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def box_of(page: Any) -> Box:
    """What is seen of a page: the crop box within the media box. Raises Fault for no page's."""
    media, crop = upright(floats(page.mediabox)), upright(floats(page.cropbox))
    x0, y0 = max(media[0], crop[0]), max(media[1], crop[1])
    x1, y1 = min(media[2], crop[2]), min(media[3], crop[3])
    if x1 <= x0 or y1 <= y0:
        x0, y0, x1, y1 = media
    least, most = SIDE_POINTS
    if not all(least <= side <= most for side in (x1 - x0, y1 - y0)):
        raise Fault("broken")
    return x0, y0, x1, y1


def appearances(page: Any) -> Iterator[tuple[Any, Matrix]]:
    """What the notes and fields of a page look like, with the matrix that puts each in its place
    (ISO 32000-2, 12.5.5)."""
    for note in page.get("/Annots") or ():
        note = note.get_object()
        if note.get("/Subtype") in NOT_DRAWN or int(note.get("/F", 0)) & HIDDEN:
            continue
        look = note.get("/AP", {}).get("/N")
        if look is not None and "/BBox" not in look:  # one look for each state
            look = look.get(note.get("/AS", "/Off"))
        if look is None or "/BBox" not in look or "/Rect" not in note:
            if look is None and (note.get("/Subtype") == "/FreeText" or "/V" in note):
                raise Fault("hidden")  # words that each program draws as it likes
            continue
        corners = list(moved(look))
        left, low = (min(one[axis] for one in corners) for axis in (0, 1))
        wide, high = (max(one[axis] for one in corners) - (left, low)[axis] for axis in (0, 1))
        x0, y0, x1, y1 = upright(floats(note["/Rect"]))
        if wide and high:
            across, up = (x1 - x0) / wide, (y1 - y0) / high
            yield look.indirect_reference, (across, 0, 0, up, x0 - left * across, y0 - low * up)


def moved(look: Any) -> Iterator[tuple[float, float]]:
    """The corners of a form's box as its own matrix moves them."""
    a, b, c, d, e, f = floats(look["/Matrix"]) if "/Matrix" in look else (1, 0, 0, 1, 0, 0)
    x0, y0, x1, y1 = floats(look["/BBox"])
    for x, y in ((x0, y0), (x1, y0), (x0, y1), (x1, y1)):
        yield a * x + c * y + e, b * x + d * y + f


def placed(page: Any) -> tuple[str, Matrix, tuple[float, float]]:
    """The sheet for a page, the matrix that puts it there, and the size of the sheet in points.

    It keeps its orientation and is never enlarged; what is smaller stands in the middle.
    """
    x0, y0, x1, y1 = box_of(page)
    turned: Matrix
    match int(page.get("/Rotate", 0)) % 360:
        case 90:
            turned = (0, -1, 1, 0, -y0, x1)
        case 180:
            turned = (-1, 0, 0, -1, x1, y1)
        case 270:
            turned = (0, 1, -1, 0, y1, -x0)
        case _:
            turned = (1, 0, 0, 1, -x0, -y0)
    wide, high = (y1 - y0, x1 - x0) if turned[0] == 0 else (x1 - x0, y1 - y0)
    unit = float(page.get("/UserUnit", 1))
    for kind, sides in SHEETS.items():
        across, up, strip = (side * POINTS_PER_MM for side in sides)
        if wide > high:
            kind, across, up = f"{kind}-landscape", up, across
        scale = min(unit, across / wide, (up - strip) / high)
        if scale >= LEAST_SCALE * unit:
            break
    right, above = (across - wide * scale) / 2, strip + (up - strip - high * scale) / 2
    a, b, c, d, e, f = (one * scale for one in turned)
    if not all(math.isfinite(one) for one in (a, b, c, d, e, f)):
        raise Fault("broken")
    return kind, (a, b, c, d, e + right, f + above), (across, up)


def hides_something(root: Any) -> bool:
    """Whether it has layers that are switched off, or a form that few programs draw."""
    layers = root.get("/OCProperties", {}).get("/D", {})
    off = layers.get("/OFF") or layers.get("/BaseState") == "/OFF"
    return bool(off or root.get("/NeedsRendering"))


def sheets(content: bytes) -> tuple[list[str], bytes]:
    """The kinds of the sheets and a PDF with each as a page. Raises Fault."""
    from pypdf import PdfReader, PdfWriter
    from pypdf.errors import LimitReachedError, PyPdfError

    try:
        reader, writer = PdfReader(io.BytesIO(content)), PdfWriter()
        if reader.is_encrypted:
            raise Fault("encrypted")
        if hides_something(reader.trailer["/Root"]):
            raise Fault("hidden")
        copier, kinds = Copier(writer), list[str]()
        for page in reader.pages:
            if len(kinds) == MAX_PAGES:
                raise Fault("pages")
            kind, matrix, (across, up) = placed(page)
            drawn = dictionary({"/XObject": dictionary({"/Page": copier.page(page)})})
            form = copier.form(b"/Page Do", box_of(page), drawn, matrix)
            kinds.append(kind)
            sheet = writer.add_blank_page(across, up)
            sheet[name("/Resources")] = dictionary({"/XObject": dictionary({"/Sheet": form})})
        made = io.BytesIO()
        writer.write(made)
    except LimitReachedError as error:
        raise Fault("bomb") from error
    except (
        PyPdfError,
        ArithmeticError,
        AttributeError,
        LookupError,
        TypeError,
        ValueError,
    ) as error:
        raise Fault("broken") from error
    if not kinds:
        raise Fault("broken")
    if made.tell() > TARGET_BYTES:
        raise Fault("bomb")
    return kinds, made.getvalue()


def limit() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (PROCESSOR_SECONDS, PROCESSOR_SECONDS + 1))
    resource.setrlimit(resource.RLIMIT_FSIZE, (TARGET_BYTES, TARGET_BYTES))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def main() -> None:
    limit()
    warnings.simplefilter("ignore")
    try:
        kinds, made = sheets(sys.stdin.buffer.read())
        Path(sys.argv[1]).write_bytes(made)
    except Fault as fault:
        answer: list[str] | str = str(fault)
    except (MemoryError, RecursionError):
        answer = "bomb"
    else:
        answer = kinds
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
