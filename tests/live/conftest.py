"""One server a module, embedded and scaled out, shared by tests that each take a fresh room."""

from collections.abc import AsyncGenerator, Callable, Generator

import pytest

from chat.live.hub import Hub, current_hub
from chat.live.presence import Presence
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


@pytest.fixture
async def unclocked_hub(monkeypatch: pytest.MonkeyPatch) -> AsyncGenerator[Hub]:
    """The hub of this process, without what it does by the clock."""
    for change in ("opened", "closed"):
        # The record of sockets is written a quarter of a second later, with reads of its own.
        monkeypatch.setattr(Presence, change, lambda _presence, _socket: None)
    hub = current_hub()
    for task in list(hub._tasks):
        task.cancel()
    # It compares numbers with the database as soon as it listens.
    await hub.broker.stop()
    yield hub
    await hub.stop()
