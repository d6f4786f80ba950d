"""Mistakes that a project around the chat can make, and the error message for each."""

from types import ModuleType, SimpleNamespace
from typing import Any

import pytest
from channels.routing import URLRouter
from django.apps import AppConfig
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.middleware import SessionMiddleware
from django.contrib.sessions.models import Session
from django.core.checks.urls import check_url_namespaces_unique
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.test import override_settings
from django.urls import include, path

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


def urls(name: str, *patterns: Any) -> ModuleType:
    made = ModuleType(name)
    made.urlpatterns = list(patterns)  # type: ignore[attr-defined]
    return made


def their_page(request: HttpRequest, slug: str = "") -> HttpResponse:
    return HttpResponse(slug)


OURS = path("chat/", include("chat.urls"))
NO_URLS = urls("no_urls")
BEHIND = urls("behind", path("<slug:slug>/", their_page), OURS)
THEIRS = urls("theirs", path("talk/", include(([path("", their_page, name="home")], "chat"))))
TWICE = urls("twice", OURS, path("team/", include("chat.urls")))


class TheirSessions(SessionMiddleware):
    """A subclass, such as projects have."""


class TheirChat(AppConfig):
    """The configuration of one of the project's apps that uses our label."""

    name = "playground"
    label = "chat"


async def opened(scope: dict[str, Any]) -> list[dict[str, Any]]:
    """The first messages that a socket with this scope receives."""
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


@pytest.mark.parametrize(("patterns", "at"), [(BEHIND, "/chat/"), (THEIRS, "/talk/")])
def test_patterns_of_theirs_at_the_place_or_in_the_namespace_of_the_chat_are_named(
    patterns: ModuleType, at: str
) -> None:
    with override_settings(ROOT_URLCONF=patterns):
        [found] = embedding.urls()
    assert (found.id, found.msg) == ("chat.E032", f"{__name__}.their_page answers at {at}, where the chat should be.")


def test_the_chat_at_two_places_is_named_by_django() -> None:
    with override_settings(ROOT_URLCONF=TWICE):
        found, *_ = check_url_namespaces_unique(None)
    assert (found.id, "'chat' isn't unique" in found.msg) == ("urls.W005", True)


def test_a_user_model_that_is_none_of_djangos_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert embedding.user_model() == []
    monkeypatch.setattr(embedding, "get_user_model", lambda: Session)
    [found] = embedding.user_model()
    assert (found.id, "AbstractBaseUser" in str(found.hint)) == ("chat.E031", True)


@pytest.mark.django_db
def test_a_user_model_that_was_swapped_after_the_tables_were_made_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert embedding.user_table(databases=None) == embedding.user_table(databases=["default"]) == []
    monkeypatch.setattr(embedding, "get_user_model", lambda: Session)
    [found] = embedding.user_table(databases=["default"])
    assert found.id == "chat.E033"
    assert "chat_participant.user_id refers to accounts_user;" in found.msg
    assert found.msg.endswith("whose table is django_session.")


def test_forms_that_other_sites_can_post_are_named() -> None:
    assert embedding.forms() == []
    with override_settings(MIDDLEWARE=ORDER):
        [found] = embedding.forms()
    assert (found.id, found.hint) == ("chat.W034", "Add django.middleware.csrf.CsrfViewMiddleware to MIDDLEWARE.")


@pytest.mark.parametrize("name", ["SESSION_COOKIE_PATH", "CSRF_COOKIE_PATH"])
def test_a_cookie_that_browsers_do_not_send_to_the_chat_is_named(name: str) -> None:
    assert embedding.cookies() == []
    with override_settings(**{name: "/orders"}):
        [found] = embedding.cookies()
    assert found.msg == f'{name} is "/orders": browsers do not send that cookie to the chat at /.'


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
    with override_settings(ALLOWED_HOSTS=["shop.example"], CHAT_HTTPS=True, CSRF_TRUSTED_ORIGINS=[]):
        assert origin_allowed("https://shop.example", host="shop.example", embedded=True)
        assert not origin_allowed("http://shop.example", host="shop.example", embedded=True)
        assert not origin_allowed("https://evil.example", host="shop.example", embedded=True)
        assert not origin_allowed("https://shop.example", host="shop.example")
