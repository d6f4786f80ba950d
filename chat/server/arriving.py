"""Requests of daphne whose bodies the application takes as they arrive.

daphne calls the application when a body is complete, and Twisted first parses a form whole: 12 times its size in
memory, and no one else is served meanwhile.
"""

# Most of Twisted's HTTP has no types.
# mypy: disable-error-code="no-untyped-call"

import asyncio
import io
from collections.abc import Callable
from typing import Any

from daphne.http_protocol import WebRequest

from chat.server.bodies import is_page_form, is_upload

# Bytes that wait for the application; beyond them the connection is not read.
WAITING_BYTES = 256 * 1024


class BodyQueue(asyncio.Queue[dict[str, Any]]):
    """The messages of one request. Taking them resumes reading."""

    def __init__(self, resume: Callable[[], None]) -> None:
        super().__init__()
        self._resume = resume
        self._waiting = 0
        self._daphne_began = False

    def put_nowait(self, message: dict[str, Any]) -> None:
        """daphne's hook: its first message is the body, which it takes for complete and empty; then the end."""
        if message["type"] == "http.request" and not self._daphne_began:
            self._daphne_began = True
            return
        super().put_nowait(message)

    def feed(self, data: bytes, *, more: bool) -> bool:
        """Add bytes of the body, or its end; returns whether too many wait."""
        self._waiting += len(data)
        super().put_nowait({"type": "http.request", "body": data, "more_body": more})
        return self._waiting > WAITING_BYTES

    async def get(self) -> dict[str, Any]:
        """The next message."""
        message = await super().get()
        full = self._waiting > WAITING_BYTES
        self._waiting -= len(message.get("body", b""))
        if full and self._waiting <= WAITING_BYTES:
            self._resume()
        return message


class ArrivingRequest(WebRequest):
    """A request of daphne; one that brings a file begins with its headers."""

    # The body, while it arrives or was taken by the application as it arrived.
    arriving: BodyQueue | None = None
    complete = False

    channel: Any

    def gotLength(self, length: int | None) -> None:
        """Twisted's hook: make no temporary file for a body that is not kept."""
        super().gotLength(0 if self.is_upload else length)

    @property
    def is_upload(self) -> bool:
        """Whether the application takes the body as it arrives."""
        path = self.channel.target.partition(b"?")[0].decode("latin-1")
        return is_upload(path) or is_page_form(path)

    def begin(self, command: bytes, target: bytes, version: bytes) -> None:
        """Call the application now, as Twisted does once the body is complete."""
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
