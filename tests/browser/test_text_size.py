"""Text at twice its size, forced colours and reduced motion hide no text and no state."""

from typing import Any

import pytest
from playwright.async_api import Locator, expect

from support.world import Window, World
from tests.browser.conftest import EnterRoom

# Twice the default of most browsers.
TWICE_PX = 32
# Lines that overlap, text cut off at the bottom, and elements that stick out at a side.
_LOST = """() => {
  const lost = [];
  // For screen readers alone, or until it has the focus.
  const hidden = (part) => part.offsetWidth <= 1 || part.matches("body > a:first-child");
  const unseen = (part) => part && (hidden(part) || unseen(part.parentElement));
  const cut = "noscript, [data-testid=avatar], [data-testid=folded]";
  for (const part of document.querySelectorAll("body *")) {
    const own = [...part.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    const shown = part.checkVisibility({ visibilityProperty: true });
    if (!own || !shown || part.closest(cut) || unseen(part)) continue;
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
async def test_text_at_twice_its_size_is_not_cut_off(world: World, enter: EnterRoom, width: int) -> None:
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


async def test_settings_and_error_pages_hold_text_at_twice_its_size(world: World, enter: EnterRoom) -> None:
    bob = await enter("bob", "/settings/")
    await _double_the_text(bob)
    for path in ("/settings/", "/accounts/password/change/", "/rooms/no-such-room/"):
        await bob.page.goto(f"{world.server.url}{path}")
        assert await bob.page.evaluate(_LOST) == [], path
    bob.errors.clear()


async def test_forced_colors_keep_every_state_visible(world: World, enter: EnterRoom) -> None:
    world.seed("room", "contrast", owner="alice", members=["bob"], said=2)
    world.seed("room", "contrast-other", owner="alice", members=["bob"])
    bob = await enter("bob", "contrast", forced_colors="active")
    page = bob.page
    # The current room, who is online, one's own reaction: more than a background distinguishes each.
    assert await _look(bob.room_link("contrast")) != await _look(bob.room_link("contrast-other"))
    await expect(bob.member("Alice Arden")).to_contain_text("offline")
    assert await _look(_presence(bob, "Bob Birch")) != await _look(_presence(bob, "Alice Arden"))
    await bob.row("line 2").hover()
    await bob.row("line 2").get_by_role("button", name="React with").first.click()
    mine = bob.reactions_of("line 2").and_(page.get_by_role("button", pressed=True))
    await expect(mine).to_have_css("outline-style", "solid")
    await expect(bob.dock.locator("form")).not_to_have_css("border-top-width", "0px")
    await page.keyboard.press("Control+k")
    await expect(bob.chosen).to_have_css("outline-style", "solid")


async def test_reduced_motion_stops_animations(world: World, enter: EnterRoom) -> None:
    world.seed("room", "still", owner="alice", members=["bob"])
    alice = await enter("alice", "still")
    bob = await enter("bob", "still", reduced_motion="reduce")
    await alice.composer.press_sequentially("Wait")
    await expect(bob.typing).to_contain_text("is typing")
    moving: list[Any] = await bob.page.evaluate(
        "document.getAnimations().map(({ effect }) => effect.getComputedTiming().endTime).filter((end) => end > 1)"
    )
    assert moving == []


def _presence(window: Window, name: str) -> Locator:
    return window.member(name).get_by_test_id("presence")


async def _look(part: Locator) -> str:
    """Outline, border width and background, by which two parts can differ."""
    look: str = await part.evaluate(
        """(part) => {
             const style = getComputedStyle(part);
             return [style.outlineStyle, style.borderTopWidth, style.backgroundColor].join(" ");
           }"""
    )
    return look
