"""The page's store against the shared cases, in the browser that it is written for."""

import json
from collections.abc import AsyncGenerator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, Route

from chat.live import db
from tests.conformance.acts import recorded
from tests.conformance.cases import assert_expected, each_case, each_count

STATIC = Path(__file__).resolve().parents[2] / "chat" / "static" / "chat"
ORIGIN = "http://conformance.invalid"
IMPORTS = {
    name: f"/{module['path']}" for name, module in json.loads((STATIC / "vendor/manifest.json").read_text()).items()
}
PAGE = f"""<!doctype html><title>Conformance</title>
<script type="importmap">{json.dumps({"imports": IMPORTS})}</script>
<script type="module">
import * as store from "/js/state/store.js";
import * as counts from "/js/state/room_counts.js";
Object.assign(window, counts, store);
</script>"""

TELL = """(events) => {
  const store = new Store({ user_id: 3, username: "alice", display_name: "Alice", staff: false });
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


COUNT = """(steps) => {
  const store = new Store({ user_id: 3, username: "alice", display_name: "Alice", staff: false });
  return steps.map(({ act, events }) => {
    if (act.act === "read here") store.readUpTo("lobby", act.seq);
    for (const event of events) store.apply(event);
    const room = store.room("lobby");
    return { unread: unreadOf(room), mentions: mentionsOf(room) };
  });
}"""


THREADS = """(steps) => {
  const store = new Store({ user_id: 3, username: "alice", display_name: "Alice", staff: false });
  return steps.map(({ act, events }) => {
    if (act.act === "read here") store.readUpTo("lobby", act.seq);
    for (const event of events) store.apply(event);
    const parts = [...store.threads.parts.value.values()].filter(({ unread }) => unread > 0);
    const counts = ({ unread, mentions, hidden_mentions }) => [unread, mentions, hidden_mentions];
    return Object.fromEntries(parts.map((part) => [part.thread, counts(part)]));
  });
}"""


# The page requests the list on each connection, and when its totals cannot be right.
TOTALS = """(steps) => {
  const store = new Store({ user_id: 3, username: "alice", display_name: "Alice", staff: false });
  let due = 0;
  return steps.map(({ act, events, list }) => {
    if (act.act === "read here") store.readUpTo("lobby", act.seq);
    for (const event of events) store.apply(event);
    const connected = events.some(({ type }) => type === "authenticated");
    if (connected || store.threads.due.value !== due) store.apply(list);
    due = store.threads.due.value;
    return { ...store.threads.totals.value, hidden: store.room("lobby").callsInThreads };
  });
}"""


FORWARDS = """(steps) => {
  const store = new Store({ user_id: 3, username: "alice", display_name: "Alice", staff: false });
  return steps.map(({ act, events }) => {
    if (act.act === "read here") store.readUpTo("lobby", act.seq);
    for (const event of events) store.apply(event);
    const forwarded = store.log("lobby").list().filter((message) => message.forwarded && !message.deleted);
    return Object.fromEntries(
      forwarded.map(({ seq, message, forwarded: { start } }) => {
        const points = [...message];
        return [seq, [points.slice(0, start).join("").trimEnd(), points.slice(start).join("")]];
      }),
    );
  });
}"""


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def page(browser: Browser) -> AsyncGenerator[Page]:
    """A page that loads only the store; its files come from the folder, without a server."""

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


def while_here(steps: list[dict[str, Any]], counts: list[Any]) -> list[Any]:
    """Only the counts after steps that leave the connection up."""
    here, kept = True, []
    for step, count in zip(steps, counts, strict=True):
        here = step["act"]["act"] != "lose the connection" and (here or step["act"]["act"] == "come back")
        kept += [count] if here else []
    return kept


@each_count
async def test_the_page_counts_it(case: dict[str, Any], page: Page, browser: Browser) -> None:
    steps = [{"act": step.get("do", {"act": "begin"}), **step} for step in case["steps"]]
    assert while_here(steps, await page.evaluate(COUNT, steps)) == while_here(steps, [step["counts"] for step in steps])


@pytest.mark.django_db(transaction=True)
async def test_the_page_counts_after_random_acts_what_a_plain_model_counts(page: Page, browser: Browser) -> None:
    # As many as the server and the client run without --long.
    for seed in range(4):
        steps = await db.run(recorded, seed)
        found = await page.evaluate(COUNT, steps)
        assert while_here(steps, found) == while_here(steps, [step["counts"] for step in steps]), seed
        found = await page.evaluate(THREADS, steps)
        assert while_here(steps, found) == while_here(steps, [step["threads"] for step in steps]), seed
        found = await page.evaluate(TOTALS, steps)
        assert while_here(steps, found) == while_here(steps, [step["totals"] for step in steps]), seed
        found = await page.evaluate(FORWARDS, steps)
        assert while_here(steps, found) == while_here(steps, [step["forwards"] for step in steps]), seed
