"""One server per module, embedded and scaled out, shared by tests that each use a fresh room."""

from collections.abc import AsyncGenerator, Callable, Generator

import pytest

from chat.live.hub import Hub, current_hub
from chat.live.presence import Presence
from support.servers import Postgres, Server
from support.wire import NO_LIMITS, SERVE, Place

StartServer = Callable[..., Server]


@pytest.fixture(scope="session")
def embedded(start_server: StartServer) -> Generator[Place]:
    """A server on SQLite with the in-memory channel layer."""
    with start_server(env=NO_LIMITS, command=SERVE) as server:
        yield Place(server)


@pytest.fixture(scope="session")
def scaled_out(start_server: StartServer, postgres: Postgres, redis_url: str) -> Generator[Place]:
    """A server on PostgreSQL and Redis."""
    env = NO_LIMITS | {"DATABASE_URL": postgres.create_database(), "REDIS_URL": redis_url}
    with start_server(env=env, command=SERVE) as server:
        yield Place(server)


# A parametrized fixture is torn down after each parameter: these two stay for all files of a worker.
@pytest.fixture(scope="session", params=["embedded", "scaled out"])
def place(request: pytest.FixtureRequest) -> Place:
    """Each of the two servers."""
    found: Place = request.getfixturevalue(request.param.replace(" ", "_"))
    return found


@pytest.fixture
async def unclocked_hub(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Hub]:
    """The hub of this process, without its periodic tasks."""
    for change in ("opened", "closed"):
        # Presence writes the record of sockets a quarter of a second later, with queries of its own.
        monkeypatch.setattr(Presence, change, lambda _presence, _socket: None)
    hub = current_hub()
    for task in list(hub._tasks):
        task.cancel()
    # It compares numbers with the database as soon as it listens.
    await hub.broker.stop()
    yield hub
    await hub.stop()
