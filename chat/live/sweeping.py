"""Deletes, from time to time, bytes of files that no message has, earlier texts that were replaced long ago or whose
room keeps none any more, and rooms whose time is over; and counts blocks of rooms, and looks up the
threads of mentions, for unread counts."""

import asyncio
import logging
from collections.abc import Callable

from chat.lib import waits
from chat.live import db
from chat.protocol.errors import ChatError
from chat.services import files, mentions, room_deletion, uncounted, versions

logger = logging.getLogger(__name__)

# A process that starts has other things to do.
FIRST_SECONDS = 30
# A file that is gone is soon missed on a full disk; earlier texts are kept for months.
FILES_SECONDS = 30
VERSIONS_SECONDS = 3600
# Those of a room that keeps none any more: no one reads them.
DROPS_SECONDS = 30
ROOMS_SECONDS = 600
# A block is thousands of messages; until it is counted, its messages are counted one by one.
BLOCKS_SECONDS = 600
# Until then the list of threads of whom they name takes longer.
MENTIONS_SECONDS = 60


async def keep_sweeping() -> None:
    """Sweep until cancelled. Each process does it: what one deletes, another does not find."""
    await asyncio.sleep(FIRST_SECONDS)
    await asyncio.gather(
        _sweep("files", files.sweep, FILES_SECONDS),
        _sweep("earlier texts", versions.versions_sweep, VERSIONS_SECONDS),
        _sweep("earlier texts of rooms that keep none", versions.versions_drop, DROPS_SECONDS),
        _sweep("rooms", room_deletion.rooms_delete, ROOMS_SECONDS),
        _sweep("counts", uncounted.blocks_sweep, BLOCKS_SECONDS),
        _sweep("threads of mentions", _place_mentions, MENTIONS_SECONDS),
    )


def _place_mentions() -> None:
    while mentions.mentions_place() == mentions.PLACED_AT_ONCE:
        pass


async def _sweep(what: str, sweep: Callable[[], object], seconds: int) -> None:
    while True:
        try:
            await db.on_files(sweep)
        except ChatError as error:
            logger.warning("The sweep of %s waits for the database: %s", what, error.code)
        except Exception:
            logger.exception("The sweep of %s failed; it is tried again.", what)
        await waits.sleep(seconds)
