"""Axe finds no accessibility violation in any scene of the screenshots, in both themes."""

from collections.abc import AsyncGenerator
from dataclasses import dataclass, field

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page

from support.html import faults
from support.servers import ROOT
from support.world import World
from tools.screenshots.scenes import SCENES
from tools.screenshots.stage import DESKTOP, Scene, Size, played, start_workspace

(AXE,) = (ROOT / "tests" / "vendor").glob("axe-core-*/axe.min.js")
# A page 1280 px wide at 400 % zoom.
NARROWEST = Size(320, 640, phone=True)
# Elements that stick out at a side, or make the page scroll sideways. Code blocks scroll on their own. A popover that
# grows is placed again when the next frame is laid out.
_OVERFLOW = """() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn))).then(() => [
  ...document.querySelectorAll(`html, main, main > *, main > :not(header) > :not(pre, input), header, nav, [data-testid=composer] form,
    [role=log] > * > *, dialog > *, [data-testid=popover], [data-testid=toast]`)]
  .filter((part) => part.checkVisibility({ visibilityProperty: true }) && part.offsetWidth > 1)
  .filter((part) => { const { left, right } = part.getBoundingClientRect(); return left < -1 || right > innerWidth + 1 || part.scrollWidth > part.clientWidth + 1; })
  .map((part) => `sticks out: ${part.outerHTML.slice(0, 120)}\\n`))"""  # noqa: E501 -- a script
# Marks the parts of the page that axe can skip: it has checked them, here or in an earlier scene of this size, with the
# same content, in the same state and within the same elements. They are most of a page, and of the time. Contrast,
# which another theme changes, does not depend on their words and names. `known`: what axe has checked, by rule set.
_LOOKS = """(known) => {
  const seen = Object.fromEntries(Object.entries(known).map(([rules, looks]) => [rules, new Set(looks)]));
  const states = [":hover", ":focus-within", ":checked", ":popover-open", ":modal"];
  const hash = (...parts) => {
    let [one, other] = [1, 2];
    for (const sign of parts.join("\\n")) {
      one = Math.imul(one ^ sign.codePointAt(0), 2654435761);
      other = Math.imul(other ^ sign.codePointAt(0), 1597334677) ^ (one >>> 13);
    }
    return (one >>> 0).toString(36) + (other >>> 0).toString(36);
  };
  const names = /^(id|href|src|alt|title|for|datetime|data-seq|aria-(label|labelledby|describedby|controls))$/;
  // Of each element, by the rules: itself, and all of it.
  const tags = { all: new WeakMap(), "color-contrast": new WeakMap() };
  const whole = { all: new WeakMap(), "color-contrast": new WeakMap() };
  const look = (part) => {
    const attributes = [...part.attributes].map(({ name, value }) => (names.test(name) ? [name, ""] : [name, value]));
    const texts = [...part.attributes].map(({ value }) => value);
    const visible = part.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    const state = [visible, ...states.map((name) => part.matches(name))];
    const inside = [...part.childNodes].filter(({ nodeType }) => nodeType !== Node.COMMENT_NODE);
    for (const child of inside) if (child.nodeType === Node.ELEMENT_NODE) look(child);
    for (const [rules, own, words] of [
      ["all", texts, ({ data }) => data],
      ["color-contrast", [], ({ data }) => Boolean(data.trim())],
    ]) {
      const tag = hash(part.localName, ...attributes.map((pair) => pair.join("=")), ...own);
      tags[rules].set(part, tag);
      const value = rules === "all" ? part.value : Boolean(part.value);
      const all = inside.map((node) => whole[rules].get(node) ?? words(node));
      whole[rules].set(part, hash(tag, value, ...state, ...all));
    }
  };
  // `ahead`: of the page as it was looked at last, and not to be remembered.
  window.unchanged = (rules, ahead = false) => {
    const [exclude, fresh] = [[], []];
    const known = new Set(seen[rules]);
    // A row that is cut at the top, or lies below the day there: which one it is depends on the date, and nothing of it
    // is as large as it is.
    const edge = document.querySelector("[role=log]")?.getBoundingClientRect().top;
    const cut = (part) => {
      const { top, bottom } = part.getBoundingClientRect();
      return part.matches("[role=log] [data-row]") && top < edge + 40 && bottom > edge;
    };
    const visit = (part, around) => {
      const found = hash(around, whole[rules].get(part));
      if (known.has(found) || cut(part)) return exclude.push(part);
      fresh.push(found);
      // The next one beside it has the same colours.
      if (rules !== "all") known.add(found);
      for (const child of part.children) visit(child, hash(around, tags[rules].get(part)));
    };
    const { documentElement, body, styleSheets } = document;
    if (!ahead) look(documentElement);
    const sheets = [...styleSheets].map(({ href }) => href);
    const around = hash(...sheets, tags[rules].get(documentElement), tags[rules].get(body));
    for (const part of body.children) visit(part, around);
    if (!ahead) seen[rules] = new Set([...seen[rules], ...fresh]);
    return { exclude, fresh };
  };
}"""
# Every rule of axe except the experimental ones, plus target size, which WCAG 2.2 requires.
_RUN = """async (rules) => {
  // The colours of a theme come with the next frame, some by a transition.
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  await Promise.allSettled(document.getAnimations().map(({ finished }) => finished));
  const options = rules === "all" ? { rules: { "target-size": { enabled: true } } } : { runOnly: [rules] };
  const { exclude, fresh } = unchanged(rules);
  const themed = rules === "all" && unchanged("color-contrast", true).fresh.length > 0;
  const { violations } = await axe.run({ exclude }, { resultTypes: ["violations"], ...options });
  const said = violations.map(({ id, help, nodes }) =>
    `${id}: ${help}\\n` + nodes.map(({ html, any, all, none }) =>
      `    ${html.slice(0, 200)}\\n` + [...any, ...all, ...none].map(({ message }) => `      ${message}\\n`).join("")).join(""));
  return { said, fresh, themed };
}"""  # noqa: E501 -- a script


# Scenes that a phone lays out differently, and the one with the longest words; the others run with --long: a narrow
# page is one column in every scene, and axe checks the parts themselves on the desktop.
NARROW = {"gates", "conversation", "files"}
PLAYED = [
    pytest.param(size, scene, id=f"{name}-{scene.__name__}", marks=[pytest.mark.long] if more else [])
    for name, size in (("desktop", DESKTOP), ("narrowest", NARROWEST))
    for scene in SCENES
    for more in [size is NARROWEST and scene.__name__ not in NARROW]
]


@dataclass
class Place:
    """A server, its people, and what axe has checked of their pages, by rule set."""

    world: World
    size: Size
    seen: dict[str, list[str]] = field(default_factory=lambda: {"all": [], "color-contrast": []})

    async def violations(self, page: Page) -> list[str]:
        """The violations on the page in its current state."""
        if not await page.evaluate("'axe' in window"):
            await page.evaluate(AXE.read_text())
            await page.evaluate(_LOOKS, self.seen)
        said: list[str] = await page.evaluate(_OVERFLOW)
        found, themed = await self._run(page, "all")
        said += found
        if not self.size.phone:
            said += [f"not valid: {fault}\n" for fault in faults(await page.content(), rendered=True)]
        if not self.size.phone and themed:
            await page.emulate_media(color_scheme="dark")
            # A theme changes only colours.
            found, _ = await self._run(page, "color-contrast")
            said += [f"dark: {violation}" for violation in found]
            await page.emulate_media(color_scheme="light")
        return said

    async def _run(self, page: Page, rules: str) -> tuple[list[str], bool]:
        """The violations, and whether another theme may cause more."""
        found = await page.evaluate(_RUN, rules)
        self.seen[rules] += found["fresh"]
        return list(found["said"]), found["themed"]


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def place(request: pytest.FixtureRequest, browser: Browser) -> AsyncGenerator[Place]:
    with start_workspace() as server:
        world = World(browser, server)
        yield Place(world, request.param)
        await world.close()


@pytest.mark.parametrize(("place", "scene"), PLAYED, indirect=["place"])
async def test_axe_finds_no_violation(place: Place, scene: Scene) -> None:
    found: dict[str, list[str]] = {}
    async with played(scene, place.world, place.size) as states:
        async for name, stage in states:
            if violations := await place.violations(stage.page):
                found[name] = violations
    assert not found, "\n".join(f"{name}:\n" + "".join(violations) for name, violations in found.items())
