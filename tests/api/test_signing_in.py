"""How the API identifies the caller: tokens, JWT, tickets, the cookie, and invalid values of each."""

import asyncio
import base64
import json
import re
import threading
from datetime import timedelta
from typing import Any

import jwt as pyjwt
import pytest
from asgiref.sync import sync_to_async
from django.test import Client, override_settings
from django.utils import timezone
from limits import RateLimitItemPerMinute

from accounts import services
from chat.identity import jwt, throttle
from chat.live.hub import current_hub
from chat.live.rate_limits import SharedBuckets
from support.people import PASSWORD, login_of
from tests.api.conftest import Api


async def get_me(api: Api, token: str) -> int:
    response = await api(None, "GET", "me", headers={"Authorization": f"Bearer {token}"})
    return response.status_code


async def sign_in(api: Api, username: str = "bob", password: str = PASSWORD) -> str:
    response = await api(None, "POST", "token", json={"username": username, "password": password})
    assert response.status_code == 200, response.text
    token: str = response.json()["access_token"]
    return token


@sync_to_async
def cookies(api: Api, who: str) -> dict[str, str]:
    """The cookies of a person's browser after signing in and opening a page."""
    browser = Client()
    browser.force_login(login_of(api.stage.users[who]))
    browser.get("/accounts/password/change/")
    return {name: morsel.value for name, morsel in browser.cookies.items()}


def open_page(browser: Client, api: Api) -> tuple[dict[str, str], str]:
    """The token attributes of a room's page, and the token given to its worker, or that of the cookie."""
    assert browser.get("/csrf/").status_code == 403
    assert not browser.cookies
    browser.force_login(login_of(api.stage.users["bob"]))
    [body] = re.findall("<body([^>]*)>", browser.get("/rooms/square/").content.decode())
    return dict(re.findall(r'(data-csrf-\w+)="([^"]*)"', body)), browser.get("/csrf/").content.decode()


async def test_a_name_and_a_password_give_a_token_that_works_for_an_hour(api: Api) -> None:
    response = await api(None, "POST", "token", json={"username": "bob", "password": PASSWORD})
    answer = response.json()
    assert (answer["token_type"], answer["expires_in"]) == ("bearer", 3600)
    assert response.headers["Cache-Control"] == "no-store"
    me = await api(None, "GET", "me", headers={"Authorization": f"Bearer {answer['access_token']}"})
    user = api.stage.users["bob"]
    assert {"user_id": user.pk, "username": "bob", "display_name": "Bob", "staff": False}.items() <= me.json().items()


@pytest.mark.parametrize(("username", "password"), [("bob", "wrong"), ("nobody", PASSWORD), ("gone", PASSWORD)])
async def test_a_failed_sign_in_does_not_say_what_was_wrong(api: Api, username: str, password: str) -> None:
    response = await api(None, "POST", "token", json={"username": username, "password": password})
    assert response.status_code == 401
    assert response.json() == {"code": "not_signed_in", "message": "That username and password do not match."}
    assert response.headers["WWW-Authenticate"] == "Bearer"


async def test_guessing_a_password_is_slowed_down(api: Api) -> None:
    for _ in range(10):
        response = await api(None, "POST", "token", json={"username": "bob", "password": "wrong"})
        assert response.status_code == 401
    response = await api(None, "POST", "token", json={"username": "bob", "password": PASSWORD})
    assert (response.status_code, response.json()["code"]) == (429, "rate_limited")
    assert int(response.headers["Retry-After"]) == response.json()["retry_after"] > 0


async def test_a_flood_of_guesses_delays_no_other_caller(
    api: Api, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    hashed = threading.Event()

    def slowly(**_: str) -> None:
        hashed.wait(20)

    monkeypatch.setattr("chat.api.tokens.check_password", slowly)
    guess = {"username": "bob", "password": "wrong"}
    flood = [
        asyncio.create_task(api(None, "POST", "token", json=guess)) for _ in range(2 * settings.CHAT_DATABASE_THREADS)
    ]
    try:
        assert (await api("bob", "GET", "me")).status_code == 200
        assert not any(one.done() for one in flood)
    finally:
        hashed.set()
    assert {answer.status_code for answer in await asyncio.gather(*flood)} == {401}


async def test_a_jwt_dies_with_the_password_the_account_and_signing_out_everywhere(api: Api) -> None:
    login = await sync_to_async(login_of)(api.stage.users["bob"])
    token = await sign_in(api)
    await sync_to_async(services.sign_out_everywhere)(user=login)
    assert await get_me(api, token) == 401
    token = await sign_in(api)
    login.set_password("another horse battery")
    await sync_to_async(login.save)()
    assert await get_me(api, token) == 401
    token = await sign_in(api, password="another horse battery")
    await sync_to_async(services.account_deactivate)(user=login)
    assert await get_me(api, token) == 401


async def test_forged_and_stale_tokens_are_refused(api: Api) -> None:
    token = await sign_in(api)
    head, body, signature = token.split(".")
    claims = pyjwt.decode(token, options={"verify_signature": False})
    none = base64.urlsafe_b64encode(json.dumps({"alg": "none", "typ": "JWT"}).encode()).rstrip(b"=").decode()
    expired = claims | {"exp": timezone.now() - timedelta(seconds=1)}
    alice = claims | {"sub": str(api.stage.users["alice"].pk)}
    stale = [
        f"{none}.{body}.",
        f"{none}.{body}.{signature}",
        f"{head}.{body}.{signature[::-1]}",
        pyjwt.encode(expired, jwt._key(), algorithm="HS256"),
        pyjwt.encode(alice, "a key of somebody else, long enough", algorithm="HS256"),
        "bc_nonsense",
        "",
        "é" * 10,
    ]
    assert [await get_me(api, one) for one in stale[:-1]] == [401] * (len(stale) - 1)
    response = await api(None, "GET", "me", params={"token": stale[-1]})
    assert response.status_code == 401
    assert await get_me(api, token) == 200


async def test_a_token_in_the_address_counts_where_no_header_can_be_set(api: Api) -> None:
    response = await api(None, "GET", f"me?token={api.stage.tokens['bob']}")
    assert response.json()["username"] == "bob"


async def test_a_ticket_is_good_once(api: Api) -> None:
    issued = (await api("bob", "POST", "ticket")).json()
    assert issued["expires_in"] == 30
    first = await api(None, "GET", f"me?ticket={issued['ticket']}")
    second = await api(None, "GET", f"me?ticket={issued['ticket']}")
    assert (first.status_code, second.status_code) == (200, 401)


class TestCookie:
    async def test_a_signed_in_page_reads_with_its_cookie_alone(self, api: Api) -> None:
        found = await cookies(api, "bob")
        response = await api(None, "GET", "me", headers={"Cookie": f"sessionid={found['sessionid']}"})
        assert response.json()["username"] == "bob"

    async def test_what_changes_something_needs_the_csrf_token(self, api: Api) -> None:
        found = await cookies(api, "bob")
        cookie = "; ".join(f"{name}={value}" for name, value in found.items())
        for headers in (
            {},
            {"X-CSRFToken": "x" * 32},
            {"X-CSRFToken": found["csrftoken"], "Origin": "https://evil.example"},
        ):
            response = await api(None, "POST", "rooms", json={"room": "attic"}, headers={"Cookie": cookie, **headers})
            assert (response.status_code, response.json()["code"]) == (403, "forbidden")
        headers = {"Cookie": cookie, "X-CSRFToken": found["csrftoken"]}
        response = await api(None, "POST", "rooms", json={"room": "attic"}, headers=headers)
        assert response.status_code == 201

    @pytest.mark.parametrize(
        "theirs",
        [
            {"CSRF_COOKIE_NAME": "shop.proof", "CSRF_HEADER_NAME": "HTTP_X_SHOP"},
            {"CSRF_COOKIE_HTTPONLY": True},
            {"CSRF_USE_SESSIONS": True},
        ],
    )
    async def test_a_page_sends_its_token_as_the_project_around_it_has_it(
        self, api: Api, theirs: dict[str, Any]
    ) -> None:
        with override_settings(**theirs):
            browser = Client()
            page, of_worker = await sync_to_async(open_page)(browser, api)
            cookies = {name: morsel.value for name, morsel in browser.cookies.items()}
            token = page.get("data-csrf-token") or cookies[page["data-csrf-cookie"]]
            cookie = "; ".join(f"{name}={value}" for name, value in cookies.items())
            for proof in (token, of_worker):
                headers = {"Cookie": cookie, page["data-csrf-header"]: proof}
                answer = await api(None, "PATCH", "rooms/square/me", json={"notify": "mentions"}, headers=headers)
                assert answer.status_code == 200, answer.text
            uploaded = await api(None, "POST", "files", files={"file": ("a.txt", b"text")}, headers=headers)
            assert uploaded.status_code == 201, uploaded.text
            for wrong in ({}, {"X-CSRFToken": "x" * 32}, {page["data-csrf-header"]: "x" * 32}):
                answer = await api(None, "POST", "rooms", json={"room": "attic"}, headers={"Cookie": cookie, **wrong})
                assert (answer.status_code, page["data-csrf-header"] in answer.json()["message"]) == (403, True)

    async def test_a_program_that_shows_a_bad_token_does_not_act_as_the_browser_it_runs_in(self, api: Api) -> None:
        found = await cookies(api, "bob")
        headers = {"Cookie": f"sessionid={found['sessionid']}", "Authorization": "Bearer bc_wrong"}
        assert (await api(None, "GET", "me", headers=headers)).status_code == 401


async def test_a_caller_over_the_limit_is_sent_retry_after(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    few = throttle.Limit(RateLimitItemPerMinute(3), None)
    monkeypatch.setitem(throttle.LIMITS, "api", few)
    statuses = [(await api("bob", "GET", "me")).status_code for _ in range(4)]
    assert statuses == [200, 200, 200, 429]
    refused = await api("bob", "GET", "rooms")
    assert 0 < refused.json()["retry_after"] <= 60
    assert (await api("alice", "GET", "me")).status_code == 200


async def test_an_address_that_shows_bad_tokens_all_the_time_is_slowed_down(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(throttle.LIMITS, "stranger", throttle.Limit(None, RateLimitItemPerMinute(2)))
    assert [await get_me(api, f"bc_{n}") for n in range(3)] == [401, 401, 429]
    assert (await api("bob", "GET", "me")).status_code == 200


async def test_with_redis_gone_each_process_counts_for_itself(
    api: Api, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.CHAT_REDIS_URL = "redis://127.0.0.1:1/0"
    monkeypatch.setitem(throttle.LIMITS, "api", throttle.Limit(RateLimitItemPerMinute(2), None))
    assert [(await api("bob", "GET", "me")).status_code for _ in range(3)] == [200, 200, 429]


async def test_messages_by_http_and_by_socket_are_counted_together(api: Api) -> None:
    current_hub().send_limit = SharedBuckets(3, 3600)
    current_hub().send_limit.take(api.stage.users["bob"].pk, asyncio.get_running_loop().time())
    answers = [(await api("bob", "POST", "rooms/garden/messages", json={"message": "x"})) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 429]
    assert answers[-1].json()["retry_after"] > 0
    assert (await api("bob", "GET", "rooms/garden/messages")).status_code == 200
