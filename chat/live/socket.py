"""One open socket: its identity, its send queue, and the rooms it holds."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field

from chat.identity import Identity
from chat.live.send_queue import SendQueue
from chat.models import Participant
from chat.protocol.errors import Close
from chat.protocol.events import Event
from chat.queries.rooms import Part


@dataclass(frozen=True, slots=True)
class Subscription:
    """A room that a socket is going to hold: it receives every change after `rev`."""

    slug: str
    rev: int


@dataclass(eq=False, slots=True)
class Socket:
    """One open socket, as the live modules use it."""

    identity: Identity
    queue: SendQueue
    # Closes the socket with a code, soon; frames offered before are sent first.
    close: Callable[[Close], None]
    address: str = ""
    user_agent: str = ""
    # Whether it holds all rooms of the user (`/ws/chat/`), or one (`/ws/chat/<room>/`).
    all_rooms: bool = False
    open: bool = True
    # Whether all its rooms were sent: afterwards it receives an entry for each new or changed room.
    greeted: bool = False
    # Whether its row has been written; kept by `UserSockets`.
    recorded: bool = False
    id: str = field(default_factory=lambda: str(uuid.uuid4()))
    # Room id -> `rev`: the rooms it holds; it receives every change after that `rev`.
    rooms: dict[int, int] = field(default_factory=dict)
    # Ids of rooms opened by address or by `join_room`: `user_joined` and `user_left` are sent for them.
    opened: set[int] = field(default_factory=set)
    # Room id -> request_id of this socket's `leave_room`, for its answer.
    leaving: dict[int, str | None] = field(default_factory=dict)
    # Slug, or slug and thread -> the typing state last sent for this socket, and when (seconds of the loop's clock).
    typing: dict[str, tuple[bool, float]] = field(default_factory=dict)
    # Room id -> the user's part in the room as last sent to this socket in a `rooms` entry.
    sent_entries: dict[int, Part] = field(default_factory=dict)

    @property
    def user(self) -> Participant:
        """The signed-in user, as of the last check."""
        return self.identity.user

    @property
    def user_id(self) -> int:
        """The user's id."""
        return self.identity.user.pk

    def send(self, event: Event) -> None:
        """Offer one event to the send queue."""
        self.queue.offer(event.encode(), ephemeral=event.ephemeral)

    def answer(self, reply: Event) -> None:
        """Offer the reply to a command; one write sends it with others of this iteration of the loop."""
        self.queue.offer(reply.encode(), soon=True)

    def let_go(self, room_id: int, slug: str) -> None:
        """Forget a room that the socket no longer holds."""
        self.rooms.pop(room_id, None)
        for place in [one for one in self.typing if one == slug or one.startswith(f"{slug} ")]:
            del self.typing[place]
        self.sent_entries.pop(room_id, None)
