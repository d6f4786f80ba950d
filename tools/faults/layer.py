"""The layer between the processes: lossy, gone, or silent."""

import asyncio
import time

from tools.faults.site import Site
from tools.faults.traffic import Traffic
from tools.faults.verdict import Verdict

# Delay to another process while Redis is away: the sweep and a read of the database.
AWAY_SECONDS = 2.0
# After Redis is back, hints must arrive again within this time.
BACK_SECONDS = 2.0
# A delivery by hint takes milliseconds; one that needed the database takes as long as the sweep.
BY_HINT_SECONDS = 0.5


async def layer_loses(*, seconds: float) -> Verdict:
    """The layer drops 30 %, doubles 10 %, and delays each message by up to 200 ms, so that they overtake each other."""
    site = Site.on_postgres(DJANGO_SETTINGS_MODULE="tools.faults.settings", LOG_LEVEL="debug")
    async with site, Traffic(site) as traffic:
        began = time.monotonic()
        await asyncio.sleep(seconds)
        verdict = await traffic.settle()
        verdict.expect(not traffic.closes, "a socket was closed")
        verdict.broken += site.untold(gaps_total="gap in a room", heals_total="room healed")
        verdict.figures["p99 to the other process"] = f"{traffic.lag_p99(began):.2f} s"
    return verdict


async def redis_killed(*, seconds: float) -> Verdict:
    """Redis is killed under traffic from two processes, and started again."""
    return await _redis_away(seconds, silent=False)


async def redis_silent(*, seconds: float) -> Verdict:
    """Redis takes packets in and never answers; then it goes on."""
    return await _redis_away(seconds, silent=True)


async def _redis_away(seconds: float, *, silent: bool) -> Verdict:
    async with Site.on_postgres() as site, Traffic(site) as traffic:
        assert site.redis
        await asyncio.sleep(1)
        with site.redis.paused() if silent else site.redis.stopped():
            gone = time.monotonic()
            await asyncio.sleep(seconds)
        back = time.monotonic()
        well = await _until_hints_arrive(traffic)
        verdict = await traffic.settle()
        verdict.expect(not traffic.closes, "a socket was closed")
        verdict.broken += site.untold(publish_failures_total="hints lost", heals_total="room healed")
        away = traffic.lag_p99(gone, back)
        verdict.figures["p99 to the other process meanwhile"] = f"{away:.2f} s"
        verdict.figures["normal again after"] = f"{well - back:.1f} s"
        verdict.in_time(away <= AWAY_SECONDS, f"delivery to the other process took {away:.1f} s (p99)")
        verdict.in_time(well - back <= BACK_SECONDS, f"hints came again only {well - back:.1f} s after Redis was back")
    return verdict


async def _until_hints_arrive(traffic: Traffic, *, patience: float = 20.0) -> float:
    """The time from which everything sent in half a second reached the other process as fast as by a hint."""
    began = time.monotonic()
    while time.monotonic() < began + patience:
        since = time.monotonic()
        await asyncio.sleep(BY_HINT_SECONDS)
        until = time.monotonic()
        await asyncio.sleep(BY_HINT_SECONDS)
        sent = {one.sent_at for one in traffic.deliveries if since <= one.sent_at < until}
        across = traffic.lag_p99(since, until)
        if sent and across < BY_HINT_SECONDS:
            return since
    return time.monotonic()
