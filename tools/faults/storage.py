"""Files in an S3 that is away, or that accepts requests and answers none, in the middle of uploads."""

import asyncio
import time
from collections import Counter
from collections.abc import Generator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx

from chatclient import ChatClient
from support.processes import free_port, scratch
from tools.faults.site import PEOPLE, ROOM, Site
from tools.faults.traffic import TIMING, logger
from tools.faults.uploads import SENDERS, compared, send, until_more, written
from tools.faults.verdict import Verdict
from tools.faults.wire import Wire

SECONDS = 600.0
# While the storage is away, a download is refused within this time, and a message without files does not wait.
TOLD_SECONDS = 15.0
POSTED_SECONDS = 1.0
BUCKET = "chat"
_KEY, _SECRET, _REGION = "key", "secret", "us-east-1"
_SENT = "SELECT key FROM chat_file WHERE state = 'ready' AND message_id IS NOT NULL LIMIT 1"
_KEPT = "SELECT count(*) FROM chat_file"
_SWEEP = "from chat.services.files import sweep; sweep()"


async def storage_away(*, files: int, kilobytes: int, seconds: float, silent: bool) -> Verdict:
    """The S3 is gone for a while, and then answers nothing for a while, while files are sent, read and deleted."""
    with _bucket() as (port, objects):
        async with Wire(port) as wire:
            address = f"s3://{_KEY}:{_SECRET}@127.0.0.1:{wire.port}/{BUCKET}/files?tls=0&region={_REGION}"
            async with Site.on_sqlite(CHAT_API_LIMIT="0", FILES_URL=address) as site:
                run = _Run(site, wire, objects)
                async with asyncio.timeout(SECONDS):
                    return await run.through(files, kilobytes, seconds, silent=silent)


class _Run:
    """Senders with their files, and the checks while the storage is away."""

    def __init__(self, site: Site, wire: Wire, objects: Any) -> None:
        self.site = site
        self.wire = wire
        self.objects = objects
        self.told: list[float] = []
        self.posted: list[float] = []

    async def through(self, files: int, kilobytes: int, seconds: float, *, silent: bool) -> Verdict:
        folder, arrived = scratch("uploads"), Counter[str]()
        paths = [written(folder / f"{number}.bin", kilobytes) for number in range(files)]
        deleted = written(folder / "deleted.bin", kilobytes)
        async with ChatClient(
            self.site.url(0), room=ROOM, token=self.site.tokens[PEOPLE[0]], timing=TIMING
        ) as self.client:
            sent = await self.client.send(deleted.name, files=[deleted])
            connected = asyncio.Barrier(SENDERS + 1)
            tasks = [
                asyncio.create_task(
                    send(self.site.url(0), self.site, sender, paths[sender::SENDERS], arrived, connected)
                )
                for sender in range(SENDERS)
            ]
            try:
                await connected.wait()
                await until_more(arrived, max(files // 4, 1), tasks)
                logger.info("the storage is gone")
                await self.wire.unplug()
                await self.client.delete(sent.seq or 0)
                await self._look(seconds)
                await self.wire.plug()
                if silent:
                    await until_more(arrived, max(files // 4, 1), tasks)
                    logger.info("the storage answers nothing")
                    self.wire.vanish()
                    await self._look(seconds, reads=False)
                    self.wire.flow()
                await asyncio.gather(*tasks)
            finally:
                for task in tasks:
                    task.cancel()
        return await self._judge(paths)

    async def _look(self, seconds: float, *, reads: bool = True) -> None:
        """For these seconds, post messages and request a file. A silent S3 gets more time."""
        until = time.monotonic() + seconds
        key = self.site.ask(_SENT)[0][0]
        headers = {"Authorization": f"Bearer {self.site.tokens[PEOPLE[-1]]}"}
        async with httpx.AsyncClient(base_url=self.site.url(0), headers=headers, timeout=120) as http:
            while True:
                began = time.monotonic()
                await self.client.send(f"meanwhile {len(self.posted)}")
                self.posted.append(time.monotonic() - began)
                if reads:
                    began = time.monotonic()
                    answer = await http.get(f"/files/{key}/any")
                    if answer.status_code == httpx.codes.SERVICE_UNAVAILABLE:
                        self.told.append(time.monotonic() - began)
                if time.monotonic() >= until:
                    return
                await asyncio.sleep(0.2)

    async def _judge(self, paths: Sequence[Path]) -> Verdict:
        verdict = await compared(self.site, paths)
        verdict.expect(self.told, "no download was told that the storage is away")
        # Deletes what could not be deleted meanwhile; the server itself sweeps every 30 s.
        await asyncio.to_thread(self.site.manage, "shell", "-v0", "-c", _SWEEP)
        rows, objects = self.site.ask(_KEPT)[0][0], len(list(self.objects.all()))
        verdict.expect(
            (rows, objects) == (len(paths), len(paths)),
            f"{rows} rows and {objects} objects are left of {len(paths)} files of messages",
        )
        verdict.expect("Traceback" not in self.site.logs, "the log holds a traceback")
        verdict.figures |= {
            "refused within": f"{max(self.told, default=0.0):.1f} s",
            "a message without files meanwhile": f"{max(self.posted):.2f} s at most",
        }
        verdict.in_time(max(self.told, default=0.0) <= TOLD_SECONDS, "a download waited for the storage")
        verdict.in_time(max(self.posted) <= POSTED_SECONDS, "a message without files waited for the storage")
        return verdict


@contextmanager
def _bucket() -> Generator[tuple[int, Any]]:
    """The port of an S3 server, and the objects of its bucket."""
    # Imported here: it takes a second of a core, and each test process that reads the list of faults would pay it.
    import boto3  # type: ignore[import-untyped]
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=(port := free_port()))
    server.start()
    try:
        keys = {"aws_access_key_id": _KEY, "aws_secret_access_key": _SECRET, "region_name": _REGION}
        bucket = boto3.resource("s3", endpoint_url=f"http://127.0.0.1:{port}", **keys).create_bucket(Bucket=BUCKET)
        yield port, bucket.objects
    finally:
        server.stop()
