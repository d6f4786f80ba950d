"""daphne requests whose bodies the application receives as they arrive.

daphne calls the application when a body is complete, and Twisted first parses a whole form: that takes 12 times its
size in memory, and blocks all other requests.
"""

# Most of Twisted's HTTP has no types.
# mypy: disable-error-code="no-untyped-call"

import asyncio
import io
from collections.abc import Callable
from typing import Any

from daphne.http_protocol import WebRequest

from chat.server.bodies import is_page_form, is_upload

# Bytes queued for the application; with more, the connection is not read.
WAITING_BYTES = 256 * 1024


class BodyQueue(asyncio.Queue[dict[str, Any]]):
    """The messages of one request. Taking them resumes reading."""

    def __init__(self, resume: Callable[[], None]) -> None:
        super().__init__()
        self._resume = resume
        self._waiting = 0
        self._daphne_began = False

    def put_nowait(self, message: dict[str, Any]) -> None:
        """daphne's hook: drop its first message, the body that it takes for complete and empty; then the end."""
        if message["type"] == "http.request" and not self._daphne_began:
            self._daphne_began = True
            return
        super().put_nowait(message)

    def feed(self, data: bytes, *, more: bool) -> bool:
        """Add bytes of the body, or its end; returns whether the queue exceeds WAITING_BYTES."""
        self._waiting += len(data)
        super().put_nowait({"type": "http.request", "body": data, "more_body": more})
        return self._waiting > WAITING_BYTES

    async def get(self) -> dict[str, Any]:
        """Return the next message; resumes reading when the queue is short enough again."""
        message = await super().get()
        full = self._waiting > WAITING_BYTES
        self._waiting -= len(message.get("body", b""))
        if full and self._waiting <= WAITING_BYTES:
            self._resume()
        return message


class ArrivingRequest(WebRequest):
    """A daphne request; for a file upload, the application is called once the headers have arrived."""

    # The body, for a request whose body the application receives as it arrives.
    arriving: BodyQueue | None = None
    complete = False

    channel: Any

    def gotLength(self, length: int | None) -> None:
        """Twisted's hook: create no temporary file for a body that is passed on."""
        super().gotLength(0 if self.is_upload else length)

    @property
    def is_upload(self) -> bool:
        """Whether the application receives the body as it arrives."""
        path = self.channel.target.partition(b"?")[0].decode("latin-1")
        return is_upload(path) or is_page_form(path)

    def begin(self, command: bytes, target: bytes, version: bytes) -> None:
        """Call the application now; Twisted would call it once the body is complete."""
        self.arriving = BodyQueue(self.channel.resume_body)
        self.method, self.uri, self.clientproto = command, target, version
        self.path = target.partition(b"?")[0]
        self.args: dict[bytes, list[bytes]] = {}
        self.client, self.host = self.channel.getPeer(), self.channel.getHost()
        self.content = io.BytesIO()
        self.process()

    def handleContentChunk(self, data: bytes) -> None:
        """Twisted's hook: a part of the body."""
        if self.arriving is None:
            super().handleContentChunk(data)
        elif self.arriving.feed(data, more=True):
            self.channel.pause_body()

    def requestReceived(self, command: bytes, path: bytes, version: bytes) -> None:
        """Twisted's hook: the end of the body."""
        self.complete = True
        if self.arriving is None:
            super().requestReceived(command, path, version)
        else:
            self.arriving.feed(b"", more=False)
