"""Every example of the manual runs against a server."""

import asyncio
import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import chatclient
from chatclient import ChatClient, History
from support.servers import ROOT, Server

MANUAL = (ROOT / "docs" / "python-client.md").read_text()
README = (Path(chatclient.__file__).parent / "README.md").read_text()


def examples(page: str) -> list[str]:
    return re.findall(r"```python\n(.*?)```", page, re.DOTALL)


@pytest.fixture(scope="module")
def server(start_server: Callable[..., Server]) -> Iterator[Server]:
    with start_server(env={"CHAT_SEND_LIMIT": "0"}) as running:
        yield running


@pytest.fixture(scope="module")
def tokens(server: Server) -> dict[str, str]:
    return server.make_people("alice", "bob")


def run(code: str, **names: object) -> dict[str, Any]:
    made: dict[str, Any] = dict(names)
    exec(compile(code, "manual", "exec"), made)
    return made


async def texts(client: ChatClient) -> list[str]:
    page = await client.history(limit=100)
    assert isinstance(page, History)
    return [message.text for message in page.messages]


async def until(reached: Callable[[], Any]) -> None:
    async with asyncio.timeout(30):
        while not await reached():
            await asyncio.sleep(0.05)


def test_each_example_is_tested_here() -> None:
    wanted = ["async def main", "async def answer_once", "def test_the_bot_answers", "async def send_many"]
    found = examples(MANUAL)
    assert len(found) == len(wanted)
    assert all(name in code for name, code in zip(wanted, found, strict=True))
    assert len(examples(README)) == 1


@pytest.mark.parametrize("code", [examples(MANUAL)[0], examples(README)[0]], ids=["manual", "readme"])
async def test_the_first_example_answers_once_whatever_happens_to_the_question(
    server: Server, tokens: dict[str, str], code: str
) -> None:
    code = code.replace("https://chat.example.org", server.url).replace('"…"', repr(tokens["alice"]))
    async with ChatClient(server.url, token=tokens["bob"], room="lobby") as bob:
        greetings = (await texts(bob)).count("Good morning")
        program = await asyncio.create_subprocess_exec(
            sys.executable, "-u", "-c", code, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        try:

            async def greeted() -> bool:
                return (await texts(bob)).count("Good morning") > greetings

            await until(greeted)
            asked = await bob.send("!time")
            assert asked.seq
            if "!time" in code:

                async def once() -> bool:
                    return "Time for tea" in await texts(bob)

                await until(once)
                # A change to the question does not ask it again.
                await bob.react(asked.seq, "👍")
                await bob.edit(asked.seq, "!time ")
                await bob.edit(asked.seq, "!time")
                await bob.send("!time")

                async def twice() -> bool:
                    return (await texts(bob)).count("Time for tea") >= 2

                await until(twice)
                assert (await texts(bob)).count("Time for tea") == 2
            else:
                assert program.stdout
                async with asyncio.timeout(30):
                    assert await program.stdout.readline() == b"bob !time\n"
        finally:
            program.terminate()
            _, errors = await program.communicate()
    assert b"Traceback" not in errors


async def test_a_bot_that_was_away_answers_what_was_asked_meanwhile(
    server: Server, tokens: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    answer_once = run(examples(MANUAL)[1])["answer_once"]

    async def answers(bob: ChatClient) -> int:
        return (await texts(bob)).count("Time for tea")

    async with ChatClient(server.url, token=tokens["bob"], room="lobby") as bob:
        before = await answers(bob)
        bot = asyncio.create_task(answer_once(server.url, tokens["alice"]))
        await asyncio.sleep(0)
        await until(lambda: _exists(tmp_path / "bot.json"))
        await bob.send("!time")

        async def one() -> bool:
            return await answers(bob) > before

        await until(one)
        bot.cancel()
        with suppress(asyncio.CancelledError):
            await bot
        kept = json.loads((tmp_path / "bot.json").read_text())
        assert kept["rooms"]["lobby"]
        await bob.send("!time")
        await bob.send("said while the bot is away")
        bot = asyncio.create_task(answer_once(server.url, tokens["alice"]))

        async def two() -> bool:
            return await answers(bob) == before + 2

        await until(two)
        bot.cancel()
        with suppress(asyncio.CancelledError):
            await bot
        assert await answers(bob) == before + 2


async def _exists(path: Path) -> bool:
    return path.exists()


def test_the_stand_in_of_the_tests_is_enough_for_a_bot() -> None:
    run(examples(MANUAL)[2])["test_the_bot_answers"]()


async def test_the_pool_sends_many(server: Server, tokens: dict[str, str]) -> None:
    await run(examples(MANUAL)[3])["send_many"]([server.url, server.url], tokens["alice"])
    async with ChatClient(server.url, token=tokens["bob"], room="lobby") as bob:
        assert {f"message {number}" for number in range(100)} <= set(await texts(bob))
