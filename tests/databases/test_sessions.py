"""The session settings that our connections enforce, whatever the role, the database or the server defaults to."""

from typing import Any

import psycopg
import pytest
from django.db import OperationalError, connection, transaction
from psycopg_pool.base import AttemptWithBackoff

from support.postgres import Postgres


def shown(setting: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SHOW {setting}")
        return str(cursor.fetchone()[0])


@pytest.mark.parametrize(
    ("default", "ours"),
    [
        ("off", "on"),
        ("local", "on"),
        ("remote_write", "on"),
        ("on", "on"),
        ("remote_apply", "remote_apply"),
    ],
)
@pytest.mark.parametrize("pool", [False, True])
def test_a_commit_is_on_disk_before_it_is_acknowledged(
    postgres: Postgres, connect: Any, default: str, ours: str, pool: bool
) -> None:
    connect(postgres.create_database(synchronous_commit=default), pool=pool)
    assert shown("synchronous_commit") == ours
    with transaction.atomic():
        assert shown("synchronous_commit") == ours


def test_neither_may_the_role_nor_the_address_weaken_it(postgres: Postgres, connect: Any) -> None:
    url = postgres.create_database()
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("CREATE ROLE careless LOGIN SUPERUSER")
        owner.execute("ALTER ROLE careless SET synchronous_commit = off")
    connect(url.replace("backchannel@", "careless@") + "?options=-c%20synchronous_commit%3Doff%20-c%20jit%3Don")
    assert shown("synchronous_commit") == "on"
    assert shown("jit") == "on"


@pytest.mark.parametrize("level", ["serializable", "repeatable read"])
def test_every_statement_sees_what_was_committed_before_it(postgres: Postgres, connect: Any, level: str) -> None:
    connect(postgres.create_database(default_transaction_isolation=level))
    assert shown("transaction_isolation") == "read committed"
    with transaction.atomic():
        assert shown("transaction_isolation") == "read committed"


def test_the_time_limits_hold_against_those_of_the_database(postgres: Postgres, connect: Any) -> None:
    connect(postgres.create_database(statement_timeout="1h", lock_timeout="0"))
    assert (shown("statement_timeout"), shown("lock_timeout")) == ("4s", "4s")


class TestAfterAnOutage:
    def test_the_pool_connects_again_however_long_it_was(
        self, connect: Any, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
    ) -> None:
        # By itself it would by now wait minutes between two attempts.
        monkeypatch.setattr(AttemptWithBackoff, "INITIAL_DELAY", 600.0)
        server = Postgres()
        try:
            connect(server.url(), pool=True, timeout=1)
            assert shown("synchronous_commit") == "on"
            connection.close()
            server.stop()
            for _ in range(2):
                with pytest.raises(OperationalError):
                    shown("synchronous_commit")
                connection.close()
            server.start()
            assert shown("synchronous_commit") == "on"
        finally:
            server.stop()

    def test_one_broken_connection_stands_for_all(self, postgres: Postgres, connect: Any) -> None:
        url = postgres.create_database()
        pool = connect(url, pool=True).pool
        pool.open()
        pool.resize(4, 8)
        pool.wait()
        with psycopg.connect(url, autocommit=True) as other:
            other.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        with pytest.raises(OperationalError):
            shown("jit")
        connection.close()
        for _ in range(4):
            assert shown("jit") == "off"
            connection.close()
