"""Deletes, from time to time, the bytes of files whose message is gone, and uploads that no message took."""

import asyncio
import logging

from chat.live import db
from chat.protocol.errors import ChatError
from chat.services.files import sweep

logger = logging.getLogger(__name__)

SWEEP_SECONDS = 30.0


async def sweep_files() -> None:
    """Sweep until cancelled. Each process does it: what one deletes, another does not find."""
    while True:
        await asyncio.sleep(SWEEP_SECONDS)
        try:
            await db.on_files(sweep)
        except ChatError as error:
            logger.warning("The sweep of files waits for the database: %s", error.code)
        except Exception:
            logger.exception("Sweeping files failed; it is tried again.")
