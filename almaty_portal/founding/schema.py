"""What each data file may say: an unknown field, a missing one, a malformed mark is refused."""

import datetime as dt
from typing import Annotated, Any, Literal, Self

from django.utils.translation import gettext as _
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)

from almaty_portal.common.instants import Precision
from documents import markup
from documents.models import Document, Paragraph, SilenceProcedure, StateOutcome
from meetings.models import ListEntry, Meeting, Participant
from membership.models import Organization, Standing

Language = Literal["en", "ru"]
Filled = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Slug = Annotated[str, StringConstraints(pattern=r"^[a-z0-9]+(?:-[a-z0-9]+)*$")]
Code = Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")]

Anchor = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9.-]*$", max_length=30)]


def day(value: Any) -> Any:
    """A day is written as 2013-06-05 and in no other way."""
    if value is None or isinstance(value, dt.date):
        return value
    try:
        return dt.date.fromisoformat(str(value))
    except ValueError:
        raise ValueError(
            _("“%(value)s” is not a day of the calendar: write it as 2013-06-05.")
            % {"value": value}
        ) from None


def clock(value: Any) -> Any:
    """A time of day is written as 09:30."""
    if value is None or isinstance(value, dt.time):
        return value
    try:
        return dt.time.fromisoformat(str(value))
    except ValueError:
        raise ValueError(
            _("“%(value)s” is not a time of day: write it as 09:30.") % {"value": value}
        ) from None


def marked(text: str) -> str:
    """A text whose marks can be read."""
    try:
        markup.parse(text)
    except markup.MarkupError as error:
        raise ValueError(error.message) from error
    return text


Day = Annotated[dt.date, BeforeValidator(day)]
Clock = Annotated[dt.time, BeforeValidator(clock)]
Marked = Annotated[Filled, AfterValidator(marked)]


class Record(BaseModel):
    """An entry of a data file: it has the fields named here, and no others."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Words(Record):
    """Words in both languages; neither may be missing (rule T2)."""

    en: Filled
    ru: Filled


class Period(Record):
    """From a first day up to, not including, a last one; null where it is open or not known."""

    from_on: Day | None = Field(None, alias="from")
    until_on: Day | None = Field(None, alias="until")

    @model_validator(mode="after")
    def ends_after_it_starts(self) -> Self:
        if self.from_on and self.until_on and self.until_on <= self.from_on:
            raise ValueError(_("it ends before it starts: correct “from” or “until”."))
        return self


class NameRow(Period):
    short: Words
    formal: Words
    precision: Precision = Precision.DAY
    source: Words


class StateRow(Record):
    code: Code
    iso3: Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]
    slug: Slug
    time_zone: str = ""
    names: Annotated[list[NameRow], Field(min_length=1)]
    note: Words | None = None

    @field_validator("time_zone")
    @classmethod
    def known_zone(cls, value: str) -> str:
        from zoneinfo import available_timezones

        if value and value not in available_timezones():
            raise ValueError(
                _("“%(value)s” is not a time zone: write it as Asia/Almaty.") % {"value": value}
            )
        return value


class StandingRow(Period):
    state: Code
    kind: Standing.Kind
    from_precision: Precision = Precision.DAY
    until_precision: Precision = Precision.DAY
    known_as_of: Day | None = None
    basis: Words
    source: Words

    @model_validator(mode="after")
    def says_since_when(self) -> Self:
        if self.from_on is None and self.from_precision != Precision.UNKNOWN:
            raise ValueError(
                _("the first day is missing: write “from”, or “from_precision: unknown”.")
            )
        return self


class OrganizationRow(Record):
    slug: Slug
    kind: Organization.Kind
    acronym: str | None = None
    country: Code | None = None
    name: Words


class TopicRow(Record):
    slug: Slug
    position: Annotated[int, Field(ge=1)]
    name: Words
    meetings: list[Slug] = []


class TermWords(Record):
    """What a concept is called in one language: the agreed term, and others that may stand."""

    agreed: Filled
    admitted: list[Filled] = []
    forbidden: list[Filled] = []


class ConceptRow(Record):
    slug: Slug
    en: TermWords
    ru: TermWords
    definition: Words | None = None


class Glossary(Record):
    source: Words
    concepts: list[ConceptRow]


class MeetingRow(Record):
    slug: Slug
    type: Meeting.Type
    number: Annotated[int, Field(ge=1)] | None = None
    title: Words
    from_on: Day = Field(alias="from")
    until_on: Day = Field(alias="until")
    precision: Precision = Precision.DAY
    time_zone: str = "Asia/Almaty"
    city: Words | None = None
    country: Code | None = None
    host: Code | None = None
    venue: Words | None = None
    online: bool = False
    languages: list[Language] = []
    summary: Words | None = None
    source: Words

    @model_validator(mode="after")
    def ends_after_it_starts(self) -> Self:
        if self.until_on < self.from_on:
            raise ValueError(_("it ends before it starts: correct “from” or “until”."))
        return self


class AgendaRow(Record):
    on: Day | None = None
    from_at: Clock | None = Field(None, alias="from")
    until_at: Clock | None = Field(None, alias="until")
    title: Words
    details: Words | None = None
    format: Words | None = None
    moderator: Words | None = None
    room: Words | None = None
    speakers: list[Words] = []


class Agenda(Record):
    meeting: Slug
    items: list[AgendaRow]


class StateOrOrganization(Record):
    state: Code | None = None
    organization: Slug | None = None

    @model_validator(mode="after")
    def names_one(self) -> Self:
        if (self.state is None) == (self.organization is None):
            raise ValueError(_("write either “state” or “organization”, one of the two."))
        return self


class ListRow(StateOrOrganization):
    number: Annotated[int, Field(ge=1)]
    printed: Words
    note: Words | None = None


class GroupRow(Record):
    key: ListEntry.Group
    entries: list[ListRow]


class Participants(Record):
    meeting: Slug
    groups: list[GroupRow]


class PersonRow(StateOrOrganization):
    name: Words
    title: Words | None = None
    role: Participant.Role
    meeting: Slug
    source: Words


class ParagraphRow(Record):
    """A paragraph in both languages; the marks in both name the same States and footnotes."""

    role: Paragraph.Role
    level: Annotated[int, Field(ge=1, le=3)] | None = None
    number: Annotated[str, StringConstraints(max_length=12)] = ""
    anchor: Anchor | None = None
    explains_brackets: bool = False
    en: Marked
    ru: Marked

    @model_validator(mode="after")
    def marks_agree(self) -> Self:
        for what, read in (
            (_("States named"), markup.states),
            (_("States in brackets"), markup.bracketed_states),
            (_("footnote marks"), markup.footnotes),
        ):
            english, russian = sorted(read(self.en)), sorted(read(self.ru))
            if english != russian:
                raise ValueError(
                    _(
                        "the marks of both languages differ (%(what)s; English: %(english)s; "
                        "Russian: %(russian)s). Write the same marks in both."
                    )
                    % {
                        "what": what,
                        "english": ", ".join(english) or "–",
                        "russian": ", ".join(russian) or "–",
                    }
                )
        return self


class TextFile(Record):
    reference: Filled | None = None
    slug: Slug
    type: Document.Type
    title: Words
    issued_on: Day
    issued_precision: Precision = Precision.DAY
    meeting: Slug | None = None
    topics: list[Slug] = []
    original_language: Language = "en"
    source_note: Words
    annexes: list[Slug] = []
    peculiarities: list[Words] = []
    paragraphs: Annotated[list[ParagraphRow], Field(min_length=1)]


class DecisionRow(Record):
    slug: Slug
    title: Words
    taken_on: Day
    meeting: Slug
    document: Slug
    note: Words | None = None
    source: Words


class ChairRow(Period):
    state: Code
    from_on: Day = Field(alias="from")
    from_precision: Precision = Precision.DAY
    until_precision: Precision = Precision.DAY
    published: Words
    note: Words | None = None
    source: Words


class WindowStateRow(Record):
    state: Code
    outcome: StateOutcome.Result
    as_published: Words


class WindowRow(Record):
    """A participation window that ended before the portal (rule S16)."""

    slug: Slug
    kind: Literal["participation_window"]
    document: Slug
    title: Words
    opened_on: Day
    opened_precision: Precision = Precision.DAY
    deadline: AwareDatetime
    deadline_note: Words
    silence_means: SilenceProcedure.SilenceMeans
    states: Annotated[list[WindowStateRow], Field(min_length=1)]
    outcome: Words
    note: Words | None = None
    source: Words


class ReadingEditionRow(Record):
    """A clean text prepared beside the issued one, after brackets were settled (rule S12)."""

    document: Slug
    settlements: dict[Code, Literal["lifted", "struck"]]
    note: Words
