"""Every setting, each read from the environment with a default that works on a laptop.

`docs/settings.md` lists them with their meaning; a test keeps the two in sync.
"""

import os
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from csp.constants import NONCE, NONE, SELF

from chat.lib.cache import cache_at
from chat.lib.redis import layer_host
from chat.lib.special_addresses import is_own_name
from your_project import assets, databases, env, file_storage, redis_addresses

BASE_DIR = Path(__file__).resolve().parent.parent
CHAT_DATA_DIR = env.folder("DATA_DIR", "var", base=BASE_DIR)

CHAT_HOST = env.text("HOST", "127.0.0.1")
CHAT_PORT = env.number("PORT", 8000, low=1, high=65535)
DEBUG = env.flag("DEBUG")
SECRET_KEY = env.secret("SECRET_KEY", CHAT_DATA_DIR)
CHAT_SECRET_KEY_GIVEN = bool(env.text("SECRET_KEY"))
# Earlier keys: their signatures are still accepted, but no new ones are made with them.
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ["localhost", "127.0.0.1", "[::1]"])
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
# An https origin means that a proxy in front handles TLS: cookies are then sent over TLS only.
CHAT_HTTPS = any(origin.startswith("https://") for origin in CSRF_TRUSTED_ORIGINS)

# The base of links in e-mails: a Host header is chosen by the client.
CHAT_PUBLIC_URL = env.text("PUBLIC_URL").rstrip("/")
if not CHAT_PUBLIC_URL:
    _secure = [origin for origin in CSRF_TRUSTED_ORIGINS if origin.startswith("https://") and "*" not in origin]
    _local = {"localhost", "127.0.0.1", "[::1]", "::1"}.issuperset(ALLOWED_HOSTS)
    CHAT_PUBLIC_URL = _secure[0] if _secure else f"http://localhost:{CHAT_PORT}" if _local else ""

# --- Notifications by push ----------------------------------------------------------------------------

# Browsers subscribe with its public key: after a change they have to subscribe again.
CHAT_PUSH_KEY = env.push_key("CHAT_PUSH_KEY", CHAT_DATA_DIR)
CHAT_PUSH_KEY_FALLBACKS = env.push_keys_checked("CHAT_PUSH_KEY_FALLBACKS", env.words("CHAT_PUSH_KEY_FALLBACKS"))
# The contact for push services, part of each signature. One of them refuses names that only this network knows.
CHAT_PUSH_CONTACT = env.text("CHAT_PUSH_CONTACT")
CHAT_PUSH_CONTACT_GIVEN = bool(CHAT_PUSH_CONTACT)
if not CHAT_PUSH_CONTACT and CHAT_PUBLIC_URL.startswith("https://"):
    CHAT_PUSH_CONTACT = "" if is_own_name(urlsplit(CHAT_PUBLIC_URL).hostname or "") else CHAT_PUBLIC_URL
CHAT_PUSH_ALLOW = env.words("CHAT_PUSH_ALLOW")

# --- The chat ---------------------------------------------------------------------------------------

CHAT_SIGNUP = env.choice("CHAT_SIGNUP", ["open", "invite", "closed"], "open")
CHAT_WHO_INVITES = env.choice("CHAT_WHO_INVITES", ["administrators", "everyone"], "administrators")
CHAT_SEND_LIMIT = env.rate("CHAT_SEND_LIMIT", "30/10s")
CHAT_CONNECT_LIMIT = env.rate("CHAT_CONNECT_LIMIT", "3000/60s")
CHAT_SIGN_IN_LIMIT = env.rate("CHAT_SIGN_IN_LIMIT", "300/5m")
CHAT_SIGN_UP_LIMIT = env.rate("CHAT_SIGN_UP_LIMIT", "1000/1h")
CHAT_INVITE_LIMIT = env.rate("CHAT_INVITE_LIMIT", "100/1h")
CHAT_ROOM_LIMIT = env.rate("CHAT_ROOM_LIMIT", "30/1h")
CHAT_ROOMS_OWNED = env.number("CHAT_ROOMS_OWNED", 500)
CHAT_API_LIMIT = env.rate("CHAT_API_LIMIT", "600/1m")
CHAT_SOCKETS_PER_USER = env.number("CHAT_SOCKETS_PER_USER", 20)
CHAT_SOCKETS_PER_PROCESS = env.number("CHAT_SOCKETS_PER_PROCESS", 0)
CHAT_DRAIN_SECONDS = env.number("CHAT_DRAIN_SECONDS", 5, high=10)
# A peer that has not answered for twice this time is disconnected; with the delay of presence, within a minute.
CHAT_PING_SECONDS = env.number("CHAT_PING_SECONDS", 20, low=1, high=25)
CHAT_DEFLATE = env.flag("CHAT_DEFLATE")
CHAT_MESSAGE_MAX_CHARS = env.number("CHAT_MESSAGE_MAX_CHARS", 10_000, low=1, high=100_000)
# The largest request body; deploy/nginx.conf has the same limit.
DATA_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
CHAT_FILE_MAX = env.size("CHAT_FILE_MAX", "25MB")
CHAT_IMPORT_DIR = env.text("CHAT_IMPORT_DIR")
CHAT_IMPORT_MAX = env.size("CHAT_IMPORT_MAX", "20GB")
CHAT_FILES_PER_MESSAGE = env.number("CHAT_FILES_PER_MESSAGE", 10, high=10)
CHAT_FILE_QUOTA = env.size("CHAT_FILE_QUOTA", "5GB")
CHAT_FILE_QUOTA_TOTAL = env.size("CHAT_FILE_QUOTA_TOTAL", "0")
CHAT_FILE_SCANNER = env.address(
    "CHAT_FILE_SCANNER", ["tcp", "unix"], "tcp://clamd:3310 or unix:///run/clamav/clamd.ctl"
)
CHAT_FILE_SCAN_REQUIRED = env.flag("CHAT_FILE_SCAN_REQUIRED", default=True)
CHAT_KEEP_DAYS = env.number("CHAT_KEEP_DAYS", 0)
# Fetch pages that messages link to, and show them below the messages.
CHAT_PREVIEWS = env.flag("CHAT_PREVIEWS", default=True)
CHAT_WHO_ADDS_EMOJI = env.choice("CHAT_WHO_ADDS_EMOJI", ["everyone", "administrators"], "everyone")
CHAT_PREVIEWS_ALLOW = env.words("CHAT_PREVIEWS_ALLOW")
CHAT_FRAME_MAX_BYTES = env.number("CHAT_FRAME_MAX_BYTES", 65_536, low=1_024, high=1_048_576)
CHAT_HISTORY_PAGE = env.number("CHAT_HISTORY_PAGE", 50, low=1, high=100)
# Serve the tutorial servers under /ws/playground/.
PLAYGROUND = env.flag("PLAYGROUND")

# --- Logs and metrics -------------------------------------------------------------------------------

# `console` is for people, `json` for programs that collect logs.
CHAT_LOG_FORMAT = env.choice("LOG_FORMAT", ["console", "json"], "console")
LOG_LEVEL = env.choice("LOG_LEVEL", ["debug", "info", "warning"], "info")
LOGGING_CONFIG = "your_project.logging.configure"
LOGGING = {"format": CHAT_LOG_FORMAT, "level": LOG_LEVEL}
# Allows /metrics from any address; without it, only from private addresses and not through a proxy.
CHAT_METRICS_TOKEN = env.text("METRICS_TOKEN")

# --- Django -----------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "daphne",
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "allauth",
    "allauth.account",
    "allauth.usersessions",
    "chat",
    "accounts",
    "playground",  # for its command; its sockets are served only when PLAYGROUND is set
]
MIDDLEWARE = [
    "your_project.counting.count_requests",
    "django.middleware.security.SecurityMiddleware",
    "your_project.compression.CompressionMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "csp.middleware.CSPMiddleware",
]
ROOT_URLCONF = "your_project.urls"
ASGI_APPLICATION = "your_project.asgi.application"
TEMPLATES: list[dict[str, Any]] = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "chat.pages.theme.theme",
                "accounts.workspace.context",
            ]
        },
    }
]
# A page's language: the one chosen in the settings, else the browser's, else English.
LANGUAGE_CODE = "en"
# Our translations come before those of the packages listed before the chat: allauth has another word for a username.
LOCALE_PATHS = [BASE_DIR / "chat" / "locale"]
LANGUAGES = [("en", "English"), ("de", "Deutsch")]
FORMAT_MODULE_PATH = ["your_project.formats"]
USE_I18N = True
TIME_ZONE = "UTC"
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

# --- Database, channel layer, cache: two addresses choose between embedded and scale-out ---------------

# Seconds that a statement may take before the client gets `unavailable`: so it gets an answer within 5 s. 0 means no
# limit (for long migrations).
CHAT_DATABASE_TIMEOUT = env.number("DATABASE_TIMEOUT", 4)
# Threads for the database work of one process' sockets. The work is mostly Python under the GIL, and each busy thread
# makes the event loop wait for it: eight flooding sockets delayed a ping by 70 to 110 ms (p99) with 8 threads, 30 to 50
# with 3, 18 to 28 with 2. PostgreSQL's replies take time without the GIL, so it gets more.
CHAT_DATABASE_THREADS = env.number(
    "DATABASE_THREADS", 4 if databases.is_postgresql("DATABASE_URL") else 2, low=2, high=64
)
DATABASES = {
    "default": databases.database(
        "DATABASE_URL", CHAT_DATA_DIR, timeout=CHAT_DATABASE_TIMEOUT, threads=CHAT_DATABASE_THREADS
    )
}

CHAT_REDIS_URL = redis_addresses.redis("REDIS_URL")
CHANNEL_LAYERS: dict[str, dict[str, Any]]
CACHES: dict[str, dict[str, Any]]
if CHAT_REDIS_URL:
    CHANNEL_LAYERS = {
        "default": {
            "BACKEND": "chat.live.redis_layer.RedisLayer",
            "CONFIG": {
                "hosts": [
                    layer_host(
                        CHAT_REDIS_URL,
                        # redis-py's default of 5 s would end an idle subscription; see channels_redis#422.
                        socket_timeout=15,
                        socket_connect_timeout=2,
                        socket_keepalive=True,
                        health_check_interval=5,
                        # With the newer protocol, the library formats each message for a log that is turned off.
                        protocol=2,
                    )
                ]
            },
        }
    }
    CACHES = {"default": cache_at(CHAT_REDIS_URL)}
else:
    CHANNEL_LAYERS = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}
    # With the default of 300 entries, new keys would evict counters that are still in use.
    CACHES = {
        "default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "OPTIONS": {"MAX_ENTRIES": 100_000}}
    }

# --- Accounts ---------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["accounts.backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["username", "display_name", "email"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 10}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "accounts.adapter.AccountAdapter"
ACCOUNT_FORMS = {
    "change_password": "accounts.forms.ChangePasswordForm",
    "reset_password": "accounts.forms.ResetPasswordForm",
    "reset_password_from_key": "accounts.forms.NewPasswordForm",
}
# Send no e-mail to an address without an account: its owner may not know this server.
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = False
PASSWORD_RESET_TIMEOUT = 3600
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "account_login"
# chat.identity.throttle limits attempts instead: it also counts those of the API, and works without Redis.
ACCOUNT_RATE_LIMITS = False
# Set it if a proxy in front overwrites X-Forwarded-For, so that its last address can be trusted.
CHAT_TRUST_PROXY = env.flag("TRUST_PROXY")
SESSION_ENGINE = "accounts.session_store"

# --- Mail ---------------------------------------------------------------------------------------------

vars().update(env.mail("EMAIL_URL"))
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("EMAIL_FROM", "backchannel@localhost")
# A public server without EMAIL_URL offers no reset: it would print the e-mails, with their links, to its log.
CHAT_RESET_BY_EMAIL = bool(CHAT_PUBLIC_URL) and (
    bool(env.text("EMAIL_URL")) or {"localhost", "127.0.0.1", "[::1]", "::1"}.issuperset(ALLOWED_HOSTS)
)

CSRF_FAILURE_VIEW = "your_project.errors.csrf_failure"

# --- Cookies ------------------------------------------------------------------------------------------

SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = CHAT_HTTPS
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_HTTPONLY = True

# --- Security headers ---------------------------------------------------------------------------------

SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if CHAT_HTTPS else None
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CONTENT_TYPE_NOSNIFF = True
X_FRAME_OPTIONS = "DENY"
SILENCED_SYSTEM_CHECKS = [
    # The proxy with TLS sends Strict-Transport-Security and redirects to https: deploy/tls.conf does both.
    "security.W004",
    "security.W008",
    # Keys: chat.E004 and chat.E008 refuse weak ones.
    "security.W009",
    "security.W025",
    # An origin without a scheme: chat.E007 explains how to write it.
    "4_0.E001",
]
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        # blob: the preview of a file about to be sent.
        "img-src": [SELF, "data:", "blob:"],
        "media-src": [SELF, "blob:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    }
}

# Part of the URL of every static file, so that browsers cache files permanently and never mix two versions.
_MAKERS = [BASE_DIR / "chat" / "pages" / f"{name}.py" for name in ("linker", "scripts")]
CHAT_STATIC_VERSION = "debug" if DEBUG else assets.version(BASE_DIR / "chat" / "static", *_MAKERS)
STATIC_URL = f"/static/{CHAT_STATIC_VERSION}/"
STATIC_ROOT = env.folder("STATIC_DIR", "static", base=CHAT_DATA_DIR) / CHAT_STATIC_VERSION
# nginx sends the files of the folder, after a process has decided who may get them: deploy/nginx.conf.
CHAT_FILES_BY_NGINX = env.flag("FILES_BY_NGINX")
# Holds uploads while they arrive: a folder that all processes share.
CHAT_UPLOADS_DIR = env.folder("UPLOADS_DIR", "uploads", base=CHAT_DATA_DIR)
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "files": file_storage.storage("FILES_URL", CHAT_DATA_DIR),
    "staticfiles": {"BACKEND": "your_project.static_files.CollectedStaticFiles"},
}

# Settings that were set but that only `manage.py serve` reads; other servers have their own options.
CHAT_SERVE_ONLY_GIVEN = env.given(["CHAT_SOCKETS_PER_PROCESS", "CHAT_DRAIN_SECONDS", "CHAT_PING_SECONDS"])
# Environment variables that look like a setting but are not -> the most similar setting.
CHAT_UNKNOWN_SETTINGS = env.unknown(os.environ)
