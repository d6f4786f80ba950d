"""Peers that misbehave: one stops reading, one never stops writing, one sends what no client would."""

import asyncio
import random
import time
from typing import Self

from support.servers import Server
from tools.faults.flood import flood_once
from tools.faults.hostile import HostileSocket, hostile_frame
from tools.faults.site import ROOM, Site, memory
from tools.faults.traffic import Traffic, logger
from tools.faults.verdict import Verdict
from tools.faults.wire import Wire

TOO_SLOW, FLOODING, GONE = 4008, 4029, 1006
# The memory that one bad peer may cost.
GROWTH_MIB = 16.0
# For the others, "at most doubles" needs a floor: below it a figure is the noise of the machine.
NOISE_SECONDS = 0.025
# The text of every message: each of these characters is two on the wire, so that the queue of a client that reads
# nothing is full, and its socket closed, long before a ping is missed on a busy machine.
CHARS = 9900
TEXT = '"' * CHARS
# Enough to be closed for flooding, on the slowest machine.
FLOOD_FRAMES = 20_000
_SOCKETS = "SELECT count(*) FROM chat_connection"


async def reader_stalls(*, megabytes: int, warm: int, readers: int) -> Verdict:
    """A reader stops reading while much data passes through its room; then it reads on.

    `warm`: messages after which every cache and buffer has its size. `readers`: those who go on reading.
    """
    # Not on SQLite, whose page cache grows to its full size meanwhile. The socket is to be closed because of its full
    # queue, not because of a missed ping.
    async with Site.on_postgres(processes=1, CHAT_PING_SECONDS="25") as site, Wire(site.ports[0]) as wire:
        stalled = readers

        def url(number: int) -> str:
            return wire.url if number == stalled else site.url(number)

        async with Traffic(
            site, voices=readers + 1, speakers=min(readers, 4), interval=0.05, url=url, text=TEXT
        ) as traffic:
            await traffic.until_said(warm)
            calm, began = traffic.delay_p99(but=stalled), time.monotonic()
            async with Growth(site.servers[0]) as growth:
                wire.stall()
                while site.ask(_SOCKETS)[0][0] > stalled:
                    await asyncio.sleep(0.1)
                wire.flow()
                await asyncio.sleep(1)
                wire.stall()
                for part in range(10):
                    await traffic.until_said(max(megabytes * 1_000_000 // (2 * CHARS) // 10, 1))
                    logger.info("%d %% of %d MB", 10 * (part + 1), megabytes)
                busy = traffic.delay_p99(began, but=stalled)
                wire.flow()
                verdict = await traffic.settle()
            codes = [close.code for close in traffic.voices[stalled].closes]
            others = [close for voice in traffic.voices[:stalled] for close in voice.closes]
            for metric, line in (('closes_total{code="4008"}', "code=4008"), ("dropped_events_total", "falls behind")):
                verdict.broken += site.untold(**{metric: line})
        verdict.expect(codes[:1] == [TOO_SLOW], f"the stalled reader was closed with {codes}, not with {TOO_SLOW}")
        verdict.expect(not others, "somebody else was closed")
        _judge(verdict, growth, calm, busy)
    return verdict


async def writer_floods(*, frames: int) -> Verdict:
    """A writer pushes frames as fast as it can, and comes back whenever it is thrown out."""
    site = Site.on_sqlite(CHAT_SEND_LIMIT="30/10s")
    async with site, Traffic(site, voices=7, speakers=6, interval=0.5) as traffic:
        await traffic.until_said(min(frames // 200, 150))
        calm, began = traffic.delay_p99(), time.monotonic()
        url = f"{site.servers[0].ws_url}/ws/chat/{ROOM}/"
        floods, pushed, limited, codes = 0, 0, 0, set[int | None]()
        async with Growth(site.servers[0]) as growth:
            while pushed < frames:
                # Each goes on until it is closed: the last few frames alone would not be too many.
                flood = await flood_once(url, token=site.tokens["hugo"], frames=max(frames, FLOOD_FRAMES))
                floods, pushed, limited = floods + 1, pushed + flood.pushed, limited + flood.limited
                codes.add(flood.code)
                logger.info("%d of %d frames", pushed, frames)
        busy = traffic.delay_p99(began)
        verdict = await traffic.settle()
        verdict.figures["frames"] = f"{pushed:,}"
        verdict.expect(limited, "the flood was never told that it is limited")
        # A flood that reads late, on a busy machine, finds the connection gone, and gets no code.
        verdict.expect(codes <= {FLOODING, GONE}, f"the flood was closed with {codes}, not with {FLOODING}")
        closed = site.metric(f'closes_total{{code="{FLOODING}"}}')
        verdict.expect(closed == floods, f"of {floods} floods {closed:.0f} were closed with {FLOODING}")
        verdict.expect(not traffic.closes, "somebody else was closed")
        _judge(verdict, growth, calm, busy)
    return verdict


def _judge(verdict: Verdict, growth: "Growth", calm: float, busy: float) -> None:
    verdict.figures["memory"] = f"{growth.most:+.1f} MiB"
    verdict.figures["delivery to the others (p99)"] = f"{calm:.3f} s before, {busy:.3f} s meanwhile"
    verdict.expect(growth.most <= GROWTH_MIB, f"the process grew by {growth.most:.1f} MiB")
    verdict.in_time(busy <= 2 * max(calm, NOISE_SECONDS), f"the others waited {busy:.3f} s (p99), {calm:.3f} s before")


class Growth:
    """The largest growth of a process inside the block: `most`, in MiB."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._before = memory(server)
        self.most = 0.0

    async def __aenter__(self) -> Self:
        self._watching = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._watching.cancel()
        self._look()

    async def _watch(self) -> None:
        while True:
            self._look()
            await asyncio.sleep(0.05)

    def _look(self) -> None:
        self.most = max(self.most, memory(self._server) - self._before)


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
                # By then every buffer and cache has its full size.
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
