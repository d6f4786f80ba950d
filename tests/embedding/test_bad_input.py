"""What a project around the chat can get wrong, and the sentence it gets."""

from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from channels.routing import URLRouter
from django.apps import AppConfig
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.exceptions import ImproperlyConfigured
from django.test import override_settings

from chat import conf
from chat.checks import embedding
from chat.identity.participants import handle_of
from chat.middleware import origin_allowed
from chat.routing import websocket_urlpatterns

ORDER = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]


NO_URLS = ModuleType("no_urls")
NO_URLS.urlpatterns = []  # type: ignore[attr-defined]


class TheirSessions(SessionMiddleware):
    """A subclass, as projects have."""


class TheirChat(AppConfig):
    """The configuration of an app of theirs with our label."""

    name = "playground"
    label = "chat"


async def opened(scope: dict[str, Any]) -> list[dict[str, Any]]:
    """What a socket with this scope is sent first."""
    sent: list[dict[str, Any]] = []
    events: list[dict[str, Any]] = [{"type": "websocket.connect"}, {"type": "websocket.disconnect", "code": 1000}]
    received = iter(events)

    async def receive() -> dict[str, Any]:
        return next(received)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    base = {"type": "websocket", "path": "/ws/chat/", "headers": [], "query_string": b"", "client": ("127.0.0.1", 1)}
    await URLRouter(websocket_urlpatterns)(base | scope, receive, send)
    return sent


async def test_a_socket_without_the_middleware_of_users_says_which_is_missing() -> None:
    with pytest.raises(ImproperlyConfigured, match=r"AuthMiddlewareStack\(URLRouter\(websocket_urlpatterns\)\)"):
        await opened({})


async def test_a_socket_of_no_one_is_closed_as_not_signed_in() -> None:
    sent = await opened({"user": AnonymousUser(), "session": {}})
    assert [message.get("code") for message in sent if message["type"] == "websocket.close"] == [4001]


@pytest.mark.parametrize(
    ("middleware", "said"),
    [
        (ORDER, None),
        (["tests.embedding.test_bad_input.TheirSessions", *ORDER[1:]], None),
        ([ORDER[1], ORDER[0], ORDER[2]], "wrong order"),
        (ORDER[:2], "lacks django.contrib.messages.middleware.MessageMiddleware"),
    ],
)
def test_middlewares_that_are_missing_or_in_the_wrong_order_are_named(middleware: list[str], said: str | None) -> None:
    with override_settings(MIDDLEWARE=middleware):
        found = embedding.middleware()
    assert [message.id for message in found] == (["chat.E030"] if said else [])
    assert all(said in message.msg and ", ".join(ORDER) in str(message.hint) for message in found if said)


@pytest.mark.parametrize("theirs", ["shop.chat", "tests.embedding.test_bad_input.TheirChat"])
def test_an_app_of_theirs_called_chat_is_refused_with_the_way_out(theirs: str, monkeypatch: pytest.MonkeyPatch) -> None:
    conf.alone_with_its_label()
    monkeypatch.setattr(conf, "settings", SimpleNamespace(INSTALLED_APPS=["chat", theirs]))
    with pytest.raises(ImproperlyConfigured, match=r"Give yours another: in .*apps\.py, set label"):
        conf.alone_with_its_label()


def test_an_entry_of_chat_that_does_not_exist_is_named() -> None:
    with override_settings(CHAT={"SEND_LIMT": "1/s", "POLICY": "x.y"}):
        [found] = embedding.entries()
    assert found.msg == 'CHAT["SEND_LIMT"] is no setting of the chat.'


@pytest.mark.parametrize(
    ("check", "settings", "name"),
    [
        (embedding.asgi, {"ASGI_APPLICATION": None}, "chat.W031"),
        (embedding.urls, {"ROOT_URLCONF": NO_URLS}, "chat.W030"),
    ],
)
def test_what_is_missing_is_named_with_the_way_out(check: Any, settings: dict[str, Any], name: str) -> None:
    assert check() == []
    with override_settings(**settings):
        [found] = check()
    assert found.id == name
    assert found.hint


def test_sqlite_that_begins_with_a_read_is_named_with_the_option(monkeypatch: pytest.MonkeyPatch) -> None:
    assert embedding.sqlite() == []
    plain = {"default": {"ENGINE": "django.db.backends.sqlite3"}}
    monkeypatch.setattr(embedding, "settings", SimpleNamespace(DATABASES=plain))
    [found] = embedding.sqlite()
    assert (found.id, "IMMEDIATE" in str(found.hint)) == ("chat.W032", True)


@pytest.mark.parametrize(("name", "handle"), [("", "user-"), ("ada@shop.example", "ada"), ("Ünal", "Unal")])
def test_a_user_model_without_a_name_gets_a_handle_as_well(name: str, handle: str) -> None:
    user = SimpleNamespace(get_username=lambda: name)
    assert handle_of(user).startswith(handle.rstrip("-"))  # type: ignore[arg-type]


def test_a_page_of_the_project_itself_may_open_a_socket_during_development_and_behind_tls() -> None:
    with override_settings(DEBUG=True, ALLOWED_HOSTS=[]):
        assert origin_allowed("http://localhost:8000", host="localhost:8000", embedded=True)
    with override_settings(ALLOWED_HOSTS=["shop.example"], HTTPS=True, CSRF_TRUSTED_ORIGINS=[]):
        assert origin_allowed("https://shop.example", host="shop.example", embedded=True)
        assert not origin_allowed("http://shop.example", host="shop.example", embedded=True)
        assert not origin_allowed("https://evil.example", host="shop.example", embedded=True)
        assert not origin_allowed("https://shop.example", host="shop.example")
