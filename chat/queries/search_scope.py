"""Where a search looks: the rooms and people that its query names, and the messages that the reader may see."""

from dataclasses import dataclass
from itertools import zip_longest
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from chat.models import Block, Membership, Message, Participant, Room, SavedMessage
from chat.models.search import document_number, first_number
from chat.queries.readable import readable_by
from chat.queries.search_lookup import NO_END, Wanted, Within
from chat.search.characters import WORD, kinds
from chat.search.query import Query
from chat.search.tokens import HAS, IN_THREAD, Term, author_token, room_token, said_token

# Up to this many rooms are passed to the look-up by id; above that, as the condition that finds them.
FEW_ROOMS = 64
# Up to this many rooms are looked up in the index. One room costs as much as one more word.
ROOM_TERMS = 8
# Terms that are looked up, some of each phrase; the comparison checks all. A look-up takes 5 to 10 µs per term and
# period.
TERMS_MAX = 16
# Up to this many pairs of room and author are looked up as pairs.
SAID_MAX = 64
# A word prefix of at most this length is left to the comparison if there is another term to look up. A symbol, or a
# character of a script without spaces, is looked up: fewer messages contain it than a letter.
SHORT = 1
_IS_THREAD = ("is", "thread", False)


@dataclass
class Scope:
    """The rooms and people of one search."""

    user: Participant
    query: Query
    public: bool
    nothing: bool = False

    def __post_init__(self) -> None:
        self.warnings = list(self.query.warnings)
        self.authors: list[int] = []
        self.not_authors: list[int] = []
        # None: all rooms that the user reads.
        self.rooms: list[int] | None = None
        self.not_rooms: list[int] = []
        # The documents of the user's saved messages, if the query has `is:saved`.
        self.saved: list[int] = []

    def resolve(self) -> None:
        """Find the people and rooms that the query names. At most four queries."""
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
        absent = any(
            one.kind == "is" and one.value not in {"thread", "saved"} and not one.no for one in self.query.filters
        )
        if any(one.kind == "is" and one.value == "saved" for one in self.query.filters):
            self.saved = self._saved()
            absent = absent or (self._has_saved() and not self.saved)
        self.nothing = unknown or absent or any(asked and not found for asked, found in wanted)
        if not self.nothing and self.rooms is None:
            few = [row["room"] for row in self.readable[: FEW_ROOMS + 1]]
            self.rooms = few if len(few) <= FEW_ROOMS else None
            self.nothing = not few

    @property
    def readable(self) -> QuerySet[Any, Any]:
        """The rooms that are searched unless the query names rooms, as `room`."""
        if self.public:
            return Room.objects.filter(self._may_read()).order_by().values(room=F("pk"))
        # Reads memberships, not rooms: there may be thousands of rooms that the user is not in.
        return Membership.objects.filter(user=self.user).order_by().values("room")

    @property
    def messages(self) -> QuerySet[Message]:
        """The messages that the user may see. `rooms`, if set, holds the readable rooms that `resolve` found."""
        rooms = self.readable if self.rooms is None else self.rooms
        there = Message.objects.filter(room__in=rooms, deleted_at=None, kind=Message.Kind.TEXT)
        there = there.filter(seq__gte=F("room__cleared_before_seq"))
        for one in self.query.filters:
            if one.kind == "is" and one.value == "thread":
                in_thread = Q(thread__isnull=False) | Q(reply_count__gt=0)
                there = there.filter(~in_thread if one.no else in_thread)
        if self._has("from") or self._has("with"):
            return there
        # The page hides messages of blocked people; a query that names a person shows them.
        return there.exclude(self._blocked())

    def within(self, start: int) -> Within:
        """Where to look, from `start` backwards."""
        # "+": otherwise SQLite builds a temporary index of all documents by room for this search.
        since = first_number(self.query.since) if self.query.since else -NO_END
        before = first_number(self.query.until) if self.query.until else NO_END
        if self.rooms is None:
            sql, values = self.readable.query.sql_with_params()
            return Within(since, min(start, before), self._and_saved(f"+room_id IN ({sql})", list(values)))
        holders = ", ".join(["%s"] * len(self.rooms))
        few = len(self.rooms) <= ROOM_TERMS and not self._said
        terms = [Term(room_token(pk)) for pk in self.rooms] if few else []
        return Within(since, min(start, before), self._and_saved(f"+room_id IN ({holders})", list(self.rooms)), terms)

    def wanted(self) -> Wanted:
        """The terms to look up."""
        turns = zip_longest(*(phrase.terms() for phrase in self.query.phrases))
        every = dict.fromkeys(term for turn in turns for term in turn if term)
        long = [term for term in every if not (term.prefix and len(term.token) <= SHORT and kinds(term.token) == WORD)]
        has = [one for one in self.query.filters if one.kind == "has" and one.value in HAS]
        facts = [Term(HAS[one.value]) for one in has if not one.no]
        facts += [Term(IN_THREAD) for one in self.query.filters if (one.kind, one.value, one.no) == _IS_THREAD]
        authors = self._said or [Term(author_token(pk)) for pk in self.authors]
        some = [authors] if authors else []
        none = [term for phrase in self.query.without if phrase.is_one_token for term in phrase.terms()]
        none += [Term(HAS[one.value]) for one in has if one.no]
        none += [Term(author_token(pk)) for pk in self.not_authors] + [Term(room_token(pk)) for pk in self.not_rooms]
        return Wanted([*list(long or every)[:TERMS_MAX], *facts], some, none)

    @property
    def _said(self) -> list[Term]:
        """The terms for pairs of room and author, if the query has few of both."""
        if not self.authors or self.rooms is None or len(self.rooms) * len(self.authors) > SAID_MAX:
            return []
        return [Term(said_token(room, author)) for room in self.rooms for author in self.authors]

    def _has_saved(self) -> bool:
        return any(one.kind == "is" and one.value == "saved" and not one.no for one in self.query.filters)

    def _saved(self) -> list[int]:
        rows = SavedMessage.objects.filter(user=self.user).values_list("message__created_at", "message_id")
        return [document_number(int(at.timestamp()), pk) for at, pk in rows]

    def _and_saved(self, condition: str, values: list[Any]) -> tuple[str, list[Any]]:
        """The condition on a room, plus that of `is:saved`: by the keys of the saved documents, which are few."""
        if not self.saved:
            return condition, values
        among = f"number {'IN' if self._has_saved() else 'NOT IN'} ({', '.join(['%s'] * len(self.saved))})"
        return f"{condition} AND {among}", [*values, *self.saved]

    def _may_read(self) -> Q:
        """A condition on a room."""
        return readable_by(self.user)

    def _blocked(self) -> Exists | Q:
        """A condition on a message."""
        return Exists(Block.objects.filter(user=self.user, blocked=OuterRef("author")))

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
            any_of |= Q(slug__iexact=name) | Q(title__iexact=name) | Q(address=name.lower())
        direct = {
            name: Room.direct_slug(self.user.pk, found[0])
            for (kind, name), found in people.items()
            if kind == "with" and found
        }
        if direct:
            any_of |= Q(slug__in=direct.values())
        rows = []
        if any_of:
            readable = Room.objects.filter(any_of, self._may_read())
            rows = list(readable.values_list("pk", "slug", "title", "address")[:FEW_ROOMS])
        found: dict[tuple[str, str], list[int]] = {}
        for name in self._values("in"):
            same = name.lower()
            found["in", name] = [pk for pk, *names in rows if same in map(str.lower, names)]
            if not found["in", name]:
                self.warnings.append(f"in:{name[:40]}: there is no such room, or you may not see it.")
        for name in self._values("with"):
            found["with", name] = [pk for pk, slug, *_ in rows if slug == direct.get(name)]
        return found

    def _named(self, found: dict[tuple[str, str], list[int]], kind: str, *, no: bool) -> list[int]:
        names = [one.value for one in self.query.filters if one.kind == kind and one.no is no]
        return list(dict.fromkeys(pk for name in names for pk in found[kind, name]))
