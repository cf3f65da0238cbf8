"""The requests of OAI-PMH 2.0: their arguments, the moments they name, the tokens that resume.

https://www.openarchives.org/OAI/openarchivesprotocol.html. Sentences are in English, as protocols
are.
"""

import datetime as dt
import re
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass

from django.core import signing

from documents.harvest.naming import NO_TEXT

TOKEN_SECONDS = 24 * 3600
LONGEST = 2000  # characters of one argument
SALT = "documents.oai"
DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
SECOND = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", re.ASCII)
SET_SPEC = re.compile(r"[A-Za-z0-9\-_.!~*'()]+(:[A-Za-z0-9\-_.!~*'()]+)*", re.ASCII)

PREFIX = "oai_dc"


@dataclass(frozen=True)
class Verb:
    """What arguments a request takes, and whether its answer may be resumed by a token."""

    required: frozenset[str] = frozenset()
    optional: frozenset[str] = frozenset()
    resumed: bool = False


LIST = Verb(frozenset({"metadataPrefix"}), frozenset({"from", "until", "set"}), resumed=True)
VERBS = {
    "Identify": Verb(),
    "ListMetadataFormats": Verb(optional=frozenset({"identifier"})),
    "ListSets": Verb(resumed=True),
    "GetRecord": Verb(frozenset({"identifier", "metadataPrefix"})),
    "ListIdentifiers": LIST,
    "ListRecords": LIST,
}


class OaiError(Exception):
    """An error of the protocol: its code, and a sentence."""

    def __init__(self, code: str, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code


@dataclass
class Selection:
    """What a list asks for, and where it goes on."""

    since: dt.datetime | None = None
    before: dt.datetime | None = None  # not included
    set: str = ""
    after: tuple[dt.datetime, int] | None = None  # moment and id of the last record given
    cursor: int = 0
    total: int | None = None

    def token(self, verb: str) -> str:
        """The token that resumes the list; signed, and good for 24 hours."""
        moments = [one and one.isoformat() for one in (self.since, self.before)]
        after = self.after and [self.after[0].isoformat(), self.after[1]]
        return signing.dumps(
            [verb, *moments, self.set, after, self.cursor, self.total], salt=SALT, compress=True
        )


def read_token(token: str, verb: str) -> Selection:
    """The selection of a token; badResumptionToken where it is forged, expired or another's."""
    try:
        signed_verb, since, before, of_set, after, cursor, total = signing.loads(
            token, salt=SALT, max_age=TOKEN_SECONDS
        )
    except signing.SignatureExpired as error:
        raise OaiError(
            "badResumptionToken",
            "The resumption token is older than 24 hours: begin the list anew.",
        ) from error
    except (signing.BadSignature, ValueError) as error:
        raise OaiError(
            "badResumptionToken", "The resumption token is not one of this repository."
        ) from error
    if signed_verb != verb:
        raise OaiError("badResumptionToken", f"The resumption token is one of {signed_verb}.")
    return Selection(
        since and dt.datetime.fromisoformat(since),
        before and dt.datetime.fromisoformat(before),
        of_set,
        after and (dt.datetime.fromisoformat(after[0]), after[1]),
        cursor,
        total,
    )


def read_arguments(sent: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """The arguments of a request, checked: badVerb, badArgument."""
    verbs = sent.get("verb", [])
    if len(verbs) != 1:
        raise OaiError("badVerb", "Name one verb, once: " + ", ".join(VERBS) + ".")
    if verbs[0] not in VERBS:
        raise OaiError("badVerb", "There is no such verb; there are " + ", ".join(VERBS) + ".")
    allowed = VERBS[verbs[0]]
    known = {"verb", *allowed.required, *allowed.optional}
    if allowed.resumed:
        known.add("resumptionToken")
    for name, values in sent.items():
        if name not in known:
            raise OaiError("badArgument", f"{verbs[0]} takes {listed(known - {'verb'})}.")
        if len(values) != 1:
            raise OaiError("badArgument", f"The argument {name} is given more than once.")
        if len(values[0]) > LONGEST or NO_TEXT.search(values[0]):
            raise OaiError("badArgument", f"The argument {name} is too long or is no text.")
    arguments = {name: values[0] for name, values in sent.items()}
    if "resumptionToken" in arguments:
        if len(arguments) > 2:
            raise OaiError("badArgument", "A resumption token goes with the verb alone.")
        return arguments
    if missing := allowed.required - set(arguments):
        raise OaiError("badArgument", f"{verbs[0]} needs {listed(missing)}.")
    return arguments


def listed(names: Set[str]) -> str:
    return ", ".join(sorted(names)) or "no arguments"


def read_selection(arguments: Mapping[str, str]) -> Selection:
    """What a list request selects. `from` and `until` are inclusive, UTC, of one granularity."""
    if token := arguments.get("resumptionToken"):
        return read_token(token, arguments["verb"])
    if "resumptionToken" in arguments:
        raise OaiError("badResumptionToken", "The resumption token is empty.")
    since, by_day = moment(arguments, "from")
    until, until_by_day = moment(arguments, "until")
    if since and until and by_day != until_by_day:
        raise OaiError("badArgument", "Give from and until in one granularity: days or seconds.")
    if since and until and since > until:
        raise OaiError("badArgument", "The argument from is later than until.")
    wanted = arguments.get("set", "")
    if "set" in arguments and not SET_SPEC.fullmatch(wanted):
        raise OaiError("badArgument", "The argument set is no set specification.")
    unit = dt.timedelta(days=1) if until_by_day else dt.timedelta(seconds=1)
    before = following(until, unit) if until else None
    return Selection(since, before, wanted)


def following(moment: dt.datetime, span: dt.timedelta) -> dt.datetime:
    try:
        return moment + span
    except OverflowError:
        return dt.datetime.max.replace(tzinfo=dt.UTC)


def moment(arguments: Mapping[str, str], name: str) -> tuple[dt.datetime | None, bool]:
    """The moment that an argument names, and whether it names a day."""
    text = arguments.get(name)
    if text is None:
        return None, False
    by_day = bool(DAY.fullmatch(text))
    if by_day or SECOND.fullmatch(text):
        try:
            return dt.datetime.fromisoformat(text[:19]).replace(tzinfo=dt.UTC), by_day
        except ValueError:
            pass
    raise OaiError("badArgument", f"Write {name} in UTC, as in 2026-11-25 or 2026-11-25T14:30:00Z.")
