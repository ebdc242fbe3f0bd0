"""The settings; the environment makes the difference between one installation and another."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from changtong.project import env


ROOT = Path(__file__).resolve().parents[3]
HOME = Path(env.text("CHANGTONG_HOME", str(ROOT / "var"))).resolve()
DEMO = env.flag("CHANGTONG_DEMO", default=False)
DEBUG = env.flag("DEBUG", default=False)
PORT = env.number("PORT", 8000)
LIVE_PORT = env.number("LIVE_PORT", PORT + 1)
# Where browsers reach the live program, if not at its own port: a path of the proxy's.
LIVE_URL = env.text("LIVE_URL", "")


def _secret_key() -> str:
    kept = HOME / "secret-key"
    if kept.is_file():
        return env.text("SECRET_KEY", kept.read_text(encoding="ascii").strip())
    return env.text("SECRET_KEY")


SECRET_KEY = _secret_key()
# The supervisor and health checks ask from this machine, under no public name.
ALLOWED_HOSTS = [*env.words("ALLOWED_HOSTS", ""), "localhost", "127.0.0.1", "[::1]"]
PUBLIC_URL = env.text("PUBLIC_URL", f"http://127.0.0.1:{PORT}").rstrip("/")
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]

INSTALLED_APPS = [
    "changtong.web.ui",
    "changtong.web.console",
    "changtong.web.portal",
    "changtong.web.api",
    "changtong.archive",
    "changtong.analytics",
    "changtong.search",
    "changtong.workspace",
    "changtong.feedback",
    "changtong.intake",
    "changtong.dispatch",
    "changtong.tickets",
    "changtong.clocks",
    "changtong.knowledge",
    "changtong.parties",
    "changtong.catalog",
    "changtong.standard",
    "changtong.journal",
    "changtong.infra",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_htmx",
    "ninja",
    "template_partials",
    "procrastinate.contrib.django",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.humanize",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.sessions",
    "django.contrib.staticfiles",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "changtong.web.ui.compression.CompressedPages",
    "changtong.web.ui.policy.ContentSecurityPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "changtong.web.ui.policy.StorableText",
    "changtong.web.ui.errors.Refusals",
    "changtong.web.ui.operation_keys.OperationKeys",
]

ROOT_URLCONF = "changtong.project.urls"
WSGI_APPLICATION = "changtong.project.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    },
]

# ---------------------------------------------------------------------------------------
# Database and jobs
# ---------------------------------------------------------------------------------------


def _database(url: str) -> dict[str, object]:
    """Read ``postgresql://user:password@host:port/name?option=value``; host may be a directory."""
    parts = urlsplit(url)
    if parts.scheme not in {"postgresql", "postgres"}:
        raise env.BadSetting("DATABASE_URL must begin with postgresql://")
    options = dict(parse_qsl(parts.query))
    return {
        "ENGINE": "changtong.infra.postgres",
        "NAME": unquote(parts.path.lstrip("/")),
        "USER": unquote(parts.username or ""),
        "PASSWORD": unquote(parts.password or ""),
        "HOST": options.pop("host", unquote(parts.hostname or "")),
        "PORT": options.pop("port", str(parts.port or "")),
        "CONN_MAX_AGE": None,
        "CONN_HEALTH_CHECKS": True,
        # What is worth preparing is prepared by infra.hot, and psycopg then forgets nothing.
        "OPTIONS": {"prepare_threshold": None, **options},
    }


DATABASES = {"default": _database(env.text("DATABASE_URL", "postgresql:///changtong"))}
# Failed log-ins are counted here: by all web processes together, and across restarts.
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.db.DatabaseCache",
        "LOCATION": "infra_cache",
        # Beyond it entries are thrown away; a flood of wrong names must not forget the counts.
        "OPTIONS": {"MAX_ENTRIES": 100_000, "CULL_FREQUENCY": 10},
    }
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = "jobs"
PROCRASTINATE_ON_APP_READY = "changtong.journal.subscriptions.discover"

# ---------------------------------------------------------------------------------------
# People
# ---------------------------------------------------------------------------------------

AUTH_USER_MODEL = "parties.Staff"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/console/start"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "changtong.web.ui.auth.StaffOnly"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_SESSION_REMEMBER = False
# How many proxies of ours stand before us: whose word on the client's address counts.
ALLAUTH_TRUSTED_PROXY_COUNT = env.number("TRUSTED_PROXIES", 0)
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
HTTPS = PUBLIC_URL.startswith("https://")
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = HTTPS
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 31_536_000 if HTTPS else 0
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# ---------------------------------------------------------------------------------------
# Language and time
# ---------------------------------------------------------------------------------------

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LOCALE_PATHS = [Path(__file__).resolve().parents[1] / "locale"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"

# ---------------------------------------------------------------------------------------
# Files, mail, messages
# ---------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = HOME / "static"
WHITENOISE_USE_FINDERS = True
FILES_ROOT = HOME / "files"
ARCHIVE_ROOT = HOME / "archive"
SEALS_FILE = HOME / "seals.log"
STANDARDS_ROOT = ROOT / "standards"
# The build of the front end puts them there; see frontend/vite.config.mjs.
HANDBOOK_FONTS = ROOT / "src/changtong/web/ui/static/ui/dist/fonts"
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 1024 * 1024

_mail = urlsplit(env.text("EMAIL_URL", "smtp://127.0.0.1:2525"))
EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = _mail.hostname or "127.0.0.1"
EMAIL_PORT = _mail.port or 25
EMAIL_HOST_USER = unquote(_mail.username or "")
EMAIL_HOST_PASSWORD = unquote(_mail.password or "")
EMAIL_USE_SSL = _mail.scheme == "smtps"
EMAIL_USE_TLS = _mail.scheme == "smtp+tls"
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("EMAIL_FROM", "畅通客服 <service@changtong.example>")
# Where answers go, each with the ticket's token: reply@example.com. Without it none are taken.
MAIL_REPLY_ADDRESS = env.text("MAIL_REPLY_ADDRESS", "").strip().lower()
# The name under which our own mail server says what it found about a sender; nobody else counts.
MAIL_AUTH_SERVER = env.text("MAIL_AUTH_SERVER", "")
# The region of a matter whose sender no customer is; without it such mail is set aside.
MAIL_REGION = env.text("MAIL_REGION", "")
MAIL_PER_HOUR = env.number("MAIL_PER_HOUR", 20)
MAIL_AT_MOST_BYTES = env.number("MAIL_AT_MOST_BYTES", 25 * 1024 * 1024)
SMS_URL = env.text("SMS_URL", f"http://127.0.0.1:{PORT}/demo/sms")
SMS_TOKEN = env.text("SMS_TOKEN", "")
# What customers call; without one no page offers a call. The demonstration's rings nowhere.
HOTLINE = env.text("HOTLINE", "400-000-0000" if DEMO else "")
if not re.fullmatch(r"(\+?[0-9][0-9-]{2,19})?", HOTLINE):
    raise env.BadSetting(f"HOTLINE must be digits and hyphens, not {HOTLINE!r}")


def _one_line(record: logging.LogRecord) -> bool:
    """Log what was refused without its traceback; only what failed is worth reading."""
    if getattr(record, "status_code", FAILED) < FAILED:
        record.exc_info = None
    return True


FAILED = 500
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "line": {"format": "{asctime} {levelname:<7} {name}: {message}", "style": "{"},
    },
    "filters": {"one_line": {"()": "django.utils.log.CallbackFilter", "callback": _one_line}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["stderr"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {
        "procrastinate": {"level": "WARNING"},
        "django.request": {"filters": ["one_line"]},
    },
}
