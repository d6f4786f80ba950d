"""Searching the messages of all rooms, for the staff of the server."""

from dataclasses import dataclass, field
from typing import Any

from django.db.models import F, Q, QuerySet
from django.utils import timezone

from chat.models import Participant, Room
from chat.queries.search_lookup import NO_END
from chat.queries.search_matches import Matches
from chat.queries.search_scope import Scope
from chat.search.query import parse


@dataclass(frozen=True, slots=True)
class StaffResults:
    """The ids of the newest messages that match. `more`: there are older matches."""

    message_ids: list[int] = field(default_factory=list)
    more: bool = False
    warnings: list[str] = field(default_factory=list)


def search_all(*, user: Participant, query: str, most: int) -> StaffResults:
    """Search the messages of every room, with the language of `docs/search.md`; at most `most` results.

    The caller checks that `user` may read all messages.
    """
    read = parse(query, now=timezone.now())
    if read.is_empty:
        return StaffResults(warnings=list(read.warnings))
    scope = _AllRooms(user, read, public=True)
    scope.resolve()
    if scope.nothing:
        return StaffResults(warnings=scope.warnings)
    matches = Matches(read, scope.messages, most)
    matches.gather(scope.wanted(), scope.within(NO_END))
    return StaffResults([one.message_id for one in matches.kept], matches.next is not None, scope.warnings)


class _AllRooms(Scope):
    """A scope of every room, also of rooms that the person is not a member of."""

    @property
    def readable(self) -> QuerySet[Any, Any]:
        """All rooms, as `room`."""
        return Room.objects.order_by().values(room=F("pk"))

    def _may_read(self) -> Q:
        return Q()

    def _blocked(self) -> Q:
        return Q(pk=None)
