"""Custom emoji in the page."""

import base64
import io
from typing import Any

from PIL import Image
from playwright.async_api import Locator, expect

from support.world import Window, World
from tests.browser.conftest import Elsewhere, EnterRoom

_TOKEN = '{ "X-CSRFToken": /csrftoken=([^;]+)/.exec(document.cookie)[1] }'
_ADD = """async ([name, data]) => {
  const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
  const form = new FormData();
  form.append("file", new File([bytes], `${name}.gif`, { type: "image/gif" }));
  const { id } = await (await fetch("/api/v1/files", { method: "POST", body: form, headers: TOKEN })).json();
  const headers = { ...TOKEN, "Content-Type": "application/json" };
  const made = await fetch("/api/v1/emoji", { method: "POST", body: JSON.stringify({ name, file: id }), headers });
  if (made.status !== 201) throw new Error(await made.text());
}""".replace("TOKEN", _TOKEN)
_STILL = "image => image.complete && image.currentSrc.endsWith('/still')"


def moving() -> str:
    """A GIF of two frames, in base64."""
    out = io.BytesIO()
    first, second = (Image.new("RGB", (64, 64), colour) for colour in ("teal", "coral"))
    first.save(out, "GIF", save_all=True, append_images=[second], duration=400, loop=0)
    return base64.b64encode(out.getvalue()).decode()


async def add(window: Window, name: str) -> None:
    await window.page.evaluate(_ADD, [name, moving()])


async def stands(picture: Locator, expected: bool) -> None:
    """Check whether the still picture is shown, which the browser may have to fetch first."""
    await expect(picture).to_be_visible()
    handle: Any = await picture.element_handle()
    await picture.page.wait_for_function(f"(image) => ({_STILL})(image) === {str(expected).lower()}", arg=handle)


async def test_emoji_that_move_are_played_as_the_person_wants(world: World, enter: EnterRoom) -> None:
    world.seed("room", "moving", owner="charlie", members=["bob"])
    charlie = await enter("charlie", "moving", reduced_motion="no-preference")
    await add(charlie, "our_parrot")
    await charlie.say("See :our_parrot: dance")
    in_text = charlie.text_of("dance").get_by_alt_text(":our_parrot:")
    await stands(in_text, False)
    await charlie.page.emulate_media(reduced_motion="reduce")
    await stands(in_text, True)

    world.seed("prefer", "charlie", animated_emoji="always")
    await charlie.page.reload()
    await stands(in_text, False)

    world.seed("prefer", "charlie", animated_emoji="hover")
    await charlie.page.reload()
    await stands(in_text, True)
    await in_text.hover()
    await stands(in_text, False)
    await charlie.composer.hover()
    await stands(in_text, True)
    # In the picker and on a reaction, hovering anywhere on the button counts, and so does keyboard focus.
    await charlie.row("dance").hover()
    await charlie.row("dance").get_by_role("button", name="Add reaction").first.click()
    field = charlie.page.get_by_label("Search emoji")
    await field.fill("our_parrot")
    found = charlie.page.get_by_role("dialog", name="Pick an emoji").get_by_alt_text(":our_parrot:").first
    await stands(found, True)
    await field.press("ArrowDown")
    await stands(found, False)
    await charlie.page.keyboard.press("Enter")
    reaction = charlie.reactions_of("dance").first
    await stands(reaction.get_by_alt_text(":our_parrot:"), True)
    await reaction.focus()
    await stands(reaction.get_by_alt_text(":our_parrot:"), False)

    world.seed("prefer", "charlie", animated_emoji="never")
    await charlie.page.reload()
    await stands(in_text, True)
    await in_text.hover()
    await stands(in_text, True)


async def test_a_new_emoji_is_shown_on_pages_that_are_open(
    world: World, enter: EnterRoom, elsewhere: Elsewhere
) -> None:
    world.seed("room", "newly", owner="charlie", members=["bob"])
    charlie, bob = await elsewhere("charlie"), await enter("bob", "newly")
    await charlie.say("newly", "Look :newcomer: here")
    await expect(bob.text_of("here")).to_have_text("Look :newcomer: here")
    await add(bob, "newcomer")
    await expect(bob.text_of("here").get_by_alt_text(":newcomer:")).to_be_visible()
    # The picker, which was open before, offers it too.
    await bob.row("here").hover()
    await bob.row("here").get_by_role("button", name="Add reaction").first.click()
    await bob.page.get_by_label("Search emoji").fill("newco")
    picker = bob.page.get_by_role("dialog", name="Pick an emoji")
    await expect(picker.get_by_role("gridcell")).to_have_count(1)
    delete = f"async () => {{ await fetch('/api/v1/emoji/newcomer', {{ method: 'DELETE', headers: {_TOKEN} }}); }}"
    await bob.page.evaluate(delete)
    await expect(picker.get_by_text("None found")).to_be_visible()
    await expect(bob.text_of("here")).to_have_text("Look :newcomer: here")


async def test_the_picker_draws_what_is_in_view_and_the_keyboard_reaches_all(world: World, enter: EnterRoom) -> None:
    world.seed("room", "picking", owner="bob", said=1)
    bob = await enter("bob", "picking")
    await add(bob, "picked")
    await bob.row("line 1").hover()
    await bob.row("line 1").get_by_role("button", name="Add reaction").first.click()
    grid = bob.page.get_by_role("grid", name="Emoji")
    field = bob.page.get_by_label("Search emoji")
    await expect(bob.page.get_by_role("dialog", name="Pick an emoji")).to_have_attribute("aria-busy", "false")
    # The rows of custom emoji arrive with a separate response.
    await expect(bob.page.get_by_role("button", name="Of your own", exact=True)).to_be_visible()
    rows = int(await grid.get_attribute("aria-rowcount") or 0)
    assert rows > 200
    assert await grid.get_by_role("gridcell").count() < 150
    await field.press("ArrowDown")
    await expect(grid.get_by_role("gridcell").first.get_by_role("button")).to_be_focused()
    await bob.page.keyboard.press("Control+End")
    last = grid.get_by_role("row").last
    await expect(last).to_have_attribute("aria-rowindex", str(rows))
    await expect(last.get_by_role("button").last).to_be_focused()
    await expect(last.get_by_role("button").last).to_be_in_viewport()
    await bob.page.keyboard.press("Control+Home")
    await bob.page.keyboard.press("ArrowUp")
    await expect(field).to_be_focused()
    # A tab jumps to its group, where the arrow keys continue; Tab moves to the skin tones.
    await bob.page.get_by_role("button", name="Flags", exact=True).click()
    await expect(grid.get_by_role("rowheader", name="Flags")).to_be_in_viewport()
    await field.press("ArrowDown")
    await expect(grid.get_by_role("button", name="chequered flag")).to_be_focused()
    await bob.page.keyboard.press("Tab")
    await expect(bob.page.get_by_role("radio", name="No skin tone")).to_be_focused()
