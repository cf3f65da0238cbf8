"""The cast: the same people in every test."""

import fcntl
import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.account.internal.flows.login import record_authentication
from django.contrib.auth.models import AnonymousUser, Group
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, connection
from django.test import Client, RequestFactory
from django.utils import translation

from membership.models import Standing
from membership.permissions import SUPPORT_UNIT
from tests.factories.membership import (
    DesignationFactory,
    ObserverFactory,
    StandingFactory,
    StateFactory,
    UserFactory,
)
from tests.processes import replace_database

MEMBERS = [
    ("AF", "AFG", "Afghanistan", "Афганистан"),
    ("AZ", "AZE", "Azerbaijan", "Азербайджан"),
    ("KZ", "KAZ", "Kazakhstan", "Казахстан"),
    ("KG", "KGZ", "Kyrgyzstan", "Кыргызстан"),
    ("TJ", "TJK", "Tajikistan", "Таджикистан"),
]


@pytest.fixture(scope="session")
def migrated(tmp_path_factory) -> str:
    """The name of a database with every migration: made once, and copied by each process of pytest
    and each portal that tests start."""
    folder = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        folder = folder.parent  # the processes' own
    server, name = os.environ["DATABASE_URL"], "test_migrated"
    with (folder / "migrated").open("a+") as done:
        fcntl.flock(done, fcntl.LOCK_EX)
        if not os.fstat(done.fileno()).st_size:
            with psycopg.connect(server, autocommit=True) as maker:
                maker.execute(f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
                maker.execute(f"CREATE DATABASE {name}")
            subprocess.run(
                [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
                cwd=Path(__file__).parents[1],
                env={**os.environ, "DATABASE_URL": replace_database(server, name)},
                check=True,
            )
            done.write(name)
    return name


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix, migrated) -> None:
    """The database of the tests is a copy of `migrated`."""
    connection.settings_dict["TEST"]["TEMPLATE"] = migrated


@pytest.fixture(autouse=True)
def files_of_the_test(settings, tmp_path):
    """Uploaded and rendered files of a test are its own; static files need no manifest."""
    settings.MEDIA_ROOT = tmp_path / "media"
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    settings.STORAGES = {
        "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    }
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    settings.PAGES_KEPT_SECONDS = 0  # a test commits nothing, by which kept pages would be dropped
    settings.PROGRAM_REQUESTS_PER_MINUTE = 0  # tests ask more often than that
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    settings.POST_OFFICE = {
        **settings.POST_OFFICE,
        "BACKENDS": {"default": "django.core.mail.backends.locmem.EmailBackend"},
    }


@pytest.fixture(autouse=True)
def language_of_the_test(settings):
    """A test begins in the language of the settings, whatever a request of the one before left."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture
def members(db):
    """Five Member States, by code."""
    states = {}
    for code, iso3, english, russian in MEMBERS:
        states[code] = StateFactory(code=code, iso3=iso3, english=english, russian=russian)
        StandingFactory(state=states[code], kind=Standing.Kind.MEMBER)
    return states


@pytest.fixture
def kazakhstan(members):
    return members["KZ"]


@pytest.fixture
def azerbaijan(members):
    return members["AZ"]


@pytest.fixture
def iran(db):
    state = StateFactory(code="IR", iso3="IRN", english="Iran", russian="Иран")
    StandingFactory(state=state, kind=Standing.Kind.BRACKETS)
    return state


@pytest.fixture
def support_unit(db):
    user = UserFactory(email="support@example.org", is_staff=True, language="en")
    user.groups.add(Group.objects.get(name=SUPPORT_UNIT))
    return user


@pytest.fixture
def other_staff(db):
    user = UserFactory(email="support2@example.org", is_staff=True)
    user.groups.add(Group.objects.get(name=SUPPORT_UNIT))
    return user


@pytest.fixture
def coordinator(kazakhstan):
    """The National Coordinator of Kazakhstan."""
    user = UserFactory(email="kz@example.org", language="ru")
    DesignationFactory(state=kazakhstan, user=user)
    return user


@pytest.fixture
def other_coordinator(azerbaijan):
    """The National Coordinator of Azerbaijan."""
    user = UserFactory(email="az@example.org", language="en", time_zone="Asia/Baku")
    DesignationFactory(state=azerbaijan, user=user)
    return user


@pytest.fixture
def deputy(kazakhstan):
    """The Deputy National Coordinator of Kazakhstan."""
    user = UserFactory(email="kz-deputy@example.org")
    DesignationFactory(state=kazakhstan, user=user, role="deputy")
    return user


@pytest.fixture
def chair(db):
    """A representative of the Chair: no Coordinator, no staff."""
    return UserFactory(email="chair@example.org")


@pytest.fixture
def observer(db):
    """The focal point of an observer in force."""
    user = UserFactory(email="observer@example.org")
    ObserverFactory().focal_points.add(user)
    return user


@pytest.fixture
def anonymous():
    return AnonymousUser()


@pytest.fixture
def wsgi(db):
    """The portal as a server runs it, for clients that nobody here wrote; it reads what the test
    wrote and did not commit, so its requests leave the connection as it is."""
    signals = [request_started, request_finished]
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield get_wsgi_application()
    for signal in signals:
        signal.connect(close_old_connections)


def signed_in_client(user, ago: float = 0) -> Client:
    """A test client of a person who gave the password `ago` seconds before."""
    client = Client()
    client.force_login(user, backend="django.contrib.auth.backends.ModelBackend")
    request = RequestFactory().get("/")
    request.user, request.session = user, client.session
    record_authentication(request, user, "password")
    request.session[AUTHENTICATION_METHODS_SESSION_KEY][-1]["at"] -= ago
    request.session.save()
    return client


@pytest.fixture
def client_of():
    """A test client signed in as a person, `ago` seconds before; nobody for an anonymous one."""

    def signed_in(user, ago: float = 0) -> Client:
        return signed_in_client(user, ago) if user.is_authenticated else Client()

    return signed_in
