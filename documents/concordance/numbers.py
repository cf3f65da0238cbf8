"""Addresses, references, dates, marks of lists and numbers in a sentence of either language.

Each is taken out of the text once it is read, so that the digits of a date are no numbers again.
What is read has a key, equal in both languages where both say the same, and the words it stands in.
"""

import datetime as dt
import re
from collections.abc import Callable, Hashable, Iterable
from typing import NamedTuple

from documents.search.lemmas import lemmas, plain


class Token(NamedTuple):
    key: Hashable
    words: str


Keys = Iterable[Hashable]


def take(
    pattern: re.Pattern[str], text: str, read: Callable[[re.Match[str]], Keys]
) -> tuple[list[Token], str]:
    """What a pattern finds, and the text without it; what `read` gives no keys for, stays."""
    found: list[Token] = []

    def one(match: re.Match[str]) -> str:
        keys = list(read(match))
        found.extend(Token(key, match.group().strip()) for key in keys)
        return " " * len(match.group()) if keys else match.group()

    return found, pattern.sub(one, text)


# Pages and mailboxes; a page in /en/ and the same in /ru/ is one.

ADDRESS = re.compile(
    r"(?:https?://|www\.)[^\s<>«»“”\"]*[^\s<>«»“”\".,;:!?)]|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
)


def addresses(text: str) -> tuple[list[Token], str]:
    def read(match: re.Match[str]) -> Keys:
        yield re.sub(r"/(en|ru)(?=/|$)", "/*", match.group().lower())

    return take(ADDRESS, text, read)


# References, the same in all languages (rule T1), as in Almaty Process/03/01/2013 or MC.DOC/1/06.

REFERENCE = re.compile(r"(?<![\w/])(?:Almaty Process|[A-Z]+(?:\.[A-Z]+)*)(?:/\w+(?:\.\w+)*)+")


def references(text: str) -> tuple[list[Token], str]:
    def read(match: re.Match[str]) -> Keys:
        if re.search(r"\d", match.group()):
            yield match.group()

    return take(REFERENCE, text, read)


# Dates: a key is (day, month, year), None where a text does not tell it.

ENGLISH_MONTHS = "January February March April May June July August September October November"
MONTHS = {
    "en": [f"{one}|{one[:3]}\\.?" for one in f"{ENGLISH_MONTHS} December".split()],
    "ru": [
        *("январ(?:[ьяею]|ем)", "феврал(?:[ьяею]|ем)", "март(?:[аеу]|ом)?", "апрел(?:[ьяею]|ем)"),
        *("ма(?:[йяею]|ем)", "июн(?:[ьяею]|ем)", "июл(?:[ьяею]|ем)", "август(?:[аеу]|ом)?"),
        *("сентябр(?:[ьяею]|[её]м)", "октябр(?:[ьяею]|[её]м)"),
        *("ноябр(?:[ьяею]|[её]м)", "декабр(?:[ьяею]|[её]м)"),
    ],
}
YEAR = r"(?:1[89]|20|21)\d\d"
ORDINAL = {"en": r"(?:st|nd|rd|th)?", "ru": r"(?:-?(?:го|е|му|м))?"}
BETWEEN = {"en": r"\s*(?:[-–—]|\band\b|\bto\b)\s*", "ru": r"\s*(?:[-–—]|\bи\b|\bпо\b)\s*"}
NUMERIC = r"(?P<nd>\d{1,2})(?P<sep>[./])(?P<nm>\d{1,2})(?P=sep)(?P<ny>\d{4})"
ISO = r"(?P<iy>\d{4})-(?P<im>\d\d)-(?P<id>\d\d)"


def date_pattern(language: str) -> re.Pattern[str]:
    month = "|".join(f"(?P<%s{n}>{one})" for n, one in enumerate(MONTHS[language], start=1))
    day, between = r"\d{1,2}" + ORDINAL[language], BETWEEN[language]
    of = r"\s+(?:of\s+)?" if language == "en" else r"\s+"
    year = rf"(?:,?\s+(?P<%s>{YEAR})(?!\d))"
    forms = [
        rf"(?:(?P<a1>{day}){between})?(?P<a2>{day}){of}(?:{month.replace('%s', 'a_')})(?!\w)"
        + year.replace("%s", "ay")
        + "?",
        rf"(?:{month.replace('%s', 'c_')}){year.replace('%s', 'cy')}",
        NUMERIC,
        ISO,
    ]
    if language == "en":
        between_days = rf"(?P<b1>{day})(?:{between}(?P<b2>{day}))?"
        forms.insert(
            1, rf"(?:{month.replace('%s', 'b_')})\s+{between_days}(?!\d){year.replace('%s', 'by')}?"
        )
    ending = r"(?:\s*(?:году|года|год|г\.))?" if language == "ru" else ""
    return re.compile(rf"(?<![\w/.-])(?:{'|'.join(forms)})(?![\d/]){ending}")


DATE = {language: date_pattern(language) for language in MONTHS}


def dates(text: str, language: str) -> tuple[list[Token], str]:
    def read(match: re.Match[str]) -> Keys:
        found = {name: value for name, value in match.groupdict().items() if value}
        if "ny" in found or "iy" in found:
            names = ("nd", "nm", "ny") if "ny" in found else ("id", "im", "iy")
            day, month_of, year_of = (int(found[name]) for name in names)
            days: list[tuple[int | None, int, int | None]] = [(day, month_of, year_of)]
        else:
            form, month = next(name for name in found if "_" in name).split("_")
            year = int(found[f"{form}y"]) if f"{form}y" in found else None
            named = [found[name] for name in (f"{form}1", f"{form}2") if name in found] or [None]
            days = [
                (int(re.sub(r"\D", "", one)) if one else None, int(month), year) for one in named
            ]
        return days if all(exists(*day) for day in days) else []

    return take(DATE[language], text, read)


def exists(day: int | None, month: int, year: int | None) -> bool:
    """Whether the calendar has such a day; one without a year may be 29 February."""
    try:
        dt.date(year or 2000, month, day or 1)
    except ValueError:
        return False
    return True


# Marks of lists inside a paragraph: (a), (iv), а), «б»; Russian letters follow their alphabet.

MARK = re.compile(
    r"(?:^|(?<=[\s«“]))(?:\((?P<both>[a-zа-яё]|[ivx]{2,5})\)|(?P<one>[a-zа-яё]|[ivx]{2,5})\))"
    r"(?!\w)|[«“](?P<quoted>[a-zа-яё])[»”]"
)
CYRILLIC = "абвгдежзиклмн"


def list_marks(text: str) -> tuple[list[Token], str]:
    def read(match: re.Match[str]) -> Keys:
        before = text[: match.start()]
        if match["one"] and before.count("(") > before.count(")"):
            return  # the end of a parenthesis: (see annex b)
        mark = match["both"] or match["one"] or match["quoted"]
        if roman := roman_value(mark):
            yield ("list", roman)
        elif mark in CYRILLIC and mark != "с":
            yield ("list", CYRILLIC.index(mark) + 1)
        elif "a" <= mark <= "z":
            yield ("list", ord(mark) - 96)
        elif mark == "с":
            yield ("list", 3)  # the Russian letter typed for its Latin likeness

    return take(MARK, text, read)


# Numbers: a key is the number as plain digits, with a point before decimals.

GROUPS = {
    "en": r"\d{1,3}(?:[, \u00a0\u202f]\d{3})+(?!\d)(?:\.\d+)?",
    "ru": r"\d{1,3}(?:[ \u00a0\u202f]\d{3})+(?!\d)(?:,\d+)?|\d{1,3}(?:\.\d{3})+(?![\d.])",
}
NUMBER = {
    language: re.compile(rf"(?<!\d)(?:{groups}|\d+(?:[.,]\d+)*)")
    for language, groups in GROUPS.items()
}
TIME = re.compile(
    r"(?<![\d.,:])(?P<hour>\d{1,2})(?:[.:](?P<minute>\d\d))?\s*(?P<half>[ap])\.?\s?m\b\.?"
    r"|(?<![\d.,:])(?P<h>\d{1,2}):(?P<m>\d\d)(?![\d:])"
    r"|(?<![\d.,:])(?P<ch>\d{1,2})\s*(?:ч\.|час\w*)\s*(?P<cm>\d\d?)\s*мин\w*"
)
YEARS = re.compile(rf"(?<!\d)(?P<first>{YEAR})\s?[-–—/](?P<last>\d\d)(?!\d|\.\d)")
ROMAN = re.compile(r"(?<![\w-])(?P<value>[IVXІХ]{2,})(?!\w)|(?<=\d\.)(?P<sub>[ivx]+)(?!\w)")
LIKE_LATIN = str.maketrans("ІХ", "IX")
DIGITS = {"i": 1, "v": 5, "x": 10}


def roman_value(text: str) -> int | None:
    """The value of a Roman numeral up to 39; None where it is none."""
    text = text.lower()
    if not re.fullmatch(r"x{0,3}(ix|iv|v?i{0,3})", text) or not text:
        return None
    values = [DIGITS[one] for one in text]
    return sum(-one if one < max(values[place:]) else one for place, one in enumerate(values))


def numbers(text: str, language: str) -> tuple[list[Token], str]:
    def time(match: re.Match[str]) -> Keys:
        hour = int(match["hour"] or match["h"] or match["ch"])
        minute = match["minute"] or match["m"] or match["cm"] or "00"
        if match["half"]:
            hour = hour % 12 + (12 if match["half"] == "p" else 0)
        yield plain_number(f"{hour}.{minute}")

    def years(match: re.Match[str]) -> Keys:
        first, last = match["first"], match["first"][:2] + match["last"]
        return [first, last] if first < last else []

    def roman(match: re.Match[str]) -> Keys:
        value = roman_value((match["value"] or match["sub"]).translate(LIKE_LATIN))
        return [str(value)] if value else []

    def number(match: re.Match[str]) -> Keys:
        digits = match.group()
        if re.fullmatch(GROUPS[language], digits):
            decimal = "." if language == "en" else ","
            whole, _point, part = digits.partition(decimal)
            if language == "ru" and not part:
                whole = digits.replace(".", "")
            digits = re.sub(r"\D", "", whole) + (f".{part}" if part else "")
        yield plain_number(digits.replace(",", "."))

    found: list[Token] = []
    for pattern, read in ((TIME, time), (YEARS, years), (ROMAN, roman), (NUMBER[language], number)):
        more, text = take(pattern, text, read)
        found += more
    return found, text


def plain_number(digits: str) -> str:
    """Without the noughts that say nothing: 09.00 is 9."""
    digits = re.sub(r"\.00$", "", digits)
    return re.sub(r"^0+(?=\d)", "", digits)


# Numbers in words: they never make a finding where only one language is sure to be read.

ENGLISH_WORDS = {
    word: value
    for value, words in {
        **{1: "one first once", 2: "two second twice both", 3: "three third", 4: "four fourth"},
        **{5: "five fifth", 6: "six sixth", 7: "seven seventh", 8: "eight eighth"},
        **{9: "nine ninth", 10: "ten tenth", 11: "eleven eleventh", 12: "twelve twelfth"},
        **{13: "thirteen thirteenth", 14: "fourteen fourteenth", 15: "fifteen fifteenth"},
        **{16: "sixteen sixteenth", 17: "seventeen seventeenth", 18: "eighteen eighteenth"},
        **{19: "nineteen nineteenth", 20: "twenty twentieth", 30: "thirty thirtieth"},
        **{40: "forty fortieth", 50: "fifty fiftieth", 60: "sixty sixtieth", 70: "seventy"},
        **{80: "eighty", 90: "ninety", 100: "hundred hundredth", 1000: "thousand"},
    }.items()
    for word in words.split()
}
RUSSIAN_WORDS = {
    word: value
    for value, words in {
        **{1: "один первый", 2: "два второй двое оба", 3: "три третий трое"},
        **{4: "четыре четвертый четверо", 5: "пять пятый пятеро", 6: "шесть шестой"},
        **{7: "семь седьмой", 8: "восемь восьмой", 9: "девять девятый", 10: "десять десятый"},
        **{11: "одиннадцать одиннадцатый", 12: "двенадцать двенадцатый"},
        **{13: "тринадцать тринадцатый", 14: "четырнадцать четырнадцатый"},
        **{15: "пятнадцать пятнадцатый", 16: "шестнадцать шестнадцатый"},
        **{17: "семнадцать семнадцатый", 18: "восемнадцать восемнадцатый"},
        **{19: "девятнадцать девятнадцатый", 20: "двадцать двадцатый"},
        **{30: "тридцать тридцатый", 40: "сорок сороковой", 50: "пятьдесят пятидесятый"},
        **{60: "шестьдесят шестидесятый", 70: "семьдесят", 80: "восемьдесят"},
        **{90: "девяносто", 100: "сто сотый", 1000: "тысяча"},
    }.items()
    for word in words.split()
}
RUSSIAN_STEMS = re.compile(
    r"^(од[ин]|перв|дв[ау]|двое|двум|втор|об[аоеи]|тр[иеё]|чет|пят|шест|сем|сед|вос|дев|"
    r"дес|один|две|сор|ст|сот|тыс|тре|тро)"
)
LETTERS = re.compile(r"[^\W\d_]+")
# A list, an article or a moment of time has these too: no difference is claimed over them.
COMMON = {1, 2}


def number_words(text: str, language: str) -> list[Token]:
    """The numbers that stand in words, where a word can be nothing else."""
    found = []
    for word in LETTERS.findall(text):
        if language == "en":
            value = ENGLISH_WORDS.get(word.lower())
        else:
            known = plain(word)
            values = (
                {RUSSIAN_WORDS.get(one) for one in lemmas(word)}
                if RUSSIAN_STEMS.match(known)
                else {None}
            )
            value = values.pop() if len(values) == 1 else None
        if value is not None:
            found.append(Token(str(value), word))
    return found


def said_in_words(key: Hashable, text: str, language: str) -> bool:
    """Whether a text of the other language has a number in words (or as a single I, V, X)."""
    if not str(key).isdigit():
        return False
    value = int(str(key))
    said = {one.key for one in number_words(text, language)}
    wanted = {value} if value <= 20 or not value % 10 else {value // 10 * 10, value % 10}
    if {str(one) for one in wanted} <= said:
        return True
    single = {1: "I", 5: "V", 10: "X"}.get(value)
    return bool(single and re.search(rf"(?<!\w){single}(?!\w)", text.translate(LIKE_LATIN)))
