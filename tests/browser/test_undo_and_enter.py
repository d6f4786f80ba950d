"""Writing: the browser's undo, suggestions in any script, and the key that sends."""

from typing import Any

from playwright.async_api import Browser, expect

from support.world import World
from tests.browser.conftest import EnterRoom
from tests.browser.modules import module_page

TABLET = {"viewport": {"width": 1024, "height": 768}, "has_touch": True, "is_mobile": True}


async def test_undo_reverts_completion_formatting_and_pasting_step_by_step(world: World, enter: EnterRoom) -> None:
    world.seed("room", "undoing", owner="alice", members=["bob"])
    alice = await enter("alice", "undoing")
    field = alice.composer
    await field.press_sequentially("hi @bo")
    await expect(alice.suggestions).to_be_visible()
    await field.press("Tab")
    await expect(field).to_have_value("hi @bob ")
    await field.press_sequentially("now")
    for _ in "now":
        await field.press("Shift+ArrowLeft")
    await field.press("Control+b")
    await expect(field).to_have_value("hi @bob **now**")
    await alice.page.evaluate(_PASTE, "https://ok.example/a(b")
    await expect(field).to_have_value("hi @bob **[now](https://ok.example/a%28b)**")
    seen: list[Any] = []
    for _ in range(12):
        await field.press("Control+z")
        seen.append(await field.input_value())
    assert "hi @bob **now**" in seen
    assert "hi @bob now" in seen
    assert seen[-1] in ("", "hi @bo")
    for _ in range(12):
        await field.press("Control+Shift+z")
    await expect(field).to_have_value("hi @bob **[now](https://ok.example/a%28b)**")
    # The text after undo is what is sent.
    await field.press("Control+z")
    await field.press("Enter")
    await alice.sees("hi @")
    await expect(alice.timeline.locator("strong")).to_have_text("now")


async def test_enter_sends_from_a_tablet_keyboard_and_breaks_the_line_after_touch(
    world: World, enter: EnterRoom
) -> None:
    world.seed("room", "tablet", owner="alice")
    alice = await enter("alice", "tablet", **TABLET)
    field = alice.composer
    await field.tap()
    await field.fill("by finger")
    await field.press("Enter")
    await expect(field).to_have_value("by finger\n")
    await field.press_sequentially("and keys")
    await field.press("Enter")
    await expect(field).to_have_value("")
    await alice.sees("and keys")


BEGINNINGS = ["", " ", "(", '"', "**", "_", "こんにちは", "「", "hi\n", "ไทย", "…", "-"]


async def test_a_suggestion_starts_at_a_word_start_in_any_script(browser: Browser) -> None:
    inside = ["a", "é", "1", "x/", "@", "\\"]
    async with module_page(browser) as page:
        assert [before for before in BEGINNINGS if await page.evaluate(_SUGGEST, f"{before}@bo") != ["bob"]] == []
        assert [before for before in inside if await page.evaluate(_SUGGEST, f"{before}@bo")] == []


_SUGGEST = """async (text) => {
  const { suggestionsFor } = await import("/static/chat/js/text/suggest.js");
  const members = [{ username: "bob", display_name: "" }];
  const sources = { members, people: [], rooms: [], mayUse: () => true, emoji: null, tone: 0 };
  const found = suggestionsFor(text, text.length, sources);
  return (found?.options ?? []).map((option) => option.key);
}"""
_PASTE = """(text) => {
  const field = document.querySelector("[data-testid=composer] textarea");
  const clipboardData = new DataTransfer();
  clipboardData.setData("text/plain", text);
  field.dispatchEvent(new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }));
}"""
