"""Typed reading of the environment: a missing or malformed value says how to set it."""

import os
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured

TRUE, FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}


def text(name: str, default: str | None = None, *, how: str = "") -> str:
    """The value of `name`, else `default`; without that, ImproperlyConfigured saying `how`."""
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if default is None:
        raise ImproperlyConfigured(f"{name} is not set. {how}".strip())
    return default


def optional(name: str, default: str) -> str:
    """The value of `name`, which may be empty; `default` where it is not set at all."""
    return os.environ.get(name, default).strip()


def flag(name: str, default: bool = False) -> bool:
    """A yes-or-no value: 1/true/yes/on or 0/false/no/off."""
    value = os.environ.get(name, "1" if default else "0").strip().lower()
    if value in TRUE or value in FALSE:
        return value in TRUE
    raise ImproperlyConfigured(f"{name} is {value!r}: write 1 for yes or 0 for no.")


def number(name: str, default: int) -> int:
    """A whole number."""
    value = os.environ.get(name, "").strip() or str(default)
    try:
        return int(value)
    except ValueError:
        raise ImproperlyConfigured(f"{name} is {value!r}: write a whole number.") from None


def words(name: str, default: str | None = None, *, how: str = "") -> list[str]:
    """A list written with commas."""
    return [word.strip() for word in text(name, default, how=how).split(",") if word.strip()]


def makes_references(pattern: str) -> bool:
    """Whether a pattern makes another reference for each number and each year (rule T1)."""
    try:
        made = {
            pattern.format(number=number, year=year) for number in (1, 2) for year in (2013, 2014)
        }
    except (LookupError, ValueError, AttributeError, TypeError):
        return False
    return len(made) == 4


def reference(name: str, default: str) -> str:
    """The pattern of references: with `{number}` and `{year}`, each of which makes another one."""
    value = text(name, default)
    if not makes_references(value):
        raise ImproperlyConfigured(
            f"{name} is {value!r}: write {{number}} and {{year}} into it, as in {default}."
        )
    return value


def database(name: str, *, how: str) -> dict:
    """Django's settings of the PostgreSQL database that the address in `name` names.

    A socket is written as `postgresql://user@/base?host=/folder`. Raises ImproperlyConfigured for
    another engine.
    """
    url = urlsplit(text(name, how=how))
    if url.scheme not in {"postgres", "postgresql"}:
        raise ImproperlyConfigured(
            f"{name} must begin with postgresql:// (the portal's rules live in PostgreSQL)."
        )
    query = {key: values[-1] for key, values in parse_qs(url.query).items()}
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": unquote(url.path.lstrip("/")),
        "USER": unquote(url.username or ""),
        "PASSWORD": unquote(url.password or ""),
        "HOST": query.pop("host", url.hostname or ""),
        "PORT": query.pop("port", str(url.port or "")),
        "OPTIONS": query,
    }


def broker(url: str) -> str:
    """The address of Redis or Valkey as Celery writes it: a socket is `redis+socket://`."""
    if not url.startswith("unix://"):
        return url
    parts = urlsplit(url)
    base = parse_qs(parts.query).get("db", ["0"])[-1]
    return f"redis+socket://{parts.path}?virtual_host={base}"


def files(name: str, folder: Path) -> dict:
    """Django's storage of the files that are kept, from `file:///srv/media` or
    `s3://bucket/prefix?endpoint=https://s3.example.org&region=eu-central-1`; else in `folder`.

    A key is written `s3://KEY:SECRET@bucket`, with %2F for a slash; without one the machine's own
    role is used. Nothing in it is public. Raises ImproperlyConfigured for another kind of address.
    """
    value = text(name, "")
    url = urlsplit(value or folder.resolve().as_uri())
    if url.scheme == "file" and url.path.startswith("/") and not url.netloc:
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": unquote(url.path)},
        }
    if url.scheme != "s3" or not url.hostname:
        raise ImproperlyConfigured(
            f"{name} is not an address of a storage: write file:///srv/portal/media or "
            "s3://KEY:SECRET@bucket/prefix?endpoint=https://s3.example.org&region=eu-central-1."
        )
    query = {key: values[-1] for key, values in parse_qs(url.query).items()}
    options = {
        "bucket_name": url.hostname,
        "location": unquote(url.path.strip("/")),
        "access_key": unquote(url.username or "") or None,
        "secret_key": unquote(url.password or "") or None,
        "endpoint_url": query.get("endpoint"),
        "region_name": query.get("region"),
        "default_acl": None,
        "querystring_auth": True,
        "file_overwrite": False,
    }
    return {"BACKEND": "almaty_portal.common.bucket.BucketStorage", "OPTIONS": options}


def scanner(name: str) -> str:
    """The address of a virus scanner, `tcp://host:3310` or `unix:///path`; empty without one."""
    value = optional(name, "")
    url = urlsplit(value)
    if value and not (
        (url.scheme == "tcp" and url.hostname) or (url.scheme == "unix" and url.path)
    ):
        raise ImproperlyConfigured(
            f"{name} is {value!r}: write tcp://clamd.example.org:3310 or unix:///run/clamd.sock."
        )
    return value


def mail(name: str, base: Path, *, default: str | None, how: str) -> dict:
    """Django's mail settings from `smtp://user:password@host:587?tls=1` or `file:folder`."""
    value = text(name, default, how=how)
    url = urlsplit(value)
    if url.scheme == "file":
        folder = base / (url.path or url.netloc)
        return {
            "EMAIL_BACKEND": "django.core.mail.backends.filebased.EmailBackend",
            "EMAIL_FILE_PATH": str(folder),
        }
    if url.scheme not in {"smtp", "smtps"} or not url.hostname:
        raise ImproperlyConfigured(f"{name} is not an address of a mail server. {how}")
    query = parse_qs(url.query)
    return {
        "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
        "EMAIL_HOST": url.hostname,
        "EMAIL_PORT": url.port or (465 if url.scheme == "smtps" else 587),
        "EMAIL_HOST_USER": unquote(url.username or ""),
        "EMAIL_HOST_PASSWORD": unquote(url.password or ""),
        "EMAIL_USE_SSL": url.scheme == "smtps",
        "EMAIL_USE_TLS": url.scheme == "smtp" and query.get("tls", ["1"])[-1] == "1",
        "EMAIL_TIMEOUT": 20,
    }
