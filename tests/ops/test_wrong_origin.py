"""A server behind TLS without its own address in the settings reports it: in its log, in a metric, on the page."""

import logging
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from chat import metrics
from chat.lib.foreign import cure, is_own
from chat.middleware import OriginMiddleware

HOST = "chat.example.com"
pytestmark = pytest.mark.usefixtures("behind_tls")


@pytest.fixture
def behind_tls(settings: Settings) -> None:
    """The settings of a server whose proxy speaks TLS, without any mention of it."""
    settings.ALLOWED_HOSTS = [HOST]


def post(origin: str, **headers: str) -> tuple[int, str]:
    browser = Client(enforce_csrf_checks=True)
    answer = browser.post("/accounts/login/", {"login": "ada"}, headers={"origin": origin, "host": HOST, **headers})
    return answer.status_code, answer.content.decode()


@pytest.mark.parametrize("origin", [f"https://{HOST}", f"https://{HOST}:8443", f"http://{HOST}:8080"])
def test_the_page_and_the_log_name_the_setting(origin: str, caplog: pytest.LogCaptureFixture) -> None:
    host = origin.partition("://")[2]
    status, html = post(origin, host=host) if origin.startswith("https") else post(origin, host=host.partition(":")[0])
    assert status == 403
    assert "This form has expired" not in html
    lines = [record.getMessage() for record in caplog.records if record.name == "django.security.csrf.cause"]
    assert len(lines) == 1
    assert f"set CSRF_TRUSTED_ORIGINS={origin}" in lines[0]
    if origin.startswith("https"):
        assert f"for the address {origin}." in html
        assert "CSRF_TRUSTED_ORIGINS" in html


def test_a_form_of_another_site_gets_no_advice(caplog: pytest.LogCaptureFixture) -> None:
    status, html = post("https://evil.example")
    assert status == 403
    assert "evil.example" not in html
    assert "CSRF_TRUSTED_ORIGINS" not in html
    [line] = [record.getMessage() for record in caplog.records if record.name == "django.security.csrf.cause"]
    assert "another site" in line


def test_a_form_that_came_without_tls_to_a_server_that_asks_for_it(settings: Settings) -> None:
    settings.CSRF_COOKIE_SECURE = True
    browser = Client(enforce_csrf_checks=True)
    html = browser.post("/accounts/login/", {"login": "ada"}, headers={"host": HOST}).content.decode()
    assert "over https only" in html


def test_a_form_that_is_only_old_still_says_so() -> None:
    browser = Client(enforce_csrf_checks=True)
    html = browser.post("/accounts/login/", {"login": "ada"}, headers={"host": HOST}).content.decode()
    assert "This form has expired" in html


@pytest.mark.parametrize("origin", ["https://chat.example.com", "https://evil.example", "null", ""])
async def test_a_refused_socket_is_a_line_and_a_number(origin: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="chat")
    counter = metrics.CONNECTS.labels("foreign_origin")
    before = counter._value.get()
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        return {"type": "websocket.connect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    async def never(*_: Any) -> None:
        raise AssertionError("it was refused")

    headers = [(b"host", HOST.encode()), (b"cookie", b"sessionid=abc"), (b"origin", origin.encode())]
    scope = {"type": "websocket", "path": "/ws/chat/", "headers": headers, "client": ("10.0.0.9", 1)}
    await OriginMiddleware(never, on_refusal=counter.inc)(scope, receive, send)
    [line] = [record.__dict__ for record in caplog.records if record.message == "socket refused"]
    assert (line["address"], line["origin"], line["code"]) == ("10.0.0.9", origin, 403)
    assert ("CSRF_TRUSTED_ORIGINS" in line["reason"]) == origin.startswith("https")
    assert counter._value.get() == before + 1
    assert sent == [{"type": "websocket.close"}]


@pytest.mark.parametrize(
    ("origin", "host", "own"),
    [
        ("https://chat.example.com", "chat.example.com", True),
        ("HTTPS://Chat.Example.com", "chat.example.com", True),
        ("https://chat.example.com:8443", "chat.example.com:8443", True),
        ("https://chat.example.com", "chat.example.com:8443", False),
        ("https://evil.example", "evil.example", False),
        ("https://chat.example.com/", "chat.example.com", False),
        ("https://[::1", "chat.example.com", False),
        ("null", "chat.example.com", False),
        ("https://", "", False),
    ],
)
def test_an_address_is_ours_only_as_we_are_asked_by_it(origin: str, host: str, own: bool) -> None:
    assert is_own(origin, host) is own


def test_what_is_set_already_stays_in_the_advice(settings: Settings) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://other.example.org"]
    advice = cure(f"https://{HOST}", HOST)
    assert advice.endswith(f"set CSRF_TRUSTED_ORIGINS=https://other.example.org,https://{HOST}")
