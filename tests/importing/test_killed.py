"""`kill -9` in the middle of an import: nothing half-written is shown, and the same command continues it."""

import shutil
import signal
import sqlite3
from contextlib import closing
from pathlib import Path

from bench.imports.slack_export import Size, write_export
from support.processes import Child
from support.servers import PYTHON, ROOT, clean_environment, manage, migrated_sqlite

MESSAGES = 3000


def messages(database: Path) -> int:
    with closing(sqlite3.connect(database, timeout=30)) as db:
        return int(db.execute("SELECT count(*) FROM chat_message").fetchone()[0])


def wrong_threads(database: Path) -> int:
    """The number of threads with a wrong count."""
    wrong = """SELECT count(*) FROM chat_message m WHERE reply_count <> (SELECT count(*) FROM chat_message r
               WHERE r.room_id = m.room_id AND r.thread = m.seq AND r.deleted_at IS NULL)"""
    with closing(sqlite3.connect(database, timeout=30)) as db:
        return int(db.execute(wrong).fetchone()[0])


def test_an_import_that_was_killed_is_continued_by_the_same_command(tmp_path: Path) -> None:
    database = tmp_path / "backchannel.sqlite3"
    shutil.copy(migrated_sqlite(), database)
    export = tmp_path / "export.zip"
    write_export(export, Size(MESSAGES))
    env = clean_environment(DATA_DIR=str(tmp_path))
    command = [PYTHON, "manage.py", "import", "slack", str(export)]
    running = Child(command, log=tmp_path / "import.log", env=env, cwd=ROOT)
    running.wait_until(lambda: messages(database) >= 700, seconds=90)
    running.send(signal.SIGKILL)
    assert running.wait() == -signal.SIGKILL
    killed_at = messages(database)
    assert 700 <= killed_at < MESSAGES
    said = manage(*command[2:], env=env)
    assert f"{MESSAGES - killed_at} messages added, {killed_at} were here" in said
    assert (messages(database), wrong_threads(database)) == (MESSAGES, 0)
    assert f"0 messages added, {MESSAGES} were here" in manage(*command[2:], env=env)
