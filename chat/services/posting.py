"""Posting messages: a batch in one transaction.

All drafts of a batch share the cost of a transaction (locks, sync of the log). An invalid draft does not
fail the others.
"""

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from django.conf import settings
from django.db import DatabaseError, Error, transaction
from django.utils import timezone

from chat.access import actor_of, has_policy, policy_refusal
from chat.formatting.addresses import may_link
from chat.lib import loop_calls, outage
from chat.lib.joined_transaction import JoinedTransaction
from chat.models import Membership, Mention, Message, Participant, Room
from chat.protocol import events
from chat.protocol.errors import ChatError, Code, not_found, not_storable, unavailable
from chat.queries.files import facts_of
from chat.queries.message_encoding import encode_new
from chat.queries.message_states import MessageRow, message_rows
from chat.rules import Action, refusal
from chat.services import posting_sql
from chat.services.drafts import draft_end
from chat.services.file_taking import TAKEN, files_locked, files_problem, files_take, files_too_many
from chat.services.forwarding import Origin, Source, forwards_save, keys_of, source_found, source_problem
from chat.services.mentions import (
    CALLS,
    called_in,
    groups_called,
    members_named,
    mentions_of,
    named_in,
    people_called,
    people_named,
)
from chat.services.preview_work import work_want
from chat.services.publishing import (
    Moved,
    Publication,
    ThreadChange,
    publication_of,
    publish_encoded,
    publish_threads,
    take_rev,
)
from chat.services.thread_roots import NewReplies, Place, Root, replies_save, root_problem, roots_found
from chat.signals import on_message


# Named tuples: each message creates one of both, and creating a frozen dataclass takes three times as long.
class Draft(NamedTuple):
    """A message to post. With a `client_id`, posting it again has no effect."""

    author: Participant
    room: str
    text: str
    client_id: str | None = None
    reply_to: int | None = None
    # The id of the socket that sent the draft, or "".
    socket: str = ""
    # Keys of the uploaded files that the message takes.
    files: tuple[str, ...] = ()
    # Whether posting ends the person's kept draft. A scheduled message does not.
    ends_draft: bool = True
    # The message replies in the thread of this one, which is the root or a reply. `in_room`: the room shows it, too; a
    # message outside of threads is always shown.
    thread: int | None = None
    in_room: bool = True
    # The message to forward, with `text` as its comment.
    origin: Origin | None = None

    @property
    def digest(self) -> str:
        """Hash that distinguishes a repeated send from another message with the same `client_id`."""
        content = "\x00".join((self.room, self.text, str(self.reply_to or ""), *self.files))
        if self.thread is not None:
            content += f"\x00thread\x00{self.thread}\x00{self.in_room}"
        if self.origin:
            content += f"\x00forward\x00{self.origin.room}\x00{self.origin.seq}"
        return hashlib.blake2b(content.encode(), digest_size=16).hexdigest()


class Posted(NamedTuple):
    """The result of a draft. `duplicate`: it had been posted before, so nothing was written."""

    room: str
    seq: int
    rev: int
    timestamp: str
    duplicate: bool = False
    # Usernames in the text whose people are not members of the room.
    outside: tuple[str, ...] = ()


class RoomBusy(ChatError):
    """Result of a draft whose room another transaction has locked. Post it again with `wait`."""

    def __init__(self) -> None:
        super().__init__(Code.UNAVAILABLE, "The room is busy. Send it again in a moment.")


Outcome = Posted | ChatError


def messages_post(drafts: Sequence[Draft], *, wait: bool = True) -> list[Outcome]:
    """Post `drafts`; returns one result per draft, in order.

    Without `wait`, drafts of rooms that another transaction has locked are not posted; their result is `RoomBusy`.
    """
    try:
        return _post(drafts, wait)
    except (DatabaseError, UnicodeError) as error:
        if not outage.is_of_the_value(error):
            raise
    if len(drafts) > 1:
        # Find the failing draft by bisection: one bad draft among 256 costs 16 more transactions.
        middle = len(drafts) // 2
        first = messages_post(drafts[:middle], wait=wait)
        loop_calls.call_held()
        try:
            return first + messages_post(drafts[middle:], wait=wait)
        except Error as error:
            # The first half is committed, so its drafts must not be reported as failed.
            outage.report(error)
            return first + [unavailable() for _ in drafts[middle:]]
    try:
        # Another process can have committed the same client_id between the query and the insert.
        return _post(drafts, wait)
    except (DatabaseError, UnicodeError) as error:
        if not outage.is_of_the_value(error):
            raise
        outage.report(error)
        return [not_storable() if outage.fails_again(error) else unavailable()]


@JoinedTransaction()
def _post(drafts: Sequence[Draft], wait: bool) -> list[Outcome]:
    return _Batch(drafts, wait=wait).post()


@dataclass(slots=True)
class _Numbered:
    """A draft that was accepted, with its numbers."""

    draft: Draft
    author: Participant
    room: Room
    seq: int
    rev: int
    digest: str
    # Whether `@room` and `@here` in the text call people.
    calls: bool = False
    # Only for a reply in a thread.
    root: Root | None = None
    # Only for a message that forwards another.
    source: Source | None = None

    @property
    def text(self) -> str:
        """The whole text. Only names in the draft's own text count as mentions."""
        return self.source.below(self.draft.text) if self.source else self.draft.text

    @property
    def reply_to(self) -> int | None:
        """The message that this one replies to. Clients without threads see a reply to the root."""
        return self.draft.reply_to or (self.root.seq if self.root else None)

    @property
    def in_room(self) -> bool:
        """Whether the room shows it."""
        return self.draft.in_room or self.root is None

    @property
    def row(self) -> tuple[Any, ...]:
        """Its values as `posts_save` takes them."""
        draft = self.draft
        of_room = (self.room.id, self.seq, self.rev, self.author.id)
        return (*of_room, self.text, self.reply_to, draft.client_id, self.digest)


class _Called(NamedTuple):
    """The people that a message calls by names for many people: user id -> the name. `names`: those shown as mentions;
    includes `room` and `here` of an author who may call everyone even if no one else is there."""

    people: dict[int, str]
    names: list[str]


_NOBODY = _Called({}, [])


@dataclass
class _Batch:
    drafts: Sequence[Draft]
    wait: bool
    now: datetime = field(default_factory=timezone.now)

    def post(self) -> list[Outcome]:
        # Takes 1.7 µs, so once for all drafts.
        self.timestamp = events.stamp(self.now)
        self._lock_and_read()
        self.fresh: list[_Numbered] = []
        self.may_post: set[tuple[int, int]] = set()
        # Read once: reading a setting takes as long as all the rules.
        self.chars_max: int = settings.CHAT_MESSAGE_MAX_CHARS
        self.has_policy = has_policy()
        # By (room id, `seq`): the new messages' mentions, files and forwards, as their states show them.
        self.named: dict[Place, list[str]] = {}
        self.shown_files: dict[Place, list[events.FileFacts]] = {}
        self.forwarded: dict[Place, events.Forwarded] = {}
        wanted = [key for draft in self.drafts for key in draft.files]
        self.sources = {
            (draft.author.pk, draft.origin): source_found(draft.author, draft.origin)
            for draft in self.drafts
            if draft.origin
        }
        wanted += keys_of(self.sources.values())
        self.files = files_locked(wanted) if wanted else {}
        self.roots = self._roots() if any(draft.thread for draft in self.drafts) else {}
        outcomes = [self._decide(draft) for draft in self.drafts]
        self._outside: dict[tuple[str, int], tuple[str, ...]] = {}
        self._write()
        return [self._with_outside(outcome) for outcome in outcomes] if self._outside else outcomes

    def _with_outside(self, outcome: Outcome) -> Outcome:
        if isinstance(outcome, ChatError) or outcome.duplicate:
            return outcome
        return outcome._replace(outside=self._outside.get((outcome.room, outcome.seq), ()))

    def _lock_and_read(self) -> None:
        slugs = {draft.room for draft in self.drafts}
        authors = {(draft.author.id, draft.room) for draft in self.drafts}
        client_ids = {(draft.author.id, draft.client_id) for draft in self.drafts if draft.client_id}
        held = posting_sql.lock_and_read(slugs, authors, client_ids, wait=self.wait)
        # By slug; None if another transaction has locked the room.
        self.rooms: dict[str, Room | None] = {room.slug: room for room in held.rooms}
        if not self.wait and len(held.rooms) < len(slugs):
            # Distinguish a locked room from one that does not exist.
            busy = Room.objects.filter(slug__in=slugs - self.rooms.keys()).values_list("slug", flat=True)
            self.rooms |= dict.fromkeys(busy)
        self.memberships = {(row.user_id, row.room_id): row for row in held.memberships}
        self.known = {(first.author_id, first.client_id): first for first in held.firsts}

    def _roots(self) -> dict[Place, Root]:
        rooms = {slug: room for slug, room in self.rooms.items() if room}
        return roots_found(
            {(rooms[one.room].pk, one.thread) for one in self.drafts if one.thread and one.room in rooms}
        )

    def _decide(self, draft: Draft) -> Outcome:
        if draft.client_id and (first := self.known.get((draft.author.id, draft.client_id))):
            return _repeated(draft, first)
        if draft.room not in self.rooms:
            return not_found("room")
        room = self.rooms[draft.room]
        if room is None:
            return RoomBusy()
        membership = self.memberships.get((draft.author.id, room.id))
        author = membership.user if membership else draft.author
        if problem := self._may_not_post(author, room, membership):
            return problem
        source = self.sources[draft.author.pk, draft.origin] if draft.origin else None
        if isinstance(source, ChatError):
            return source
        if problem := text_problem(source.below(draft.text) if source else draft.text, self.chars_max):
            return problem
        if draft.reply_to and not room.cleared_before_seq <= draft.reply_to <= room.last_seq:
            return not_found("message")
        root = self.roots.get((room.pk, draft.thread)) if draft.thread else None
        if draft.thread and (problem := root_problem(root, room)):
            return problem
        if draft.files and (problem := self._files_problem(draft)):
            return problem
        if source and (problem := files_too_many(source.files) or source_problem(source, self.files)):
            return problem
        calls = "@" in draft.text and not refusal(
            Action.CALL_ALL, actor_of(user=author, room=room, membership=membership), now=self.now
        )
        return self._number(draft, room, author, membership, calls=calls, root=root, source=source)

    def _may_not_post(self, author: Participant, room: Room, membership: Membership | None) -> ChatError | None:
        """Why this person may not post now, or None. A person who may post once may do so in the whole batch, unless
        slow mode counts their messages or the project's policy decides about each one."""
        place = (author.id, room.id)
        if place in self.may_post:
            return None
        if not author.is_active:
            return ChatError(Code.FORBIDDEN, "This account is deactivated.")
        actor = actor_of(user=author, room=room, membership=membership)
        if problem := refusal(Action.POST, actor, now=self.now):
            return problem
        if self.has_policy:
            return policy_refusal(author, room, Action.POST)
        if not room.slow_seconds:
            self.may_post.add(place)
        return None

    def _files_problem(self, draft: Draft) -> ChatError | None:
        """Why this draft cannot take its files, or None. Then no later draft of the batch can take them."""
        problem = files_problem(draft.files, draft.author.pk, self.files)
        for key in () if problem else draft.files:
            self.files[key].message_id = TAKEN
        return problem

    def _number(
        self,
        draft: Draft,
        room: Room,
        author: Participant,
        membership: Membership | None,
        *,
        calls: bool,
        root: Root | None,
        source: Source | None,
    ) -> Posted:
        room.last_seq += 1
        seq, rev = room.last_seq, take_rev(room)
        digest = draft.digest if draft.client_id else ""
        if draft.client_id:
            self.known[author.id, draft.client_id] = posting_sql.FirstPost(
                author.id, draft.client_id, digest, room.slug, seq, rev, self.now
            )
        new = _Numbered(draft, author, room, seq, rev, digest, calls, root, source)
        if membership:
            membership.posted_at = self.now
            # A person who replies in a thread may not have seen the room.
            if new.in_room:
                membership.read_seq = seq
        self.fresh.append(new)
        return Posted(room.slug, seq, rev, self.timestamp)

    def _write(self) -> None:
        if not self.fresh:
            return
        if self._only_messages():
            # The events are complete before anything is written, so that the transaction can end with the messages.
            self._publish()
            self._save(last=True)
            return
        threads = self._new_replies() if self.roots else {}
        self._save()
        for new in self.fresh:
            if self._ends_draft(new):
                thread = new.root.seq if new.root else None
                membership = self.memberships[new.author.pk, new.room.pk]
                draft_end(membership, new.room.slug, thread=thread, socket=new.draft.socket)
        self.named = self._write_mentions(threads)
        files = self._write_files() if self.files else {}
        self.forwarded, shown = self._write_forwards() if self.sources else ({}, {})
        self.shown_files = files | shown
        if linking := [(new.room.pk, new.seq) for new in self.fresh if may_link(new.text)]:
            work_want(linking, at=self.now)
        self._publish(replies_save(list(threads.values()), at=self.now) if threads else ())
        publish_threads([ThreadChange(room_id, seq) for room_id, seq in threads])

    def _only_messages(self) -> bool:
        """Whether there is nothing to write apart from the messages, their rooms and their memberships."""
        if self.roots or self.files or self.sources:
            return False
        return not any("@" in new.text or may_link(new.text) or self._ends_draft(new) for new in self.fresh)

    def _ends_draft(self, new: _Numbered) -> bool:
        return new.draft.ends_draft and self.memberships[new.author.id, new.room.id].drafting

    def _save(self, *, last: bool = False) -> None:
        rows = [new.row for new in self.fresh if new.root is None]
        replies = [(new.root.seq, new.in_room, *new.row) for new in self.fresh if new.root]
        rooms = {new.room.id: new.room for new in self.fresh}
        posters = {(new.author.id, new.room.id) for new in self.fresh}
        memberships = [self.memberships[poster] for poster in posters]
        posting_sql.posts_save(rows, replies, rooms.values(), memberships, at=self.now, last=last)

    def _publish(self, roots: Iterable[tuple[Room, events.Message]] = ()) -> None:
        """Publish the messages, and then the `roots` that they changed, after the commit."""
        # Posting marks earlier messages as read; of an author's posts in this batch, only the last one counts.
        moved = {
            (new.author.id, new.room.id): Moved(
                new.author.id, new.room.id, new.room.slug, new.seq, socket=new.draft.socket
            )
            for new in self.fresh
            if new.in_room
        }
        changes = [Publication(new.room.id, new.rev, self._encode(new)) for new in self.fresh]
        publish_encoded([*changes, *(publication_of(*root) for root in roots)], list(moved.values()))
        if on_message.has_listeners():
            # The project's receivers may take long, so publish the messages before they run.
            transaction.on_commit(loop_calls.call_held)
            for new in self.fresh:
                facts = {"room": new.room, "author": new.author, "seq": new.seq, "text": new.text}
                transaction.on_commit(partial(on_message.send_robust, sender=Message, **facts))

    def _new_replies(self) -> dict[Place, NewReplies]:
        """The replies by the (room id, `seq`) of their roots, each of which takes its next `rev` afterwards."""
        threads: dict[Place, NewReplies] = {}
        for new in self.fresh:
            if new.root:
                place = (new.room.pk, new.root.seq)
                threads.setdefault(place, NewReplies(new.room, new.root)).posted.append((new.seq, new.author.pk))
        for thread in threads.values():
            thread.number()
        return threads

    def _write_files(self) -> dict[tuple[int, int], list[events.FileFacts]]:
        """Give the files to their messages; returns the file facts for the states, by (room, seq)."""
        takers = {(new.room.pk, new.seq): new.draft.files for new in self.fresh if new.draft.files}
        taken = {
            message: [self.files[key] for key in takers[message.room_id, message.seq]]
            for message in _messages_at(list(takers))
        }
        files_take(taken)
        return {(message.room_id, message.seq): [facts_of(file) for file in files] for message, files in taken.items()}

    def _write_forwards(
        self,
    ) -> tuple[dict[tuple[int, int], events.Forwarded], dict[tuple[int, int], list[events.FileFacts]]]:
        """Record the forwards; returns the forwards and file facts for the states, by (room, seq)."""
        news = {(new.room.pk, new.seq): new for new in self.fresh if new.source}
        made = [
            (message, new.source, new.draft.text, new.author)
            for message in _messages_at(list(news))
            if (new := news[message.room_id, message.seq]).source
        ]
        forwarded, files = forwards_save(made, self.files) if made else ({}, {})
        places = {message.pk: (message.room_id, message.seq) for message, *_ in made}
        return {places[pk]: one for pk, one in forwarded.items()}, {places[pk]: some for pk, some in files.items()}

    def _write_mentions(self, threads: Mapping[Place, NewReplies]) -> dict[tuple[int, int], list[str]]:
        """Store the mentions and add them to their threads; returns the usernames by (room, seq)."""
        names = {(new.room.pk, new.seq): named_in(new.draft.text) for new in self.fresh if "@" in new.draft.text}
        if not names:
            return {}
        wanted = {name for found in names.values() for name in found}
        members = members_named(room_ids={room_id for room_id, _ in names}, names=wanted)
        found = {
            place: [members[place[0], name] for name in said if (place[0], name) in members]
            for place, said in names.items()
        }
        self._note_outside(names, members.keys())
        for new in self.fresh if threads else ():
            if new.root:
                named = threads[new.room.pk, new.root.seq].named
                named += [(user_id, new.seq) for user_id, _ in found.get((new.room.pk, new.seq), ())]
        called = self._people_called(names)
        Mention.objects.bulk_create(
            mention
            for message in _messages_at([place for place in names if found[place] or place in called])
            for place in [(message.room_id, message.seq)]
            for mention in mentions_of(
                message, [user_id for user_id, _ in found[place]], called.get(place, _NOBODY).people
            )
        )
        return {
            place: [username for _, username in people] + called.get(place, _NOBODY).names
            for place, people in found.items()
        }

    def _people_called(self, names: Mapping[Place, Sequence[str]]) -> dict[Place, _Called]:
        """The people whom `@room`, `@here` and group names call, without the author, by (room, seq)."""
        found: dict[Place, _Called] = {}
        for new in self.fresh:
            place = (new.room.pk, new.seq)
            groups = self._maybe_groups.get(place, ())
            calls = called_in(names.get(place, ())) if new.calls else []
            if not groups and not calls:
                continue
            people = groups_called(new.room.pk, groups, by=new.author.pk, may_all=new.calls)
            people |= people_called(new.room.pk, calls) if calls else {}
            people.pop(new.author.pk, None)
            if calls or people:
                reached = set(people.values())
                said = [name for name in names[place] if name in calls or name in reached]
                found[place] = _Called(people, said)
        return found

    def _note_outside(self, names: dict[tuple[int, int], list[str]], members: Collection[tuple[int, str]]) -> None:
        """Find the people in the texts who are not members, so that the authors learn of them."""
        called = {place: [name for name in said if (place[0], name) not in members] for place, said in names.items()}
        strangers = people_named(name for said in called.values() for name in said)
        self._maybe_groups = {
            place: rest
            for place, said in called.items()
            if (rest := [name for name in said if name not in strangers and name not in CALLS])
        }
        for new in self.fresh if strangers else ():
            said = called.get((new.room.pk, new.seq), ())
            if found := tuple(strangers[name] for name in said if name in strangers):
                self._outside[new.room.slug, new.seq] = found

    def _encode(self, new: _Numbered) -> str:
        place = (new.room.id, new.seq)
        mentions = self.named.get(place, [])
        files, forwarded = self.shown_files.get(place), self.forwarded.get(place)
        thread = new.root.seq if new.root else None
        if not files and not forwarded:
            return encode_new(
                room=new.room.slug,
                seq=new.seq,
                rev=new.rev,
                text=new.text,
                author=new.author,
                timestamp=self.timestamp,
                client_id=new.draft.client_id,
                reply_to=new.reply_to,
                mentions=mentions,
                thread=thread,
                in_room=new.in_room,
            )
        row = MessageRow(
            room__slug=new.room.slug,
            seq=new.seq,
            rev=new.rev,
            text=new.text,
            author_id=new.author.pk,
            author__username=new.author.username,
            author__display_name=new.author.display_name,
            author__name_shared=new.author.name_shared,
            author__kind=new.author.kind,
            created_at=self.now,
            client_id=new.draft.client_id,
            reply_to=new.reply_to,
            thread=thread,
            in_room=new.in_room,
        )
        return row.state(mentions=mentions, files=files, forwarded=forwarded).encode()


def _messages_at(places: Sequence[tuple[int, int]]) -> list[Message]:
    if not places:
        return []
    rooms, seqs = zip(*places, strict=True)
    known = Message.objects.only("room_id", "seq", "thread", "in_room", "author_id")
    rows = known.filter(room__in=set(rooms), seq__in=set(seqs))
    return [row for row in rows if (row.room_id, row.seq) in set(places)]


def text_problem(text: str, limit: int | None = None) -> ChatError | None:
    """Why this text cannot be posted (it is too long), or None. `limit`: the setting, if it was read already."""
    if limit is None:
        limit = settings.CHAT_MESSAGE_MAX_CHARS
    if len(text) <= limit:
        return None
    return ChatError(
        Code.INVALID,
        f"The message is too long: {len(text)} characters, at most {limit} are allowed.",
        fields={"message": f"must have at most {limit} characters"},
    )


def new_message(
    room: Room,
    author: Participant,
    *,
    text: str,
    now: datetime,
    reply_to: int | None = None,
    system: dict[str, Any] | None = None,
) -> Message:
    """An unsaved message with the next numbers of a locked room; the caller saves both."""
    room.last_seq += 1
    return Message(
        room=room,
        seq=room.last_seq,
        rev=take_rev(room),
        kind=Message.Kind.SYSTEM if system else Message.Kind.TEXT,
        author=author,
        text=text,
        system=system,
        reply_to=reply_to,
        created_at=now,
    )


def system_line(
    room: Room, actor: Participant, text: str, *, now: datetime, event: events.SystemEvent, **facts: Any
) -> events.Message:
    """Add a line such as "ada joined" to a locked room; the caller saves the room and publishes the state."""
    message = new_message(room, actor, text=text, system={"event": event, **facts}, now=now)
    message.save(force_insert=True)
    # A new line has no reactions or mentions. `actor` may have an outdated name, from when its socket was opened.
    [row] = message_rows(Message.objects.filter(pk=message.pk))
    return row.state()


def _repeated(draft: Draft, first: posting_sql.FirstPost) -> Outcome:
    if first.digest != draft.digest:
        return ChatError(
            Code.CONFLICT,
            "This client_id has already been used for a different message.",
            fields={"client_id": "was used before"},
        )
    return Posted(first.room, first.seq, first.rev, events.stamp(first.created_at), duplicate=True)
