"""Reading a data file: what it says, and on which line it says it."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from django.core.exceptions import ValidationError
from django.db import DatabaseError, transaction
from django.utils.translation import gettext as _

from almaty_portal.common.errors import DomainError

Path_ = tuple[str | int, ...]
# What an entry is called in a sentence: the first of these that it has.
NAMES = ("number", "anchor", "code", "slug", "key", "state", "printed", "name")


class DataError(DomainError):
    """A data file says something that cannot be loaded; nothing of any file was stored."""


class PlainLoader(yaml.SafeLoader):
    """YAML where only numbers, true, false and null are not words.

    Without it the code of Norway (NO) is read as “false”, the key `on` as “true”, 10:15 as 615.
    """


PlainLoader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("bool", r"^(?:true|false)$", "tf"),
    ("int", r"^(?:0|[1-9][0-9]*)$", "0123456789"),
    ("null", r"^(?:~|null|)$", ["~", "n", ""]),
    ("merge", r"^<<$", "<"),
):
    PlainLoader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(pattern), list(first))


@dataclass
class DataFile:
    """One data file: its name as people know it, its content, the line of each part of it."""

    name: str
    content: Any = None
    lines: dict[Path_, int] = field(default_factory=dict)

    def at(self, *path: str | int) -> "Place":
        return Place(self, path)

    def line(self, path: Path_) -> int:
        """The line of a part of the file; of what holds it, where it is not there."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


@dataclass(frozen=True)
class Place:
    """A part of a data file, as in line 14, paragraph 3 (ii), field “ru”."""

    file: DataFile
    path: Path_ = ()

    def __truediv__(self, part: str | int) -> "Place":
        return Place(self.file, (*self.path, part))

    def error(self, what: str) -> DataError:
        return DataError(self.sentence(what))

    def sentence(self, what: str) -> str:
        return f"{self.file.name}, {', '.join(self.words())}: {what}"

    def words(self) -> Iterator[str]:
        yield _("line %(line)s") % {"line": self.file.line(self.path)}
        content, parent = self.file.content, ""
        for index, part in enumerate(self.path):
            content = step(content, part)
            if isinstance(part, int):
                name = entry_name(content)
                values = {"number": part + 1, "list": parent}
                if parent == "paragraphs":
                    words = _("paragraph %(number)s") % values
                elif parent:
                    words = _("entry %(number)s of “%(list)s”") % values
                else:
                    words = _("entry %(number)s") % values
                yield f"{words} ({name})" if name else words
            elif index == len(self.path) - 1:
                yield _("field “%(field)s”") % {"field": part}
            parent = str(part)

    @contextmanager
    def named(self) -> Iterator[None]:
        """What goes wrong inside is told with this place before it."""
        try:
            with transaction.atomic():
                yield
        except DataError:
            raise
        except DomainError as error:
            raise self.error(error.message) from error
        except ValidationError as error:
            raise self.error(" ".join(error.messages)) from error
        except DatabaseError as error:
            rule = getattr(getattr(error.__cause__, "diag", None), "constraint_name", None)
            raise self.error(
                _(
                    "the portal's rules do not allow this (%(rule)s): compare the entry with what "
                    "the portal has on record."
                )
                % {"rule": rule or str(error).splitlines()[0]}
            ) from error


def step(content: Any, part: str | int) -> Any:
    try:
        return content[part]
    except (KeyError, IndexError, TypeError):
        return None


def entry_name(content: Any) -> str:
    if isinstance(content, dict):
        for key in NAMES:
            value = content.get(key)
            if isinstance(value, str | int) and value != "":
                return str(value).strip("().")
    return ""


def read(directory: Path, name: str) -> DataFile:
    """Read a data file. Raises DataError where it is missing, or cannot be read as YAML."""
    file = DataFile(f"{directory.name}/{name}")
    try:
        text = (directory / name).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise DataError(
            _("%(file)s: the file is missing. Put it back, from the last version that had it.")
            % {"file": file.name}
        ) from None
    except UnicodeDecodeError:
        raise DataError(
            _("%(file)s: the file is not written in UTF-8. Save it in that encoding.")
            % {"file": file.name}
        ) from None
    try:
        loader = PlainLoader(text)
        node = loader.get_single_node()
        if node is not None:
            note_lines(file, node)
            file.content = loader.construct_document(node)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise DataError(
            _(
                "%(file)s, line %(line)s, column %(column)s: the file cannot be read from here. "
                "Look at this line and the one above it: the spaces at the beginning, the "
                "quotation marks that open and close, a colon inside words without quotation marks."
            )
            % {
                "file": file.name,
                "line": mark.line + 1 if mark else 1,
                "column": mark.column + 1 if mark else 1,
            }
        ) from error
    except yaml.YAMLError as error:
        raise DataError(
            _("%(file)s: the file has a sign that does not belong in a text. Take it out.")
            % {"file": file.name}
        ) from error
    return file


def note_lines(file: DataFile, node: yaml.Node, path: Path_ = ()) -> None:
    """Write down the line of each part; a field that stands twice is refused."""
    file.lines.setdefault(path, node.start_mark.line + 1)
    if isinstance(node, yaml.SequenceNode):
        for index, child in enumerate(node.value):
            note_lines(file, child, (*path, index))
    elif isinstance(node, yaml.MappingNode):
        for key, child in node.value:
            inner = (*path, str(key.value))
            if inner in file.lines:
                raise DataError(
                    _(
                        "%(file)s, line %(line)s: the field “%(field)s” stands twice in one "
                        "entry. Keep one of them."
                    )
                    % {
                        "file": file.name,
                        "line": key.start_mark.line + 1,
                        "field": key.value,
                    }
                )
            file.lines[inner] = key.start_mark.line + 1
            note_lines(file, child, inner)
