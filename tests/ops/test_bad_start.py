"""What is wrong at the start is said in one line, and nothing is started."""

import socket
import subprocess
from collections.abc import Generator
from pathlib import Path

import pytest

from tests.support.processes import free_port, scratch
from tests.support.servers import PYTHON, ROOT, clean_environment, migrated_sqlite

SERVE = [PYTHON, "manage.py", "serve"]


def refused(*command: str, **settings: str) -> list[str]:
    """Run it to its end, which must not be a good one; the lines it said."""
    done = subprocess.run(
        command, cwd=ROOT, env=clean_environment(**settings), text=True, capture_output=True, timeout=60
    )
    said = done.stdout + done.stderr
    assert done.returncode not in (0, None), said
    assert "Traceback" not in said
    assert "Backchannel is ready" not in said
    return said.splitlines()


@pytest.fixture(scope="module")
def ready() -> str:
    """The DATA_DIR of a server that lacks nothing."""
    folder = scratch("bad-start")
    (folder / "backchannel.sqlite3").write_bytes(migrated_sqlite().read_bytes())
    return str(folder)


@pytest.fixture
def taken() -> Generator[int]:
    """A port that somebody else listens on."""
    with socket.create_server(("127.0.0.1", 0)) as other:
        yield other.getsockname()[1]


def test_a_port_that_is_taken(ready: str, taken: int) -> None:
    [line] = refused(*SERVE, DATA_DIR=ready, PORT=str(taken))
    assert line == f"CommandError: Backchannel cannot listen on 127.0.0.1:{taken}: Address already in use"


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


@pytest.mark.parametrize("command", [("adduser", "ada", "--password-stdin"), ("token", "ada"), ("epoch",), ("demo",)])
def test_a_command_where_no_table_is_yet(command: tuple[str, ...], tmp_path: Path) -> None:
    [line] = refused(PYTHON, "manage.py", *command, DATA_DIR=str(tmp_path))
    assert line.startswith("The database does not go along: no such table: ")
    assert line.endswith(". manage.py doctor looks for the cause.")


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
        ([PYTHON, "-m", "tests.faults", "--only", "nothing"], "bin/faults: --only: there is no fault nothing"),
        ([PYTHON, "-m", "tests.faults", "--minutes", "-1"], "bin/faults: --minutes: must be a number from 0"),
        ([PYTHON, "-m", "tests.faults", "--report", "/nowhere/x.md"], "bin/faults: --report: /nowhere is no folder"),
        ([PYTHON, "-m", "bench", "nonsense"], "bin/bench: error: unknown scenario nonsense"),
    ],
)
def test_a_wrong_option(command: list[str], line: str, tmp_path: Path) -> None:
    assert line in refused(*command, DATA_DIR=str(tmp_path))[-1]


def test_a_wrong_setting(tmp_path: Path) -> None:
    [line] = refused(*SERVE, DATA_DIR=str(tmp_path), CHAT_PING_SECONDS="often")
    assert line == "Backchannel cannot start: CHAT_PING_SECONDS must be a whole number from 1 to 25, not 'often'."
