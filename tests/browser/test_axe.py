"""Axe finds no accessibility violation in any scene of the screenshots, in both themes."""

from collections.abc import AsyncGenerator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from support.html import faults
from support.servers import ROOT
from support.world import World
from tools.screenshots.scenes import SCENES
from tools.screenshots.stage import DESKTOP, Scene, Size, played, start_workspace

(AXE,) = (ROOT / "tests" / "vendor").glob("axe-core-*/axe.min.js")
# What a page of 1280 becomes at 400 %.
NARROWEST = Size(320, 640, phone=True)
# What stands out at a side, or makes the page scroll there. Code scrolls by itself.
_OVERFLOW = """() => [
  ...document.querySelectorAll(`html, main, main > *, main > :not(header) > :not(pre, input), header, nav, [data-testid=composer] form,
    [role=log] > * > *, dialog > *, [data-testid=popover], [data-testid=toast]`)]
  .filter((part) => part.checkVisibility({ visibilityProperty: true }) && part.offsetWidth > 1)
  .filter((part) => { const { left, right } = part.getBoundingClientRect(); return left < -1 || right > innerWidth + 1 || part.scrollWidth > part.clientWidth + 1; })
  .map((part) => `sticks out: ${part.outerHTML.slice(0, 120)}\\n`)"""  # noqa: E501 -- a script
# Everything axe knows but what is still being tried out, and of that what WCAG 2.2 asks: big enough targets. Rows that
# have not changed since an earlier state of the page are passed over: they are most of a page, and of the time.
_RUN = """async (only) => {
  // The colours of a theme come with the next frame, some by a transition.
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  await Promise.allSettled(document.getAnimations().map(({ finished }) => finished));
  const options = only ? { runOnly: only } : { rules: { "target-size": { enabled: true } } };
  const rows = [...document.querySelectorAll("[role=log] article, [data-testid=room-link], [data-testid=member]")];
  const whole = document.documentElement.cloneNode(false).outerHTML;
  const look = (row) => [whole, row.matches(":hover"), row.outerHTML].join();
  const known = ((window.seen ??= {})[only] ??= new WeakMap());
  const exclude = rows.filter((row) => known.get(row) === look(row));
  rows.forEach((row) => known.set(row, look(row)));
  const { violations } = await axe.run({ exclude }, { resultTypes: ["violations"], ...options });
  return violations.map(({ id, help, nodes }) =>
    `${id}: ${help}\\n` + nodes.map(({ html, any, all, none }) =>
      `    ${html.slice(0, 200)}\\n` + [...any, ...all, ...none].map(({ message }) => `      ${message}\\n`).join("")).join(""));
}"""  # noqa: E501 -- a script


# Those that a phone shows in another way, and the one with the longest words; the others with --long.
NARROW = {
    *("gates", "account", "conversation", "dialogs", "members", "beside", "lists", "languages"),
    *("files", "files_of_room", "files_on_their_way"),
}
PLAYED = [
    pytest.param(size, scene, id=f"{name}-{scene.__name__}", marks=[pytest.mark.long] if more else [])
    for name, size in (("desktop", DESKTOP), ("narrowest", NARROWEST))
    for scene in SCENES
    for more in [size is NARROWEST and scene.__name__ not in NARROW]
]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def place(request: pytest.FixtureRequest, browser: Browser) -> AsyncGenerator[tuple[World, Size]]:
    with start_workspace() as server:
        world = World(browser, server)
        yield world, request.param
        await world.close()


@pytest.mark.parametrize(("place", "scene"), PLAYED, indirect=["place"])
async def test_axe_finds_no_violation(place: tuple[World, Size], scene: Scene) -> None:
    world, size = place
    found: dict[str, list[str]] = {}
    async with played(scene, world, size) as states:
        async for name, stage in states:
            if violations := await _violations(stage.page, dark=not size.phone):
                found[name] = violations
    assert not found, "\n".join(f"{name}:\n" + "".join(violations) for name, violations in found.items())


async def _violations(page: Page, *, dark: bool) -> list[str]:
    if not await page.evaluate("'axe' in window"):
        await page.evaluate(AXE.read_text())
    seen: list[Any] = await page.evaluate(_OVERFLOW)
    seen += await page.evaluate(_RUN, None)
    seen += [f"not valid: {fault}\n" for fault in faults(await page.content(), rendered=True)] if dark else []
    if dark:
        await page.emulate_media(color_scheme="dark")
        # A theme changes nothing but colours.
        seen += [f"dark: {violation}" for violation in await page.evaluate(_RUN, ["color-contrast"])]
        await page.emulate_media(color_scheme="light")
    return seen
