"""Page: the delays a user notices: another room, an own message, a key, the quick switch; and the memory of a page
after scrolling far back. On this machine, and as on a slow phone and network.

Measured by the page's own clock, from the key or click to the frame that shows its effect.
"""

import contextlib
import os
from collections.abc import Generator
from functools import partial

from playwright.sync_api import Browser, CDPSession, Page, sync_playwright

from bench import servers
from bench.build import Build
from bench.machine import CORES
from bench.measuring import Case, Effort, Figure, Measure, Plan, Sample, Scenario
from bench.scenarios.browser import INTERACTIVE, SWITCH, TIMES, signed_in
from bench.servers import Contestant, Server, World
from support.chromium import FLAGS, need_chromium

# Messages of each room, rounds.
PLANS = {Effort.FULL: (10_000, 3), Effort.QUICK: (10_000, 1), Effort.SMALLEST: (200, 1)}
ROOMS = 12
TRIES = 7
# A cheap phone on a poor network.
SLOW_CPU = 4
SLOW_NETWORK = {"offline": False, "latency": 150, "downloadThroughput": 200_000, "uploadThroughput": 90_000}

# An interaction: `act` starts it, and it ends with the frame in which `done` is true.
_FELT = """
window.felt = (act, done) => new Promise((resolve, refuse) => {
  const began = performance.now();
  const look = () => {
    if (!done()) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
  };
  const observer = new MutationObserver(look);
  observer.observe(document.body, { childList: true, subtree: true, attributes: true });
  act();
  look();
  setTimeout(() => refuse(new Error(`Nothing came within 30 s of ${act}`)), 30000);
});
const FIELD = "[data-testid=composer] textarea";
window.field = () => document.querySelector("dialog input") ?? document.querySelector(FIELD);
window.type = (text) => {
  field().value = text;
  field().dispatchEvent(new Event("input", { bubbles: true }));
};
window.press = (key, more) => {
  field().dispatchEvent(new KeyboardEvent("keydown", { key, code: key, bubbles: true, ...more }));
};
"""
_KEY = "(text) => felt(() => type(text), () => !document.querySelector('[data-testid=send]').disabled)"
_SAY = """async (text) => {
  type(text);
  await new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));
  const last = () => [...document.querySelectorAll("[role=log] [data-testid=message-text]")].at(-1).textContent.trim();
  return felt(() => press("Enter"), () => last() === text);
}"""
_PALETTE = "() => felt(() => press('k', { ctrlKey: true }), () => document.querySelector('dialog [role=option]'))"
_SEEK = "(text) => felt(() => type(text), () => document.querySelector('dialog [role=option] b')?.textContent === text)"
_CLOSE = "() => felt(() => document.querySelector('dialog').close(), () => !document.querySelector('dialog'))"
_ROWS = "document.querySelectorAll('[role=log] [data-row]').length"
# Load one older page; false at the beginning of the room.
_BACK = """() => new Promise((resolve) => {
  const scroller = document.querySelector("[role=log]");
  const first = () => scroller.querySelector("[data-seq]").dataset.seq;
  const from = first();
  if (from === "1") return resolve(false);
  const look = () => {
    if (first() === from) return;
    observer.disconnect();
    resolve(true);
  };
  const observer = new MutationObserver(look);
  observer.observe(scroller, { childList: true, subtree: true, attributes: true });
  scroller.scrollTop = 0;
})"""


def measure(server: Server, browser: Browser, *, slow: bool) -> Sample:
    """One round."""
    with contextlib.closing(signed_in(server, browser)) as context:
        page = context.new_page()
        devtools = context.new_cdp_session(page)
        if slow:
            devtools.send("Network.enable")
            devtools.send("Network.emulateNetworkConditions", SLOW_NETWORK)
            devtools.send("Emulation.setCPUThrottlingRate", {"rate": SLOW_CPU})
        page.add_init_script(INTERACTIVE + _FELT)
        page.goto(f"http://127.0.0.1:{server.ports[0]}/rooms/room-0/")
        times = page.evaluate(TIMES)
        page.wait_for_selector("[data-testid=toasts]", state="attached")
        sample = {"readable": times["readable"], "interactive": times["interactive"], **_used(page)}
        page.evaluate(SWITCH, "room-0")
        before = _heap_mb(devtools)
        rows = page.evaluate(_ROWS)
        while page.evaluate(_BACK):
            rows = max(rows, page.evaluate(_ROWS))
        return sample | {"rows": rows, "heap_mb": before, "heap_after_mb": _heap_mb(devtools)}


def _used(page: Page) -> Sample:
    new = [page.evaluate(SWITCH, f"room-{number}") for number in range(1, TRIES + 1)]
    known = [page.evaluate(SWITCH, f"room-{number}") for number in range(1, TRIES + 1)]
    keys = [page.evaluate(_KEY, "a" * number) for number in range(1, TRIES + 1)]
    own = [page.evaluate(_SAY, f"my own {number}") for number in range(TRIES)]
    opened, sought = [], []
    for number in range(TRIES):
        opened.append(page.evaluate(_PALETTE))
        sought.append(page.evaluate(_SEEK, f"Room {number}"))
        page.evaluate(_CLOSE)
    times = {"switch_new": new, "switch": known, "key": keys, "own": own, "palette": opened, "palette_key": sought}
    return {name: float(sorted(values)[len(values) // 2]) for name, values in times.items()}


def _heap_mb(devtools: CDPSession) -> float:
    devtools.send("HeapProfiler.collectGarbage")
    used: float = devtools.send("Runtime.getHeapUsage")["usedSize"]
    return used / 1e6


def plan(effort: Effort) -> Plan:
    """The cases and rounds."""
    lines, rounds = PLANS[effort]
    world = World(people=2, rooms=ROOMS, lines=lines, everywhere=True)
    cases = [
        _case("usual", "this machine", servers.SQLITE, world, slow=False),
        _case("slow", f"CPU {SLOW_CPU} times slower, 150 ms and 1.6 Mbit/s away", servers.SQLITE, world, slow=True),
    ]
    return Plan(
        cases, rounds, f"Chromium, on loopback, `manage.py serve` with SQLite; {ROOMS} rooms of {lines:,} messages"
    )


def _case(name: str, title: str, contestant: Contestant, world: World, *, slow: bool) -> Case:
    def beside(build: Build) -> Case | None:
        other = contestant.beside(build)
        return _case(f"{name}-beside", f"{title}, other build", other, world, slow=slow) if other else None

    return Case(name, title, partial(_opened, contestant, world, slow=slow), beside=beside)


@contextlib.contextmanager
def _opened(contestant: Contestant, world: World, *, slow: bool) -> Generator[Measure]:
    executable = need_chromium()
    server = contestant.start(world)
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, CORES)
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
            yield partial(measure, server, browser, slow=slow)
            browser.close()
    finally:
        os.sched_setaffinity(0, before)
        server.stop()


PAGE = Scenario(
    "page",
    "Using the page",
    (
        Figure("readable", "ms until messages are readable", ".0f"),
        Figure("interactive", "ms until interactive", ".0f"),
        Figure("switch_new", "ms to a room not seen before", ".0f"),
        Figure("switch", "ms to a room seen before", ".0f"),
        Figure("own", "ms to one's own message"),
        Figure("key", "ms to a key's letter"),
        Figure("palette", "ms to the quick switch"),
        Figure("palette_key", "ms to a key's letter in it"),
        Figure("rows", "rows at most", ".0f"),
        Figure("heap_mb", "MB of objects"),
        Figure("heap_after_mb", "MB after the way back"),
    ),
    plan,
    fresh=True,
)
