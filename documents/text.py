"""The text of an edition in one language: its canonical form, its hash, what is missing; and an
effect in words."""

import hashlib
import unicodedata

from django.utils.translation import gettext as _

from almaty_portal.common.instants import write_day
from documents.models import Edition, Effect, LanguageVersion, Paragraph


def canonical_text(edition: Edition, language: str) -> str:
    """The text that a hash fixes (rule S4): a line for each paragraph, in Unicode form C.

    A line is role, level of a heading, number and marked text, parted by tabs; white space inside
    the text is single spaces. Footnotes and brackets are in it, titles and dates are not.
    """
    lines = []
    for paragraph in edition.paragraphs.all():
        text = " ".join((getattr(paragraph, f"text_{language}") or "").split())
        level = str(paragraph.level) if paragraph.role == Paragraph.Role.HEADING else ""
        lines.append("\t".join([paragraph.role, level, paragraph.number, text]))
    return unicodedata.normalize("NFC", "\n".join(lines) + "\n")


def text_hash(edition: Edition, language: str) -> str:
    """SHA-256, in hexadecimal, of the canonical text in UTF-8."""
    return hashlib.sha256(canonical_text(edition, language).encode()).hexdigest()


def missing_paragraphs(edition: Edition, language: str) -> list[Paragraph]:
    """The paragraphs that have no text in a language."""
    return [one for one in edition.paragraphs.all() if not getattr(one, f"text_{language}")]


def standing_in(edition: Edition, language: str) -> str:
    """The standing of an edition's text in a language; `missing` where none is recorded."""
    for version in edition.language_versions.all():
        if version.language == language:
            return version.standing
    return LanguageVersion.Standing.MISSING


def effect_in_short(effect: Effect) -> str:
    """What an adoption does besides giving force to its text; once applied, from which day on, or
    that it could not be applied."""
    from_on, until_on = effect.days()
    parts = [str(effect.get_kind_display())]
    parts += [str(one) for one in (effect.state, effect.organization, effect.meeting) if one]
    if from_on:
        parts.append(_("from %(day)s") % {"day": write_day(from_on)})
    if until_on:
        parts.append(_("until %(day)s") % {"day": write_day(until_on)})
    if effect.is_left_over():
        parts.append(_("could not be applied"))
    return ", ".join(parts)


def paragraph_name(number: str, role: str) -> str:
    """A paragraph as a sentence or a label names it: by its number, or by its role without one."""
    if number:
        return _("Paragraph %(number)s") % {"number": number.rstrip(".")}
    return str(Paragraph.Role(role).label).capitalize()
