"""What the check of concordance finds: a place where the two texts do not say the same."""

import hashlib
from dataclasses import asdict, dataclass
from typing import Any

from django.db import models
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class Kind(models.TextChoices):
    """What differs between the two languages of one paragraph."""

    MISSING = "missing", _("text")
    NUMBER = "number", _("numbers")
    DATE = "date", _("dates")
    REFERENCE = "reference", _("references")
    STATE = "state", _("names of States")
    MARKED_STATE = "marked_state", _("States marked in the text")
    BRACKET = "bracket", _("square brackets")
    FOOTNOTE = "footnote", _("footnote marks")
    LIST_MARKER = "list_marker", _("marks of lists")
    ADDRESS = "address", _("addresses of pages or mail")
    TERM = "term", _("terms of the glossary")
    FORBIDDEN = "forbidden_term", _("terms not to be used")
    UNRECORDED = "unrecorded", _("references to no document")


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference in one paragraph.

    `english` and `russian` are the words that stand in that language and not in the other; empty
    where it has nothing instead. A paragraph without a number is named by its position.
    """

    kind: str
    position: int
    number: str
    anchor: str
    english: str
    russian: str

    @property
    def label(self) -> str:
        """What differs, in the reader's language."""
        return str(Kind(self.kind).label)

    @property
    def place(self) -> str:
        """The paragraph, in the reader's language."""
        if self.number:
            return gettext("paragraph %(number)s") % {"number": self.number.rstrip(".")}
        return gettext("paragraph at place %(position)s") % {"position": self.position}

    @property
    def sentence(self) -> str:
        """The finding, in the reader's language."""
        if self.kind == Kind.FORBIDDEN:
            return gettext("%(place)s: the glossary says not to use “%(term)s”") % {
                "place": self.place[:1].upper() + self.place[1:],
                "term": self.english or self.russian,
            }
        if self.kind == Kind.UNRECORDED:
            return gettext(
                "%(place)s: no document on record bears the reference “%(reference)s”"
            ) % {
                "place": self.place[:1].upper() + self.place[1:],
                "reference": self.english or self.russian,
            }
        return gettext("%(place)s, %(what)s: English %(english)s, Russian %(russian)s") % {
            "place": self.place[:1].upper() + self.place[1:],
            "what": self.label,
            "english": quoted(self.english),
            "russian": quoted(self.russian),
        }

    @property
    def key(self) -> str:
        """What differs and where, without the position, which moves as the text is edited."""
        words = "\x1f".join([self.kind, self.anchor, self.english, self.russian])
        return hashlib.sha256(words.encode()).hexdigest()

    def as_dict(self) -> dict[str, Any]:
        """The finding as a record keeps it: `Finding(**record)` is the same again."""
        return asdict(self)


def quoted(words: str) -> str:
    return gettext("“%(words)s”") % {"words": words} if words else gettext("nothing there")
