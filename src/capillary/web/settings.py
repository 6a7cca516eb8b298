"""Settings of the web product; everything that differs between installations comes from the environment.

``CAPILLARY_PRODUCTION=1`` turns on what a public server needs, and then the secret key must be given. Without it the
product is a local one: it listens on this computer only, and makes a secret of its own in its data folder.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import tempfile
from pathlib import Path
from typing import Any

import dj_database_url
from csp.constants import NONE, SELF
from django.contrib.messages import constants as messages
from django.core.exceptions import ImproperlyConfigured

HERE = Path(__file__).parent
SHORTEST_SECRET = 50
EXAMPLE_SECRET = "change-me"  # noqa: S105 - the word that the example files carry, so that it can be refused


def _flag(name: str) -> bool:
    return os.environ.get(name, "").lower() in {"1", "true", "yes", "on"}


def _words(name: str) -> list[str]:
    return [word.strip() for word in os.environ.get(name, "").split(",") if word.strip()]


PRODUCTION = _flag("CAPILLARY_PRODUCTION")
DEMO = _flag("CAPILLARY_DEMO")
# Shown on the start page of a demonstration, which listens on this computer only.
DEMO_PASSWORD = "capillary-demo"  # noqa: S105 - no secret
DEBUG = False
DATA_FOLDER = Path(os.environ.get("CAPILLARY_DATA", "var")).resolve()


def _secret_key() -> str:
    given = os.environ.get("CAPILLARY_SECRET_KEY", "")
    if PRODUCTION:
        if len(given) < SHORTEST_SECRET or given.startswith(EXAMPLE_SECRET):
            raise ImproperlyConfigured(
                "CAPILLARY_SECRET_KEY must be set to a secret of at least 50 signs that is not the example's. Make one "
                "with: python -c 'import secrets; print(secrets.token_urlsafe(50))'"
            )
        return given
    return given or _own_secret(DATA_FOLDER / "secret.key")


def _own_secret(path: Path) -> str:
    """Return the local installation's secret; made once, readable by its owner only.

    It is linked into place, so that of two processes that start together one wins and neither reads half a secret.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    if not path.exists():
        handle, name = tempfile.mkstemp(dir=path.parent)
        with os.fdopen(handle, "w") as file:
            file.write(secrets.token_urlsafe(SHORTEST_SECRET))
        with contextlib.suppress(FileExistsError):
            os.link(name, path)
        Path(name).unlink()
    return path.read_text()


def _certificate_host(given: str) -> str:
    """Return the host as whose did:web certificates are issued; empty where they are issued by did:key."""
    if not given:
        return ""
    from django.http.request import validate_host

    from capillary.credentials.keys import public_host
    from capillary.model.problems import InputError

    try:
        host = public_host(given)
    except InputError as error:
        raise ImproperlyConfigured(f"CAPILLARY_CERTIFICATE_HOST: {error.problems[0].in_('en')}") from error
    if not PRODUCTION or _flag("CAPILLARY_PLAIN_HTTP"):
        raise ImproperlyConfigured(
            "CAPILLARY_CERTIFICATE_HOST needs CAPILLARY_PRODUCTION=1 and https: whoever checks a certificate looks the keys up "
            "over https. Leave it out, and certificates are issued by did:key."
        )
    if not validate_host(host.partition(":")[0], ALLOWED_HOSTS):
        raise ImproperlyConfigured(
            f"CAPILLARY_CERTIFICATE_HOST names {host}, which CAPILLARY_HOSTS does not: its keys could not be looked up there."
        )
    return host


SECRET_KEY = _secret_key()
ALLOWED_HOSTS = _words("CAPILLARY_HOSTS") or ([] if PRODUCTION else ["127.0.0.1", "localhost", "[::1]"])
CSRF_TRUSTED_ORIGINS = [f"https://{host}" for host in ALLOWED_HOSTS] if PRODUCTION else []
# The keys that sign certificates; never in the database or its dump.
CERTIFICATE_KEYS = Path(os.environ.get("CAPILLARY_KEYS") or DATA_FOLDER / "certificate-keys").resolve()
CERTIFICATE_HOST = _certificate_host(os.environ.get("CAPILLARY_CERTIFICATE_HOST", ""))
# Further content folders, beside the shipped one.
CONTENT_FOLDERS = tuple(_words("CAPILLARY_CONTENT"))
PRIMARY_STANDARD = os.environ.get("CAPILLARY_STANDARD", "miit-2024")

INSTALLED_APPS = [
    "capillary.web.core",
    "capillary.web.industries",
    "capillary.web.find",
    "capillary.web.rates",
    "capillary.web.accounts",
    "capillary.web.enterprises",
    "capillary.web.assessments",
    "capillary.web.programmes",
    "capillary.web.results",
    "capillary.web.evidence",
    "capillary.web.planning",
    "capillary.web.outcomes",
    "capillary.web.scenarios",
    "capillary.web.talent",
    "capillary.web.projects",
    "capillary.web.funding",
    "capillary.web.applications",
    "capillary.web.places",
    "capillary.web.certificates",
    "capillary.web.market",
    "capillary.web.accreditations",
    "capillary.web.matches",
    "capillary.web.cooperation",
    "capillary.web.advising",
    "capillary.web.api",
    "capillary.web.demo",
    "capillary.web.administration",
    "capillary.web.administration.apps.AdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "allauth",
    "allauth.account",
    "allauth.socialaccount",
    "allauth.socialaccount.providers.openid_connect",
    "allauth.mfa",
    "django_htmx",
    "django_tasks",
    "django_tasks_db",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "capillary.web.core.middleware.SignInMiddleware",
]

ROOT_URLCONF = "capillary.web.urls"
WSGI_APPLICATION = "capillary.web.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [HERE / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "capillary.web.core.context.product",
            ],
            "builtins": ["django.templatetags.i18n", "capillary.web.core.templatetags.capillary"],
        },
    }
]

SQLITE: dict[str, Any] = {
    "ENGINE": "capillary.web.sqlite",
    "NAME": DATA_FOLDER / "capillary.sqlite3",
    "OPTIONS": {
        # a writer waits for its turn from the start instead of failing in the middle
        "transaction_mode": "IMMEDIATE",
        "timeout": 20,
        "init_command": (
            "PRAGMA journal_mode=WAL;PRAGMA synchronous=NORMAL;PRAGMA foreign_keys=ON;PRAGMA busy_timeout=20000;"
            "PRAGMA cache_size=-65536;PRAGMA mmap_size=268435456;PRAGMA temp_store=MEMORY;"
        ),
    },
    "CONN_MAX_AGE": 600,
}
DATABASES: dict[str, Any] = {
    "default": (
        dj_database_url.config(conn_max_age=600, conn_health_checks=True)
        if os.environ.get("DATABASE_URL")
        else SQLITE
    )
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
CACHES = {
    "default": {"BACKEND": "django.core.cache.backends.db.DatabaseCache", "LOCATION": "capillary_cache"},
    # what every process may keep for itself: compiled content, rendered figures
    "process": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": "process"},
}
TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": ["default"]}}

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [HERE / "locale"]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
LANGUAGE_COOKIE_SAMESITE = "Lax"
LANGUAGE_COOKIE_SECURE = PRODUCTION
TIME_ZONE = os.environ.get("CAPILLARY_TIME_ZONE", "Asia/Shanghai")
USE_TZ = True

STATIC_URL = "static/"
STATIC_ROOT = DATA_FOLDER / "static"
STATICFILES_DIRS = [HERE / "static"]
MEDIA_ROOT = DATA_FOLDER / "files"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}
FILE_UPLOAD_PERMISSIONS = 0o600
FILE_UPLOAD_HANDLERS = [
    "capillary.web.evidence.uploads.SizeLimitHandler",
    "django.core.files.uploadhandler.MemoryFileUploadHandler",
    "django.core.files.uploadhandler.TemporaryFileUploadHandler",
]
# The largest file that anybody can send, and the room for all files of one enterprise.
EVIDENCE_FILE_LIMIT = 10 * 1024 * 1024
EVIDENCE_ENTERPRISE_LIMIT = 200 * 1024 * 1024
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_500_000
DATA_UPLOAD_MAX_NUMBER_FIELDS = 2000

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{name}"}
    for name in ("UserAttributeSimilarityValidator", "MinimumLengthValidator", "CommonPasswordValidator")
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "home"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*"]
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_CHANGE_EMAIL = True
ACCOUNT_ADAPTER = "capillary.web.accounts.adapter.AccountAdapter"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_RATE_LIMITS = {"login_failed": "10/m/ip,5/5m/key"}
ACCOUNT_LOGOUT_ON_GET = False
ACCOUNT_REAUTHENTICATION_TIMEOUT = 300
SOCIALACCOUNT_EMAIL_VERIFICATION = "none"
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not PRODUCTION
MFA_TOTP_ISSUER = "Capillary"
# a phone's clock may be half a minute off
MFA_TOTP_TOLERANCE = 1


def _openid_apps() -> list[dict[str, object]]:
    """Return the one OpenID Connect provider that the environment configures, or none."""
    server = os.environ.get("CAPILLARY_OIDC_SERVER")
    if not server:
        return []
    return [
        {
            "provider_id": "oidc",
            "name": os.environ.get("CAPILLARY_OIDC_NAME", "OpenID Connect"),
            "client_id": os.environ.get("CAPILLARY_OIDC_CLIENT", ""),
            "secret": os.environ.get("CAPILLARY_OIDC_SECRET", ""),
            "settings": {"server_url": server},
        }
    ]


SOCIALACCOUNT_PROVIDERS = {"openid_connect": {"APPS": _openid_apps()}}
SOCIALACCOUNT_ONLY = False

EMAIL_HOST = os.environ.get("CAPILLARY_SMTP_HOST", "")
EMAIL_PORT = int(os.environ.get("CAPILLARY_SMTP_PORT", "587"))
EMAIL_HOST_USER = os.environ.get("CAPILLARY_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("CAPILLARY_SMTP_PASSWORD", "")
EMAIL_USE_TLS = _flag("CAPILLARY_SMTP_TLS")
DEFAULT_FROM_EMAIL = os.environ.get("CAPILLARY_MAIL_FROM", "capillary@localhost")
# Without a mail server the letters of a local installation lie in a folder, and the page "Mail" shows them.
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if EMAIL_HOST
    else "django.core.mail.backends.filebased.EmailBackend"
)
EMAIL_FILE_PATH = DATA_FOLDER / "mail"

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
        "form-action": [SELF, *_words("CAPILLARY_OIDC_ORIGINS")],
    }
}
# Tabler calls an error a danger.
MESSAGE_TAGS = {messages.ERROR: "danger"}
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_SECURE = PRODUCTION
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "DENY"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_SSL_REDIRECT = PRODUCTION and not _flag("CAPILLARY_PLAIN_HTTP")
SECURE_HSTS_SECONDS = 31_536_000 if PRODUCTION else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = PRODUCTION
SECURE_HSTS_PRELOAD = PRODUCTION
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _flag("CAPILLARY_BEHIND_PROXY") else None

# Behind a proxy the visitor's address is what the proxy says, and its word is taken for the last hop only.
if _flag("CAPILLARY_BEHIND_PROXY"):
    RATELIMIT_IP_META_KEY = "capillary.web.core.limits.address_behind_proxy"
    ALLAUTH_TRUSTED_PROXY_COUNT = 1
RATELIMIT_USE_CACHE = "default"
# The database cache counts a little low when two requests come at once; a limit is no exact figure.
SILENCED_SYSTEM_CHECKS = ["django_ratelimit.E003", "django_ratelimit.W001"]

# Wider limits by group, such as "check=300/h": an office or a class room shares one address.
LIMITS = dict(word.split("=", 1) for word in _words("CAPILLARY_LIMITS"))

# Where the site is, for links in letters that no visitor's request causes.
ADDRESS = os.environ.get("CAPILLARY_ADDRESS") or (
    f"https://{ALLOWED_HOSTS[0]}" if PRODUCTION else "http://127.0.0.1:8000"
)

# How long an unclaimed check is kept, in days.
UNCLAIMED_DAYS = 90

# What goes wrong is said on standard error, where `capillary serve`, a service manager or a container keeps it.
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name}: {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": "WARNING"},
    "loggers": {
        "django": {"handlers": ["console"], "level": "ERROR", "propagate": False},
        "django_tasks_db": {"handlers": ["console"], "level": "ERROR", "propagate": False},
    },
}
