"""Checks of the project around the chat: what is missing, and the line that brings it."""

from typing import Any

from django.conf import settings
from django.contrib.auth.middleware import AuthenticationMiddleware
from django.contrib.messages.middleware import MessageMiddleware
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.urls import NoReverseMatch, reverse
from django.utils.module_loading import import_string

from chat import conf

# In the order in which requests pass them.
NEEDED = (SessionMiddleware, AuthenticationMiddleware, MessageMiddleware)


@register(Tags.compatibility)
def middleware(**_kwargs: Any) -> list[CheckMessage]:
    """E030: the pages need the session, the user and messages, in this order."""
    named = [import_string(path) for path in settings.MIDDLEWARE]
    # The project's own may be subclasses.
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
    """W030: the chat's pages, its API and its component have no address."""
    try:
        reverse("chat:home")
    except NoReverseMatch:
        hint = 'urlpatterns += [path("chat/", include("chat.urls"))]'
        return [Warning("No URL pattern includes chat.urls: the chat has no pages.", hint=hint, id="chat.W030")]
    return []


@register(Tags.compatibility)
def asgi(**_kwargs: Any) -> list[CheckMessage]:
    """W031: nothing would be live."""
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


@register(Tags.compatibility)
def entries(**_kwargs: Any) -> list[CheckMessage]:
    """W033: an entry that is read by nothing."""
    return [
        Warning(f'CHAT["{name}"] is no setting of the chat.', hint="docs/embedding.md lists them.", id="chat.W033")
        for name in conf.unknown()
    ]
