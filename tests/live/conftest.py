"""One server a module, embedded and scaled out, shared by tests that each take a fresh room."""

from collections.abc import Callable, Generator

import pytest

from support.servers import Postgres, Server
from support.wire import NO_LIMITS, SERVE, Place

StartServer = Callable[..., Server]


# Of all modules of a worker: two servers, not two for each module.
@pytest.fixture(scope="session", params=["embedded", "scaled out"])
def place(request: pytest.FixtureRequest, start_server: StartServer) -> Generator[Place]:
    """SQLite and the layer in memory; PostgreSQL and Redis."""
    env = dict(NO_LIMITS)
    if request.param == "scaled out":
        postgres: Postgres = request.getfixturevalue("postgres")
        env |= {"DATABASE_URL": postgres.create_database(), "REDIS_URL": request.getfixturevalue("redis_url")}
    with start_server(env=env, command=SERVE) as server:
        yield Place(server)
