"""The main flows in each engine: Chromium, Firefox, and WebKitGTK for Safari."""

from collections.abc import AsyncGenerator, Awaitable, Callable

import pytest
import pytest_asyncio
from playwright.async_api import Browser

from support.chat_page import CONNECTED
from support.engines import DESKTOP, NAMES, PHONE, Engine, start_engine
from support.password import PASSWORD
from support.world import World
from tools.faults.wire import Wire

COMPOSER = "[data-testid=composer] textarea"
SENT = "[data-testid=message]"
TEXT = f"{SENT} [data-testid=message-text]"
SHOWN = f"return [...document.querySelectorAll('{TEXT}')].map((line) => line.innerText.trim())"
WATCH = """
window.wentWrong = [];
addEventListener("error", ({ message }) => wentWrong.push(message));
addEventListener("unhandledrejection", ({ reason }) => wentWrong.push(String(reason)));
addEventListener("securitypolicyviolation", ({ violatedDirective }) => wentWrong.push(violatedDirective));
"""
# Ids that occur twice in the page.
TWICE = """
const names = [...document.querySelectorAll("[id]")].map(({ id }) => id);
return names.filter((name, at) => names.indexOf(name) !== at);
"""

Enter = Callable[..., Awaitable[None]]


@pytest_asyncio.fixture(scope="session", loop_scope="session", params=NAMES)
async def engine(request: pytest.FixtureRequest, browser: Browser) -> AsyncGenerator[Engine]:
    async with start_engine(request.param, browser) as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def enter(engine: Engine, world: World) -> AsyncGenerator[Enter]:
    """`await enter("alice", "garden")`: open the room in the engine's window. At the end it may have no error."""

    async def open_room(username: str, room: str, *, url: str = "") -> None:
        url = url or world.server.url
        await engine.open(f"{url}/healthz")
        await engine.keep(world.seed("signed_in", username))
        await engine.open(f"{url}/rooms/{room}/")
        await engine.run(WATCH)
        await engine.until(CONNECTED)

    yield open_room
    assert await engine.run("return window.wentWrong ?? []") == []
    await engine.resize(*DESKTOP)


async def say(engine: Engine, text: str) -> None:
    await engine.type(COMPOSER, typed=text)
    await engine.press("Enter")


async def act(engine: Engine, text: str, action: str) -> None:
    """Choose an entry from the menu of the row that contains `text`."""
    await engine.click(TEXT, text)
    await engine.click(f"{SENT} [role=toolbar] button", "More actions")
    await engine.click("[role=menuitem]", action)


async def test_a_newcomer_signs_up_and_writes(engine: Engine, enter: Enter, world: World) -> None:
    await engine.open(f"{world.server.url}/healthz")
    await engine.keep({})
    await engine.open(f"{world.server.url}/accounts/signup/")
    assert await engine.spill() == [0, 0]
    await engine.type("input", "Display name", typed="Nel New")
    await engine.type("input", "Username", typed=f"new-{engine.name}")
    await engine.type("input", "Password", typed=PASSWORD)
    await engine.click("button", "Create account")
    await engine.until("return location.pathname === '/rooms/lobby/'")
    await engine.run(WATCH)
    await engine.until(CONNECTED)
    assert await engine.spill() == [0, 0]
    hello = f"Hello from {engine.name}"
    await say(engine, f"**{hello}** and `code` in <b>text</b>")
    await engine.see(f"{TEXT} strong", hello)
    await engine.see(f"{TEXT} code", "code")
    await engine.see(TEXT, "in <b>text</b>")
    await act(engine, hello, "Edit")
    await engine.type("textarea", "Edit message", typed=", again")
    await engine.press("Enter")
    await engine.see(TEXT, "(edited)")
    await engine.see(TEXT, "text</b>, again")
    await engine.click(TEXT, hello)
    await engine.click(f"{SENT} [role=toolbar] button", "React with")
    await engine.see(f"{SENT} [role=group] button", "1")
    await act(engine, hello, "Reply")
    await engine.see("[data-testid=replying-to]", "Replying to Nel New")
    await say(engine, f"Answered in {engine.name}")
    await engine.see(f"{SENT} [data-testid=reply]", hello)
    assert await engine.spill() == [0, 0]


async def test_each_part_of_the_page_is_drawn_once(engine: Engine, enter: Enter, world: World) -> None:
    room = f"once-{engine.name}"
    world.seed("room", room, owner="alice", said=30)
    lines = ",".join(f"line {number}" for number in range(1, 31))
    await enter("alice", room)
    # The order in which its bundles arrive varies from load to load.
    for _ in range(6):
        await engine.open(f"{world.server.url}/rooms/{room}/")
        await engine.run(WATCH)
        await engine.until(CONNECTED)
        assert await engine.run(TWICE) == []
        # The rows are rendered after the parts.
        await engine.until(f"{SHOWN}.join() === arguments[0]", lines)


async def test_a_reader_switches_rooms_by_keyboard_and_reads_up_to_the_beginning(
    engine: Engine, enter: Enter, world: World
) -> None:
    start, long = f"desk-{engine.name}", f"long-{engine.name}"
    world.seed("room", start, owner="alice", said=1)
    world.seed("room", long, owner="alice", said=120)
    await enter("alice", start)
    await engine.press("k", control=True)
    await engine.type("input[role=combobox]", typed=long)
    await engine.see("[role=option][aria-selected=true]", long)
    await engine.press("Enter")
    await engine.until("return location.pathname === arguments[0]", f"/rooms/{long}/")
    await engine.see(SENT, "line 120")
    await engine.until(
        """document.querySelector("[role=log]").scrollTop = 0;
           return document.querySelector("[role=log]").innerText.includes(arguments[0])""",
        f"This is the start of #{long}",
    )
    assert await engine.run(SHOWN) == [f"line {number}" for number in range(1, 121)]


async def test_a_message_written_offline_is_sent_once(engine: Engine, enter: Enter, world: World) -> None:
    room = f"away-{engine.name}"
    world.seed("room", room, owner="alice", members=["bob"], said=1)
    async with Wire(world.server.port) as wire:
        await enter("alice", room, url=wire.url)
        await wire.unplug()
        await engine.see("[data-testid=offline]")
        await say(engine, "Written while away")
        await engine.see("[data-testid=delivery]", "Waiting for connection")
        world.seed("say", room, [("bob", "Said meanwhile")])
        await wire.plug()
        await engine.click("[data-testid=offline] button", "Try now")
        await engine.see("[data-testid=reconnected]", "Reconnected. 1 message sent.")
        await engine.see(SENT, "Written while away")
        assert await engine.run(SHOWN) == ["line 1", "Said meanwhile", "Written while away"]


async def test_settings_apply_in_a_room_on_a_phone(engine: Engine, enter: Enter, world: World) -> None:
    room, other = f"pocket-{engine.name}", f"purse-{engine.name}"
    for slug in (room, other):
        world.seed("room", slug, owner="alice", members=["bob"], said=30)
    # Left by the previous engine's run, which may have failed half-way.
    world.seed("forget_preferences")
    await enter("bob", room)
    await engine.click("button", "Settings")
    await engine.click("[role=menuitem]", "All settings")
    await engine.see("h1", "Settings")
    await engine.click("label", "Dark")
    await engine.see("[data-status]", "Saved")
    await engine.resize(*PHONE)
    assert (await engine.spill())[0] == 0
    await engine.click("a", "Back to the conversation")
    await engine.until("return location.pathname === arguments[0]", f"/rooms/{room}/")
    await engine.run(WATCH)
    await engine.until(CONNECTED)
    assert await engine.run("return getComputedStyle(document.body).colorScheme") == "dark"
    assert await engine.spill() == [0, 0]
    await engine.click("[data-testid=back]", "Rooms")
    await engine.click("[data-testid=room-link]", other)
    await engine.see("[data-testid=room-header] h1", other)
    await engine.see(SENT, "line 30")
    await engine.type(COMPOSER, typed="By thumb")
    await engine.click("button", "Send message")
    await engine.see(SENT, "By thumb")
    assert await engine.spill() == [0, 0]
    world.seed("forget_preferences")
