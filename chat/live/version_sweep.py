"""Deletes, from time to time, earlier texts of messages that were replaced long ago."""

import asyncio
import logging

from chat.live import db
from chat.protocol.errors import ChatError
from chat.services.versions import versions_sweep

logger = logging.getLogger(__name__)

# They are kept for months.
SWEEP_SECONDS = 3600.0


async def sweep_versions() -> None:
    """Sweep until cancelled. Each process does it: what one deletes, another does not find."""
    while True:
        try:
            await db.on_files(versions_sweep)
        except ChatError as error:
            logger.warning("The sweep of earlier texts waits for the database: %s", error.code)
        except Exception:
            logger.exception("Sweeping earlier texts failed; it is tried again.")
        await asyncio.sleep(SWEEP_SECONDS)
