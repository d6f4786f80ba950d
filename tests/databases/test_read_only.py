"""A database that answers every query and accepts no write: a standby, a default, a file of another user."""

from typing import Any

import psycopg
import pytest
from django.db import Error, OperationalError
from django.test import Client

from chat.lib import outage
from chat.services.trial import write_tried
from support.password import PASSWORD
from support.postgres import Postgres


@pytest.fixture
def standby(postgres: Postgres, migrated: str, connect: Any) -> None:
    connect(postgres.create_database(template=migrated, default_transaction_read_only="on"))


def test_a_write_says_why(standby: None) -> None:
    with pytest.raises(Error) as failure:
        write_tried()
    assert outage.why(failure.value).startswith("The database is read-only")


def test_a_role_without_rights_says_why(postgres: Postgres, migrated: str, connect: Any) -> None:
    url = postgres.create_database(template=migrated)
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("CREATE ROLE reader LOGIN")
        owner.execute("GRANT SELECT ON ALL TABLES IN SCHEMA public TO reader")
    connect(url.replace("backchannel@", "reader@"))
    with pytest.raises(Error) as failure:
        write_tried()
    assert outage.why(failure.value) == "The role of DATABASE_URL lacks rights in the database."


def test_a_database_without_tables_says_why(postgres: Postgres, connect: Any) -> None:
    connect(postgres.create_database())
    with pytest.raises(Error) as failure:
        write_tried()
    assert outage.why(failure.value) == "The database lacks a table: run manage.py migrate."


def test_a_database_that_takes_writes_is_unchanged(postgres: Postgres, migrated: str, connect: Any) -> None:
    from chat.models import ServerState

    connect(postgres.create_database(template=migrated))
    before = ServerState.objects.get()
    write_tried()
    assert ServerState.objects.get().epoch == before.epoch


def test_who_signs_up_is_asked_to_try_again(standby: None, caplog: pytest.LogCaptureFixture) -> None:
    form = {"username": "ada", "password": PASSWORD}
    answer = Client(raise_request_exception=False).post("/accounts/signup/", form)
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "2")
    assert "cannot use its database" in answer.content.decode()
    [record] = caplog.records
    assert "ReadOnlySqlTransaction 25006" in record.getMessage()
    assert record.exc_info is None


def test_a_kind_of_failure_is_logged_once_a_minute(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(outage, "_reported", {})
    clock = iter([100.0, 130.0, 131.0, 161.0])
    monkeypatch.setattr("chat.lib.outage.time.monotonic", lambda: next(clock))
    for error in (OperationalError("a"), OperationalError("b"), TimeoutError("c"), OperationalError("d")):
        outage.report(error)
    assert [record.getMessage().partition(".")[0] for record in caplog.records] == [
        "The database fails (OperationalError)",
        "The database fails (TimeoutError)",
        "The database fails (OperationalError)",
    ]
