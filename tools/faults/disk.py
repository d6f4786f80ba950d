"""SQLite: killed while it commits, locked by another process, on a full disk."""

import asyncio
import random
import resource
import sqlite3
import time

from tools.faults.database import TOLD_SECONDS, Probe
from tools.faults.site import Site
from tools.faults.traffic import Traffic, logger
from tools.faults.verdict import Verdict


async def sqlite_hurt(*, kills: int, locked: float, full: float) -> Verdict:
    """SQLite: the process is killed while it commits; another one locks the file; the disk is full."""
    async with Site.on_sqlite() as site, Traffic(site, speakers=6, interval=0.25) as traffic:
        for number in range(kills):
            await traffic.until_said(random.randint(5, 40))
            site.servers[0].kill()
            await site.start_again(0)
            logger.info("killed %d of %d times", number + 1, kills)
        await traffic.until_complete()
        closes = len(traffic.closes)
        probe = await Probe.of(site)
        waits = [await _locked(site, traffic, probe, locked), *await _full(site, traffic, probe, full)]
        verdict = await traffic.settle()
        await probe.close()
        verdict.repetitions = kills
        verdict.figures["unavailable told within"] = f"{max(waits):.1f} s"
        verdict.in_time(max(waits) <= TOLD_SECONDS, f"a sender waited {max(waits):.1f} s for an answer")
        verdict.expect(closes, "no connection ended with the process: nothing was proven")
        verdict.expect(len(traffic.closes) == closes, "a socket was closed")
        verdict.expect(site.ask("PRAGMA integrity_check") == [("ok",)], "the file is damaged")
    return verdict


async def _locked(site: Site, traffic: Traffic, probe: Probe, seconds: float) -> float:
    await traffic.until_said(8)
    other = sqlite3.connect(site.data_dir / "backchannel.sqlite3", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    end = time.monotonic() + seconds
    wait = await probe.refused("unavailable")
    await asyncio.sleep(end - time.monotonic())
    other.execute("ROLLBACK")
    other.close()
    await traffic.until_said(8)
    await traffic.until_complete()
    return wait


async def _full(site: Site, traffic: Traffic, probe: Probe, seconds: float) -> list[float]:
    """Limit the process to files of one page: each write fails, as it does on a full disk."""
    pid, unlimited = site.servers[0].pid, resource.RLIM_INFINITY
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (4096, unlimited))
    end = time.monotonic() + seconds
    waits = []
    while time.monotonic() < end:
        waits.append(await probe.refused("unavailable"))
        await asyncio.sleep(0.5)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (unlimited, unlimited))
    await traffic.until_said(8)
    return waits
