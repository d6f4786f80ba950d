"""A problem at startup is reported in one line, and nothing is started."""

import json
import socket
import sqlite3
from argparse import ArgumentTypeError
from collections.abc import Generator
from contextlib import closing
from pathlib import Path

import pytest

from chat.management.commands import serve
from support import forks
from support.processes import free_port, scratch
from support.servers import PYTHON, clean_environment, migrated_sqlite, start_server

SERVE = [PYTHON, "manage.py", "serve"]


def refused(*command: str, **settings: str) -> list[str]:
    """Run a command that must fail; returns its lines of output."""
    done = forks.run(command, env=clean_environment(**settings), timeout=60)
    said = done.stdout + done.stderr
    assert done.returncode not in (0, None), said
    assert "Traceback" not in said
    assert "Backchannel is ready" not in said
    return said.splitlines()


@pytest.fixture(scope="module")
def ready() -> str:
    """The DATA_DIR of a server that is ready to start."""
    folder = scratch("bad-start")
    (folder / "backchannel.sqlite3").write_bytes(migrated_sqlite().read_bytes())
    return str(folder)


@pytest.fixture
def taken() -> Generator[int]:
    """A port that another program listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_a_port_that_is_taken(ready: str, taken: int) -> None:
    [line] = refused(*SERVE, DATA_DIR=ready, PORT=str(taken))
    assert line == (
        f"CommandError: Backchannel cannot listen on 127.0.0.1:{taken}: Address already in use. "
        f"Stop what listens there, or choose another port: PORT={taken + 1}"
    )


def test_a_unix_socket_that_is_taken(ready: str, tmp_path: Path) -> None:
    path = tmp_path / "chat.sock"
    with socket.socket(socket.AF_UNIX) as other:
        other.bind(str(path))
        other.listen()
        [line] = refused(*SERVE, "--unix", str(path), DATA_DIR=ready)
    assert line == f"CommandError: Backchannel cannot listen on {path}: Address already in use"
    assert path.is_socket()


def test_a_unix_socket_in_a_folder_that_is_not_there(ready: str, tmp_path: Path) -> None:
    [line] = refused(*SERVE, "--unix", str(tmp_path / "nowhere" / "chat.sock"), DATA_DIR=ready)
    assert line.endswith("/nowhere/chat.sock: No such file or directory")


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    url = f"postgres://backchannel:s3cret@127.0.0.1:{free_port()}/chat"
    [line] = refused(*SERVE, DATA_DIR=str(tmp_path), DATABASE_URL=url)
    assert line.startswith("CommandError: Backchannel cannot reach its database: ")
    assert "Connection refused" in line
    assert "s3cret" not in line


def test_a_database_that_was_not_migrated(tmp_path: Path) -> None:
    [line] = refused(*SERVE, DATA_DIR=str(tmp_path))
    assert line == (
        "CommandError: The database lacks migrations of this version: run manage.py migrate, or serve --migrate."
    )


def test_a_database_whose_next_migrations_this_version_no_longer_has(tmp_path: Path) -> None:
    (tmp_path / "backchannel.sqlite3").write_bytes(migrated_sqlite().read_bytes())
    with closing(sqlite3.connect(tmp_path / "backchannel.sqlite3")) as database:
        last = "0043_imports_unchecked"
        names = (f"0001_squashed_{last}", last)
        database.execute("DELETE FROM django_migrations WHERE app = 'chat' AND name IN (?, ?)", names)
        database.commit()
    # Django itself would report that there is nothing to apply.
    for command in ([*SERVE], [*SERVE, "--migrate"], [PYTHON, "manage.py", "migrate"]):
        said = " ".join(refused(*command, DATA_DIR=str(tmp_path)))
        assert "is of an older version and lacks migrations up to chat.0043_imports_unchecked" in said
        assert "Install the last version that has that migration, run its manage.py migrate" in said
        assert "chat.E024" in said
    with closing(sqlite3.connect(tmp_path / "backchannel.sqlite3")) as database:
        # The database as the previous commit left it: the replacement counts as applied.
        row = ("chat", last, "2026-11-30")
        database.execute("INSERT INTO django_migrations (app, name, applied) VALUES (?, ?, ?)", row)
        database.commit()
    done = forks.run([PYTHON, "manage.py", "migrate"], env=clean_environment(DATA_DIR=str(tmp_path)), timeout=60)
    assert (done.returncode, "No migrations to apply." in done.stdout) == (0, True)


@pytest.mark.parametrize("command", [("adduser", "ada", "--password-stdin"), ("token", "ada"), ("epoch",), ("invite",)])
def test_a_command_where_no_table_is_yet(command: tuple[str, ...], tmp_path: Path) -> None:
    [line] = refused(PYTHON, "manage.py", *command, DATA_DIR=str(tmp_path))
    assert line.startswith("The database lacks tables: run manage.py migrate. ")


def test_a_command_where_no_database_answers(tmp_path: Path) -> None:
    url = f"postgres://backchannel:s3cret@127.0.0.1:{free_port()}/chat"
    [line] = refused(PYTHON, "manage.py", "epoch", DATA_DIR=str(tmp_path), DATABASE_URL=url, DATABASE_TIMEOUT="1")
    assert "Connection refused" in line
    assert "s3cret" not in line


def test_a_python_without_our_packages(tmp_path: Path) -> None:
    [line] = refused(PYTHON, "-S", "manage.py", "serve", DATA_DIR=str(tmp_path))
    assert line == "There is no django for this Python: run bin/setup, then .venv/bin/python manage.py."


@pytest.mark.parametrize(
    ("command", "line"),
    [
        ([*SERVE, "--nonsense"], "manage.py serve: error: unrecognized arguments: --nonsense"),
        ([*SERVE, "--port", "99999"], "must be a whole number from 1 to 65535, not '99999'"),
        (["bin/run", "--port", "8001"], "bin/run: it takes no arguments"),
        ([PYTHON, "-m", "tools.faults", "--only", "nothing"], "bin/faults: --only: there is no fault nothing"),
        ([PYTHON, "-m", "tools.faults", "--minutes", "-1"], "bin/faults: --minutes: must be a number from 0"),
        ([PYTHON, "-m", "tools.faults", "--report", "/nowhere/x.md"], "bin/faults: --report: /nowhere is no folder"),
        ([PYTHON, "-m", "tools.matrix", "--only", "nothing"], "bin/matrix: --only: there is no row nothing"),
        ([PYTHON, "-m", "bench", "nonsense"], "bin/bench: error: unknown scenario nonsense"),
    ],
)
def test_a_wrong_option(command: list[str], line: str, tmp_path: Path) -> None:
    assert line in refused(*command, DATA_DIR=str(tmp_path))[-1]


def test_a_wrong_setting(tmp_path: Path) -> None:
    [line] = refused(*SERVE, DATA_DIR=str(tmp_path), CHAT_PING_SECONDS="often")
    assert line == "Backchannel cannot start: CHAT_PING_SECONDS must be a whole number from 1 to 25, not 'often'."


DAPHNE = [PYTHON, "-m", "daphne", "-b", "127.0.0.1", "-p", "0", "your_project.asgi:application"]
UVICORN = [PYTHON, "-m", "uvicorn", "--port", "0", "your_project.asgi:application"]
GOOD_KEY = "k2J8-dq7Xw0pLrT5vBn3MzYc9HsGf1Ae"


@pytest.mark.parametrize(
    ("server", "settings", "said"),
    [
        (SERVE, {"ALLOWED_HOSTS": "https://chat.example.org"}, "Set ALLOWED_HOSTS=chat.example.org"),
        (DAPHNE, {"ALLOWED_HOSTS": "*", "SECRET_KEY": GOOD_KEY}, "ALLOWED_HOSTS allows every host"),
        (UVICORN, {"DATA_DIR": "{empty}"}, "The database lacks migrations of this version: run manage.py migrate"),
    ],
    ids=["serve", "daphne", "uvicorn"],
)
def test_no_server_starts_with_it(
    server: list[str], settings: dict[str, str], said: str, ready: str, tmp_path: Path
) -> None:
    here = {"DATA_DIR": ready} | {name: value.format(empty=tmp_path) for name, value in settings.items()}
    lines = refused(*server, **here)
    assert [line for line in lines if said in line]


def test_a_worker_that_can_never_start_ends_with_the_code_that_stops_its_master(ready: str) -> None:
    codes = [
        forks.run([PYTHON, "-m", "your_project.asgi"], env=clean_environment(DATA_DIR=ready, **settings)).returncode
        for settings in ({"SECRET_KEY": "changeme"}, {"DATABASE_URL": "postgres://127.0.0.1:9/chat"})
    ]
    assert codes == [3, 1]


@pytest.mark.parametrize(
    "settings", [{"PORT": "ninety"}, {"PORT": "{taken}", "CHAT_SIGNUPS": "open"}], ids=["a setting", "a port"]
)
def test_a_json_log_is_json_when_nothing_starts(settings: dict[str, str], ready: str, taken: int) -> None:
    here = {name: value.format(taken=taken) for name, value in settings.items()}
    lines = [json.loads(line) for line in refused(*SERVE, DATA_DIR=ready, LOG_FORMAT="json", **here)]
    assert lines[-1]["level"] == "critical"
    assert lines[-1]["event"].startswith("Backchannel cannot ")
    assert all(line["timestamp"].startswith("20") for line in lines)


def test_a_second_run_on_the_same_data(tmp_path: Path) -> None:
    with start_server(data_dir=tmp_path) as first:
        first.child.wait_until(lambda: serves(tmp_path / "backchannel.sqlite3"))
        [line] = refused(*SERVE, "--migrate", DATA_DIR=str(tmp_path), PORT=str(free_port()))
    assert "is already using this database, and there is no REDIS_URL. Set the same REDIS_URL" in line


def serves(database: Path) -> bool:
    """Whether a process has recorded its lease."""
    with closing(sqlite3.connect(database)) as connection:
        return bool(connection.execute("SELECT count(*) FROM chat_processlease").fetchone()[0])


@pytest.mark.parametrize(
    ("host", "shown"),
    [
        ("[::1]", "[::1]"),
        ("::1", "[::1]"),
        ("[::]", "[::1]"),
        ("0:0:0:0:0:0:0:0", "[::1]"),
        ("0.0.0.0", "127.0.0.1"),
        ("fe80::1%eth0", "[fe80::1%25eth0]"),
        ("localhost", "localhost"),
    ],
)
def test_the_address_to_open(host: str, shown: str) -> None:
    assert serve._address(serve._host(host), 8000) == f"{shown}:8000"


@pytest.mark.parametrize("host", ["http://localhost", "localhost:8001", "127.0.0.1:8001", "*", "chat.example/x", "[x]"])
def test_what_is_no_address(host: str) -> None:
    with pytest.raises(ArgumentTypeError, match="must be an address such as 127"):
        serve._host(host)
