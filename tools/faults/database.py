"""PostgreSQL: stopped as if by a power cut, and its connections cut one by one."""

import asyncio
import time

import psycopg

from chatclient.address import parse_address
from chatclient.connection import Connection, open_connection
from chatclient.frames import decode
from tools.faults.site import ROOM, Site
from tools.faults.traffic import TIMING, Traffic
from tools.faults.verdict import Verdict

# A sender is answered `unavailable` within this time.
TOLD_SECONDS = 5.0
_CUT = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid() ORDER BY random() LIMIT 1
"""


async def postgres_away(*, seconds: float, cuts: int) -> Verdict:
    """PostgreSQL is stopped at once and started again; then its connections are cut one by one."""
    async with Site.on_postgres() as site, Traffic(site) as traffic:
        assert site.postgres
        probe = await Probe.of(site)
        await traffic.until_said(10)
        site.postgres.stop()
        waits: list[float] = []
        try:
            end = time.monotonic() + seconds
            while time.monotonic() < end:
                waits.append(await probe.refused("unavailable"))
                await asyncio.sleep(0.5)
        finally:
            await asyncio.to_thread(site.postgres.start)
        await traffic.until_said(10)
        await traffic.until_complete()
        for _ in range(cuts):
            await traffic.until_said(8)
            with psycopg.connect(site.env["DATABASE_URL"], autocommit=True) as connection:
                connection.execute(_CUT)
        verdict = await traffic.settle()
        await probe.close()
        verdict.repetitions = cuts
        verdict.figures["unavailable told within"] = f"{max(waits):.1f} s"
        verdict.in_time(max(waits) <= TOLD_SECONDS, f"a sender waited {max(waits):.1f} s for an answer")
        verdict.expect(not traffic.closes, "a socket was closed")
    return verdict


class Probe:
    """A bare socket that sees the refusals that a client handles by itself."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._number = 0

    @classmethod
    async def of(cls, site: Site, number: int = 0) -> "Probe":
        address = parse_address(site.url(number), ROOM)
        return cls(await open_connection(address, token=site.tokens["hugo"], timing=TIMING, batch=False))

    async def refused(self, code: str) -> float:
        """Send a message that is refused with `code`; returns the seconds until the refusal."""
        self._number += 1
        client_id = f"probe-{self._number}"
        began = time.monotonic()
        await self._connection.send({"type": "chat_message", "message": "Anybody?", "client_id": client_id})
        answer = await self.answer(client_id)
        if answer.get("code") != code:
            raise AssertionError(f"expected the refusal {code}, got {answer}")
        return time.monotonic() - began

    async def answer(self, client_id: str) -> dict[str, object]:
        while (frame := await self._connection.receive()) is not None:
            for event in decode(frame):
                if event["type"] in ("ack", "error") and event.get("client_id") == client_id:
                    return event
        raise AssertionError(f"the socket was closed with {self._connection.close_code}")

    async def close(self) -> None:
        await self._connection.close()
