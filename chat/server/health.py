"""`/healthz`, `/readyz` and `/metrics`, answered without Django and its threads."""

import asyncio
import ipaddress
import json
import time
import weakref
from collections import deque
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils.crypto import constant_time_compare

from chat import metrics
from chat.files import files
from chat.lib import outage
from chat.live import db
from chat.live.hub import current_hub
from chat.protocol.errors import ChatError
from chat.services.trial import write_tried

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[dict[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]
App = Callable[[Any, Any, Any], Awaitable[None]]

LAG_EVERY_SECONDS = 0.5
LAG_KEPT_SECONDS = 10.0
DATABASE_SECONDS = 2.0
# Seconds for which a readiness result is reused, so that frequent requests cause no load.
READY_FOR_SECONDS = 1.0
# Seconds between two test writes: each costs a disk sync.
WRITE_EVERY_SECONDS = 5.0
# A proxy's headers: the client behind it may be anywhere.
FORWARDED = {b"x-forwarded-for", b"forwarded", b"x-real-ip", b"via"}


class Health:
    """ASGI middleware: answers the three paths itself, and passes other requests on."""

    def __init__(self, app: App) -> None:
        self.app = app
        self._answers = {"/healthz": self._healthz, "/readyz": self._readyz, "/metrics": self._metrics}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        answer = self._answers.get(scope["path"])
        if answer is None:
            await self.app(scope, receive, send)
            return
        status, kind, body = await answer(scope) if scope["method"] in ("GET", "HEAD") else (405, _TEXT, b"")
        headers = [
            (b"content-type", kind),
            (b"content-length", str(len(body)).encode()),
            (b"cache-control", b"no-store"),
            (b"x-content-type-options", b"nosniff"),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else body})

    async def _healthz(self, _scope: Scope) -> "Answer":
        return _json(200, {"status": "ok", "loop_lag_seconds": round(loop_lag().seconds, 3)})

    async def _readyz(self, _scope: Scope) -> "Answer":
        missing, why = await readiness().missing()
        return _json(
            503 if missing else 200, {"ready": not missing, "missing": missing} | ({"why": why} if why else {})
        )

    async def _metrics(self, scope: Scope) -> "Answer":
        if not may_read_metrics(scope):
            return 404, _TEXT, b"Not found\n"
        metrics.LOOP_LAG.set(loop_lag().seconds)
        missing, _ = await readiness().missing()
        metrics.DATABASE_WELL.set(not {"database", "migrations"} & set(missing))
        return 200, metrics.CONTENT_TYPE.encode(), metrics.exposition()


Answer = tuple[int, bytes, bytes]
_TEXT = b"text/plain; charset=utf-8"


def may_read_metrics(scope: Scope) -> bool:
    """Whether the request has METRICS_TOKEN; without the setting, whether it comes directly from a private address."""
    headers = [(name.lower(), value) for name, value in scope["headers"]]
    if settings.CHAT_METRICS_TOKEN:
        sent = dict(headers).get(b"authorization", b"")
        return constant_time_compare(sent, f"Bearer {settings.CHAT_METRICS_TOKEN}".encode())
    if any(name in FORWARDED for name, _ in headers):
        return False
    try:
        peer = ipaddress.ip_address(scope["client"][0])
    except (TypeError, ValueError):
        return False
    peer = getattr(peer, "ipv4_mapped", None) or peer
    return peer.is_loopback or peer.is_private


class LoopLag:
    """Measures how late the event loop runs a sleep of LAG_EVERY_SECONDS, continuously."""

    def __init__(self) -> None:
        self._seen: deque[float] = deque([0.0], maxlen=int(LAG_KEPT_SECONDS / LAG_EVERY_SECONDS))
        self._task = asyncio.get_running_loop().create_task(self._watch())

    @property
    def seconds(self) -> float:
        """The largest delay in the last LAG_KEPT_SECONDS."""
        return max(self._seen)

    async def _watch(self) -> None:
        while True:
            began = time.monotonic()
            await asyncio.sleep(LAG_EVERY_SECONDS)
            self._seen.append(max(time.monotonic() - began - LAG_EVERY_SECONDS, 0.0))


class Readiness:
    """Whether this process can serve; checked at most once every READY_FOR_SECONDS for all requests."""

    def __init__(self) -> None:
        self._asked: asyncio.Task[tuple[list[str], str]] | None = None
        self._asked_at = 0.0
        self._migrated = False
        self._write_at = 0.0

    async def missing(self) -> tuple[list[str], str]:
        """Return the names of what is missing (`draining`, `database`, `migrations`, `files`, `layer`), and a sentence
        for the operator if the name does not explain it."""
        if self._asked is None or (self._asked.done() and time.monotonic() - self._asked_at > READY_FOR_SECONDS):
            self._asked_at = time.monotonic()
            self._asked = asyncio.get_running_loop().create_task(self._ask())
        return await asyncio.shield(self._asked)

    async def _ask(self) -> tuple[list[str], str]:
        hub = current_hub()
        missing, why = ["draining"] if hub.draining else [], ""
        try:
            async with asyncio.timeout(DATABASE_SECONDS):
                await db.run(_select_one)
            # Applied migrations stay applied; the check costs 0.1 s.
            self._migrated = self._migrated or await db.run(is_migrated)
            if self._migrated:
                await self._try_to_write()
        except (ChatError, TimeoutError) as error:
            missing.append("database")
            why = outage.why(error.__cause__) if error.__cause__ else ""
        else:
            missing += [] if self._migrated else ["migrations"]
        if files.look():
            # This explains any other failure at the same time.
            missing, why = [*missing, "files"], "This process has as many files and connections open as it may."
        return (missing if hub.broker.well else [*missing, "layer"]), why

    async def _try_to_write(self) -> None:
        """Write every WRITE_EVERY_SECONDS, or each time while it fails: a standby or full disk still answers reads."""
        if time.monotonic() < self._write_at:
            return
        async with asyncio.timeout(DATABASE_SECONDS):
            await db.run(write_tried)
        self._write_at = time.monotonic() + WRITE_EVERY_SECONDS


def _select_one() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


def is_migrated() -> bool:
    """Return whether every migration of this version has been applied."""
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _json(status: int, body: dict[str, Any]) -> Answer:
    return status, b"application/json", json.dumps(body).encode() + b"\n"


_lags: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, LoopLag]" = weakref.WeakKeyDictionary()
_readiness: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Readiness]" = weakref.WeakKeyDictionary()


def loop_lag() -> LoopLag:
    """Return the lag of the running loop, measured since the first call."""
    loop = asyncio.get_running_loop()
    if loop not in _lags:
        _lags[loop] = LoopLag()
    return _lags[loop]


def readiness() -> Readiness:
    """Return the readiness of the running loop's process."""
    loop = asyncio.get_running_loop()
    if loop not in _readiness:
        _readiness[loop] = Readiness()
    return _readiness[loop]
