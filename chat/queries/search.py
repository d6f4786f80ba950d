"""Searching messages: a constant number of queries for any number of rooms, messages and results.

The index returns candidates; each is then read with the current permissions and compared with the query as text. So a
message that was just deleted, edited or cleared, or a room just left, is never found, however far behind the index is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from django.db import connection
from django.db.models import Max, OuterRef, Subquery
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from chat.models import CONVERSATIONS, Message, Participant, SearchCursor
from chat.protocol import events
from chat.protocol.errors import ChatError, Code
from chat.queries.directory import group_title
from chat.queries.history import PAGE_BYTES
from chat.queries.message_states import rows_among, states_of
from chat.queries.rooms import others_in
from chat.queries.search_lookup import NO_END
from chat.queries.search_matches import Candidate, Matches, RoomFacts
from chat.queries.search_scope import Scope
from chat.search.query import parse
from chat.search.ranking import rank
from chat.search.wanted import marks

RESULTS = 25
# The number of newest matches among which "best" ranks.
BEST_OF = 200
Order = Literal["newest", "best"]
_PLACE = re.compile(r"(\d{1,19})(?:\.(\d{1,3}))?", re.ASCII)


@dataclass(frozen=True, slots=True)
class Hit:
    """A message that was found, the title of its room as the reader sees it, and the places that matched."""

    message: events.Message
    title: str
    marks: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Results:
    """A page of results, the newest first. `next`: where the following page begins, None at the end.

    `indexed_until`: while older messages are not indexed yet, the time back to which all messages are.
    """

    hits: list[Hit] = field(default_factory=list)
    next: str | None = None
    indexed_until: datetime | None = None
    warnings: list[str] = field(default_factory=list)


def search(
    *,
    user: Participant,
    query: str,
    limit: int = RESULTS,
    after: str | None = None,
    zone: str = "",
    public: bool = False,
    order: Order = "newest",
) -> Results:
    """Search the messages that `user` may read, with the language of `docs/search.md`.

    Args:
        after: `next` of the page before.
        zone: the name of the time zone of the days in the query.
        public: also search rooms that everyone can read and that the user is not a member of.
        order: "best" orders the newest BEST_OF matches by how well they match.

    Raises:
        ChatError: `invalid` for an `after` that is not the `next` of a page.
    """
    place = _Place.of(after)
    read = parse(query, zone=zone, now=timezone.now())
    if read.is_empty:
        return Results(warnings=list(read.warnings))
    scope = Scope(user, read, public)
    scope.resolve()
    if scope.nothing:
        return Results(warnings=scope.warnings)
    matches = Matches(read, scope.messages, BEST_OF if order == "best" else limit)
    matches.gather(scope.wanted(), scope.within(place.start))
    if matches.late:
        scope.warnings.append("The search took too long: only the newest messages were looked at.")
    if order == "best":
        hits, following = _best(scope, matches, place, limit)
    else:
        hits, following = _newest(scope, matches)
    return Results(hits, following, _indexed_until(scope), scope.warnings)


@dataclass(frozen=True, slots=True)
class _Place:
    """Where a page begins: below `start`, a document's number; with "best", after the first `passed` results."""

    start: int = NO_END
    passed: int = 0

    @classmethod
    def of(cls, after: str | None) -> "_Place":
        if after is None:
            return cls()
        found = _PLACE.fullmatch(after)
        if found and int(found[1]) <= NO_END:
            return cls(int(found[1]), int(found[2] or 0))
        raise ChatError(Code.INVALID, "after: must be `next` of a page.", fields={"after": "must be `next` of a page"})

    def __str__(self) -> str:
        return f"{self.start}.{self.passed}" if self.passed else str(self.start)


def _newest(scope: Scope, matches: Matches) -> tuple[list[Hit], str | None]:
    kept = matches.kept
    hits, taken = _hits(scope, kept)
    following = matches.next if taken == len(kept) else kept[taken - 1].number
    return hits, None if following is None else str(_Place(following))


def _best(scope: Scope, matches: Matches, place: _Place, limit: int) -> tuple[list[Hit], str | None]:
    phrases = scope.query.phrases
    # A stable sort: equally good matches stay in order, the newest first.
    ranked = sorted(matches.kept, key=lambda one: rank(one.folded, phrases))
    hits, taken = _hits(scope, ranked[place.passed : place.passed + limit])
    passed = place.passed + taken
    if passed >= len(ranked):
        return hits, None
    # The next page ranks the same messages, whatever is posted meanwhile.
    return hits, str(_Place(matches.kept[0].number + 1, passed))


def _hits(scope: Scope, kept: Sequence[Candidate]) -> tuple[list[Hit], int]:
    """The results with the states of their messages, and the number of candidates used: as many as fit into one frame,
    at least one. At most six queries."""
    if not kept:
        return [], 0
    # A message may have been deleted since it was compared.
    found = {row.id: row for row in rows_among([one.message_id for one in kept])}
    rows = [(number, found[one.message_id]) for number, one in enumerate(kept, 1) if one.message_id in found]
    titles = _titles(scope.user, {one.room for one in kept})
    hits: list[Hit] = []
    size = 0
    for (number, _), state in zip(rows, states_of([row for _, row in rows]), strict=True):
        size += len(state.encode().encode())
        if size > PAGE_BYTES and hits:
            return hits, number - 1
        hits.append(Hit(state, titles[state.room], marks(state.message, scope.query.phrases)))
    return hits, len(kept)


def _titles(user: Participant, rooms: set[RoomFacts]) -> dict[str, str]:
    """The titles of these rooms as the user sees them. One query."""
    others = others_in(user, [room.id for room in rooms if room.kind in CONVERSATIONS])
    return {room.slug: group_title(others[room.id]) if room.id in others else room.title for room in rooms}


def _indexed_until(scope: Scope) -> datetime | None:
    """The time back to which all messages are indexed, None when all are: then one query, otherwise two.

    A rebuilt index has no cursors in its first seconds."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM chat_searchcursor WHERE back_seq > 1),"
            " NOT EXISTS (SELECT 1 FROM chat_searchcursor) AND EXISTS (SELECT 1 FROM chat_message)"
        )
        filling, unbegun = cursor.fetchone()
    if unbegun:
        return timezone.now()
    if not filling:
        return None
    waiting = SearchCursor.objects.filter(back_seq__gt=1)
    filled = Message.objects.filter(room_id=OuterRef("room_id"), seq__gte=OuterRef("back_seq")).order_by("seq")
    back_to = Coalesce(Subquery(filled.values("created_at")[:1]), Now())
    if scope.rooms is None:
        waiting = waiting.filter(room_id__in=scope.readable)
    else:
        waiting = waiting.filter(room_id__in=scope.rooms)
    latest: datetime | None = waiting.aggregate(latest=Max(back_to))["latest"]
    return latest
