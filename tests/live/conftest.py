"""One server a module, embedded and scaled out, shared by tests that each take a fresh room."""

from collections.abc import Callable, Generator
from pathlib import Path

import pytest

from tests.live.wire import NO_LIMITS, SERVE, Place
from tests.support.servers import Postgres, Server

# They bring databases of their own, of both kinds: once in a run is enough.
_OWN_DATABASES = {"test_greed.py", "test_relay.py", "test_socket.py", "test_two_processes.py"}

StartServer = Callable[..., Server]


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    again = config.getoption("database") == "postgres" and collection_path.name in _OWN_DATABASES
    return True if again else None


@pytest.fixture(scope="module", params=["embedded", "scaled out"])
def place(request: pytest.FixtureRequest, start_server: StartServer) -> Generator[Place]:
    """SQLite and the layer in memory; PostgreSQL and Redis."""
    env = dict(NO_LIMITS)
    if request.param == "scaled out":
        postgres: Postgres = request.getfixturevalue("postgres")
        env |= {"DATABASE_URL": postgres.create_database(), "REDIS_URL": request.getfixturevalue("redis_url")}
    with start_server(env=env, command=SERVE) as server:
        yield Place(server)
