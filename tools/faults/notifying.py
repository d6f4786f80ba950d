"""Pushes to people who are away, while a process is killed and Redis and PostgreSQL are gone in the middle of them."""

import asyncio
import json
import urllib.request
from collections import Counter
from collections.abc import Iterable
from typing import Any

from support.push_service import PushService
from tools.faults.site import ROOM, Site
from tools.faults.traffic import logger
from tools.faults.verdict import Verdict

AUTHOR, READER, *AWAY = ("ada", "bob", "cem", "dana", "eve", "finn", "gita", "hugo")
# After a process is killed, at most these are sent again: the pushes that are recorded together.
STEP = 64
ARRIVE_SECONDS = 90


async def notifications(*, devices: int, messages: int, away: float, lease: bool) -> Verdict:
    """Redis, PostgreSQL and the server are gone in the middle of pushes, each once."""
    with PushService() as service:
        async with Site.on_postgres(processes=1, CHAT_PUSH_ALLOW="127.0.0.1") as site:
            return await _Notifying(site, service, devices, messages).break_all(away, lease)


class _Notifying:
    """One run: everyone but the author and the reader has devices that get each message once."""

    def __init__(self, site: Site, service: PushService, devices: int, messages: int) -> None:
        self.site = site
        self.service = service
        self.messages = messages
        self.devices = [f"{name}-{number}" for name in AWAY for number in range(devices)]
        self.verdict = Verdict()

    async def break_all(self, away: float, lease: bool) -> Verdict:
        await asyncio.gather(*(self._register(device) for device in [*self.devices, f"{READER}-0"]))
        seqs = await asyncio.to_thread(self._post)
        whole = len(seqs) * len(self.devices)
        await self._at(whole // 5)
        logger.info("Redis is stopped")
        assert self.site.redis
        assert self.site.postgres
        with self.site.redis.stopped():
            await self._at(whole * 2 // 5)
        logger.info("PostgreSQL is stopped")
        self.site.postgres.stop()
        await asyncio.sleep(away)
        await asyncio.to_thread(self.site.postgres.start)
        await self._at(whole * 3 // 5)
        before = len(self.service.pushes)
        self._expect_once(self.service.pushes, "before the kill")
        for server in self.site.servers:
            server.kill()
        logger.info("the server is killed")
        if not lease:
            # Expire the leases now: otherwise this takes half a minute.
            self.site.ask("UPDATE chat_notificationwork SET expires_at = now() RETURNING 1")
        for number in range(self.site.processes):
            await self.site.start_again(number)
        await self._until_all(whole)
        return self._judge(seqs, before)

    async def _at(self, count: int) -> None:
        await asyncio.to_thread(self.service.wait_for, count, seconds=ARRIVE_SECONDS)

    async def _until_all(self, whole: int) -> None:
        """Wait until the queue is empty: then duplicates have arrived, too."""
        async with asyncio.timeout(ARRIVE_SECONDS):
            while len(self._got()) < whole or self.site.ask("SELECT 1 FROM chat_pushdelivery LIMIT 1"):
                await asyncio.sleep(0.2)

    def _got(self) -> Counter[tuple[str, int]]:
        return Counter((push.device, push.facts["seq"]) for push in list(self.service.pushes))

    def _judge(self, seqs: list[int], before: int) -> Verdict:
        verdict, got = self.verdict, self._got()
        verdict.messages, verdict.deliveries = len(seqs), got.total()
        for device in self.devices:
            for seq in seqs:
                if not got[device, seq]:
                    verdict.lose(f"{device} was not notified of {seq}")
        again = sum(count - 1 for count in got.values())
        verdict.figures["pushes before the kill"] = str(before)
        verdict.figures["sent again after the kill"] = str(again)
        # The same room, tag and number: a device that was sent it twice shows it once.
        verdict.expect(again <= STEP, f"{again} pushes were sent again, more than what is recorded together")
        read = [device for device, _ in got if device.startswith(READER)]
        verdict.expect(not read, f"{len(read)} pushes of what was read before")
        tags = {(push.device, push.facts["seq"], push.facts["tag"]) for push in self.service.pushes}
        verdict.doubled = len(tags) - len(got)
        return verdict

    def _expect_once(self, pushes: Iterable[Any], when: str) -> None:
        doubled = sum(count - 1 for count in Counter((one.device, one.facts["seq"]) for one in pushes).values())
        self.verdict.expect(not doubled, f"{doubled} pushes were sent twice {when}")

    async def _register(self, device: str) -> None:
        facts = self.service.browser(device).subscription
        body = {"endpoint": facts["endpoint"], "keys": facts["keys"], "name": device}
        await asyncio.to_thread(self._ask, "POST", "push/subscriptions", device.partition("-")[0], body)

    def _post(self) -> list[int]:
        for name in (READER, *AWAY):
            self._ask("PATCH", f"rooms/{ROOM}/me", name, {"notify": "all"})
        seqs = [
            int(self._ask("POST", f"rooms/{ROOM}/messages", AUTHOR, {"message": f"{number}"})["seq"])
            for number in range(self.messages)
        ]
        self._ask("POST", f"rooms/{ROOM}/read", READER, {"seq": seqs[-1]})
        return seqs

    def _ask(self, method: str, path: str, name: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.site.tokens[name]}", "Content-Type": "application/json"}
        address = f"{self.site.url(0)}/api/v1/{path}"
        request = urllib.request.Request(address, json.dumps(body).encode(), headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            return dict(json.loads(answer.read() or b"{}"))
