"""The doctor reports what keeps a server from working, one line per problem, and changes nothing."""

import shutil
from pathlib import Path

from pytest_django.fixtures import Settings

from chat.management.doctor.finding import Finding
from chat.management.doctor.static import static_files
from support import forks, servers
from support.processes import free_port
from support.redis import RedisServer
from support.servers import PYTHON, clean_environment, migrated_sqlite


def doctor(folder: Path, **settings: str) -> tuple[int, list[str]]:
    """The exit code and the output."""
    done = forks.run(
        [PYTHON, "manage.py", "doctor"],
        env=clean_environment(DATA_DIR=str(folder), STATIC_DIR=str(folder / "static"), **settings),
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
            f"ok     files: {tmp_path}/files",
            "ok     static files: not collected, the servers send them themselves",
            "ok     database: sqlite, every migration is applied",
            "ok     redis: none, so one process serves alone",
            "ok     push: the key signs, and the contact is none, which some push services refuse",
            "ok     mail: it is written, not sent",
            "ok     backups: none was verified here; see `manage.py backup --help`",
        ],
    )


def test_where_nothing_was_migrated(tmp_path: Path) -> None:
    code, lines = doctor(tmp_path)
    assert code == 1
    assert lines[4] == "WRONG  database: sqlite, and it lacks migrations of this version: run manage.py migrate"


def test_an_address_where_no_server_answers(tmp_path: Path) -> None:
    database, redis = free_port(), free_port()
    code, lines = doctor(
        tmp_path,
        DATABASE_URL=f"postgres://backchannel:s3cret@127.0.0.1:{database}/chat",
        REDIS_URL=f"redis://:s3cret@127.0.0.1:{redis}/0",
    )
    assert code == 1
    assert [line[:16] for line in lines[4:6]] == ["WRONG  database:", "WRONG  redis: Er"]
    assert str(database) in lines[4]
    assert str(redis) in lines[5]
    assert "s3cret" not in "".join(lines)


def test_where_no_s3_answers(tmp_path: Path) -> None:
    code, lines = doctor(tmp_path, FILES_URL=f"s3://key:s3cret@127.0.0.1:{free_port()}/chat?tls=0&region=eu-1")
    assert code == 1
    assert lines[2].startswith("WRONG  files: the S3 of FILES_URL cannot be written, read and deleted")
    assert "s3cret" not in "".join(lines)


def test_where_redis_answers(tmp_path: Path) -> None:
    redis = RedisServer()
    try:
        _, lines = doctor(tmp_path, REDIS_URL=redis.url)
    finally:
        redis.stop()
    assert lines[5] == "ok     redis: it answers, passes messages on and counts"


def test_where_a_setting_stands_against_it(tmp_path: Path) -> None:
    code, lines = doctor(tmp_path, ALLOWED_HOSTS="*", SECRET_KEY="given to a server that others reach")
    assert code == 1
    assert any(line.startswith("WRONG  settings: ALLOWED_HOSTS allows every host") for line in lines)


def looked(static_root: Path, settings: Settings) -> Finding:
    settings.STATIC_ROOT = static_root
    [finding] = static_files()
    return finding


def test_where_collectstatic_was_forgotten_at_an_upgrade(tmp_path: Path, settings: Settings) -> None:
    (tmp_path / "0ld").mkdir()
    well, line = looked(tmp_path / "n3w", settings)
    assert not well
    assert line == (
        "static files: collected for an earlier version, not for this one: run manage.py collectstatic --no-input"
    )


def test_where_a_copy_of_the_static_files_is_not_whole(tmp_path: Path, settings: Settings) -> None:
    shutil.copytree(servers.static_files(), tmp_path / "n3w")
    assert looked(tmp_path / "n3w", settings).well
    [style, *_] = sorted((tmp_path / "n3w").rglob("*.css"))
    style.write_text("cut sho")
    well, line = looked(tmp_path / "n3w", settings)
    assert not well
    assert str(style.relative_to(tmp_path / "n3w")) in line
    style.unlink()
    assert not looked(tmp_path / "n3w", settings).well
