"""The tutorial servers, served both ways and by two processes; `name` is one of them."""

import functools
from collections.abc import Callable, Generator
from contextlib import ExitStack

import pytest

from support.servers import PYTHON, Server, start_server

Address = Callable[[str], str]


def serve_alone(name: str, **env: str) -> Server:
    return start_server(command=[PYTHON, "manage.py", "playground", name, "--port", "{port}"], env=env)


@pytest.fixture(scope="session", params=["alone", "mounted"])
def address(request: pytest.FixtureRequest) -> Generator[Address]:
    """Where a tutorial server is found: by itself on its port, or within the main application."""
    with ExitStack() as servers:

        @functools.cache
        def alone(name: str) -> str:
            return servers.enter_context(serve_alone(name)).ws_url

        if request.param == "alone":
            yield alone
        else:
            main = servers.enter_context(start_server(env={"PLAYGROUND": "1"}))
            yield lambda name: f"{main.ws_url}/ws/playground/{name}/"


@pytest.fixture
def two_processes(redis_url: str) -> Generator[Callable[[str], tuple[Server, Server]]]:
    with ExitStack() as servers:
        yield lambda name: (
            servers.enter_context(serve_alone(name, REDIS_URL=redis_url)),
            servers.enter_context(serve_alone(name, REDIS_URL=redis_url)),
        )
