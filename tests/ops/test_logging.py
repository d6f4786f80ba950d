"""What a log line looks like, and what is never in one."""

import io
import json
import logging
import re
from collections.abc import Generator
from typing import Any

import pytest
from structlog.contextvars import bound_contextvars

from tests.support.servers import ROOT
from your_project import logging as ours


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("GET /ws/chat/?token=bc_abc123&room=x", "GET /ws/chat/?token=[…]&room=x"),
        ("/ws/chat/lobby/?ticket=a-b_c HTTP/1.1", "/ws/chat/lobby/?ticket=[…] HTTP/1.1"),
        ("/accounts/signup/?invitation=xyz", "/accounts/signup/?invitation=[…]"),
        ("Authorization: Bearer eyJhbGciOi.eyJzdWIiOi.c2ln", "Authorization: Bearer […]"),
        ('{"password": "correct horse"}', '{"password": "[…] horse"}'),
        ("cookie sessionid=abcdef; csrftoken=ghij", "cookie sessionid=[…]; csrftoken=[…]"),
        ("a key bc_0123456789abcdef somewhere", "a key […] somewhere"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc_-9", "[…]"),
        ("tokens are fine, so is the word ticket", "tokens are fine, so is the word ticket"),
        ("took 3 of 30 tokens", "took 3 of 30 tokens"),
    ],
)
def test_secrets_are_blotted_out(line: str, expected: str) -> None:
    assert ours.without_secrets(line) == expected


@pytest.fixture(params=["json"])
def out(request: pytest.FixtureRequest, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Generator[io.StringIO]:
    """What our logging writes."""
    ours.configure({"format": request.param})
    stream = io.StringIO()
    monkeypatch.setattr(ours._Stderr, "stream", stream)
    yield stream
    ours.configure(settings.LOGGING)


def told(out: io.StringIO) -> dict[str, object]:
    [line] = out.getvalue().splitlines()
    read: dict[str, object] = json.loads(line)
    return read


class TestLines:
    def test_a_line_is_one_object_with_its_fields_and_its_connection(self, out: io.StringIO) -> None:
        with bound_contextvars(connection="c1"):
            logging.getLogger("chat.live.journal").info("socket opened", extra={"user": 7, "address": "10.0.0.1"})
        line = told(out)
        assert line.pop("timestamp")
        assert line == {
            "event": "socket opened",
            "level": "info",
            "logger": "chat.live.journal",
            "connection": "c1",
            "user": 7,
            "address": "10.0.0.1",
        }

    def test_every_field_that_operators_are_told_of_is_written(self, out: io.StringIO) -> None:
        page = (ROOT / "docs" / "operations.md").read_text()
        rows = re.findall(r"^\| `[a-z ]+` \| (.+) \|$", page.partition("| Event | Fields |")[2], re.MULTILINE)
        promised = {field for row in rows for field in re.findall(r"`([a-z_]+)`", row)}
        assert promised >= {"user", "room", "hints"}
        logging.getLogger("chat").info("something", extra=dict.fromkeys(promised, 1))
        assert promised <= told(out).keys()

    def test_what_libraries_add_stays_out(self, out: io.StringIO) -> None:
        extra = {"request": "<ASGIRequest: GET '/?token=bc_0123456789'>", "status_code": 404}
        logging.getLogger("django.request").warning("Not Found: %s", "/x", extra=extra)
        line = told(out)
        assert (line["event"], line["status_code"]) == ("Not Found: /x", 404)
        assert "request" not in line

    def test_an_exception_tells_where_and_neither_values_nor_tokens(self, out: io.StringIO) -> None:
        try:
            local = "the text of a message"
            raise ValueError(f"refused: token=bc_0123456789 {len(local)}")
        except ValueError:
            logging.getLogger("chat").exception("A command failed.")
        exception = str(told(out)["exception"])
        assert "test_logging.py" in exception
        assert "token=[…]" in exception
        assert "the text of a message" not in exception

    def test_a_line_break_in_a_value_forges_no_line(self, out: io.StringIO) -> None:
        logging.getLogger("chat").warning("from %s", 'x\n{"event": "forged"}')
        assert str(told(out)["event"]).startswith("from x\n")

    @pytest.mark.parametrize("out", ["console"], indirect=True)
    def test_for_people_neither(self, out: io.StringIO) -> None:
        logging.getLogger("chat").warning("from %s", "x\n12:00:00 [info] forged \x1b[2J", extra={"address": "a\r\nb"})
        [line] = out.getvalue().splitlines()
        assert line.endswith("from x\\n12:00:00 [info] forged \\x1b[2J [chat] address=a\\r\\nb")
