"""Backups: made while servers run, verified in a scratch database, restored completely."""

import json
import os
import pty
import shutil
import threading
import urllib.error
import urllib.request
import zipfile
from contextlib import suppress
from pathlib import Path
from subprocess import CompletedProcess

import pytest

from support import forks
from support.postgres import Postgres
from support.servers import PYTHON, clean_environment, make_tables, migrated_sqlite, start_server

SAMPLES = Path(__file__).parents[1] / "importing" / "samples"


class Operator:
    """Runs commands against one database."""

    def __init__(self, folder: Path, **settings: str) -> None:
        self.env = clean_environment(DATA_DIR=str(folder), **settings)

    def run(self, *args: object) -> CompletedProcess[str]:
        return forks.run([PYTHON, "manage.py", *map(str, args)], env=self.env, timeout=100)

    def done(self, *args: object) -> str:
        """The output of a command that succeeds."""
        found = self.run(*args)
        assert (found.returncode, found.stderr) == (0, "")
        return found.stdout

    def messages(self, path: Path) -> list[str]:
        """The text of every message."""
        self.done("export", "--all", "--to", path)
        with zipfile.ZipFile(path) as archive:
            return [json.loads(line)["message"] for line in archive.read("messages.jsonl").decode().splitlines()]


@pytest.fixture(params=["sqlite", "postgresql"])
def operator(request: pytest.FixtureRequest, tmp_path: Path) -> Operator:
    """An operator with an empty database of each kind."""
    folder = tmp_path / "data"
    folder.mkdir()
    if request.param == "sqlite":
        shutil.copy(migrated_sqlite(), folder / "backchannel.sqlite3")
        return Operator(folder)
    server: Postgres = request.getfixturevalue("postgres")
    address = server.create_database()
    make_tables(address)
    return Operator(folder, DATABASE_URL=address)


def test_a_backup_is_verified_and_restored_with_another_epoch(operator: Operator, tmp_path: Path) -> None:
    operator.done("import", "irc", SAMPLES / "irc" / "irssi" / "logs", "--zone", "Europe/Berlin")
    before = operator.messages(tmp_path / "a.zip")
    epoch = operator.done("epoch")
    operator.done("backup", tmp_path / "backups")
    [backup] = (tmp_path / "backups").iterdir()
    assert backup.stat().st_mode & 0o077 == 0
    assert "as when it was made" in operator.done("backup", "--verify", backup)
    assert "less than a day old" in operator.run("doctor").stdout
    operator.done("import", "slack", SAMPLES / "slack" / "export")
    assert len(operator.messages(tmp_path / "b.zip")) > len(before)
    said = operator.done("restore", backup, "--yes")
    assert f"chat_message: {len(before)} rows, before " in said
    assert operator.messages(tmp_path / "c.zip") == before
    assert operator.done("epoch") != epoch


def test_a_terminal_shows_how_far_a_backup_is(tmp_path: Path) -> None:
    shutil.copy(migrated_sqlite(), tmp_path / "backchannel.sqlite3")
    operator = Operator(tmp_path)

    def shown(*args: object) -> str:
        mine, theirs = pty.openpty()
        with Path(os.devnull).open("r+b") as nothing:
            running = forks.start(
                [PYTHON, "manage.py", *map(str, args)], env=operator.env,
                stdin=nothing.fileno(), stdout=nothing.fileno(), stderr=theirs,
            )  # fmt: skip
        os.close(theirs)
        found = b""
        with suppress(OSError):
            while data := os.read(mine, 4096):
                found += data
        os.close(mine)
        assert running.wait() == 0
        return found.decode()

    said = shown("backup", tmp_path / "backups")
    assert "copying the database" in said
    assert "packing: " in said
    [backup] = (tmp_path / "backups").iterdir()
    assert "comparing checksums: " in shown("backup", "--verify", backup)
    assert "putting back the database" in shown("restore", backup, "--yes")


_NEWER = """
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute("CREATE TABLE chat_future (id integer)")
    cursor.execute("INSERT INTO django_migrations (app, name, applied) VALUES ('chat', '9999_future', '2030-01-01')")
"""


def test_a_backup_of_an_older_version_replaces_a_newer_database(operator: Operator, tmp_path: Path) -> None:
    operator.done("import", "irc", SAMPLES / "irc" / "irssi" / "logs", "--zone", "Europe/Berlin")
    before = operator.messages(tmp_path / "a.zip")
    operator.done("migrate", "account", "0008", "--skip-checks")
    operator.done("backup", tmp_path / "backups")
    [backup] = (tmp_path / "backups").iterdir()
    operator.done("migrate", "--skip-checks")
    operator.done("import", "slack", SAMPLES / "slack" / "export")
    # Leave the database as a later version would.
    operator.done("shell", "-v0", "-c", _NEWER)
    said = operator.done("restore", backup, "--yes")
    assert "The backup is of an older version: " in said
    assert "1 migration applied, the last account." in said
    assert operator.messages(tmp_path / "b.zip") == before
    tables = operator.done(
        "shell", "-v0", "-c", "from django.db import connection as c; print(c.introspection.table_names())"
    )
    assert "chat_message" in tables
    assert "chat_future" not in tables
    operator.done("migrate", "--check", "--skip-checks")


def test_what_is_damaged_or_newer_is_refused_and_nothing_changes(tmp_path: Path) -> None:
    shutil.copy(migrated_sqlite(), tmp_path / "backchannel.sqlite3")
    operator = Operator(tmp_path)
    operator.done("backup", tmp_path / "backups")
    [backup] = (tmp_path / "backups").iterdir()
    whole = backup.read_bytes()
    epoch = operator.done("epoch")
    with zipfile.ZipFile(backup) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        database = archive.read("database.sqlite3")
    newer = {**manifest, "migrations": [*manifest["migrations"], "chat.9999_from_the_future"]}
    joined = {"chat.0001_squashed_0043_imports_unchecked", "chat.0043_imports_unchecked"}
    older = {**manifest, "migrations": [name for name in manifest["migrations"] if name not in joined]}
    fewer = {**manifest, "counts": {**manifest["counts"], "chat_room": 77}}
    for facts, data, reason in (
        (manifest, database[:-1], "differs from its checksum"),
        (newer, database, "is of a newer version of this program"),
        (older, database, "lacks chat.0043_imports_unchecked, which this one replaced"),
        (fewer, database, "chat_room has"),
        ({**manifest, "sha256": {}}, database, "holds no copy of the database"),
        (manifest, b"", "is damaged"),
        (None, b"", "is cut off or no backup"),
    ):
        if facts is None:
            backup.write_bytes(whole[:-50])
        elif not data:
            # Give the first block of the deflated database a type that does not exist.
            at = 30 + int.from_bytes(whole[26:28], "little") + int.from_bytes(whole[28:30], "little")
            backup.write_bytes(whole[:at] + b"\xff" + whole[at + 1 :])
        else:
            with zipfile.ZipFile(backup, "w") as out:
                out.writestr("database.sqlite3", data)
                out.writestr("manifest.json", json.dumps(facts))
        command = ("backup", "--verify", backup) if facts is fewer else ("restore", backup, "--yes")
        found = operator.run(*command)
        assert found.returncode == 2
        assert reason in found.stderr
        assert found.stderr.count("\n") == 1
    assert operator.done("epoch") == epoch


def test_a_restore_asks_first(tmp_path: Path) -> None:
    backup = tmp_path / "backup.zip"
    missing = Operator(tmp_path).run("restore", backup)
    assert (missing.returncode, "there is no such file" in missing.stderr) == (2, True)
    backup.touch()
    found = Operator(tmp_path).run("restore", backup)
    assert (found.returncode, found.stderr.count("--yes")) == (2, 1)


def test_a_backup_under_traffic_refuses_no_message_and_is_verified(operator: Operator, tmp_path: Path) -> None:
    settings = {name: value for name, value in operator.env.items() if name in {"DATA_DIR", "DATABASE_URL"}}
    with start_server(env={**settings, "CHAT_SEND_LIMIT": "0"}, data_dir=Path(settings["DATA_DIR"])) as server:
        token = server.make_people("alice")["alice"]
        statuses: list[int] = []
        over = threading.Event()

        def ask(what: str, said: dict[str, str]) -> int:
            headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
            address = f"{server.url}/api/v1/rooms/lobby/{what}"
            request = urllib.request.Request(address, json.dumps(said).encode(), headers)
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    return int(answer.status)
            except urllib.error.HTTPError as refused:
                return refused.code

        def talk() -> None:
            # A few dozen messages during the copy, and not as many as a core can send.
            while not over.wait(0.02):
                statuses.append(ask("messages", {"message": f"message {len(statuses)}"}))

        ask("join", {})

        talking = threading.Thread(target=talk)
        talking.start()
        try:
            operator.done("import", "irc", SAMPLES / "irc" / "irssi" / "logs", "--zone", "Europe/Berlin")
            before = len(statuses)
            operator.done("backup", tmp_path / "backups")
            meanwhile = len(statuses) - before
        finally:
            over.set()
            talking.join()
        assert meanwhile > 0
        assert set(statuses) == {201}
    [backup] = (tmp_path / "backups").iterdir()
    assert "as when it was made" in operator.done("backup", "--verify", backup)
    operator.done("restore", backup, "--yes")
    kept = [text for text in operator.messages(tmp_path / "a.zip") if text.startswith("message ")]
    assert kept == [f"message {number}" for number in range(len(kept))]
    assert before <= len(kept) <= len(statuses)
