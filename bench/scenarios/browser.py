"""Browser: the time to the first page in Chromium with nothing cached, and to another room.

Measured by the page's own clock, from the start of the navigation or the click, until the rooms are listed, the
messages are shown and the composer accepts text.
"""

import contextlib
import gzip
import os
from collections.abc import Generator
from functools import partial

from playwright.sync_api import Browser, BrowserContext, Page, Response, sync_playwright

from bench import servers
from bench.build import Build
from bench.machine import CORES
from bench.measuring import Case, Effort, Figure, Measure, Plan, Sample, Scenario
from bench.servers import Contestant, Server, World
from support.chromium import FLAGS, need_chromium

# Rooms of the person, rounds.
PLANS = {Effort.FULL: (200, 4), Effort.QUICK: (200, 2), Effort.SMALLEST: (5, 1)}
LINES = 60
SWITCHES = 5

INTERACTIVE = """
window.interactive = new Promise((resolve) => addEventListener("DOMContentLoaded", () => {
  const look = () => {
    const composer = document.querySelector("[data-testid=composer] textarea");
    if (!composer || composer.disabled) return;
    if (document.querySelector("[data-testid=rooms-loading]")) return;
    if (!document.querySelector("[data-testid=room-link]")) return;
    if (!document.querySelector('[role=log][aria-busy="false"] [data-testid=message]')) return;
    observer.disconnect();
    resolve(performance.now());
  };
  const observer = new MutationObserver(look);
  observer.observe(document.body, { childList: true, subtree: true, attributes: true });
}));
// The first frame with words that somebody said.
window.readable = new Promise((resolve) => {
  const look = () => {
    if (!document.querySelector("[data-testid=message-text]")?.textContent.trim()) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
  };
  const observer = new MutationObserver(look);
  observer.observe(document, { childList: true, subtree: true });
});
window.painted = new Promise((resolve) => new PerformanceObserver((list) => {
  const [first] = list.getEntriesByName("first-contentful-paint");
  if (first) resolve(first.startTime);
}).observe({ type: "paint", buffered: true }));
"""
# Resolves to the ms from the click until the messages of the room are painted.
SWITCH = """
(room) => new Promise((resolve, refuse) => {
  const link = document.querySelector(`[data-testid=room-link][href="/rooms/${room}/"]`);
  const shown = () => {
    const texts = document.querySelectorAll('[role=log][aria-busy="false"] [data-testid=message-text]');
    return texts.length && texts[texts.length - 1].textContent.startsWith(`${room} `);
  };
  const began = performance.now();
  const look = () => {
    if (!shown()) return;
    observer.disconnect();
    requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));
  };
  const observer = new MutationObserver(look);
  observer.observe(document.body, { childList: true, subtree: true, attributes: true });
  link.click();
  look();
  setTimeout(() => refuse(new Error("The room was not shown within 30 s.")), 30000);
})
"""
TIMES = """
() => new Promise((resolve, refuse) => {
  Promise.all([window.interactive, window.painted, window.readable]).then(([interactive, paint, text]) => {
    const files = performance.getEntriesByType("resource").map((one) => [one.name, one.responseEnd]);
    resolve({ interactive, paint, readable: Math.max(paint, text), arrived: Object.fromEntries(files) });
  });
  setTimeout(() => refuse(new Error("The page was not ready within 30 s.")), 30000);
})
"""


def measure(server: Server, browser: Browser) -> Sample:
    """One round."""
    with contextlib.closing(signed_in(server, browser)) as context:
        page = context.new_page()
        arrived: list[Response] = []
        page.on("response", lambda response: arrived.append(response))
        page.add_init_script(INTERACTIVE)
        page.goto(f"http://127.0.0.1:{server.ports[0]}/rooms/room-0/")
        times = page.evaluate(TIMES)
        files = {response.url: response for response in arrived}
        before_paint = {url for url, at in times["arrived"].items() if at <= times["paint"]}
        return {
            "interactive": times["interactive"],
            "readable": times["readable"],
            "paint": times["paint"],
            "switch": _switch(page),
            "script_kb": _gzipped_kb(files, before_paint, "script"),
            "style_kb": _gzipped_kb(files, before_paint, "stylesheet"),
            "all_script_kb": _gzipped_kb(files, set(files), "script"),
        }


def plan(effort: Effort) -> Plan:
    """The cases and rounds."""
    rooms, rounds = PLANS[effort]
    world = World(people=2, rooms=rooms, lines=LINES, everywhere=True)
    cases = [_case(one, world) for one in (servers.SQLITE, servers.DAPHNE)]
    setting = f"Chromium, on loopback, in a workspace of {rooms} rooms; a browser with nothing cached for each round"
    return Plan(cases, rounds, setting)


def _case(one: Contestant, world: World) -> Case:
    def beside(build: Build) -> Case | None:
        other = one.beside(build)
        return _case(other, world) if other else None

    return Case(one.name, one.title, partial(_opened, one, world), beside=beside)


@contextlib.contextmanager
def _opened(one: Contestant, world: World) -> Generator[Measure]:
    executable = need_chromium()
    server = one.start(world)
    try:
        with _every_core(), sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
            # Warm up what server and browser prepare only once.
            measure(server, browser)
            yield partial(measure, server, browser)
            browser.close()
    finally:
        server.stop()


@contextlib.contextmanager
def _every_core() -> Generator[None]:
    """A browser normally runs on another machine: give it the cores that the server does not use."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, CORES)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def signed_in(server: Server, browser: Browser) -> BrowserContext:
    """A browser context with a session."""
    context = browser.new_context(viewport={"width": 1280, "height": 800}, locale="en-GB")
    name, _, value = server.addresses(1)[0].headers["Cookie"].partition("=")
    context.add_cookies([{"name": name, "value": value, "domain": "127.0.0.1", "path": "/"}])
    return context


def _switch(page: Page) -> float:
    """The median time of switching between two rooms that have both been opened before."""
    page.evaluate(SWITCH, "room-1")
    times = sorted(page.evaluate(SWITCH, f"room-{number % 2}") for number in range(SWITCHES))
    return float(times[len(times) // 2])


def _gzipped_kb(files: dict[str, Response], wanted: set[str], kind: str) -> float:
    bodies = [
        response.body() for url, response in files.items() if url in wanted and response.request.resource_type == kind
    ]
    return sum(len(gzip.compress(body)) for body in bodies) / 1e3


BROWSER = Scenario(
    "browser",
    "In the browser",
    (
        Figure("interactive", "ms until interactive", ".0f"),
        Figure("readable", "ms until messages are readable", ".0f"),
        Figure("paint", "ms until first paint", ".0f"),
        Figure("switch", "ms to another room", ".0f"),
        Figure("script_kb", "KB script before paint"),
        Figure("style_kb", "KB CSS before paint"),
        Figure("all_script_kb", "KB script in all"),
    ),
    plan,
    fresh=True,
)
