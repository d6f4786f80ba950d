"""The links between the machines of a deployment: cut, slow and lossy, one after the other."""

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from chatclient import ChatClient
from support import compose
from support.hosts import Host
from support.processes import Child, answers, free_port, scratch
from support.servers import PYTHON
from support.topology import ENV, Nginx
from tools.faults.machines import OUTSIDE, Machines, cannot
from tools.faults.site import ROOM, Site
from tools.faults.traffic import TIMING, Traffic, logger
from tools.faults.verdict import Verdict

HOSTS = ("server-1", "server-2", "postgres", "redis", "s3", "proxy")
LINKS = [
    ("server-1", "postgres"),
    ("server-2", "postgres"),
    ("server-1", "redis"),
    ("server-2", "redis"),
    ("server-1", "s3"),
    ("server-2", "s3"),
    ("proxy", "server-1"),
    ("proxy", "server-2"),
    (OUTSIDE, "proxy"),
]
# On a slow link a packet and its answer take this long; on a lossy link this share of packets is lost.
SLOW_SECONDS, LOSSY_SHARE = 0.2, 0.05
# From the repair of a link until every client has everything. The kernels double the wait before each further attempt
# to send, so after an outage the next one may be as far away as the outage was long, and more.
WHOLE_SECONDS = 45.0
# Over a slow or lossy link. A post takes several round trips to PostgreSQL, with the room locked meanwhile.
LATE_SECONDS = 10.0
FILE_BYTES = 100_000
FILE_SECONDS = 1.0
WAYS: dict[str, Callable[[Machines, str, str], None]] = {
    "cut": lambda machines, one, other: machines.cut(one, other),
    "slow": lambda machines, one, other: machines.slow(one, other, SLOW_SECONDS),
    "lossy": lambda machines, one, other: machines.lose(one, other, LOSSY_SHARE),
}


async def links_fail(*, seconds: float, links: Sequence[tuple[str, str]], ways: Sequence[str]) -> Verdict:
    """Seven machines: each link between them is cut, then slow (200 ms), then loses 5 % of its packets.

    Raises:
        RuntimeError: this machine has no network namespaces for us.
    """
    if reason := cannot():
        raise RuntimeError(reason)
    with Machines(HOSTS) as machines:
        bucket = _bucket(machines.hosts["s3"])
        site = Site.on_machines(machines.hosts, FILES_URL=bucket, CHAT_API_LIMIT="0")
        async with site, _proxy(site, machines.hosts["proxy"]) as url:
            async with Traffic(site, url=lambda _: url) as traffic, Files(site, url) as files:
                await traffic.until_said(20)
                figures = {}
                for one, other in links:
                    for way in ways:
                        figures[f"{one} to {other}, {way}"] = await _fail(machines, traffic, (one, other), way, seconds)
                await files.finish()
                verdict = await traffic.settle()
            await files.judge(verdict)
    verdict.repetitions = len(links) * len(ways)
    verdict.figures |= {name: failure.line for name, failure in figures.items()}
    for name, failure in figures.items():
        verdict.in_time(failure.whole <= WHOLE_SECONDS, f"{name}: whole only {failure.whole:.1f} s after")
        if failure.way != "cut":
            verdict.in_time(failure.delay <= LATE_SECONDS, f"{name}: a delivery took {failure.delay:.1f} s (p99)")
            verdict.expect(not failure.closes, f"{name}: {failure.closes} sockets closed")
    return verdict


@dataclass(frozen=True, slots=True)
class Failure:
    """What users saw of one failed link: the delay of deliveries (p99, in seconds), sockets that closed, and the
    seconds until everyone had everything."""

    way: str
    delay: float
    closes: int
    whole: float

    @property
    def line(self) -> str:
        return f"{self.delay:.2f} s, {self.closes} closed, whole after {self.whole:.1f} s"


async def _fail(machines: Machines, traffic: Traffic, ends: tuple[str, str], way: str, seconds: float) -> Failure:
    began, closes = time.monotonic(), len(traffic.closes)
    WAYS[way](machines, *ends)
    await asyncio.sleep(seconds)
    machines.heal(*ends)
    healed = time.monotonic()
    await traffic.until_complete()
    whole = time.monotonic()
    failure = Failure(way, traffic.delay_p99(began, healed), len(traffic.closes) - closes, whole - healed)
    logger.info("%s to %s, %s: %s", *ends, way, failure.line)
    return failure


@dataclass
class Files:
    """A person who sends a file each second, with a message: `async with Files(site, url) as files`."""

    site: Site
    url: str
    sent: list[Path] = field(default_factory=list)

    async def __aenter__(self) -> "Files":
        self._folder = scratch("files")
        self._enough = asyncio.Event()
        self._sending = asyncio.create_task(self._send())
        return self

    async def __aexit__(self, *_: object) -> None:
        self._sending.cancel()

    async def finish(self) -> None:
        """Wait for the files that are on their way."""
        self._enough.set()
        await self._sending

    async def judge(self, verdict: Verdict) -> None:
        """Check that each file is there once, byte for byte."""
        headers = {"Authorization": f"Bearer {self.site.tokens['hugo']}"}
        rows = self.site.ask(
            "SELECT message.text, file.key "
            "FROM chat_file file JOIN chat_message message ON message.id = file.message_id"
        )
        verdict.figures["files"] = str(len(self.sent))
        verdict.expect(self.sent, "no file was sent: nothing was proven")
        verdict.doubled += len(rows) - len(dict(rows))
        async with httpx.AsyncClient(base_url=self.site.url(0), headers=headers, timeout=60) as http:
            for path in self.sent:
                answer = await http.get(f"/files/{dict(rows).get(path.name, 'none')}/{path.name}")
                if answer.status_code != httpx.codes.OK or _sum(answer.content) != _sum(path.read_bytes()):
                    verdict.lose(f"{path.name} was answered with {answer.status_code}")

    async def _send(self) -> None:
        async with ChatClient(self.url, room=ROOM, token=self.site.tokens["hugo"], timing=TIMING) as client:
            while not self._enough.is_set():
                path = self._folder / f"{len(self.sent)}.bin"
                path.write_bytes(os.urandom(FILE_BYTES))
                await client.send(path.name, files=[path])
                self.sent.append(path)
                await asyncio.sleep(FILE_SECONDS)


@asynccontextmanager
async def _proxy(site: Site, host: Host) -> AsyncGenerator[str]:
    """The shipped nginx in front of the servers; yields its address."""
    servers = " ".join(f"server {site.url(number).removeprefix('http://')} max_fails=0;" for number in range(2))
    folders = {"NGINX_STATIC": str(site.data_dir / "static"), "NGINX_FILES": str(site.data_dir / "files")}
    values = compose.service("nginx", ENV)["environment"] | folders | {"NGINX_SERVERS": servers}
    proxy = await asyncio.to_thread(Nginx, values, host=host)
    try:
        yield proxy.url
    finally:
        proxy.stop()


def _bucket(host: Host) -> str:
    """An S3 server on this host; returns the FILES_URL of a bucket there."""
    import boto3  # type: ignore[import-untyped]

    port = free_port()
    command = [PYTHON, "-m", "moto.server", "-H", host.address, "-p", str(port)]
    Child(host.command(command), log=scratch("s3") / "log").wait_until(lambda: answers(port, host.address))
    keys = {"aws_access_key_id": "key", "aws_secret_access_key": "secret", "region_name": "us-east-1"}
    boto3.client("s3", endpoint_url=f"http://{host.address}:{port}", **keys).create_bucket(Bucket="chat")
    return f"s3://key:secret@{host.address}:{port}/chat/files?tls=0&region=us-east-1"


def _sum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()
