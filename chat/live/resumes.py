"""Reads the changes that a room's clients missed: clients that return together with the same number share a read.

When a network recovers, two thousand sockets ask for the changes of one room, after the few numbers at which they lost
the connection. The rights of all users are checked together; the changes are read and encoded once per number.
"""

from collections.abc import Sequence
from contextvars import Context
from functools import partial
from typing import NamedTuple

from chat.access import readers_of
from chat.live import db
from chat.live.group_commit import GroupCommit
from chat.models import Participant
from chat.protocol import events
from chat.queries.history import resumed_after

# The slug of a room, and the `rev` after which its changes are requested; None: the client's number is unknown here.
Place = tuple[str, int | None]


class Missed(NamedTuple):
    """The changes of a room after a number, also encoded, without a `request_id`."""

    room_id: int
    resumed: events.Resumed
    text: str


class Resumes:
    """The reads under way in one process, by place."""

    def __init__(self) -> None:
        self._reads: dict[Place, GroupCommit[Participant, Missed | None]] = {}

    async def read(self, user: Participant, slug: str, rev: int | None) -> Missed | None:
        """Return the changes after `rev`, read after the call; None when the user may not read the room.

        Raises:
            ChatError: `unavailable`.
        """
        place = (slug, rev)
        if place not in self._reads:
            over = partial(self._reads.pop, place, None)
            self._reads[place] = GroupCommit(partial(_read, place), on_idle=over)
        # In an empty context: the read serves several sockets, and must not log the ids of one.
        return await Context().run(self._reads[place].submit, user)


async def _read(place: Place, users: Sequence[Participant]) -> Sequence[Missed | None]:
    return await db.run(missed_by, place, users)


def missed_by(place: Place, users: Sequence[Participant]) -> list[Missed | None]:
    """Return the changes that each of these users has missed, or None when they may not read the room."""
    slug, rev = place
    room, problems = readers_of(users=users, slug=slug)
    if room is None or None not in problems:
        return [None] * len(users)
    resumed = resumed_after(room, rev)
    missed = Missed(room.pk, resumed, resumed.encode())
    return [None if problem else missed for problem in problems]
