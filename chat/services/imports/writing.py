"""Writes the history of one room in batches, each in one transaction, numbered by time."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction

from chat.importing.archives import Archive
from chat.importing.stream import Message, Notes
from chat.importing.stream import Room as Source
from chat.models import File as Kept
from chat.models import ImportedMessage, ImportedRoom, ImportRun, Mention, Room
from chat.models import Message as Row
from chat.services.imports.files import FilesAhead
from chat.services.imports.pauses import batch_size, batch_transaction, pausing
from chat.services.imports.people import People
from chat.services.imports.rows import (
    MENTIONS,
    MESSAGES,
    NOTED,
    NUMBERS,
    REACTIONS,
    TAKEN,
    TOPIC_MAX,
    Ready,
    emoji_of,
    persons_in,
    ready,
    time_adapter,
)
from chat.services.imports.staging import Staging
from chat.services.imports.threads import threads_of_room, threads_rebuild
from chat.services.imports.windows import windows
from chat.services.mentions import members_named
from chat.services.sql_pipeline import ids_taken, insert_many, run_together
from chat.services.uncounted import uncounted_add

# Ids per query.
BATCH = 500
Progress = Callable[[int], None]


@dataclass
class Written:
    """The counts of what was written of one room."""

    new: int = 0
    known: int = 0
    reactions: int = 0
    files: int = 0
    authors: set[str] = field(default_factory=set)
    # Number of reactions per custom emoji.
    emoji: Counter[str] = field(default_factory=Counter)


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
    """Write a room's new messages. Messages that an earlier run wrote stay as they are."""
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
        # `seq` of messages that others reply to, by source id.
        self._seqs: dict[str, int] = {}
        # Replies whose parent comes later, or never.
        self._open: dict[str, list[int]] = defaultdict(list)
        self._open_threads: dict[str, list[int]] = defaultdict(list)
        # Thread replies that the room shows, too.
        self._shown: set[int] = set()
        # Whether people can be in the room already: it existed before, or is a direct room, which two may open now.
        self._entered = place.complete or not place.made or place.room.kind == Room.Kind.DIRECT
        self._done = Written()
        self._last: datetime | None = None
        self._named: dict[str, int] | None = None
        # Threads with new replies, by their root's `seq`.
        self._touched: set[int] = set()
        # The root of each thread message written so far.
        self._roots: dict[int, int] = {}
        # Whether an earlier run wrote some messages: the ids within one export are unique.
        self._begun = False

    def write(self, progress: Progress) -> Written:
        """Write all batches, then link the replies whose parents came later."""
        newest = Row.objects.filter(room_id=self._place.room_id).order_by("-seq").first()
        self._last = newest.created_at if newest else None
        self._begun = ImportedMessage.objects.filter(place=self._place).exists()
        size, adapted = batch_size(entered=self._entered), time_adapter()
        with (
            closing(self._held.in_order(self._source.id)) as messages,
            FilesAhead(self._archive, self._people, self._notes) as files,
        ):
            news = map(self._new, windows(messages, self._archive.size))
            for known, new, kept in files.stored(news):
                if known:
                    progress(known)
                for start in range(0, len(new), size):
                    batch = new[start : start + size]
                    self._write([ready(one, self._people, self._notes, adapted) for one in batch], kept)
                    self._done.new += len(batch)
                    progress(len(batch))
        self._close()
        if not self._place.complete:
            threads_of_room(self._place.room_id, begun=self._begun, entered=self._entered)
        return self._done

    def _new(self, window: list[Message]) -> tuple[int, list[Message]]:
        """How many of these messages an earlier run wrote, and the other ones; creates the people of these."""
        known = self._known(window) if self._begun else {}
        self._done.authors |= {one.author for one in window if one.author}
        new = [one for one in window if one.id not in known]
        if missing := self._people.missing(persons_in(new)):
            with pausing(), transaction.atomic():
                self._people.make(missing, self._run)
        return len(known), new

    def _known(self, batch: list[Message]) -> dict[str, int]:
        """The messages that an earlier run wrote, with their `seq`."""
        noted = ImportedMessage.objects.filter(place=self._place, source__in=[one.id for one in batch])
        known = dict(noted.values_list("source", "message__seq"))
        self._seqs |= {source: seq for source, seq in known.items() if source in self._wanted}
        self._done.known += len(known)
        return known

    def _write(self, new: list[Ready], kept: dict[str, list[Kept]]) -> None:
        with batch_transaction(entered=self._entered):
            self._insert(new, kept)

    def _insert(self, new: list[Ready], kept: dict[str, list[Kept]]) -> None:
        room = Room.objects.select_for_update(no_key=True).get(pk=self._place.room_id)
        begin = room.last_seq
        ids = ids_taken(Row, len(new))
        rows = [self._row(room, pk, one, len(kept.get(one.message.id, ()))) for pk, one in zip(ids, new, strict=True)]
        taken = [
            (pk, position, file.pk)
            for pk, one in zip(ids, new, strict=True)
            for position, file in enumerate(kept.get(one.message.id, ()))
        ]
        place, run = self._place.pk, self._run.pk
        noted = [
            (pk, place, run, one.message.id, bool(one.message.thread), one.message.topic[:TOPIC_MAX])
            for pk, one in zip(ids, new, strict=True)
        ]
        reactions = [(pk, person, emoji) for pk, one in zip(ids, new, strict=True) for person, emoji in one.reactions]
        mentions = list(self._mentions(room, [(row[0], row[2], one.named) for row, one in zip(rows, new, strict=True)]))
        insert_many((MESSAGES, rows), (NOTED, noted), (REACTIONS, reactions), (MENTIONS, mentions))
        self._done.reactions += len(reactions)
        self._done.emoji.update(name for one in new for name in emoji_of(one.reactions))
        if self._place.complete:
            threads_rebuild(room, self._touched)
            self._touched.clear()
            # Members who had read everything before this batch have read the batch, too.
            room.memberships.filter(read_seq=begin).update(read_seq=room.last_seq)
        self._done.files += len(taken)
        run_together((TAKEN, taken), (NUMBERS, [(room.last_seq, room.last_rev, room.pk)]), last=True)

    def _row(self, room: Room, pk: int, one: Ready, files: int) -> tuple[Any, ...]:
        room.last_seq += 1
        room.last_rev += 1
        message, seq = one.message, room.last_seq
        assert message.at is not None
        if self._last and message.at < self._last:
            self._notes.skip("messages older than what the room had: they stand behind it, with their own time")
        if message.id in self._wanted:
            self._seqs[message.id] = seq
        reply_to = self._number_of(message.reply_to or message.thread, self._open, seq)
        thread = self._number_of(message.thread, self._open_threads, seq)
        if message.in_room:
            self._shown.add(seq)
        if thread is not None:
            thread = self._roots[seq] = self._roots.get(thread, thread)
            self._touched.add(thread)
        return (
            pk,
            room.pk,
            seq,
            room.last_rev,
            Row.Kind.TEXT.value,
            one.author,
            one.text,
            reply_to,
            thread,
            thread is None or message.in_room,
            files,
            0 if thread or self._entered else self._wanted.get(message.id, 0),
            one.at,
            one.edited,
            one.at if message.deleted else None,
            "",
        )

    def _number_of(self, parent: str | None, waiting: dict[str, list[int]], seq: int) -> int | None:
        """The `seq` of this message's parent; records it in `waiting` if the parent comes later."""
        found = self._seqs.get(parent) if parent else None
        if parent and found is None:
            waiting[parent].append(seq)
        return found

    def _mentions(self, room: Room, said: list[tuple[int, int, list[str]]]) -> Iterator[tuple[int, int, int, int]]:
        """The rows for the mentions in messages, given as (message id, `seq`, names in the text)."""
        wanted = {name for _, _, called in said for name in called}
        if not wanted:
            return
        if self._place.complete:
            found_here = members_named(room_ids=[room.pk], names=wanted)
            members = {name: person for (_, name), (person, _) in found_here.items()}
        else:
            members = self._members()
        for message, seq, called in said:
            for person in {members[name] for name in called if name in members}:
                yield message, person, room.pk, seq

    def _members(self) -> dict[str, int]:
        """The members of a room without people yet, by lower-case name."""
        if self._named is None:
            known = [one for one in self._source.members or [] if self._people.knows(one)]
            self._named = {self._people.username(one).lower(): self._people.id_of(one) for one in known}
        return self._named

    @transaction.atomic
    def _close(self) -> None:
        """Link replies whose parent came later or from an earlier run; report those whose parent is missing."""
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
        """Add replies whose root came later to its thread."""
        found = {parent: seqs for parent, seqs in self._open_threads.items() if parent in self._seqs}
        if not found:
            return
        room = Room.objects.select_for_update(no_key=True).get(pk=self._place.room_id)
        for parent, seqs in found.items():
            root = self._roots.get(self._seqs[parent], self._seqs[parent])
            hidden = [seq for seq in seqs if seq not in self._shown]
            replies = Row.objects.filter(room=room, seq__in=seqs)
            replies.update(thread=root)
            hiding = replies.filter(seq__in=hidden, system__isnull=True, deleted_at=None, in_room=True)
            uncounted_add(room, hiding.values_list("seq", flat=True))
            replies.filter(seq__in=hidden).update(in_room=False)
            Mention.objects.filter(room=room, seq__in=seqs).update(thread=None)
            self._touched.add(root)
        if self._place.complete:
            threads_rebuild(room, self._touched)
            room.save(update_fields=["last_rev"])
