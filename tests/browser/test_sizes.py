"""Text at twice its size, colours of the system, and no motion: nothing is lost, and nothing depends on them."""

from typing import Any

import pytest
from playwright.async_api import expect

from support.world import Window, World
from tests.browser.conftest import EnterRoom

# What most browsers begin with, doubled.
TWICE_PX = 32
# Lines that lie over each other, text that is cut off at the bottom, and what stands out at a side.
_LOST = """() => {
  const lost = [];
  for (const part of document.querySelectorAll("body *")) {
    const own = [...part.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    const shown = part.checkVisibility({ visibilityProperty: true });
    if (!own || !shown || part.closest(".visually-hidden, .skip, .fold, svg, .avatar, noscript")) continue;
    const { lineHeight, fontSize, overflowY } = getComputedStyle(part);
    const says = `${part.className} ${part.textContent.slice(0, 40)}`;
    if (parseFloat(lineHeight) < parseFloat(fontSize)) lost.push(`lines overlap: ${says}`);
    if (overflowY === "hidden" && part.scrollHeight > part.clientHeight + 2) lost.push(`cut off: ${says}`);
    const { left, right } = part.getBoundingClientRect();
    if (!part.closest("pre") && (left < -1 || right > innerWidth + 1)) lost.push(`sticks out: ${says}`);
  }
  return lost;
}"""


async def _double_the_text(window: Window) -> None:
    session = await window.context.new_cdp_session(window.page)
    await session.send("Page.setFontSizes", {"fontSizes": {"standard": TWICE_PX, "fixed": TWICE_PX}})
    await expect(window.page.locator("html")).to_have_css("font-size", f"{TWICE_PX}px")


@pytest.mark.parametrize("width", [1280, 640])
async def test_text_at_twice_its_size_loses_nothing(world: World, enter: EnterRoom, width: int) -> None:
    slug = f"large-{width}"
    world.seed("room", slug, owner="alice", members=["bob"], said=3)
    code = "```python\nasync def resume(self, cursor: int) -> None: ...\n```"
    words = [
        "@bob have a look at **this**, please: a line that is long enough to be broken",
        code,
        "- one\n- two",
        "🚢",
    ]
    world.seed("say", slug, [("alice", text) for text in words])
    bob = await enter("bob", slug, viewport={"width": width, "height": 900}, reduced_motion="reduce")
    await _double_the_text(bob)
    await bob.sees("have a look")
    assert await bob.page.evaluate(_LOST) == []
    await bob.composer.fill("One line\nand another")
    await bob.page.keyboard.press("Control+k")
    await expect(bob.page.get_by_label("Room or person")).to_be_visible()
    assert await bob.page.evaluate(_LOST) == []


async def test_the_pages_for_signing_in_and_settings_hold_it_too(world: World, enter: EnterRoom) -> None:
    world.seed("room", "large-pages", owner="bob")
    bob = await enter("bob", "large-pages")
    await _double_the_text(bob)
    for path in ("/settings/", "/accounts/password/change/", "/rooms/no-such-room/"):
        await bob.page.goto(f"{world.server.url}{path}")
        assert await bob.page.evaluate(_LOST) == [], path
    bob.errors.clear()


async def test_the_colours_of_the_system_hide_no_state(world: World, enter: EnterRoom) -> None:
    world.seed("room", "contrast", owner="alice", members=["bob"], said=2)
    world.seed("room", "contrast-other", owner="alice", members=["bob"])
    bob = await enter("bob", "contrast", forced_colors="active")
    page = bob.page
    # The room one is in, who is here, a reaction of one's own: told by more than a background.
    assert await _differ(bob, '#sidebar a[href="/rooms/contrast/"]', '#sidebar a[href="/rooms/contrast-other/"]')
    await expect(page.locator("#members .dot.off")).to_have_count(1)
    assert await _differ(bob, "#members .dot.on", "#members .dot.off")
    await bob.row("line 2").hover()
    await bob.row("line 2").get_by_role("button", name="React with").first.click()
    mine = page.locator('.reactions button[aria-pressed="true"]')
    await expect(mine).to_have_css("outline-style", "solid")
    await expect(page.locator(".box")).not_to_have_css("border-top-width", "0px")
    await page.keyboard.press("Control+k")
    await expect(page.locator(".option.selected")).to_have_css("outline-style", "solid")


async def test_who_wants_no_motion_sees_none(world: World, enter: EnterRoom) -> None:
    world.seed("room", "still", owner="alice", members=["bob"])
    alice = await enter("alice", "still")
    bob = await enter("bob", "still", reduced_motion="reduce")
    await alice.composer.press_sequentially("Wait")
    await expect(bob.page.locator(".typing")).to_contain_text("is typing")
    moving: list[Any] = await bob.page.evaluate(
        "document.getAnimations().map(({ effect }) => effect.getComputedTiming().endTime).filter((end) => end > 1)"
    )
    assert moving == []


async def _differ(window: Window, one: str, other: str) -> bool:
    """Whether two parts can be told apart by edge, outline or fill."""
    looks: list[Any] = await window.page.evaluate(
        """(parts) => parts.map((part) => {
             const style = getComputedStyle(document.querySelector(part));
             return [style.outlineStyle, style.borderTopWidth, style.backgroundColor].join(" ");
           })""",
        [one, other],
    )
    return bool(looks[0] != looks[1])
