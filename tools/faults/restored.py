"""The database restored from an older dump: the state that clients hold is no longer valid."""

import asyncio
import sqlite3
from pathlib import Path

from support.processes import scratch
from tools.faults.site import Site
from tools.faults.traffic import Traffic
from tools.faults.verdict import Verdict, merged


async def database_restored(*, messages: int) -> Verdict:
    """The database is restored from an older dump, by the documented steps and under running processes."""
    return merged(
        {"while stopped": await _restored(messages, running=False), "running": await _restored(messages, running=True)}
    )


async def _restored(messages: int, *, running: bool) -> Verdict:
    async with Site.on_sqlite() as site, Traffic(site, interval=0.05) as traffic:
        dump = scratch("dump") / "backup.sqlite3"
        await traffic.until_said(messages)
        await traffic.hush()
        await traffic.until_complete()
        await asyncio.to_thread(_copy, site.data_dir / "backchannel.sqlite3", dump)
        traffic.speak()
        await traffic.until_said(messages)
        await traffic.hush()
        await traffic.until_complete()
        # Messages sent since the dump are gone with the database that had them. The rest must be there, once, and
        # from now on every client must hold what the restored database has, and nothing else.
        if not running:
            await asyncio.to_thread(site.servers[0].stop)
        await asyncio.to_thread(_copy, dump, site.data_dir / "backchannel.sqlite3")
        kept = {row.client_id for row in site.rows()}
        gone = 0
        for voice in traffic.voices:
            gone += len(voice.held.said.keys() - kept)
            voice.held.said = {client_id: text for client_id, text in voice.held.said.items() if client_id in kept}
            voice.held.told.clear()
        traffic.speak()
        if not running:
            # Sent while there is no server: the clients hold these messages, and send them when there is one again.
            await traffic.until_said(8)
        await asyncio.to_thread(site.manage, "epoch", "--renew")
        if not running:
            await site.start_again(0)
        async with asyncio.timeout(60):
            while not all(voice.reloads for voice in traffic.voices):
                await asyncio.sleep(0.05)
        await traffic.until_said(messages)
        verdict = await traffic.settle()
        verdict.figures["gone with the newer database"] = str(gone)
        verdict.expect(gone, "nothing was said after the dump: nothing was proven")
    return verdict


def _copy(source: Path, target: Path) -> None:
    with sqlite3.connect(source) as old, sqlite3.connect(target) as new:
        old.backup(new)
