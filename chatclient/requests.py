"""Commands that have an answer, until it comes."""

from collections.abc import Callable
from dataclasses import dataclass

from chatclient.frames import JSONObject


@dataclass(slots=True)
class Request:
    """One command on its way to an answer.

    `repeat`: it may be asked again if the connection breaks first. `rooms`: the session itself asks, for these rooms.
    """

    command: JSONObject
    repeat: bool
    rooms: list[str]
    on_wire_since: float | None = None
    failures: int = 0

    @property
    def request_id(self) -> str:
        return str(self.command["request_id"])


class Requests:
    """All of them, in the order they were asked."""

    def __init__(self, new_id: Callable[[], str]) -> None:
        self._new_id = new_id
        self._pending: dict[str, Request] = {}

    def add(self, command: JSONObject, *, repeat: bool = False, rooms: list[str] | None = None) -> str:
        request_id = self._new_id()
        self._pending[request_id] = Request({**command, "request_id": request_id}, repeat, rooms or [])
        return request_id

    def get(self, request_id: object) -> Request | None:
        return self._pending.get(request_id) if isinstance(request_id, str) else None

    def remove(self, request_id: str) -> None:
        self._pending.pop(request_id, None)

    def unsent(self) -> list[Request]:
        return [request for request in self._pending.values() if request.on_wire_since is None]

    def on_wire(self) -> list[Request]:
        return [request for request in self._pending.values() if request.on_wire_since is not None]

    def take_back(self) -> None:
        """One of those on the wire was refused for now: ask again all that may be asked twice."""
        for request in self.on_wire():
            if request.repeat or request.rooms:
                request.on_wire_since = None

    def resumed(self, room: str) -> None:
        """A resume is answered room by room, and done with the last of them."""
        for request in list(self._pending.values()):
            if request.command["type"] == "resume" and room in request.rooms:
                request.rooms.remove(room)
                if not request.rooms:
                    self.remove(request.request_id)

    def lost(self) -> list[Request]:
        """The connection is lost. Returns those whose answer is lost with it; the session asks its own anew."""
        unanswered = []
        for request in list(self._pending.values()):
            if request.rooms:
                self.remove(request.request_id)
            elif request.on_wire_since is not None:
                request.on_wire_since = None
                if not request.repeat:
                    self.remove(request.request_id)
                    unanswered.append(request)
        return unanswered
