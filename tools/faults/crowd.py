"""Faults of the network: it drops many sockets at once, loses all packets of one, or is silent for long."""

import asyncio
import gc
import os
import resource
import time
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Self

from chatclient import Timing
from chatclient.address import parse_address
from chatclient.connection import Connection, open_connection
from chatclient.frames import decode
from tools.faults.site import PEOPLE, ROOM, Site
from tools.faults.traffic import TIMING, Traffic
from tools.faults.verdict import Verdict, merged
from tools.faults.wire import Wire

# With 2,000 sockets on two cores.
BACK_SECONDS = 20.0
# Of one server process: the size of its pool by the default of DATABASE_THREADS.
CONNECTIONS = 12
# A reconnect may cost this number of transactions, including those of a second attempt.
TRANSACTIONS = 20
_CONNECTIONS = """
SELECT count(*), count(*) FILTER (WHERE state = 'active') FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid()
"""
_COMMITTED = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()"
# Seconds until a client whose packets vanish counts as offline.
GONE_SECONDS = 60.0
_SOCKETS_OF = """
SELECT count(*) FROM chat_connection connection JOIN chat_participant person ON person.id = connection.user_id
WHERE person.username = '{name}'
"""


async def sockets_dropped(*, sockets: int, processes: int) -> Verdict:
    """The network drops every socket at once, and all come back at once."""
    _allow_files(4 * sockets + 1000)
    async with AsyncExitStack() as stack:
        site = await stack.enter_async_context(Site.on_postgres(processes=processes))
        wires = [await stack.enter_async_context(Wire(port)) for port in site.ports]

        def url(number: int) -> str:
            return wires[number % processes].url

        crowd = Traffic(site, voices=sockets, speakers=2, interval=2.0, url=url, timing=Timing())
        traffic = await stack.enter_async_context(crowd)
        await traffic.until_said(4)
        # This process stands for 2,000 machines, and garbage collection took half of its CPU time.
        gc.disable()
        stack.callback(gc.enable)
        began, cpu = time.monotonic(), _cpu_seconds(site)
        async with DatabaseLoad(site) as load:
            for wire in wires:
                wire.cut()
            while not all(voice.back_at for voice in traffic.voices):
                await asyncio.sleep(0.05)
                if time.monotonic() > began + 3 * BACK_SECONDS:
                    break
            cpu = [now - then for now, then in zip(_cpu_seconds(site), cpu, strict=True)]
        slowest = max(voice.back_at[-1] if voice.back_at else time.monotonic() for voice in traffic.voices) - began
        verdict = await traffic.settle()
        most, transactions = processes * CONNECTIONS, load.transactions / sockets
        verdict.figures |= {
            "sockets": f"{sockets:,}",
            "all back after": f"{slowest:.1f} s",
            "CPU": f"servers {sum(cpu[1:]):.1f} s, clients {cpu[0]:.1f} s",
            "database": f"at most {load.connections} connections, {load.active} of them at work; "
            f"{transactions:.1f} transactions a socket",
        }
        verdict.in_time(slowest <= BACK_SECONDS, f"the last socket was back after {slowest:.1f} s")
        verdict.expect(load.connections <= most, f"the database had {load.connections} connections, not {most} at most")
        verdict.expect(transactions <= TRANSACTIONS, f"a socket that came back cost {transactions:.1f} transactions")
    return verdict


class DatabaseLoad:
    """The load of the servers on PostgreSQL inside the block."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self.connections = self.active = self.transactions = 0

    async def __aenter__(self) -> Self:
        self._before = self._committed()
        self._watching = asyncio.create_task(self._watch())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._watching.cancel()
        self.transactions = self._committed() - self._before

    async def _watch(self) -> None:
        while True:
            [(connections, active)] = await asyncio.to_thread(self._site.ask, _CONNECTIONS)
            self.connections, self.active = max(self.connections, connections), max(self.active, active)
            await asyncio.sleep(0.1)

    def _committed(self) -> int:
        return int(self._site.ask(_COMMITTED)[0][0])


def _cpu_seconds(site: Site) -> list[float]:
    """The CPU time of this process, which holds the clients, and of each server."""
    times = [Path(f"/proc/{server.pid}/stat").read_text().rpartition(")")[2].split() for server in site.servers]
    return [time.process_time(), *((int(one[11]) + int(one[12])) / os.sysconf("SC_CLK_TCK") for one in times)]


async def peer_vanishes(*, ping: int, told: bool) -> Verdict:
    """Every packet to and from one client vanishes, and nothing is closed; later it is back."""
    victim = 0
    site = Site.on_postgres(CHAT_PING_SECONDS=str(ping))
    async with site, Wire(site.ports[0]) as wire:

        def url(number: int) -> str:
            return wire.url if number == victim else site.url(number)

        async with Traffic(site, url=url) as traffic, watching(site) as neighbour:
            await traffic.until_said(8)
            async with asyncio.timeout(ping + 2 * GONE_SECONDS):
                begun = time.monotonic()
                wire.vanish()
                while site.ask(_SOCKETS_OF.format(name=PEOPLE[victim]))[0][0]:
                    await asyncio.sleep(0.1)
                noticed = time.monotonic() - begun
                if told:
                    await neighbour.told(PEOPLE[victim], "offline")
                gone = time.monotonic() - begun
            wire.flow()
            verdict = await traffic.settle()
            others = [close for voice in traffic.voices if voice.number != victim for close in voice.closes]
        verdict.figures["noticed after"] = f"{noticed:.1f} s"
        if told:
            verdict.figures["told to be offline after"] = f"{gone:.1f} s"
        verdict.in_time(gone <= GONE_SECONDS, f"it was gone only after {gone:.1f} s")
        verdict.expect(not others, "somebody else was closed")
    return verdict


class Neighbour:
    """A bare socket that receives the events about the others."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._told: dict[str, str] = {}
        self._news = asyncio.Event()

    async def listen(self) -> None:
        """Read to the end: a socket that is not read answers no ping."""
        while (frame := await self._connection.receive()) is not None:
            for event in decode(frame):
                if event["type"] == "presence":
                    self._told |= event["users"]
            self._news.set()

    async def told(self, name: str, status: str) -> None:
        """Wait until it was sent this status of this person."""
        while self._told.get(name) != status:
            assert self._connection.close_code is None, f"the socket was closed with {self._connection.close_code}"
            self._news.clear()
            await self._news.wait()


@asynccontextmanager
async def watching(site: Site) -> AsyncGenerator[Neighbour]:
    address = parse_address(site.url(1), ROOM)
    connection = await open_connection(address, token=site.tokens["hugo"], timing=TIMING, batch=False)
    neighbour = Neighbour(connection)
    listening = asyncio.create_task(neighbour.listen())
    try:
        yield neighbour
    finally:
        await connection.close()
        await listening


async def nobody_speaks(*, seconds: float, ours: bool) -> Verdict:
    """No one says anything for longer than Redis' client, the layer and daphne wait by default.

    `ours`: with our own layer as well, which takes those waits to prove anything.
    """
    # Our layer has no groups in Redis that could expire. This other layer has, and delivers nothing once they expire.
    sites = {"with groups that expire": Site.on_postgres(DJANGO_SETTINGS_MODULE="tools.faults.expiring")}
    if ours:
        sites["ours"] = Site.on_postgres()
    verdicts = await asyncio.gather(*(_silence(site, seconds) for site in sites.values()))
    return merged(dict(zip(sites, verdicts, strict=True)))


async def _silence(site: Site, seconds: float) -> Verdict:
    async with site, Traffic(site) as traffic:
        await traffic.until_said(4)
        await traffic.hush()
        await asyncio.sleep(seconds)
        began = time.monotonic()
        traffic.speak()
        await traffic.until_said(8)
        verdict = await traffic.settle()
        verdict.figures["silence"] = f"{seconds:.0f} s"
        verdict.figures["p99 to the other process after it"] = f"{traffic.lag_p99(began):.2f} s"
        verdict.expect(not traffic.closes, "a socket was closed")
    return verdict


def _allow_files(number: int) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft < number:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(number, hard) if hard > 0 else number, hard))
