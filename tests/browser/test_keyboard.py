"""All actions work without a mouse."""

import asyncio
import re

from playwright.async_api import Route, expect

from support.world import World
from tests.browser.conftest import EnterRoom


async def test_the_composer_has_the_focus_and_shift_enter_breaks_the_line(world: World, enter: EnterRoom) -> None:
    world.seed("room", "enter", owner="alice")
    alice = await enter("alice", "enter")
    await expect(alice.composer).to_be_focused()
    await alice.page.keyboard.type("first")
    await alice.page.keyboard.press("Shift+Enter")
    await alice.page.keyboard.type("second")
    await alice.page.keyboard.press("Enter")
    await alice.has_sent("first")
    assert await alice.texts() == ["first\nsecond"]


async def test_arrow_keys_move_between_messages_and_letters_act_on_them(world: World, enter: EnterRoom) -> None:
    world.seed("room", "walk", owner="alice", said=4)
    alice = await enter("alice", "walk")
    await alice.timeline.focus()
    await alice.page.keyboard.press("ArrowUp")
    await expect(alice.row("line 4")).to_be_focused()
    await alice.page.keyboard.press("ArrowUp")
    await expect(alice.row("line 3")).to_be_focused()
    await alice.page.keyboard.press("r")
    await expect(alice.replying_to).to_contain_text("line 3")
    await expect(alice.composer).to_be_focused()
    await alice.page.keyboard.press("Escape")
    await expect(alice.replying_to).to_have_count(0)


async def test_the_quick_switch_opens_a_room(world: World, enter: EnterRoom) -> None:
    world.seed("room", "origin", owner="alice")
    world.seed("room", "destination", owner="alice")
    alice = await enter("alice", "origin")
    await alice.page.keyboard.press("Control+k")
    await alice.page.keyboard.type("destin")
    await alice.page.keyboard.press("Enter")
    await expect(alice.page).to_have_url(re.compile("/rooms/destination/$"))
    await expect(alice.composer).to_be_focused()


async def test_what_is_typed_for_a_dialog_that_is_on_its_way_goes_into_it(world: World, enter: EnterRoom) -> None:
    world.seed("room", "start", owner="alice")
    world.seed("room", "slowly", owner="alice")
    typed = asyncio.Event()

    async def hold(route: Route) -> None:
        await typed.wait()
        await route.fallback()

    # Its modules load on the first user input, and the test sends none before this.
    alice = await enter("alice", "start", prepare=lambda page: page.route(re.compile("on_request"), hold))
    await expect(alice.composer).to_be_focused()
    await alice.page.keyboard.press("Control+k")
    await alice.page.keyboard.type("slow")
    await alice.page.keyboard.press("Enter")
    typed.set()
    await expect(alice.page).to_have_url(re.compile("/rooms/slowly/$"))
    await expect(alice.composer).to_have_value("")
    await expect(alice.composer).to_be_focused()


async def test_a_name_is_completed(world: World, enter: EnterRoom) -> None:
    world.seed("room", "complete", owner="alice", members=["bob"])
    alice, bob = await enter("alice", "complete"), await enter("bob", "complete")
    await expect(alice.members).to_have_count(2)
    await alice.page.keyboard.type("Ask @bi")
    await expect(alice.chosen).to_contain_text("Bob Birch")
    await alice.page.keyboard.press("Tab")
    await expect(alice.composer).to_have_value("Ask @bob ")
    await alice.page.keyboard.type("about it")
    await alice.page.keyboard.press("Enter")
    await expect(bob.row("about it").get_by_role("button", name="@bob")).to_be_visible()
    await expect(bob.row("about it")).to_have_attribute("data-mentioned", "true")


async def test_regions_take_the_focus_in_order_and_a_dialog_returns_it(world: World, enter: EnterRoom) -> None:
    world.seed("room", "regions", owner="alice")
    alice = await enter("alice", "regions")
    await alice.page.keyboard.press("Control+Shift+F6")
    await expect(alice.timeline).to_be_focused()
    await alice.composer.focus()
    await alice.page.keyboard.press("Control+/")
    await expect(alice.page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    await alice.page.keyboard.press("Escape")
    await expect(alice.composer).to_be_focused()


async def test_a_key_right_after_escape_is_not_lost(world: World, enter: EnterRoom) -> None:
    world.seed("room", "quick", owner="alice")
    alice = await enter("alice", "quick")
    dialog = alice.page.get_by_role("dialog")
    await alice.page.keyboard.press("Control+k")
    for key, seen in [("/", dialog.get_by_role("heading")), ("k", dialog.get_by_role("option").first)]:
        await expect(dialog).to_be_visible()
        # Both in one script: the close event fires after them.
        await alice.page.evaluate(
            """(key) => {
              document.querySelector("dialog[open]").close();
              document.body.dispatchEvent(new KeyboardEvent("keydown", { key, ctrlKey: true, bubbles: true }));
            }""",
            key,
        )
        await expect(seen).to_be_visible()


async def test_a_text_over_the_limit_is_counted_and_not_sent(world: World, enter: EnterRoom) -> None:
    world.seed("room", "lengthy", owner="alice")
    alice = await enter("alice", "lengthy")
    await alice.composer.fill("a" * 9_990)
    await expect(alice.page.get_by_test_id("characters-left")).to_have_text("10 left")
    await alice.composer.fill("a" * 10_001)
    await expect(alice.page.get_by_test_id("characters-left")).to_have_text("1 too long")
    await expect(alice.page.get_by_role("button", name="Send message")).to_be_disabled()
    await alice.composer.press("Enter")
    await expect(alice.rows).to_have_count(0)
    await alice.composer.fill("a" * 10_000)
    await alice.composer.press("Enter")
    await alice.has_sent("aaaa")


async def test_a_whole_conversation_needs_no_mouse(world: World, enter: EnterRoom) -> None:
    world.seed("room", "by-hand", owner="alice", members=["bob"], said=2)
    world.seed("room", "by-hand-too", owner="alice")
    alice, bob = await enter("alice", "by-hand"), await enter("bob", "by-hand")
    press, write = alice.page.keyboard.press, alice.page.keyboard.type
    mine = alice.row("typed without")
    await expect(alice.composer).to_be_focused()
    await write("typed without a mous")
    await press("Enter")
    await alice.has_sent("typed without a mous")
    # Edit one's own last message.
    await press("ArrowUp")
    await expect(alice.page.get_by_label("Edit message")).to_be_focused()
    await write("e")
    await press("Enter")
    await bob.sees("typed without a mouse")
    await expect(alice.composer).to_be_focused()
    # Back to the list: a reaction, a reply.
    await press("Control+Shift+F6")
    await press("ArrowUp")
    await expect(mine).to_be_focused()
    await press("+")
    await expect(alice.page.get_by_label("Search emoji")).to_be_focused()
    await write("rocket")
    await press("Enter")
    await expect(bob.reactions_of("typed without").first).to_have_text("🚀1")
    await expect(mine).to_be_focused()
    await press("ArrowUp")
    await expect(alice.row("line 2")).to_be_focused()
    await press("r")
    await expect(alice.composer).to_be_focused()
    await write("an answer")
    await press("Enter")
    await expect(bob.reply_of("an answer")).to_contain_text("line 2")
    # Delete through the row's menu, opened from its own buttons.
    await press("Control+Shift+F6")
    await press("ArrowUp")
    await expect(alice.row("an answer")).to_be_focused()
    # The key opens a confirmation first.
    await press("Delete")
    await expect(alice.page.get_by_role("button", name="Delete message")).to_be_focused()
    await press("Escape")
    await expect(alice.row("an answer")).to_be_focused()
    more = alice.row("an answer").get_by_role("button", name="More actions")
    while not await more.evaluate("(button) => button === document.activeElement"):
        await press("Tab")
    await press("Enter")
    await expect(alice.page.get_by_role("menuitem", name="Reply", exact=True)).to_be_focused()
    await press("End")
    await expect(alice.page.get_by_role("menuitem", name="Delete")).to_be_focused()
    await press("Enter")
    await expect(alice.page.get_by_role("button", name="Delete message")).to_be_focused()
    await press("Enter")
    await expect(bob.timeline.get_by_text("Message deleted")).to_be_visible()
    # Another room and back, a person's menu, the list of rooms.
    await press("Alt+ArrowDown")
    await expect(alice.page).to_have_url(re.compile("/rooms/by-hand-too/$"))
    await expect(alice.composer).to_be_focused()
    await press("Alt+ArrowUp")
    await expect(alice.page).to_have_url(re.compile("/rooms/by-hand/$"))
    await expect(alice.members).to_have_count(2)
    await expect(alice.composer).to_be_focused()
    await press("Control+F6")
    await press("Tab")
    await press("Enter")
    await expect(alice.page.get_by_role("menuitem", name="Profile")).to_be_focused()
    await press("ArrowDown")
    await expect(alice.page.get_by_role("menuitem", name="Message")).to_be_focused()
    await press("Escape")
    await expect(alice.member("Bob Birch")).to_be_focused()
    await press("Control+F6")
    await expect(alice.room_link("by-hand")).to_be_focused()


async def test_the_first_key_can_skip_the_rooms(world: World, enter: EnterRoom) -> None:
    world.seed("room", "skipping", owner="alice")
    alice = await enter("alice", "skipping")
    # Where the focus starts on a page before the script moves it.
    await alice.page.evaluate("document.body.tabIndex = -1; document.body.focus()")
    await alice.page.keyboard.press("Tab")
    await expect(alice.page.get_by_role("link", name="Skip to message box")).to_be_focused()
    await alice.page.keyboard.press("Enter")
    await alice.page.keyboard.press("Tab")
    await expect(alice.composer).to_be_focused()


async def test_typing_after_escape_continues_in_the_composer(world: World, enter: EnterRoom) -> None:
    world.seed("room", "escape", owner="bob")
    bob = await enter("bob", "escape")
    await bob.composer.fill("before ")
    await bob.page.keyboard.press("Control+k")
    await expect(bob.page.get_by_label("Room or person")).to_be_focused()
    await bob.page.keyboard.press("Escape")
    await expect(bob.dialog).to_have_count(0)
    await bob.page.keyboard.type("and after")
    await expect(bob.composer).to_have_value("before and after")
