"""The page's store against the shared cases, in the browser it is written for."""

import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest_asyncio
from playwright.async_api import Browser, Page, Route

from tests.conformance.cases import assert_expected, each_case

STATIC = Path(__file__).resolve().parents[2] / "static"
ORIGIN = "http://conformance.invalid"
IMPORTS = {
    name: f"/{module['path']}" for name, module in json.loads((STATIC / "vendor/manifest.json").read_text()).items()
}
PAGE = f"""<!doctype html><title>Conformance</title>
<script type="importmap">{json.dumps({"imports": IMPORTS})}</script>
<script type="module">import {{ Store }} from "/js/store.js"; window.Store = Store;</script>"""

TELL = """(events) => {
  const store = new Store({ user_id: 3, username: "ada", display_name: "Ada", staff: false });
  for (const event of events) store.apply(event);
  const rooms = {};
  for (const [slug, { title, topic, archived }] of store.rooms.value) {
    const log = store.log(slug);
    rooms[slug] = {
      rev: log.cursor,
      messages: Object.fromEntries(log.list().map((message) => [message.seq, message])),
      cleared_before: log.clearedBefore,
      needs_history: log.needsHistory,
      title, topic, archived,
    };
  }
  return { epoch: store.epoch, rooms };
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def page(browser: Browser) -> AsyncGenerator[Page]:
    """A page that has loaded the store and nothing else; its files come from the folder, no server is needed."""

    async def serve(route: Route) -> None:
        path = urlsplit(route.request.url).path
        if path == "/":
            await route.fulfill(body=PAGE, content_type="text/html")
        else:
            await route.fulfill(path=STATIC / path.lstrip("/"), content_type="text/javascript")

    made = await browser.new_page()
    await made.route(f"{ORIGIN}/**", serve)
    await made.goto(ORIGIN)
    await made.wait_for_function("() => Boolean(window.Store)")
    yield made
    await made.close()


@each_case
async def test_the_page_makes_the_same_of_it(case: dict[str, Any], page: Page, browser: Browser) -> None:
    assert_expected(case, await page.evaluate(TELL, case["events"]))
