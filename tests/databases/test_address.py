"""DATABASE_URL and DATA_DIR: the code uses exactly what they name."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from your_project.databases import database, is_postgresql


def read(monkeypatch: pytest.MonkeyPatch, url: str) -> dict[str, Any]:
    monkeypatch.setenv("DATABASE_URL", url)
    return database("DATABASE_URL", Path("/nowhere"))


@pytest.mark.parametrize(
    ("url", "host", "port", "name"),
    [
        ("postgres://u:p@db.example:5433/chat", "db.example", "5433", "chat"),
        ("postgresql://u:p@%2Frun%2Fpostgresql/chat", "/run/postgresql", "", "chat"),
        ("postgres://u:p@%2Frun%2Fpostgresql:5433/chat", "/run/postgresql", "5433", "chat"),
        ("postgres:///chat?host=/run/postgresql", "/run/postgresql", "", "chat"),
        ("postgres://u:p@[::1]:5432/chat", "::1", "5432", "chat"),
        ("postgres://u:p@one:5432,two:5433/chat", "one,two", "5432,5433", "chat"),
        ("postgres:///my%20chat", "", "", "my chat"),
    ],
)
def test_postgresql_is_where_the_address_says(
    monkeypatch: pytest.MonkeyPatch, url: str, host: str, port: str, name: str
) -> None:
    config = read(monkeypatch, url)
    assert (config["HOST"], config["PORT"], config["NAME"]) == (host, port, name)


def test_the_pool_has_a_connection_for_each_thread_and_eight_for_pages(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "postgres://h/chat")
    assert is_postgresql("DATABASE_URL")
    assert database("DATABASE_URL", Path("/nowhere"), threads=5)["OPTIONS"]["pool"]["max_size"] == 13


@pytest.mark.parametrize("written", ["p@ss", "p%40ss", "p#?ss", "p+ss", "p:ss", "päss"])
def test_a_password_is_taken_as_it_is_meant(monkeypatch: pytest.MonkeyPatch, written: str) -> None:
    config = read(monkeypatch, f"postgres://ada:{written}@host/chat")
    assert (config["USER"], config["PASSWORD"], config["HOST"]) == ("ada", written.replace("%40", "@"), "host")


def test_options_are_kept_beside_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    options = read(
        monkeypatch,
        "postgres://h/chat?sslmode=verify-full&target_session_attrs=read-write&connect_timeout=9"
        "&application_name=two%20words&options=-c%20search_path%3Dchat%20-c%20statement_timeout%3D0",
    )["OPTIONS"]
    assert options["sslmode"] == "verify-full"
    assert options["target_session_attrs"] == "read-write"
    assert options["application_name"] == "two words"
    assert options["connect_timeout"] == "9"
    assert options["options"].startswith(
        "-c jit=off -c search_path=chat -c statement_timeout=0 -c statement_timeout=4s "
    )


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("postgres://u:hunter2@h/chat?conn_max_age=60", "unknown option conn_max_age"),
        ("postgres://u:hunter2@h/chat?connect_timeout=soon", "connect_timeout is no number"),
        ("postgres://u:hunter2%zz@h/chat", "cannot be read"),
        ("postgres://u:hunter2@h:99999/chat", "port"),
        ("postgres://u:hunter2@h/", "without a name"),
        ("sqlite:///x.sqlite3?mode=ro", "mode"),
        ("sqlite:///x.sqlite3?timeout=long", "timeout"),
        ("sqlite://folder/x.sqlite3", "without a path"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_line(monkeypatch: pytest.MonkeyPatch, url: str, said: str) -> None:
    with pytest.raises(SystemExit, match=r"^Backchannel cannot start: DATABASE_URL must be [^\n]+$") as refusal:
        read(monkeypatch, url)
    assert said in str(refusal.value)
    assert "hunter2" not in str(refusal.value)


@pytest.mark.parametrize(
    "folder", ["a b", "c#d", "e?f=g&h", "100%", "%2F", 'it\'s "so"', "día日本", "semi;colon", "file:x", "a+b", "$HOME"]
)
def test_any_folder_holds_the_file(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, folder: str) -> None:
    monkeypatch.delenv("DATABASE_URL", raising=False)
    home = tmp_path / folder
    home.mkdir()
    config = database("DATABASE_URL", home)
    with sqlite3.connect(config["NAME"]) as file:
        file.execute("CREATE TABLE here (id)")
    assert [path.name for path in home.iterdir()] == ["backchannel.sqlite3"]
    assert (home / "backchannel.sqlite3").stat().st_size


def test_the_path_of_a_file_may_be_escaped_and_a_timeout_given(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    config = read(monkeypatch, f"sqlite:///{tmp_path}/a%20%23%3F%25.sqlite3?timeout=2.5")
    assert config["NAME"] == f"{tmp_path}/a #?%.sqlite3"
    assert config["OPTIONS"]["timeout"] == 2.5
    assert "synchronous=FULL" in config["OPTIONS"]["init_command"]
