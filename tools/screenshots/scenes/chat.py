"""The chat: a conversation, its composer, dialogs, members, rooms, and other languages."""

import re
from collections.abc import AsyncIterator

from playwright.async_api import Page, expect

from support.world import Window
from tools.screenshots.cast import MEMBER, MODERATOR, NEWCOMER, TRIAL
from tools.screenshots.stage import Stage


async def conversation(stage: Stage) -> AsyncIterator[str]:
    hana = await stage.guest("hana")
    await stage.guest("kwame")
    me = await stage.enter(TRIAL, looking=False)
    await expect(me.rows.and_(me.page.locator("[data-unread]")).first).to_be_visible()
    yield "room with new messages"
    await me.page.evaluate("delete document.hasFocus, dispatchEvent(new Event('focus'))")
    await expect(me.rows.and_(me.page.locator("[data-unread]"))).to_have_count(0)
    yield "new messages read"
    await me.page.evaluate("document.documentElement.dataset.density = 'compact'")
    yield "compact"
    await me.page.evaluate("delete document.documentElement.dataset.density")
    await me.timeline.evaluate("(log) => { log.scrollTop = 0; }")
    await expect(me.timeline.locator("pre span").first).to_be_visible()
    yield "older messages"
    await me.page.get_by_role("button", name=re.compile("^Show all")).scroll_into_view_if_needed()
    yield "long message"
    if not stage.size.phone:
        await me.row("The night went well").hover()
        yield "message toolbar"
    await stage.act_on(me.row("The night went well"))
    yield "message menu"
    await me.page.get_by_role("menuitem", name="Reply", exact=True).click()
    yield "reply"
    await me.page.get_by_role("button", name="Cancel reply").click()
    await _react(stage, me, "The night went well")
    yield "emoji picker"
    await me.page.get_by_label("Search emoji").fill("ship")
    yield "emoji search"
    await me.page.keyboard.press("Escape")
    await stage.act_on(me.row("Coffee is on me"))
    await me.page.get_by_role("menuitem", name="Edit", exact=True).click()
    yield "edit"
    await me.page.get_by_label("Edit message").press("Escape")
    await stage.act_on(me.row("Coffee is on me"))
    await me.page.get_by_role("menuitem", name="Delete").click()
    yield "delete"
    await me.page.get_by_role("button", name="Cancel").click()
    await hana.send("typing", room=TRIAL, is_typing=True)
    await expect(me.typing).to_contain_text("is typing")
    yield "typing"
    await hana.send("typing", room=TRIAL, is_typing=False)
    await me.timeline.evaluate("(log) => { log.scrollTop = 0; }")
    await expect(me.latest).to_be_visible()
    await hana.say(TRIAL, "We are casting off now.")
    await expect(me.latest).to_have_text("1 new")
    yield "new below"


async def composer(stage: Stage) -> AsyncIterator[str]:
    me = await stage.enter(TRIAL)
    options = me.page.get_by_role("listbox")
    for typed, name in [
        ("Thanks @", "mention"),
        ("/", "slash commands"),
        ("We are :sh", "emoji names"),
        ("See #", "rooms"),
    ]:
        await me.composer.fill("")
        await me.composer.press_sequentially(typed)
        await expect(options).to_be_visible()
        yield name
    await me.composer.fill("/teleport home")
    await me.composer.press("Escape")
    await me.page.get_by_role("button", name="Send message").click()
    await expect(me.problem).to_be_visible()
    yield "unknown command"
    await me.composer.fill("a" * 10_008)
    yield "too long"
    await me.composer.fill("First line\nsecond line\n\nand a `third`")
    yield "several lines"
    await me.composer.fill("")


async def dialogs(stage: Stage) -> AsyncIterator[str]:
    me = await stage.enter("pier-4")
    page = me.page
    await page.keyboard.press("Control+k")
    await expect(page.get_by_role("option").first).to_be_visible()
    yield "quick switch"
    await page.keyboard.type("kit")
    await expect(page.get_by_role("option", name="Create room")).to_be_visible()
    yield "quick switch search"
    await page.keyboard.press("Escape")
    await page.keyboard.press("Control+/")
    await expect(page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    yield "keyboard shortcuts"
    await page.keyboard.press("Escape")
    await page.get_by_test_id("message").last.focus()
    await page.keyboard.press("f")
    await expect(page.get_by_role("heading", name="Forward message")).to_be_visible()
    yield "forward"
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Room options").click()
    yield "room menu"
    await page.get_by_role("menuitem", name="Change the topic").click()
    await expect(page.get_by_role("heading", name="Set a topic")).to_be_visible()
    yield "topic"
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Room options").click()
    await page.get_by_role("menuitem", name="Add people").click()
    await page.get_by_label("Find a person").fill("o")
    await expect(page.get_by_test_id("person").first).to_be_visible()
    yield "add people"
    await _close(page)
    await stage.show_rooms()
    yield "rooms"
    await page.set_viewport_size({"width": stage.size.width, "height": 460})
    await expect(me.sidebar.get_by_role("button", name=re.compile("below$"))).to_be_visible()
    yield "rooms below the edge"
    await page.set_viewport_size({"width": stage.size.width, "height": stage.size.height})
    await page.get_by_role("button", name="Create room").click()
    await page.get_by_label("Name").fill("kitchen")
    await expect(page.get_by_role("dialog").get_by_role("paragraph").filter(has_text="already exists")).to_be_visible()
    yield "create room"
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Browse rooms").first.click()
    await expect(page.get_by_role("button", name="Join workbench")).to_be_visible()
    yield "browse rooms"
    await _close(page)
    await page.get_by_role("button", name="New message").click()
    await page.get_by_label("Find a person").fill("sa")
    person = page.get_by_role("dialog").get_by_role("button", name="Saoirse Kelly")
    await expect(person).to_be_visible()
    await expect(page.get_by_role("dialog").get_by_role("button", name="Bjarne Lund")).to_have_count(0)
    yield "find a person"
    await person.click()
    yield "first message"
    await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Settings").click()
    yield "settings menu"


async def members(stage: Stage) -> AsyncIterator[str]:
    me = await stage.enter("pier-4")
    await stage.show_members()
    member = me.member("Teodor")
    await expect(member).to_be_visible()
    yield "members"
    await member.click()
    yield "member menu"
    await me.page.get_by_role("menuitem", name="Ban").click()
    await me.page.get_by_label("Reason").fill("Off topic, again")
    yield "ban"
    await me.page.get_by_role("button", name="Cancel").click()
    await me.page.get_by_role("button", name="Close member list").click()
    yield "members closed"


async def rooms(stage: Stage) -> AsyncIterator[str]:
    me = await stage.enter("support-rota")
    await me.page.get_by_role("button", name="Room options").click()
    await me.page.get_by_role("menuitem", name="Leave room").click()
    await expect(me.page.get_by_label("New owner")).to_be_focused()
    yield "leaving what one owns"
    me = await stage.enter("onboarding")
    yield "empty room"
    await stage.show_rooms()
    await me.room_link("Hana Sato").click()
    await expect(me.row("The checklist is ready")).to_be_visible()
    yield "direct message"
    await stage.enter("lobby", username=NEWCOMER)
    yield "first visit"
    me = await stage.enter("workbench")
    await expect(me.page.get_by_role("button", name="Join", exact=True)).to_be_visible()
    yield "preview"
    teodor = await stage.guest(MODERATOR)
    # A plain member: the viewer is the administrator and cannot be muted.
    me = await stage.enter("attic", username=MEMBER)
    await me.composer.fill("Has anybody seen the")
    await teodor.do("command", command="mute", room="attic", username=MEMBER, minutes=60)
    await expect(me.dock).to_contain_text("muted you")
    yield "muted"
    await teodor.do("command", command="unmute", room="attic", username=MEMBER)
    await expect(me.composer).to_be_visible()
    await teodor.do("command", command="kick", room="attic", username=MEMBER, reason="wrong room")
    await expect(me.dock).to_contain_text("You were removed")
    yield "removed"


async def languages(stage: Stage) -> AsyncIterator[str]:
    await stage.enter(TRIAL, locale="de-DE")
    yield "German"
    me = await stage.enter(TRIAL)
    await me.page.evaluate("document.documentElement.dir = 'rtl'")
    yield "from right to left"


async def _close(page: Page) -> None:
    """Close the dialog by its button: in a search field, Esc clears the field first."""
    await page.get_by_role("dialog").get_by_role("button", name="Close").click()


async def _react(stage: Stage, me: Window, text: str) -> None:
    if stage.size.phone:
        await stage.act_on(me.row(text))
        await me.page.get_by_role("menuitem", name="Add reaction").click()
    else:
        await me.row(text).hover()
        await me.row(text).get_by_role("toolbar").get_by_role("button", name="Add reaction").click()
