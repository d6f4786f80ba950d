"""`kill -9` in the middle of an import: nothing half written is shown, and the same command continues."""

import shutil
import signal
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

from bench.imports.slack_export import Size, write_export
from support.servers import PYTHON, ROOT, clean_environment, manage, migrated_sqlite

MESSAGES = 6000


def counts(database: Path) -> tuple[int, int, int]:
    """Messages, rooms that people see, and threads that are counted wrong."""
    wrong = """SELECT count(*) FROM chat_message m WHERE reply_count <> (SELECT count(*) FROM chat_message r
               WHERE r.room_id = m.room_id AND r.thread = m.seq AND r.deleted_at IS NULL)"""
    with closing(sqlite3.connect(database, timeout=30)) as db:
        [messages] = db.execute("SELECT count(*) FROM chat_message").fetchone()
        [rooms] = db.execute("SELECT count(*) FROM chat_room WHERE kind = 'public'").fetchone()
        return messages, rooms, db.execute(wrong).fetchone()[0]


def test_an_import_that_was_killed_is_continued_by_the_same_command(tmp_path: Path) -> None:
    database = tmp_path / "backchannel.sqlite3"
    shutil.copy(migrated_sqlite(), database)
    export = tmp_path / "export.zip"
    write_export(export, Size(MESSAGES))
    env = clean_environment(DATA_DIR=str(tmp_path))
    command = [PYTHON, "manage.py", "import", "slack", str(export)]
    running = subprocess.Popen(command, cwd=ROOT, env=env, stdout=subprocess.DEVNULL)
    until = time.monotonic() + 90
    while counts(database)[0] < 700:
        assert running.poll() is None
        assert time.monotonic() < until
        time.sleep(0.01)
    running.kill()
    assert running.wait() == -signal.SIGKILL
    killed_at = counts(database)[0]
    assert 700 <= killed_at < MESSAGES
    said = manage(*command[2:], env=env)
    assert f"{MESSAGES - killed_at} messages added, {killed_at} were here" in said
    assert counts(database)[::2] == (MESSAGES, 0)
    assert f"0 messages added, {MESSAGES} were here" in manage(*command[2:], env=env)
