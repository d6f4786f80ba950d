"""The format of a log line, and what it must never contain."""

import io
import json
import logging
import re
from collections.abc import Generator
from typing import Any

import pytest
from structlog.contextvars import bound_contextvars

from support.servers import ROOT
from your_project import logging as ours


@pytest.fixture(params=["json"])
def out(request: pytest.FixtureRequest, settings: Any, monkeypatch: pytest.MonkeyPatch) -> Generator[io.StringIO]:
    """The output of our logging."""
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
            logger = logging.getLogger("chat.live.connection_log")
            logger.info("socket opened", extra={"user": 7, "address": "10.0.0.1"})
        line = told(out)
        assert line.pop("timestamp")
        assert line == {
            "event": "socket opened",
            "level": "info",
            "logger": "chat.live.connection_log",
            "connection": "c1",
            "user": 7,
            "address": "10.0.0.1",
        }

    def test_every_documented_field_is_written(self, out: io.StringIO) -> None:
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

    def test_an_exception_names_the_place_and_neither_values_nor_tokens(self, out: io.StringIO) -> None:
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


class TestLengths:
    def test_a_refused_host_is_cut_and_shows_no_token(self, out: io.StringIO) -> None:
        host = "x" * 290 + "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.abc" + "y" * 16_000
        logging.getLogger("django.security.DisallowedHost").error(f"Invalid HTTP_HOST header: '{host}'. Add it.")
        event = str(told(out)["event"])
        assert len(event) <= ours.LONGEST_CHARS + 1
        assert "eyJ" not in event

    def test_a_refused_request_has_no_traceback_and_a_failed_one_has(self, out: io.StringIO) -> None:
        for level, trace in ((logging.WARNING, False), (logging.ERROR, True)):
            try:
                raise PermissionError("not yours")
            except PermissionError:
                logging.getLogger("django.request").log(level, "Forbidden: %s", "/manage/", exc_info=True)
            assert ("Traceback" in out.getvalue()) == trace

    def test_a_path_is_cut(self, out: io.StringIO) -> None:
        logging.getLogger("django.request").warning("%s: %s", "Not Found", "/" + "x" * 16_000)
        assert told(out)["event"] == "Not Found: /" + "x" * (ours.LONGEST_CHARS - 1) + "…"

    def test_of_a_long_exception_both_ends_stay(self, out: io.StringIO) -> None:
        try:
            raise ValueError("x" * 100_000 + "the end")
        except ValueError:
            logging.getLogger("chat").exception("A command failed.")
        exception = str(told(out)["exception"])
        assert len(exception) < 2 * ours.LONGEST_TRACE_CHARS
        assert "test_logging.py" in exception
        assert exception.endswith("the end")
