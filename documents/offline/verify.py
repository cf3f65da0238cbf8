#!/usr/bin/env python3
"""Check an evidence bundle of a silence procedure of the Almaty Process, without the portal.

    python verify.py                in the folder of the unpacked bundle
    python verify.py bundle.zip     or on the bundle itself

Python 3.9 or newer and nothing else: it opens no connection and writes nothing. It checks every
entry's hash and the chain of the procedure's entries; both texts and the PDF files against the
hashes in the entries; the record inside the certificate against the entries; and it works out the
outcome anew, from the deadline and from what was received before it. It ends with 0 where all of
this agrees, with 1 where something does not (the first wrong entry is named by its number), and
with 2 where there is nothing to check.

    entry_hash = sha256(previous_hash + canonical), in hexadecimal, both as UTF-8 text
    canonical  = JSON with sorted keys, no white space, letters as they are
"""

from __future__ import annotations

import datetime
import hashlib
import json
import re
import sys
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO, Any

Files = dict[str, bytes]
FIRST_HASH = "0" * 64
HASH = re.compile(r"^[0-9a-f]{64}$")
NAME = re.compile(r"^(heads/)?[A-Za-z0-9][A-Za-z0-9._-]{0,100}$")
# A bundle is small; what is larger is none, however little it is packed into.
MOST_FILES = 400
MOST_BYTES = 64 * 1024 * 1024
MOST_JSON = 4 * 1024 * 1024  # the record inside a certificate
LANGUAGES = ("en", "ru")
RECORD_FORMAT = "almaty-process/silence-record/2"
NEEDED = ("ledger.jsonl", "manifest.json", "record.json", "text-en.txt", "text-ru.txt")
# What reading a file that is not what it should be may raise.
MALFORMED = (ValueError, KeyError, TypeError, AttributeError, RecursionError)
FOR_SILENCE = {
    "formalised": "formalised",
    "lapses": "lapsed",
    "to_be_settled_by_chair": "to_be_settled_by_chair",
}
FOR_ANSWER = {"participates": "formalised", "declines": "declined"}
# By the version of the rules: the least hours of silence, and the least with the Chair's reason of
# urgency in both languages. A demonstration, which no State has taken part in, leaves a minute.
PERIODS = {"1": (72, 24), "2": (72, 24)}
DEMONSTRATION = datetime.timedelta(minutes=1)
NO_NOTE = "относится к вербальной ноте на бумаге, которая не ждала подтверждения"


class NoBundle(Exception):
    """It can't be read as a bundle; says why in English and in Russian."""

    def __init__(self, en: str, ru: str) -> None:
        super().__init__(en)
        self.en, self.ru = en, ru


class Fault:
    """What does not agree: the number of the entry (None: a file), in English and in Russian."""

    def __init__(self, number: int | None, en: str, ru: str) -> None:
        self.number, self.en, self.ru = number, en, ru

    def line(self, language: str) -> str:
        text = self.ru if language == "ru" else self.en
        if self.number is None:
            return text
        return "{} {}: {}".format("запись" if language == "ru" else "entry", self.number, text)


class Report:
    """What was checked, and what did not agree, the first wrong entry first."""

    def __init__(self) -> None:
        self.checked: list[tuple[str, str]] = []
        self.faults: list[Fault] = []
        self.told: Told | None = None

    def checks(self, en: str, ru: str) -> None:
        self.checked.append((en, ru))

    def fault(self, number: int | None, en: str, ru: str) -> None:
        """Put a fault down; number and words come from files that may hold anything."""
        told = number if isinstance(number, int) else None
        self.faults.append(Fault(told, printable(en), printable(ru)))

    def sort(self) -> None:
        self.faults.sort(key=lambda one: (one.number is None, one.number or 0))


def printable(text: str) -> str:
    """The text with what no terminal and no page can show written as an escape."""
    return text.encode("utf-8", "backslashreplace").decode()


def canonical(entry: dict[str, Any]) -> str:
    """The one way of writing an entry."""
    return json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def chained(previous_hash: str, text: str) -> str:
    """The hash of an entry whose canonical form is `text`."""
    return hashlib.sha256((previous_hash + text).encode()).hexdigest()


def sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


# Reading


def from_zip(file: Path | IO[bytes]) -> Files:
    """The files of a bundle by name, from a path or an open file; NoBundle where it is none.

    No more is unpacked than a bundle may hold, whatever the archive says of itself.
    """
    files: Files = {}
    left = MOST_BYTES
    try:
        with zipfile.ZipFile(file) as archive:
            members = archive.infolist()
            if len(members) > MOST_FILES:
                raise NoBundle("it holds too many files", "в нём слишком много файлов")
            for member in members:
                if member.is_dir():
                    continue
                if not NAME.match(member.filename) or member.filename in files:
                    raise NoBundle(
                        "it holds a file that no bundle has", "в нём есть файл, которого не бывает"
                    )
                with archive.open(member) as packed:
                    data = packed.read(left + 1)
                left -= len(data)
                if left < 0:
                    raise NoBundle("it is too large unpacked", "в распакованном виде он велик")
                files[member.filename] = data
    except (
        zipfile.BadZipFile,
        zipfile.LargeZipFile,
        zlib.error,
        EOFError,
        OSError,
        RuntimeError,
        ValueError,
        NotImplementedError,
    ) as error:
        raise NoBundle("it is no readable zip archive", "это не читаемый архив zip") from error
    return files


def from_folder(folder: Path) -> Files:
    """The files of an unpacked bundle by name; hidden ones and those of the system are left out."""
    files: Files = {}
    left = MOST_BYTES
    for path in sorted([*folder.glob("*"), *folder.glob("heads/*")]):
        name = path.relative_to(folder).as_posix()
        if not path.is_file() or path.is_symlink() or not NAME.match(name):
            continue
        left -= path.stat().st_size
        if left < 0 or len(files) >= MOST_FILES:
            raise NoBundle("the folder holds too much", "в папке слишком много")
        files[name] = path.read_bytes()
    return files


# The entries


class Line:
    """One line of ledger.jsonl: an entry with its hash and the hash before it."""

    def __init__(self, entry: dict[str, Any], previous_hash: str, entry_hash: str) -> None:
        self.entry, self.previous_hash, self.entry_hash = entry, previous_hash, entry_hash
        self.number: int = entry["number"]
        self.step: str = entry["step"]
        self.computed = chained(previous_hash, canonical(entry))


def lines_of(text: str, report: Report) -> list[Line]:
    """The lines that can be read; what cannot is a fault."""
    lines: list[Line] = []
    for at, row in enumerate(text.splitlines(), start=1):
        try:
            value = json.loads(row)
            line = Line(value["entry"], value["previous_hash"], value["entry_hash"])
            shaped = isinstance(line.number, int) and isinstance(line.step, str)
            shaped = shaped and bool(HASH.match(line.previous_hash) and HASH.match(line.entry_hash))
        except MALFORMED:
            shaped = False
        if not shaped:
            report.fault(
                None,
                f"ledger.jsonl, line {at}: it cannot be read as an entry",
                f"ledger.jsonl, строка {at}: запись не читается",
            )
            continue
        lines.append(line)
    return lines


def check_chain(lines: list[Line], report: Report) -> None:
    """Every entry's hash, and that the entries of the procedure follow one another."""
    before: Line | None = None
    for line in lines:
        entry = line.entry
        if line.computed != line.entry_hash:
            report.fault(
                line.number,
                "its hash differs from its content: it was changed",
                "хеш не соответствует содержанию: запись изменена",
            )
        expected = before.entry_hash if before else None
        if entry.get("previous_of_procedure") != expected:
            report.fault(
                line.number,
                "does not follow the entry before it: one of the two was changed, or one between "
                "them is missing",
                "не следует за предыдущей: одна из них изменена либо между ними недостаёт записи",
            )
        if before is not None:
            if line.number <= before.number or (
                line.number == before.number + 1 and line.previous_hash != before.entry_hash
            ):
                report.fault(line.number, "is out of its order", "стоит не на своём месте")
            if entry.get("procedure") != before.entry.get("procedure"):
                report.fault(line.number, "is of another procedure", "относится к другой процедуре")
        before = line
    report.checks(
        f"{len(lines)} ledger entries: the hash of each, and the chain of the procedure",
        f"записей реестра: {len(lines)}; хеш каждой и цепочка процедуры",
    )


def moment(text: Any) -> datetime.datetime:
    """The instant that an entry writes; ValueError or TypeError where it is none."""
    return datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")  # noqa: DTZ007 (both in UTC)


def faults_of_opening(entry: dict[str, Any]) -> Iterator[tuple[str, str]]:
    """Where an opening is dated otherwise than it was recorded, or leaves the States less time than
    the rules by which it was entered; in English and in Russian."""
    opened, recorded = entry.get("opened_at"), entry.get("recorded_at")
    try:
        period = moment(entry.get("deadline_at")) - moment(opened)
    except (TypeError, ValueError):
        yield (
            "does not say when it opens the procedure, and until when",
            "не указывает, когда открыта процедура и до какого времени",
        )
        return
    if opened != recorded:
        yield (
            f"is dated otherwise than it was recorded: opened at {opened}, recorded at {recorded}",
            f"датирована иначе, чем внесена: открыто {opened}, записано {recorded}",
        )
    rules = str(entry.get("rules"))
    if rules not in PERIODS:
        yield (
            f"follows rules {rules!r}, which this program does not know: take a later verify.py",
            f"следует правилам {rules!r}, неизвестным этой программе: возьмите более новую",
        )
        return
    urgency = entry.get("urgency") or {}
    urgent = all(str(urgency.get(language) or "").strip() for language in LANGUAGES)
    least = datetime.timedelta(hours=PERIODS[rules][urgent])
    if period < (DEMONSTRATION if entry.get("demonstration") else least):
        yield (
            f"leaves the States {period}, and the least is {least}",
            f"оставляет государствам {period}, а наименьший срок – {least}",
        )


class Told:
    """What the entries tell, in their order; what contradicts the rules of silence is a fault."""

    def __init__(self, lines: list[Line], report: Report) -> None:
        self.lines, self.report = lines, report
        self.opened: Line | None = None
        self.outcome: Line | None = None
        self.annulled: Line | None = None
        self.deadline = ""
        self.extensions: list[Line] = []
        self.corrections: list[Line] = []
        self.answers: list[Line] = []
        self.late: list[Line] = []
        self.confirmed: list[Line] = []
        # Notes Verbales on paper that wait, by their numbers; what a window means for each State.
        self.papers: dict[Any, Line] = {}
        self.by_state: dict[str, str] = {}
        self.settled: dict[str, Line] = {}
        self.applied: Line | None = None
        # What a window did for each State, until a later result takes it back.
        self.did: dict[str, list[Any]] = {}
        self.followed: Line | None = None
        for line in lines:
            self.read(line)
        if self.opened is None:
            self.fault(None, "no entry opens the procedure", "нет записи об открытии процедуры")
        self.check_end()

    def fault(self, line: Line | None, en: str, ru: str) -> None:
        self.report.fault(line.number if line else None, en, ru)

    def read(self, line: Line) -> None:
        entry, step = line.entry, line.step
        if step == "opened":
            if self.opened is not None:
                self.fault(line, "opens it a second time", "открывает процедуру во второй раз")
            self.opened, self.deadline = line, entry.get("deadline_at", "")
            for en, ru in faults_of_opening(entry):
                self.fault(line, en, ru)
        elif step == "extended":
            self.extend(line)
        elif step == "corrected":
            self.correct(line)
        elif step == "paper_entered":
            self.papers[entry.get("note")] = line
        elif step in ("paper_refused", "paper_lapsed"):
            if self.papers.pop(entry.get("note"), None) is None:
                self.fault(line, "is of a note on paper that did not wait", NO_NOTE)
        elif "answer" in entry:
            if step == "paper_confirmed":
                self.confirm(line)
            self.answer(line)
        elif step == "annulled":
            self.annul(line)
        elif step in ("settled", "result_corrected"):
            self.settle(line)
        elif step == "effects_applied":
            self.apply(line)
        elif step == "brackets_fell":
            if self.outcome is None:
                self.fault(
                    line,
                    "lets brackets fall in a text under silence",
                    "снимает скобки в тексте, который находится в процедуре умолчания",
                )
        elif "follow_up" in entry:
            if self.followed is not None or self.result() not in (
                "broken",
                "withdrawn",
                "annulled",
            ):
                self.fault(
                    line,
                    "follows up a text that was adopted or followed up already",
                    "решает судьбу текста, который уже принят или о котором уже решено",
                )
            self.followed = line
        elif step.startswith("outcome_") or step == "withdrawn":
            self.end(line)

    def confirm(self, line: Line) -> None:
        """What came on paper counts when a second person has confirmed, in time, what the first
        one had entered."""
        entry = line.entry
        if entry.get("entered_by") == entry.get("by"):
            self.fault(
                line,
                "is confirmed by the person who entered it",
                "подтверждена тем же лицом, которое её внесло",
            )
        entered = self.papers.pop(entry.get("note"), None)
        if entered is None:
            self.fault(line, "confirms a note on paper that did not wait", NO_NOTE)
        else:
            first = entered.entry
            same = ("state", "note_sha256")
            if (
                any(first.get(name) != entry.get(name) for name in same)
                or first.get("paper") != entry["answer"]
                or first.get("paper_received_at") != entry.get("received_at")
                or first.get("by") != entry.get("entered_by")
            ):
                self.fault(
                    line,
                    f"confirms something else than entry {entered.number} entered",
                    f"подтверждает не то, что внесено записью {entered.number}",
                )
            if entry.get("recorded_at", "") >= first.get("confirm_before", ""):
                self.fault(
                    line,
                    f"came after the time to confirm, {first.get('confirm_before')}",
                    f"сделана после истечения времени на подтверждение, "
                    f"{first.get('confirm_before')}",
                )
        self.confirmed.append(line)

    def correct(self, line: Line) -> None:
        """A technical correction is made while the text is under silence."""
        if self.outcome is not None or line.entry.get("recorded_at", "") >= self.deadline:
            self.fault(
                line,
                "corrects a text that was no longer under silence",
                "исправляет текст, который уже не был в процедуре умолчания",
            )
        self.corrections.append(line)

    def extend(self, line: Line) -> None:
        until = line.entry.get("deadline_at", "")
        if self.outcome is not None or line.entry.get("recorded_at", "") >= self.deadline:
            self.fault(
                line,
                "extends a deadline that had passed already",
                "продлевает срок, который уже истёк",
            )
        if until <= self.deadline:
            self.fault(line, "shortens the deadline", "сокращает срок")
        self.extensions.append(line)
        self.deadline = until

    def answer(self, line: Line) -> None:
        entry = line.entry
        received = entry.get("received_at", "")
        late = received >= self.deadline and entry["answer"] != "withdrawal"
        if self.opened is None or entry.get("state") not in self.opened.entry.get("entitled", []):
            self.fault(
                line, "is of a State that was not entitled", "от государства, не имевшего права"
            )
        if bool(entry.get("late")) != late:
            self.fault(
                line,
                f"is judged wrongly: received at {received}, the deadline was {self.deadline}",
                f"оценена неверно: получено {received}, срок был {self.deadline}",
            )
        opened = self.opened.entry.get("opened_at", "") if self.opened else ""
        if received < opened:
            self.fault(line, "came before the opening", "поступила до начала процедуры")
        if line.step != "paper_confirmed":
            if entry.get("recorded_at") != received:
                self.fault(
                    line,
                    f"is dated back: recorded at {entry.get('recorded_at')}, received at "
                    f"{received}",
                    f"датирована задним числом: записано {entry.get('recorded_at')}, "
                    f"получено {received}",
                )
            ended = self.outcome.entry.get("result") if self.outcome else None
            after_end = entry["answer"] == "withdrawal" or (
                ended == "broken" and entry["answer"] == "objection"
            )
            if self.outcome is not None and not late and not after_end:
                self.fault(line, "came after the outcome", "поступила после итога")
        (self.late if late else self.answers).append(line)

    def of(self, kind: str) -> list[Line]:
        """The timely answers of a kind."""
        return [one for one in self.answers if one.entry["answer"] == kind]

    def objections(self) -> list[Line]:
        """The timely objections by the moment of receipt."""
        return sorted(self.of("objection"), key=lambda one: (one.entry["received_at"], one.number))

    def end(self, line: Line) -> None:
        if self.outcome is not None:
            self.fault(line, "is a second outcome", "второй итог одной процедуры")
            return
        self.outcome = line
        expected = self.expected(line)
        for name, value in expected.items():
            if (line.entry.get(name) or None) != (value or None):
                self.fault(
                    line,
                    f"the outcome does not follow: “{name}” is {line.entry.get(name)!r}, and "
                    f"deadline and answers give {value!r}",
                    f"итог не следует из срока и ответов: «{name}» – {line.entry.get(name)!r}, "
                    f"а должно быть {value!r}",
                )

    def expected(self, line: Line) -> dict[str, Any]:
        """The outcome that deadline and answers give."""
        kind = self.opened.entry.get("kind") if self.opened else "adoption"
        objections = self.objections()
        recorded = line.entry.get("recorded_at", "")
        if line.step == "withdrawn":
            if objections or line.entry.get("effective_at", "") >= self.deadline:
                self.fault(
                    line,
                    "withdraws a text that was no longer under silence",
                    "отзывает текст, который уже не был в процедуре умолчания",
                )
            return {"result": "withdrawn"}
        if kind == "adoption" and objections:
            first = objections[0].entry
            return {
                "result": "broken",
                "effective_at": first["received_at"],
                "broken_by": first["state"],
            }
        if recorded < self.deadline:
            self.fault(line, "ends it before the deadline", "завершает её до истечения срока")
        result = {"effective_at": self.deadline, "broken_by": None}
        if kind == "adoption":
            return {"result": "adopted", **result}
        self.by_state = self.window_results()
        return {"result": "window_closed", "by_state": dict(self.by_state), **result}

    def window_results(self) -> dict[str, str]:
        """What a participation window ended with for each State."""
        asked = self.opened.entry if self.opened else {}
        means = asked.get("silence_means", "")
        silent = FOR_SILENCE.get(means, means)
        results = dict.fromkeys(asked.get("entitled", []), silent)
        for one in self.answers:
            if one.entry["answer"] in FOR_ANSWER:
                results[one.entry["state"]] = FOR_ANSWER[one.entry["answer"]]
        return results

    def annul(self, line: Line) -> None:
        state = line.entry.get("objection")
        after = self.outcome.number if self.outcome else 0
        objected = [
            one for one in self.objections() if one.entry["state"] == state and one.number > after
        ]
        confirmed = [one for one in self.confirmed if one.entry.get("state", state) == state]
        adopted = self.outcome is not None and self.outcome.entry.get("result") == "adopted"
        if self.annulled is not None or not (adopted and objected and confirmed):
            self.fault(
                line,
                "annuls an adoption without a confirmed Note Verbale that came in time",
                "аннулирует принятие без подтверждённой вербальной ноты, пришедшей в срок",
            )
        applied = self.applied.entry if self.applied else {}
        changes = applied.get("changes") or []
        undone = [*line.entry.get("undone", []), *line.entry.get("not_undone", [])]
        issued = applied.get("edition_issued")
        if any(one not in changes for one in undone) or (
            issued and issued not in line.entry.get("editions_annulled", [])
        ):
            self.fault(
                line,
                "takes back something else than the adoption had done",
                "отменяет не то, что было сделано вследствие принятия",
            )
        self.annulled = line

    def apply(self, line: Line) -> None:
        """What follows from an outcome is applied once."""
        ended = self.outcome.entry.get("result") if self.outcome else None
        if self.applied or self.annulled or ended not in ("adopted", "window_closed"):
            self.fault(
                line,
                "applies what follows from no outcome, or applies it again",
                "применяет последствия, для которых нет итога, или применяет их повторно",
            )
        self.applied = line
        changes = line.entry.get("changes")
        self.did = dict(changes) if isinstance(changes, dict) else {}

    def settle(self, line: Line) -> None:
        """Another result for a State after its window had closed: the Chair's settlement of what
        silence had left open, or an answer on paper that had come in time."""
        entry = line.entry
        state, before, after = (
            entry.get(name) for name in ("state", "state_result_before", "state_result")
        )
        held = self.by_state.get(str(state))
        if held is None:
            self.fault(
                line,
                "gives a result to a State for which no window has closed",
                "даёт результат государству, для которого окно участия не закрывалось",
            )
            return
        if before != held:
            self.fault(
                line,
                f"does not fit what came before: it replaces {before!r}, and {held!r} held",
                f"не согласуется с предыдущим: заменяет {before!r}, а действовало {held!r}",
            )
        if self.applied is None or set(entry.get("changes") or {}) - {state}:
            self.fault(
                line,
                "changes what is not its State's, or before the window was applied",
                "меняет не относящееся к её государству либо внесена до применения итога окна",
            )
        back = [*(entry.get("undone") or []), *(entry.get("not_undone") or [])]
        if any(one not in self.did.get(str(state), []) for one in back):
            self.fault(
                line,
                f"takes back something else than had been done for {state}",
                f"отменяет не то, что было сделано для {state}",
            )
        self.did.update(entry.get("changes") or {})
        if line.step == "settled":
            founded = held == "to_be_settled_by_chair" and after in ("formalised", "declined")
            reason = entry.get("reason") or {}
            if not (founded and reason.get("en") and reason.get("ru")):
                self.fault(
                    line,
                    f"settles {state} as {after!r} without the Chair's decision, or where nothing "
                    "was left for the Chair to settle",
                    f"решает вопрос о {state} как {after!r} без решения Председателя либо там, "
                    "где ему нечего было решать",
                )
        else:
            notes = [one for one in self.unused_notes() if one.entry["state"] == state]
            if not notes or FOR_ANSWER[notes[0].entry["answer"]] != after:
                self.fault(
                    line,
                    f"gives {state} the result {after!r}, and no confirmed Note Verbale that came "
                    "in time says so",
                    f"даёт {state} результат {after!r}, а подтверждённой вербальной ноты о том, "
                    "пришедшей в срок, нет",
                )
        self.by_state[str(state)] = str(after)
        self.settled[str(state)] = line

    def unused_notes(self) -> list[Line]:
        """Answers on paper, confirmed after a window had closed, whose result is not told yet."""
        if self.outcome is None or self.outcome.entry.get("result") != "window_closed":
            return []
        after = self.outcome.number
        return [
            one
            for one in self.confirmed
            if one.number > after
            and one.entry["answer"] in FOR_ANSWER
            and not self.told_since(one, "result_corrected")
        ]

    def told_since(self, note: Line, step: str) -> bool:
        last = self.settled.get(note.entry["state"])
        return last is not None and last.step == step and last.number > note.number

    def check_end(self) -> None:
        """A timely objection that came on paper after the outcome annuls an adoption, and a timely
        answer gives its State another result."""
        for note in self.unused_notes():
            self.fault(
                note,
                f"answered in time, and the result for {note.entry['state']} is not corrected",
                f"ответ поступил в срок, а результат для {note.entry['state']} не исправлен",
            )
        if self.outcome is None or self.outcome.entry.get("result") != "adopted":
            return
        late = [one for one in self.objections() if one.number > self.outcome.number]
        if late and self.annulled is None:
            self.fault(
                late[0],
                "broke silence in time, and the adoption is not annulled",
                "нарушила умолчание в срок, а принятие не аннулировано",
            )

    def result(self) -> str:
        """The result that stands."""
        if self.annulled is not None:
            return "annulled"
        return self.outcome.entry.get("result", "") if self.outcome is not None else ""


# The files


def check_texts(files: Files, told: Told, report: Report) -> None:
    """Both texts, and those of each technical correction, by the hashes in their entries."""
    put = [(told.opened, "")] if told.opened else []
    put += [(one, f"-corrected-{at}") for at, one in enumerate(told.corrections, start=1)]
    for line, suffix in put:
        hashes = line.entry.get("text_sha256") or {}
        for language in LANGUAGES:
            name = f"text-{language}{suffix}.txt"
            if name not in files:
                report.fault(None, f"{name} is missing", f"нет файла {name}")
            elif sha256(files[name]) != hashes.get(language):
                report.fault(
                    None,
                    f"{name} is not the text of entry {line.number}: it was changed",
                    f"{name} – не тот текст, что в записи {line.number}: он изменён",
                )
    report.checks(
        "both texts, against the hashes in the entries",
        "оба текста – по хешам в записях реестра",
    )


def check_pdfs(files: Files, lines: list[Line], report: Report) -> None:
    """The PDF files of the texts, by the hashes that some entry tells."""
    for language in LANGUAGES:
        name = f"text-{language}.pdf"
        if name not in files:
            continue
        known = {(one.entry.get("pdf_sha256") or {}).get(language) for one in lines}
        if sha256(files[name]) not in known:
            report.fault(
                None,
                f"{name} has no entry with its hash: it was changed",
                f"{name}: такого хеша нет ни в одной записи, файл изменён",
            )
        report.checks(f"{name}, against the ledger", f"{name} – по реестру")


def check_certificate(files: Files, lines: list[Line], report: Report) -> None:
    """The certificate by its hash in the ledger, and the record inside it by the entries."""
    issued = [one for one in lines if one.step == "certificate_issued"]
    if "certificate.pdf" not in files:
        if issued:
            report.fault(issued[-1].number, "its certificate is missing", "нет её свидетельства")
        return
    data = files["certificate.pdf"]
    if not issued or sha256(data) != issued[-1].entry.get("certificate_sha256"):
        report.fault(
            issued[-1].number if issued else None,
            "certificate.pdf is not the certificate that was issued",
            "certificate.pdf – не выданное свидетельство",
        )
    certified = record_in(data)
    if certified is None:
        report.fault(
            None,
            "no record can be read in certificate.pdf",
            "в certificate.pdf не читается приложенная запись",
        )
        return
    ours = {one.number: one.entry_hash for one in lines}
    for one in certified:
        if ours.get(one["number"]) != one["entry_hash"]:
            report.fault(
                one["number"],
                "is another one than the certificate certifies: it was changed or removed",
                "не та, что удостоверена свидетельством: запись изменена или изъята",
            )
    report.checks(
        f"the certificate, and the {len(certified)} entries inside it",
        f"свидетельство и приложенные к нему записи: {len(certified)}",
    )


def record_in(pdf: bytes) -> list[dict[str, Any]] | None:
    """Number and hash of each entry of the record embedded in a certificate; None: not found."""
    at = -1
    for _attempt in range(20):
        at = pdf.find(b"/EmbeddedFile", at + 1)
        start = pdf.find(b"stream", at, at + 2000)
        if at < 0:
            break
        if start < 0:
            continue
        packed = pdf[start + len(b"stream") :].lstrip(b"\r\n")
        try:
            data = zlib.decompressobj().decompress(packed, MOST_JSON)
            entries = json.loads(data.decode("utf-8"))["entries"]
            return [
                {"number": one["entry"]["number"], "entry_hash": one["entry_hash"]}
                for one in entries
            ]
        except (zlib.error, *MALFORMED):
            continue
    return None


def check_record(files: Files, lines: list[Line], report: Report) -> None:
    """That record.json tells of the same entries, to the last one."""
    try:
        record = json.loads(files["record.json"].decode("utf-8"))
        told = [(one["entry"]["number"], one["entry_hash"]) for one in record["entries"]]
        check_facts(record, lines, report)
    except MALFORMED:
        report.fault(None, "record.json cannot be read", "record.json не читается")
        return
    have = [(one.number, one.entry_hash) for one in lines]
    if told != have:
        number = min((pair[0] for pair in set(told) ^ set(have)), default=None)
        report.fault(
            number,
            "ledger.jsonl and record.json differ: it was changed, added or removed",
            "ledger.jsonl и record.json расходятся: запись изменена, добавлена или изъята",
        )
    report.checks("record.json, against the entries", "record.json – по записям")


def facts_of(told: Told) -> dict[str, Any]:
    """What the entries of a procedure come to in short: all that record.json may say of them."""
    opened = told.opened.entry if told.opened else {}
    last = told.lines[-1]
    put = told.corrections[-1] if told.corrections else told.opened
    notes = {
        one.entry["note_sha256"]: one.entry.get("state")
        for one in told.lines
        if one.entry.get("note_sha256")
    }
    return {
        "rules": last.entry.get("rules"),
        "upto": last.number,
        "head": last.entry_hash,
        "procedure": last.entry.get("procedure"),
        "title": opened.get("title"),
        "demonstration": opened.get("demonstration"),
        "document": opened.get("document"),
        "edition": put.entry.get("edition") if put else None,
        "states": opened.get("entitled"),
        "deadline_at": told.deadline,
        "result": told.result(),
        "by_state": told.by_state,
        "notes": [{"state": state, "sha256": sha256} for sha256, state in notes.items()],
    }


def check_facts(record: dict[str, Any], lines: list[Line], report: Report) -> None:
    """What record.json says in short, against what follows from the entries that it holds."""
    upto = [one for one in lines if one.number <= record["upto"]]
    if not upto:
        return
    follows = {"format": RECORD_FORMAT, **facts_of(Told(upto, Report()))}
    for name in sorted((set(record) | set(follows)) - {"entries"}):
        if record.get(name) != follows.get(name):
            report.fault(
                None,
                f"record.json says something else as “{name}” than its entries",
                f"в record.json «{name}» расходится с его записями",
            )


def check_heads(files: Files, lines: list[Line], report: Report) -> None:
    """The heads of days: those of this procedure's own entries, and the time stamps."""
    if "heads.json" not in files:
        return
    try:
        heads = json.loads(files["heads.json"].decode("utf-8"))
        ours = {one.number: one.entry_hash for one in lines}
        for head in heads:
            if ours.get(head["number"], head["entry_hash"]) != head["entry_hash"]:
                report.fault(
                    head["number"],
                    f"differs from the head of {head['day']}",
                    f"расходится с итоговым хешем за {head['day']}",
                )
            token = files.get(f"heads/{head['day']}.tsr")
            if token is not None and (
                hashlib.sha256(head["entry_hash"].encode()).digest() not in token
            ):
                report.fault(
                    None,
                    f"the time stamp of {head['day']} is of another head",
                    f"метка времени за {head['day']} – от другого хеша",
                )
    except MALFORMED:
        report.fault(None, "heads.json cannot be read", "heads.json не читается")
        return
    report.checks(
        f"heads of days: {len(heads)} (compare them with those mailed to the Coordinators)",
        f"итоговые хеши дней: {len(heads)} (сверьте их с разосланными координаторам)",
    )


def check_manifest(files: Files, report: Report) -> None:
    """Every file by the list of files; verify.py itself too."""
    try:
        listed = json.loads(files["manifest.json"].decode("utf-8"))["files"]
        listed = {str(name): str(value) for name, value in listed.items()}
    except MALFORMED:
        report.fault(None, "manifest.json cannot be read", "manifest.json не читается")
        return
    for name in sorted(set(listed) | set(files) - {"manifest.json"}):
        if name not in files:
            report.fault(None, f"{name} is missing", f"нет файла {name}")
        elif name not in listed:
            report.checks(
                f"{name}: not of this bundle, left aside",
                f"{name}: не из этого пакета, не проверялся",
            )
        elif sha256(files[name]) != listed[name]:
            report.fault(
                None,
                f"{name} was changed: its hash differs from the manifest",
                f"{name} изменён: хеш расходится с перечнем manifest.json",
            )
    report.checks(f"{len(listed)} files, against the manifest", f"файлов по перечню: {len(listed)}")


def check(files: Files) -> Report:
    """All checks of a bundle's files; a Report. Raises NoBundle where they are none."""
    missing = [name for name in NEEDED if name not in files]
    if missing:
        raise NoBundle("it lacks " + ", ".join(missing), "в нём нет: " + ", ".join(missing))
    report = Report()
    try:
        ledger = files["ledger.jsonl"].decode("utf-8")
    except UnicodeDecodeError as error:
        raise NoBundle("its ledger is no text", "его реестр – не текст") from error
    lines = lines_of(ledger, report)
    check_chain(lines, report)
    told = guarded(report, Told, lines)
    if told is not None:
        report.told = told
        report.checks(
            "the outcome, worked out anew from the deadline and the answers",
            "итог, выведенный заново из срока и ответов",
        )
        guarded(report, check_texts, files, told)
    for one in (check_record, check_certificate, check_pdfs, check_heads):
        guarded(report, one, files, lines)
    check_manifest(files, report)
    report.sort()
    return report


def guarded(report: Report, one: Callable[..., Any], *given: Any) -> Any:
    """One check; what cannot even be read by it is a fault."""
    try:
        return one(*given, report)
    except MALFORMED:
        report.fault(
            None,
            "an entry or a file has not the form that it should have",
            "запись или файл имеет не тот вид, какой должен иметь",
        )
        return None


RESULTS = {
    "adopted": ("adopted by consensus under silence", "принято консенсусом по умолчанию"),
    "broken": ("silence broken, not adopted", "умолчание нарушено, не принято"),
    "window_closed": ("participation window closed", "окно участия закрыто"),
    "withdrawn": ("withdrawn by the Chair", "отозвано Председателем"),
    "annulled": ("adoption annulled, not adopted", "принятие аннулировано, текст не принят"),
    "": ("not recorded yet", "ещё не записан"),
}


FOR_STATE = {
    "formalised": ("participation formalised", "участие оформлено"),
    "declined": ("participation not formalised", "участие не оформлено"),
    "lapsed": ("the offer lapsed", "предложение утратило силу"),
    "to_be_settled_by_chair": ("to be settled by the Chair", "вопрос решает Председатель"),
}


def summary(report: Report, language: str) -> Iterator[str]:
    """The lines that tell what was checked and found."""
    russian = language == "ru"
    yield "Проверено:" if russian else "Checked:"
    for en, ru in report.checked:
        yield f"  – {ru if russian else en}"
    told = report.told
    if told is not None and told.opened is not None:
        titles = told.opened.entry.get("title")
        title = titles.get(language, "") if isinstance(titles, dict) else ""
        result = RESULTS.get(told.result(), (told.result(), told.result()))[russian]
        number = told.outcome.number if told.outcome is not None else told.opened.number
        yield "{}: {}".format("Процедура" if russian else "Procedure", title)
        if told.opened.entry.get("demonstration"):
            yield "Учебная процедура." if russian else "A demonstration: no State has taken part."
        yield "{}: {} ({} {})".format(
            "Итог" if russian else "Outcome", result, "запись" if russian else "entry", number
        )
        for state, value in sorted(told.by_state.items()):
            since = told.settled.get(state, told.outcome)
            yield "  {}: {} ({} {})".format(
                state,
                FOR_STATE.get(value, (value, value))[russian],
                "запись" if russian else "entry",
                since.number if since is not None else number,
            )
    for fault in report.faults:
        yield "{} – {}".format("НЕ СХОДИТСЯ" if russian else "WRONG", fault.line(language))
    if report.faults:
        yield "Пакет НЕ подтверждён." if russian else "The bundle does NOT verify."
    else:
        yield "Пакет подтверждён." if russian else "The bundle verifies."


def main(arguments: list[str]) -> int:
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(  # type: ignore[union-attr]
            encoding="utf-8", errors="backslashreplace"
        )
    place = Path(arguments[0]) if arguments else Path(__file__).resolve().parent
    try:
        report = check(from_folder(place) if place.is_dir() else from_zip(place))
    except (NoBundle, OSError) as error:
        en, ru = (error.en, error.ru) if isinstance(error, NoBundle) else (str(error), str(error))
        sys.stdout.write(f"This is no evidence bundle: {en}.\nЭто не пакет доказательств: {ru}.\n")
        return 2
    for language in LANGUAGES:
        sys.stdout.write("\n".join(summary(report, language)) + "\n\n")
    return 1 if report.faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
