"""What a page of another origin can do with the cookie of a signed-in person: nothing, at any address.

The addresses come from the URL configuration and the OpenAPI document, so that a new one is tested without a change
here.
"""

import re
from collections.abc import Iterator

from asgiref.sync import sync_to_async
from django.apps import apps
from django.test import Client
from django.urls import URLResolver, get_resolver

from chat.api.openapi import document
from support import people
from tests.api.conftest import Api

SAFE = {"get", "head", "options"}
# These ignore cookies: one exchanges a password for a token, and the link in an e-mail is its own proof (RFC 8058).
WITHOUT_COOKIE = {("POST", "/api/v1/token"), ("POST", "/unsubscribe/1/")}
NOT_BY_REQUEST = {"chat.ProcessLease", "chat.SearchCursor", "chat.SearchDocument", "usersessions.UserSession"}
PARTS = {"room": "garden", "slug": "garden", "username": "alice", "key": "A" * 22}


def address(route: str) -> str:
    """Fill the pattern of a route with a room, a person and so on."""
    named = re.sub(r"\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)", r"<\1>", route)
    return re.sub(r"[<{](?:\w+:)?(\w+)[>}]", lambda part: PARTS.get(part[1], "1"), re.sub(r"\^|\$|\\Z", "", named))


def routes(resolver: URLResolver, before: str = "/") -> Iterator[str]:
    for one in resolver.url_patterns:
        route = before + str(one.pattern)
        yield from routes(one, route) if isinstance(one, URLResolver) else [route]


def requests() -> set[tuple[str, str]]:
    """Every request that may change something, as method and address."""
    of_pages = {("POST", address(route)) for route in routes(get_resolver()) if not route.startswith("/api/v1/")}
    of_api = {
        (method.upper(), address(route))
        for route, methods in document()["paths"].items()
        for method in methods.keys() - SAFE
    }
    return of_pages | of_api


def cookie_of(api: Api, name: str) -> str:
    """The cookie of a signed-in person with all rights."""
    browser = Client()
    browser.force_login(people.login_of(people.administrator(api.stage.users[name])))
    return f"sessionid={browser.cookies['sessionid'].value}"


async def test_no_address_takes_a_cookie_without_the_token_of_the_page(api: Api) -> None:
    cookie = await sync_to_async(cookie_of)(api, "staff")
    asked = requests()
    assert asked > WITHOUT_COOKIE | {("POST", "/settings/profile/"), ("PATCH", "/api/v1/rooms/garden/messages/1")}
    taken = {}
    for method, place in sorted(asked - WITHOUT_COOKIE):
        answer = await api.http.request(method, place, headers={"Cookie": cookie})
        if answer.status_code not in {403, 405}:
            taken[method, place] = answer.status_code
    assert taken == {}


def rows() -> dict[str, list[tuple[object, ...]]]:
    """All rows of the database, without those that the server writes on its own, and when a session was used."""
    models = [one for one in apps.get_models() if one._meta.label not in NOT_BY_REQUEST]
    return {one._meta.label: list(one._default_manager.order_by("pk").values_list()) for one in models}


async def test_no_address_changes_anything_when_it_is_read(api: Api) -> None:
    cookie = await sync_to_async(cookie_of)(api, "alice")
    await api.say("bob", "@alice hello")
    before = await sync_to_async(rows)()
    assert before["chat.Message"]
    answers = {
        place: (await api.http.get(place, headers={"Cookie": cookie})).status_code
        for place in sorted({address(route) for route in routes(get_resolver())})
        # Django's own pages, which are slow.
        if not place.startswith("/admin/")
    }
    assert await sync_to_async(rows)() == before
    assert {answers[place] for place in ("/rooms/garden/", "/settings/", "/api/v1/rooms/garden/messages")} == {200}
    assert [place for place, status in answers.items() if status >= 500] == []
