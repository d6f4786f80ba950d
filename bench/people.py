"""People who work: their sockets, what they do in a day, and whether all messages reach them."""

import heapq
import itertools
import json
import os
import random
import re
import select
import threading
import time
from array import array
from collections import defaultdict
from collections.abc import Mapping, Sequence
from queue import Empty, SimpleQueue
from typing import Any, Self
from urllib.request import Request, urlopen

from bench.client import Address, Socket, form_headers, frames_of
from bench.person import Person, place_of, say, send

TEAM, DEPARTMENT = 25, 200
# Acts of one person in a working day. Each message is typed first; `upload` sends FILE_BYTES to the team.
DAY: Mapping[str, float] = {"team": 20, "department": 3, "read": 40, "reconnect": 5, "search": 3, "upload": 0.2}
# Messages of a day to the room of all.
TO_ALL = 20
# Seconds from the first keystroke to the message; length of an absence as a share of the day: 6 s to 10 min.
TYPES, AWAY = (0.2, 1.0), (0.0002, 0.02)
# Seconds until an act is retried for a person who is away or still connecting.
LATER = 1.0
WORDS = ("release", "meeting", "invoice", "review", "deploy", "customer", "lunch", "budget", "design", "backup")
FILE_BYTES = 100_000
# Concurrent handshakes, in the morning.
HANDSHAKES = 32
# Time limits in seconds, for everybody to connect and for the last messages to arrive: somebody who leaves at the end
# is away for up to 38 s of a day of 32 minutes.
MORNING, EVENING = 300.0, 180.0
# Concurrent uploads: 10,000 people start one per second.
UPLOADS = 8

_LIVE = re.compile(
    rb'"type":"message","room":"(of-\d+-\d+)","seq":(\d+),"rev":\d+,"kind":"text","message":"#(\d+)#'
    rb'|"type":"ack"[^{}]*"client_id":"d(\d+)"'
)
_SEARCH = b'"type":"search"'
# The first characters of an event, which contain its type.
_HEAD = 120


class People:
    """The load of a day."""

    def __init__(self, addresses: Sequence[Address], sizes: Sequence[int], *, minutes: float) -> None:
        """`sizes`: everybody is in a room of each, see `World`."""
        self._addresses, self._sizes = addresses, list(sizes)
        self._seconds = minutes * 60
        self._people = [
            Person(number, {f"of-{size}-{number // size}": 0 for size in sizes}) for number in range(len(addresses))
        ]
        self._chance = random.Random("day")
        self._epoll = select.epoll()
        self._of_file: dict[int, Person] = {}
        self._epoch = ""
        self._order = itertools.count()
        self._acts: list[tuple[float, int, str, int, Any]] = []
        self._sent = array("d")
        self._asked: dict[str, float] = {}
        self._to_upload: SimpleQueue[tuple[Person, str, float] | None] = SimpleQueue()
        self._uploaded: SimpleQueue[tuple[Person, str, str]] = SimpleQueue()
        self._in_room: defaultdict[str, int] = defaultdict(int)
        self.took: defaultdict[str, array[float]] = defaultdict(lambda: array("d"))
        self.doubled = self.deliveries = self.dropped = 0

    def __enter__(self) -> Self:
        for _ in range(UPLOADS):
            threading.Thread(target=self._upload_all, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        for _clerk in range(UPLOADS):
            self._to_upload.put(None)
        self._epoll.close()
        for person in self._people:
            if person.socket:
                person.socket.close()

    @property
    def posted(self) -> int:
        """The number of messages that were sent."""
        return len(self._sent)

    def lost(self) -> int:
        """Messages that did not reach somebody of their room."""
        return sum(self._in_room[room] - last for person in self._people for room, last in person.last.items())

    # --- The day -------------------------------------------------------------------------------------

    def arrive(self) -> None:
        """Connect everybody.

        Raises:
            ConnectionError: not all were let in.
        """
        deadline = time.monotonic() + MORNING
        coming: list[Person] = []
        for person in self._people:
            self._connect(person)
            coming.append(person)
            while len(coming) >= HANDSHAKES:
                self._read(0.05)
                coming = [one for one in coming if one.waiting]
                if time.monotonic() > deadline:
                    break
        while any(one.waiting for one in coming) and time.monotonic() < deadline:
            self._read(0.05)
        if outside := sum(one.waiting for one in self._people):
            raise ConnectionError(f"{outside} people were not let in within {MORNING:.0f} s.")
        self.took.clear()

    def work(self) -> None:
        """Do all acts of a day."""
        began = time.monotonic()
        for act, often in DAY.items():
            for person in self._people:
                for _ in range(int(often) + (self._chance.random() < often % 1)):
                    self._plan(began + self._chance.random() * self._seconds, act, person)
        for _ in range(TO_ALL):
            self._plan(began + self._chance.random() * self._seconds, "all", self._chance.choice(self._people))
        while time.monotonic() < began + self._seconds:
            self._step()

    def go_home(self) -> None:
        """Finish what was begun, and wait until everybody has all messages."""
        deadline = time.monotonic() + EVENING
        while time.monotonic() < deadline and (
            self._acts or self.lost() or any(one.pending or one.waiting for one in self._people)
        ):
            until = time.monotonic() + 0.5
            while time.monotonic() < until:
                self._step()

    def _plan(self, at: float, act: str, person: Person, what: Any = None) -> None:
        heapq.heappush(self._acts, (at, next(self._order), act, person.number, what))

    def _step(self) -> None:
        now = time.monotonic()
        while self._acts and self._acts[0][0] <= now:
            _, _, act, number, what = heapq.heappop(self._acts)
            self._do(act, self._people[number], what, now)
        while True:
            try:
                person, room, file = self._uploaded.get_nowait()
            except Empty:
                break
            self._plan(now, "say", person, (room, [file]))
        self._read(min(max(self._acts[0][0] - now, 0), 0.05) if self._acts else 0.05)

    # --- What a person does --------------------------------------------------------------------------

    def _do(self, act: str, person: Person, what: Any, now: float) -> None:
        if act == "back":
            self._connect(person)
            return
        if person.waiting:
            # Away, or coming back.
            self._plan(now + LATER, act, person, what)
            return
        rooms = list(person.last)
        match act:
            case "team" | "department" | "all":
                room = rooms[min({"team": 0, "department": 1, "all": 2}[act], len(rooms) - 1)]
                say(person, {"type": "typing", "room": room, "is_typing": True})
                self._plan(now + self._chance.uniform(*TYPES), "say", person, (room, []))
            case "say":
                room, files = what
                number = self.posted
                self._sent.append(now)
                self._in_room[room] += 1
                text = f"#{number}# {' '.join(self._chance.choices(WORDS, k=12))}"
                frame = {"type": "chat_message", "room": room, "message": text, "client_id": f"d{number}"}
                person.pending[number] = json.dumps({**frame, "files": files} if files else frame).encode()
                send(person, person.pending[number])
            case "read":
                room = self._chance.choice(rooms)
                if person.last[room] > person.read.get(room, 0):
                    person.read[room] = person.last[room]
                    say(person, {"type": "read", "room": room, "seq": person.last[room]})
            case "search":
                query = " ".join(self._chance.sample(WORDS, 2))
                say(person, {"type": "search", "query": query, "request_id": str(len(self._asked))})
                self._asked[str(len(self._asked))] = now
            case "upload":
                self._to_upload.put((person, rooms[0], now))
            case "reconnect":
                self._close(person)
                self._plan(now + self._chance.uniform(*AWAY) * self._seconds, "back", person)

    def _upload_all(self) -> None:
        while job := self._to_upload.get():
            person, room, began = job
            address = self._addresses[person.number]
            headers = {**form_headers(address), "Content-Type": "application/octet-stream"}
            url = f"http://127.0.0.1:{address.port}/api/v1/files?name=backup.bin"
            with urlopen(Request(url, os.urandom(FILE_BYTES), headers, method="POST"), timeout=60) as answer:
                self._uploaded.put((person, room, json.load(answer)["id"]))
            self.took["upload"].append(time.monotonic() - began)

    # --- Sockets -------------------------------------------------------------------------------------

    def _connect(self, person: Person) -> None:
        person.since, person.waiting = time.monotonic(), True
        person.socket = Socket(self._addresses[person.number])
        self._of_file[person.socket.fileno()] = person
        self._epoll.register(person.socket.fileno(), select.EPOLLIN)

    def _close(self, person: Person) -> None:
        if person.socket:
            self._epoll.unregister(person.socket.fileno())
            del self._of_file[person.socket.fileno()]
            person.socket.close()
        person.socket, person.waiting = None, True
        person.resuming.clear()

    def _read(self, seconds: float) -> None:
        for number, _ in self._epoll.poll(seconds):
            person = self._of_file.get(number)
            if person is None or person.socket is None:
                continue
            try:
                data = person.socket.read()
            except ConnectionError:
                self.dropped += 1
                self._close(person)
                self._plan(time.monotonic() + LATER, "back", person)
                continue
            if person.waiting:
                for payload in frames_of(data):
                    self._came_back(person, json.loads(payload))
            elif _SEARCH in data:
                # Search results contain messages, too: handle each frame by its type.
                for payload in frames_of(data):
                    if _SEARCH in payload[:_HEAD]:
                        self._found(json.loads(payload), time.monotonic())
                    else:
                        self._live(person, payload)
            else:
                self._live(person, data)

    def _found(self, event: Mapping[str, Any], now: float) -> None:
        self.took["search"].append(now - self._asked[event["request_id"]])

    def _live(self, person: Person, data: bytes) -> None:
        now = time.monotonic()
        for found in _LIVE.finditer(data):
            room, seq, message, acknowledged = found.groups()
            if room:
                self._arrived(person, room.decode(), int(seq), int(message), now)
            else:
                self._acknowledged(person, int(acknowledged), now)

    def _arrived(self, person: Person, room: str, seq: int, message: int, now: float) -> None:
        if seq > person.resumed.get(room, 0):
            # Events arrive in order: from here on, none was also in the `resumed`.
            person.resumed.pop(room, None)
        elif seq <= person.last[room]:
            return
        self.deliveries += 1
        if seq != person.last[room] + 1:
            # Up to the last `seq` it is a duplicate; beyond the next one, `lost` counts the gap at the end.
            self.doubled += seq <= person.last[room]
            return
        person.last[room] = seq
        if self._sent[message] > person.since:
            self.took["delivery"].append(now - self._sent[message])

    def _acknowledged(self, person: Person, message: int, now: float) -> None:
        if person.pending.pop(message, None) and self._sent[message] > person.since:
            self.took["post"].append(now - self._sent[message])

    def _came_back(self, person: Person, event: dict[str, Any]) -> None:
        """Handle an event while rooms are being resumed: live messages wait for the `resumed` of their room."""
        now = time.monotonic()
        match event["type"]:
            case "authenticated":
                self._epoch = event["epoch"]
            case "rooms" if person.waiting and not person.resuming:
                person.resuming = {room: [] for room in person.last}
                say(person, {"type": "resume", "epoch": self._epoch, "rooms": person.last})
            case "message" if event["room"] in person.resuming:
                person.resuming[event["room"]].append(place_of(event))
            case "message" if event["room"] in person.last:
                self._arrived(person, event["room"], *place_of(event), now)
            case "ack":
                self._acknowledged(person, int(event["client_id"][1:]), now)
            case "resumed" if event["room"] in person.resuming:
                self._resumed(person, event, now)

    def _resumed(self, person: Person, event: Mapping[str, Any], now: float) -> None:
        room = event["room"]
        # Its messages may also arrive as live events: a client keeps the higher `rev`. Messages never change here, so
        # the `rev` of a room is the `seq` of its newest message.
        person.resumed[room] = event["rev"]
        for seq, message in sorted({*map(place_of, event["messages"]), *person.resuming.pop(room)}):
            if seq > person.last[room]:
                self._arrived(person, room, seq, message, now)
        if not person.resuming:
            person.waiting = False
            self.took["reconnect"].append(now - person.since)
            for frame in person.pending.values():
                send(person, frame)
