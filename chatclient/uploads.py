"""Uploads files in parts (tus 1.0.0); they continue where they stopped after a lost connection or server restart."""

import asyncio
import base64
import os
import ssl as ssl_module
import time
from collections.abc import Callable
from pathlib import Path
from random import random as default_random

import httpx

from chatclient import errors
from chatclient.address import Address
from chatclient.authentication import Credentials
from chatclient.loopback import is_loopback
from chatclient.timing import Backoff, Timing

# Bytes per request: at most this much is sent again after a lost connection.
PART_BYTES = 4 * 1024 * 1024
_TUS = {"Tus-Resumable": "1.0.0"}
_PART = {**_TUS, "Content-Type": "application/offset+octet-stream"}
# Try again: when the network is back, at another offset, when the other request has ended, when the server is back.
_AGAIN = {408, 409, 423, 460, 429, 500, 502, 503, 504}

# Called with the number of bytes that the server has received, and the total.
Progress = Callable[[int, int], object]


class Uploads:
    """Uploads files as one person."""

    def __init__(
        self,
        address: Address,
        credentials: Credentials,
        *,
        timing: Timing,
        ssl: ssl_module.SSLContext | None = None,
        give_up_after: float | None = None,
        part_bytes: int = PART_BYTES,
    ) -> None:
        self._address = address
        self._credentials = credentials
        self._timing = timing
        self._ssl = ssl
        self._give_up_after = give_up_after
        self._part_bytes = part_bytes

    async def upload(
        self,
        path: str | os.PathLike[str],
        *,
        name: str | None = None,
        description: str = "",
        progress: Progress = lambda _done, _all: None,
    ) -> str:
        """Upload a file; returns its id, which a message can take within 24 hours.

        Raises:
            CommandRefused: If the server refuses it: `too_large`, `unsupported`, `quota`, `invalid`.
            ServerUnreachable: If no byte arrived for `give_up_after` seconds.
            OSError: If the file cannot be read.
        """
        file = Path(path)
        size = await asyncio.to_thread(os.path.getsize, file)
        metadata = _metadata(filename=name or file.name, description=description)
        backoff, since, location, offset = Backoff(self._timing, default_random), time.monotonic(), "", 0
        async with httpx.AsyncClient(
            base_url=self._address.http_url,
            timeout=httpx.Timeout(self._timing.answer, read=180.0),
            verify=self._ssl if self._ssl is not None else True,
            trust_env=not is_loopback(self._address.host),
        ) as http:
            while not location or offset < size:
                try:
                    if not location:
                        location, offset = await self._begin(http, size, metadata), 0
                    part = await asyncio.to_thread(_read, file, offset, self._part_bytes)
                    offset = await self._append(http, location, offset, part)
                    backoff.reset()
                    since = time.monotonic()
                    progress(offset, size)
                except errors.NotFound:
                    if not location:
                        raise
                    # The server has dropped the upload: after a day, or when a backup was restored.
                    location, offset = "", 0
                except (httpx.TransportError, _TryAgain, errors.ConnectionFailed):
                    if self._give_up_after is not None and time.monotonic() - since > self._give_up_after:
                        raise errors.ServerUnreachable(f"{file.name} could not be uploaded.") from None
                    await asyncio.sleep(backoff.next())
                    location, offset = await self._resume(http, location, offset)
        return location.rstrip("/").rpartition("/")[2]

    async def _begin(self, http: httpx.AsyncClient, size: int, metadata: str) -> str:
        headers = {"Upload-Length": str(size), "Upload-Metadata": metadata}
        response = await self._request(http, "POST", "/api/v1/uploads/", headers=_TUS | headers)
        # Only the path: the host may be another one than ours.
        return httpx.URL(response.headers["Location"]).path

    async def _append(self, http: httpx.AsyncClient, location: str, offset: int, part: bytes) -> int:
        headers = _PART | {"Upload-Offset": str(offset)}
        response = await self._request(http, "PATCH", location, headers=headers, content=part)
        return int(response.headers["Upload-Offset"])

    async def _resume(self, http: httpx.AsyncClient, location: str, offset: int) -> tuple[str, int]:
        """The location and offset to continue from; the beginning if the server has forgotten the upload."""
        if not location:
            return "", 0
        try:
            response = await self._request(http, "HEAD", location, headers=_TUS)
        except (httpx.TransportError, _TryAgain, errors.ConnectionFailed):
            return location, offset
        except errors.NotFound:
            return "", 0
        return location, int(response.headers["Upload-Offset"])

    async def _request(
        self, http: httpx.AsyncClient, method: str, path: str, *, headers: dict[str, str], content: bytes = b""
    ) -> httpx.Response:
        token = await self._credentials.token(self._address, timing=self._timing, ssl=self._ssl)
        headers = headers | {"Authorization": f"Bearer {token}"}
        response = await http.request(method, path, headers=headers, content=content or None)
        if response.is_success:
            self._credentials.accepted()
            return response
        if response.status_code in _AGAIN:
            raise _TryAgain
        if response.status_code == httpx.codes.UNAUTHORIZED and self._credentials.renew():
            raise _TryAgain
        raise _refusal(response)


class _TryAgain(Exception):
    """Raised when the same request can succeed later."""


def _refusal(response: httpx.Response) -> errors.CommandRefused:
    try:
        body = response.json()
    except ValueError:
        body = {}
    code = body.get("code") or ("not_found" if response.status_code == httpx.codes.NOT_FOUND else "")
    return errors.refusal(
        str(code), str(body.get("message") or f"HTTP {response.status_code}"), fields=body.get("fields")
    )


def _metadata(**texts: str) -> str:
    return ",".join(f"{key} {base64.b64encode(text.encode()).decode()}" for key, text in texts.items() if text)


def _read(path: Path, offset: int, size: int) -> bytes:
    with path.open("rb") as file:
        file.seek(offset)
        return file.read(size)
