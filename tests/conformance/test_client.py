"""The Python client against the shared cases: its session takes in the events, its transcript keeps the state."""

import json
from typing import Any

from chatclient import Transcript
from chatclient.feed import Feed
from chatclient.frames import JSONObject
from chatclient.outbox import Outbox
from chatclient.session import Session
from chatclient.stream import State
from chatclient.timing import Timing
from tests.conformance.cases import assert_expected, each_case


class Reader:
    """A session whose events the test feeds in, and a transcript of what it passes on."""

    def __init__(self, room: str | None) -> None:
        self.feed = Feed(size=1000, listen=True, position=None)
        self.session = Session(
            room=room,
            outbox=Outbox(size=1),
            feed=self.feed,
            timing=Timing(),
            new_id=self._new_id,
            random=lambda: 0.0,
        )
        self.transcript = Transcript()
        self._ids = 0
        self._asked_pages: dict[str, str] = {}
        self._before = True

    def _new_id(self) -> str:
        self._ids += 1
        return f"request {self._ids}"

    def receive(self, event: JSONObject) -> None:
        if event["type"] == "authenticated":
            if not self._before:
                self.session.lost()
            self._before = False
            self._asked_pages.clear()
            self.session.opened(0.0)
        if event["type"] == "history" and event["room"] in self._asked_pages:
            event = {**event, "request_id": self._asked_pages.pop(event["room"])}
        self.session.receive(json.dumps(event), 0.0)
        for command in self.session.commands(0.0):
            if command["type"] == "history":
                self._asked_pages[command["room"]] = command["request_id"]
        while (passed := self.feed.next()) is not None:
            self.transcript.apply(passed)

    @property
    def state(self) -> dict[str, Any]:
        position = self.feed.position
        rooms = {}
        for name, (rev, _) in position.rooms.items():
            kept = self.transcript.rooms[name]
            rooms[name] = {
                "rev": rev,
                "messages": {str(message.seq): message.data for message in kept.in_order},
                "cleared_before": kept.cleared_before,
                "needs_history": self.feed.state(name) is State.RELOADING,
                "title": kept.title,
                "topic": kept.topic,
                "archived": kept.archived,
            }
        return {"epoch": position.epoch, "rooms": rooms}


@each_case
def test_the_python_client_makes_the_same_of_it(case: dict[str, Any]) -> None:
    reader = Reader(None if case["path"] == "/ws/chat/" else "lobby")

    for event in case["events"]:
        reader.receive(event)

    assert_expected(case, reader.state)
