"""`python -m chatclient` as people and scripts run it: in a pipe, from a file, interrupted, without a server."""

import asyncio
import json
import os
import signal
import sys
import xml.etree.ElementTree as ET
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncIterator, Callable, Generator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import Any

import pytest
from websockets.asyncio.server import ServerConnection

from chatclient.cli import main
from chatclient.loadtest.latency_stats import Figures
from chatclient.outbox_file import OutboxFile
from support import forks
from support.processes import free_port
from support.servers import clean_environment
from tests.chatclient.fakes import FakeChat, bare_server, say

ROOT = Path(__file__).resolve().parents[2]


@dataclass
class Done:
    code: int | None
    out: str
    err: str


@asynccontextmanager
async def running(*arguments: str, stdin: int = PIPE, stdout: int = PIPE) -> AsyncIterator[Process]:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "chatclient", *arguments),
        stdin=stdin,
        stdout=stdout,
        stderr=PIPE,
        cwd=ROOT,
        env={**os.environ, "CHAT_TOKEN": "", "CHAT_PASSWORD": "", "LC_ALL": "C.UTF-8"},
        # A shell that runs the tests in the background makes them ignore Ctrl-C, and so would their children.
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def run(*arguments: str, text: str = "", stdin: int = PIPE) -> Done:
    """Run it to the end with this input."""
    return await asyncio.to_thread(_run, arguments, text, stdin)


def _run(arguments: tuple[str, ...], text: str, stdin: int) -> Done:
    """Run it forked, which saves most of its start; `running` starts it from scratch."""
    env = clean_environment(CHAT_TOKEN="", CHAT_PASSWORD="", LC_ALL="C.UTF-8")
    reading, writing = os.pipe()
    with TemporaryFile() as out, TemporaryFile() as err, Path(os.devnull).open("rb") as nothing:
        process = forks.start(
            [sys.executable, "-m", "chatclient", *arguments],
            env=env,
            stdin={PIPE: reading, DEVNULL: nothing.fileno()}.get(stdin, stdin),
            stdout=out.fileno(),
            stderr=err.fileno(),
        )
        os.close(reading)
        with suppress(BrokenPipeError), os.fdopen(writing, "wb", 0) as pipe:
            pipe.write(text.encode())
        try:
            code = process.wait(30)
        except BaseException:
            process.kill()
            raise
        out.seek(0)
        err.seek(0)
        return Done(code, out.read().decode(), err.read().decode())


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Generator[Callable[..., Done]]:
    """Run it in this process without input: output before any connection needs no separate process."""

    def run_here(*arguments: str) -> Done:
        try:
            code: object = main(arguments)
        except SystemExit as ended:
            code = ended.code
        out, err = capfd.readouterr()
        assert isinstance(code, int)
        return Done(code, out, err)

    for name in ("CHAT_TOKEN", "CHAT_PASSWORD"):
        monkeypatch.delenv(name, raising=False)
    with Path(os.devnull).open() as nothing:
        monkeypatch.setattr(sys, "stdin", nothing)
        yield run_here


async def first_line(process: Process) -> str:
    assert process.stdout is not None
    async with asyncio.timeout(30):
        return (await process.stdout.readline()).decode()


async def test_lines_of_a_pipe_are_sent_and_events_come_out_one_a_line() -> None:
    async with FakeChat() as server:
        done = await run(server.url, "--room", "lobby", text="one\n\n  two  \r\nthree, without an end")

    assert done.code == 0
    assert server.texts == ["one", "  two  ", "three, without an end"]
    assert [line.split(" ", 1)[1] for line in done.out.splitlines()] == [
        "#1 bob: one",
        "#2 bob:   two  ",
        "#3 bob: three, without an end",
    ]
    assert done.err == "connected\n"


async def test_a_file_is_read_like_a_pipe(tmp_path: Path) -> None:
    file = tmp_path / "lines"
    file.write_text("".join(f"line {number}\n" for number in range(150)))
    async with FakeChat() as server:
        with file.open() as lines:
            done = await run(server.url, "--room", "lobby", stdin=lines.fileno())

    assert done.code == 0
    assert server.texts == [f"line {number}" for number in range(150)]


async def test_events_as_json_for_other_programs() -> None:
    async with FakeChat() as server:
        await server.post("before")
        done = await run(f"{server.url}/ws/chat/lobby/", "--json", "--history", "5", text="hello\n")

    events = [json.loads(line) for line in done.out.splitlines()]
    assert [event["type"] for event in events] == ["authenticated", "joined_room", "connected", "message", "message"]
    assert [event.get("message") for event in events[3:]] == ["before", "hello"]
    assert done.code == 0


async def test_text_of_others_cannot_command_the_terminal() -> None:
    async with FakeChat() as server:
        await server.post("\x1b[2J\x07 red \x9b31m and \u202ebackwards\nsecond line 👩‍👧")
        done = await run(server.url, "--room", "lobby", "--history", "1", stdin=DEVNULL)

    assert done.out.endswith("#1 bob: �[2J� red �31m and �backwards ⏎ second line 👩‍👧\n")


async def test_the_end_of_input_waits_for_a_server_that_restarts() -> None:
    async with FakeChat() as server:

        async def restart(socket: ServerConnection, command: dict[str, Any]) -> bool:
            if server.connects == 1:
                socket.transport.abort()
            return server.connects == 1

        server.on_command = restart
        done = await run(server.url, "--room", "lobby", text="hello\n")

    assert done.code == 0
    assert server.texts == ["hello"]
    assert "no connection: " in done.err
    assert "connected again" in done.err


async def test_a_refused_message_is_printed_and_the_others_go_on() -> None:
    async with FakeChat() as server:

        async def refuse_the_first(socket: ServerConnection, command: dict[str, Any]) -> bool:
            if len(server.commands) == 1:
                error = {"type": "error", "code": "muted", "message": "You may write again at noon."}
                await say(socket, {**error, "client_id": command["client_id"]})
                return True
            return False

        server.on_command = refuse_the_first
        done = await run(server.url, "--room", "lobby", text="one\ntwo\n")

    assert done.code == 1
    assert server.texts == ["two"]
    assert "not sent: You may write again at noon.\n" in done.err


async def test_what_an_earlier_run_left_is_sent_and_its_refusal_printed(tmp_path: Path) -> None:
    file = tmp_path / "outbox"
    outbox = OutboxFile(file)
    outbox.open()
    for text in ("bad word", "good word"):
        outbox.add({"type": "chat_message", "room": "lobby", "message": text, "client_id": text})
    outbox.close()
    async with FakeChat() as server:

        async def refuse_bad_words(socket: ServerConnection, command: dict[str, Any]) -> bool:
            if command["message"] != "bad word":
                return False
            await say(socket, {"type": "error", "code": "invalid", "message": "No.", "client_id": "bad word"})
            return True

        server.on_command = refuse_bad_words
        done = await run(server.url, "--room", "lobby", "--outbox", str(file), text="new\n")

    assert done.code == 1
    assert "not sent: No." in done.err
    assert server.texts == ["good word", "new"]


async def test_a_server_that_closes_before_the_input_ends_is_an_error() -> None:
    async with FakeChat() as server, running(server.url, "--room", "lobby", "--json") as process:
        await first_line(process)
        await server.close_all(1000)
        _, err = await asyncio.wait_for(process.communicate(), 30)

    assert process.returncode == 1
    assert err.decode() == "chatclient: The server closed the connection.\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_an_interruption_ends_it_quietly(number: int) -> None:
    async with FakeChat() as server, running(server.url, "--room", "lobby", "--json") as process:
        await first_line(process)
        process.send_signal(number)
        out, err = await asyncio.wait_for(process.communicate(), 30)

    assert process.returncode == 130
    assert b"Traceback" not in out + err


async def test_an_interruption_while_nothing_answers_ends_it_quietly() -> None:
    reached = asyncio.Event()

    async def stall(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        reached.set()
        await reader.read()

    async with bare_server(stall) as url, running(url, "--room", "lobby") as process:
        await asyncio.wait_for(reached.wait(), 30)
        process.send_signal(signal.SIGINT)
        out, err = await asyncio.wait_for(process.communicate(), 30)

    assert process.returncode == 130
    assert b"Traceback" not in out + err


async def test_a_reader_that_goes_away_ends_it_without_a_word() -> None:
    read_end, write_end = os.pipe()
    async with FakeChat() as server:
        await server.post("hello")
        os.close(read_end)
        async with running(server.url, "--room", "lobby", "--history", "1", stdout=write_end) as process:
            os.close(write_end)
            _, err = await asyncio.wait_for(process.communicate(), 30)

    assert b"Traceback" not in err
    assert b"BrokenPipe" not in err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ["http://127.0.0.1:{port}", "--room", "lobby"],
            "No server is listening at 127.0.0.1:{port}: connection refused.",
        ),
        (["load", "http://127.0.0.1:{port}", "--room", "lobby"], "No server is listening at 127.0.0.1:{port}"),
        (["nonsense", "--room", "lobby"], "Use an address like http://host:port"),
        (["http://127.0.0.1:{port}"], "Say which room: --room NAME."),
        (["http://127.0.0.1:{port}", "--room", "no room"], "A room is named by 1 to 64 letters"),
        (["load", "http://127.0.0.1:{port}", "--room", "a", "--tokens-file", "/nowhere"], "/nowhere: No such file"),
        (["load", "http://127.0.0.1:{port}", "--chart", "/nowhere/c.svg"], "/nowhere: there is no such folder"),
    ],
)
def test_what_is_wrong_fits_a_line(arguments: list[str], said: str, here: Callable[..., Done]) -> None:
    port = str(free_port())
    done = here(*(argument.replace("{port}", port) for argument in arguments))

    assert done.code == 1
    assert said.replace("{port}", port) in done.err + done.out
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        ("--clients", "many", "must be a whole number, 1 or more"),
        ("--clients", "0", "must be a whole number, 1 or more"),
        ("--messages", "1.5", "must be a whole number, 1 or more"),
        ("--interval", "soon", "must be a number of seconds"),
        ("--patience", "-1", "must be a number of seconds"),
    ],
)
def test_a_value_that_is_no_number_is_answered_with_what_it_should_be(
    option: str, value: str, said: str, here: Callable[..., Done]
) -> None:
    done = here("load", "http://127.0.0.1:1", f"{option}={value}")

    assert done.code == 2
    assert done.err.splitlines()[-1] == f"python -m chatclient load: error: argument {option}: {said}"


@pytest.mark.parametrize("arguments", [["--help"], ["load", "--help"]])
def test_help_says_what_there_is(arguments: list[str], here: Callable[..., Done]) -> None:
    done = here(*arguments)

    assert done.code == 0
    assert done.out.startswith("usage: python -m chatclient")
    assert "exit codes" in done.out


async def test_a_load_test_counts_and_draws(tmp_path: Path) -> None:
    chart = tmp_path / "chart.svg"
    async with FakeChat() as server:
        # As in the README: no room is given, because every server has a lobby.
        arguments = [server.url, "--clients", "5", "--messages", "4"]
        done = await run("load", *arguments, "--json", "--chart", str(chart))

    result = json.loads(done.out)
    assert done.code == 0
    assert len(server.messages) == 20
    assert {name: result[name] for name in ("connected", "acknowledged", "received", "lost", "duplicates")} == {
        "connected": 5,
        "acknowledged": 20,
        "received": 100,
        "lost": 0,
        "duplicates": 0,
    }
    for name, count in (("connect", 5), ("acknowledge", 20), ("deliver", 100)):
        figures = result["milliseconds"][name]
        assert figures["count"] == count
        assert 0 < figures["min"] <= figures["median"] <= figures["p95"] <= figures["p99"] <= figures["max"]
    assert "acknowledged 20/20" in done.err
    picture = ET.parse(chart).getroot()
    assert len(picture.findall(".//{*}path[@class='curve']")) == 3


async def test_a_load_test_sees_losses_doubles_and_disorder() -> None:
    async with FakeChat() as server:

        async def misbehave(socket: ServerConnection, command: dict[str, Any]) -> bool:
            number = command["client_id"].rsplit("-", 1)[1]
            sockets, message = list(server.sockets), dict(server._write(len(server.messages) + 1, "", client_id=""))
            server.messages.append(message | command)
            message = server.messages[-1] | {"type": "message"}
            for other in sockets:
                if number == "0" and other is not socket:
                    continue  # lost for the other sockets
                for _ in range(2 if number == "1" else 1):
                    await say(other, message | ({"seq": 1} if number == "2" else {}))
            await say(socket, {"type": "ack", "client_id": command["client_id"]})
            return True

        server.on_command = misbehave
        arguments = [server.url, "--room", "lobby", "--clients", "2", "--messages", "4", "--patience", "0.2"]
        done = await run("load", *arguments)

    assert done.code == 1
    assert "lost 2, twice 4, out of order 4" in done.out


async def test_a_load_test_waits_where_a_limit_says_so_and_names_what_failed() -> None:
    async with FakeChat() as server:

        async def limit(socket: ServerConnection, command: dict[str, Any]) -> bool:
            if len(server.commands) == 1:
                error = {"type": "error", "code": "rate_limited", "message": "Wait.", "retry_after": 0.01}
                await say(socket, {**error, "client_id": command["client_id"]})
                return True
            return False

        async def one_at_most(socket: ServerConnection) -> bool:
            if server.sockets:
                await socket.close(4009)
            return bool(server.sockets)

        server.on_command, server.on_connect = limit, one_at_most
        done = await run("load", server.url, "--room", "lobby", "--clients", "2", "--messages", "2")

    assert done.code == 1
    assert "made to wait by limits 1" in done.out
    assert "1 x connect: You have too many connections open: close others first." in done.out


def test_figures_are_those_of_the_book() -> None:
    assert Figures.of([]) is None
    assert Figures.of([number / 1000 for number in range(1, 101)]) == Figures(100, 1, 50.5, 50, 95, 99, 100)
    assert Figures.of([0.007]) == Figures(1, 7, 7, 7, 7, 7, 7)
