"""Going through the candidates of the index, the newest first, until enough of them match."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from time import monotonic
from typing import NamedTuple

from django.db.models import QuerySet

from chat.models import Message
from chat.queries.search_lookup import Found, Rows, Wanted, Within, look_up
from chat.search.folding import fold
from chat.search.query import Query

# Candidates of one search, by round: phrases and short words need more candidates than are shown.
ROUNDS = (64, 240, 960)
READ_AT_ONCE = 300
# Characters of candidate texts that one search compares.
COMPARED_CHARS = 2_000_000
# Seconds that looking up may take, so that a hostile query costs no more.
LIMIT_SECONDS = 1.5
# More seconds for comparing, so that what was looked up can be shown.
COMPARE_SECONDS = 0.5


@dataclass(frozen=True, slots=True)
class Candidate:
    """A message that the index found: the number of its document, its id, its folded text, and its room."""

    number: int
    message_id: int
    folded: str
    room: "RoomFacts"


class RoomFacts(NamedTuple):
    """The facts that a room's title is made from."""

    id: int
    slug: str
    kind: str
    title: str


@dataclass
class Matches:
    """The newest matches, at most `most`. `next`: the number to continue from, None at the end. `late`: the time ran
    out before all candidates were compared.

    `messages`: the messages that may be found; other candidates are dropped.
    """

    query: Query
    messages: QuerySet[Message]
    most: int
    kept: list[Candidate] = field(default_factory=list)
    next: int | None = None
    late: bool = False

    def gather(self, wanted: Wanted, within: Within) -> None:
        """Read candidates until there is one match more than `most`, or no candidate is left."""
        until = monotonic() + LIMIT_SECONDS
        chars = 0
        for candidates in ROUNDS:
            most = max(candidates, self.most + 1)
            found = look_up(wanted, within, most=most, until=until)
            self.late, self.next = found.late, found.reached
            for candidate in self._read(found):
                chars += len(candidate.folded)
                if self.query.matches(candidate.folded):
                    if len(self.kept) == self.most:
                        self.next = self.kept[-1].number
                        return
                    self.kept.append(candidate)
                if monotonic() > until + COMPARE_SECONDS:
                    self.late, self.next = True, candidate.number
                    return
            if found.reached is None or found.late or chars > COMPARED_CHARS:
                return
            within = within.below(found.reached)

    def _read(self, found: Found) -> Iterator[Candidate]:
        """The permitted candidates, with their texts. One query for the first few, then one per READ_AT_ONCE."""
        few = self.most + 1
        yield from self._read_some(found.rows[:few])
        for start in range(few, len(found.rows), READ_AT_ONCE):
            yield from self._read_some(found.rows[start : start + READ_AT_ONCE])

    def _read_some(self, some: Rows) -> Iterator[Candidate]:
        if not some:
            return
        ids = [message_id for _, message_id in some]
        columns = ("pk", "text", "room_id", "room__slug", "room__kind", "room__title")
        rows = {row[0]: row for row in self.messages.filter(pk__in=ids).order_by().values_list(*columns)}
        for number, message_id in some:
            if row := rows.get(message_id):
                yield Candidate(number, message_id, fold(row[1]), RoomFacts(*row[2:]))
