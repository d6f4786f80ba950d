"""Events between client and server in any order: nothing lost, nothing doubled, nothing out of order.

A model of the server and the session are the ends of a wire that loses, breaks and delays as hypothesis chooses.
"""

import json
from collections import deque
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from chatclient import stream
from chatclient.events import Event, Message, Reloaded
from chatclient.feed import Feed
from chatclient.outbox import Outbox
from chatclient.session import Session
from chatclient.timing import Timing

Object = dict[str, Any]


class ModelServer:
    """The room according to the contract, with limits small enough to reach."""

    changes_at_most = 3
    page = 2

    def __init__(self) -> None:
        self.messages: list[Object] = []
        self.rev = 0

    def write(self, seq: int, text: str, client_id: str | None = None) -> Object:
        self.rev += 1
        message = {
            "type": "message",
            "room": "lobby",
            "seq": seq,
            "rev": self.rev,
            "message": text,
            "username": "bob",
            "timestamp": "2026-11-21T10:00:00+00:00",
            "client_id": client_id,
        }
        self.messages[seq - 1 : seq] = [message]
        return message

    def answer(self, command: Object) -> tuple[list[Object], list[Object]]:
        """The events for everyone, and the reply."""
        ids = {"request_id": command["request_id"]} if "request_id" in command else {}
        match command["type"]:
            case "chat_message":
                known = [message for message in self.messages if message["client_id"] == command["client_id"]]
                told = [] if known else [self.write(len(self.messages) + 1, command["message"], command["client_id"])]
                message = (known or told)[0]
                ack = {"type": "ack", "client_id": command["client_id"], "room": "lobby", "seq": message["seq"]}
                return told, [ack | ids]
            case "resume":
                changed = [message for message in self.messages if message["rev"] > command["rooms"]["lobby"]]
                complete = len(changed) <= self.changes_at_most
                shown = sorted(changed, key=lambda message: int(message["rev"])) if complete else []
                reply = {"type": "resumed", "room": "lobby", "complete": complete, "messages": shown, "rev": self.rev}
                return [], [reply | ids]
            case "history":
                shown = self.messages[command["after"] :][: self.page]
                more = command["after"] + len(shown) < len(self.messages)
                reply = {"type": "history", "room": "lobby", "messages": shown, "has_older": True, "has_newer": more}
                return [], [reply | ids]
        return [], []


class Conversation(RuleBasedStateMachine):
    """`up` and `down` are the wire, `replies` the replies that the server has not sent yet; a break loses all of it."""

    @initialize(buffer=st.integers(2, 8))
    def begin(self, buffer: int) -> None:
        self.held_events, stream.HELD_EVENTS = stream.HELD_EVENTS, 3
        self.server = ModelServer()
        self.outbox = Outbox(size=1000)
        self.feed = Feed(size=buffer, listen=True, position=None)
        self.ids = 0
        self.session = Session(
            room="lobby",
            outbox=self.outbox,
            feed=self.feed,
            timing=Timing(),
            new_id=self._new_id,
            random=lambda: 0.0,
        )
        self.up: deque[Object] = deque()
        self.down: deque[Object] = deque()
        self.replies: deque[Object] = deque()
        self.connected = False
        self.submitted: list[str] = []
        self.read: list[Event] = []
        self.now = 0.0
        self.connect()
        # The guarantees begin with the first `joined_room` that arrives.
        self.a_batch_arrives(2)

    def _new_id(self) -> str:
        self.ids += 1
        return f"id {self.ids}"

    def connect(self) -> None:
        self.connected = True
        self.session.opened(self.now)
        self.down.append({"type": "authenticated", "username": "alice", "epoch": "one", "limits": {}})
        self.down.append(
            {"type": "joined_room", "room": "lobby", "seq": len(self.server.messages), "rev": self.server.rev}
        )

    @rule()
    def ada_submits(self) -> None:
        client_id = self._new_id()
        self.session.submit({"type": "chat_message", "room": "lobby", "message": client_id, "client_id": client_id})
        self.submitted.append(client_id)

    @rule(count=st.integers(1, 5))
    def bob_posts(self, count: int) -> None:
        for _ in range(count):
            self._tell(self.server.write(len(self.server.messages) + 1, "from bob"))

    @precondition(lambda self: self.server.messages)
    @rule(data=st.data())
    def bob_edits(self, data: st.DataObject) -> None:
        seq = data.draw(st.integers(1, len(self.server.messages)))
        self._tell(self.server.write(seq, f"edit {self.server.rev}", self.server.messages[seq - 1]["client_id"]))

    def _tell(self, event: Object) -> None:
        if self.connected:
            self.down.append(event)

    @rule()
    def the_client_writes(self) -> None:
        if self.connected:
            self.up.extend(self.session.commands(self.now))

    @precondition(lambda self: self.up)
    @rule(refused=st.sampled_from([None, None, None, "rate_limited", "unavailable"]))
    def the_server_takes_a_command(self, refused: str | None) -> None:
        command = self.up.popleft()
        if refused is not None and "request_id" in command:
            self.down.append({"type": "error", "code": refused, "message": "", "request_id": command["request_id"]})
            return
        told, replies = self.server.answer(command)
        for event in told:
            self._tell(event)
        self.replies.extend(replies)

    @precondition(lambda self: self.replies)
    @rule()
    def a_reply_is_sent(self) -> None:
        """A reply takes time: the events of the meantime are sent before it."""
        self._tell(self.replies.popleft())

    @precondition(lambda self: self.down)
    @rule()
    def a_frame_arrives(self) -> None:
        self.session.receive(json.dumps(self.down.popleft()), self.now)

    @precondition(lambda self: self.down)
    @rule(count=st.integers(2, 5))
    def a_batch_arrives(self, count: int) -> None:
        batch = [self.down.popleft() for _ in range(min(count, len(self.down)))]
        self.session.receive(json.dumps(batch), self.now)

    @rule(count=st.integers(1, 4))
    def the_reader_reads(self, count: int) -> None:
        for _ in range(count):
            if (event := self.feed.next()) is not None:
                self.read.append(event)

    @precondition(lambda self: self.connected)
    @rule()
    def the_connection_breaks(self) -> None:
        self.connected = False
        self.up.clear()
        self.down.clear()
        self.replies.clear()
        self.session.lost()

    @precondition(lambda self: not self.connected)
    @rule()
    def the_client_reconnects(self) -> None:
        self.connect()

    @rule()
    def time_passes(self) -> None:
        self.now += 1.0

    @invariant()
    def nothing_is_doubled_or_out_of_order(self) -> None:
        states = [(event.seq, event.rev) for event in self.read if isinstance(event, Message)]
        assert len(states) == len(set(states))
        newest: dict[int, int] = {}
        for seq, rev in states:
            assert rev > newest.get(seq, 0), "an older state came after a newer one"
            newest[seq] = rev
        # The pages of a reload are in the order of `seq`, everything else in that of `rev`.
        if not any(isinstance(event, Reloaded) for event in self.read):
            assert [rev for _, rev in states] == sorted(rev for _, rev in states), "changes came out of order"

    @invariant()
    def messages_arrive_once_and_in_order(self) -> None:
        arrived = [m["client_id"] for m in self.server.messages if m["client_id"] is not None]
        assert arrived == self.submitted[: len(arrived)]

    def teardown(self) -> None:
        """Let both run undisturbed for a while: then everything has arrived everywhere."""
        stream.HELD_EVENTS = self.held_events
        for _ in range(500):
            if not self.connected:
                self.connect()
            self.now += 1.0
            self.the_client_writes()
            while self.up:
                self.the_server_takes_a_command(None)
            while self.replies:
                self.a_reply_is_sent()
            while self.down:
                self.a_frame_arrives()
            self.the_reader_reads(1000)
            if (
                not len(self.outbox)
                and not self.feed.misses_something
                and self.feed.position.rooms["lobby"][0] == self.server.rev
            ):
                break
        self.nothing_is_doubled_or_out_of_order()
        assert [m["client_id"] for m in self.server.messages if m["client_id"] is not None] == self.submitted
        assert self.feed.position.rooms["lobby"][0] == self.server.rev
        self._everything_was_read()

    def _everything_was_read(self) -> None:
        """Every message was read, in its last state unless a reload reported that older ones may have changed."""
        seen: dict[int, int] = {}
        doubtful = 0
        for event in self.read:
            if isinstance(event, Message):
                seen[event.seq] = event.rev
            elif isinstance(event, Reloaded):
                doubtful = max(doubtful, event.since_seq)
        assert sorted(seen) == [message["seq"] for message in self.server.messages]
        assert {seq: rev for seq, rev in seen.items() if seq > doubtful} == {
            message["seq"]: message["rev"] for message in self.server.messages if message["seq"] > doubtful
        }


TestConversation = Conversation.TestCase
TestConversation.settings = settings(
    max_examples=100, stateful_step_count=50, deadline=None, suppress_health_check=list(HealthCheck)
)
