"""A short day of a few people: every activity of a day happens, and nothing is lost."""

import json

import pytest

from bench import servers, working_day


def test_everybody_gets_each_message_once(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    # Nothing is timed here, and only processes that `taskset` does not start can be forked.
    monkeypatch.setattr(servers, "pinned", list)
    assert working_day.main(["--people", "6", "--minutes", "0.1"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["lost"], found["doubled"], found["sockets that the server closed"]) == (0, 0, 0)
    # 6 people in at most three rooms, each with all of them.
    assert found["messages"] >= 6 * 23 + 20
    assert found["deliveries"] == found["messages"] * 6
    took = found["milliseconds"]
    assert {"delivery", "post", "reconnect", "search", "upload"} <= set(took)
    assert all(one["n"] > 0 for one in took.values())


def test_a_day_of_no_one_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit, match="2"):
        working_day.main(["--people", "1"])
    assert "at least two people" in capsys.readouterr().err
