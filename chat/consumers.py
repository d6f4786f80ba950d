"""The socket: frames in, commands out; what is told to it comes through its outbox."""

import asyncio
import itertools
import logging
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from accounts import address, throttle
from accounts.credentials import Identity
from chat.live import servers
from chat.live.burst import GATHERED
from chat.live.entering import enter_all, enter_room
from chat.live.handlers import Context, handle
from chat.live.hub import CLOSING, current_hub
from chat.live.journal import Journal
from chat.live.limits import TokenBucket
from chat.live.outbox import Outbox, note
from chat.live.socket import Socket
from chat.protocol import commands, events
from chat.protocol.commands import Budget, Cost
from chat.protocol.errors import ChatError, Close, Code

logger = logging.getLogger(__name__)

BATCH = "chat.v1.batch"
PLAIN = "chat.v1"
# Frames of any kind, before they are parsed; a person at a keyboard stays far below.
FRAMES_PER_SECOND = 50
FRAMES_AT_ONCE = 300
# Refusing one takes 0.1 ms and more, and a single read brings up to 80 of them.
FRAMES_IN_A_TURN = 16
# A socket that is refused more often than this in a minute does not listen, and is closed.
REFUSALS_PER_MINUTE = 300
# What a socket that is being closed still gets, it gets within this time.
LAST_WORDS_SECONDS = 3.0
# Posts of one socket that may wait for their commit; then the socket is read no further.
POSTS_UNDER_WAY = 64


class ChatConsumer(AsyncWebsocketConsumer):
    """One socket, under `/ws/chat/` (all rooms of the person) or `/ws/chat/<room>/` (one).

    It joins no channel-layer group itself: the hub holds one membership a process and room, and fans out from
    there. So it needs no channel of its own, and its events need no pass through Channels' single thread.
    """

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.scope = scope
        self.base_send = send
        self.socket: Socket | None = None
        self.journal = Journal(address.of_scope(scope))
        try:
            for number in itertools.count(1):
                await self.dispatch(await receive())
                if number % FRAMES_IN_A_TURN == 0:
                    # Of frames that wait already none lets anybody else have a turn.
                    await asyncio.sleep(0)
        except StopConsumer:
            pass
        finally:
            # Not only in `disconnect`: a cancelled consumer gets none (channels#1466).
            self._leave()
            self.journal.ended()

    async def dispatch(self, message: dict[str, Any]) -> None:
        # Channels' own dispatch closes old database connections in its one shared thread before each event,
        # 80-110 us; nothing here touches a connection on this side of `live.db`.
        match message["type"]:
            case "websocket.receive":
                await self.receive(message.get("text"))
            case "websocket.connect":
                await self.connect()
            case "websocket.disconnect":
                self.journal.closing(message.get("code"))
                raise StopConsumer

    # --- The life of a socket ----------------------------------------------------------------------

    async def connect(self) -> None:
        offered = self.scope.get("subprotocols", [])
        chosen = next((name for name in offered if name in (BATCH, PLAIN)), None)
        await self.accept(chosen)
        self.hub = current_hub()
        servers.notice(self.scope)
        if await self._too_many_connects(batch=chosen == BATCH):
            return
        identity: Identity | None = self.scope.get("identity")
        if identity is None:
            await self.close(int(Close.NOT_SIGNED_IN))
            return
        self.default_room: str | None = self.scope["url_route"]["kwargs"].get("room")
        self._limit()
        outbox = Outbox(
            self.base_send,
            batch=chosen == BATCH,
            gather=GATHERED in self.scope.get("extensions", ()),
            on_slow=lambda: self._close_soon(Close.TOO_SLOW),
            on_gone=lambda: self._close_soon(Close.GOING_AWAY),
            on_drop=lambda: self.journal.fell_behind(identity.user.pk),
        )
        self.socket = Socket(
            identity,
            outbox,
            self._close_soon,
            address=address.of_scope(self.scope),
            user_agent=_header(self.scope, b"user-agent"),
            everything=self.default_room is None,
            id=self.journal.id,
        )
        _forget_headers(self.scope)
        try:
            async with self.hub.greeting:
                await self._greet(self.socket)
        except ChatError as error:
            self._tell_error(error)
            self._close_soon(_CLOSE_ON_ENTERING.get(error.code, Close.NO_SUCH_ROOM))
        if self.socket.open:
            self.journal.opened(self.socket)

    async def close(self, code: int | bool | None = None, reason: str | None = None) -> None:
        self.journal.closing(code)
        await super().close(code, reason)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:  # noqa: ARG002
        """Take in one frame; binary ones come without text."""
        if self.socket is None or not self.socket.open:
            return
        request_id = client_id = None
        self.journal.received(text_data)
        try:
            self._count_frame()
            if text_data is None:
                raise ChatError(Code.BAD_JSON, "Send text frames; binary ones are not understood.")
            if len(text_data) > settings.CHAT_FRAME_MAX_BYTES or (
                len(text_data) * 4 > settings.CHAT_FRAME_MAX_BYTES
                and len(text_data.encode()) > settings.CHAT_FRAME_MAX_BYTES
            ):
                raise ChatError(Code.TOO_LARGE, f"A frame may have at most {settings.CHAT_FRAME_MAX_BYTES} bytes.")
            command = commands.parse(text_data)
            self.journal.understood(command)
            request_id, client_id = command.request_id, getattr(command, "client_id", None)
            self._count_cost(self.socket, command.cost)
            if isinstance(command, commands.ChatMessage):
                await self._post(self.socket, command)
            else:
                if self._posts and command.ordered:
                    await asyncio.wait(self._posts)
                await self._carry_out(self.socket, command)
        except commands.BadFrame as error:
            self._tell_error(error, error.request_id, error.client_id)
        except ChatError as error:
            self._tell_error(error, request_id, client_id)

    # --- Inside ------------------------------------------------------------------------------------

    async def _greet(self, socket: Socket) -> None:
        """Raises ChatError when the person cannot enter; the socket has been counted by then."""
        if self.hub.draining:
            self._close_soon(Close.RESTART)
            return
        most = settings.CHAT_SOCKETS_PER_USER
        if most and self.hub.sockets_of(socket.user_id) >= most:
            self._close_soon(Close.TOO_MANY_SOCKETS)
            return
        self.hub.add(socket)
        user = socket.user
        socket.tell(
            events.Authenticated(
                user_id=user.pk,
                username=user.username,
                display_name=user.shown_name,
                staff=user.is_staff,
                epoch=await self.hub.epoch(),
                server_time=events.stamp(datetime.now(UTC)),
                limits={
                    "message_chars": settings.CHAT_MESSAGE_MAX_CHARS,
                    "frame_bytes": settings.CHAT_FRAME_MAX_BYTES,
                    "history_page": settings.CHAT_HISTORY_PAGE,
                },
            )
        )
        await socket.outbox.flushed()
        if not socket.open:
            # Gone before it was its turn: the rooms are left to those who are still there.
            return
        if self.default_room is None:
            await enter_all(self.hub, socket)
        else:
            await enter_room(self.hub, socket, self.default_room, with_history=True)

    async def _too_many_connects(self, *, batch: bool) -> bool:
        wait = self.hub.connects.take(throttle.network_of(address.of_scope(self.scope)), self._now())
        if not wait:
            return False
        error = ChatError(Code.RATE_LIMITED, "Too many connections from your address.", retry_after=wait)
        told = events.Error.of(error).encode()
        with suppress(OSError):
            await self.send(f"[{told}]" if batch else told)
        await self.close(int(Close.FLOODING))
        return True

    async def _post(self, socket: Socket, command: commands.ChatMessage) -> None:
        """Let a message wait for its commit beside the reading of the next frame; order is kept by the writer.

        It is posted even if the socket is gone by then: its sender had let it go.
        """
        if len(self._posts) >= POSTS_UNDER_WAY:
            await asyncio.wait(self._posts, return_when=asyncio.FIRST_COMPLETED)
        post = asyncio.get_running_loop().create_task(self._carry_out(socket, command))
        self._posts.add(post)
        post.add_done_callback(self._posts.discard)

    async def _carry_out(self, socket: Socket, command: commands.Command) -> None:
        request_id, client_id = command.request_id, getattr(command, "client_id", None)
        try:
            await handle(Context(self.hub, socket, self.default_room), command)
        except ChatError as error:
            self._tell_error(error, request_id, client_id)
        except Exception:
            logger.exception("A %s command failed.", type(command).__name__)
            noted = ChatError(Code.SERVER_ERROR, "Something went wrong here. It has been noted.")
            self._tell_error(noted, request_id, client_id)

    def _tell_error(self, error: ChatError, request_id: str | None = None, client_id: str | None = None) -> None:
        self.journal.refused(error)
        if self.socket:  # gone by now, perhaps
            self.socket.tell(events.Error.of(error, request_id=request_id, client_id=client_id))

    def _limit(self) -> None:
        frames = FRAMES_AT_ONCE if settings.CHAT_SEND_LIMIT.events else 0
        self.frames = TokenBucket(frames, FRAMES_AT_ONCE / FRAMES_PER_SECOND, self._now())
        self.patience = TokenBucket(REFUSALS_PER_MINUTE, 60, self._now())
        self._posts: set[asyncio.Task[None]] = set()

    def _count_frame(self) -> None:
        self._refuse_if(self.frames.take(self._now()), "You are sending frames too fast.")

    def _count_cost(self, socket: Socket, cost: Cost) -> None:
        if cost.budget is None:
            return
        wait = self.hub.command_budgets[cost.budget].take(socket.user_id, self._now(), cost.tokens)
        self._refuse_if(wait, f"You are {'asking' if cost.budget is Budget.READS else 'sending'} too fast.")

    def _refuse_if(self, wait: float, sentence: str) -> None:
        if wait:
            if self.patience.take(self._now()):
                self._close_soon(Close.FLOODING)
            raise ChatError(Code.RATE_LIMITED, sentence, retry_after=wait)

    @staticmethod
    def _now() -> float:
        return asyncio.get_running_loop().time()

    def _close_soon(self, code: Close) -> None:
        """Close after what was already offered; callable from wherever the reason is found."""
        if self.socket and self.socket.open:
            self.socket.open = False
            self.hub.spawn(self._close(self.socket, code), CLOSING)

    async def _close(self, socket: Socket, code: Close) -> None:
        if code is not Close.TOO_SLOW:
            # What was accepted is acknowledged before the close; a reader that has stalled is not waited for.
            with suppress(TimeoutError):
                async with asyncio.timeout(LAST_WORDS_SECONDS):
                    if self._posts:
                        await asyncio.wait(self._posts)
                    await socket.outbox.flushed()
        socket.outbox.close()
        self.hub.remove(socket)
        # uvicorn raises where the peer has gone meanwhile (RuntimeError where its own close has just come), and nobody
        # waits for this task to hear of it.
        try:
            await self.close(int(code))
        except (OSError, RuntimeError) as error:
            note(error)

    def _leave(self) -> None:
        if self.socket:
            self.socket.outbox.close()
            if self.socket.open:
                self.hub.remove(self.socket)
            self.socket = None


_CLOSE_ON_ENTERING = {Code.NOT_FOUND: Close.NO_SUCH_ROOM, Code.BANNED: Close.REMOVED, Code.UNAVAILABLE: Close.RESTART}


def _forget_headers(scope: dict[str, Any]) -> None:
    """All that is asked of them is known by now. The scopes on the way here share one list and live as long as the
    socket, and with them its 1 KB, the cookie among it."""
    headers = scope.get("headers")
    if isinstance(headers, list):
        headers.clear()


def _header(scope: dict[str, Any], name: bytes) -> str:
    return next(
        (value.decode("latin-1").replace("\0", "") for key, value in scope.get("headers", ()) if key == name), ""
    )
