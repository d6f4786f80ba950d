"""The page that a person sees when something cannot be done, or our own code fails."""

import re
from typing import Any

import pytest
from django.core.exceptions import BadRequest, PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import Client, override_settings
from django.urls import path

from your_project.urls import handler500 as handler500  # what is tested here
from your_project.urls import urlpatterns as real

SECRET = "a secret in the message"


def broken(_request: HttpRequest) -> HttpResponse:
    raise RuntimeError(SECRET)


def refused(_request: HttpRequest) -> HttpResponse:
    raise PermissionDenied


def senseless(_request: HttpRequest) -> HttpResponse:
    raise BadRequest(SECRET)


urlpatterns = [path("broken/", broken), path("refused/", refused), path("senseless/", senseless), *real]
here = override_settings(ROOT_URLCONF="tests.pages.test_errors")


@pytest.fixture
def stranger() -> Client:
    client = Client(raise_request_exception=False)
    client.cookies["theme"] = "dark"
    client.cookies["sessionid"] = "a" * 32
    return client


# Without a database: no test here has one.
@here
@pytest.mark.parametrize(
    ("address", "status", "sentence"),
    [
        ("/senseless/", 400, "We couldn't understand that request"),
        ("/refused/", 403, "You don't have access to this page"),
        ("/nothing/", 404, "Page not found"),
        ("/broken/", 500, "Something broke on the server"),
    ],
)
def test_each_error_has_a_page_that_needs_no_database(
    stranger: Client, address: str, status: int, sentence: str
) -> None:
    answer = stranger.get(address)
    html = answer.content.decode()
    assert answer.status_code == status
    assert sentence in html
    assert f'<span class="tag">{status}</span>' in html
    assert SECRET not in html
    assert not re.search(r"<script|<style|\sstyle=|\{\w+\}|\{\{|\{%", html)


@here
def test_the_number_on_the_page_is_in_the_line_of_the_log(stranger: Client, capsys: Any) -> None:
    html = stranger.get("/broken/").content.decode()
    found = re.search(r"quote <b>([0-9a-f]{4}-[0-9a-f]{4})</b>", html)
    assert found
    [line] = [line for line in capsys.readouterr().err.splitlines() if "Internal Server Error: /broken/" in line]
    assert f"reference={found[1]}" in line
    assert found[1] not in stranger.get("/broken/").content.decode(), "each failure has its own"


@here
def test_it_keeps_the_theme_and_is_not_cached(stranger: Client) -> None:
    answer = stranger.get("/broken/")
    assert '<html lang="en" data-theme="dark">' in answer.content.decode()
    assert answer.headers["Cache-Control"] == "no-store"
    stranger.cookies["theme"] = '"><script>'
    assert "data-theme" not in stranger.get("/broken/").content.decode()


def test_a_host_that_is_not_ours_gets_the_same_page() -> None:
    answer = Client(headers={"host": "evil.example"}, raise_request_exception=False).get("/accounts/login/")
    assert answer.status_code == 400
    assert "evil" not in answer.content.decode()


@here
def test_a_stranger_is_shown_the_way_in_and_a_person_the_way_back(stranger: Client) -> None:
    for address in ("/nothing/", "/refused/", "/senseless/"):
        html = Client().get(address).content.decode()
        assert 'href="/accounts/login/"' in html
        assert "Back to your rooms" not in html
        assert "Back to your rooms" in stranger.get(address).content.decode()
