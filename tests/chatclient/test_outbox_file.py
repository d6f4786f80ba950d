"""The outbox on disk: through kills, torn lines, full disks and older formats."""

import contextlib
import fcntl
import os
import resource
import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chatclient import OutboxFileError, SendFailed
from chatclient.outbox_file import OutboxFile
from tests.chatclient.clients import client_of, first_of, refuse
from tests.chatclient.fakes import FakeChat


async def test_what_a_closed_client_left_in_its_file_is_sent_by_the_next(tmp_path: Path) -> None:
    file = tmp_path / "outbox"
    async with FakeChat() as server:
        async with client_of(server, outbox_file=file) as alice:
            await alice.send("before")
            await server.stop()
            for number in range(3):
                alice.submit(f"message {number}")
        await server.start()
        async with client_of(server, outbox_file=file) as alice:
            assert alice.pending == 3
            await alice.send("after")
            await alice.drain()

    assert server.texts == ["before", "message 0", "message 1", "message 2", "after"]
    assert b"message" not in file.read_bytes()
    assert file.stat().st_mode & 0o077 == 0


async def test_a_refusal_of_what_was_left_comes_as_an_event(tmp_path: Path) -> None:
    file = tmp_path / "outbox"
    left_behind(file, "left")
    async with FakeChat() as server:
        server.on_command = refuse(1, "banned")
        async with client_of(server, outbox_file=file) as alice:
            failed = await first_of(alice, SendFailed)
            assert alice.pending == 0

    assert failed.error.code == "banned"


WRITER = """
import sys
from chatclient.outbox_file import OutboxFile
file = OutboxFile(sys.argv[1])
number = len(file.open())
while True:
    file.add({"type": "chat_message", "room": "lobby", "message": "x", "client_id": f"id {number}"})
    print(number, flush=True)
    number += 1
"""


def test_a_killed_process_leaves_every_message_it_took_on(tmp_path: Path) -> None:
    file = tmp_path / "outbox"
    process = subprocess.Popen([sys.executable, "-c", WRITER, str(file)], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    taken = [int(process.stdout.readline()) for _ in range(50)]
    os.kill(process.pid, signal.SIGKILL)
    taken += [int(line) for line in process.stdout.read().split()]
    process.stdout.close()
    process.wait()

    assert [command["client_id"] for command in taken_up(file)][: len(taken)] == [f"id {number}" for number in taken]


def command(text: str) -> dict[str, Any]:
    return {"type": "chat_message", "room": "lobby", "message": text, "client_id": f"id of {text}"}


def left_behind(path: Path, *texts: str) -> None:
    file = OutboxFile(path)
    file.open()
    for text in texts:
        file.add(command(text))
    file.close()


def taken_up(path: Path) -> list[dict[str, Any]]:
    file = OutboxFile(path)
    commands = file.open()
    file.close()
    return commands


@pytest.mark.parametrize("cut", [1, 500, 4000])
def test_a_message_that_a_power_cut_tore_is_passed_over(tmp_path: Path, cut: int) -> None:
    file = OutboxFile(tmp_path / "running")
    file.open()
    file.add(command("whole"))
    file.add(command("torn"))
    for name in ("running", "running-wal"):
        shutil.copy(tmp_path / name, tmp_path / name.replace("running", "outbox"))
    file.close()
    log = tmp_path / "outbox-wal"
    os.truncate(log, log.stat().st_size - cut)

    assert taken_up(tmp_path / "outbox") == [command("whole")]
    left_behind(tmp_path / "outbox", "next")
    assert taken_up(tmp_path / "outbox") == [command("whole"), command("next")]


def test_an_outbox_file_serves_one_client_at_a_time(tmp_path: Path) -> None:
    first = OutboxFile(tmp_path / "outbox")
    first.open()
    first.add(command("mine"))
    with pytest.raises(OutboxFileError, match="in use by another process"):
        OutboxFile(tmp_path / "outbox").open()
    other = subprocess.run([sys.executable, "-c", WRITER, tmp_path / "outbox"], capture_output=True, text=True)
    first.close()

    assert other.stderr.splitlines()[-1].endswith(
        f"The outbox file {tmp_path / 'outbox'} is in use by another process."
    )
    assert taken_up(tmp_path / "outbox") == [command("mine")]


@pytest.mark.parametrize(
    "content",
    ["dear diary\n", "dear diary", "5\n", '["send"]\n', '{"send": 5}\n', '{"other": "file"}\n', "\x00\n"],
)
def test_a_file_that_is_something_else_is_left_alone(tmp_path: Path, content: str) -> None:
    file = tmp_path / "diary"
    file.write_text(content)
    with pytest.raises(OutboxFileError, match="not an outbox file"):
        OutboxFile(file).open()

    assert file.read_text() == content
    assert [path.name for path in tmp_path.iterdir()] == ["diary"]


def test_a_database_of_another_program_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "contacts"
    with contextlib.closing(sqlite3.connect(file)) as contacts:
        contacts.execute("CREATE TABLE outbox (id INTEGER PRIMARY KEY, command TEXT)")
    content = file.read_bytes()
    with pytest.raises(OutboxFileError, match="not an outbox file"):
        OutboxFile(file).open()

    assert file.read_bytes() == content


def overwrite_the_table(file: Path) -> None:
    with file.open("r+b") as written:
        written.seek(-4096, os.SEEK_END)
        written.write(b"\xff" * 4096)


def spoil_a_command(file: Path) -> None:
    with contextlib.closing(sqlite3.connect(file, isolation_level=None)) as database:
        database.execute("UPDATE outbox SET command = '{'")


@pytest.mark.parametrize("damage", [overwrite_the_table, spoil_a_command])
def test_a_damaged_file_is_said_and_left_alone(tmp_path: Path, damage: Callable[[Path], None]) -> None:
    file = tmp_path / "outbox"
    left_behind(file, "kept")
    damage(file)
    content = file.read_bytes()
    with pytest.raises(OutboxFileError, match="is damaged") as refused:
        OutboxFile(file).open()

    assert "\n" not in str(refused.value)
    assert file.read_bytes() == content


@pytest.mark.parametrize("place", ["", "missing/outbox"])
async def test_a_file_that_cannot_be_used_is_said_before_anything_is_sent(tmp_path: Path, place: str) -> None:
    async with FakeChat() as server:
        with pytest.raises(OutboxFileError):
            async with client_of(server, outbox_file=tmp_path / place):
                pass

        assert server.connects == 0


def test_settled_messages_leave_the_file_and_its_size_is_bounded(tmp_path: Path) -> None:
    file = OutboxFile(tmp_path / "outbox")
    file.open()
    file.add(command("stays"))
    for number in range(300):
        file.add({"client_id": f"id {number}", "message": "x" * 10_000})
        file.settle(f"id {number}")
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 2_000_000
    file.close()

    assert [path.name for path in tmp_path.iterdir()] == ["outbox"]
    assert (tmp_path / "outbox").stat().st_size < 20_000
    assert b"xxx" not in (tmp_path / "outbox").read_bytes()
    assert taken_up(tmp_path / "outbox") == [command("stays")]


def test_a_full_disk_refuses_the_message_and_spoils_nothing(tmp_path: Path) -> None:
    file = OutboxFile(tmp_path / "outbox")
    file.open()
    file.add(command("one"))
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, limits[1]))
    try:
        with pytest.raises(OutboxFileError, match="cannot be written"):
            file.add(command("two" * 100_000))
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    file.add(command("three"))
    file.close()

    assert taken_up(tmp_path / "outbox") == [command("one"), command("three")]


OLDER = (
    *('{"send":{"client_id":"1","message":"one"}}', '{"send":{"client_id":"2","message":"two"}}'),
    *('{"settled":"1"}', '{"send":{"client_id":"3","message":"drei äöü"}}', '{"send":{"client_id":"4"'),
)


def older_file(folder: Path) -> Path:
    """The file of a killed client with the older format: the last line was never accepted."""
    (folder / "outbox").write_text("\n".join(OLDER))
    (folder / "outbox.lock").touch()
    return folder / "outbox"


def test_a_file_of_the_older_form_is_taken_over_once(tmp_path: Path) -> None:
    file = older_file(tmp_path)
    (tmp_path / "outbox.new").write_text("of a take-over that was killed")
    left = [{"client_id": "2", "message": "two"}, {"client_id": "3", "message": "drei äöü"}]

    assert taken_up(file) == left
    assert [path.name for path in tmp_path.iterdir()] == ["outbox"]
    assert file.stat().st_mode & 0o077 == 0
    left_behind(file, "new")
    assert taken_up(file) == [*left, command("new")]


def test_an_older_file_whose_client_still_runs_is_refused(tmp_path: Path) -> None:
    file = older_file(tmp_path)
    with (tmp_path / "outbox.lock").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(OutboxFileError, match="in use by another process"):
            OutboxFile(file).open()

    assert file.read_text() == "\n".join(OLDER)


def test_a_take_over_that_fails_leaves_the_older_file(tmp_path: Path) -> None:
    file = older_file(tmp_path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, limits[1]))
    try:
        with pytest.raises(OutboxFileError, match="cannot be written"):
            OutboxFile(file).open()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)

    assert file.read_text() == "\n".join(OLDER)
    assert [command["client_id"] for command in taken_up(file)] == ["2", "3"]
