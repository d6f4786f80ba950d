"""Uploads in progress while their server is killed, and while the network of their senders breaks."""

import asyncio
import hashlib
import os
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from chatclient import ChatClient
from support.processes import free_port, scratch
from tools.faults.site import PEOPLE, ROOM, Site
from tools.faults.traffic import TIMING, logger
from tools.faults.verdict import Verdict

SENDERS = 4
# For all uploads, through every fault.
SECONDS = 900.0
_FILES = """
SELECT message.text, file.key, file.state FROM chat_file file
LEFT JOIN chat_message message ON message.id = file.message_id
"""


async def uploads_cut(*, files: int, kilobytes: int, kills: int) -> Verdict:
    """The server is killed (-9), and all connections are cut, in the middle of uploads that go with messages."""
    async with Site.on_sqlite(CHAT_API_LIMIT="0") as site, Network(site.ports[0]) as network:
        folder, arrived = scratch("uploads"), Counter[str]()
        paths = [written(folder / f"{number}.bin", kilobytes) for number in range(files)]
        # A client whose first connection is cut gives up, as it is not known yet whether the address is right.
        connected = asyncio.Barrier(SENDERS + 1)
        tasks = senders = [
            asyncio.create_task(send(network.url, site, sender, paths[sender::SENDERS], arrived, connected))
            for sender in range(SENDERS)
        ]
        try:
            async with asyncio.timeout(SECONDS):
                await connected.wait()
                tasks = [asyncio.create_task(network.cut_often()), *senders]
                for kill in range(kills):
                    await until_more(arrived, files // (kills + 1), senders)
                    site.servers[0].kill()
                    await site.start_again(0)
                    logger.info("killed %d of %d times, %d files have arrived", kill + 1, kills, arrived["sent"])
                await asyncio.gather(*senders)
        finally:
            for task in tasks:
                task.cancel()
        verdict = await compared(site, paths)
        verdict.repetitions = kills
        verdict.figures |= {"connections cut": str(network.cut), "kills": str(kills)}
        verdict.expect(network.cut, "no connection was cut: nothing was proven")
    return verdict


async def send(
    url: str, site: Site, number: int, paths: Sequence[Path], arrived: Counter[str], connected: asyncio.Barrier
) -> None:
    name = PEOPLE[number]
    async with ChatClient(url, room=ROOM, token=site.tokens[name], timing=TIMING) as client:
        await connected.wait()
        for path in paths:
            await client.send(path.name, files=[path], progress=lambda _done, _all: arrived.update(["parts"]))
            arrived["sent"] += 1


async def until_more(arrived: Counter[str], more: int, senders: Sequence[asyncio.Task[None]]) -> None:
    goal = arrived["sent"] + more
    while arrived["sent"] < goal and not all(sender.done() for sender in senders):
        await asyncio.sleep(0.01)


async def compared(site: Site, paths: Sequence[Path]) -> Verdict:
    """Compare every file in the room, byte for byte, with the sent one."""
    verdict = Verdict(messages=len(paths))
    texts = Counter(row.text for row in site.rows())
    verdict.doubled += sum(count - 1 for count in texts.values())
    held = {text: key for text, key, state in site.ask(_FILES) if state == "ready" and text}
    headers = {"Authorization": f"Bearer {site.tokens[PEOPLE[-1]]}"}
    async with httpx.AsyncClient(base_url=site.url(0), headers=headers, timeout=60) as http:
        for path in paths:
            answer = await http.get(f"/files/{held.get(path.name, 'none')}/{path.name}")
            verdict.deliveries += 1
            if answer.status_code != httpx.codes.OK or checksum(answer.content) != checksum(path.read_bytes()):
                verdict.lose(f"{path.name} was answered with {answer.status_code} and {len(answer.content)} bytes")
    return verdict


def written(path: Path, kilobytes: int) -> Path:
    path.write_bytes(os.urandom(random.randint(1, 2 * kilobytes) * 1024))
    return path


def checksum(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


class Network:
    """`async with Network(port) as network`: `url` leads to the port, until its connections are cut."""

    def __init__(self, port: int) -> None:
        self._to = port
        self._port = free_port()
        self._lines: set[asyncio.StreamWriter] = set()
        self._away = False
        self.url = f"http://127.0.0.1:{self._port}"
        self.cut = 0

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._connected, "127.0.0.1", self._port)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.close()
        self._cut_all()

    async def cut_often(self) -> None:
        """Cut all connections again and again, and refuse new ones for a moment."""
        while True:
            await asyncio.sleep(random.uniform(0.1, 1.5))
            self._away = True
            self._cut_all()
            await asyncio.sleep(random.uniform(0, 0.3))
            self._away = False

    def _cut_all(self) -> None:
        for line in self._lines:
            line.transport.abort()
            self.cut += 1
        self._lines.clear()

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            if self._away:
                raise ConnectionRefusedError
            to_reader, to_writer = await asyncio.open_connection("127.0.0.1", self._to)
        except OSError:
            writer.transport.abort()
            return
        self._lines |= {writer, to_writer}
        await asyncio.gather(_pass(reader, to_writer), _pass(to_reader, writer))
        self._lines -= {writer, to_writer}


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while data := await reader.read(64 * 1024):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass
    finally:
        writer.close()
