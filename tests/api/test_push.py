"""Devices that receive pushes, over HTTP: registering, listing and turning off."""

from typing import Any

import pytest

from support.push_service import Browser
from tests.api.conftest import Api

pytestmark = pytest.mark.django_db(transaction=True)

BROWSER = Browser("https://push.vendor.net/phone").subscription


async def test_a_browser_registers_is_listed_and_is_turned_off(api: Api) -> None:
    key = (await api("alice", "GET", "push/key")).json()["public_key"]
    assert len(key) == 87
    made = await api("alice", "POST", "push/subscriptions", json={**BROWSER, "name": "My phone"})
    assert (made.status_code, list(made.json())) == (201, ["id"])
    again = await api("alice", "POST", "push/subscriptions", json={**BROWSER, "name": "My phone"})
    assert again.json() == made.json()
    [listed] = (await api("alice", "GET", "push/subscriptions")).json()["subscriptions"]
    assert (listed["id"], listed["name"], listed["last_sent_at"]) == (made.json()["id"], "My phone", None)
    assert "endpoint" not in listed
    path = f"push/subscriptions/{listed['id']}"
    assert (await api("bob", "DELETE", path)).status_code == 404
    assert (await api("alice", "DELETE", path)).status_code == 204
    assert (await api("alice", "DELETE", path)).status_code == 404
    assert (await api("alice", "GET", "push/subscriptions")).json() == {"subscriptions": []}


async def test_without_a_name_it_is_called_by_its_browser(api: Api) -> None:
    firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
    await api("alice", "POST", "push/subscriptions", json=BROWSER, headers={"User-Agent": firefox})
    [listed] = (await api("alice", "GET", "push/subscriptions")).json()["subscriptions"]
    assert listed["name"] == "Firefox on Linux"


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"endpoint": "https://10.0.0.1/x"}, "endpoint"),
        ({"endpoint": "http://push.vendor.net/x"}, "endpoint"),
        ({"keys": {"p256dh": "AAAA", "auth": "AAAA"}}, "keys"),
        ({"keys": {"p256dh": "AAAA"}}, "keys.auth"),
        ({"name": "x" * 65}, "name"),
    ],
)
async def test_what_is_no_subscription_is_refused(api: Api, change: dict[str, Any], field: str) -> None:
    answer = await api("alice", "POST", "push/subscriptions", json={**BROWSER, **change})
    assert answer.status_code == 422
    assert field in answer.json()["fields"]


async def test_a_stranger_gets_nothing(api: Api) -> None:
    for method, path in (("GET", "push/key"), ("GET", "push/subscriptions"), ("POST", "push/subscriptions")):
        assert (await api(None, method, path)).status_code == 401
