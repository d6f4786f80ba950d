"""Reads of one message: users who ask for the same one at the same time share a read.

A message that links to others, or replies to one that is no longer on the page, makes every open page of its room ask
for them. The rights of all readers are checked together.
"""

from collections.abc import Sequence
from functools import partial

from chat.access import readers_of
from chat.live import db
from chat.live.group_commit import GroupCommit
from chat.models import Participant
from chat.protocol import events
from chat.protocol.errors import ChatError
from chat.queries.threads import history_of

# Seconds between two reads of the same message. The first starts at once.
PAUSE_SECONDS = 0.1

# The slug of a room, the `seq` of a message, and whether to include replies shown only in their threads.
Place = tuple[str, int, bool]


class MessageReads:
    """The reads under way in one process, by place."""

    def __init__(self) -> None:
        self._reads: dict[Place, GroupCommit[Participant, events.History | ChatError]] = {}

    async def read(self, user: Participant, slug: str, seq: int, *, all: bool) -> events.History:
        """Return the page that `history` with `around=seq` and `limit=1` reads.

        Raises:
            ChatError: `not_found`, `banned`, as `access_room`; `unavailable`.
        """
        place = (slug, seq, all)
        if place not in self._reads:
            over = partial(self._reads.pop, place, None)
            self._reads[place] = GroupCommit(partial(_read, place), pause=PAUSE_SECONDS, on_idle=over)
        found = await self._reads[place].submit(user)
        if isinstance(found, ChatError):
            raise found
        return found


async def _read(place: Place, users: Sequence[Participant]) -> Sequence[events.History | ChatError]:
    return await db.run(_found, place, users)


def _found(place: Place, users: Sequence[Participant]) -> Sequence[events.History | ChatError]:
    slug, seq, all = place
    room, problems = readers_of(users=users, slug=slug)
    if room is None or None not in problems:
        return [problem for problem in problems if problem]
    page = history_of(room, limit=1, around=seq, all=all)
    return [problem or page for problem in problems]
