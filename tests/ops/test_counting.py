"""Requests are counted by route, method and status, and clients cannot add routes."""

import json
from typing import Any

import pytest
from django.test import Client

from chat import metrics
from chat.server.health import Health, readiness
from support.people import alice, login_of


def value(name: str, **labels: str) -> float:
    return metrics.REGISTRY.get_sample_value(f"backchannel_{name}", labels) or 0.0


@pytest.mark.parametrize(
    ("path", "method", "route", "status"),
    [
        ("/offline/", "GET", "offline", "200"),
        ("/rooms/lobby/", "GET", "room", "302"),
        ("/api/v1/nothing", "DELETE", "unknown", "404"),
        ("/nothing/of/the/kind/", "GET", "unknown", "404"),
        ("/accounts/login/", "BREW", "account_login", "405"),
        ("/admin/", "GET", "admin", "302"),
        ("/admin/chat/room/7/change/", "GET", "admin", "302"),
    ],
)
@pytest.mark.django_db
def test_a_request_is_counted_by_its_route(path: str, method: str, route: str, status: str) -> None:
    labels = {"route": route, "method": method if method != "BREW" else "other", "status": status}
    before = value("http_requests_total", **labels), value("http_request_seconds_count", route=route)
    answer = Client().generic(method, path)
    assert str(answer.status_code) == status
    assert value("http_requests_total", **labels) == before[0] + 1
    assert value("http_request_seconds_count", route=route) == before[1] + 1
    assert value("http_requests_in_progress") == 0


@pytest.mark.django_db
def test_an_address_of_many_rooms_is_one_route() -> None:
    browser = Client()
    browser.force_login(login_of(alice()))
    routes = {labels["route"] for labels in series()}
    for number in range(20):
        browser.get(f"/rooms/room-{number}/")
        browser.get(f"/made-up-{number}/")
    assert {labels["route"] for labels in series()} - routes <= {"room", "unknown"}


def series() -> list[dict[str, str]]:
    return [
        sample.labels
        for family in metrics.REGISTRY.collect()
        if family.name == "backchannel_http_requests"
        for sample in family.samples
    ]


@pytest.mark.parametrize("missing", [[], ["database"], ["migrations"], ["layer"]])
async def test_the_metrics_say_whether_the_database_is_well(
    missing: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    async def found() -> tuple[list[str], str]:
        return missing, ""

    monkeypatch.setattr(readiness(), "missing", found)
    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    scope = {"type": "http", "path": "/metrics", "method": "GET", "headers": [], "client": ("127.0.0.1", 1)}
    await Health(send)(scope, send, send)  # type: ignore[arg-type]
    well = b"backchannel_database_well 1.0" in sent[1]["body"]
    assert well == (missing in ([], ["layer"])), json.dumps(missing)
