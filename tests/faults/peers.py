"""Peers that misbehave: one stops reading, one never stops writing, one sends what no client would."""

import asyncio
import random
import time

from chatclient.address import parse_address
from chatclient.connection import Connection, open_connection
from chatclient.frames import decode
from tests.faults.hostile import HostileSocket, hostile_frame
from tests.faults.site import ROOM, Site, memory
from tests.faults.traffic import TIMING, Traffic, logger
from tests.faults.verdict import Verdict
from tests.faults.wire import Wire

TOO_SLOW, FLOODING = 4008, 4029
# What one bad peer may cost.
GROWTH_MIB = 16.0
# For the others, "at most doubles" needs a floor: below it a figure is the noise of the machine.
NOISE_SECONDS = 0.1
CHARS = 9900
_SOCKETS = "SELECT count(*) FROM chat_connection"


async def reader_stalls(*, megabytes: int) -> Verdict:
    """A reader stops reading while much data passes through its room; then it reads on."""
    # Not on SQLite, whose page cache grows to its full size meanwhile.
    async with Site.on_postgres(processes=1) as site, Wire(site.ports[0]) as wire:
        stalled = 6

        def url(number: int) -> str:
            return wire.url if number == stalled else site.url(number)

        async with Traffic(site, voices=stalled + 1, interval=0.02, url=url, text="·" * CHARS) as traffic:
            await traffic.until_said(100 + megabytes)
            before, began = memory(site.servers[0]), time.monotonic()
            calm = traffic.lag_p99(0)
            wire.stall()
            while site.ask(_SOCKETS)[0][0] > stalled:
                await asyncio.sleep(0.1)
            growth = memory(site.servers[0]) - before
            wire.flow()
            await asyncio.sleep(1)
            wire.stall()
            for part in range(10):
                # Each of these characters is two bytes.
                await traffic.until_said(max(megabytes * 1_000_000 // (2 * CHARS) // 10, 1))
                growth = max(growth, memory(site.servers[0]) - before)
                logger.info("%d %% of %d MB", 10 * (part + 1), megabytes)
            busy = traffic.lag_p99(began, but=stalled)
            wire.flow()
            verdict = await traffic.settle()
            codes = [close.code for close in traffic.voices[stalled].closes]
            others = [close for voice in traffic.voices[:stalled] for close in voice.closes]
        verdict.figures["memory"] = f"{growth:+.1f} MiB"
        verdict.figures["p99 of the others"] = f"{calm:.3f} s before, {busy:.3f} s meanwhile"
        verdict.expect(growth <= GROWTH_MIB, f"the process grew by {growth:.1f} MiB")
        verdict.expect(codes[:1] == [TOO_SLOW], f"the stalled reader was closed with {codes}, not with {TOO_SLOW}")
        verdict.expect(not others, "somebody else was closed")
        verdict.in_time(busy <= 2 * max(calm, NOISE_SECONDS), f"the others waited {busy:.2f} s (p99)")
    return verdict


async def writer_floods(*, frames: int) -> Verdict:
    """A writer pushes frames as fast as it can, and comes back whenever it is thrown out."""
    site = Site.on_sqlite(CHAT_SEND_LIMIT="30/10s")
    async with site, Traffic(site, voices=6, speakers=3, interval=0.5) as traffic:
        await traffic.until_said(9)
        before, calm, began = memory(site.servers[0]), traffic.lag_p99(0), time.monotonic()
        pushed, limited, codes = 0, 0, list[int | None]()
        while pushed < frames:
            flood = await _Flood.of(site)
            await flood.run(frames - pushed)
            pushed, limited = pushed + flood.pushed, limited + flood.limited
            codes.append(flood.code)
            logger.info("%d of %d frames", pushed, frames)
        growth, busy = memory(site.servers[0]) - before, traffic.lag_p99(began)
        verdict = await traffic.settle()
        verdict.figures |= {
            "frames": f"{pushed:,}",
            "memory": f"{growth:+.1f} MiB",
            "p99 of the others": f"{calm:.3f} s before, {busy:.3f} s meanwhile",
        }
        verdict.expect(growth <= GROWTH_MIB, f"the process grew by {growth:.1f} MiB")
        verdict.expect(limited, "the flood was never told that it is limited")
        verdict.expect(set(codes) == {FLOODING}, f"the flood was closed with {set(codes)}, not with {FLOODING}")
        verdict.expect(not traffic.closes, "somebody else was closed")
        verdict.in_time(busy <= 2 * max(calm, NOISE_SECONDS), f"the others waited {busy:.2f} s (p99)")
    return verdict


class _Flood:
    """One socket that is written to without end, and read all the while."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.pushed = self.limited = 0

    @classmethod
    async def of(cls, site: Site) -> "_Flood":
        address = parse_address(site.url(0), ROOM)
        return cls(await open_connection(address, token=site.tokens["hugo"], timing=TIMING, batch=False))

    @property
    def code(self) -> int | None:
        return self._connection.close_code

    async def run(self, frames: int) -> None:
        reading = asyncio.create_task(self._read())
        while self.pushed < frames and not reading.done():
            self.pushed += 1
            # Nothing that is kept: this is about the frames, not about what they say.
            await self._connection.send({"type": "typing", "is_typing": True, "request_id": str(self.pushed)})
            if self.pushed % 100 == 0:
                await asyncio.sleep(0)
        await asyncio.wait([reading], timeout=20)
        reading.cancel()
        self._connection.abort()

    async def _read(self) -> None:
        while (frame := await self._connection.receive()) is not None:
            self.limited += sum(event.get("code") == "rate_limited" for event in decode(frame))


async def hostile_frames(*, frames: int) -> Verdict:
    """Random bytes, broken UTF-8, deep and wide JSON, fragments, control frames in between, truncated TCP."""
    chance = random.Random()
    async with Site.on_sqlite() as site, Traffic(site, voices=4, speakers=2, interval=0.5) as traffic:
        await traffic.until_said(4)
        sent, sockets, before = 0, 0, 0.0
        while sent < frames:
            hostile = await HostileSocket.open(site.ports[0], token=site.tokens["hugo"], room=ROOM)
            sockets += 1
            while sent < frames and hostile.sent < 1000 and await hostile.understood():
                for _ in range(25):
                    await hostile.send(hostile_frame(chance))
                sent += 25
            await hostile.leave(truncated=chance.random() < 0.5)
            if sent >= frames // 5 and not before:
                # By then every buffer and cache has its size.
                before = memory(site.servers[0])
            if sockets % 50 == 0:
                logger.info("%d of %d frames, %d sockets", sent, frames, sockets)
        growth = memory(site.servers[0]) - before
        verdict = await traffic.settle()
        verdict.figures |= {"frames": f"{sent:,} on {sockets:,} sockets", "memory": f"{growth:+.1f} MiB"}
        verdict.expect("Traceback" not in site.logs, "the log holds a traceback")
        verdict.expect(growth <= GROWTH_MIB, f"the process grew by {growth:.1f} MiB")
        verdict.expect(not traffic.closes, "somebody else was closed")
    return verdict
