"""Files that a program sends: through a killed server, and refused with a sentence."""

import asyncio
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import httpx
import pytest

from chatclient import ChatClient, Timing, TooLarge, Unsupported
from chatclient.terminal import Style, Terminal
from support.servers import Server, start_server

SOON = Timing(first_delay=0.05, longest_delay=0.3, restart_spread=0.1)
MIB = 1024 * 1024


async def test_a_file_arrives_whole_and_once_though_the_server_is_killed_meanwhile(tmp_path: Path) -> None:
    film = tmp_path / "film.bin"
    film.write_bytes(os.urandom(9 * MIB))
    arrived: list[int] = []
    with start_server() as server:
        token = server.make_people("alice")["alice"]
        again: list[Server] = []

        def come_back() -> None:
            server.kill()
            again.append(start_server(data_dir=server.data_dir, env={"PORT": str(server.port)}))

        def progress(done: int, _all: int) -> None:
            if not arrived:
                restarts.append(asyncio.get_running_loop().run_in_executor(None, come_back))
            arrived.append(done)

        restarts: list[asyncio.Future[None]] = []
        try:
            async with ChatClient(server.url, room="lobby", token=token, timing=SOON) as alice:
                ack = await alice.send("", files=[film], progress=progress)
                page = await alice.history()
            await asyncio.gather(*restarts)
            [file] = [file for message in page.messages if message.seq == ack.seq for file in message.files]
            assert (file.name, file.size, arrived[-1]) == ("film.bin", 9 * MIB, 9 * MIB)
            headers = {"Authorization": f"Bearer {token}"}
            async with httpx.AsyncClient(base_url=server.url, headers=headers) as http:
                assert (await http.get(file.url)).content == film.read_bytes()
        finally:
            for one in again:
                one.kill()


async def test_a_refused_file_is_an_exception_with_the_servers_sentence(
    start_server: Callable[..., Server], tmp_path: Path
) -> None:
    with start_server(env={"CHAT_FILE_MAX": "100KB"}) as server:
        token = server.make_people("alice")["alice"]
        (tmp_path / "half.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))
        (tmp_path / "large.bin").write_bytes(bytes(200 * 1024))
        async with ChatClient(server.url, room="lobby", token=token, timing=SOON) as alice:
            with pytest.raises(TooLarge, match="is 200 KB"):
                await alice.send("look", files=[tmp_path / "large.bin"])
            with pytest.raises(Unsupported, match="damaged"):
                await alice.send("look", files=[tmp_path / "half.png"])
            with pytest.raises(FileNotFoundError):
                await alice.upload(tmp_path / "none")
            assert [message.text for message in (await alice.history()).messages if message.text == "look"] == []


async def test_a_line_typed_by_hand_sends_a_file(
    start_server: Callable[..., Server], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "tide table.csv").write_bytes(b"high,06:12\n")
    (tmp_path / "half.png").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(50))

    async def typed() -> AsyncIterator[str]:
        for name in ("tide table.csv", "none.csv", "half.png"):
            yield f"/file {tmp_path / name}"

    with start_server() as server:
        token = server.make_people("alice")["alice"]
        alice = ChatClient(server.url, room="lobby", token=token, timing=SOON)
        assert await Terminal(alice, style=Style(by_hand=True)).run(typed()) == 1
        async with ChatClient(server.url, room="lobby", token=token, timing=SOON) as reader:
            sent = [file.name for message in (await reader.history()).messages for file in message.files]
    assert sent == ["tide table.csv"]
    told = capsys.readouterr().err
    assert f"not sent: {tmp_path / 'none.csv'}: No such file or directory" in told
    assert "damaged" in told
