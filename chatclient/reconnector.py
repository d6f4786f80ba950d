"""Keeps a session connected: opens sockets, reads, writes, waits, reconnects, and stops for a reason."""

import asyncio
import logging
import ssl as ssl_module
from collections.abc import Callable

from chatclient import errors
from chatclient.address import Address
from chatclient.authentication import Credentials
from chatclient.connection import Connection, open_connection
from chatclient.events import Disconnected
from chatclient.session import Session
from chatclient.timing import Reconnecting, Timing

_log = logging.getLogger("chatclient")


class Link:
    """The I/O of one client. `changed` is called after every change that a waiting call may need."""

    def __init__(
        self,
        session: Session,
        *,
        address: Address,
        credentials: Credentials,
        timing: Timing,
        ssl: ssl_module.SSLContext | None,
        give_up_after: float | None,
        clock: Callable[[], float],
        random: Callable[[], float],
        changed: Callable[[], None],
    ) -> None:
        self._session = session
        self._address = address
        self._credentials = credentials
        self._timing = timing
        self._ssl = ssl
        self._give_up_after = give_up_after
        self._clock = clock
        self._changed = changed
        self._reconnecting = Reconnecting(timing, random)
        self._work = asyncio.Event()
        self._connection: Connection | None = None

    def wake(self) -> None:
        """Signal that there may be something to send."""
        self._work.set()

    async def connect(self) -> Connection:
        """Open a connection and read until the rooms are known; with a password, sign in again if needed.

        Raises:
            ChatError: The reason why it failed.
        """
        try:
            return await self._connect_once()
        except (errors.NotSignedIn, errors.SignedOut):
            if not self._credentials.renew():
                raise
            return await self._connect_once()

    async def run(self, connection: Connection) -> None:
        """Serve one connection after the other.

        Raises:
            ChatError: The reason why there will be no other.
        """
        while True:
            since = self._clock()
            code, reason = await self._serve(connection)
            ending = errors.ending(code, reason) if code is not None else None
            if isinstance(ending, errors.SignedOut | errors.NotSignedIn) and self._credentials.renew():
                ending = None
            if ending is not None:
                _log.warning("%s ended the connection: %s", self._address.host, ending)
                raise ending
            connection = await self._reconnect(code, reason, stood_for=self._clock() - since)

    async def close(self) -> None:
        """Close the connection, if there is one."""
        if self._connection is not None:
            await self._connection.close()

    async def _connect_once(self) -> Connection:
        token = await self._credentials.token(self._address, timing=self._timing, ssl=self._ssl)
        connection = await open_connection(self._address, token=token, timing=self._timing, ssl=self._ssl)
        self._connection = connection
        self._session.opened(self._clock())
        try:
            async with asyncio.timeout(self._timing.open):
                while (frame := await connection.receive()) is not None:
                    self._session.receive(frame, self._clock())
                    if self._session.ready:
                        self._credentials.accepted()
                        _log.info(
                            "Connected to %s as %s.", self._address.host, self._session.me and self._session.me.username
                        )
                        return connection
            raise errors.closed_early(self._address.host, connection.close_code, connection.close_reason)
        except TimeoutError:
            raise errors.NotAChatServer(
                f"{self._address.host} opened a socket and then said nothing of use for {self._timing.open:g} s."
            ) from None
        finally:
            if not self._session.ready:
                connection.abort()
                self._session.lost()
            self._changed()

    async def _reconnect(self, code: int | None, reason: str, *, stood_for: float) -> Connection:
        lost_at = self._clock()
        delay = self._reconnecting.delay(code, stood_for=stood_for)
        while True:
            if self._give_up_after is not None:
                left = lost_at + self._give_up_after - self._clock()
                if left <= 0:
                    raise errors.ConnectionLost(f"No connection for {self._give_up_after:g} s: {reason}", code=code)
                delay = min(delay, left)
            _log.warning("No connection to %s, next try in %.1f s: %s", self._address.host, delay, reason)
            self._session.feed.put(Disconnected(reason=reason, code=code, retry_in=delay))
            self._changed()
            await asyncio.sleep(delay)
            try:
                return await self.connect()
            except errors.RateLimited as exc:
                code, reason = None, str(exc)
                delay = exc.retry_after or self._timing.flood_wait
            except errors.ConnectionFailed as exc:
                code, reason = (exc.code if isinstance(exc, errors.ConnectionLost) else None), str(exc)
                delay = self._reconnecting.delay(code, stood_for=0.0)

    async def _serve(self, connection: Connection) -> tuple[int | None, str]:
        """Read and write until the connection ends; returns its close code and the reason."""
        reading = asyncio.create_task(self._read(connection))
        reading.add_done_callback(lambda _: self._work.set())
        trouble: str | None = None
        try:
            while trouble is None and not reading.done():
                trouble = self._session.trouble(self._clock()) or await self._write(connection)
                if trouble is None:
                    await self._wait_for_work()
            trouble = trouble or reading.result()
        finally:
            reading.cancel()
            await asyncio.wait([reading])
            self._session.lost()
            self._changed()
        if trouble is not None:
            connection.abort()
            return None, trouble
        code = connection.close_code
        return code, connection.close_reason or f"The connection was closed (code {code})."

    async def _read(self, connection: Connection) -> str | None:
        """Read frames until the end. Returns what is wrong with them, or None."""
        while (frame := await connection.receive()) is not None:
            try:
                self._session.receive(frame, self._clock())
            except errors.NotAChatServer as exc:
                return str(exc)
            self._work.set()
            self._changed()
        return None

    async def _write(self, connection: Connection) -> str | None:
        """Send what there is to send. Returns the problem if the other side does not read."""
        self._work.clear()
        commands = self._session.commands(self._clock())
        self._changed()
        try:
            async with asyncio.timeout(self._timing.answer):
                for command in commands:
                    await connection.send(command)
        except TimeoutError:
            return "The server takes nothing in."
        return None

    async def _wait_for_work(self) -> None:
        try:
            async with asyncio.timeout(max(0.0, self._session.wake_at - self._clock())):
                await self._work.wait()
        except TimeoutError:
            pass
