"""Tests of the helpers that the other tests rely on."""

import asyncio
import json
import os
import re
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import psycopg
import pytest
import redis
from django.conf import settings
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from playwright.async_api import Browser

from accounts.models import User
from chat.live import db
from chat.models import Participant, Room, ServerState
from support import forks, once, people
from support.processes import Child, free_port, scratch
from support.servers import PYTHON, ROOT, Nginx, RedisServer, Server, clean_environment

StartServer = Callable[..., Server]


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("when", ["first", "again"])
def test_a_flushed_database_has_its_first_rows_again(when: str) -> None:
    assert Room.objects.get().slug == "lobby"
    assert ServerState.objects.get().id == ServerState.SINGLETON
    people.room("lounge", owner=people.alice())


@pytest.mark.django_db
def test_the_cast_has_the_rows_that_saving_makes() -> None:
    facts = {"display_name": "Ada Arden", "is_staff": True, "is_active": False}
    one = people.person("ada", **facts)  # type: ignore[arg-type]
    other = User.objects.create(username="eda", password=people.login_of(one).password, **facts).participant
    # The same name again: both people are now displayed with their usernames.
    assert other.name_shared
    one.refresh_from_db()
    own = {"id", "user", "username", "username_look", "created_at", "named_at"}
    for made, saved in ((one, other), (people.login_of(one), people.login_of(other))):
        for field in {field.name for field in made._meta.concrete_fields} - own - {"date_joined"}:
            assert getattr(made, field) == getattr(saved, field), field
    assert one.username_look == "ada"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("when", ["first", "again"])
def test_a_test_may_change_what_migrations_made_of_the_models(when: str) -> None:
    Permission.objects.get(codename="add_room").delete()
    ContentType.objects.create(app_label="chat", model="no such")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("when", ["first", "again"])
async def test_a_call_that_a_test_leaves_behind_ends_with_it(when: str) -> None:
    """Interrupt it in the middle of a transaction, which then ends like any other."""
    together = threading.Barrier(settings.CHAT_DATABASE_THREADS)

    def found() -> tuple[bool, int]:
        together.wait(10)
        return connection.get_autocommit(), Participant.objects.count()

    assert set(await asyncio.gather(*(db.run(found) for _ in range(together.parties)))) == {(True, 0)}
    begun = threading.Event()

    def write() -> None:
        with transaction.atomic():
            people.alice()
            begun.set()
            time.sleep(0.3)

    left = asyncio.create_task(db.run(write))
    assert await asyncio.to_thread(begun.wait, 10)
    left.cancel()


_SETTINGS = """
from django.conf import settings
from django.core.cache import cache
from django.db import connection
from accounts.models import User
from chat.live import db
import logging
print(*(logging.getLogger(name).getEffectiveLevel() for name in ("", "django", "chat.live.hub", "psycopg.pool")))
print(type(logging.getLogger().handlers[0].formatter.processors[-1]), len(logging.getLogger().handlers))
# The first connection adds the defaults of Django to the setting.
print(connection.vendor, connection.settings_dict)
print(type(cache._connections[cache._alias]), db._threads._threads._max_workers)
print({name: getattr(settings, name) for name in sorted(dir(settings)) if name.isupper()})
"""


@pytest.mark.parametrize(
    "given",
    [
        {
            "CHAT_SEND_LIMIT": "0",
            "SECRET_KEY": "a key of its own, which is long enough for it",
            "PORT": "1234",
            "LOG_FORMAT": "json",
            "LOG_LEVEL": "warning",
        },
        {
            "DATABASE_URL": "postgres://ada@127.0.0.1:1/here",
            "DATABASE_TIMEOUT": "3",
            "REDIS_URL": "redis://127.0.0.1:1/3",
            "HOST": "::1",
        },
        {
            "ALLOWED_HOSTS": "chat.example",
            "CSRF_TRUSTED_ORIGINS": "https://chat.example",
            "TRUST_PROXY": "1",
            "PUBLIC_URL": "https://chat.example",
            "EMAIL_URL": "smtp://mail.example",
            "EMAIL_FROM": "a@b.example",
            "FILES_URL": "s3://key:secret@s3.example/chat",
            "METRICS_TOKEN": "counted",
            "CHAT_SIGNUP": "invite",
        },
    ],
    ids=["sqlite", "postgres", "site"],
)
def test_what_is_forked_reads_the_settings_that_a_start_from_nothing_reads(given: dict[str, str]) -> None:
    env = clean_environment(DATA_DIR=str(scratch("settings"))) | given
    command = [PYTHON, "manage.py", "shell", "-v0", "-c", _SETTINGS]
    forked = forks.run(command, env=env)
    started = subprocess.run(command, env=env, cwd=ROOT, capture_output=True, text=True)
    assert forked.stderr == started.stderr == ""
    # The repr of a function contains its address in memory.
    said, wanted = (re.sub(r" at 0x\w+", "", done.stdout) for done in (forked, started))
    assert said == wanted
    assert all(value in said for value in given.values() if "://" not in value)


def test_what_modules_read_while_they_are_imported_is_not_changed_later(monkeypatch: pytest.MonkeyPatch) -> None:
    env = clean_environment(DATA_DIR=str(scratch("settings")), CHAT_API_LIMIT="7/1m")
    show = "from chat.identity import throttle; print(throttle.LIMITS['api'].person.amount)"
    command = [PYTHON, "manage.py", "shell", "-v0", "-c", show]
    assert forks.run(command, env=env).stdout == "7\n"
    monkeypatch.setattr(forks, "_READ_AT_ONCE", set())
    assert "read while modules were imported" in forks.run(command, env=env).stderr


_WHOSE = """
import sys
import chat
ours = {"accounts", "support", "tests", "your_project"} & {name.partition(".")[0] for name in sys.modules}
print(chat.WHOSE, chat.__file__, ours, sys.argv[1:], sys.path, __name__)
"""


@pytest.mark.parametrize("program", [("-c", _WHOSE), ("-m", "whose")], ids=["code", "module"])
def test_a_program_of_another_project_is_forked_without_a_module_of_this_one(
    program: tuple[str, str], tmp_path: Path
) -> None:
    (tmp_path / "whose.py").write_text(_WHOSE)
    (tmp_path / "packages").mkdir()
    (tmp_path / "packages" / "chat.py").write_text("WHOSE = 'theirs'")
    env = clean_environment(PYTHONPATH=str(tmp_path / "packages"))
    command = [PYTHON, *program, "a word"]
    forked = forks.run(command, env=env, cwd=tmp_path)
    started = subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True)
    assert forked.stdout == started.stdout != ""
    assert forked.stdout.startswith(f"theirs {tmp_path}/packages/chat.py set() ['a word'] ")


def test_a_wrong_setting_is_named_by_what_is_forked_as_well() -> None:
    env = clean_environment(DATA_DIR=str(scratch("settings")), DATABASE_URL="wrong")
    done = forks.run([PYTHON, "manage.py", "check"], env=env)
    assert (done.returncode, done.stdout) == (1, "")
    assert re.fullmatch(r"Backchannel cannot start: DATABASE_URL must be [^\n]+\n", done.stderr), done.stderr


_ENDING = """
import atexit, sqlite3, sys, threading
atexit.register(print, "its last word")
# It prints after the last line of the main thread, however slow that is.
threading.Thread(target=lambda: (threading.main_thread().join(), print("a thread"))).start()
kept = sqlite3.connect(sys.argv[1])
kept.execute("PRAGMA journal_mode=WAL")
kept.execute("CREATE TABLE written (id)")
print("no line's end", end="; ")
"""


@pytest.mark.parametrize("last", ["", "sys.exit(3)", "sys.exit('a reason')", "1 / 0", "sys.stdout.close()"])
def test_what_is_forked_ends_as_what_was_started(last: str, tmp_path: Path) -> None:
    env = clean_environment(PYTHONPATH="/nowhere")
    command = [PYTHON, "-c", _ENDING + last]
    forked = forks.run([*command, "forked"], env=env, cwd=tmp_path)
    started = subprocess.run([*command, "started"], env=env, cwd=tmp_path, capture_output=True, text=True)
    assert (forked.returncode, forked.stdout) == (started.returncode, started.stdout)
    assert forked.stderr.splitlines()[-1:] == started.stderr.splitlines()[-1:]
    # A write-ahead log that was left behind would be missing from a copy of the database file.
    assert {path.name for path in tmp_path.iterdir()} == {"forked", "started"}


_PARENT = "import os, time; print(os.getppid(), os.getpid(), flush=True); time.sleep(1000)"
# Another process of a test run, which ends without stopping its children.
_OTHER = """
import json, os, sys
from pathlib import Path
from support import forks
from support.processes import Child
log, folder, env, *command = sys.argv[1:]
forks.use(Path(folder))
child = Child(command, log=Path(log), env=json.loads(env), cwd=os.getcwd())
child.wait_until(lambda: child.output().endswith("\\n"))
os._exit(0)
"""


def test_processes_of_a_run_fork_from_the_same_one_and_each_ends_with_its_own_children(tmp_path: Path) -> None:
    env = clean_environment(DATA_DIR=str(tmp_path))
    command = [PYTHON, "manage.py", "shell", "-v0", "-c", _PARENT]
    ours = Child(command, log=tmp_path / "ours", env=env, cwd=ROOT)
    ours.wait_until(lambda: ours.output().endswith("\n"))
    other = [PYTHON, "-c", _OTHER, str(tmp_path / "other"), os.environ[once.SHARED], json.dumps(env), *command]
    subprocess.run(other, env=env, cwd=ROOT, check=True)
    parent, pid = (tmp_path / "other").read_text().split()
    assert parent == ours.output().split()[0]
    ours.wait_until(lambda: not Path("/proc", pid).exists())
    assert ours.exit_code is None
    ours.kill()


@pytest.mark.django_db
def test_the_database_is_the_one_asked_for(request: pytest.FixtureRequest) -> None:
    vendor = {"sqlite": "sqlite", "postgres": "postgresql"}[request.config.getoption("--database")]
    assert connection.vendor == vendor


def test_redis_comes_back_after_it_was_stopped_or_frozen(redis_server: RedisServer) -> None:
    client = redis.Redis.from_url(redis_server.url, socket_timeout=0.2)
    assert client.ping()
    with redis_server.stopped(), pytest.raises(redis.ConnectionError):
        client.ping()
    with redis_server.paused(), pytest.raises(redis.TimeoutError):
        client.ping()
    assert client.ping()
    client.close()


def test_a_server_of_ours_answers_behind_nginx(start_server: StartServer, postgres_url: str) -> None:
    with start_server(env={"DATABASE_URL": postgres_url}) as server:
        port = free_port()
        proxy = Nginx(f"server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass {server.url}; }} }}", port=port)
        with urllib.request.urlopen(f"{proxy.url}/accounts/login/") as page:
            assert page.status == 200
        proxy.stop()
    with psycopg.connect(postgres_url) as database:
        assert database.execute("SELECT slug FROM chat_room").fetchall() == [("lobby",)]


async def test_the_browser_opens_a_page(browser: Browser) -> None:
    page = await browser.new_page()
    await page.set_content("<title>Backchannel</title>")
    assert await page.title() == "Backchannel"
    await page.close()


@pytest.mark.parametrize("folder", ["bench", "support", "tools"])
def test_what_is_no_test_imports_no_test(folder: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}: {line}"
        for path in (ROOT / folder).rglob("*.py")
        for line in path.read_text().splitlines()
        if line.lstrip().startswith(("from tests", "import tests"))
    ]
    assert not found


def test_no_two_tests_of_a_browser_seed_the_same_room_or_person() -> None:
    """These tests share a database and run in any order."""
    places: dict[str, list[str]] = {}
    for path in sorted((ROOT / "tests" / "browser").glob("*.py")):
        text = path.read_text()
        for slug in re.findall(r"""seed\(\s*"room", "([a-z0-9-]+)\"""", text):
            places.setdefault(f"#{slug}", []).append(path.name)
        names = [
            name for seeded in re.findall(r"""seed\(\s*"people",\s*(\{[^}]*\})""", text) for name in _names(seeded)
        ]
        for name in [*names, *re.findall(r"""(?:seed\("founder"|manage\(world, enter), "([a-z0-9-]+)\"""", text)]:
            places.setdefault(f"@{name}", []).append(path.name)
    assert len(places) > 200
    assert {what: found for what, found in places.items() if len(found) > 1} == {}


def _names(seeded: str) -> list[str]:
    return re.findall(r"""(?:\{|,)\s*"([a-z0-9_.-]+)":""", seeded)
