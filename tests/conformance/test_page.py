"""The page's store against the shared cases, in a real browser and without a server."""

from collections.abc import AsyncGenerator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest_asyncio
from django.conf import settings

from chat.views import import_map
from tests.conformance.cases import assert_expected, each_case

if TYPE_CHECKING:
    from playwright.async_api import Browser, Page, Route

ORIGIN = "http://page.test"
_TAKE_IN = """async (events) => {
  const { Store } = await import("/static/js/store.js");
  const store = new Store({ user_id: 3, username: "ada", display_name: "Ada", staff: false });
  for (const event of events) store.apply(event);
  const rooms = [...store.rooms.value.values()].map(({ room, title, topic, archived }) => {
    const log = store.log(room);
    const messages = Object.fromEntries(log.list().map((message) => [message.seq, message]));
    const facts = { title, topic, archived, messages };
    return [room, { ...facts, rev: log.cursor, cleared_before: log.clearedBefore, needs_history: log.needsHistory }];
  });
  return { epoch: store.epoch, rooms: Object.fromEntries(rooms) };
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def page(browser: "Browser") -> AsyncGenerator["Page"]:
    """An empty page that can load the project's modules."""
    context = await browser.new_context()

    async def answer(route: "Route") -> None:
        path = route.request.url.removeprefix(ORIGIN)
        if path.startswith("/static/"):
            file = Path(settings.BASE_DIR) / path.lstrip("/")
            await route.fulfill(path=file, content_type="text/javascript")
        else:
            shell = f'<!doctype html><script type="importmap">{import_map()}</script>'
            await route.fulfill(body=shell, content_type="text/html")

    await context.route("**/*", answer)
    made = await context.new_page()
    await made.goto(f"{ORIGIN}/")
    yield made
    await context.close()


@each_case
async def test_the_page_keeps_what_the_case_expects(page: "Page", case: dict[str, Any]) -> None:
    assert_expected(case, await page.evaluate(_TAKE_IN, case["events"]))
