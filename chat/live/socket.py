"""One open socket as the hub sees it."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from accounts.identity import Identity
from accounts.models import User
from chat.live.send_queue import SendQueue
from chat.protocol.errors import Close
from chat.protocol.events import Event
from chat.queries.rooms import Part


@dataclass(frozen=True, slots=True)
class Subscription:
    """A room that a socket is to hold: every change after `rev` comes to it."""

    slug: str
    rev: int


@dataclass(eq=False, slots=True)
class Socket:
    identity: Identity
    queue: SendQueue
    # Ends the socket with a close code, soon; what was offered before goes out first.
    close: Callable[[Close], None]
    address: str = ""
    user_agent: str = ""
    # All rooms of the person (`/ws/chat/`), or one (`/ws/chat/<room>/`).
    all_rooms: bool = False
    open: bool = True
    # All its rooms were given to it: from now on it is told of those that come, go or change.
    greeted: bool = False
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    # The rooms it holds, by id: every change after this `rev` comes to it.
    rooms: dict[int, int] = field(default_factory=dict)
    # Rooms opened by address or by `join_room`: others are told of the person's coming and going.
    opened: set[int] = field(default_factory=set)
    # Rooms this socket asked to leave, with the request_id that the answer carries.
    leaving: dict[int, str | None] = field(default_factory=dict)
    # What was last told of this socket's typing, by slug: the state, and when (seconds of the loop's clock).
    typing: dict[str, tuple[bool, float]] = field(default_factory=dict)
    # What a `rooms` entry last said here of the person's part in a room.
    sent_entries: dict[int, Part] = field(default_factory=dict)

    @property
    def user(self) -> User:
        return self.identity.user

    @property
    def user_id(self) -> int:
        return self.identity.user.pk

    def tell(self, event: Event) -> None:
        self.queue.offer(event.encode(), ephemeral=event.ephemeral)

    def let_go(self, room_id: int, slug: str) -> None:
        self.rooms.pop(room_id, None)
        self.typing.pop(slug, None)
        self.sent_entries.pop(room_id, None)
