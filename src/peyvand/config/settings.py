"""Django's settings, read from the environment. Everything a deployment may set is listed in docs/configuration.md."""

import os
import secrets
from ipaddress import ip_network
from pathlib import Path
from typing import Any

from django.utils.translation import gettext_lazy as _

from peyvand.platform.database.urls import data_folder, django_settings, resolve

PACKAGE = Path(__file__).resolve().parent.parent
DATA = data_folder(os.environ)


def _secret_key() -> str:
    """The key that signs cookies and encrypts stored secrets: from the environment, or made once in the data folder."""
    if key := os.environ.get("PEYVAND_SECRET_KEY"):
        return key
    file = DATA / "secret.key"
    try:
        return file.read_text().strip()
    except FileNotFoundError:
        DATA.mkdir(parents=True, exist_ok=True, mode=0o700)
        part = file.with_suffix(f".{os.getpid()}")
        part.touch(mode=0o600)
        part.write_text(secrets.token_urlsafe(50))
        try:
            # Two processes may start at once: the first to link wins, both read the winner's key.
            os.link(part, file)
        except FileExistsError:
            pass
        finally:
            part.unlink()
        return file.read_text().strip()


SECRET_KEY = _secret_key()
DEBUG = os.environ.get("PEYVAND_DEBUG") == "1"
ALLOWED_HOSTS = os.environ.get("PEYVAND_HOSTS", "*").split(",")
# Where people reach this installation, for the links in letters: "https://crm.example.com".
PUBLIC_URL = os.environ.get("PEYVAND_URL", "")
BEHIND_TLS = os.environ.get("PEYVAND_TLS") == "1"

INSTALLED_APPS = [
    "django.contrib.sessions",
    "django.contrib.postgres",
    "procrastinate.contrib.django",
    "peyvand.platform.workspaces",
    "peyvand.platform.identity",
    "peyvand.platform.jobs",
    "peyvand.platform.events",
    "peyvand.platform.audit",
    "peyvand.platform.actions",
    "peyvand.platform.search",
    "peyvand.platform.files",
    "peyvand.platform.schema",
    "peyvand.platform.insights",
    "peyvand.platform.objects",
    "peyvand.platform.merging",
    "peyvand.platform.notifications",
    "peyvand.web",
    "peyvand.api",
    "peyvand.operational.contacts",
    "peyvand.operational.catalog",
    "peyvand.operational.pricing",
    "peyvand.operational.documents",
    "peyvand.operational.numbering",
    "peyvand.operational.availability",
    "peyvand.operational.activities",
    "peyvand.operational.consents",
    "peyvand.operational.sales",
    "peyvand.operational.scheduling",
    "peyvand.operational.calendars",
    "peyvand.operational.minutes",
    "peyvand.operational.quotes",
    "peyvand.operational.billing",
    "peyvand.operational.orders",
    "peyvand.operational.leads",
    "peyvand.operational.targets",
    "peyvand.operational.assignment",
    "peyvand.operational.duplicates",
    "peyvand.operational.commissions",
    "peyvand.collaborative.mail",
    "peyvand.collaborative.sms",
    "peyvand.collaborative.sequences",
    "peyvand.analytical.warehouse",
    "peyvand.analytical.analyses",
    "peyvand.analytical.customers",
    "peyvand.analytical.offers",
    "peyvand.analytical.scores",
    "peyvand.analytical.texts",
    "peyvand.analytical.campaigns",
    "peyvand.analytical.forecasts",
    "peyvand.analytical.reports",
    "peyvand.analytical.watches",
    "peyvand.administration.sign_in",
    "peyvand.administration.members",
    "peyvand.administration.settings",
    "peyvand.administration.operations",
    "peyvand.administration.applications",
    "peyvand.administration.schema",
    "peyvand.administration.governance",
    "peyvand.administration.quality",
    "peyvand.administration.retention",
    "peyvand.processes.automations",
    "peyvand.integrations.transfer",
    "peyvand.integrations.webhooks",
    "peyvand.integrations.archive",
]
MIDDLEWARE = [
    "peyvand.config.compression.Compression",
    "peyvand.web.shell.middleware.SecurityHeaders",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "peyvand.web.shell.middleware.WorkspaceRequests",
]
ROOT_URLCONF = "peyvand.config.urls"
WSGI_APPLICATION = "peyvand.config.wsgi.application"

TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": ["peyvand.web.shell.context.shell"],
            "builtins": ["peyvand.web.components.tags"],
        },
    }
]

# Frequent statements are planned once for each connection; switch off behind a pooler that does not keep them.
PREPARE_STATEMENTS = os.environ.get("PEYVAND_PREPARE", "1") == "1"
# How long one statement may take: the web server sets 15 seconds (asgi.py), the worker 10 minutes, commands none.
DATABASES = django_settings(
    resolve(os.environ), int(os.environ.get("PEYVAND_STATEMENT_SECONDS", "0")), prepare=PREPARE_STATEMENTS
)
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "identity.Account"
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]

SESSION_ENGINE = "peyvand.platform.identity.sessions"
SESSION_COOKIE_NAME = "peyvand_session"
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = BEHIND_TLS
SESSION_COOKIE_AGE = 14 * 24 * 3600
CSRF_COOKIE_SECURE = BEHIND_TLS
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_NAME = "peyvand_csrf"
CSRF_FAILURE_VIEW = "peyvand.web.shell.errors.csrf_failure"
# Whose word on a client's address is taken (X-Forwarded-For): whom a guess is counted for, and what the audit keeps.
_PROXIES = os.environ.get("PEYVAND_PROXIES", "127.0.0.0/8,::1" if BEHIND_TLS else "")
TRUSTED_PROXIES = [ip_network(name.strip(), strict=False) for name in _PROXIES.split(",") if name.strip()]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_TLS else None
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 5000

LANGUAGE_CODE = "en"
LANGUAGES = [("fa", _("Persian")), ("en", _("English"))]
LANGUAGE_COOKIE_NAME = "peyvand_language"
LOCALE_PATHS = [PACKAGE / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "UTC"

STATIC_URL = "/static/"
STATIC_FOLDER = PACKAGE / "web" / "static"
MEDIA_ROOT = DATA / "files"
WAREHOUSE_ROOT = DATA / "warehouse"
# The engine that measures are read from, as Ibis names it (pyspark://…, clickhouse://…); empty: a DuckDB file for each workspace.
ANALYTICS = os.environ.get("PEYVAND_ANALYTICS", "")
# How many cores DuckDB may use at once: the worker says half of them, whoever else says nothing uses all.
CORES = int(os.environ.get("PEYVAND_CORES", os.cpu_count() or 1))

EMAIL_BACKEND = os.environ.get("PEYVAND_EMAIL_BACKEND", "django.core.mail.backends.filebased.EmailBackend")
EMAIL_FILE_PATH = DATA / "mail"
EMAIL_HOST = os.environ.get("PEYVAND_SMTP_HOST", "localhost")
EMAIL_PORT = int(os.environ.get("PEYVAND_SMTP_PORT", "25"))
EMAIL_HOST_USER = os.environ.get("PEYVAND_SMTP_USER", "")
EMAIL_HOST_PASSWORD = os.environ.get("PEYVAND_SMTP_PASSWORD", "")
EMAIL_TIMEOUT = 20
EMAIL_USE_TLS = os.environ.get("PEYVAND_SMTP_TLS") == "1"
DEFAULT_FROM_EMAIL = os.environ.get("PEYVAND_MAIL_FROM", "peyvand@localhost")
if os.environ.get("PEYVAND_SMTP_HOST"):
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"

PROCRASTINATE_ON_APP_READY = "peyvand.platform.jobs.setup.on_app_ready"
# A worker says every so often that it lives; one that was silent this long is taken for dead, and its jobs are run again.
JOB_HEARTBEAT_SECONDS = float(os.environ.get("PEYVAND_JOB_HEARTBEAT_SECONDS", "5"))
JOB_STALLED_SECONDS = float(os.environ.get("PEYVAND_JOB_STALLED_SECONDS", "20"))

# Requests to the API that one token may send in a minute; 0 for no limit. A workspace may have a figure of its own.
API_PER_MINUTE = int(os.environ.get("PEYVAND_API_PER_MINUTE", "6000"))
# Networks that are not public, which may be reached all the same by what a workspace sends: "10.1.0.0/16,127.0.0.1/32".
OUTGOING_NETWORKS = [
    net.strip() for net in os.environ.get("PEYVAND_OUTGOING_NETWORKS", "").split(",") if net.strip()
]

LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "%(asctime)s %(levelname)s %(name)s %(message)s"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": os.environ.get("PEYVAND_LOG", "WARNING")},
}
