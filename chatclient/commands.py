"""A client's commands other than sending: their fields, and the type of the answer."""

import uuid
from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any, TypeVar

from chatclient.errors import NotAChatServer
from chatclient.events import (
    Ack,
    Audit,
    Bans,
    Drafts,
    Event,
    Groups,
    History,
    Inbox,
    JoinedRoom,
    LeftRoom,
    Pins,
    Reports,
    SavedMessages,
    Scheduled,
    Schedules,
    Search,
    Threads,
    Users,
    Versions,
)
from chatclient.frames import JSONObject

Answer = TypeVar("Answer", bound=Event)


class Commands(ABC):
    """Commands that wait for their answer, and raise `CommandRefused` when the server refuses.

    If the connection breaks before the answer, a command raises `AnswerLost` unless it can be repeated safely.
    """

    @abstractmethod
    async def _ask(self, command: JSONObject, *, repeat: bool = False) -> Event:
        """Send a command and wait for its answer; `repeat`: it may be sent again after a reconnect."""

    @abstractmethod
    def _tell(self, command: JSONObject, *, key: str, keep: bool) -> None:
        """Send a command without an answer. It replaces an unsent one with the same `key`; `keep`: send it after a
        reconnect."""

    @abstractmethod
    def _room(self, room: str | None) -> str:
        """The named room, or the client's own."""

    async def edit(self, seq: int, text: str, *, room: str | None = None) -> Ack:
        """Replace the text of a message."""
        return await self._answer(Ack, {"type": "edit_message", "seq": seq, "message": text}, room)

    async def delete(self, seq: int, *, room: str | None = None) -> Ack:
        """Delete the text of a message; its position stays."""
        return await self._answer(Ack, {"type": "delete_message", "seq": seq}, room)

    async def forward(
        self,
        seq: int,
        *,
        to_room: str = "",
        to: str = "",
        comment: str = "",
        thread: int | None = None,
        in_room: bool = False,
        room: str | None = None,
        client_id: str | None = None,
    ) -> Ack:
        """Forward a message with its files to the room `to_room`, or to the person `to`, below your own comment.
        `thread` and `in_room`: reply in that thread of `to_room`, as in `submit`."""
        place = {"type": "forward_private", "to": to} if to else {"type": "forward", "to_room": to_room}
        place |= _in_thread(thread, in_room)
        command = {**place, "seq": seq, "message": comment, "client_id": client_id or uuid.uuid4().hex}
        return await self._answer(Ack, command, room, repeat=True)

    async def react(self, seq: int, emoji: str, *, on: bool = True, room: str | None = None) -> Ack:
        """Add a reaction to a message, or remove it with `on=False`."""
        return await self._answer(Ack, {"type": "react", "seq": seq, "emoji": emoji, "on": on}, room, repeat=True)

    async def remove_preview(self, seq: int, url: str | None = None, *, room: str | None = None) -> Ack:
        """Remove the preview of `url` from a message, or all previews."""
        command = {"type": "remove_preview", "seq": seq} | ({} if url is None else {"url": url})
        return await self._answer(Ack, command, room, repeat=True)

    async def pin(self, seq: int, *, on: bool = True, room: str | None = None) -> Ack:
        """Pin a message to its room, or unpin it with `on=False`."""
        return await self._answer(Ack, {"type": "pin", "seq": seq, "on": on}, room, repeat=True)

    async def move_pin(self, seq: int, *, below: int | None = None, room: str | None = None) -> Ack:
        """Move a pinned message directly below the pin `below`, or to the top."""
        return await self._answer(Ack, {"type": "pin_move", "seq": seq, "below": below}, room, repeat=True)

    async def versions(self, seq: int, *, room: str | None = None) -> Versions:
        """All texts of a message, the oldest first: those before its edits, and the current one."""
        return await self._answer(Versions, {"type": "versions", "seq": seq}, room, repeat=True)

    async def pins(self, *, room: str | None = None) -> Pins:
        """The pinned messages of a room, in their order."""
        return await self._answer(Pins, {"type": "pins"}, room, repeat=True)

    async def save(
        self,
        seq: int,
        *,
        on: bool = True,
        done: bool | None = None,
        remind_at: str | None = None,
        zone: str = "",
        room: str | None = None,
    ) -> Ack:
        """Save a message for yourself, or unsave it with `on=False`. `remind_at`: ISO 8601, without an offset in the
        time zone `zone`; "" removes the reminder."""
        wishes = {"done": done, "remind_at": remind_at, "tz": zone or None}
        given: dict[str, Any] = {name: value for name, value in wishes.items() if value is not None}
        if remind_at == "":
            given["remind_at"] = None
        return await self._answer(Ack, {"type": "save", "seq": seq, "on": on, **given}, room, repeat=True)

    async def saved_messages(self, *, done: bool = False, before: int | None = None) -> SavedMessages:
        """A page of your saved messages, the last saved first; `before`: `next` of the previous page."""
        command = {"type": "saved_messages", "done": done, "before": before}
        return self._typed(SavedMessages, await self._ask(command, repeat=True))

    def typing(self, is_typing: bool = True, *, room: str | None = None, thread: int | None = None) -> None:
        """Send that you are typing, or stopped. Does nothing without a connection: it would be outdated later."""
        name = self._room(room)
        place = {"room": name} if thread is None else {"room": name, "thread": thread}
        self._tell({"type": "typing", **place, "is_typing": is_typing}, key=f"typing {name} {thread}", keep=False)

    def read(self, seq: int, *, room: str | None = None) -> None:
        """Move your read mark to `seq`; it is sent with the next connection at the latest."""
        name = self._room(room)
        self._tell({"type": "read", "room": name, "seq": seq}, key=f"read {name}", keep=True)

    def mark_unread(self, seq: int, *, room: str | None = None) -> None:
        """Mark `seq` and the messages after it as unread; it replaces a `read` that was not sent yet."""
        name = self._room(room)
        self._tell({"type": "mark_unread", "room": name, "seq": seq}, key=f"read {name}", keep=True)

    async def read_all(self) -> Ack:
        """Mark all your rooms as read."""
        return self._typed(Ack, await self._ask({"type": "read_all"}, repeat=True))

    async def history(
        self,
        *,
        room: str | None = None,
        before: int | None = None,
        after: int | None = None,
        around: int | None = None,
        at: str | None = None,
        limit: int | None = None,
        thread: int | None = None,
    ) -> History:
        """A page of messages of the room or a `thread`: the newest, or those `before`, `after` or `around` a `seq`, or
        around the first message at or after a time (`at`, ISO 8601 with an offset)."""
        bounds = {"before": before, "after": after, "around": around, "at": at, "limit": limit, "thread": thread}
        command = {"type": "history"} | {name: value for name, value in bounds.items() if value is not None}
        return await self._answer(History, command, room, repeat=True)

    def read_thread(self, thread: int, seq: int, *, room: str | None = None) -> None:
        """Move your read mark in a thread that you follow; it is sent with the next connection at the latest."""
        name = self._room(room)
        command = {"type": "thread_read", "room": name, "thread": thread, "seq": seq}
        self._tell(command, key=f"thread {name} {thread}", keep=True)

    async def follow(self, thread: int, *, on: bool = True, room: str | None = None) -> Ack:
        """Follow the thread of a message, or unfollow it with `on=False`."""
        return await self._answer(Ack, {"type": "follow", "thread": thread, "on": on}, room, repeat=True)

    async def threads(
        self, filter: str = "following", *, before: str | None = None, limit: int | None = None, room: str | None = None
    ) -> Threads:
        """Your threads, the newest activity first: "following", "unread", or "all" that you follow or followed. With
        `room`: only this room's, and "all" means everyone's threads. `before`: `next` of the previous page."""
        options = {"before": before, "limit": limit, "room": room}
        command = {"type": "threads", "filter": filter} | {
            name: value for name, value in options.items() if value is not None
        }
        return self._typed(Threads, await self._ask(command, repeat=True))

    async def search(
        self,
        query: str,
        *,
        limit: int | None = None,
        after: str | None = None,
        zone: str = "",
        public: bool = False,
        best: bool = False,
    ) -> Search:
        """Search messages in all your rooms, the newest first. `after`: `next` of the previous page; `zone`: the name
        of the time zone for days in the query; `public`: also search public rooms that you have not joined; `best`:
        the newest 200 matches, the best first."""
        order = "best" if best else None
        options = {"limit": limit, "after": after, "tz": zone or None, "public": public or None, "order": order}
        command = {"type": "search", "query": query} | {
            name: value for name, value in options.items() if value is not None
        }
        return self._typed(Search, await self._ask(command, repeat=True))

    async def inbox(self, kind: str = "mentions", *, before: int | None = None, limit: int | None = None) -> Inbox:
        """Messages that mention you, or with "reactions" the reactions to your messages, the newest first. `before`:
        the `id` of the last item that you have."""
        command = {"type": "inbox", "kind": kind, "before": before, "limit": limit}
        return self._typed(Inbox, await self._ask(command, repeat=True))

    async def groups(self) -> Groups:
        """The groups of people that a message can mention by one name."""
        return self._typed(Groups, await self._ask({"type": "groups"}, repeat=True))

    async def join(self, room: str) -> JoinedRoom:
        """Join a room; its events follow."""
        return await self._answer(JoinedRoom, {"type": "join_room"}, room, repeat=True)

    async def leave(self, room: str) -> LeftRoom:
        """Leave a room; its events stop."""
        return await self._answer(LeftRoom, {"type": "leave_room"}, room, repeat=True)

    async def users(self, *, room: str | None = None) -> Users:
        """The members of a room."""
        return await self._answer(Users, {"type": "command", "command": "users"}, room, repeat=True)

    async def command(self, name: str, *, room: str | None = None, **arguments: Any) -> Ack:
        """A moderator's command: `clear`, `kick`, `ban`, `unban`, `mute`, `unmute`, `topic`, with its arguments."""
        return await self._answer(Ack, {"type": "command", "command": name, **arguments}, room)

    async def update_room(self, *, room: str | None = None, **facts: Any) -> Ack:
        """Change facts of a room: `title`, `topic`, `description`, `kind` ("public" or "private"), `archived`,
        `posting` ("everyone" or "moderators"), `pinning`, `calling` and `adding` (the same), `edit_history` ("off",
        "moderators" or "members"), `replies` ("room" or "thread"), `slow_seconds`, `keep_days`, `previews`, `address`,
        `emoji`."""
        return await self._answer(Ack, {"type": "room_update", **facts}, room, repeat=True)

    async def set_role(self, username: str, role: str, *, room: str | None = None) -> Ack:
        """Make a member an "owner", a "moderator" or a "member"."""
        return await self._answer(Ack, {"type": "role", "username": username, "role": role}, room, repeat=True)

    async def bans(self, *, before: int | None = None, room: str | None = None) -> Bans:
        """The bans of a room, the newest first; `before`: the `id` of the last one that you have."""
        return await self._answer(Bans, {"type": "bans", "before": before}, room, repeat=True)

    async def audit(self, *, before: int | None = None, room: str | None = None) -> Audit:
        """What moderators did in a room, the newest first; `before`: the `id` of the last entry that you have."""
        return await self._answer(Audit, {"type": "audit", "before": before}, room, repeat=True)

    async def draft(
        self, text: str, *, thread: int | None = None, at: str | None = None, room: str | None = None
    ) -> Ack:
        """Store an unfinished text in a room, or in the thread of a `seq`, for your other devices; "" deletes it. `at`:
        when it was written (ISO 8601 with an offset). A newer stored text stays, and arrives as a `Draft`."""
        command = {"type": "draft", "text": text, "thread": thread, "at": at}
        return await self._answer(Ack, command, room, repeat=True)

    async def drafts(self) -> Drafts:
        """All your drafts, the newest first."""
        return self._typed(Drafts, await self._ask({"type": "drafts"}, repeat=True))

    async def schedule(
        self,
        text: str,
        at: str,
        zone: str,
        *,
        fold: int | None = None,
        files: Sequence[str] = (),
        reply_to: int | None = None,
        thread: int | None = None,
        in_room: bool = False,
        room: str | None = None,
    ) -> Scheduled:
        """Post a message at the local time `at` ("2026-11-28T09:00") in `zone` ("Europe/Berlin"). A time that occurs
        twice needs `fold`: 0 for the first, 1 for the second. `files`: ids of uploaded files. `thread` and `in_room`:
        as in `submit`."""
        when = {"at": at, "zone": zone, "fold": fold}
        command = {"type": "schedule", "message": text, "files": list(files), "reply_to": reply_to, **when}
        return await self._answer(Scheduled, command | _in_thread(thread, in_room), room)

    async def schedules(self) -> Schedules:
        """All your scheduled messages, the next one first, including those that could not be sent."""
        return self._typed(Schedules, await self._ask({"type": "schedules"}, repeat=True))

    async def change_schedule(self, id: int, **changes: Any) -> Scheduled:
        """Change `message`, or `at`, `zone` and `fold`, of a scheduled message."""
        return self._typed(Scheduled, await self._ask({"type": "schedule_change", "id": id, **changes}, repeat=True))

    async def cancel_schedule(self, id: int) -> Ack:
        """Delete a scheduled message."""
        return self._typed(Ack, await self._ask({"type": "schedule_cancel", "id": id}))

    async def send_scheduled(self, id: int) -> Ack:
        """Post a scheduled message now."""
        return self._typed(Ack, await self._ask({"type": "schedule_send", "id": id}))

    async def set_status(self, **values: Any) -> Ack:
        """Change your `emoji`, `text`, `until` (ISO 8601 with an offset, or None) and `presence` ("auto", "away",
        "busy"); omitted values stay unchanged."""
        return self._typed(Ack, await self._ask({"type": "status", **values}, repeat=True))

    async def block(self, username: str, *, on: bool = True) -> Ack:
        """Block a person, or unblock them with `on=False`."""
        return self._typed(Ack, await self._ask({"type": "block", "username": username, "on": on}, repeat=True))

    async def report(self, seq: int, reason: str, *, room: str | None = None) -> Ack:
        """Report a message to the moderators of its room."""
        return await self._answer(Ack, {"type": "report", "seq": seq, "reason": reason}, room)

    async def reports(self, *, before: int | None = None, closed: bool = False, room: str | None = None) -> Reports:
        """The open reports of a room, or with `closed` those that were handled, the newest first."""
        return await self._answer(Reports, {"type": "reports", "before": before, "closed": closed}, room, repeat=True)

    async def close_report(self, id: int, outcome: str, *, room: str | None = None) -> Ack:
        """Close a report as "deleted", "muted", "banned" or "dismissed"."""
        return await self._answer(Ack, {"type": "report_close", "id": id, "outcome": outcome}, room)

    async def broadcast(self, text: str) -> Ack:
        """Send an announcement to all connected people (staff only)."""
        return self._typed(Ack, await self._ask({"type": "broadcast", "message": text}))

    async def _answer(
        self, kind: type[Answer], command: JSONObject, room: str | None, *, repeat: bool = False
    ) -> Answer:
        return self._typed(kind, await self._ask({**command, "room": self._room(room)}, repeat=repeat))

    @staticmethod
    def _typed(kind: type[Answer], event: Event) -> Answer:
        if not isinstance(event, kind):
            raise NotAChatServer(f"The server answered with {event.type!r} instead of {kind.__name__!r}.")
        return event


def _in_thread(thread: int | None, in_room: bool) -> JSONObject:
    return {} if thread is None else {"thread": thread, "in_room": in_room}
