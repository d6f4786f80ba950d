"""The list of rooms: unread rooms out of view, and undo after leaving by accident."""

import re

from playwright.async_api import expect

from support.world import World
from tests.browser.conftest import EnterRoom
from tests.browser.test_files import attach, text


async def test_unread_rooms_out_of_view_are_counted_at_the_edge(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"edda": "Edda Early"})
    for number in range(30):
        world.seed("room", f"edge-{number:02}", owner="alice", members=["edda"])
    edda = await enter("edda", "edge-15", viewport={"width": 1280, "height": 520})
    page = edda.page
    pills = edda.sidebar.get_by_role("button", name=re.compile("(above|below)$"))
    await expect(pills).to_have_count(0)
    world.seed("say", "edge-28", [["alice", "@edda one"], ["alice", "@edda two"]])
    world.seed("say", "edge-29", [["alice", "nothing for anybody"]])
    world.seed("say", "edge-00", [["alice", "early bird"]])
    await expect(page.get_by_role("button", name="2 mentions below")).to_be_visible()
    await page.get_by_role("button", name="2 mentions below").click()
    link = edda.room_link("edge-28")
    await expect(link).to_be_in_viewport()
    await expect(link).to_be_focused()
    above = page.get_by_role("button", name="1 unread room above")
    await expect(above).to_be_visible()
    await expect(page.get_by_role("button", name="2 mentions below")).to_have_count(0)
    await above.click()
    await expect(edda.room_link("edge-00")).to_be_in_viewport()
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(re.compile("/rooms/edge-00/$"))


async def test_a_folded_list_counts_no_unread_rooms(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"fold": "Fold Away"})
    for number in range(30):
        world.seed("room", f"fold-{number:02}", owner="alice", members=["fold"])
    world.seed("say", "fold-29", [["alice", "@fold below"]])
    window = await enter("fold", "fold-00", viewport={"width": 1280, "height": 520})
    pill = window.page.get_by_role("button", name="1 mention below")
    await expect(pill).to_be_visible()
    await window.page.get_by_role("button", name="Rooms", exact=True).click()
    await expect(pill).to_have_count(0)


async def test_leaving_a_public_room_by_mistake_is_undone(world: World, enter: EnterRoom) -> None:
    world.seed("room", "oops", owner="alice", members=["bob"])
    world.seed("room", "harbour", owner="bob")
    bob = await enter("bob", "oops")
    await bob.page.get_by_role("button", name="Room options").click()
    await bob.page.get_by_role("menuitem", name="Leave room").click()
    toast = bob.toasts.filter(has_text="Left #oops")
    await toast.get_by_role("button", name="Undo").click()
    await expect(bob.page).to_have_url(re.compile("/rooms/oops/$"))
    await expect(bob.room_link("oops")).to_be_visible()


async def test_signing_out_on_the_settings_page_clears_the_device(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"gina": "Gina Gone"})
    world.seed("room", "trace", owner="gina")
    gina = await enter("gina", "trace")
    await gina.composer.fill("a private draft")
    names = (
        "indexedDB.databases().then(all => all.map(one => one.name).filter(name => name.startsWith('backchannel-')))"
    )
    await expect(gina.composer).to_have_value("a private draft")
    await attach(gina, text("plans.txt"))
    await expect(gina.attached).to_have_attribute("data-state", "done")
    assert len(await gina.page.evaluate(names)) == 2
    await gina.page.goto(f"{world.server.url}/settings/")
    await gina.page.get_by_role("region", name="Sessions").get_by_role("link", name="Sign out", exact=True).click()
    await gina.page.get_by_role("button", name="Sign out", exact=True).click()
    await expect(gina.page.get_by_role("button", name="Sign in")).to_be_visible()
    assert await gina.page.evaluate(names) == []
