"""Unread counts on the server and in the Python client: checked by the shared cases and by a simple model."""

import json
from typing import Any

import pytest
from hypothesis import given, settings

from chatclient import Transcript
from chatclient.events import Disconnected, Event, Versions
from chatclient.frames import parse
from tests.conformance.acts import play, recorded, wished_acts
from tests.conformance.cases import each_count
from tests.conformance.stage import Captured, Stage

pytestmark = pytest.mark.django_db


class Reader:
    """The Python client's state after the events."""

    def __init__(self) -> None:
        self.transcript = Transcript()
        # The texts from the last answer to `versions`.
        self.texts: list[str] = []

    def take(self, act: dict[str, Any], sent: list[dict[str, Any]]) -> None:
        """Take an act and the events sent for it."""
        if act["act"] == "read here":
            self.transcript.read("lobby", act["seq"])
        self.receive(sent)

    def receive(self, sent: list[dict[str, Any]]) -> None:
        for event in parse(json.dumps(sent)):
            passed: list[Event] = [event]
            if isinstance(event, Versions):
                self.texts = [one.message for one in event.versions]
            if event.type == "authenticated":
                passed.insert(0, Disconnected(reason="", code=None, retry_in=0.0))
            if event.type == "resumed":
                passed = [*event.messages]  # type: ignore[attr-defined]
            for one in passed:
                self.transcript.apply(one)

    @property
    def counts(self) -> dict[str, int]:
        counts = self.transcript.rooms["lobby"].counts
        return {"unread": counts.unread, "mentions": counts.mentions}

    @property
    def threads(self) -> dict[str, list[int]]:
        parts = self.transcript.rooms["lobby"].threads.values()
        return {str(part.thread): [part.unread, part.mentions, part.hidden_mentions] for part in parts if part.unread}

    @property
    def forwards(self) -> dict[str, list[str]]:
        found = {}
        for message in self.transcript.rooms["lobby"].in_order:
            if message.forwarded and not message.deleted:
                start = message.forwarded.start
                found[str(message.seq)] = [message.text[:start].removesuffix("\n\n"), message.text[start:]]
        return found


@each_count
def test_the_server_counts_and_sends_it(case: dict[str, Any], django_capture_on_commit_callbacks: Captured) -> None:
    stage = Stage(django_capture_on_commit_callbacks)
    for step in case["steps"]:
        sent = stage.do(step["do"]) if "do" in step else stage.greeting()
        assert [_named(event, wanted) for event, wanted in zip(sent, step["events"], strict=True)] == step["events"]
        assert stage.counts == step["counts"]


@each_count
def test_the_python_client_counts_it(case: dict[str, Any]) -> None:
    reader = Reader()
    away = False
    for step in case["steps"]:
        act = step.get("do", {"act": "begin"})
        reader.take(act, step["events"])
        away = act["act"] == "lose the connection" or (away and act["act"] != "come back")
        if not away:
            assert reader.counts == step["counts"], step


@pytest.mark.parametrize("seed", range(16))
def test_the_counts_after_random_acts_are_those_of_a_plain_model(seed: int) -> None:
    agree(recorded(seed))


@settings(max_examples=10)
@given(wished_acts())
def test_the_counts_after_any_acts_are_those_of_a_plain_model(acts: list[dict[str, Any]]) -> None:
    agree(play(acts))


def agree(steps: list[dict[str, Any]]) -> None:
    """After each act, server and client have the counts of the model, the client only while it is connected."""
    reader = Reader()
    away = False
    for n, step in enumerate(steps):
        act, sent = step["act"], step["events"]
        reader.take(act, sent)
        assert step["server"] == {name: step[name] for name in ("counts", "threads", "totals")}, (n, act)
        away = act["act"] == "lose the connection" or (away and act["act"] != "come back")
        if not away:
            assert reader.counts == step["counts"], (n, act)
            assert reader.threads == step["threads"], (n, act)
            assert reader.forwards == step["forwards"], (n, act)
        if act["act"] == "versions" and not away:
            assert [one["message"] for one in sent[0]["versions"]] == step["texts"], (n, act)
            assert reader.texts == step["texts"], (n, act)


def _named(event: Any, wanted: Any) -> Any:
    """Only the fields of an event that the case names: later versions may send more."""
    if isinstance(event, dict) and isinstance(wanted, dict):
        return {key: _named(event.get(key), value) for key, value in wanted.items()}
    if isinstance(event, list) and isinstance(wanted, list):
        return [_named(*pair) for pair in zip(event, wanted, strict=True)]
    return event
