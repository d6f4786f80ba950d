"""Starts `manage.py transfers` when an export or import waits: a separate process, since it takes a core for long."""

import asyncio
import logging
import os
import sys
import time
from contextlib import suppress
from typing import Any
from uuid import UUID

from chat.lib import waits
from chat.live import db
from chat.live.database_watch import DatabaseWatch
from chat.live.first_process import FirstProcess
from chat.protocol.errors import ChatError
from chat.services.transfers import transfers_free, transfers_wait

logger = logging.getLogger(__name__)

# Seconds between two looks for work.
LOOK_SECONDS = 3.0
# Seconds between two looks while nothing is committed: exports expire by the clock, after days.
QUIET_SECONDS = 60.0
# Seconds before the next try after the command failed.
FAILED_SECONDS = 30.0


class Transfers:
    """Runs the command in one process of the cluster: as a child of the first process."""

    def __init__(self, process_id: UUID, watch: DatabaseWatch) -> None:
        self._first = FirstProcess(process_id, watch)
        self._watch = watch
        self._changed = watch.changes()
        # The watch's number before the last look that found nothing, and the time of that look.
        self._nothing_at: int | None = None
        self._looked_at = float("-inf")
        self._task: asyncio.Task[Any] | None = None

    async def run(self) -> None:
        """Look for work until cancelled; then stop the command, whose work starts again elsewhere."""
        self._task = asyncio.current_task()
        while True:
            nothing = self._nothing_at == self._watch.number
            quiet_for = self._looked_at + QUIET_SECONDS - time.monotonic() if nothing else 0.0
            await waits.rest(self._changed, LOOK_SECONDS, quiet_for)
            try:
                if await self._waits() and not await _work():
                    await asyncio.sleep(FAILED_SECONDS)
            except ChatError as error:
                logger.warning("Exports and imports wait for the database: %s", error.code)
            except OSError:
                logger.exception("The command for exports and imports could not be started; it is tried again.")
                await asyncio.sleep(FAILED_SECONDS)

    async def end(self) -> None:
        """Wait until the command has ended; the caller must have cancelled `run`."""
        if self._task:
            await asyncio.wait([self._task])

    async def _waits(self) -> bool:
        """Return whether there is work that this process should do."""
        self._changed.clear()
        number, now = self._watch.number, time.monotonic()
        if number == self._nothing_at and now - self._looked_at < QUIET_SECONDS:
            return False
        self._looked_at = now
        waits = await db.run(transfers_wait)
        self._nothing_at = None if waits else number
        return waits and await db.run(transfers_free) and await self._first.is_here()


async def _work() -> bool:
    """Run the command to its end; returns whether it succeeded."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }
    child = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "django", "transfers"),
        env=environment,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.DEVNULL,
    )
    try:
        return await child.wait() == 0
    finally:
        if child.returncode is None:
            with suppress(ProcessLookupError):
                child.terminate()
            # A running loop closes its transport; otherwise the garbage collector does so, with a warning.
            await child.wait()
