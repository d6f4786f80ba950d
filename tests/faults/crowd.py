"""Many sockets: dropped all at once, or left alone for longer than anything waits."""

import asyncio
import resource
import time

from chatclient import Timing
from tests.faults.site import Site
from tests.faults.traffic import Traffic
from tests.faults.verdict import Verdict
from tests.faults.wire import Wire

# On two cores, with 2,000 of them.
BACK_SECONDS = 20.0


async def sockets_dropped(*, sockets: int) -> Verdict:
    """The network drops every socket at once, and all come back at once."""
    _allow_files(4 * sockets + 1000)
    async with (
        Site.on_sqlite() as site,
        Wire(site.ports[0]) as wire,
        Traffic(site, voices=sockets, speakers=2, interval=2.0, url=lambda _: wire.url, timing=Timing()) as traffic,
    ):
        await traffic.until_said(4)
        began = time.monotonic()
        wire.cut()
        while not all(voice.back_at for voice in traffic.voices):
            await asyncio.sleep(0.05)
            if time.monotonic() > began + 3 * BACK_SECONDS:
                break
        slowest = max(voice.back_at[-1] if voice.back_at else time.monotonic() for voice in traffic.voices) - began
        verdict = await traffic.settle()
        verdict.figures |= {"sockets": f"{sockets:,}", "all back after": f"{slowest:.1f} s"}
        verdict.in_time(slowest <= BACK_SECONDS, f"the last socket was back after {slowest:.1f} s")
    return verdict


async def nobody_speaks(*, seconds: float) -> Verdict:
    """Nobody says anything for longer than Redis' client, the layer and daphne wait by default."""
    async with Site.on_postgres() as site, Traffic(site) as traffic:
        await traffic.until_said(4)
        await traffic.hush()
        await asyncio.sleep(seconds)
        traffic.speak()
        await traffic.until_said(8)
        verdict = await traffic.settle()
        verdict.figures["silence"] = f"{seconds:.0f} s"
        verdict.expect(not traffic.closes, "a socket was closed")
    return verdict


def _allow_files(number: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < number:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(number, hard) if hard > 0 else number, hard))
