"""Uploads and downloads of large files: their cost in memory of the process, and their effect on a bystander."""

import base64
import os
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from support.processes import scratch
from support.wire import UVICORN
from tools.faults.floods.harness import Bystander
from tools.faults.peers import Growth
from tools.faults.site import Site
from tools.faults.traffic import logger
from tools.faults.uploads import checksum
from tools.faults.verdict import Verdict

SERVERS = ("serve", "uvicorn")
# What one file may cost: MiB of the process, and how long any ping of another socket waits.
GROWTH_MIB = 20.0
PING_SECONDS = 0.1
PART_BYTES = 4 * 1024 * 1024
_TUS = {"Tus-Resumable": "1.0.0"}


async def large_files(*, up: int, down: int, servers: Sequence[str] = SERVERS) -> Verdict:
    """Files arrive as a form, as they are and in parts, and one is read, while somebody pings. `up`, `down`: MB."""
    verdict = Verdict(repetitions=len(servers))
    for server in servers:
        site = Site.on_sqlite(CHAT_API_LIMIT="0", CHAT_FILE_MAX=str(2 * max(up, down) * 1024 * 1024))
        if server == "uvicorn":
            site.command = UVICORN
        async with site, httpx.AsyncClient(base_url=site.url(0), headers=_ada(site), timeout=120) as http:
            files = _Files(site, http, verdict, server)
            # What the first file loads must not count for the second.
            await files.whole(_random(1))
            sent = _random(up)
            for name, way in (("a form", files.form), ("as it is", files.whole), ("in parts", files.parts)):
                async with files.watched(f"{name} of {up} MB"):
                    key = await way(sent)
                files.judge(await files.read(key), sent)
            large = _random(down)
            key = await files.parts(large)
            async with files.watched(f"read, {down} MB"):
                came = await files.read(key)
            files.judge(came, large)
    return verdict


def _ada(site: Site) -> dict[str, str]:
    return {"Authorization": f"Bearer {site.tokens['ada']}"}


def _random(megabytes: int) -> Path:
    path = scratch("large") / "film"
    path.write_bytes(os.urandom(megabytes * 1024 * 1024))
    return path


@dataclass
class _Files:
    """The ways of a file to one server and back."""

    site: Site
    http: httpx.AsyncClient
    verdict: Verdict
    server: str

    @asynccontextmanager
    async def watched(self, what: str) -> AsyncIterator[None]:
        """Judge the block by the memory of the process and by the pings of a bystander."""
        async with Bystander(self.site.url(0), self.site.tokens["bob"]) as bystander:
            async with Growth(self.site.servers[0]) as growth:
                yield
            longest = max(bystander.pings, default=0.0)
            gone = bystander.gone
        name, verdict = f"{self.server}, {what}", self.verdict
        verdict.figures[name] = f"{growth.most:+.1f} MiB, pings at most {1000 * longest:.0f} ms"
        logger.info("%s: %s", name, verdict.figures[name])
        verdict.expect(growth.most <= GROWTH_MIB, f"{name}: the process grew by {growth.most:.1f} MiB")
        verdict.expect(not gone, f"{name}: the bystander was closed")
        verdict.in_time(longest <= PING_SECONDS, f"{name}: a ping took {1000 * longest:.0f} ms")

    async def form(self, path: Path) -> str:
        with path.open("rb") as source:
            made = await self.http.post("/api/v1/files", files={"file": ("film", source)})
        return _key(made.raise_for_status())

    async def whole(self, path: Path) -> str:
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(path.stat().st_size)}
        made = await self.http.post("/api/v1/files?name=film", content=_pieces(path), headers=headers)
        return _key(made.raise_for_status())

    async def parts(self, path: Path) -> str:
        size = path.stat().st_size
        name = base64.b64encode(b"film").decode()
        begun = _TUS | {"Upload-Length": str(size), "Upload-Metadata": f"filename {name}"}
        upload = (await self.http.post("/api/v1/uploads/", headers=begun)).raise_for_status().headers["Location"]
        with path.open("rb") as source:
            while part := source.read(PART_BYTES):
                headers = {
                    "Content-Type": "application/offset+octet-stream",
                    "Upload-Offset": str(source.tell() - len(part)),
                }
                (await self.http.patch(upload, content=part, headers=_TUS | headers)).raise_for_status()
        return str(upload).rpartition("/")[2]

    async def read(self, key: str) -> Path:
        """The file that the server has under this id."""
        came = scratch("large") / "came"
        async with self.http.stream("GET", f"/files/{key}/film") as answer:
            with came.open("wb") as out:
                async for piece in answer.aiter_bytes(256 * 1024):
                    out.write(piece)
        return came

    def judge(self, came: Path, sent: Path) -> None:
        """Compare the received file with the sent one; not during pings, since it takes this loop half a second."""
        self.verdict.messages += 1
        self.verdict.deliveries += 1
        if checksum(came.read_bytes()) != checksum(sent.read_bytes()):
            self.verdict.lose(f"{self.server}: of {sent.stat().st_size} bytes others came back")


def _key(made: httpx.Response) -> str:
    return str(made.json()["id"])


async def _pieces(path: Path) -> AsyncIterator[bytes]:
    with path.open("rb") as source:
        while piece := source.read(256 * 1024):
            yield piece
