"""Checks of the surrounding project: what is missing, and the line that adds it."""

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import Error as DatabaseError
from django.db import connection
from django.middleware.csrf import CsrfViewMiddleware
from django.urls import NoReverseMatch, Resolver404, get_script_prefix, resolve, reverse
from django.utils.module_loading import import_string

from chat import conf
from chat.models import Participant
from chat.mount import mount

# In the order in which requests pass through them.
NEEDED = (SessionMiddleware, AuthenticationMiddleware, MessageMiddleware)


@register(Tags.compatibility)
def middleware(**_kwargs: Any) -> list[CheckMessage]:
    """E030: the pages need the session, the user and messages, in this order."""
    named = [import_string(path) for path in settings.MIDDLEWARE]
    # The project may use subclasses.
    places = [next((at for at, one in enumerate(named) if _is(one, wanted)), None) for wanted in NEEDED]
    names = [f"{one.__module__}.{one.__name__}" for one in NEEDED]
    if missing := [name for name, at in zip(names, places, strict=True) if at is None]:
        message = f"MIDDLEWARE lacks {' and '.join(missing)}, which the chat's pages need."
        return [Error(message, hint=f"Set them in this order: {', '.join(names)}.", id="chat.E030")]
    if places != sorted(places):  # type: ignore[type-var]  # none is None
        message = "The middlewares of the session, the user and messages are in the wrong order for the chat's pages."
        return [Error(message, hint=f"Set them in this order: {', '.join(names)}.", id="chat.E030")]
    return []


def _is(one: Any, wanted: type) -> bool:
    return isinstance(one, type) and issubclass(one, wanted)


@register(Tags.urls)
def urls(**_kwargs: Any) -> list[CheckMessage]:
    """W030: the chat's pages, API and component have no URL. E032: another view answers there."""
    try:
        reverse("chat:home")
    except NoReverseMatch:
        hint = 'urlpatterns += [path("chat/", include("chat.urls"))]'
        return [Warning("No URL pattern includes chat.urls: the chat has no pages.", hint=hint, id="chat.W030")]
    with suppress(Resolver404):
        view = resolve(mount()).func
        if view.__module__.partition(".")[0] != "chat":
            name = f"{view.__module__}.{getattr(view, '__name__', view)}"
            message = f"{name} answers at {mount()}, where the chat should be."
            hint = 'Put include("chat.urls") above it; where patterns of yours have the app_name chat, rename it.'
            return [Error(message, hint=hint, id="chat.E032")]
    return []


@register(Tags.models)
def user_model(**_kwargs: Any) -> list[CheckMessage]:
    """E031: the chat needs the sign-in and password fields of Django's own user models."""
    if issubclass(get_user_model(), AbstractBaseUser):
        return []
    message = (
        f"AUTH_USER_MODEL is {settings.AUTH_USER_MODEL}, which is no AbstractBaseUser: the chat cannot know its people."
    )
    return [Error(message, hint="Let it inherit django.contrib.auth.base_user.AbstractBaseUser.", id="chat.E031")]


@register(Tags.database)
def user_table(*, databases: Sequence[str] | None, **_kwargs: Any) -> list[CheckMessage]:
    """E033: AUTH_USER_MODEL was changed after the tables were created; Django's migrations do not follow that."""
    if not databases:
        return []
    people, wanted = Participant._meta.db_table, get_user_model()._meta.db_table
    try:
        with connection.cursor() as cursor:
            _, table, *_ = connection.introspection.get_relations(cursor, people).get("user_id", ("", wanted))
    except DatabaseError:
        return []  # The database does not answer, or has no tables yet.
    if table == wanted:
        return []
    message = (
        f"{people}.user_id refers to {table}; AUTH_USER_MODEL is {settings.AUTH_USER_MODEL}, whose table is {wanted}."
    )
    hint = "Set AUTH_USER_MODEL as it was when the tables were made, or move people and tables over before you start."
    return [Error(message, hint=hint, id="chat.E033")]


@register(Tags.compatibility)
def asgi(**_kwargs: Any) -> list[CheckMessage]:
    """W031: without ASGI there are no live updates."""
    if getattr(settings, "ASGI_APPLICATION", None):
        return []
    hint = "Name the ASGI application, which routes sockets to chat.routing.websocket_urlpatterns."
    return [Warning("There is no ASGI_APPLICATION: the chat has no sockets.", hint=hint, id="chat.W031")]


@register(Tags.compatibility)
def sqlite(**_kwargs: Any) -> list[CheckMessage]:
    """W032: a transaction that reads before it writes fails at once while another one writes."""
    database = settings.DATABASES.get("default", {})
    mode = database.get("OPTIONS", {}).get("transaction_mode")
    if "sqlite" not in database.get("ENGINE", "") or mode in ("IMMEDIATE", "EXCLUSIVE"):
        return []
    hint = 'Set "OPTIONS": {"transaction_mode": "IMMEDIATE"} in DATABASES["default"], or use PostgreSQL.'
    message = "SQLite refuses transactions that first read and then write while another one writes."
    return [Warning(message, hint=hint, id="chat.W032")]


@register(Tags.security)
def forms(**_kwargs: Any) -> list[CheckMessage]:
    """W034: another site could post the forms of the chat's pages as a signed-in person."""
    if any(_is(import_string(path), CsrfViewMiddleware) for path in settings.MIDDLEWARE):
        return []
    name = "django.middleware.csrf.CsrfViewMiddleware"
    message = f"MIDDLEWARE lacks {name}: other sites can post the forms of the chat's pages in your people's name."
    return [Warning(message, hint=f"Add {name} to MIDDLEWARE.", id="chat.W034")]


@register(Tags.urls)
def cookies(**_kwargs: Any) -> list[CheckMessage]:
    """W035: browsers do not send a cookie to pages outside its path."""
    at = get_script_prefix() + mount().removeprefix("/")
    named = {name: getattr(settings, name) for name in ("SESSION_COOKIE_PATH", "CSRF_COOKIE_PATH")}
    return [
        Warning(
            f'{name} is "{path}": browsers do not send that cookie to the chat at {at}.',
            hint=f'Set {name} = "/", or include chat.urls below {path}.',
            id="chat.W035",
        )
        for name, path in named.items()
        if not at.startswith(path.rstrip("/") + "/")
    ]


@register(Tags.compatibility)
def entries(**_kwargs: Any) -> list[CheckMessage]:
    """W033: an entry that no code reads."""
    return [
        Warning(f'CHAT["{name}"] is no setting of the chat.', hint="docs/embedding.md lists them.", id="chat.W033")
        for name in conf.unknown()
    ]
