"""Before a socket's consumer: the origin check and authentication."""

import asyncio
from typing import Any

import pytest
from channels.db import database_sync_to_async
from django.db import OperationalError
from django.test import Client

from accounts.models import User
from chat import middleware
from chat.identity import credentials, jwt, tickets
from chat.lib import client_address
from chat.middleware import IdentityMiddleware, OriginMiddleware, origin_allowed
from chat.services.tokens import token_issue
from support.accounts import alice

HOST = "chat.example.com:8000"


class Consumer:
    """Stands in for the chat's own consumer, and records its scope."""

    def __init__(self) -> None:
        self.scope: Any = None

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.scope = scope
        await receive()
        await send({"type": "websocket.accept"})


async def open_socket(
    app: Any, scope: dict[str, Any] | None = None, /, *, query: str = "", **headers: str
) -> list[dict[str, Any]]:
    """The messages sent for a handshake; header names have underscores for hyphens."""
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    raw = [(name.replace("_", "-").encode(), value.encode("latin-1")) for name, value in headers.items()]
    scope = {} if scope is None else scope
    scope |= {"type": "websocket", "path": "/ws/chat/", "headers": raw, "query_string": query.encode()}
    await app(scope, receive, send)
    return sent


def session_of(user: User) -> str:
    browser = Client()
    browser.force_login(user)
    return f"theme=dark; sessionid={browser.cookies['sessionid'].value}"


ACCEPTED = [{"type": "websocket.accept"}]
FORBIDDEN = [{"type": "websocket.close"}]  # before any accept, this is HTTP 403


class TestOrigin:
    @pytest.mark.parametrize(
        ("origin", "host", "allowed"),
        [
            ("http://chat.example.com:8000", HOST, True),
            ("HTTP://Chat.Example.COM:8000", HOST, True),
            ("http://chat.example.com", "chat.example.com", True),
            ("", HOST, False),
            ("null", HOST, False),
            ("https://chat.example.com:8000", HOST, False),
            ("ws://chat.example.com:8000", HOST, False),
            ("http://chat.example.com", HOST, False),
            ("http://chat.example.com:8001", HOST, False),
            ("http://chat.example.com:80000", HOST, False),
            ("http://evil-chat.example.com:8000", HOST, False),
            ("http://chat.example.com.evil.com:8000", HOST, False),
            ("http://chat.example.com:8000.evil.com", HOST, False),
            ("http://chat.example.com:8000@evil.com", HOST, False),
            ("http://evil.com", "evil.com", False),  # a Host that we do not serve
            ("http://chat.example.com:8000/", HOST, False),
            ("http://chat.example.com:8000 http://evil.com", HOST, False),
            ("chat.example.com:8000", HOST, False),
            ("http://", "", False),
            ("http://[", "[", False),
            ("http://[::1]:8000", "[::1]:8000", True),
        ],
    )
    def test_without_tls_the_pages_of_this_host_may_use_the_cookie(
        self, settings: Any, origin: str, host: str, allowed: bool
    ) -> None:
        settings.CHAT_HTTPS, settings.CSRF_TRUSTED_ORIGINS = False, []
        settings.ALLOWED_HOSTS = ["chat.example.com", "[::1]"]
        assert origin_allowed(origin, host=host) is allowed

    @pytest.mark.parametrize(
        ("origin", "allowed"),
        [
            ("https://chat.example.com", True),
            ("https://Chat.Example.com", True),
            ("http://chat.example.com", False),
            ("https://chat.example.com:8443", False),
            ("https://evilchat.example.com", False),
            ("https://chat.example.com.evil.com", False),
            ("https://team.example.org", True),
            ("https://a.b.example.org", True),
            ("http://team.example.org", False),
            ("https://team.example.org:8443", False),
            ("https://evilexample.org", False),
            ("https://evil.com/.example.org", False),
            ("https://evil.com?.example.org", False),
            ("https://evil.com#.example.org", False),
            ("https://evil.com@a.example.org", False),
            ("https://*.example.org", False),
            ("null", False),
            ("", False),
        ],
    )
    def test_behind_tls_only_named_origins_may_use_the_cookie(self, settings: Any, origin: str, allowed: bool) -> None:
        settings.CHAT_HTTPS, settings.ALLOWED_HOSTS = True, ["chat.example.com"]
        settings.CSRF_TRUSTED_ORIGINS = ["https://chat.example.com", "https://*.example.org"]
        assert origin_allowed(origin, host="chat.example.com") is allowed

    @pytest.mark.parametrize("origin", [{}, {"origin": "null"}, {"origin": "http://evil.example"}])
    async def test_another_site_gets_no_socket_with_this_browsers_cookie(
        self, settings: Any, origin: dict[str, str]
    ) -> None:
        settings.ALLOWED_HOSTS = ["chat.example.com"]
        consumer = Consumer()
        assert await open_socket(OriginMiddleware(consumer), host=HOST, cookie="sessionid=abc", **origin) == FORBIDDEN
        assert consumer.scope is None

    @pytest.mark.parametrize(
        "shown", [{"authorization": "Bearer bc_x"}, {"query": "token=bc_x"}, {"query": "ticket=x"}, {}]
    )
    @pytest.mark.parametrize("origin", [{}, {"origin": "null"}, {"origin": "http://evil.example"}])
    async def test_a_program_with_a_token_and_a_stranger_may_come_from_anywhere(
        self, shown: dict[str, str], origin: dict[str, str]
    ) -> None:
        cookie = {"cookie": "sessionid=abc"} if shown else {"cookie": "theme=dark"}
        assert await open_socket(OriginMiddleware(Consumer()), host=HOST, **shown, **origin, **cookie) == ACCEPTED


@pytest.mark.django_db(transaction=True)
class TestWhoIsAsking:
    async def test_a_stranger_is_let_through_without_a_query(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(middleware, "identify_all", None)
        consumer = Consumer()
        assert await open_socket(IdentityMiddleware(consumer), query="room=lobby") == ACCEPTED
        assert consumer.scope["identity"] is None
        assert consumer.scope["query_string"] == b"room=lobby"

    async def test_a_person_is_known_by_their_cookie(self) -> None:
        user = await database_sync_to_async(alice)()
        consumer = Consumer()
        await open_socket(IdentityMiddleware(consumer), cookie=await database_sync_to_async(session_of)(user))
        assert consumer.scope["identity"].user == user.participant
        assert consumer.scope["identity"].kind == "session"

    async def test_a_socket_keeps_one_scope_and_its_server_no_secret_address(self) -> None:
        user = await database_sync_to_async(alice)()
        _, key = await database_sync_to_async(token_issue)(user=user.participant, name="bot")
        consumer, scope = Consumer(), dict[str, Any]()
        await open_socket(IdentityMiddleware(consumer), scope, query=f"room=a&token={key}")
        assert consumer.scope is scope, "a copy for each layer would live as long as the socket"
        assert scope["query_string"] == b"room=a"

    async def test_a_program_is_known_by_its_token_which_is_removed_afterwards(self) -> None:
        user = await database_sync_to_async(alice)()
        _, key = await database_sync_to_async(token_issue)(user=user.participant, name="bot")
        consumer = Consumer()
        await open_socket(IdentityMiddleware(consumer), query=f"room=a%26b&token={key}&token={key}&empty=")
        assert consumer.scope["identity"].kind == "token"
        assert consumer.scope["query_string"] == b"room=a%26b&empty="

    async def test_a_ticket_opens_one_socket_even_when_two_come_at_once(self) -> None:
        def make() -> str:
            identity = credentials.identify(
                headers={"authorization": f"Bearer {jwt.issue(alice().participant)}"}, cookies={}, query={}
            )
            assert identity
            return tickets.issue(identity)

        ticket = await database_sync_to_async(make)()
        consumers = [Consumer() for _ in range(4)]
        await asyncio.gather(*(open_socket(IdentityMiddleware(one), query=f"ticket={ticket}") for one in consumers))
        assert [one.scope["identity"].kind for one in consumers if one.scope["identity"]] == ["ticket"]
        assert {one.scope["query_string"] for one in consumers} == {b""}

    async def test_when_the_database_is_silent_the_client_is_asked_to_come_back(
        self, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        def silent(_: Any) -> None:
            raise OperationalError("connection to server at 10.0.0.7 failed for bc_secret")

        monkeypatch.setattr(middleware, "identify_all", silent)
        consumer = Consumer()
        sent = await open_socket(IdentityMiddleware(consumer), query="token=bc_secret")
        assert sent == [{"type": "websocket.accept"}, {"type": "websocket.close", "code": 1013}]
        assert consumer.scope is None
        assert "bc_secret" not in caplog.text


@pytest.mark.django_db
class TestAddress:
    @pytest.mark.parametrize(
        ("trust", "forwarded", "seen"),
        [
            (False, "6.6.6.6", "10.0.0.1"),
            (True, "6.6.6.6", "6.6.6.6"),
            (True, "1.1.1.1, 6.6.6.6", "6.6.6.6"),
            (True, "", "10.0.0.1"),
            (True, "1.1.1.1, ", "10.0.0.1"),
        ],
    )
    def test_only_what_our_proxy_wrote_is_believed(self, settings: Any, trust: bool, forwarded: str, seen: str) -> None:
        settings.CHAT_TRUST_PROXY = trust
        headers = [(b"x-forwarded-for", forwarded.encode())] if forwarded else []
        assert client_address.of_scope({"client": ("10.0.0.1", 4711), "headers": headers}) == seen
        request = Client().get("/accounts/signup/username/", headers={"x-forwarded-for": forwarded}).wsgi_request
        request.META["REMOTE_ADDR"] = "10.0.0.1"
        assert client_address.of_request(request) == seen

    def test_a_unix_socket_has_no_address(self) -> None:
        assert client_address.of_scope({"client": None, "headers": []}) == ""
