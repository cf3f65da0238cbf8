"""The archive loaded once for a module, and copies of its data files to spoil."""

import shutil

import pytest
from django.db import transaction

from almaty_portal.founding.loader import DIRECTORY, load_founding_archive


@pytest.fixture(scope="module")
def loaded(django_db_setup, django_db_blocker):
    """The counts of a first load; it is undone after the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield load_founding_archive()
        transaction.set_rollback(True)


@pytest.fixture
def archive(loaded, db):
    """The loaded archive; what a test changes is undone after it."""
    return loaded


@pytest.fixture
def files(tmp_path):
    """A copy of the data files; `files(name, old, new)` changes one."""
    directory = tmp_path / "founding_archive"
    shutil.copytree(DIRECTORY, directory)

    def change(name: str, old: str, new: str):
        path = directory / name
        text = path.read_text(encoding="utf-8")
        assert old in text, f"{name} has no {old!r}"
        path.write_text(text.replace(old, new, 1), encoding="utf-8")
        return directory

    change.directory = directory
    return change
