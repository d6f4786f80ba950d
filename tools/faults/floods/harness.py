"""One attack after the other, while two people talk and a bystander's pings are timed."""

import asyncio
import json
import logging
import time
import urllib.request
from collections.abc import Sequence
from contextlib import suppress
from typing import Self

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

from tools.faults.floods import turns
from tools.faults.floods.attacker import Attacker
from tools.faults.floods.catalogue import ATTACKS, Attack
from tools.faults.floods.seen import Seen, p99
from tools.faults.floods.target import Target
from tools.faults.floods.ways import WAYS, Way
from tools.faults.peers import GROWTH_MIB, Growth
from tools.faults.site import ROOM, Site
from tools.faults.traffic import Traffic
from tools.faults.verdict import Verdict

logger = logging.getLogger("faults")

PING_MS = 50.0
PING_EVERY_SECONDS = 0.02
# A smaller increase is the noise of the machine: where a calm ping takes long, the limit is three times that.
NOISE_TIMES = 3
CALM_SECONDS = 1.0
_LINES = "SELECT count(*) FROM chat_message WHERE kind = 'system'"
# A message that may be deleted, unlike those of the traffic, which are counted at the end.
_SAY = f"""
from chat.models import Participant, Room
from chat.public import post
post(Room.objects.get(slug="{ROOM}"), Participant.objects.get(username="hugo"), "About this")
"""
_SEQ = "SELECT min(seq) FROM chat_message WHERE text = 'About this'"


async def floods(
    *, seconds: float, size: float, fresh: bool, ways: Sequence[Way] = WAYS, only: str | None = None
) -> Verdict:
    """Attackers flood it in every way that a connection takes, one after the other."""
    chosen = [attack for attack in ATTACKS if only in (None, attack.name)]
    whole = Verdict(repetitions=0)
    for way in ways:
        # A server that has grown once grows less the next time: in the long form each attack gets a new one.
        for group in [[attack] for attack in chosen] if fresh else [chosen]:
            figures = whole.figures
            whole.add(verdict := await _one_site(way, group, seconds, size))
            whole.figures = figures | verdict.figures
    return whole


async def _one_site(way: Way, attacks: Sequence[Attack], seconds: float, size: float) -> Verdict:
    async with way.site() as (site, url):
        await asyncio.to_thread(_prepare, site, attacks, size)
        # The first page loads what all pages need, which must not count as growth by an attack.
        await asyncio.to_thread(lambda: urllib.request.urlopen(f"{url}/accounts/signup/", timeout=60).close())
        async with Traffic(site, voices=3, speakers=2, interval=0.5, url=lambda _number: url) as traffic:
            await traffic.until_said(4)
            found = {}
            seq = site.ask(_SEQ)[0][0]
            async with Attacker() as attacker:
                for attack in attacks:
                    target = Target(url, site.tokens, ROOM, seq, seconds, size)
                    found[attack] = await _one_attack(attack, attacker, target, site)
                    logger.info("%s, %s: %s", way, attack.name, found[attack])
            verdict = await traffic.settle()
        verdict.expect(not traffic.closes, f"{way}: a bystander was closed: {traffic.closes[:1]}")
    for attack, seen in found.items():
        _judge(verdict, f"{way}, {attack.name}", attack, seen)
    return verdict


def _prepare(site: Site, attacks: Sequence[Attack], size: float) -> None:
    parts = [part for part in dict.fromkeys(attack.prepare for attack in attacks) if part]
    site.manage("shell", "-v0", "-c", "\n".join([f"SIZE = {size}", _SAY, *parts]))


async def _one_attack(attack: Attack, attacker: Attacker, target: Target, site: Site) -> Seen:
    seen = Seen(target.seconds)
    lines, logged = site.ask(_LINES)[0][0], len(site.logs)
    async with Bystander(target.url, site.tokens["bob"]) as bystander:
        await asyncio.sleep(min(CALM_SECONDS, target.seconds))
        seen.calm = p99(bystander.pings)
        bystander.pings.clear()
        began = time.monotonic()
        async with Growth(site.servers[0]) as growth:
            seen.count = await attacker.run(attack.name, target)
        seen.grown, seen.busy = growth.most, p99(bystander.pings)
        seen.turn = turns.longest(site.data_dir / turns.FILE, began)
        if bystander.gone:
            seen.count["bystander closed"] += 1
    seen.lines = site.ask(_LINES)[0][0] - lines
    said = site.logs[logged:]
    seen.log_bytes, seen.traceback = len(said.encode()), "Traceback" in said
    return seen


def _judge(verdict: Verdict, name: str, attack: Attack, seen: Seen) -> None:
    verdict.figures[name] = f"ping {1000 * seen.calm:.0f} -> {1000 * seen.busy:.0f} ms, {seen.grown:+.1f} MiB"
    verdict.expect(seen.grown < GROWTH_MIB, f"{name}: the process grew by {seen.grown:.1f} MiB")
    verdict.expect(not seen.traceback, f"{name}: the log holds a traceback")
    verdict.expect(not seen.count["bystander closed"], f"{name}: the bystander was closed")
    for sentence in attack.expect(seen):
        verdict.expect(False, f"{name}: {sentence}")
    most = max(PING_MS / 1000, NOISE_TIMES * seen.calm)
    verdict.in_time(seen.busy < most, f"{name}: a bystander's ping took {1000 * seen.busy:.0f} ms (p99)")


class Bystander:
    """A client that pings every 20 ms, and records how long each answer took, including answers still due."""

    def __init__(self, url: str, token: str) -> None:
        self._connecting = connect(
            url.replace("http", "ws", 1) + f"/ws/chat/{ROOM}/",
            additional_headers={"Authorization": f"Bearer {token}"},
            compression=None,
            max_size=None,
        )
        self._sent: dict[str, float] = {}
        self.pings: list[float] = []
        self.gone = False

    async def __aenter__(self) -> Self:
        self._socket = await self._connecting.__aenter__()
        self._tasks = [asyncio.create_task(self._ping(self._socket)), asyncio.create_task(self._hear(self._socket))]
        return self

    async def __aexit__(self, *error: object) -> None:
        for task in self._tasks:
            task.cancel()
        await self._connecting.__aexit__(None, None, None)

    async def _ping(self, socket: ClientConnection) -> None:
        number = 0
        with suppress(ConnectionClosed):
            while True:
                number += 1
                self._sent[str(number)] = time.monotonic()
                await socket.send(json.dumps({"type": "ping", "request_id": str(number)}))
                # Above 50 frames per second, a socket gets `rate_limited`.
                await asyncio.sleep(PING_EVERY_SECONDS * 1.25)

    async def _hear(self, socket: ClientConnection) -> None:
        try:
            async for frame in socket:
                event = json.loads(frame)
                if event["type"] == "pong":
                    self.pings.append(time.monotonic() - self._sent.pop(event["request_id"]))
        except ConnectionClosed:
            pass
        self.gone = True
