"""The output of `manage.py doctor`, `serve` and `check --database default` on a reachable database."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import Tags, run_checks
from django.db import connection, transaction

from chat.lib.prepared_queries import PreparedManyLists, numbers
from chat.management.database import database_problem
from chat.management.doctor.database import database as look
from chat.models import Room
from support.pgbouncer import PgBouncer
from support.postgres import Postgres


def said() -> dict[str, str]:
    """The messages of the checks by id, without the warnings about the tests' own server."""
    found = run_checks(tags=[Tags.database], databases=["default"])
    return {message.id or "": f"{message.msg} {message.hint}" for message in found if message.id != "chat.W020"}


def test_a_sound_database_passes(postgres: Postgres, migrated: str, connect: Any) -> None:
    connect(postgres.create_database(template=migrated))
    assert said() == {}


def test_an_empty_database_passes_until_it_is_migrated(postgres: Postgres, connect: Any) -> None:
    connect(postgres.create_database())
    assert said() == {}
    assert any("run manage.py migrate" in line for _, line in look())


@pytest.mark.parametrize("encoding", ["LATIN1", "SQL_ASCII", "EUC_JP"])
def test_another_encoding_than_utf8_is_refused(postgres: Postgres, connect: Any, encoding: str) -> None:
    connect(postgres.create_database(template="template0", options=f"ENCODING '{encoding}' LOCALE 'C'"))
    assert f"is encoded in {encoding}" in said()["chat.E020"]
    assert "ENCODING 'UTF8' TEMPLATE template0" in said()["chat.E020"]
    assert not all(well for well, _ in look())


def test_a_database_that_is_read_only_is_refused(postgres: Postgres, migrated: str, connect: Any) -> None:
    connect(postgres.create_database(template=migrated, default_transaction_read_only="on"))
    assert "RESET default_transaction_read_only" in said()["chat.E021"]


def test_a_server_that_syncs_nothing_is_named_by_the_doctor(postgres: Postgres, migrated: str, connect: Any) -> None:
    connect(postgres.create_database(template=migrated))
    lines = [line for well, line in look() if not well]
    assert [line.partition(":")[0] + line.partition(" runs")[1] for line in lines] == ["database runs"] * 2
    assert "fsync = on" in lines[0]
    assert "full_page_writes = on" in lines[1]


class TestPgBouncer:
    def test_its_refusal_is_explained(self, postgres: Postgres, connect: Any) -> None:
        url = postgres.create_database()
        connect(PgBouncer(postgres).url(url))
        problem = database_problem() or ""
        assert "ignore_startup_parameters = options" in problem
        assert f"ALTER DATABASE {url.rpartition('/')[2]} SET statement_timeout = '4s'" in problem

    def test_ignored_options_are_found_and_the_cure_works(
        self, postgres: Postgres, migrated: str, connect: Any, caplog: pytest.LogCaptureFixture
    ) -> None:
        url = postgres.create_database(template=migrated, synchronous_commit="off")
        connect(PgBouncer(postgres, ignore="extra_float_digits, options").url(url))
        refusal = said()["chat.E022"]
        assert "statement_timeout, lock_timeout, synchronous_commit are not in force" in refusal
        cure = refusal.partition("connections: ")[2].partition(" in force. ")[2].partition("; then")[0]
        connection.close()
        with connection.cursor() as cursor:
            for statement in cure.split("; "):
                cursor.execute(statement)
        connection.close()
        connect(PgBouncer(postgres, ignore="options").url(url))
        assert said() == {}

    def test_how_one_transaction_joins_tables_is_its_own_matter(
        self, postgres: Postgres, migrated: str, connect: Any
    ) -> None:
        """The next transaction on the same PgBouncer connection may belong to another process."""
        connect(PgBouncer(postgres, ignore="options").url(postgres.create_database(template=migrated)))
        usual = joined_as_written()
        rooms = PreparedManyLists(
            lambda pks: Room.objects.filter(pk__in=pks).values_list("pk"), numbers, as_written=True
        )
        for _ in range(6):
            with transaction.atomic():
                assert rooms.all([-1]) == []
                assert joined_as_written() == "1"
            assert joined_as_written() == usual != "1"


def joined_as_written() -> str:
    """How many tables PostgreSQL may reorder."""
    with connection.cursor() as cursor:
        cursor.execute("SHOW join_collapse_limit")
        return str(cursor.fetchone()[0])


class TestFile:
    def test_a_file_that_cannot_be_written_is_refused(self, tmp_path: Path, connect: Any) -> None:
        connect(f"sqlite:///{tmp_path}/chat.sqlite3")
        assert said() == {}
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA query_only = 1")
        assert "The database takes no message. The database is read-only" in said()["chat.E023"]

    def test_one_whose_folder_is_out_of_reach_is_explained(self, tmp_path: Path, connect: Any) -> None:
        folder = tmp_path / "data"
        folder.mkdir()
        connect(f"sqlite:///{folder}/chat.sqlite3")
        shutil.rmtree(folder)
        assert "cannot be written by the account of the server" in (database_problem() or "")
