"""Middleware that does not block runs on the event loop, and every response is the same as through threads."""

import asyncio
import re
import threading
from typing import Any, cast

import httpx
import pytest
from asgiref.sync import sync_to_async
from django.core.handlers.asgi import ASGIHandler
from django.http import HttpRequest, HttpResponse
from django.middleware.common import CommonMiddleware
from django.test import RequestFactory
from django.utils.deprecation import MiddlewareMixin
from django.utils.module_loading import import_string

from support.people import PASSWORD
from tests.api.conftest import Api
from tests.api.test_forged_requests import cookie_of
from your_project import on_the_loop

TOKEN = "c" * 32
FORM = {"X-CSRFToken": TOKEN}
SIGN_IN = {"login": "bob", "password": PASSWORD}
GERMAN = {"Accept-Language": "de"}
# The parts of headers that vary: signed cookies, tokens, times, the nonce. Also the length of compressed responses,
# which contain random bytes.
RANDOM = re.compile(
    r"(?<=csrftoken=)\w{32}|(?<=sessionid=)\w{32}|(?<=known_device=)[^;]+|(?<=messages=)[^;]+|(?<='nonce-)[^']+"
    r"|\w{3}, \d\d \w{3} \d{4} [\d:]+ GMT"
)


def told(response: httpx.Response) -> tuple[int, list[tuple[str, str]]]:
    """The status and all headers in order, without the random parts."""
    packed = "content-encoding" in response.headers
    headers = [(name, RANDOM.sub("…", value)) for name, value in response.headers.multi_items()]
    return response.status_code, [one for one in headers if not (packed and one[0] == "content-length")]


async def answers(api: Api, cookie: str) -> dict[str, httpx.Response]:
    """One response of each kind."""
    mine, form = {"Cookie": cookie}, {"Cookie": f"{cookie}; csrftoken={TOKEN}"} | FORM

    async def ask(method: str, path: str, headers: dict[str, str], **options: Any) -> httpx.Response:
        api.http.cookies.clear()
        return await api.http.request(method, path, headers=headers, **options)

    return {
        "api": await api("bob", "GET", "me"),
        "posted": await api("bob", "POST", "rooms/garden/messages", json={"message": "Hello", "client_id": "one"}),
        "stranger": await api(None, "GET", "me", headers=GERMAN),
        "no such room": await api("bob", "GET", "rooms/nowhere/messages"),
        "foreign host": await ask("GET", "/accounts/login/", {"Host": "elsewhere.example"}),
        "login": await ask("GET", "/accounts/login/", GERMAN),
        "login, not packed": await ask("GET", "/accounts/login/", {"Accept-Encoding": "identity"}),
        "forged": await ask("POST", "/accounts/login/", {}, data=SIGN_IN),
        "forged, of the API": await ask("POST", "/api/v1/rooms/garden/messages", mine, json={"message": "Hello"}),
        "signed in": await ask("POST", "/accounts/login/", {"Cookie": f"csrftoken={TOKEN}"} | FORM, data=SIGN_IN),
        "ended session": await ask("GET", "/accounts/login/", {"Cookie": f"sessionid={'a' * 32}"}),
        "room": await ask("GET", "/rooms/garden/", mine),
        "slash": await ask("GET", "/rooms/garden", mine),
        "nothing": await ask("GET", "/nothing/", GERMAN),
        "chosen": await ask("POST", "/settings/language/", form, data={"language": "de"}),
        "admin": await ask("GET", "/admin/", mine),
    }


async def test_all_headers_are_those_of_django(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    cookie = await sync_to_async(cookie_of)(api, "alice")
    # The first round fills the caches and creates what the first message creates.
    await answers(api, cookie)
    ours = await answers(api, cookie)
    monkeypatch.setattr(MiddlewareMixin, "__acall__", on_the_loop._through_threads)
    theirs = await answers(api, cookie)
    assert {name: told(one) for name, one in ours.items()} == {name: told(one) for name, one in theirs.items()}
    assert {name: one.status_code for name, one in ours.items()} == {
        **dict.fromkeys(("api", "posted", "login", "login, not packed", "ended session", "room", "admin"), 200),
        "stranger": 401,
        "no such room": 404,
        "foreign host": 400,
        "forged": 403,
        "forged, of the API": 403,
        "signed in": 302,
        "slash": 301,
        "nothing": 404,
        "chosen": 302,
    }
    assert ours["login"].headers["Content-Language"] == "de"
    assert ours["login"].headers["Content-Encoding"] == "gzip"
    of_all = {"x-frame-options", "x-content-type-options", "referrer-policy", "cross-origin-opener-policy", "vary"}
    assert all(of_all <= set(ours[name].headers) for name in ("api", "login", "room", "forged", "stranger"))
    assert "default-src" in ours["api"].headers["Content-Security-Policy"]
    assert "sessionid" in ours["signed in"].headers["Set-Cookie"]


async def test_without_tls_a_request_is_sent_to_it(settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    transport = httpx.ASGITransport(cast(Any, ASGIHandler()))
    async with httpx.AsyncClient(transport=transport, base_url="http://testserver") as http:
        answer = await http.get("/api/v1/me")
    assert (answer.status_code, answer.headers["Location"]) == (301, "https://testserver/api/v1/me")


async def test_requests_in_two_languages_do_not_mix(api: Api) -> None:
    asked = ["de", "en"] * 10
    got = await asyncio.gather(
        *(api.http.get("/accounts/login/", headers={"Accept-Language": language}) for language in asked)
    )
    assert [one.headers["Content-Language"] for one in got] == asked
    assert [re.findall(r'<html lang="(\w+)"', one.text) for one in got] == [[language] for language in asked]


async def test_only_what_may_wait_goes_to_a_thread(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    loop, waited = threading.get_ident(), set()

    def noted(kind: type[Any], hook: str) -> None:
        real = getattr(kind, hook)

        def note(self: Any, *args: Any) -> Any:
            if threading.get_ident() != loop:
                waited.add((kind.__name__, hook))
            return real(self, *args)

        monkeypatch.setattr(kind, hook, note)

    for kind in on_the_loop._WAITS:
        for hook in ("process_request", "process_response"):
            if hasattr(kind, hook):
                noted(kind, hook)
    await api("bob", "GET", "me")
    assert waited == set()
    cookie = await sync_to_async(cookie_of)(api, "alice")
    headers = {"Cookie": f"{cookie}; csrftoken={TOKEN}"} | FORM
    await api.http.post("/settings/language/", headers=headers, data={"language": "de"})
    assert waited == {("MessageMiddleware", "process_response")}
    waited.clear()
    assert len((await api.http.get("/rooms/garden/", headers=headers)).content) > on_the_loop.COMPRESSED_AT_ONCE
    assert ("CompressionMiddleware", "process_response") in waited
    waited.clear()
    api.http.cookies.clear()
    await api.http.post("/accounts/login/", headers={"Cookie": f"csrftoken={TOKEN}"} | FORM, data=SIGN_IN)
    assert ("SessionMiddleware", "process_response") in waited


async def test_what_a_project_makes_of_a_middleware_may_wait(rf: RequestFactory) -> None:
    threads = []

    class Asking(CommonMiddleware):
        def process_request(self, request: HttpRequest) -> None:
            threads.append(threading.get_ident())

    async def respond(request: HttpRequest) -> HttpResponse:
        return HttpResponse("")

    await cast(Any, Asking(respond))(rf.get("/"))
    assert threads != [threading.get_ident()]


def test_each_of_them_is_in_use(settings: Any) -> None:
    assert set(on_the_loop._WAITS) <= {import_string(name) for name in settings.MIDDLEWARE}
