"""The project: settings are documented and checked, scripts have help texts, locks are clean."""

import ast
import re
import shutil
import signal
import stat
import subprocess
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from chat.lib.amounts import Rate
from support import forks
from support.processes import free_port, scratch
from support.servers import PYTHON, ROOT, clean_environment, migrated_sqlite
from your_project import databases, env

# Readers whose second argument is the default; the others have no default, or take a place.
_WITH_DEFAULT = {"text", "number", "rate", "size", "words", "flag", "folder"}
SCRIPTS = sorted(path for path in (ROOT / "bin").iterdir() if path.is_file())


def settings_in_code() -> dict[str, str]:
    """Name -> default as an operator would write it, from the calls to the readers in settings.py."""
    found: dict[str, str] = {}
    for node in ast.walk(ast.parse((ROOT / "your_project" / "settings.py").read_text())):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)):
            continue
        ours = isinstance(node.func.value, ast.Name) and node.func.value.id in {
            "env",
            "databases",
            "file_storage",
            "redis_addresses",
        }
        if ours and node.func.attr not in {"given", "unknown"}:
            name, *rest = node.args
            given = rest[0] if rest and node.func.attr in _WITH_DEFAULT else ast.Constant(None)
            # Flags take the default as a keyword.
            given = next((word.value for word in node.keywords if word.arg == "default"), given)
            if isinstance(given, ast.IfExp):
                # The default depends on the database: "`2`, with PostgreSQL `4`".
                assert "is_postgresql" in ast.unparse(given.test)
                found[ast.literal_eval(name)] = (
                    f"`{ast.literal_eval(given.orelse)}`, with PostgreSQL `{ast.literal_eval(given.body)}`"
                )
                continue
            default = ast.literal_eval(given)
            if node.func.attr == "choice":
                default = ast.literal_eval(rest[1])
            if node.func.attr == "flag":
                default = int(bool(default))
            if isinstance(default, list):
                default = ",".join(default)
            found.setdefault(ast.literal_eval(name), "—" if default is None else f"`{default}`")
    return found


def settings_in_docs() -> dict[str, str]:
    rows = re.findall(
        r"^\| `([A-Z_]+)` \| (\S+|`\d+`, with PostgreSQL `\d+`) \| \S",
        (ROOT / "docs" / "settings.md").read_text(),
        re.MULTILINE,
    )
    return dict(rows)


def test_every_setting_is_documented_with_its_default_and_nothing_else_is() -> None:
    assert settings_in_docs() == settings_in_code()


def test_no_line_of_a_script_or_style_is_longer_than_a_screen() -> None:
    """Biome wraps code at 120 columns, but leaves templates and comments alone."""
    files = [
        path
        for part in ("chat/static/chat/js", "chat/static/chat/css", "tests/js")
        for path in (ROOT / part).rglob("*.*s")
    ]
    ours = [path for path in files if path.parent.name not in {"catalogue", "types"}]
    assert len(ours) > 100
    # The catalogues keep each sentence on one line.
    sentence = re.compile(r'\s*"[^"]*",?')
    lines = [(path.name, number, line) for path in ours for number, line in enumerate(path.read_text().splitlines(), 1)]
    assert [line for line in lines if len(line[2]) > 140 and not sentence.fullmatch(line[2])] == []


def test_only_settings_reads_the_environment() -> None:
    sources = [path for part in ("accounts", "chat") for path in (ROOT / part).rglob("*.py")]
    assert sources
    # Passing the whole environment to a program reads no setting.
    reads = re.compile(r"(?<!\*\*)os\.(environ|getenv)")
    assert [str(path) for path in sources if reads.search(path.read_text())] == []


@pytest.mark.parametrize(
    ("read", "raw", "expected"),
    [
        (lambda: env.number("X", 5), "", 5),
        (lambda: env.number("X", 5), " 7 ", 7),
        (lambda: env.flag("X"), "yes", True),
        (lambda: env.flag("X", True), "off", False),
        (lambda: env.rate("X", "1/s"), "30/10s", Rate(30, 10)),
        (lambda: env.rate("X", "1/s"), "5/m", Rate(5, 60)),
        (lambda: env.rate("X", "1/s"), "0", Rate(0, 0)),
        (lambda: env.words("X", ["a"]), " b , ,c", ["b", "c"]),
        (lambda: env.words("X", ["a"]), " , ", ["a"]),
        (lambda: env.choice("X", ["a", "b"], "a"), "b", "b"),
        (lambda: env.address("X", ["redis"], "redis://host"), "redis://h:1/0", "redis://h:1/0"),
        (lambda: env.text("X"), "$not-a-reference", "$not-a-reference"),
    ],
)
def test_a_good_value_is_taken(monkeypatch: pytest.MonkeyPatch, read: Any, raw: str, expected: object) -> None:
    monkeypatch.setenv("X", raw)
    assert read() == expected


@pytest.mark.parametrize(
    ("read", "raw"),
    [
        *((lambda: env.number("X", 5, high=10), raw) for raw in ["11", "-1", "1.5", "ten", "٣", "9" * 400, "0x1"]),
        *((lambda: env.flag("X"), raw) for raw in ["maybe", "2"]),
        *(
            (lambda: env.rate("X", "1/s"), raw)
            for raw in ["30", "0/10s", "30/0s", "-1/s", "30/10", "1/d", "9" * 400 + "/s"]
        ),
        (lambda: env.choice("X", ["a", "b"], "a"), "c"),
        *((lambda: env.address("X", ["redis"], "redis://host"), raw) for raw in ["h:1", "http://h", "redis:h"]),
    ],
)
def test_a_bad_value_stops_the_start_with_one_line(monkeypatch: pytest.MonkeyPatch, read: Any, raw: str) -> None:
    monkeypatch.setenv("X", raw)
    with pytest.raises(SystemExit, match=r"^Backchannel cannot start: X must be [^\n]+\.$"):
        read()


@pytest.mark.parametrize(
    "raw",
    [
        "mysql://u:hunter2@host/name",
        "postgres://u:hunter2@host:port/name",
        "postgres://u:hunter2@host",
        "u:hunter2@host",
        "sqlite://:memory:",
        "sqlite:////nowhere/at/all.sqlite3",
    ],
)
def test_a_bad_database_address_is_refused_without_telling_its_password(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, raw: str
) -> None:
    monkeypatch.setenv("X", raw)
    with pytest.raises(SystemExit, match=r"^Backchannel cannot start: X must be [^\n]+$") as refusal:
        databases.database("X", tmp_path)
    assert "hunter2" not in str(refusal.value)


def test_files_are_readable_by_their_owner_only(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delenv("SECRET_KEY", raising=False)
    monkeypatch.delenv("DATABASE_URL", raising=False)
    key = env.secret("SECRET_KEY", tmp_path)
    assert len(key) > 50
    assert env.secret("SECRET_KEY", tmp_path) == key, "made once"
    database = Path(databases.database("DATABASE_URL", tmp_path)["NAME"])
    for path in (database, tmp_path / "secret_key"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


@pytest.mark.parametrize("name", ["PORT", "CHAT_SEND_LIMIT", "DATABASE_URL", "REDIS_URL", "CHAT_SIGNUP"])
def test_a_server_with_a_bad_setting_does_not_start_by_half(name: str) -> None:
    folder = scratch("house")
    done = forks.run(
        [PYTHON, "manage.py", "serve", "--migrate"], env=clean_environment(DATA_DIR=str(folder)) | {name: "wrong"}
    )
    assert done.returncode == 1
    assert re.fullmatch(rf"Backchannel cannot start: {name} must be [^\n]+\n", done.stderr), done.stderr
    assert done.stdout == ""
    database = folder / "backchannel.sqlite3"
    assert not database.exists() or database.stat().st_size == 0


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (lambda folder: (folder / "backchannel.sqlite3").write_bytes(b"x" * 9000), "cannot reach its database"),
        (lambda folder: (folder / "backchannel.sqlite3").mkdir(), "cannot reach its database"),
    ],
)
def test_a_server_without_its_database_says_so_and_ends(broken: Callable[[Path], object], told: str) -> None:
    folder = scratch("house")
    broken(folder)
    done = forks.run([PYTHON, "manage.py", "serve", "--migrate"], env=clean_environment(DATA_DIR=str(folder)))
    assert done.returncode == 1
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_run_says_where_to_open_it_once_it_answers_and_stops_when_asked() -> None:
    port = free_port()
    # tests/printed checks what it creates in an empty folder.
    here, there = scratch("house"), scratch("house")
    for folder in (here, there):
        shutil.copy(migrated_sqlite(), folder / "backchannel.sqlite3")
    env = clean_environment(DATA_DIR=str(here), PORT=str(port))
    with subprocess.Popen([ROOT / "bin" / "run"], env=env, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        try:
            assert process.stdout.readline() == f"Backchannel is ready: open http://127.0.0.1:{port}/\n"
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/") as page:
                assert page.status == 200
            other = env | {"DATA_DIR": str(there)}
            # The script ends in this command: starting the script itself again would prove nothing more.
            taken = forks.run([PYTHON, "manage.py", "serve", "--migrate"], env=other, timeout=60)
            assert taken.returncode == 1
            assert "Address already in use" in taken.stderr.splitlines()[-1]
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
            assert process.stdout.read() == ""
        finally:
            process.kill()


@pytest.mark.parametrize("lock", ["requirements.txt", "requirements/dev.txt"])
def test_a_lock_file_names_no_place_to_fetch_from(lock: str) -> None:
    text = (ROOT / lock).read_text()
    assert "--hash=sha256:" in text
    assert not re.search(r"--(index|extra-index|find-links|trusted-host)|https?://|file:", text)


def test_both_lock_files_are_one_resolution() -> None:
    def pins(lock: str) -> set[str]:
        return set(re.findall(r"^\S+==\S+", (ROOT / lock).read_text(), re.MULTILINE))

    assert pins("requirements.txt") <= pins("requirements/dev.txt")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_every_script_explains_itself(script: Path) -> None:
    done = subprocess.run([script, "--help"], capture_output=True, text=True, timeout=60, cwd="/")
    assert done.returncode == 0, done.stderr
    assert done.stdout.lower().startswith("usage:")


@pytest.mark.parametrize("script", ["setup", "run", "check"])
def test_a_script_refuses_what_it_does_not_know(script: str) -> None:
    done = subprocess.run([ROOT / "bin" / script, "--nonsense"], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert len(done.stderr.splitlines()) == 1


def test_every_vendored_library_comes_with_its_licence() -> None:
    libraries = [path for path in (ROOT / "chat" / "static" / "chat" / "vendor").iterdir() if path.is_dir()]
    assert libraries
    assert [path.name for path in libraries if not (path / "LICENSE").is_file()] == []
