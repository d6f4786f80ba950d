"""Posting messages, a batch in one transaction.

What a transaction costs (the locks, the sync of the log) is paid once for all drafts that waited for it.
One bad draft never fails its neighbours.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.models import User
from chat.access import standing_of
from chat.models import Membership, Mention, Message, Room
from chat.protocol import events
from chat.protocol.errors import ChatError, Code, not_found
from chat.rules import Action, refusal
from chat.services.changes import publish, take_rev
from chat.services.mentions import members_named, named_in


@dataclass(frozen=True, slots=True)
class Draft:
    """A message that somebody wants to post. `client_id` makes posting it again harmless."""

    author: User
    room: str
    text: str
    client_id: str | None = None
    reply_to: int | None = None

    @property
    def digest(self) -> str:
        """Tells a repeated send from another message under the same `client_id`."""
        told = "\x00".join((self.room, self.text, str(self.reply_to or "")))
        return hashlib.blake2b(told.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True, slots=True)
class Posted:
    """What became of a draft; `duplicate`: it had been posted before, and nothing new was written."""

    room: str
    seq: int
    rev: int
    timestamp: str
    duplicate: bool = False


class RoomBusy(ChatError):
    """Raised (as an outcome) when another transaction holds the room; try the draft again, waiting for it."""

    def __init__(self) -> None:
        super().__init__(Code.UNAVAILABLE, "The room is busy. Send it again in a moment.")


Outcome = Posted | ChatError


def messages_post(drafts: Sequence[Draft], *, wait: bool = True) -> list[Outcome]:
    """Post `drafts`; returns what became of each, in their order.

    `wait` False leaves out rooms that another transaction holds: their drafts come back as `RoomBusy`.
    """
    try:
        with transaction.atomic():
            return _Batch(drafts, wait=wait).post()
    except IntegrityError:
        # The same client_id was committed by another process between our look and our insert.
        if len(drafts) > 1:
            return [messages_post([draft], wait=wait)[0] for draft in drafts]
        with transaction.atomic():
            return _Batch(drafts, wait=wait).post()


@dataclass
class _Batch:
    drafts: Sequence[Draft]
    wait: bool
    now: datetime = field(default_factory=timezone.now)

    def post(self) -> list[Outcome]:
        self.rooms = self._lock_rooms()
        self.memberships = self._memberships()
        self.known = self._known_client_ids()
        self.fresh: list[tuple[Draft, Message]] = []
        outcomes = [self._decide(draft) for draft in self.drafts]
        self._write()
        return outcomes

    def _lock_rooms(self) -> dict[str, Room | None]:
        """The rooms by slug, locked in id order so that two batches never wait for each other in a ring."""
        slugs = {draft.room for draft in self.drafts}
        rooms = Room.objects.filter(slug__in=slugs).order_by("id")
        if connection.features.has_select_for_update_skip_locked and not self.wait:
            rooms = rooms.select_for_update(no_key=True, skip_locked=True)
        else:
            rooms = rooms.select_for_update(no_key=True)
        locked: dict[str, Room | None] = {room.slug: room for room in rooms}
        if not self.wait and len(locked) < len(slugs):
            # Skipped because held elsewhere, or not there at all?
            held = Room.objects.filter(slug__in=slugs - locked.keys()).values_list("slug", flat=True)
            locked |= dict.fromkeys(held)
        return locked

    def _memberships(self) -> dict[tuple[int, int], Membership]:
        rooms = [room.pk for room in self.rooms.values() if room]
        authors = {draft.author.pk for draft in self.drafts}
        rows = Membership.objects.filter(room__in=rooms, user__in=authors).select_related("user").order_by("id")
        # Locked, in id order: their reading marks are moved here and, elsewhere, by the readers themselves.
        return {(row.user_id, row.room_id): row for row in rows.select_for_update(of=("self",), no_key=True)}

    def _known_client_ids(self) -> dict[tuple[int, str], Message]:
        named = {draft.client_id for draft in self.drafts if draft.client_id}
        if not named:
            return {}
        authors = {draft.author.pk for draft in self.drafts}
        rows = Message.objects.filter(author__in=authors, client_id__in=named).select_related("room")
        return {(row.author_id, row.client_id): row for row in rows if row.client_id}

    def _decide(self, draft: Draft) -> Outcome:
        if draft.client_id and (first := self.known.get((draft.author.pk, draft.client_id))):
            return _repeated(draft, first)
        if draft.room not in self.rooms:
            return not_found("room")
        room = self.rooms[draft.room]
        if room is None:
            return RoomBusy()
        membership = self.memberships.get((draft.author.pk, room.pk))
        author = membership.user if membership else draft.author
        if not author.is_active:
            return ChatError(Code.FORBIDDEN, "This account is deactivated.")
        standing = standing_of(user=author, room=room, membership=membership)
        if problem := refusal(Action.POST, standing, now=self.now):
            return problem
        if problem := text_problem(draft.text):
            return problem
        if draft.reply_to and not room.cleared_before_seq <= draft.reply_to <= room.last_seq:
            return not_found("message")
        return self._number(draft, room, author, membership)

    def _number(self, draft: Draft, room: Room, author: User, membership: Membership | None) -> Posted:
        message = new_message(room, author, text=draft.text, reply_to=draft.reply_to, now=self.now)
        message.client_id = draft.client_id
        message.client_digest = draft.digest if draft.client_id else ""
        if draft.client_id:
            self.known[author.pk, draft.client_id] = message
        if membership:
            membership.read_seq = message.seq
        self.fresh.append((draft, message))
        return Posted(room.slug, message.seq, message.rev, events.stamp(self.now))

    def _write(self) -> None:
        if not self.fresh:
            return
        messages = Message.objects.bulk_create([message for _, message in self.fresh])
        named = self._write_mentions(messages)
        touched = {message.room_id: message.room for message in messages}
        Room.objects.bulk_update(touched.values(), ["last_seq", "last_rev"])
        readers = [self.memberships[message.author_id, message.room_id] for message in messages]
        Membership.objects.bulk_update(dict.fromkeys(readers), ["read_seq"])
        publish((message.room, new_state(message, named[message.seq, message.room_id])) for message in messages)

    def _write_mentions(self, messages: Sequence[Message]) -> dict[tuple[int, int], list[str]]:
        """Keep who is named; returns the usernames by (seq, room)."""
        names = {message.pk: named_in(message.text) for message in messages if "@" in message.text}
        members = members_named(
            room_ids={message.room_id for message in messages if names.get(message.pk)},
            names={name for found in names.values() for name in found},
        )
        rows, usernames = [], {}
        for message in messages:
            found = [members[key] for name in names.get(message.pk, ()) if (key := (message.room_id, name)) in members]
            usernames[message.seq, message.room_id] = [username for _, username in found]
            rows += [
                Mention(message=message, user_id=user_id, room_id=message.room_id, seq=message.seq)
                for user_id, _ in found
            ]
        Mention.objects.bulk_create(rows)
        return usernames


def text_problem(text: str) -> ChatError | None:
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
    author: User,
    *,
    text: str,
    now: datetime,
    reply_to: int | None = None,
    system: dict[str, Any] | None = None,
) -> Message:
    """A message with the next numbers of a locked room; the caller saves both."""
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


def new_state(message: Message, mentions: list[str]) -> events.Message:
    """The wire state of a message that was just written, without asking the database again."""
    author = message.author
    return events.Message(
        room=message.room.slug,
        seq=message.seq,
        rev=message.rev,
        kind=message.kind,
        message=message.text,
        username=author.username,
        user_id=author.pk,
        display_name=author.shown_name,
        timestamp=events.stamp(message.created_at),
        client_id=message.client_id,
        reply_to=message.reply_to,
        edited_at=None,
        deleted=False,
        deleted_by=None,
        reactions={},
        mentions=mentions,
        system=message.system,
    )


def system_line(room: Room, actor: User, text: str, *, now: datetime, **facts: Any) -> events.Message:
    """Write a line such as "ada joined" into a locked room; the caller saves the room and publishes the state."""
    message = new_message(room, actor, text=text, system=facts, now=now)
    message.save(force_insert=True)
    return new_state(message, [])


def _repeated(draft: Draft, first: Message) -> Outcome:
    if first.client_digest != draft.digest:
        return ChatError(
            Code.CONFLICT, "This client_id was used for another message.", fields={"client_id": "was used before"}
        )
    return Posted(first.room.slug, first.seq, first.rev, events.stamp(first.created_at), duplicate=True)
