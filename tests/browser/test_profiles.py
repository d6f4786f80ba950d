"""Profiles, topics, the quick switch, merged system lines, and marks that fade out."""

import re

from playwright.async_api import expect

from support.world import World
from tests.browser.conftest import EnterRoom


async def test_a_member_menu_opens_the_profile_and_a_message(world: World, enter: EnterRoom) -> None:
    # No other test opened a page as her: she is offline at once.
    world.seed("people", {"pru": "Pru Primrose"})
    world.seed("room", "faces", owner="alice", members=["pru"])
    alice = await enter("alice", "faces")
    await alice.member("Pru Primrose").click()
    await alice.page.get_by_role("menuitem", name="Profile").click()
    dialog = alice.dialog
    await expect(dialog.get_by_role("heading", name="Pru Primrose")).to_be_visible()
    await expect(dialog).to_contain_text("@pru")
    await expect(dialog).to_contain_text("offline")
    await dialog.get_by_role("button", name="Message Pru Primrose").click()
    await expect(alice.page.get_by_label("Message to Pru Primrose")).to_be_focused()


async def test_a_name_an_avatar_and_a_mention_open_the_menu_of_the_person(world: World, enter: EnterRoom) -> None:
    world.seed("room", "names", owner="alice", members=["bob"])
    world.seed("say", "names", [("bob", "Hello @alice and @bob")])
    alice = await enter("alice", "names")
    page, row = alice.page, alice.row("Hello")
    menu = page.get_by_role("menu", name="Bob Birch")
    await alice.author_of("Hello").get_by_role("button").focus()
    await page.keyboard.press("Enter")
    await expect(menu.get_by_role("menuitem", name="Message")).to_be_visible()
    await expect(menu.get_by_role("menuitem", name="Ban")).to_be_visible()
    await page.keyboard.press("Escape")
    await row.get_by_test_id("avatar").click()
    await expect(menu).to_be_visible()
    await page.keyboard.press("Escape")
    await row.get_by_role("button", name="@bob").press(" ")
    await menu.get_by_role("menuitem", name="Message").click()
    await page.get_by_label("Message to Bob Birch").fill("Only for you")
    await page.keyboard.press("Enter")
    # A conversation of two has no topic and no member list; the other person's name opens their menu.
    await expect(alice.title).to_contain_text("Bob Birch")
    await expect(alice.member_list.or_(alice.member_count)).to_have_count(0)
    await page.get_by_role("button", name="Room options").click()
    sorting = ["Add to favourites", "Move to a section", "Hide conversation"]
    await expect(page.get_by_role("menuitem")).to_have_text(
        [re.compile("^Notifications"), re.compile("^Add somebody"), "Files", *sorting, "Copy link"]
    )
    await page.keyboard.press("Escape")
    await alice.title.get_by_role("button").click()
    await expect(menu.get_by_role("menuitem")).to_have_text(["Profile", "Message", "Block"])


async def test_the_topic_opens_in_full(world: World, enter: EnterRoom) -> None:
    world.seed("room", "about", owner="alice", members=["bob"], topic="Everything " * 40 + "at last")
    bob = await enter("bob", "about")
    await bob.header.get_by_role("button", name=re.compile("^Everything")).click()
    await expect(bob.dialog).to_contain_text("at last")
    await expect(bob.dialog).to_contain_text("Members: 2")
    await expect(bob.page.get_by_role("button", name="Change the topic")).to_have_count(0)


async def test_the_quick_switch_finds_people_and_commands(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"zora": "Zora Zinnia"})
    world.seed("room", "anybody", owner="alice", members=["zora"])
    alice = await enter("alice", "anybody")
    await expect(alice.members).to_have_count(2)
    await alice.page.keyboard.press("Control+k")
    field = alice.page.get_by_role("combobox", name="Room or person")
    # The first use fetches its module.
    await expect(field).to_be_focused()
    await alice.page.keyboard.type("zinn")
    await expect(alice.page.get_by_role("option").first).to_contain_text("Zora Zinnia")
    await alice.page.keyboard.press("Enter")
    await expect(alice.page.get_by_label("Message to Zora Zinnia")).to_be_focused()
    await alice.page.keyboard.press("Escape")
    await alice.page.keyboard.press("Control+k")
    await expect(field).to_be_focused()
    await alice.page.keyboard.type("shortcuts")
    await alice.page.keyboard.press("Enter")
    await expect(alice.page.get_by_role("heading", name="Keyboard shortcuts")).to_be_visible()
    await alice.page.keyboard.press("Escape")
    await alice.page.keyboard.press("Control+k")
    options = alice.page.get_by_role("option")
    for typed, offered in [
        ("invite", "Invite people"),
        ("help", "Help"),
        ("admin", "Administration"),
        ("log out", "Sign out"),
        ("password", "All settings"),
        ("dark", "Theme: Dark"),
    ]:
        await alice.page.get_by_role("combobox").fill(typed)
        await expect(options.first).to_have_text(offered)
    await alice.page.keyboard.press("Enter")
    await expect(alice.page.locator("html")).to_have_attribute("data-theme", "dark")


async def test_three_arrivals_in_a_row_are_one_line(world: World, enter: EnterRoom) -> None:
    names = {f"guest{number}": f"Guest {number}" for number in range(3)}
    world.seed("people", names)
    world.seed("room", "arrivals", owner="alice", said=1)
    alice = await enter("alice", "arrivals")
    world.seed("join", "arrivals", list(names)[:2])
    await expect(alice.system_lines).to_have_count(2)
    world.seed("join", "arrivals", list(names)[2:])
    await expect(alice.system_lines).to_have_count(1)
    await expect(alice.system_lines).to_contain_text("Guest 0 and 2 others joined the room")


async def test_a_mention_in_another_room_marks_title_and_icon_until_read(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"ada": "Ada Aster"})
    world.seed("room", "icon-here", owner="ada")
    world.seed("room", "icon-there", owner="bob", members=["ada"])
    ada = await enter("ada", "icon-here")
    icon = ada.page.locator("link[rel=icon]")
    await expect(icon).to_have_attribute("href", re.compile(r"favicon\.[\w.]*svg$"))
    world.seed("say", "icon-there", [("bob", "@ada look")])
    await expect(icon).to_have_attribute("href", re.compile("favicon-called"))
    await expect(ada.page).to_have_title(re.compile(r"^\(1\) "))
    await ada.room_link("icon-there").click()
    row = ada.row("look")
    await expect(row).to_have_attribute("data-mentioned", "true")
    await expect(icon).not_to_have_attribute("href", re.compile("favicon-called"))
    await expect(ada.new_rule).to_have_count(1)
    await expect(row).not_to_have_attribute("data-unread", "true")
    await ada.say("I looked")
    await expect(ada.new_rule).to_have_count(0)


async def test_a_person_without_rooms_can_create_one(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"solo": "Solo Sage"})
    world.seed("room", "leaving", owner="alice", members=["solo"])
    solo = await enter("solo", "leaving")
    await solo.say("/leave")
    empty = solo.page.get_by_test_id("no-rooms")
    await expect(empty).to_contain_text("You are in no rooms yet.")
    await empty.get_by_role("button", name="Create room").click()
    await expect(solo.page.get_by_role("heading", name="Create a room")).to_be_visible()


async def test_help_has_a_guide_and_leads_to_those_who_administer(world: World, enter: EnterRoom) -> None:
    # A separate person: rooms of other tests could match what is typed.
    world.seed("people", {"gwen": "Gwen Gale"})
    world.seed("room", "helpdesk", owner="alice", members=["gwen"])
    gwen = await enter("gwen", "helpdesk")
    await gwen.page.keyboard.press("Control+k")
    await gwen.page.keyboard.type("guide")
    await gwen.page.keyboard.press("Enter")
    await expect(gwen.dialog).to_contain_text("“Threads” lists those that you follow.")
    await expect(gwen.dialog).to_contain_text("free software under the MIT licence")
    async with gwen.page.expect_response(re.compile("people\\?staff=true")) as asked:
        await gwen.dialog.get_by_role("button", name="Ask an administrator").click()
    people = (await (await asked.value).json())["people"]
    for person in people:
        await expect(gwen.dialog.get_by_role("button", name=person["display_name"])).to_be_visible()
    if not people:
        await expect(gwen.dialog).to_contain_text("Nobody administers this server by the page.")
