"""The conversation with the server, across connections. No I/O, no clock: frames and times are passed in.

The owner calls `opened` and `lost` as connections come and go, passes frames to `receive`, sends what `commands`
returns, takes events from `feed`, and results of commands from `settled`.
"""

from collections.abc import Callable

from chatclient import errors
from chatclient.emoji_list import EmojiList
from chatclient.events import (
    Ack,
    Authenticated,
    Connected,
    Durable,
    EmojiChanged,
    Event,
    History,
    JoinedRoom,
    LeftRoom,
    Read,
    Refused,
    Resumed,
    Rooms,
)
from chatclient.feed import Feed
from chatclient.frames import JSONObject, encode, parse
from chatclient.outbox import Outbox
from chatclient.requests import Requests
from chatclient.timing import Backoff, Liveness, Timing

# Frame limit in bytes, unless the server names another.
_FRAME_BYTES = 65536
# Attempts of a command that fails with `server_error`.
_SERVER_FAILURES = 5
# Commands without an answer that are sent on the next connection if this one is lost.
_KEPT = frozenset({"read", "mark_unread"})
_TRY_AGAIN = frozenset({"rate_limited", "unavailable", "server_error"})

Outcome = Event | errors.ChatError


class Session:
    """Unacknowledged messages, unanswered requests, and the commands to send next."""

    def __init__(
        self,
        *,
        room: str | None,
        outbox: Outbox,
        feed: Feed,
        timing: Timing,
        new_id: Callable[[], str],
        random: Callable[[], float],
    ) -> None:
        self.room = room
        self.outbox = outbox
        self.feed = feed
        self.emoji = EmojiList()
        # Our account on the server; the last known one while there is no connection.
        self.me: Authenticated | None = None
        self._introduced = False
        self.ready = False
        self.settled: list[tuple[str, Outcome]] = []
        self._timing = timing
        self._backoff = Backoff(timing, random)
        self._requests = Requests(new_id)
        self._again = bool(feed.rooms)
        self._joined: set[str] = set()
        # The rooms received so far of a list that continues in another event.
        self._listed: set[str] = set()
        self._untold: dict[str, JSONObject] = {}
        self._failures: dict[str, int] = {}
        self._not_before = 0.0
        self._liveness = Liveness(timing, 0.0)

    # Commands

    def submit(self, command: JSONObject) -> str:
        """Accept a message; its result comes as `settled` under its `client_id`, on this connection or a later one."""
        return self.outbox.add(command).client_id

    def ask(self, command: JSONObject, *, repeat: bool) -> str:
        """Send a command with an answer; it comes as `settled` under the returned id."""
        return self._requests.add(command, repeat=repeat)

    def withdraw(self, request_id: str) -> None:
        """Drop a request: no call waits for its answer any more."""
        self._requests.remove(request_id)

    def send_latest(self, command: JSONObject, *, key: str) -> None:
        """Send a command without an answer. It replaces an unsent one with the same key."""
        self._untold[key] = command

    # Connections

    def opened(self, now: float) -> None:
        """A connection is open."""
        self._liveness = Liveness(self._timing, now)
        self._not_before = now

    def lost(self) -> None:
        """The connection is gone: messages and requests that may be repeated wait for the next one, others lose
        their answer."""
        self._again = self._again or self.ready
        self.ready = False
        self._listed = set()
        self._introduced = False
        self.feed.away()
        self.emoji.forget()
        self.outbox.take_all_back()
        self._untold = {key: command for key, command in self._untold.items() if command["type"] in _KEPT}
        lost = "The connection broke before the answer came; it may have been done all the same."
        self.settled += [(request.request_id, errors.AnswerLost(lost)) for request in self._requests.lost()]

    def trouble(self, now: float) -> str | None:
        """Why the connection should be given up, or None."""
        if self._liveness.dead(now):
            return "The server went silent."
        if now >= self._answers_due:
            return "The server does not answer."
        return None

    @property
    def wake_at(self) -> float:
        """When to call `trouble` and `commands` again if nothing happens before."""
        moment = min(self._liveness.next_at, self._answers_due)
        waiting = self.ready and (self._requests.unsent() or self.outbox.sendable() or self.feed.misses_something)
        return min(moment, self._not_before) if waiting else moment

    @property
    def _answers_due(self) -> float:
        since = [request.on_wire_since for request in self._requests.on_wire()]
        since += [entry.on_wire_since for entry in self.outbox.on_wire()]
        return min((moment for moment in since if moment is not None), default=float("inf")) + self._timing.answer

    def commands(self, now: float) -> list[JSONObject]:
        """The commands to send now; they count as sent."""
        wanted: list[JSONObject] = []
        if self._liveness.ping_due(now):
            self._liveness.pinged(now)
            wanted.append({"type": "ping"})
        if not self.ready:
            return wanted
        wanted += self._untold.values()
        self._untold.clear()
        if now < self._not_before:
            return wanted
        for question, rooms in self.feed.missing():
            self._requests.add(question, rooms=rooms)
        for request in self._requests.unsent():
            request.on_wire_since = now
            wanted.append(request.command)
        for entry in self.outbox.sendable():
            command = {**entry.command, "request_id": entry.client_id}
            # The server's refusal of a frame that is too large has no id.
            if len(encode(command).encode()) > self._frame_bytes:
                self._settle_send(entry.client_id, errors.TooLarge("The message is too large for the server."))
                continue
            entry.on_wire_since = now
            wanted.append(command)
        return wanted

    @property
    def _frame_bytes(self) -> float:
        limit = self.me.limits.get("frame_bytes") if self.me else None
        if not isinstance(limit, int):
            return _FRAME_BYTES
        return limit or float("inf")  # 0: no limit

    # Frames

    def receive(self, frame: str | bytes, now: float) -> None:
        """Process a frame.

        Raises:
            NotAChatServer: If it does not follow the protocol. The connection should be given up.
        """
        self._liveness.heard(now)
        for event in parse(frame):
            self._take(event, now)

    def _take(self, event: Event, now: float) -> None:
        if not self._introduced and not isinstance(event, Authenticated | Refused):
            raise errors.NotAChatServer("The server did not say who we are first; this is not a chat server's socket.")
        match event:
            case Durable():
                self.feed.live(event)
            case Ack():
                self._take_ack(event)
            case Refused():
                self._take_refusal(event, now)
            case Authenticated():
                self._take_authenticated(event)
            case JoinedRoom():
                self._take_joined(event)
            case Rooms():
                self._take_rooms(event)
            case LeftRoom():
                self.feed.forget(event.room)
                self._joined.discard(event.room)
                self.feed.put(event)
                self._settle_request(event)
            case History():
                self._take_history(event)
            case Resumed():
                self._requests.resumed(event.room)
                self.feed.resumed(event)
            case EmojiChanged():
                self.emoji.changed(event)
                self.feed.put_passing(event)
            case Read():
                # The server sends it only once.
                self.feed.put(event)
            case _:
                if not self._settle_request(event) and event.type != "pong":
                    self.feed.put_passing(event)

    def _take_authenticated(self, event: Authenticated) -> None:
        self.me = event
        self._introduced = True
        self.feed.authenticated(event.epoch)
        if not self._again:
            self.feed.put(event)

    def _take_joined(self, event: JoinedRoom) -> None:
        self.feed.put(event)
        self.feed.found(event.room, rev=event.rev, seq=event.seq)
        if self._settle_request(event):
            self._joined.add(event.room)
        elif self.room is not None and not self.ready:
            self.room = event.room
            self._begin()

    def _take_rooms(self, event: Rooms) -> None:
        self.feed.put(event)
        first = self.room is None and not self.ready
        for entry in event.rooms:
            self.feed.found(entry.room, rev=entry.rev, seq=entry.seq)
        if not first:
            return
        self._listed |= {entry.room for entry in event.rooms}
        # A long list of rooms comes in several events; a known room that is in none of them was left.
        if not event.more:
            for name in self.feed.rooms - self._listed - self._joined:
                self.feed.gone(name)
            self._begin()

    def _begin(self) -> None:
        """The connection is established. Join the rooms again that the server does not know on a new one."""
        self.ready = True
        self.feed.put(Connected(again=self._again))
        if self._again:
            for name in sorted(self.feed.rooms - {self.room} if self.room else self._joined):
                self._requests.add({"type": "join_room", "room": name}, rooms=[name])

    def _take_history(self, event: History) -> None:
        request = self._requests.get(event.request_id)
        if request is None:
            # The newest page, which a single-room socket sends unrequested: it is news on the first connection only. A
            # reload requests its own page, because this one omits replies that only threads show.
            if event.request_id is None and not self._again:
                self.feed.put(event)
        elif request.rooms:
            self._requests.remove(request.request_id)
            self.feed.page(event, anew="after" not in request.command)
        else:
            self._settle_request(event)

    # Answers

    def _take_ack(self, event: Ack) -> None:
        if event.client_id is not None and event.client_id in self.outbox:
            self._backoff.reset()
            self._settle_send(event.client_id, event)
        else:
            self._settle_request(event)

    def _take_refusal(self, event: Refused, now: float) -> None:
        again = event.code in _TRY_AGAIN
        if again:
            wait = self._backoff.next() if event.retry_after is None else event.retry_after
            self._not_before = max(self._not_before, now + wait)
        error = errors.refusal(event.code, event.message, fields=event.fields, retry_after=event.retry_after)
        client_id = next((key for key in (event.client_id, event.request_id) if key in self.outbox), None)
        if client_id is not None:
            failures = self._failures.get(client_id, 0) + (event.code == "server_error")
            if again and failures < _SERVER_FAILURES:
                self._failures[client_id] = failures
                self.outbox.take_back(client_id)
            else:
                self._settle_send(client_id, error)
            return
        request = self._requests.get(event.request_id)
        if request is None:
            if event.code == "rate_limited" and event.request_id is None:
                # The frame was refused before it was parsed, so it is unknown which one.
                self._requests.take_back()
                self.outbox.take_all_back()
            self.feed.put_passing(event)
            return
        request.failures += event.code == "server_error"
        if again and request.failures < _SERVER_FAILURES:
            request.on_wire_since = None
            return
        self._requests.remove(request.request_id)
        if not request.rooms:
            self.settled.append((request.request_id, error))
        for name in request.rooms:
            self._joined.discard(name)
            self.feed.gone(name)

    def _settle_request(self, event: Event) -> bool:
        request = self._requests.get(event.request_id)
        if request is None:
            return False
        self._requests.remove(request.request_id)
        if not request.rooms:
            self.settled.append((request.request_id, event))
        return True

    def _settle_send(self, client_id: str, outcome: Outcome) -> None:
        self.outbox.settle(client_id)
        self._failures.pop(client_id, None)
        self.settled.append((client_id, outcome))
