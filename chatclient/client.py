"""The client: one person's connection to a server, reconnected when it breaks, read as events, written by commands."""

import asyncio
import logging
import os
import ssl as ssl_module
import time
from collections.abc import AsyncIterator, Callable, Sequence
from random import random as default_random
from types import TracebackType
from typing import Self
from uuid import uuid4

from chatclient import errors
from chatclient.address import parse_address
from chatclient.authentication import Credentials
from chatclient.commands import Commands
from chatclient.connection import Connection
from chatclient.events import Ack, Authenticated, CustomEmoji, EmojiPage, Event, Message, SendFailed
from chatclient.feed import Feed, Position
from chatclient.frames import JSONObject
from chatclient.outbox import Outbox
from chatclient.outbox_file import OutboxFile
from chatclient.position_file import PositionFile
from chatclient.posts import posts
from chatclient.reconnector import Link
from chatclient.session import Outcome, Session
from chatclient.timing import Timing
from chatclient.uploads import Progress, Uploads

_log = logging.getLogger("chatclient")


class ChatClient(Commands):
    """A connection that reconnects. Use it as `async with ChatClient(...) as client`.

    Entering connects, and raises at once if that fails. After that the client reconnects by itself, requests what it
    missed, sends again what was not acknowledged, and stops only when the server ends the connection permanently, or
    after `give_up_after` seconds without a connection.

    Args:
        url: The server: `https://chat.example.org`, or `http://`, `ws://`, `wss://`; the path of a socket works too.
        room: The room to connect to; None for all rooms of the account.
        token: An API token or JWT.
        username, password: Instead of a token: the client signs in, and again when the token expires.
        outbox_size: The maximum number of unacknowledged messages.
        outbox_file: Keeps these messages on disk, so that they survive the process. Use it in one process at a time,
            for one account and server: the next client that opens it sends the messages left in it.
        event_buffer: The maximum number of unread events. Beyond it, live events are dropped and requested again.
        listen: False for a client that only sends: events are discarded.
        give_up_after: Seconds without a connection after which to stop; None for never.
        timing: All other timeouts and delays.
        ssl: A context for certificates that the system does not trust.
        position: The position of another client, to continue from.
        position_file: Keeps the position on disk, and continues from it: messages posted while the program was not
            running come first. Use one file per program, account and server.
    """

    def __init__(
        self,
        url: str,
        *,
        room: str | None = None,
        token: str | None = None,
        username: str | None = None,
        password: str | None = None,
        outbox_size: int = 1000,
        outbox_file: str | os.PathLike[str] | None = None,
        event_buffer: int = 10_000,
        listen: bool = True,
        give_up_after: float | None = None,
        timing: Timing | None = None,
        ssl: ssl_module.SSLContext | None = None,
        position: Position | None = None,
        position_file: str | os.PathLike[str] | None = None,
        clock: Callable[[], float] = time.monotonic,
        random: Callable[[], float] = default_random,
        new_id: Callable[[], str] = lambda: str(uuid4()),
    ) -> None:
        self._address = parse_address(url, room)
        self._new_id = new_id
        timing = timing or Timing()
        self._outbox = Outbox(size=outbox_size, file=OutboxFile(outbox_file) if outbox_file is not None else None)
        self._clock = clock
        self._position_file = PositionFile(position_file) if position_file is not None else None
        if position is None and self._position_file is not None:
            position = self._position_file.load()
        self._feed = Feed(size=event_buffer, listen=listen, position=position)
        self._session = Session(
            room=self._address.room,
            outbox=self._outbox,
            feed=self._feed,
            timing=timing,
            new_id=new_id,
            random=random,
        )
        credentials = Credentials(token=token, username=username, password=password)
        self._uploads = Uploads(self._address, credentials, timing=timing, ssl=ssl, give_up_after=give_up_after)
        self._link = Link(
            self._session,
            address=self._address,
            credentials=credentials,
            timing=timing,
            ssl=ssl,
            give_up_after=give_up_after,
            clock=clock,
            random=random,
            changed=self._tell_who_waits,
        )
        self._waiting: dict[str, asyncio.Future[Event]] = {}
        self._something_happened = asyncio.Event()
        self._dealt_with: Position | None = None
        self._running: asyncio.Task[None] | None = None
        self._stopped: Exception | None = errors.ClientClosed("Use the client inside `async with`.")

    # State

    @property
    def me(self) -> Authenticated | None:
        """The account of the current or the last connection; None before the first."""
        return self._session.me

    @property
    def connected(self) -> bool:
        """Whether a connection is established."""
        return self._session.ready

    @property
    def pending(self) -> int:
        """The number of messages that are not acknowledged yet."""
        return len(self._outbox)

    @property
    def stopped(self) -> Exception | None:
        """Why the client stopped, or None."""
        return self._stopped

    @property
    def position(self) -> Position:
        """The position after the last event read, from which another client can continue."""
        return self._feed.read_position

    @property
    def passed_position(self) -> Position:
        """The position after the last event queued, read or not: a replacement client starts here after this client
        was read to its end."""
        return self._feed.position

    # Opening and closing

    async def __aenter__(self) -> Self:
        if self._running is not None:
            raise errors.ClientClosed("A client is used once: make another one.")
        self._outbox.open()
        try:
            connection = await self._link.connect()
        except BaseException:
            self._outbox.close()
            raise
        self._stopped = None
        self._running = asyncio.create_task(self._run(connection), name="chatclient")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection. Unacknowledged messages stay in the outbox file, if there is one; calls that wait
        for them raise."""
        if self._running is None:
            return
        self._running.cancel()
        await asyncio.wait([self._running])
        await self._link.close()
        self._stop(errors.ClientClosed("The client was closed."))
        self._outbox.close()
        # The last event may not have been processed: an exception can have ended the loop.
        if self._position_file is not None and self._dealt_with is not None:
            self._position_file.save(self._dealt_with, self._clock(), last=True)

    async def wait_stopped(self) -> None:
        """Wait until the client stops by itself; `stopped` has the reason."""
        if self._running is not None:
            await asyncio.wait([self._running])

    # Reading

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        if self._position_file is not None:
            # Requesting the next event means that the one before was processed.
            self._dealt_with = self._feed.read_position
            self._position_file.save(self._dealt_with, self._clock())
        while True:
            event = self._feed.next()
            if self._feed.misses_something:
                self._link.wake()
            if event is not None:
                return event
            if self._stopped is not None:
                raise StopAsyncIteration if self._left else self._stopped
            await self._wait()

    def posts(self, *, own: bool = False) -> AsyncIterator[Message]:
        """Iterate over new text messages, each once, as a bot needs them; `own` includes this account's messages."""
        return posts(self, own=own)

    @property
    def _left(self) -> bool:
        """Whether the client was closed normally."""
        if isinstance(self._stopped, errors.ConnectionEnded):
            return self._stopped.code in (1000, 1001)
        return self._running is not None and isinstance(self._stopped, errors.ClientClosed)

    # Writing

    def submit(
        self,
        text: str,
        *,
        room: str | None = None,
        reply_to: int | None = None,
        client_id: str | None = None,
        file_ids: Sequence[str] = (),
        thread: int | None = None,
        in_room: bool = False,
    ) -> asyncio.Future[Event]:
        """Queue a message and return at once; the future returns its acknowledgement.

        Messages to one room arrive in the order they were submitted. Cancelling the future does not take the message
        back. `file_ids`: ids that `upload` returned. `thread`: the message in whose thread this is a reply; the room
        shows the reply too only with `in_room`.

        Raises:
            OutboxFull: If `outbox_size` messages are waiting already.
            OutboxFileError: If it cannot be written to the file.
        """
        command: JSONObject = {"type": "chat_message", "room": self._room(room), "message": text}
        if reply_to is not None:
            command["reply_to"] = reply_to
        if file_ids:
            command["files"] = list(file_ids)
        if thread is not None:
            command |= {"thread": thread, "in_room": in_room}
        return self._submit({**command, "client_id": client_id or self._new_id()})

    async def upload(
        self,
        path: str | os.PathLike[str],
        *,
        name: str | None = None,
        description: str = "",
        progress: Progress = lambda _done, _all: None,
    ) -> str:
        """Upload a file in parts; returns its id for `submit`. The upload continues after every lost connection.

        `progress` is called with the number of bytes that the server has received, and the total.

        Raises:
            CommandRefused: If the server refuses it.
            ServerUnreachable: If no byte arrived for `give_up_after` seconds.
            OSError: If the file cannot be read.
        """
        return await self._uploads.upload(path, name=name, description=description, progress=progress)

    async def send(
        self,
        text: str,
        room: str | None = None,
        reply_to: int | None = None,
        *,
        client_id: str | None = None,
        files: Sequence[str | os.PathLike[str]] = (),
        progress: Progress = lambda _done, _all: None,
        thread: int | None = None,
        in_room: bool = False,
    ) -> Ack:
        """Send a message, and return when the server has stored it. `files`, at most 10 paths, are uploaded first, one
        after the other; with files the text may be empty. `thread` and `in_room`: as in `submit`.

        It is sent again after every reconnect, always with the same `client_id`, so that it arrives once. When the
        outbox is full, this waits for space. Cancelling the call does not take the message back.

        Raises:
            CommandRefused: If the server refuses it.
            ConnectionEnded, ConnectionLost, ClientClosed: If the client stopped before it was acknowledged.
            OSError: If a file cannot be read.
        """
        ids = [await self.upload(path, progress=progress) for path in files]
        await self.wait_for_place()
        sent = self.submit(
            text, room=room, reply_to=reply_to, client_id=client_id, file_ids=ids, thread=thread, in_room=in_room
        )
        return self._ack(await sent)

    async def private_message(self, to: str, text: str, *, client_id: str | None = None) -> Ack:
        """Send a direct message; the room of the two people is created if needed. Arrives once, as with `send`."""
        await self.wait_for_place()
        command = {"type": "private_message", "to": to, "message": text, "client_id": client_id or self._new_id()}
        return self._ack(await self._submit(command))

    async def group_message(self, to: Sequence[str], text: str, *, client_id: str | None = None) -> Ack:
        """Send to the one group conversation of exactly these 2 to 9 people and you. Arrives once, as with `send`."""
        await self.wait_for_place()
        command = {
            "type": "group_message",
            "to": list(to),
            "message": text,
            "client_id": client_id or self._new_id(),
        }
        return self._ack(await self._submit(command))

    async def emoji(self) -> dict[str, CustomEmoji]:
        """The server's custom emoji, by each of their names. Requested once per connection; `EmojiChanged` keeps
        them up to date."""
        known = self._session.emoji
        while not known.complete:
            asked = known.ask()
            page = await self._ask({"type": "emoji", "after": asked.after}, repeat=True)
            known.add(self._typed(EmojiPage, page), asked)
        return known.by_name

    async def drain(self) -> None:
        """Wait until every message is acknowledged or refused.

        Raises:
            ConnectionEnded, ConnectionLost, ClientClosed: If the client stopped first.
        """
        await self._until(lambda: not len(self._outbox))

    async def wait_for_place(self) -> None:
        """Wait until the outbox has space for another message."""
        if self._stopped is None and self._outbox.full:
            await self._until(lambda: not self._outbox.full)

    def _submit(self, command: JSONObject) -> asyncio.Future[Event]:
        if self._stopped is not None:
            raise self._stopped
        try:
            str(command["message"]).encode()
        except UnicodeEncodeError:
            raise errors.Invalid("The message holds half of a character pair, which no text may.") from None
        client_id = self._session.submit(command)
        self._link.wake()
        return self._wait_for(client_id)

    async def _ask(self, command: JSONObject, *, repeat: bool = False) -> Event:
        if self._stopped is not None:
            raise self._stopped
        request_id = self._session.ask(command, repeat=repeat)
        self._link.wake()
        try:
            return await self._wait_for(request_id)
        finally:
            self._session.withdraw(request_id)
            self._waiting.pop(request_id, None)

    def _tell(self, command: JSONObject, *, key: str, keep: bool) -> None:
        if self._stopped is not None:
            raise self._stopped
        if keep or self.connected:
            self._session.send_latest(command, key=key)
            self._link.wake()

    def _room(self, room: str | None) -> str:
        room = room or self._address.room
        if room is None:
            raise errors.Invalid("Say which room: this client is in all of them.", fields={"room": "is required"})
        return room

    def _wait_for(self, key: str) -> asyncio.Future[Event]:
        future = self._waiting.get(key)
        if future is None or future.done():
            future = self._waiting[key] = asyncio.get_running_loop().create_future()
        return future

    async def _until(self, reached: Callable[[], bool]) -> None:
        while not reached():
            if self._stopped is not None:
                raise self._stopped
            await self._wait()

    async def _wait(self) -> None:
        """Wait for the next change. There is no await between the caller's check and this, so no change is missed."""
        self._something_happened.clear()
        await self._something_happened.wait()

    # Running

    async def _run(self, connection: Connection) -> None:
        try:
            await self._link.run(connection)
        except Exception as stopped:
            self._stop(stopped)

    def _stop(self, error: Exception) -> None:
        if self._stopped is None:
            self._stopped = error
        for future in self._waiting.values():
            if not future.done():
                future.set_exception(self._stopped)
                # Mark the exception as retrieved: asyncio would log an error if no one waits for it.
                future.exception()
        self._waiting.clear()
        self._something_happened.set()

    def _tell_who_waits(self) -> None:
        for key, outcome in self._session.settled:
            self._settle(key, outcome)
        self._session.settled.clear()
        self._something_happened.set()

    def _settle(self, key: str, outcome: Outcome) -> None:
        future = self._waiting.pop(key, None)
        if future is not None and not future.done():
            if isinstance(outcome, Event):
                future.set_result(outcome)
            else:
                _log.info("Refused: %s", outcome)
                future.set_exception(outcome)
        elif isinstance(outcome, errors.CommandRefused):
            _log.warning("A message was refused when no one waited for it any more: %s", outcome)
            self._feed.put(SendFailed(client_id=key, error=outcome))

    @staticmethod
    def _ack(event: Event) -> Ack:
        assert isinstance(event, Ack)
        return event
