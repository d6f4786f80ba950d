"""PostgreSQL databases with troublesome defaults, and our code connected to them."""

from collections.abc import Callable, Generator
from contextlib import ExitStack
from typing import Any

import pytest
from pytest_django import DjangoDbBlocker

from chat.lib import outage
from support.elsewhere import database_at
from support.postgres import Postgres
from support.servers import make_tables

Connect = Callable[..., Any]


@pytest.fixture(scope="session")
def migrated(postgres: Postgres) -> str:
    """The name of a database with every table, used as a template."""
    url = postgres.create_database()
    make_tables(url)
    return url.rpartition("/")[2]


@pytest.fixture
def connect(monkeypatch: pytest.MonkeyPatch, django_db_blocker: DjangoDbBlocker) -> Generator[Connect]:
    """`connect(url)`: our connection uses this address until the test ends."""
    monkeypatch.setattr(outage, "_reported", {})
    with ExitStack() as stack, django_db_blocker.unblock():
        yield lambda url, **options: stack.enter_context(database_at(url, monkeypatch, **options))
