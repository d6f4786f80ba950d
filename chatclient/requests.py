"""Commands that wait for their answer."""

from collections.abc import Callable
from dataclasses import dataclass

from chatclient.frames import JSONObject


@dataclass(slots=True)
class Request:
    """A command that waits for its answer.

    `repeat`: it may be sent again if the connection breaks first. `rooms`: the session itself sent it, for these rooms.
    """

    command: JSONObject
    repeat: bool
    rooms: list[str]
    on_wire_since: float | None = None
    failures: int = 0

    @property
    def request_id(self) -> str:
        """The id that the answer carries."""
        return str(self.command["request_id"])


class Requests:
    """All requests, in the order they were made."""

    def __init__(self, new_id: Callable[[], str]) -> None:
        self._new_id = new_id
        self._pending: dict[str, Request] = {}

    def add(self, command: JSONObject, *, repeat: bool = False, rooms: list[str] | None = None) -> str:
        """Add a request; returns its id."""
        request_id = self._new_id()
        self._pending[request_id] = Request({**command, "request_id": request_id}, repeat, rooms or [])
        return request_id

    def get(self, request_id: str | None) -> Request | None:
        """The request with this id, or None."""
        return self._pending.get(request_id) if request_id is not None else None

    def remove(self, request_id: str) -> None:
        """Drop a request."""
        self._pending.pop(request_id, None)

    def unsent(self) -> list[Request]:
        """The requests that are not sent."""
        return [request for request in self._pending.values() if request.on_wire_since is None]

    def on_wire(self) -> list[Request]:
        """The requests in flight."""
        return [request for request in self._pending.values() if request.on_wire_since is not None]

    def take_back(self) -> None:
        """Send again all requests in flight that may be repeated: an unknown one of them was refused temporarily."""
        for request in self.on_wire():
            if request.repeat or request.rooms:
                request.on_wire_since = None

    def resumed(self, room: str) -> None:
        """A room of a resume was answered; the request is done with its last room."""
        for request in list(self._pending.values()):
            if request.command["type"] == "resume" and room in request.rooms:
                request.rooms.remove(room)
                if not request.rooms:
                    self.remove(request.request_id)

    def lost(self) -> list[Request]:
        """The connection is lost. Returns the requests whose answer is lost with it; the session repeats its own."""
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
