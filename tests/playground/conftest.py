"""The tutorial servers, standalone, mounted, and as two processes; `name` selects one."""

import functools
from collections.abc import Callable, Generator
from contextlib import ExitStack

import pytest

from support.servers import PYTHON, Server, start_server

Address = Callable[[str], str]


def serve_alone(name: str, **env: str) -> Server:
    return start_server(command=[PYTHON, "manage.py", "playground", name, "--port", "{port}"], env=env)


@pytest.fixture(scope="session")
def alone() -> Generator[Address]:
    """Each server standalone on its own port."""
    with ExitStack() as servers:
        yield functools.cache(lambda name: servers.enter_context(serve_alone(name)).ws_url)


@pytest.fixture(scope="session")
def mounted() -> Generator[Address]:
    """All servers within the main application."""
    with start_server(env={"PLAYGROUND": "1"}) as main:
        yield lambda name: f"{main.ws_url}/ws/playground/{name}/"


# A parametrized fixture is torn down after each parameter: the servers stay for all files.
@pytest.fixture(scope="session", params=["alone", "mounted"])
def address(request: pytest.FixtureRequest) -> Address:
    """The address of a tutorial server."""
    found: Address = request.getfixturevalue(request.param)
    return found


@pytest.fixture
def two_processes(redis_url: str) -> Generator[Callable[[str], tuple[Server, Server]]]:
    with ExitStack() as servers:
        yield lambda name: (
            servers.enter_context(serve_alone(name, REDIS_URL=redis_url)),
            servers.enter_context(serve_alone(name, REDIS_URL=redis_url)),
        )
