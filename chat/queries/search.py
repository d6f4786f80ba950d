"""Searching messages: a constant number of queries for any number of rooms, messages and results.

The index gives candidates; each is then read with the permissions of this moment and compared with the query as text.
So what was deleted, edited, cleared or left a moment ago is never found, however far behind the index is.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db.models import Exists, F, Max, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce, Now
from django.utils import timezone

from chat.models import CONVERSATIONS, Ban, Block, Membership, Message, Participant, Room, SearchCursor
from chat.models.search import first_number
from chat.protocol import events
from chat.protocol.errors import ChatError, Code
from chat.queries.directory import group_title
from chat.queries.history import PAGE_BYTES
from chat.queries.message_states import MessageRow, message_rows, states_of
from chat.queries.rooms import others_in
from chat.queries.search_lookup import NO_END, Found, Wanted, Within, look_up
from chat.search.folding import fold
from chat.search.query import Query, parse
from chat.search.tokens import HAS, Term, author_token, room_token
from chat.search.wanted import marks

RESULTS = 25
# Candidates of one search, in rounds: phrases and short words need more of them than are shown.
ROUNDS = (60, 240, 960)
# Characters of candidates that one search compares.
COMPARED_CHARS = 2_000_000
# With at most this many rooms, the index is asked for their messages only; with more, rooms are compared afterwards.
FEW_ROOMS = 64
# Terms that are looked up; the comparison has them all. SQLite takes no expression of more than 1,000 parts.
TERMS_MAX = 64
# A beginning of a word that is no longer than this is left to the comparison, when there is something else to look up.
SHORT = 2


@dataclass(frozen=True, slots=True)
class Hit:
    """A message that was found, in its room as the reader knows it, and the places that matched."""

    message: events.Message
    title: str
    marks: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Results:
    """A page of what was found, the newest first. `next`: where the following page begins, None at the end.

    `indexed_until`: while older messages are not indexed yet, the time back to which all are.
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
) -> Results:
    """Search the messages that `user` may read, with the language of `docs/search.md`.

    Args:
        after: `next` of the page before.
        zone: the name of the time zone of the days in the query.
        public: also rooms that everyone can read and of which the user is no member.

    Raises:
        ChatError: `invalid` for an `after` that no page gave.
    """
    start = _place(after)
    read = parse(query, zone=zone, now=timezone.now())
    if read.is_empty:
        return Results(warnings=list(read.warnings))
    scope = _Scope(user, read, public)
    scope.resolve()
    if scope.nothing:
        return Results(warnings=scope.warnings)
    page = _Page(scope, read, limit)
    page.gather(start)
    hits = page.hits()
    return Results(hits, page.next, _indexed_until(scope), scope.warnings)


def _place(after: str | None) -> int:
    if after is None:
        return NO_END
    if after.isascii() and after.isdigit() and len(after) < 20 and int(after) <= NO_END:
        return int(after)
    raise ChatError(Code.INVALID, "after: must be `next` of a page.", fields={"after": "must be `next` of a page"})


@dataclass
class _Scope:
    """The rooms and people of one search."""

    user: Participant
    query: Query
    public: bool
    nothing: bool = False

    def __post_init__(self) -> None:
        self.warnings = list(self.query.warnings)
        self.authors: list[int] = []
        self.not_authors: list[int] = []
        # None: all that the user reads.
        self.rooms: list[int] | None = None
        self.not_rooms: list[int] = []

    def resolve(self) -> None:
        """Find the people and rooms that the query names. Three queries at most."""
        people = self._people()
        self.authors = self._named(people, "from", no=False)
        self.not_authors = self._named(people, "from", no=True)
        rooms = self._rooms(people)
        inside, beside = self._named(rooms, "in", no=False), self._named(rooms, "with", no=False)
        if self._has("in") and self._has("with"):
            self.rooms = [room for room in inside if room in beside]
        elif self._has("in") or self._has("with"):
            self.rooms = inside or beside
        self.not_rooms = self._named(rooms, "in", no=True) + self._named(rooms, "with", no=True)
        wanted = [(self._has("from"), self.authors), (self.rooms is not None, self.rooms)]
        unknown = any(one.kind == "has" and one.value not in HAS and not one.no for one in self.query.filters)
        # Threads and saved messages do not exist yet.
        absent = any(one.kind == "is" and not one.no for one in self.query.filters)
        self.nothing = unknown or absent or any(asked and not found for asked, found in wanted)
        if not self.nothing and self.rooms is None:
            few = list(self.readable.order_by().values_list("pk", flat=True)[: FEW_ROOMS + 1])
            self.rooms = few if len(few) <= FEW_ROOMS else None
            self.nothing = not few

    @property
    def readable(self) -> QuerySet[Room]:
        """The rooms that are searched unless the query names some."""
        mine = Membership.objects.filter(room=OuterRef("pk"), user=self.user)
        if not self.public:
            return Room.objects.filter(Exists(mine))
        return Room.objects.filter(self._may_read())

    @property
    def messages(self) -> QuerySet[Message]:
        """The messages that the user may see."""
        rooms = Room.objects.filter(self._may_read()).values("pk")
        there = Message.objects.filter(room_id__in=rooms, deleted_at=None, kind=Message.Kind.TEXT)
        there = there.filter(seq__gte=F("room__cleared_before_seq"))
        if self._has("from") or self._has("with"):
            return there
        # The page folds them; a query that names the person unfolds them.
        return there.exclude(Exists(Block.objects.filter(user=self.user, blocked=OuterRef("author"))))

    def within(self, start: int) -> Within:
        """Where to look, from `start` back."""
        since = first_number(self.query.since) if self.query.since else -NO_END
        before = first_number(self.query.until) if self.query.until else NO_END
        if self.rooms is not None:
            holders = ", ".join(["%s"] * len(self.rooms))
            return Within(since, min(start, before), (f"room_id IN ({holders})", list(self.rooms)))
        sql, values = self.readable.order_by().values("pk").query.sql_with_params()
        return Within(since, min(start, before), (f"room_id IN ({sql})", list(values)))

    def wanted(self) -> Wanted:
        """The terms to look up."""
        every = dict.fromkeys(term for phrase in self.query.phrases for term in phrase.terms())
        long = [term for term in every if not (term.prefix and len(term.token) <= SHORT)]
        has = [one for one in self.query.filters if one.kind == "has" and one.value in HAS]
        facts = [Term(HAS[one.value]) for one in has if not one.no]
        some = [[Term(author_token(pk)) for pk in self.authors]] if self.authors else []
        if self.rooms is not None:
            some.append([Term(room_token(pk)) for pk in self.rooms])
        none = [term for phrase in self.query.without if phrase.is_one_token for term in phrase.terms()]
        none += [Term(HAS[one.value]) for one in has if one.no]
        none += [Term(author_token(pk)) for pk in self.not_authors] + [Term(room_token(pk)) for pk in self.not_rooms]
        return Wanted([*list(long or every)[:TERMS_MAX], *facts], some, none)

    def _may_read(self) -> Q:
        member = Exists(Membership.objects.filter(room=OuterRef("pk"), user=self.user))
        lasting = Q(until=None) | Q(until__gt=timezone.now())
        banned = Exists(Ban.objects.filter(lasting, room=OuterRef("pk"), user=self.user))
        return Q(member) | (Q(kind=Room.Kind.PUBLIC) & ~Q(banned))

    def _has(self, kind: str) -> bool:
        return any(one.kind == kind and not one.no for one in self.query.filters)

    def _values(self, *kinds: str) -> list[str]:
        return [one.value for one in self.query.filters if one.kind in kinds]

    def _people(self) -> dict[tuple[str, str], list[int]]:
        """The ids of the people that the query names, by filter and name."""
        names = {name.lower() for name in self._values("from", "with")} - {"me"}
        known = {"me": self.user.pk}
        if names:
            any_of = Q()
            for name in names:
                any_of |= Q(username__iexact=name)
            known |= {name.lower(): pk for pk, name in Participant.objects.filter(any_of).values_list("pk", "username")}
        found: dict[tuple[str, str], list[int]] = {}
        for kind in ("from", "with"):
            for name in self._values(kind):
                pk = known.get(name.lower())
                found[kind, name] = [] if pk is None else [pk]
                if pk is None:
                    self.warnings.append(f"{kind}:{name[:40]}: there is no such person.")
        return found

    def _rooms(self, people: dict[tuple[str, str], list[int]]) -> dict[tuple[str, str], list[int]]:
        """The ids of the rooms that the query names, by filter and name."""
        any_of = Q()
        for name in self._values("in"):
            any_of |= Q(slug__iexact=name) | Q(title__iexact=name)
        direct = {
            name: Room.direct_slug(self.user.pk, found[0])
            for (kind, name), found in people.items()
            if kind == "with" and found
        }
        if direct:
            any_of |= Q(slug__in=direct.values())
        rows = []
        if any_of:
            readable = Room.objects.filter(self._may_read()).filter(any_of)
            rows = list(readable.values_list("pk", "slug", "title")[:FEW_ROOMS])
        found: dict[tuple[str, str], list[int]] = {}
        for name in self._values("in"):
            same = name.lower()
            found["in", name] = [pk for pk, slug, title in rows if same in (slug.lower(), title.lower())]
            if not found["in", name]:
                self.warnings.append(f"in:{name[:40]}: there is no such room, or you may not see it.")
        for name in self._values("with"):
            found["with", name] = [pk for pk, slug, _ in rows if slug == direct.get(name)]
        return found

    def _named(self, found: dict[tuple[str, str], list[int]], kind: str, *, no: bool) -> list[int]:
        names = [one.value for one in self.query.filters if one.kind == kind and one.no is no]
        return list(dict.fromkeys(pk for name in names for pk in found[kind, name]))


@dataclass
class _Page:
    """The results of one search, gathered."""

    scope: _Scope
    query: Query
    limit: int
    next: str | None = None

    def __post_init__(self) -> None:
        self._kept: list[tuple[int, MessageRow]] = []
        self._chars = 0

    def gather(self, start: int) -> None:
        """Read candidates until there is one result more than a page, or none left."""
        wanted, reached = self.scope.wanted(), start
        for most in ROUNDS:
            found = look_up(wanted, self.scope.within(reached), most=max(most, self.limit + 1))
            stopped = self._compare(found)
            if stopped is not None:
                self.next = str(stopped)
                return
            if found.late:
                self.scope.warnings.append("The search took too long: only the newest messages were looked at.")
            self.next = None if found.reached is None else str(found.reached)
            if found.reached is None or found.late or self._chars > COMPARED_CHARS:
                return
            reached = found.reached

    def hits(self) -> list[Hit]:
        """The results, with the states of their messages. At most four queries."""
        rows = [row for _, row in self._kept]
        slugs = {row.room__slug for row in rows}
        rooms = list(Room.objects.filter(slug__in=slugs)) if slugs else []
        others = others_in(self.scope.user, [room.pk for room in rooms if room.kind in CONVERSATIONS])
        titles = {room.slug: group_title(others[room.pk]) if room.pk in others else room.title for room in rooms}
        return [
            Hit(state, titles.get(state.room, ""), marks(state.message, self.query.phrases))
            for state in self._fitting(states_of(rows))
        ]

    def _compare(self, found: Found) -> int | None:
        """Keep the candidates that match; returns the number of the last result when the page is full."""
        if not found.rows:
            return None
        rows = {row.id: row for row in message_rows(self.scope.messages.filter(pk__in=[pk for _, pk in found.rows]))}
        for number, pk in found.rows:
            row = rows.get(pk)
            if row is None:
                continue
            self._chars += len(row.text)
            if self._matches(row.text):
                if len(self._kept) == self.limit:
                    return self._kept[-1][0]
                self._kept.append((number, row))
        return None

    def _matches(self, text: str) -> bool:
        return not (self.query.phrases or self.query.without) or self.query.matches(fold(text))

    def _fitting(self, states: Sequence[events.Message]) -> list[events.Message]:
        """The first states, as many as fit one frame, at least one."""
        fitting: list[events.Message] = []
        size = 0
        for state in states:
            size += len(state.encode().encode())
            if size > PAGE_BYTES and fitting:
                break
            fitting.append(state)
        if len(fitting) < len(states):
            self.next = str(self._kept[len(fitting) - 1][0])
        return fitting


def _indexed_until(scope: _Scope) -> datetime | None:
    """The time back to which all messages are indexed, None when all are. One query."""
    filled = Message.objects.filter(room_id=OuterRef("room_id"), seq__gte=OuterRef("back_seq")).order_by("seq")
    back_to = Coalesce(Subquery(filled.values("created_at")[:1]), Now())
    waiting = SearchCursor.objects.filter(back_seq__gt=1)
    if scope.rooms is None:
        waiting = waiting.filter(room_id__in=scope.readable.values("pk"))
    else:
        waiting = waiting.filter(room_id__in=scope.rooms)
    latest: datetime | None = waiting.aggregate(latest=Max(back_to))["latest"]
    return latest
