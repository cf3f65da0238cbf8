"""Refuse untranslated, fuzzy or missing Russian strings: `make lint` runs it.

Every string that the sources mark must be in `locale/ru` and translated there; plural forms must
all be given; placeholders must be the same; `blocktranslate` must be trimmed. Arguments are passed
to `django-admin makemessages`, so that the same files are looked at as by `make messages`.
"""

# ruff: noqa: S603, T201 -- our own lists of words; what it prints is its purpose

import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

PROJECT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(PROJECT))

from almaty_portal import messages  # noqa: E402  (the project is no installed package)

CATALOGUE = Path("locale/ru/LC_MESSAGES/django.po")
NOT_SOURCES = {".git", ".venv", "var", "static", "node_modules", "founding_archive", "__pycache__"}
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|\{(\w*)\}")
UNTRIMMED = re.compile(r"{%\s*blocktrans(?:late)?\b(?![^%]*\btrimmed\b)[^%]*%}")
RUSSIAN_FORMS = 4  # Django's Russian catalogues have one, few, many, other


def placeholders(text: str) -> set[str]:
    """The names that are filled in at run time."""
    return {found[1] or found[2] for found in PLACEHOLDER.finditer(text)}


def faults_of(message: messages.Message, forms: int) -> list[str]:
    """What is wrong with one entry."""
    if message.fuzzy:
        return ["is marked fuzzy: check the translation and remove the mark"]
    if not message.is_translated:
        return ["is not translated"]
    if message.plural is not None and len(message.translations) != forms:
        return [f"has {len(message.translations)} plural forms, Russian has {forms}"]
    named = placeholders(message.text) | placeholders(message.plural or "")
    faults = []
    for translation in message.translations.values():
        used = placeholders(translation)
        # A plural form may leave out the number; nothing may appear that the source lacks.
        if used - named or (message.plural is None and used != named):
            faults.append(f"has placeholders {sorted(used)}, the source has {sorted(named)}")
    return faults


def collected(arguments: list[str]) -> set[str]:
    """The keys of the strings that the sources mark, collected in a copy of them."""
    with tempfile.TemporaryDirectory() as place:
        copy = Path(place) / "project"
        shutil.copytree(
            PROJECT, copy, ignore=lambda _folder, names: NOT_SOURCES & set(names), symlinks=True
        )
        (copy / CATALOGUE).unlink(missing_ok=True)
        (copy / CATALOGUE).parent.mkdir(parents=True, exist_ok=True)
        subprocess.run(
            [sys.executable, "-m", "django", "makemessages", "--verbosity", "0", *arguments],
            cwd=copy,
            check=True,
        )
        return {message.key for message in messages.read(copy / CATALOGUE) if message.text}


def main(arguments: list[str]) -> int:
    """Print each fault on a line of its own; the status is 1 when there is one."""
    faults = []
    for template in sorted(PROJECT.glob("**/templates/**/*.*")):
        if NOT_SOURCES & set(template.relative_to(PROJECT).parts):
            continue
        for found in UNTRIMMED.finditer(text := template.read_text(encoding="utf-8")):
            line = text.count("\n", 0, found.start()) + 1
            faults.append(f"{template.relative_to(PROJECT)}:{line}: blocktranslate without trimmed")
    if not (PROJECT / CATALOGUE).exists():
        faults.append(f"{CATALOGUE} is missing: make messages")
        entries = []
    else:
        entries = messages.read(PROJECT / CATALOGUE)
    header = next((message for message in entries if not message.text), None)
    found_forms = re.search(
        r"nplurals\s*=\s*(\d)", header.translations.get(0, "") if header else ""
    )
    forms = int(found_forms[1]) if found_forms else RUSSIAN_FORMS
    present = {message.key for message in entries if message.text}
    for message in entries:
        if message.text:
            faults += [
                f"{CATALOGUE}:{message.line}: {message.text[:60]!r} {fault}"
                for fault in faults_of(message, forms)
            ]
    if all(map(shutil.which, ("xgettext", "msgmerge", "msguniq"))):
        marked = collected(arguments)
        faults += [
            f"{CATALOGUE}: {key[:60]!r} is missing: make messages" for key in marked - present
        ]
        faults += [
            f"{CATALOGUE}: {key[:60]!r} is used nowhere: make messages" for key in present - marked
        ]
    else:
        print(
            "The catalogue is not compared with the sources: gettext is missing.", file=sys.stderr
        )
    print("\n".join(faults) or "Every string is translated.")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
