"""Writing the history of one room: in batches, each a transaction, numbered in the order of time."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from typing import Any

from django.db import connection, transaction

from chat.importing.archives import Archive
from chat.importing.stream import Message, Notes
from chat.importing.stream import Room as Source
from chat.importing.words import joined
from chat.models import File as Kept
from chat.models import ImportedMessage, ImportedRoom, ImportRun, Mention, Participant, Reaction, Room
from chat.models import Message as Row
from chat.protocol.emoji import one_form
from chat.services.file_taking import files_take
from chat.services.imports.files import file_line, files_keep
from chat.services.imports.people import People
from chat.services.imports.staging import Staging
from chat.services.imports.threads import threads_of_room, threads_rebuild
from chat.services.mentions import members_named, named_in
from chat.services.sql_pipeline import inserting, run_together

# A transaction of this size holds the lock of a SQLite database for some 40 ms.
BATCH = 500
EMOJI_MAX = 32
# By hand: through the ORM a message costs 1.5 ms, of which the database takes 0.3.
_MESSAGES = inserting(
    Row._meta.db_table,
    {
        "room_id": "bigint",
        "seq": "bigint",
        "rev": "bigint",
        "kind": "text",
        "author_id": "bigint",
        "text": "text",
        "reply_to": "bigint",
        "thread": "bigint",
        "in_room": "boolean",
        "created_at": "timestamptz",
        "edited_at": "timestamptz",
        "deleted_at": "timestamptz",
        "client_digest": "text",
    },
)
_NOTED = inserting(
    ImportedMessage._meta.db_table,
    {
        "message_id": "bigint",
        "place_id": "bigint",
        "run_id": "bigint",
        "source": "text",
        "in_thread": "boolean",
        "topic": "text",
    },
)
_REACTIONS = inserting(Reaction._meta.db_table, {"message_id": "bigint", "user_id": "bigint", "emoji": "text"})
TOPIC_MAX = 255
# Who wrote where the export names no one.
NOBODY = ""

Progress = Callable[[int], None]


@dataclass
class Written:
    """What became of the messages of one room."""

    new: int = 0
    known: int = 0
    reactions: int = 0
    files: int = 0
    authors: set[str] = field(default_factory=set)


def history_write(
    place: ImportedRoom,
    source: Source,
    held: Staging,
    *,
    archive: Archive,
    people: People,
    run: ImportRun,
    notes: Notes,
    progress: Progress,
) -> Written:
    """Write what is new of a room. Messages that an earlier run wrote stay as they are."""
    return _Writer(place, source, held, archive, people, run, notes).write(progress)


class _Writer:
    def __init__(
        self,
        place: ImportedRoom,
        source: Source,
        held: Staging,
        archive: Archive,
        people: People,
        run: ImportRun,
        notes: Notes,
    ) -> None:
        self._archive = archive
        self._place, self._source, self._held = place, source, held
        self._people, self._run, self._notes = people, run, notes
        self._wanted = held.parents(source.id)
        # Numbers of the messages that others answer, by id.
        self._seqs: dict[str, int] = {}
        # Answers to messages that come later, or never.
        self._open: dict[str, list[int]] = defaultdict(list)
        self._open_threads: dict[str, list[int]] = defaultdict(list)
        # Of the replies of threads, who is shown in the room, too.
        self._shown: set[int] = set()
        self._done = Written()
        self._last: datetime | None = None
        self._named: dict[str, int] | None = None
        # Threads, by the `seq` of their roots, that have new replies.
        self._touched: set[int] = set()
        # Of those written so far, the root of each message in a thread.
        self._roots: dict[int, int] = {}

    def write(self, progress: Progress) -> Written:
        """All batches, then the answers to messages that came after them."""
        newest = Row.objects.filter(room_id=self._place.room_id).order_by("-seq").first()
        self._last = newest.created_at if newest else None
        with closing(self._held.in_order(self._source.id)) as messages:
            while batch := list(islice(messages, BATCH)):
                self._batch(batch)
                progress(len(batch))
        self._close()
        if not self._place.complete:
            threads_of_room(self._place.room_id)
        return self._done

    def _batch(self, batch: list[Message]) -> None:
        known = dict(
            ImportedMessage.objects.filter(place=self._place, source__in=[one.id for one in batch]).values_list(
                "source", "message__seq"
            )
        )
        self._seqs |= {source: seq for source, seq in known.items() if source in self._wanted}
        self._done.known += len(known)
        self._done.authors |= {one.author for one in batch if one.author}
        if new := [one for one in batch if one.id not in known]:
            with transaction.atomic():
                self._people.make(self._persons(new), self._run)
            # Before the transaction that holds the room: making a picture harmless takes a while.
            self._write(new, {one.id: files for one in new if (files := self._keep(one))})
            self._done.new += len(new)

    def _keep(self, one: Message) -> list[Kept]:
        if not any(file.path for file in one.files):
            return []
        author = Participant.objects.get(pk=self._people.id_of(one.author or NOBODY))
        return files_keep(one, self._archive, author, self._notes)

    @transaction.atomic
    def _write(self, new: list[Message], kept: dict[str, list[Kept]]) -> None:
        room = Room.objects.select_for_update(no_key=True).get(pk=self._place.room_id)
        begin = room.last_seq
        rows = [self._row(room, one) for one in new]
        run_together((_MESSAGES, rows))
        ids = dict(Row.objects.filter(room=room, seq__gt=begin).values_list("seq", "pk"))
        noted = [
            (ids[row[1]], self._place.pk, self._run.pk, one.id, bool(one.thread), one.topic[:TOPIC_MAX])
            for one, row in zip(new, rows, strict=True)
        ]
        reactions = list(dict.fromkeys(self._reactions(new, [ids[row[1]] for row in rows])))
        run_together((_NOTED, noted), *([(_REACTIONS, reactions)] if reactions else []))
        self._done.reactions += len(reactions)
        self._mention(room, [(ids[row[1]], row[1], row[5]) for row in rows if "@" in row[5]])
        if self._place.complete:
            threads_rebuild(room, self._touched)
            self._touched.clear()
        Room.objects.filter(pk=room.pk).update(last_seq=room.last_seq, last_rev=room.last_rev)
        if self._place.complete:
            # Who had read everything has read what came from before.
            room.memberships.filter(read_seq=begin).update(read_seq=room.last_seq)
        if kept:
            taken = {one.id: ids[row[1]] for one, row in zip(new, rows, strict=True) if one.id in kept}
            messages = Row.objects.in_bulk(taken.values())
            files_take({messages[taken[source]]: files for source, files in kept.items()})
            self._done.files += sum(map(len, kept.values()))

    def _persons(self, new: list[Message]) -> Iterator[str]:
        for one in new:
            yield one.author or NOBODY
            for people in one.reactions.values():
                yield from people

    def _row(self, room: Room, one: Message) -> tuple[Any, ...]:
        room.last_seq += 1
        room.last_rev += 1
        assert one.at is not None
        if self._last and one.at < self._last:
            self._notes.skip("messages older than what the room had: they stand behind it, with their own time")
        if one.id in self._wanted:
            self._seqs[one.id] = room.last_seq
        reply_to = self._number_of(one.reply_to or one.thread, self._open, room.last_seq)
        thread = self._number_of(one.thread, self._open_threads, room.last_seq)
        if one.in_room:
            self._shown.add(room.last_seq)
        if thread is not None:
            thread = self._roots[room.last_seq] = self._roots.get(thread, thread)
            self._touched.add(thread)
        edited, adapted = one.at if one.edited is True else one.edited, connection.ops.adapt_datetimefield_value
        return (
            room.pk,
            room.last_seq,
            room.last_rev,
            Row.Kind.TEXT.value,
            self._people.id_of(one.author or NOBODY),
            "" if one.deleted else joined([one.text, *map(file_line, one.files)]),
            reply_to,
            thread,
            thread is None or one.in_room,
            adapted(one.at),
            adapted(edited),
            adapted(one.at if one.deleted else None),
            "",
        )

    def _number_of(self, parent: str | None, waiting: dict[str, list[int]], seq: int) -> int | None:
        """The `seq` of the parent of this message; one that comes later is noted."""
        found = self._seqs.get(parent) if parent else None
        if parent and found is None:
            waiting[parent].append(seq)
        return found

    def _reactions(self, new: list[Message], ids: list[int]) -> Iterator[tuple[int, int, str]]:
        """Two people of the export may be one here: the caller leaves repetitions out."""
        for one, message in zip(new, ids, strict=True):
            for sign, people in one.reactions.items() if not one.deleted else ():
                emoji = one_form(sign)
                if not emoji or len(emoji) > EMOJI_MAX:
                    self._notes.lose("reaction", "is no emoji, but words", one.place)
                    continue
                for who in people:
                    yield message, self._people.id_of(who), emoji

    def _mention(self, room: Room, rows: list[tuple[int, int, str]]) -> None:
        said = {(message, seq): names for message, seq, text in rows if (names := named_in(text))}
        if not said:
            return
        wanted = {name for called in said.values() for name in called}
        if self._place.complete:
            found_here = members_named(room_ids=[room.pk], names=wanted)
            members = {name: person for (_, name), (person, _) in found_here.items()}
        else:
            members = self._members()
        Mention.objects.bulk_create(
            [
                Mention(message_id=message, user_id=person, room=room, seq=seq)
                for (message, seq), called in said.items()
                for person in {members[name] for name in called if name in members}
            ]
        )

    def _members(self) -> dict[str, int]:
        """The members of a room that no one has entered yet, by lower-case name."""
        if self._named is None:
            known = [one for one in self._source.members or [] if self._people.knows(one)]
            self._named = {self._people.username(one).lower(): self._people.id_of(one) for one in known}
        return self._named

    @transaction.atomic
    def _close(self) -> None:
        """Answers whose parent came later, was written by an earlier run, or is not there."""
        missing = list(self._open.keys() - self._seqs.keys())
        for start in range(0, len(missing), BATCH):
            of_before = ImportedMessage.objects.filter(place=self._place, source__in=missing[start : start + BATCH])
            self._seqs |= dict(of_before.values_list("source", "message__seq"))
        for parent, seqs in self._open.items():
            if (seq := self._seqs.get(parent)) is None:
                for _ in seqs:
                    self._notes.skip("answers to a message that is not in the export")
                continue
            Row.objects.filter(room_id=self._place.room_id, seq__in=seqs).update(reply_to=seq)
        self._close_threads()

    def _close_threads(self) -> None:
        """Replies whose root came later."""
        found = {parent: seqs for parent, seqs in self._open_threads.items() if parent in self._seqs}
        if not found:
            return
        room = Room.objects.select_for_update(no_key=True).get(pk=self._place.room_id)
        for parent, seqs in found.items():
            root = self._roots.get(self._seqs[parent], self._seqs[parent])
            hidden = [seq for seq in seqs if seq not in self._shown]
            replies = Row.objects.filter(room=room, seq__in=seqs)
            replies.update(thread=root)
            replies.filter(seq__in=hidden).update(in_room=False)
            self._touched.add(root)
        if self._place.complete:
            threads_rebuild(room, self._touched)
            room.save(update_fields=["last_rev"])
