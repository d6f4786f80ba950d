"""The terminal chat: input lines are sent as messages, events are printed as lines. It works in a pipe too."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

from chatclient.client import ChatClient
from chatclient.display import Lines, as_json
from chatclient.errors import ChatError, ClientClosed, CommandRefused
from chatclient.events import Ack, Event, History, Message, Search, SendFailed

# Seconds to wait for the event of the last acknowledged message, and for the newest page after connecting; both are
# usually there.
_ECHO_SECONDS = 2.0
# A line that searches instead of being sent, when a person types it.
_SEARCH = "/search "
# A line that sends the file at the path after it.
_FILE = "/file "
# A line sent later, in this computer's time zone: `/later 2026-11-28T09:00 tea`, in a thread `… /thread 41 tea`.
_LATER = "/later "
# Lines that list the messages that mention the person, and mark all rooms as read.
_MENTIONS, _READ_ALL = "/mentions", "/read-all"
# A line that lists the server's custom emoji, or those with these characters in a name: `/emoji ship`.
_EMOJI = re.compile(r"/emoji(?: (.*))?")
# A line that lists the threads with something unread; and one that replies under a message: `/thread 41 yes`.
_THREADS = "/threads"
_THREAD = re.compile(r"/thread (\d{1,15}) (.+)", re.DOTALL)
# Lines that list the texts that a message had, and that forward one: `/versions 41`, `/forward 41 garden look here`,
# and to a thread `/forward 41 garden#7 look here`.
_VERSIONS = re.compile(r"/versions (\d{1,15})")
_FORWARD = re.compile(r"/forward (\d{1,15}) ([@A-Za-z0-9_.-]+)(?:#(\d{1,15}))?(?: (.+))?", re.DOTALL)
# A line that lists the groups of people; and one that sends to a group conversation: `/group ada,bob hello`.
_GROUPS = "/groups"
_GROUP = re.compile(r"/group ([A-Za-z0-9_.,@-]+) (.+)", re.DOTALL)
# Lines that list the pinned messages of the room, and that pin or unpin one: `/pins`, `/pin 41`, `/unpin 41`.
_PINS = "/pins"
_PIN = re.compile(r"/(pin|unpin) (\d{1,15})")


@dataclass(frozen=True, slots=True)
class Style:
    """The format of the output."""

    json: bool = False
    history: int = 0  # messages of the newest page to print first
    by_hand: bool = False  # a person types: `/search words`, `/file path` and others are commands


class Terminal:
    """A client with its input and its output."""

    def __init__(self, client: ChatClient, *, style: Style) -> None:
        self._client = client
        self._style = style
        self._lines = Lines()
        self._refused = 0
        self._awaited = (0, "")  # the highest message of our own, and its room
        self._printed: dict[str, int] = {}
        self._something_printed = asyncio.Event()
        self._history_printed = asyncio.Event()

    async def run(self, lines: AsyncIterator[str] | None) -> int:
        """Chat until the input ends and everything is acknowledged; without input, until the connection ends.

        Returns:
            The exit code: 0, or 1 if the server refused a message.
        """
        async with self._client:
            printing = asyncio.create_task(self._print())
            sending = asyncio.create_task(self._send(lines)) if lines is not None else None
            tasks = {printing} if sending is None else {printing, sending}
            try:
                done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                for task in done:
                    task.result()
                if sending is not None and sending not in done:
                    raise self._client.stopped or ClientClosed("The connection ended before the input did.")
            finally:
                for task in tasks:
                    task.cancel()
                await asyncio.wait(tasks)
        return 1 if self._refused else 0

    async def _print(self) -> None:
        async for event in self._client:
            if isinstance(event, History):
                for message in event.messages[-self._style.history :] if self._style.history else ():
                    self._show(message)
                self._history_printed.set()
            else:
                self._show(event)
            self._refused += isinstance(event, SendFailed)
            if isinstance(event, Message):
                self._printed[event.room] = max(event.seq, self._printed.get(event.room, 0))
                self._something_printed.set()

    def _show(self, event: Event) -> None:
        if self._style.json:
            _write(sys.stdout, as_json(event))
            return
        if (line := self._lines.of(event)) is not None:
            _write(sys.stdout, line)
        if (notice := self._lines.notice(event)) is not None:
            _write(sys.stderr, notice)

    async def _send(self, lines: AsyncIterator[str]) -> None:
        async for line in lines:
            if self._style.by_hand and line.startswith(_SEARCH):
                await self._search(line.removeprefix(_SEARCH))
            elif self._style.by_hand and line.startswith(_FILE):
                await self._send_file(line.removeprefix(_FILE).strip())
            elif self._style.by_hand and line.startswith(_LATER):
                await self._schedule(line.removeprefix(_LATER))
            elif self._style.by_hand and line.strip() in (_MENTIONS, _READ_ALL):
                await self._ask(line.strip())
            elif self._style.by_hand and (asked := _EMOJI.fullmatch(line.strip())):
                await self._list_emoji(asked[1] or "")
            elif self._style.by_hand and line.strip() == _THREADS:
                await self._list_threads()
            elif self._style.by_hand and (asked := _VERSIONS.fullmatch(line.strip())):
                await self._list_versions(int(asked[1]))
            elif self._style.by_hand and (asked := _FORWARD.fullmatch(line.strip())):
                await self._forward(int(asked[1]), asked[2], asked[4] or "", thread=asked[3])
            elif self._style.by_hand and line.strip() == _GROUPS:
                await self._list_groups()
            elif self._style.by_hand and (group := _GROUP.fullmatch(line)):
                await self._to_group(group[1], group[2])
            elif self._style.by_hand and line.strip() == _PINS:
                await self._list_pins()
            elif self._style.by_hand and (asked := _PIN.fullmatch(line.strip())):
                await self._pin(int(asked[2]), on=asked[1] == "pin")
            elif self._style.by_hand and (reply := _THREAD.fullmatch(line)):
                await self._submit(reply[2], thread=int(reply[1]))
            elif line.strip():
                await self._submit(line)
        await self._client.drain()
        with suppress(TimeoutError):
            async with asyncio.timeout(_ECHO_SECONDS):
                if self._style.history:
                    await self._history_printed.wait()
                while self._printed.get(self._awaited[1], 0) < self._awaited[0]:
                    self._something_printed.clear()
                    await self._something_printed.wait()

    async def _submit(self, text: str, *, thread: int | None = None) -> None:
        await self._client.wait_for_place()
        try:
            self._client.submit(text, thread=thread).add_done_callback(self._acknowledged)
        except CommandRefused as exc:
            self._refuse(exc)

    async def _list_emoji(self, words: str) -> None:
        try:
            found = await self._client.emoji()
        except CommandRefused as exc:
            _write(sys.stderr, f"refused: {exc}")
            return
        for line in self._lines.emoji(found, words):
            _write(sys.stdout, line)

    async def _list_threads(self) -> None:
        try:
            found = await self._client.threads("unread")
        except CommandRefused as exc:
            _write(sys.stderr, f"not found: {exc}")
            return
        for line in [as_json(found)] if self._style.json else self._lines.threads(found):
            _write(sys.stdout, line)

    async def _list_versions(self, seq: int) -> None:
        try:
            found = await self._client.versions(seq)
        except CommandRefused as exc:
            _write(sys.stderr, f"not found: {exc}")
            return
        for line in [as_json(found)] if self._style.json else self._lines.versions(found):
            _write(sys.stdout, line)

    async def _list_groups(self) -> None:
        try:
            found = await self._client.groups()
        except CommandRefused as exc:
            _write(sys.stderr, f"refused: {exc}")
            return
        for line in [as_json(found)] if self._style.json else self._lines.groups(found):
            _write(sys.stdout, line)

    async def _to_group(self, names: str, text: str) -> None:
        people = [name.removeprefix("@") for name in names.split(",") if name]
        try:
            ack = await self._client.group_message(people, text)
        except CommandRefused as exc:
            self._refuse(exc)
            return
        _write(sys.stderr, f"sent to {ack.room} as #{ack.seq}")

    async def _list_pins(self) -> None:
        try:
            found = await self._client.pins()
        except CommandRefused as exc:
            _write(sys.stderr, f"refused: {exc}")
            return
        for line in [as_json(found)] if self._style.json else self._lines.pins(found):
            _write(sys.stdout, line)

    async def _pin(self, seq: int, *, on: bool) -> None:
        try:
            await self._client.pin(seq, on=on)
        except CommandRefused as exc:
            self._refused += 1
            _write(sys.stderr, f"refused: {exc}")
            return
        _write(sys.stderr, f"#{seq} is {'pinned' if on else 'not pinned any more'}")

    async def _forward(self, seq: int, place: str, comment: str, *, thread: str | None) -> None:
        to, to_room = (place.removeprefix("@"), "") if place.startswith("@") else ("", place)
        root = int(thread) if thread else None
        try:
            ack = await self._client.forward(seq, to=to, to_room=to_room, comment=comment, thread=root)
        except CommandRefused as exc:
            self._refuse(exc)
            return
        _write(sys.stderr, f"forwarded to {ack.room} as #{ack.seq}")

    async def _send_file(self, path: str) -> None:
        try:
            file_id = await self._client.upload(_typed(path))
            await self._client.wait_for_place()
            self._client.submit("", file_ids=[file_id]).add_done_callback(self._acknowledged)
        except CommandRefused as exc:
            self._refuse(exc)
        except OSError as exc:
            _write(sys.stderr, f"not sent: {path}: {exc.strerror or exc}")

    async def _schedule(self, line: str) -> None:
        when, _, text = line.strip().partition(" ")
        reply = _THREAD.fullmatch(text)
        try:
            # In UTC no time occurs twice.
            at = datetime.fromisoformat(when).astimezone(UTC)
            text, thread = (reply[2], int(reply[1])) if reply else (text, None)
            made = await self._client.schedule(text, f"{at:%Y-%m-%dT%H:%M:%S}", "UTC", thread=thread)
        except ValueError:
            _write(sys.stderr, "not scheduled: begin with a time, as in /later 2026-11-28T09:00 good morning")
        except CommandRefused as exc:
            _write(sys.stderr, f"not scheduled: {exc}")
        else:
            due = f"{made.due.astimezone():%Y-%m-%d %H:%M}" if made.due else when
            _write(sys.stderr, f"is sent at {due}")

    async def _ask(self, line: str) -> None:
        try:
            if line == _READ_ALL:
                await self._client.read_all()
                return
            for shown in self._lines.inbox(await self._client.inbox()):
                _write(sys.stdout, shown)
        except CommandRefused as exc:
            _write(sys.stderr, f"refused: {exc}")

    async def _search(self, query: str) -> None:
        try:
            found: Search = await self._client.search(query)
        except CommandRefused as exc:
            _write(sys.stderr, f"not found: {exc}")
            return
        if self._style.json:
            _write(sys.stdout, as_json(found))
            return
        for line in self._lines.found(found):
            _write(sys.stdout, line)

    def _acknowledged(self, future: asyncio.Future[Event]) -> None:
        if future.cancelled():
            return
        error = future.exception()
        if isinstance(error, CommandRefused):
            self._refuse(error)
        elif error is None and isinstance(ack := future.result(), Ack) and ack.seq and ack.room and not ack.duplicate:
            self._awaited = (ack.seq, ack.room)

    def _refuse(self, error: ChatError) -> None:
        self._refused += 1
        _write(sys.stderr, f"not sent: {error}")


def _write(stream: TextIO, line: str) -> None:
    stream.write(line + "\n")
    stream.flush()


def _typed(path: str) -> Path:
    """The path that a person typed, with `~` expanded as in a shell."""
    return Path(path).expanduser()
