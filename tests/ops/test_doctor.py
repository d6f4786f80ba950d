"""The doctor says what keeps a server from working, one line of each thing, and changes nothing."""

import shutil
import subprocess
from pathlib import Path

from tests.support.processes import free_port
from tests.support.redis import RedisServer
from tests.support.servers import PYTHON, ROOT, clean_environment, migrated_sqlite


def doctor(folder: Path, **settings: str) -> tuple[int, list[str]]:
    """Its exit code and what it said."""
    done = subprocess.run(
        [PYTHON, "manage.py", "doctor"],
        cwd=ROOT,
        env=clean_environment(DATA_DIR=str(folder), **settings),
        text=True,
        capture_output=True,
        timeout=60,
    )
    assert done.stderr == ""
    return done.returncode, done.stdout.splitlines()


def test_where_all_is_well(tmp_path: Path) -> None:
    shutil.copy(migrated_sqlite(), tmp_path / "backchannel.sqlite3")
    assert doctor(tmp_path) == (
        0,
        [
            "ok     settings",
            f"ok     data folder: {tmp_path}",
            "ok     database: sqlite3, every migration is applied",
            "ok     redis: none, so one process serves alone",
        ],
    )


def test_where_nothing_was_migrated(tmp_path: Path) -> None:
    code, lines = doctor(tmp_path)
    assert code == 1
    assert lines[2] == "WRONG  database: sqlite3, and it lacks migrations of this version: run manage.py migrate"


def test_where_nobody_answers(tmp_path: Path) -> None:
    database, redis = free_port(), free_port()
    code, lines = doctor(
        tmp_path,
        DATABASE_URL=f"postgres://backchannel:s3cret@127.0.0.1:{database}/chat",
        REDIS_URL=f"redis://:s3cret@127.0.0.1:{redis}/0",
    )
    assert code == 1
    assert [line[:16] for line in lines[2:]] == ["WRONG  database:", "WRONG  redis: Er"]
    assert str(database) in lines[2]
    assert str(redis) in lines[3]
    assert "s3cret" not in "".join(lines)


def test_where_redis_answers(tmp_path: Path) -> None:
    redis = RedisServer()
    try:
        _, lines = doctor(tmp_path, REDIS_URL=redis.url)
    finally:
        redis.stop()
    assert lines[-1] == "ok     redis: it answers, passes messages on and counts"


def test_where_a_setting_stands_against_it(tmp_path: Path) -> None:
    code, lines = doctor(tmp_path, ALLOWED_HOSTS="*", SECRET_KEY="given to a server that others reach")
    assert code == 1
    assert any(line.startswith("WRONG  settings: ALLOWED_HOSTS allows every host") for line in lines)
