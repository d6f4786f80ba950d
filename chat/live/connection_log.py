"""The log lines and metrics of one socket: one line when it opens, one when it closes."""

import logging
import time
import uuid

from structlog.contextvars import bind_contextvars, bound_contextvars

from chat import metrics
from chat.live.socket import Socket
from chat.protocol.commands import Command
from chat.protocol.errors import ChatError, Close

logger = logging.getLogger(__name__)

# The close codes of RFC 6455, section 7.4.1, that occur on this server's sockets.
_PROTOCOL_CODES = {1000, 1002, 1006, 1007, 1008, 1009}


class ConnectionLog:
    """Logs and counts one socket, from its connect to its end."""

    def __init__(self, address: str) -> None:
        self.id = str(uuid.uuid4())
        # The first code is the reason; the client's reply to our close only repeats it.
        self.code: int | None = None
        self._socket: Socket | None = None
        self._address = address
        self._frames = 0
        self._began = time.monotonic()

    def bind(self) -> None:
        """Add `connection` to the log lines of the running task."""
        bind_contextvars(connection=self.id)

    def opened(self, socket: Socket) -> None:
        """The socket was greeted."""
        self._socket = socket
        metrics.SENT.begin(socket.queue.traffic)
        metrics.SOCKETS.inc()
        metrics.CONNECTS.labels("accepted").inc()
        logger.info("socket opened", extra={"user": socket.user_id, "address": self._address})

    def received(self, text: str | None) -> None:
        """Count one frame; None for a binary one."""
        self._frames += 1
        received = metrics.RECEIVED
        received.frames += 1
        if text is not None:
            received.bytes += metrics.size(text)

    def understood(self, command: Command) -> None:
        """Count one parsed command."""
        metrics.RECEIVED.commands[command.name] += 1

    def refused(self, error: ChatError) -> None:
        """Count one error that was sent."""
        metrics.ERRORS.labels(error.code.value).inc()

    def fell_behind(self, user: int) -> None:
        """Log the first dropped event. Called in the sender's context, so bind this socket's own id."""
        with bound_contextvars(connection=self.id):
            logger.info("socket falls behind", extra={"user": user})

    def closing(self, code: int | None) -> None:
        """Record the close code; the server and the client both may close the socket."""
        if self.code is None and code is not None:
            # Some servers pass an enumeration member; the log holds numbers.
            self.code = int(code)

    def ended(self) -> None:
        """Log the end of the socket, or its refusal when it was never opened."""
        seconds = time.monotonic() - self._began
        socket = self._socket
        if socket is None:
            metrics.CONNECTS.labels(_outcome(self.code)).inc()
            refused = {"address": self._address, "code": self.code, "seconds": round(seconds, 3)}
            logger.info("socket refused", extra=refused)
            return
        traffic = socket.queue.traffic
        metrics.SENT.end(traffic)
        metrics.SOCKETS.dec()
        metrics.CLOSES.labels(_known(self.code)).inc()
        metrics.LIFETIME.observe(seconds)
        logger.info(
            "socket closed",
            extra={
                "user": socket.user_id,
                "address": self._address,
                "code": self.code,
                "seconds": round(seconds, 3),
                "received": self._frames,
                "sent": traffic.events,
                "sent_bytes": traffic.bytes,
                "dropped": traffic.dropped,
            },
        )


def _outcome(code: int | None) -> str:
    return Close(code).name.lower() if code in set(Close) else "gone"


def _known(code: int | None) -> str:
    """The code as a label: a client may send any code, and must not create a time series for each."""
    return str(code) if code in {*Close, *_PROTOCOL_CODES} else "other"
