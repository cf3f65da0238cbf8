"""Settings of the portal: one file; what differs between installations comes from the environment.

`.env.example` lists every value. With DEMO=1 (what `make run` sets) the installation is a
demonstration; without it a missing secret, host name or mail server refuses to start, and
`checks.py` refuses what belongs to a demonstration.
"""

import datetime as dt
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.templatetags.static import static
from django.urls import reverse_lazy
from django.utils.translation import gettext_lazy as _

from almaty_portal import env

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("VAR_DIR", str(BASE_DIR / "var")))

# The demonstration: open accounts, mail in files, shortened periods of silence (rule S16).
DEMO = env.flag("DEMO")
DEBUG = env.flag("DEBUG")
PORT = env.number("PORT", 8000)

if DEBUG and not DEMO:
    raise ImproperlyConfigured("DEBUG=1 is refused outside a demonstration: unset DEBUG.")

SECRET_KEY = env.text(
    "SECRET_KEY",
    "demonstration-only-key-" + "0" * 40 if DEMO else None,
    how="Set it to 50 random characters and keep it secret: "
    "python -c 'import secrets; print(secrets.token_urlsafe(50))'.",
)
ALLOWED_HOSTS = env.words(
    "ALLOWED_HOSTS",
    "127.0.0.1,localhost,[::1],testserver" if DEMO else None,
    how="Set it to the host names of the portal, with commas: portal.example.org.",
)
PORTAL_URL = env.text(
    "PORTAL_URL",
    f"http://127.0.0.1:{PORT}" if DEMO else None,
    how="Set it to the public address of the portal, which its mails print: "
    "https://portal.example.org.",
).rstrip("/")
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS", "" if DEMO else PORTAL_URL)
globals().update(
    env.mail(
        "EMAIL_URL",
        BASE_DIR,
        default=f"file:{VAR_DIR / 'mail'}" if DEMO else None,
        how="Set it to the mail server that sends the notices: "
        "smtp://user:password@mail.example.org:587.",
    )
)
DEFAULT_FROM_EMAIL = env.text(
    "DEFAULT_FROM_EMAIL",
    "Almaty Process portal (demonstration) <portal@example.org>" if DEMO else None,
    how="Set it to the address that the notices come from.",
)
SERVER_EMAIL = DEFAULT_FROM_EMAIL

INSTALLED_APPS = [
    "modeltranslation",
    "unfold",
    "unfold.contrib.filters",
    "unfold.contrib.forms",
    "unfold.contrib.guardian",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "guardian",
    "pgtrigger",
    "post_office",
    "almaty_portal.common",
    "membership",
    "meetings",
    "documents",
    "chairmanship",
    "almaty_portal",
]

MIDDLEWARE = [
    "almaty_portal.common.kept.KeptPages",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "almaty_portal.common.middleware.PortalLocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "almaty_portal.common.middleware.PrivatePagesMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "membership.middleware.SecondFactorMiddleware",
    "documents.middleware.TombstoneMiddleware",
]

ROOT_URLCONF = "almaty_portal.urls"
WSGI_APPLICATION = "almaty_portal.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "almaty_portal.common.context.portal",
            ],
        },
    },
]

# Database, cache, queue

DATABASES = {
    "default": {
        **env.database(
            "DATABASE_URL",
            how="Set it to postgresql://user:password@host:5432/base, or start the portal with "
            "`make run`, which brings a database of its own.",
        ),
        "CONN_MAX_AGE": 60,
        "CONN_HEALTH_CHECKS": True,
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
REDIS_URL = env.text(
    "REDIS_URL",
    how="Set it to redis://host:6379/0, or start the portal with `make run`, which brings its own.",
)
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "portal",
    }
}

# Public pages are kept ready so long at most; any write drops them at once (`common.kept`).
PAGES_KEPT_SECONDS = 60

# How often an address may ask the JSON interface, and how often OAI-PMH; 0: as often as it likes.
PROGRAM_REQUESTS_PER_MINUTE = env.number("PROGRAM_REQUESTS_PER_MINUTE", 120)

CELERY_BROKER_URL = env.broker(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_TIME_LIMIT = 60
CELERY_TASK_SOFT_TIME_LIMIT = 50
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_TIMEZONE = "UTC"
# What may take minutes has a queue and a worker of its own (`almaty_portal.run jobs`), so that no
# PDF holds up the sweep of the deadlines, a mail or the heartbeat.
CELERY_TASK_DEFAULT_QUEUE = "celery"
LONG_JOBS = "long"
CELERY_TASK_ROUTES = {
    "documents.tasks.*": {"queue": LONG_JOBS},
    "documents.periodic.index_stale": {"queue": LONG_JOBS},
    "documents.periodic.issue_certificates": {"queue": LONG_JOBS},
    "documents.periodic.read_files": {"queue": LONG_JOBS},
    "documents.periodic.tell_searches": {"queue": LONG_JOBS},
}
# Static on purpose: nobody can switch the sweep off from an admin page. A run that waited too long
# is dropped, since the next one does the same work; by the worker's clock, so that those on which
# an outcome or a mail depends are kept longer than clocks may differ (fault F4).
SKEW_SECONDS = 2 * 3600


def every(seconds: int, task: str, *, kept: int | None = None) -> dict[str, Any]:
    """A task of beat's, and for how many seconds a run of it may wait for a worker."""
    return {"task": task, "schedule": seconds, "options": {"expires": kept or seconds}}


CELERY_BEAT_SCHEDULE = {
    "close-due-silence": every(30, "documents.periodic.close_due_silence", kept=SKEW_SECONDS),
    "remind": every(300, "documents.periodic.remind"),
    "send-notices": every(10, "almaty_portal.common.periodic.send_notices", kept=SKEW_SECONDS),
    "render-waiting": every(15, "documents.periodic.render_waiting"),
    "record-deliveries": every(60, "documents.periodic.record_deliveries"),
    "issue-certificates": every(60, "documents.periodic.issue_certificates"),
    "seal-heads": every(600, "documents.periodic.seal_heads"),
    "read-files": every(30, "documents.periodic.read_files"),
    "index-stale": every(60, "documents.periodic.index_stale"),
    "tell-searches": every(900, "documents.periodic.tell_searches", kept=SKEW_SECONDS),
    "remind-of-translations": every(
        3600, "documents.periodic.remind_of_translations", kept=SKEW_SECONDS
    ),
    "heartbeat": every(15, "almaty_portal.common.periodic.heartbeat"),
}
CELERY_BEAT_SCHEDULE_FILENAME = str(VAR_DIR / "celerybeat-schedule")

# The silence procedure (hours, seconds)

SILENCE_PERIOD_HOURS = 72  # UN practice, rule S5
SILENCE_URGENT_PERIOD_HOURS = 24  # only with the Chair's recorded reason of urgency, rule S5
SILENCE_LONGEST_DAYS = 2 * 366  # further away a deadline is a slip of the pen
# After the deadline the sweep waits longer than any request may last, so that an objection
# received in time but still on its way to be committed is counted (rule S11, fault F3).
REQUEST_TIMEOUT_SECONDS = 20
SILENCE_GRACE_SECONDS = REQUEST_TIMEOUT_SECONDS + 5
# A Note Verbale that came on paper in time may be entered so many days after the deadline, and is
# confirmed by a second person within so many hours of its entry (rule S13).
PAPER_NOTE_ENTRY_DAYS = 14
PAPER_NOTE_CONFIRM_HOURS = 72
# Before a deadline those who have not answered are reminded (hours).
SILENCE_REMINDER_HOURS = (72, 24, 3)
# Only in a demonstration may a period be shorter (rule S16); elsewhere `checks.py` refuses it.
SILENCE_DEMO_PERIOD_MINUTES = env.number("SILENCE_DEMO_PERIOD_MINUTES", 4 if DEMO else 0)

# A document's reference, assigned on adoption: number of the document, part, year (rule T1).
REFERENCE_PATTERN = env.reference("REFERENCE_PATTERN", "Almaty Process/{number:02d}/01/{year}")

# Evidence (rule S15): the key that signs certificates, the authority that stamps a day's head

SIGNING_KEY = env.text(
    "SIGNING_KEY", str(VAR_DIR / "signing" / "demonstration.p12") if DEMO else ""
)
SIGNING_PASSPHRASE = env.text("SIGNING_PASSPHRASE", "demonstration" if DEMO else "")
TIMESTAMP_URL = env.text("TIMESTAMP_URL", "")
TIMESTAMP_CA = env.text("TIMESTAMP_CA", "")
if TIMESTAMP_URL and not TIMESTAMP_CA:
    raise ImproperlyConfigured(
        "TIMESTAMP_URL is set without TIMESTAMP_CA: name the PEM file with the root certificates "
        "of the time-stamping authority, by which its tokens are verified."
    )
# The role that web server, worker and beat act as in the database; empty: as the one who logs in.
DATABASE_ROLE = env.optional("DATABASE_ROLE", "portal_app")

# Languages and time


def name_in_language(name: str, language: str) -> str:
    """What a form calls a field that has a column for each language."""
    from almaty_portal.common.languages import labelled  # which reads these settings

    return labelled(name, language)


LANGUAGE_CODE = "ru"
FORMAT_MODULE_PATH = ["almaty_portal.formats"]
LANGUAGES = [("en", "English"), ("ru", "Русский")]
MODELTRANSLATION_DEFAULT_LANGUAGE = "en"
MODELTRANSLATION_LANGUAGES = tuple(code for code, _name in LANGUAGES)
MODELTRANSLATION_BUILD_LOCALIZED_VERBOSE_NAME = name_in_language
MODELTRANSLATION_FALLBACK_LANGUAGES = ()  # a missing language is shown as missing, rule T2
LOCALE_PATHS = [BASE_DIR / "locale"]
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

# Files

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = VAR_DIR / "static"
MEDIA_ROOT = VAR_DIR / "media"
STORAGES = {
    "default": env.files("FILES_URL", MEDIA_ROOT),
    "staticfiles": {"BACKEND": "almaty_portal.common.storage.PortalStaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = DEBUG
FILE_UPLOAD_PERMISSIONS = 0o640
FILE_UPLOAD_HANDLERS = [
    "almaty_portal.common.uploads.BoundedUpload",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
UPLOAD_MAX_BYTES = 25 * 1024 * 1024  # of one file (fault F14)
CLAMD_URL = env.scanner("CLAMD_URL")  # empty: files are not scanned for viruses
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 20_000  # the editor of a text has some ten for each paragraph

# People

AUTH_USER_MODEL = "membership.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
    "guardian.backends.ObjectPermissionBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
ANONYMOUS_USER_NAME = None  # guardian: nobody is given rights through an anonymous account
LOGIN_URL = reverse_lazy("account_login")
LOGIN_REDIRECT_URL = reverse_lazy("portal_home")
LOGOUT_REDIRECT_URL = reverse_lazy("home")
ACCOUNT_ADAPTER = "membership.adapter.AccountAdapter"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"  # accounts are made by the Support Unit, which knows them
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
# How fresh a sign-in must be (seconds): to open the page of an objection, or of one's security; and
# to send that objection, which takes its time to write.
ACCOUNT_REAUTHENTICATION_TIMEOUT = 5 * 60
OBJECTION_SIGN_IN_SECONDS = 30 * 60
ACCOUNT_LOGOUT_ON_PASSWORD_CHANGE = True
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "Almaty Process"
# Staff and Coordinators sign in with a second factor; a demonstration may go without.
SECOND_FACTOR_REQUIRED = env.flag("SECOND_FACTOR_REQUIRED", default=not DEMO)

# Mail: notices are rows of the outbox first (post-office), sent by the worker

POST_OFFICE = {
    "BACKENDS": {"default": globals()["EMAIL_BACKEND"]},
    "DEFAULT_PRIORITY": "medium",
    "CELERY_ENABLED": False,  # the beat schedule sends; nothing is queued from inside a request
    "LOG_LEVEL": 2,  # each delivery and each failure is on record
    "MAX_RETRIES": 8,
    "RETRY_INTERVAL": dt.timedelta(minutes=1),
    # A batch is on record within the worker's time limit, however slow the mail server: a worker
    # killed in the middle of one would send its mails again (faults F6, F10).
    "BATCH_SIZE": 10,
    "BATCH_DELIVERY_TIMEOUT": 40,
    "MESSAGE_ID_ENABLED": True,
    "MESSAGE_ID_FQDN": PORTAL_URL.split("://")[-1].split(":")[0],
}

# Security

SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 12 * 3600
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
if not DEMO:
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SESSION_COOKIE_NAME = "__Host-session"
    CSRF_COOKIE_NAME = "__Host-csrf"
    SECURE_SSL_REDIRECT = True
    SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$"]
    SECURE_HSTS_SECONDS = 365 * 24 * 3600
    SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    SECURE_HSTS_PRELOAD = True
    if env.flag("BEHIND_PROXY", default=True):
        SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
        # The client's address is the last one in X-Forwarded-For, the one that our own proxy wrote;
        # without a proxy of ours the header is what anybody writes, and is ignored.
        ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXY_COUNT", 1)

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "script-src": [SELF],
        "style-src": [SELF],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
    },
}

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s: %(message)s"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {
        "fontTools": {"level": "WARNING"},
        "pymorphy3": {"level": "WARNING"},
        "weasyprint": {"level": "WARNING"},
        "django.request": {"level": "ERROR"},
    },
}

UNFOLD = {
    "SITE_TITLE": _("Support Unit — Almaty Process"),
    "SITE_HEADER": _("Almaty Process"),
    "SITE_SUBHEADER": _("Support Unit"),
    "SITE_SYMBOL": "landscape_2",
    "SITE_URL": "/",
    "SITE_FAVICONS": [
        {
            "rel": "icon",
            "type": "image/svg+xml",
            "href": lambda request: static("img/favicon.svg"),
        }
    ],
    "DASHBOARD_CALLBACK": "documents.admin.dashboard.dashboard",
    "SHOW_HISTORY": False,
    "SHOW_LANGUAGES": True,
    "COLORS": {
        "primary": {
            "50": "239 244 251",
            "100": "219 230 245",
            "200": "186 207 235",
            "300": "140 175 219",
            "400": "88 137 199",
            "500": "52 104 174",
            "600": "33 82 147",
            "700": "27 66 119",
            "800": "24 55 98",
            "900": "20 45 80",
            "950": "13 29 54",
        }
    },
    "SIDEBAR": {
        "show_search": True,
        "show_all_applications": False,
        "navigation": "documents.admin.navigation.navigation",
    },
}
