"""Files that are stored in a transaction, and taken back where it fails (fault F11)."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from secrets import token_hex

from django.apps import apps
from django.core.files import File
from django.core.files.storage import default_storage
from django.db import InterfaceError, OperationalError, models

logger = logging.getLogger(__name__)

# The names stored in the present block, those of files half written among them.
_stored: ContextVar[list[str] | None] = ContextVar("stored", default=None)


def store(name: str, file: File) -> str:
    """Store a file under a name that begins with `name` and is nobody else's; gives that name.

    In a block of `taken_back_on_failure` it goes when the block fails. OSError where it cannot be
    written.
    """
    own = f"{name}-{token_hex(8)}"
    stored = _stored.get()
    if stored is not None:
        stored.append(own)
    return default_storage.save(own, file)


@contextmanager
def taken_back_on_failure() -> Iterator[None]:
    """Put it around a transaction: where that fails, the files stored in it are removed.

    A file stays where a row names it (what failed came after the commit), and where the connection
    broke: whether it was committed is not known then, and a file too many does less harm than a
    Note Verbale lost.
    """
    stored: list[str] = []
    token = _stored.set(stored)
    try:
        yield
    except (OperationalError, InterfaceError):
        raise
    except BaseException:
        for name in stored:
            take_back(name)
        raise
    finally:
        _stored.reset(token)


def take_back(name: str) -> None:
    try:
        if not is_named(name):
            default_storage.delete(name)
    except Exception:
        logger.exception("The file %s was stored for nothing and could not be removed", name)


def is_named(name: str) -> bool:
    """Whether any row of the database names a stored file."""
    return any(
        model._default_manager.filter(**{field.name: name}).exists()
        for model in apps.get_models()
        for field in model._meta.local_concrete_fields
        if isinstance(field, models.FileField)
    )
