"""Emoji of the server's own in the page."""

import base64
import io
from typing import Any

from PIL import Image
from playwright.async_api import Locator, expect

from support.world import Window, World
from tests.browser.conftest import EnterRoom

_ADD = """async ([name, data]) => {
  const bytes = Uint8Array.from(atob(data), (sign) => sign.charCodeAt(0));
  const { call, csrfToken, postJson } = await import("/static/chat/js/net/api.js");
  const form = new FormData();
  form.append("file", new File([bytes], `${name}.gif`, { type: "image/gif" }));
  const { id } = await call("files", { method: "POST", body: form, headers: { "X-CSRFToken": csrfToken() } });
  await postJson("emoji", { name, file: id });
}"""
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
    """Whether the picture that does not move is shown, which the browser may have to fetch first."""
    await expect(picture).to_be_visible()
    handle: Any = await picture.element_handle()
    await picture.page.wait_for_function(f"(image) => ({_STILL})(image) === {str(expected).lower()}", arg=handle)


async def test_emoji_that_move_are_played_as_the_person_wants(world: World, enter: EnterRoom) -> None:
    world.seed("room", "moving", owner="charlie", members=["bob"])
    charlie = await enter("charlie", "moving", reduced_motion="no-preference")
    await add(charlie, "parrot")
    await charlie.say("See :parrot: dance")
    in_text = charlie.text_of("dance").get_by_alt_text(":parrot:")
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
    # In the picker and on a reaction the whole button counts, and the keyboard as well.
    await charlie.row("dance").hover()
    await charlie.row("dance").get_by_role("button", name="Add reaction").first.click()
    field = charlie.page.get_by_label("Search emoji")
    await field.fill("parrot")
    found = charlie.page.get_by_role("dialog", name="Pick an emoji").get_by_alt_text(":parrot:").first
    await stands(found, True)
    await field.press("ArrowDown")
    await stands(found, False)
    await charlie.page.keyboard.press("Enter")
    reaction = charlie.reactions_of("dance").first
    await stands(reaction.get_by_alt_text(":parrot:"), True)
    await reaction.focus()
    await stands(reaction.get_by_alt_text(":parrot:"), False)

    world.seed("prefer", "charlie", animated_emoji="never")
    await charlie.page.reload()
    await stands(in_text, True)
    await in_text.hover()
    await stands(in_text, True)
