"""The API documentation: its examples run, and the responses are those shown."""

import json
import re
import subprocess
from typing import Any

import pytest
from django.test import Client

from chat.api import pages
from chat.api.errors import STATUS
from chat.api.openapi import document
from chat.protocol.errors import Code
from support.servers import ROOT
from tests.api.conftest import Serve

PAGE = (ROOT / "docs" / "api.md").read_text()


def shape(value: Any) -> Any:
    """The structure without the values, except for the numbers of messages and changes."""
    if isinstance(value, dict):
        return {
            name: inner if name in {"seq", "rev"} else shape(inner)
            for name, inner in value.items()
            if name not in {"messages", "reactions"}
        }
    return type(value).__name__


def run(example: str, env: dict[str, str]) -> Any:
    """Run one block as a reader would paste it; returns the response to its first request."""
    script = 'curl() { command curl --silent --show-error --fail-with-body "$@" || exit; echo; }\n' + example
    done = subprocess.run(["bash", "-c", script], env=env, capture_output=True, text=True)
    assert done.returncode == 0, (example, done.stdout, done.stderr)
    return json.loads(done.stdout.splitlines()[0])


def test_every_example_of_the_page_works_and_answers_as_it_says(serve: Serve) -> None:
    with serve() as server:
        server.make_people("ada", "ben")
        env = {"URL": server.url, "PATH": "/usr/bin:/bin", "TOKEN": ""}
        blocks = re.findall(r"```sh\n(.*?)```\n(?:```json\n(.*?)```)?", PAGE, re.DOTALL)
        assert len(blocks) > 8
        for example, told in blocks:
            answer = run(example, env)
            env["TOKEN"] = answer.get("access_token") or env["TOKEN"]
            if told:
                assert shape(answer) == shape(json.loads(told)), example


def test_every_code_stands_in_the_table_with_its_status() -> None:
    rows = re.findall(r"^\| (\d{3}) \| (.*?) \|", PAGE, re.MULTILINE)
    told = {code: int(status) for status, codes in rows for code in re.findall(r"`(\w+)`", codes)}
    assert told == {code.value: status for code, status in STATUS.items() if code != Code.UNKNOWN_TYPE}
    assert {*Code} <= STATUS.keys()


def test_the_reference_shows_every_endpoint_to_anybody_without_a_script(db: None) -> None:
    response = Client().get("/api/v1/docs")
    html = response.content.decode()
    for operations in document()["paths"].values():
        for operation in operations.values():
            assert f'<article id="{operation["operationId"]}"' in html
    for target in re.findall(r'href="#([\w-]+)"', html):
        assert f'id="{target}"' in html, target
    assert "style=" not in html
    assert re.findall(r"<script[^>]*>", html) == []


def test_what_is_the_same_for_all_is_made_once(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    addresses = ("/api/v1/docs", "/api/v1/openapi.json")
    first = [Client().get(address).content for address in addresses]
    made: list[str] = []
    monkeypatch.setattr(pages, "render_to_string", lambda name, *_: made.append(name))
    monkeypatch.setattr(pages, "document", lambda: made.append("document"))
    assert [Client().get(address).content for address in addresses] == first
    assert made == []


def test_the_document_is_served_to_anybody(db: None) -> None:
    assert Client().get("/api/v1/openapi.json").json() == document()
    assert Client().post("/api/v1/openapi.json").status_code in {403, 405}
