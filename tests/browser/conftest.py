"""People with browsers, and one server for all of these tests."""

from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, expect

from support.servers import Server
from support.wire import Wire
from support.world import CAST, Window, World

# The limit for a page on two busy cores; a step that works takes a tenth of it.
expect.set_options(timeout=15_000)

EnterRoom = Callable[..., Awaitable[Window]]
Elsewhere = Callable[[str], Awaitable[Wire]]


@pytest.fixture(scope="session")
def shared_server(start_server: Callable[..., Server]) -> Iterator[Server]:
    with start_server(env={"CHAT_SEND_LIMIT": "0"}) as server:
        yield server


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def world(browser: Browser, shared_server: Server) -> AsyncGenerator[World]:
    made = World(browser, shared_server)
    made.seed("people", CAST, staff=["alice"])
    # The room for people who only need to be somewhere else.
    made.seed("room", "base", owner="alice", members=["bob"])
    yield made
    await made.close()


@pytest_asyncio.fixture(loop_scope="session")
async def enter(world: World) -> AsyncGenerator[EnterRoom]:
    """`await enter("alice", "garden")`: a window. At the end, no window may have had an error or a policy violation."""
    windows: list[Window] = []

    async def open_window(username: str, room: str, *, among: World = world, **options: Any) -> Window:
        window = await among.window(username, room, **options)
        windows.append(window)
        return window

    yield open_window
    try:
        for window in windows:
            assert await window.refused_by_policy() == []
            assert window.errors == []
    finally:
        for window in windows:
            await window.close()


@pytest_asyncio.fixture(loop_scope="session")
async def elsewhere(world: World) -> AsyncGenerator[Elsewhere]:
    """`await elsewhere("bob")`: a socket of Bob, for tests that do not look at his page."""
    async with AsyncExitStack() as sockets:

        async def dial(username: str) -> Wire:
            return await sockets.enter_async_context(world.elsewhere(username))

        yield dial
