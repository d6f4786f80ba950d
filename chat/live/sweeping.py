"""Deletes, periodically: file contents that no message uses, earlier texts that are too old or whose room keeps none
any more, and expired rooms. Also counts blocks of rooms, and looks up the threads of mentions, for unread counts."""

import asyncio
import logging
from collections.abc import Callable

from chat.lib import waits
from chat.live import db
from chat.protocol.errors import ChatError
from chat.services import files, mentions, room_deletion, uncounted, versions

logger = logging.getLogger(__name__)

# A starting process has more urgent work.
FIRST_SECONDS = 30
# On a full disk, the space of unused files is needed soon; earlier texts are kept for months.
FILES_SECONDS = 30
VERSIONS_SECONDS = 3600
# Earlier texts in rooms that keep none any more: they cannot be read.
DROPS_SECONDS = 30
ROOMS_SECONDS = 600
# A block is thousands of messages; before it is counted, its messages are counted one by one.
BLOCKS_SECONDS = 600
# Until the threads are looked up, the thread list of the mentioned users takes longer.
MENTIONS_SECONDS = 60


async def keep_sweeping() -> None:
    """Sweep until cancelled. Each process sweeps: what one has deleted, the others do not find."""
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
