"""The first page: its newest messages are there before the scripts run; the scripts adopt them and move nothing."""

import asyncio
import re
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Page, Route, expect

from support.chat_page import ChatPage
from support.world import World
from tests.browser.conftest import EnterRoom

WIDTHS = [(390, 844), (768, 1024), (1280, 800)]
# For each row in view, by its number, and for the parts around the conversation: the four sides in pixels.
_PLACES = """() => {
  const edge = (name) => document.querySelector(`main ${name}`).getBoundingClientRect();
  const list = { top: edge("header").bottom, bottom: edge("textarea").top };
  const sides = ({ left, right, top, bottom }) => [left, right, top, bottom];
  const place = (part) => sides(part.getBoundingClientRect());
  const rows = [...document.querySelectorAll("main [data-seq]")].filter((row) => {
    const { top, bottom } = row.getBoundingClientRect();
    return bottom > list.top + 1 && top < list.bottom - 1;
  });
  const parts = ["main", "main header", "main h1 bdi", "main textarea", "main [role=separator]"];
  const found = [...rows.map((row) => [row.dataset.seq, place(row)]),
    ...parts.map((name) => [name, document.querySelector(name)]).filter(([, part]) => part?.checkVisibility())
      .map(([name, part]) => [name, place(part)])];
  return Object.fromEntries(found);
}"""
_SHIFTS = """
window.shifts = [];
new PerformanceObserver((list) => {
  for (const { value, sources } of list.getEntries())
    shifts.push([value, ...sources.map(({ node }) => node?.outerHTML?.slice(0, 80))]);
}).observe({ type: "layout-shift", buffered: true });
"""
# Watches the rows that the server rendered, and records which of them are inserted or removed.
_WATCH = """() => {
  window.rows = [...document.querySelectorAll("main [data-seq]")];
  window.moved = [];
  new MutationObserver((records) => {
    for (const { addedNodes, removedNodes } of records)
      for (const node of [...addedNodes, ...removedNodes])
        if (rows.some((row) => row === node || node.contains(row))) moved.push(node.outerHTML.slice(0, 80));
  }).observe(document.querySelector("#app"), { childList: true, subtree: true });
}"""
# Records when the first frame is drawn, and when dates are formatted.
_DATES = """
requestAnimationFrame(() => (window.frame = performance.now()));
window.written = [];
const write = Date.prototype.toLocaleTimeString;
Date.prototype.toLocaleTimeString = function (...how) {
  written.push(performance.now());
  return write.apply(this, how);
};
"""
LINES = [
    *(
        "plain words",
        "and **bold** ones, `code` and a [link](https://example.org/a)",
        "> said before\n\nanswered",
        "👍",
    ),
    *("- one\n- two", "a line\nand another", "@alice #base https://example.org/" + "long/" * 30),
    *("```py\nreturn 1\n```", "| a | b |\n|---|---|\n| 1 | 2 |", "x\n" * 40, "# A heading", "word " * 60),
]


@asynccontextmanager
async def scripts_held(world: World, path: str, **options: Any) -> AsyncGenerator[tuple[Page, asyncio.Event]]:
    """A page whose scripts run only when the event is set."""
    window = await world.blank("alice", **options)
    zone = {"name": "time_zone", "value": "Europe/Berlin", "url": world.server.url}
    await window.context.add_cookies([zone])  # type: ignore[list-item]
    page, go = window.page, asyncio.Event()

    async def hold(route: Route) -> None:
        await go.wait()
        await route.continue_()

    await page.route("**/main.js", hold)
    await page.add_init_script(_SHIFTS + _DATES)
    await page.goto(f"{world.server.url}{path}", wait_until="commit")
    await page.wait_for_selector("main textarea")
    await page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")
    yield page, go
    go.set()
    await window.close()


@pytest.mark.parametrize("size", WIDTHS, ids=lambda size: str(size[0]))
@pytest.mark.parametrize(
    ("locale", "scheme", "unread"), [("en-GB", "light", 0), ("de-DE", "dark", 0), ("en-GB", "dark", 9)]
)
async def test_the_scripts_take_the_rows_over_and_nothing_moves(
    world: World, size: tuple[int, int], locale: str, scheme: str, unread: int
) -> None:
    slug = f"first-{size[0]}-{locale.lower()}-{unread}"
    world.seed("room", slug, owner="alice", members=["bob"], said=30, topic="Seeds and beds")
    world.seed("say", slug, [("bob" if at % 3 else "alice", line) for at, line in enumerate(LINES)])
    world.seed("say", slug, [("bob", f"end {number}") for number in range(8)])
    world.seed("read_all", slug, back=unread)
    options = {
        "viewport": {"width": size[0], "height": size[1]},
        "locale": locale,
        "color_scheme": scheme,
        "timezone_id": "Europe/Berlin",
    }
    async with scripts_held(world, f"/rooms/{slug}/", **options) as (page, go):
        before = await page.evaluate(_PLACES)
        assert ("main [role=separator]" in before) is bool(unread)
        assert len([name for name in before if name.isdigit()]) >= 3
        text = await page.get_by_role("main").inner_text()
        assert ("line 30" if not unread else LINES[-1].strip()[:20]) in text
        go.set()
        await expect(page.get_by_test_id("toasts")).to_be_attached()
        await expect(page.get_by_test_id("account")).to_have_attribute("data-connected", "true")
        after = await page.evaluate(_PLACES)
        moved = {name: (was, after.get(name)) for name, was in before.items() if not near(was, after.get(name))}
        assert moved == {}
        shifts = await page.evaluate("shifts")
        assert sum(value for value, *_ in shifts) < 0.02, shifts


def near(was: list[float], now: list[float] | None) -> bool:
    return now is not None and all(abs(one - other) <= 1 for one, other in zip(was, now, strict=True))


async def test_who_has_scrolled_before_the_scripts_ran_stays_there(world: World) -> None:
    world.seed("room", "scrolled", owner="alice", said=60)
    async with scripts_held(world, "/rooms/scrolled/", viewport={"width": 1280, "height": 800}) as (page, go):
        await page.get_by_test_id("first-rows").evaluate("(rows) => (rows.scrollTop = -400)")
        before = await page.evaluate(_PLACES)
        assert "60" not in before
        go.set()
        await expect(page.get_by_test_id("toasts")).to_be_attached()
        after = await page.evaluate(_PLACES)
        assert all(near(was, after.get(name)) for name, was in before.items() if name.isdigit())


async def test_the_rows_of_the_server_stay_and_become_those_of_the_page(world: World) -> None:
    world.seed("room", "kept", owner="alice", members=["bob"], said=40)
    world.seed("say", "kept", [("bob", "a **bold** word"), ("alice", "last")])
    world.seed("read_all", "kept", back=0)
    async with scripts_held(world, "/rooms/kept/", viewport={"width": 1280, "height": 500}) as (page, go):
        await page.evaluate(_WATCH)
        before = await page.evaluate(_PLACES)
        go.set()
        await expect(page.get_by_test_id("toasts")).to_be_attached()
        await expect(page.get_by_test_id("message")).to_have_count(42)
        shown = ChatPage(page)
        await expect(shown.text_of("bold").locator("strong")).to_have_text("bold")
        await expect(shown.row("line 1").first).to_have_attribute("aria-label", re.compile("line 1"))
        # No row was drawn again or moved.
        assert await page.evaluate("moved") == []
        assert await page.evaluate("rows.every((row) => row.isConnected)")
        after = await page.evaluate(_PLACES)
        assert all(near(was, after.get(name)) for name, was in before.items())
        assert sum(value for value, *_ in await page.evaluate("shifts")) < 0.02
        # A row above the visible ones works in the page, too.
        row = shown.row("line 2").first
        await row.scroll_into_view_if_needed()
        await row.hover()
        await expect(row.get_by_role("toolbar")).to_be_visible()


async def test_by_other_clocks_the_rows_are_drawn_anew(world: World) -> None:
    world.seed("room", "other-clocks", owner="alice", said=12)
    async with scripts_held(world, "/rooms/other-clocks/") as (page, go):
        await page.evaluate(
            """() => document.querySelector("main h2:has(time)").replaceWith(document.createElement("p"))"""
        )
        go.set()
        await expect(page.get_by_test_id("toasts")).to_be_attached()
        await expect(ChatPage(page).texts_shown).to_have_text([f"line {number}" for number in range(1, 13)])
        await expect(page.locator("main h2 time")).to_have_count(1)
        await expect(page.locator("main [data-seq]")).to_have_count(12)


async def test_the_tables_of_languages_are_read_after_the_first_frame_and_before_the_scripts(world: World) -> None:
    world.seed("room", "dated", owner="alice", said=3)
    async with scripts_held(world, "/rooms/dated/") as (page, _go):
        await page.wait_for_function("written.length")
        frame, written = await page.evaluate("[frame, written]")
        assert len(written) == 1
        assert written[0] > frame


async def test_the_socket_resumes_from_where_the_page_was(world: World, enter: EnterRoom) -> None:
    world.seed("room", "resumed", owner="alice", members=["bob"], said=5)
    async with scripts_held(world, "/rooms/resumed/") as (page, go):
        # Posted while the page is loading.
        world.seed("say", "resumed", [("bob", "meanwhile")])
        sent: list[str] = []
        page.on("websocket", lambda socket: socket.on("framesent", lambda frame: sent.append(str(frame))))
        go.set()
        shown = ChatPage(page)
        await expect(shown.texts_shown).to_have_text([*(f"line {number}" for number in range(1, 6)), "meanwhile"])
    assert sum('"resume"' in frame for frame in sent) == 1
    assert not any('"type":"history"' in frame and "around" not in frame for frame in sent)


async def test_what_is_written_in_marks_stands_as_the_server_has_read_it(world: World) -> None:
    world.seed("room", "marked", owner="alice", said=1)
    world.seed("say", "marked", [("alice", "a **bold** word")])
    async with scripts_held(world, "/rooms/marked/") as (page, go):
        await page.route("**/markdown-it.js", lambda route: route.abort())
        go.set()
        await expect(page.get_by_test_id("toasts")).to_be_attached()
        await expect(ChatPage(page).text_of("bold").locator("strong")).to_have_text("bold")
