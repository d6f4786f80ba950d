"""The WebSocket consumer: decodes frames into commands, dispatches them, and closes. Send queues send the events."""

import asyncio
import itertools
import logging
from contextlib import suppress
from functools import partial
from time import monotonic
from typing import Any

from channels.exceptions import StopConsumer
from channels.generic.websocket import AsyncWebsocketConsumer

from chat.identity import Identity, throttle
from chat.lib import client_address
from chat.live import handshake, room_names, servers
from chat.live.connection_log import ConnectionLog
from chat.live.frame_limits import FrameLimits, text_of
from chat.live.greeting import close_code, greet
from chat.live.handlers import Context, handle, start
from chat.live.hub import CLOSING, current_hub
from chat.live.pending_posts import PendingPosts
from chat.live.send_queue import GATHERED, SendQueue, log_write_error
from chat.live.socket import Socket
from chat.protocol import commands, events, parsing
from chat.protocol.commands import Budget
from chat.protocol.errors import ChatError, Close, Code

logger = logging.getLogger(__name__)

# Frames handled before other sockets get a turn: a frame takes 0.1 to 0.5 ms, and one read brings up to 80. With 16,
# eight flooding sockets made a turn of the event loop 44 ms long, and a ping waits for two or three turns.
FRAMES_PER_TURN = 4
# Seconds to flush pending acks before closing a socket.
FLUSH_SECONDS = 3.0


class ChatConsumer(AsyncWebsocketConsumer):
    """One socket, under `/ws/chat/` (all rooms of the user) or `/ws/chat/<room>/` (one).

    It joins no channel-layer group: the hub is in one group for each room of the process, and fans out from there. So a
    socket needs no channel of its own, and its events do not pass through Channels' single thread.

    `scope` (1 KB) is dropped when the socket is about to be greeted. A subclass that needs something from it must copy
    that in `connect`, before it calls `super()`. `socket` has the user, the address and the User-Agent.
    """

    # Channels would create a list for each socket.
    groups = ()

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        """Handle the events of one socket until it disconnects."""
        self.scope = scope
        self.base_send = send
        self._register = handshake.register_of(scope)
        self.hub = current_hub()
        self.socket: Socket | None = None
        # The slug of the room in its address.
        self.room: str | None = None
        self.connection_log = ConnectionLog(client_address.of_scope(scope))
        self.limits = FrameLimits(monotonic())
        self.posts = PendingPosts()
        # Set until the socket is greeted.
        self._arriving: handshake.Arriving | None = None
        await self._handle_events(receive)

    async def _handle_events(self, receive: Any) -> None:
        """Handle events until the socket disconnects, or until the server will call this again with the next one."""
        self.connection_log.bind()
        waits = False
        try:
            for number in itertools.count(1):
                if self._arriving:
                    await self._greet(self._arriving.room)
                else:
                    await self.dispatch(await receive())
                if waits := self._register(self._handle_events):
                    if self._arriving and self._arriving.wake:
                        self.hub.greeting.wait(self._arriving.wake)
                    return
                if number % FRAMES_PER_TURN == 0:
                    # `receive` returns without yielding while frames are queued.
                    await asyncio.sleep(0)
        except StopConsumer:
            pass
        finally:
            if not waits:
                # Here, not in `disconnect`: a cancelled consumer receives none (channels#1466).
                self._leave()
                self.connection_log.ended()

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Call the method for one ASGI event."""
        # Channels' own dispatch closes old database connections in its one shared thread before each event,
        # 80-110 us; nothing here touches a connection on this side of `live.db`.
        match message["type"]:
            case "websocket.receive":
                await self.receive(message.get("text"))
            case "websocket.connect":
                await self.connect()
            case "websocket.disconnect":
                self.connection_log.closing(message.get("code"))
                raise StopConsumer

    # --- The life of a socket ----------------------------------------------------------------------

    async def connect(self) -> None:
        """Accept the socket, refuse it with a close code or register and greet it."""
        protocol = handshake.protocol_of(self.scope)
        batch = protocol == handshake.BATCH
        await self.accept(protocol)
        servers.warn_if_unknown(self.scope)
        if await self._too_many_connects(batch=batch):
            return
        identity: Identity | None = self.scope.get("identity")
        if identity is None:
            await self.close(int(Close.NOT_SIGNED_IN))
            return
        room = handshake.room_of(self.scope)
        gathered = self.scope.get("extensions", {}).get(GATHERED)
        end = self._close_soon
        queue = SendQueue(
            self.base_send,
            batch=batch,
            gather=gathered is not None,
            write=(gathered or {}).get("write"),
            end=end,
            on_drop=self._fell_behind,
        )
        self.socket = Socket(
            identity,
            queue,
            end,
            address=client_address.of_scope(self.scope),
            user_agent=handshake.user_agent(self.scope),
            all_rooms=room is None,
            id=self.connection_log.id,
        )
        self._arriving = handshake.Arriving(room, handshake.wake_of(self.scope))
        handshake.forget_headers(self.scope)
        del self.scope
        if self.hub.greeting.free or not self._arriving.wake:
            await self._greet(room)

    async def _greet(self, room: str | None) -> None:
        """Greet the socket in its turn. When two thousand arrive at once, the waiting ones have no task."""
        self._arriving = None
        socket = self.socket
        assert socket
        try:
            async with self.hub.greeting:
                self.room = await greet(self.hub, socket, room)
        except ChatError as error:
            self._send_error(error)
            self._close_soon(close_code(error))
        if socket.open:
            self.connection_log.opened(socket)

    async def close(self, code: int | bool | None = None, reason: str | None = None) -> None:
        """Send the close frame; the log keeps the first code."""
        self.connection_log.closing(code)
        await super().close(code, reason)

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:  # noqa: ARG002
        """Handle one frame. `text_data` is None for a binary frame, which gets an error."""
        socket = self.socket
        if socket is None or not socket.open:
            return
        self.connection_log.received(text_data)
        command = self._admit(socket, text_data)
        if command and not room_names.is_named(self.hub.rooms, command):
            command = await self._named(command)
        if isinstance(command, commands.ChatMessage):
            # Read the next frame while this one commits; the writer keeps their order. It is posted even if the socket
            # has closed: the sender already submitted it.
            await self.posts.below_most()
            self._post(socket, command)
        elif command:
            if command.ordered:
                await self.posts.settled()
            await self._handle(socket, command)
        if pause := self.limits.pause(monotonic()):
            await asyncio.sleep(pause)

    # --- Inside ------------------------------------------------------------------------------------

    def _admit(self, socket: Socket, frame: str | None) -> commands.Command | None:
        """Parse a frame and charge its sender; returns None after it was refused and the error sent."""
        command: commands.Command | None = None
        try:
            self._refuse_if(self.limits.count_frame(monotonic()), "You are sending frames too fast.")
            command = parsing.parse(text_of(frame))
            self.connection_log.understood(command)
            if budget := command.cost.budget:
                wait = self.hub.command_budgets[budget].take(socket.user_id, monotonic(), command.cost.tokens)
                self._refuse_if(wait, f"You are {'asking' if budget is Budget.READS else 'sending'} too fast.")
        except ChatError as error:
            self._send_error(error, error if isinstance(error, parsing.BadFrame) else command)
        else:
            return command
        return None

    async def _named(self, command: commands.Command) -> commands.Command | None:
        """Return the command with the slug of its room; None after it was refused and the error sent."""
        try:
            return await room_names.named(command)
        except Exception as error:
            self._refuse(error, command)
            return None

    async def _too_many_connects(self, *, batch: bool) -> bool:
        wait = self.hub.connect_limit.take(throttle.network_of(client_address.of_scope(self.scope)), monotonic())
        if not wait:
            return False
        error = ChatError(Code.RATE_LIMITED, "Too many connections from your address.", retry_after=wait)
        frame = events.Error.of(error).encode()
        with suppress(OSError):
            await self.send(f"[{frame}]" if batch else frame)
        await self.close(int(Close.FLOODING))
        return True

    async def _handle(self, socket: Socket, command: commands.Command) -> None:
        try:
            await handle(Context(self.hub, socket, self.room), command)
        except Exception as error:
            self._refuse(error, command)

    def _post(self, socket: Socket, command: commands.ChatMessage) -> None:
        """Handle a message; its reply follows the commit. No task: that would cost as much as reading the frame."""
        try:
            posted = asyncio.ensure_future(start(Context(self.hub, socket, self.room), command))
        except Exception as error:
            self._refuse(error, command)
            return
        posted.add_done_callback(partial(self._posted, socket, command))
        self.posts.add(posted)

    def _posted(
        self, socket: Socket, command: commands.ChatMessage, posted: "asyncio.Future[events.Event | None]"
    ) -> None:
        if posted.cancelled():
            return
        if error := posted.exception():
            self._refuse(error, command)
        elif reply := posted.result():
            socket.answer(reply)

    def _refuse(self, error: BaseException, command: commands.Command) -> None:
        if not isinstance(error, ChatError):
            logger.error("A %s command failed.", type(command).__name__, exc_info=error)
            error = ChatError(Code.SERVER_ERROR, "Something went wrong here. It has been noted.")
        self._send_error(error, command)

    def _send_error(self, error: ChatError, about: commands.Command | parsing.BadFrame | None = None) -> None:
        self.connection_log.refused(error)
        if self.socket:  # None once the consumer has ended
            ids = {name: getattr(about, name, None) for name in ("request_id", "client_id")}
            self.socket.send(events.Error.of(error, **ids))

    def _refuse_if(self, wait: float, sentence: str) -> None:
        if wait:
            if self.limits.count_refusal(monotonic()):
                self._close_soon(Close.FLOODING)
            raise ChatError(Code.RATE_LIMITED, sentence, retry_after=wait)

    def _fell_behind(self) -> None:
        if self.socket:
            self.connection_log.fell_behind(self.socket.user_id)

    def _close_soon(self, code: Close) -> None:
        """Close once the queued events are sent; synchronous, so that any callback may call it."""
        if self.socket and self.socket.open:
            self.socket.open = False
            self.hub.spawn(self._close(self.socket, code), CLOSING)

    async def _close(self, socket: Socket, code: Close) -> None:
        if code is not Close.TOO_SLOW:
            # Acknowledge accepted posts before the close; a stalled reader gets FLUSH_SECONDS.
            with suppress(TimeoutError):
                async with asyncio.timeout(FLUSH_SECONDS):
                    await self.posts.settled()
                    await socket.queue.flushed()
        socket.queue.close()
        self.hub.remove(socket)
        # uvicorn raises when the peer has disconnected (RuntimeError when it has just sent its own close), and this
        # task is not awaited.
        try:
            await self.close(int(code))
        except (OSError, RuntimeError) as error:
            log_write_error(error)

    def _leave(self) -> None:
        if self.socket:
            self.socket.queue.close()
            if self.socket.open:
                self.hub.remove(self.socket)
            self.socket = None
