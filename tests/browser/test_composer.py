"""The composer: formatting keys, suggestions, commands, and drafts that survive."""

from playwright.async_api import expect

from support.world import Window, World
from tests.browser.conftest import EnterRoom


async def test_keys_format_the_selection_and_undo_the_format(world: World, enter: EnterRoom) -> None:
    world.seed("room", "marks", owner="alice")
    alice = await enter("alice", "marks")
    for keys, marked in (("Control+b", "**loud**"), ("Control+i", "*loud*"), ("Control+e", "`loud`")):
        await alice.composer.fill("loud")
        await alice.composer.press("Control+a")
        await alice.composer.press(keys)
        await expect(alice.composer).to_have_value(marked)
        await alice.composer.press(keys)
        await expect(alice.composer).to_have_value("loud")
    await alice.composer.press("Control+b")
    await alice.composer.press("Control+i")
    await expect(alice.composer).to_have_value("***loud***")
    await alice.composer.press("Enter")
    await expect(alice.row("loud").locator("em strong")).to_have_text("loud")


async def test_a_url_pasted_on_a_selection_makes_a_link(world: World, enter: EnterRoom) -> None:
    world.seed("room", "links", owner="alice")
    alice = await enter("alice", "links")
    await alice.composer.fill("the notes")
    await alice.composer.press("Control+a")
    await _paste(alice, "https://ok.example/notes")
    await expect(alice.composer).to_have_value("[the notes](https://ok.example/notes)")
    await alice.composer.press("Enter")
    link = alice.text_of("the notes").get_by_role("link")
    await expect(link).to_have_attribute("href", "https://ok.example/notes")
    await expect(link).to_have_attribute("title", "https://ok.example/notes")
    await expect(link).to_have_attribute("rel", "noopener noreferrer nofollow")


async def test_pasted_code_keeps_its_lines_and_can_be_copied(world: World, enter: EnterRoom) -> None:
    world.seed("room", "code", owner="alice", members=["bob"])
    alice = await enter("alice", "code")
    await alice.context.grant_permissions(["clipboard-read", "clipboard-write"])
    code = "def walk(tree):\n    for leaf in tree:\n        yield leaf"
    await alice.composer.press_sequentially("Like this:")
    await alice.page.get_by_role("button", name="Code block").click()
    await expect(alice.composer).to_have_value("Like this:\n```\n\n```")
    await _paste(alice, code)
    await expect(alice.composer).to_have_value(f"Like this:\n```\n{code}\n```")
    await alice.composer.press("Enter")
    block = alice.row("Like this").get_by_role("figure")
    assert await block.locator("pre").text_content() == code
    await block.get_by_role("button", name="Copy").click()
    await expect(block.get_by_role("button", name="Copied")).to_be_visible()
    assert await alice.page.evaluate("navigator.clipboard.readText()") == code


async def test_suggestions_appear_while_a_word_is_typed(world: World, enter: EnterRoom) -> None:
    world.seed("room", "popups", owner="alice", members=["bob"])
    alice = await enter("alice", "popups")
    await expect(alice.members).to_have_count(2)
    popup = alice.suggestions
    for typed, offered, taken in (
        ("/to", "/topic", "/topic "),
        ("Ask @bi", "Bob Birch", "Ask @bob "),
        ("Off to #popu", "popups", "Off to #popups "),
        ("Ship it :rocket", ":rocket:", "Ship it 🚀 "),
    ):
        await alice.composer.fill("")
        await alice.composer.press_sequentially(typed)
        await expect(alice.chosen).to_contain_text(offered)
        assert await popup.get_by_role("option").count() <= 8
        await alice.composer.press("Escape")
        await expect(popup).to_have_count(0)
        await expect(alice.composer).to_have_value(typed)
        await alice.composer.press("Backspace")
        await expect(popup).to_be_visible()
        await alice.composer.press("Tab")
        await expect(alice.composer).to_have_value(taken)


async def test_an_unknown_command_is_kept_and_two_slashes_send_one(world: World, enter: EnterRoom) -> None:
    world.seed("room", "slashes", owner="alice")
    alice = await enter("alice", "slashes")
    await alice.say("/dance now")
    await expect(alice.problem).to_contain_text("Unknown command /dance")
    await expect(alice.composer).to_have_value("/dance now")
    await alice.say("//dance now")
    await alice.has_sent("/dance now")
    assert await alice.texts() == ["/dance now"]


async def test_text_typed_before_the_answer_to_a_command_is_kept(world: World, enter: EnterRoom) -> None:
    world.seed("room", "patience", owner="alice")
    alice = await enter("alice", "patience")
    world.server.pause()
    try:
        await alice.say("/mute nobody 5")
        await expect(alice.composer).to_have_value("")
        await alice.composer.press_sequentially("Meanwhile")
    finally:
        world.server.resume()
    await expect(alice.problem).to_be_visible()
    await expect(alice.composer).to_have_value("/mute nobody 5\nMeanwhile")


async def test_a_draft_appears_on_the_other_device_until_it_is_sent(world: World, enter: EnterRoom) -> None:
    world.seed("room", "two-desks", owner="alice")
    here, there = await enter("alice", "two-desks"), await enter("alice", "two-desks")
    await there.composer.blur()
    await here.composer.press_sequentially("Begun here")
    await expect(there.composer).to_have_value("Begun here")
    await there.composer.press("End")
    await there.composer.press_sequentially(", ended there")
    # The text does not change while the user is writing.
    await expect(here.composer).to_have_value("Begun here")
    await here.composer.blur()
    await expect(here.composer).to_have_value("Begun here, ended there")
    await there.composer.press("Enter")
    await expect(here.composer).to_have_value("")


async def test_a_message_is_sent_later_changed_and_sent_now(world: World, enter: EnterRoom) -> None:
    world.seed("room", "mornings", owner="alice")
    alice = await enter("alice", "mornings")
    await alice.composer.press_sequentially("Good morning")
    await alice.page.get_by_role("button", name="Send later").click()
    await alice.page.get_by_role("menuitem", name="Tomorrow").click()
    await expect(alice.composer).to_have_value("")
    note = alice.page.get_by_test_id("scheduled-note")
    await expect(note).to_contain_text("A message is sent")
    await note.get_by_role("button", name="Show").click()
    waiting = alice.page.get_by_test_id("scheduled-pane").get_by_test_id("scheduled")
    await expect(waiting).to_contain_text("Good morning")
    await waiting.get_by_role("button", name="Change").click()
    dialog = alice.page.get_by_role("dialog")
    await dialog.get_by_label("Day and time").fill("2020-01-01T09:00")
    await dialog.get_by_role("button", name="Save").click()
    await expect(dialog).to_contain_text("is over")
    await dialog.get_by_role("button", name="Cancel").click()
    # Delete can be undone, so that a slip does not lose the message.
    await waiting.get_by_role("button", name="Delete").click()
    await expect(waiting).to_have_count(0)
    await alice.toasts.get_by_role("button", name="Undo").click()
    await expect(waiting).to_contain_text("Good morning")
    await waiting.get_by_role("button", name="Send now").click()
    await expect(alice.row("Good morning")).to_be_visible()
    await expect(waiting).to_have_count(0)
    await expect(note).to_have_count(0)


async def test_enter_does_not_send_during_ime_composition(world: World, enter: EnterRoom) -> None:
    world.seed("room", "kana", owner="alice")
    alice = await enter("alice", "kana")
    await alice.composer.fill("にほn")
    await alice.composer.evaluate(
        """(field) => field.dispatchEvent(
             new KeyboardEvent("keydown", { key: "Enter", isComposing: true, bubbles: true, cancelable: true }))"""
    )
    await expect(alice.composer).to_have_value("にほn")
    await expect(alice.rows).to_have_count(0)


async def _paste(window: Window, text: str) -> None:
    """Paste as the keyboard does, without the system clipboard."""
    await window.composer.evaluate(
        """(field, text) => {
             const clipboardData = new DataTransfer();
             clipboardData.setData("text/plain", text);
             const event = new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true });
             if (field.dispatchEvent(event)) document.execCommand("insertText", false, text);
           }""",
        text,
    )
