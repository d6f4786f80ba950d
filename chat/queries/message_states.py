"""The states of messages as they are sent: a fixed number of queries for any number of messages."""

import re
from collections import defaultdict
from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db.models import Q, QuerySet

from chat.lib.prepared_queries import PreparedManyLists, PreparedRows, amounts, numbers
from chat.models import Mention, Message, Participant, Reaction, Thread
from chat.protocol import events
from chat.queries.files import files_of
from chat.queries.forwards import forwards_of
from chat.queries.imports import imports_of
from chat.queries.previews import previews_of


class MessageRow(NamedTuple):
    """A message with the columns of its room and people that its state needs; reactions and mentions are separate.

    The field names are the paths of the columns, from the message.
    """

    room__slug: str
    seq: int
    rev: int
    text: str
    author_id: int
    author__username: str
    author__display_name: str
    author__name_shared: bool
    created_at: datetime
    author__kind: str = Participant.Kind.PERSON.value
    kind: str = Message.Kind.TEXT.value
    client_id: str | None = None
    reply_to: int | None = None
    edited_at: datetime | None = None
    deleted_at: datetime | None = None
    deleted_by__username: str | None = None
    system: dict[str, Any] | None = None
    file_count: int = 0
    preview_count: int = 0
    pinned_at: datetime | None = None
    pinned_by__username: str | None = None
    thread: int | None = None
    in_room: bool = True
    reply_count: int = 0
    forwarded: bool = False
    # 0: the message was not read from the database.
    id: int = 0

    @classmethod
    def of(cls, message: Message) -> "MessageRow":
        """Return the row of a message whose room and people are loaded: no query."""
        return cls._make(_held(message, path) for path in cls._fields)

    def state(
        self,
        reactions: dict[str, list[str]] | None = None,
        mentions: list[str] | None = None,
        files: list[events.FileFacts] | None = None,
        previews: list[events.PreviewFacts] | None = None,
        replies: events.Replies | None = None,
        forwarded: events.Forwarded | None = None,
        imported: str = "",
    ) -> events.Message:
        """Return the state of a message as it is sent. No other code constructs it.

        Args:
            reactions: the usernames by emoji, each in the order of the reactions.
            mentions: the usernames of the members that the text mentions.
            files: the files of the message.
            previews: the linked pages that it shows.
            replies: for the root of a thread, the summary of its replies.
            forwarded: what it forwards.
            imported: the format of the export that it was imported from.
        """
        deleted = self.deleted_at is not None
        return events.Message(
            room=self.room__slug,
            seq=self.seq,
            rev=self.rev,
            kind=Message.Kind.TEXT.value if deleted else self.kind,
            message=self.text,
            username=self.author__username,
            user_id=self.author_id,
            author=self.author__kind,
            display_name=self.author__display_name or self.author__username,
            show_username=self.author__name_shared,
            timestamp=events.stamp(self.created_at),
            client_id=self.client_id,
            reply_to=self.reply_to,
            edited_at=events.stamp(self.edited_at) if self.edited_at else None,
            deleted=deleted,
            deleted_by=self.deleted_by__username,
            reactions=reactions or {},
            mentions=mentions or [],
            files=files or [],
            previews=previews or [],
            pinned=events.Pinned(by=self.pinned_by__username or "", at=events.stamp(self.pinned_at))
            if self.pinned_at
            else None,
            thread=self.thread,
            in_room=self.in_room,
            replies=replies,
            forwarded=forwarded,
            imported=imported,
            system=self.system,
            was_system=deleted and self.kind == Message.Kind.SYSTEM,
        )


class Facts(NamedTuple):
    """The arguments of `MessageRow.state`."""

    reactions: dict[str, list[str]] | None
    mentions: list[str] | None
    files: list[events.FileFacts] | None
    previews: list[events.PreviewFacts] | None
    replies: events.Replies | None
    forwarded: events.Forwarded | None
    imported: str


_NAME = re.compile("@([A-Za-z0-9_.-]+)")
# An id range is one index scan, a list is one scan per id: 0.6 ms of the 3 ms that 500 changes cost. The range is used
# if it spans fewer than this many times the wanted ids; the other rows are ignored.
RANGE_MAX = 4


def message_states(messages: QuerySet[Message]) -> list[events.Message]:
    """Return the states of `messages`, in the queryset's order. At most ten queries."""
    return states_of(message_rows(messages))


def message_rows(messages: QuerySet[Message]) -> list[MessageRow]:
    """Return the rows of `messages`, for `states_of`. One query."""
    return [MessageRow._make(row) for row in messages.values_list(*MessageRow._fields)]


def rows_among(ids: Sequence[int]) -> list[MessageRow]:
    """Return the rows of the messages with these ids that are not deleted, in any order. One query per 64."""
    return [MessageRow._make(row) for row in _AMONG.all(ids)]


_AMONG = PreparedManyLists(
    lambda ids: Message.objects.filter(pk__in=ids, deleted_at=None).values_list(*MessageRow._fields), numbers
)


def states_of(rows: Sequence[MessageRow]) -> list[events.Message]:
    """Return the states of these rows, with reactions, mentions, files and previews. At most four queries; one more for
    mentions of many people, two for roots of threads, one for forwarded messages, and one for messages without a
    `client_id`."""
    return [row.state(*facts) for row, facts in zip(rows, facts_of(rows), strict=True)]


def facts_of(rows: Sequence[MessageRow]) -> list[Facts]:
    """Return the facts that belong to the states of these rows. Runs the queries of `states_of`."""
    reactions = reactions_of([row.id for row in rows])
    # Only those with an "@": PostgreSQL would look up the mentions of each message, and most have none.
    naming = [row.id for row in rows if "@" in row.text]
    mentions = mentions_of(naming) if naming else {}
    calling = [row.id for row in rows if _calls_many(row.text, mentions.get(row.id, ()))]
    for message_id, names in (calls_of(calling) if calling else {}).items():
        mentions[message_id] = mentions.get(message_id, []) + names
    files = files_of([row.id for row in rows if row.file_count])
    previews = previews_of([row.id for row in rows if row.preview_count])
    roots = [row for row in rows if row.reply_count]
    replies = replies_of(roots) if roots else {}
    forwards = forwards_of([row.id for row in rows if row.forwarded])
    imports = imports_in(rows)
    return [
        Facts(
            reactions.get(row.id),
            mentions.get(row.id),
            files.get(row.id),
            previews.get(row.id),
            replies.get(row.id),
            forwards.get(row.id),
            imports.get(row.id, ""),
        )
        for row in rows
    ]


def imports_in(rows: Sequence[MessageRow]) -> dict[int, str]:
    """Return the export formats that these messages were imported from, by message id. One query; none if all have a
    `client_id`, as messages from pages and clients do: an import sets none."""
    return imports_of([row.id for row in rows if row.client_id is None and row.kind == Message.Kind.TEXT])


def replies_of(roots: Sequence[MessageRow]) -> dict[int, events.Replies]:
    """Return the summaries of the threads of these roots, by message id. Two queries, or none."""
    counts = {row.id: row.reply_count for row in roots if row.reply_count}
    threads = list(Thread.objects.filter(pk__in=counts)) if counts else []
    people = {pk for thread in threads for pk in thread.people}
    names = dict(Participant.objects.filter(pk__in=people).values_list("pk", "username")) if people else {}
    return {
        thread.pk: events.Replies(
            count=counts[thread.pk],
            last_seq=thread.last_seq,
            last_at=events.stamp(thread.last_at),
            people=[names[pk] for pk in thread.people if pk in names],
        )
        for thread in threads
        if thread.last_at
    }


def _calls_many(text: str, named: Collection[str]) -> bool:
    """Whether the text may call many people: it has an @name that is not one of the mentioned people."""
    if "@" not in text:
        return False
    people = {name.lower() for name in named}
    return any(name.rstrip(".-").lower() not in people for name in _NAME.findall(text))


def _held(message: Message, path: str) -> Any:
    found: Any = message
    for name in path.split("__"):
        found = None if found is None else getattr(found, name)
    return found


def _range_of(ids: Sequence[int]) -> tuple[int, int] | None:
    """The first and last of these ids, if few others are between them."""
    first, last = min(ids, default=0), max(ids, default=0)
    return (first, last) if ids and last - first < RANGE_MAX * len(ids) else None


def _within_range(first: int, last: int) -> Q:
    return Q(message_id__gte=first, message_id__lte=last)


def _belonging_to(ids: Sequence[int]) -> Q:
    """A filter that includes at least the rows of these messages."""
    near = _range_of(ids)
    return _within_range(*near) if near else Q(message_id__in=ids)


def reactions_of(ids: Sequence[int]) -> dict[int, dict[str, list[str]]]:
    """Return the usernames by emoji, by message id: for these messages, and possibly for others. One query, or one per
    64 messages if their ids are far apart."""
    found: dict[int, dict[str, list[str]]] = defaultdict(dict)
    if not ids:
        return found
    near = _range_of(ids)
    # Every page of history, resume and search runs this: the statements are built once.
    for message_id, emoji, username in _REACTIONS.all(*near) if near else _REACTIONS_AMONG.all(ids):
        found[message_id].setdefault(emoji, []).append(username)
    return found


def _reactions(among: Q) -> "QuerySet[Any, Any]":
    return Reaction.objects.filter(among).order_by("id").values_list("message_id", "emoji", "user__username")


_REACTIONS = PreparedRows(lambda first, last: _reactions(_within_range(first, last)), amounts(0), amounts(1))
_REACTIONS_AMONG = PreparedManyLists(lambda ids: _reactions(Q(message_id__in=ids)), numbers)


def mentions_of(ids: Sequence[int]) -> dict[int, list[str]]:
    """Return the mentioned usernames by message id: for these messages, and possibly for others. One query."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = Mention.objects.filter(_belonging_to(ids), called="").order_by("id")
    for message_id, username in rows.values_list("message_id", "user__username"):
        found[message_id].append(username)
    return found


def calls_of(ids: Sequence[int]) -> dict[int, list[str]]:
    """Return the collective names (`room`, `here`, groups) that mentioned anyone, by message id. One query."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = Mention.objects.filter(message_id__in=ids).exclude(called="").order_by("called").distinct()
    for message_id, name in rows.values_list("message_id", "called"):
        found[message_id].append(name)
    return found
