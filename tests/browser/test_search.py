"""The search beside the conversation: results while typing, opened at the message, kept in the address."""

import json
import re

from playwright.async_api import WebSocketRoute, expect

from support.world import Window, World
from tests.browser.conftest import EnterRoom


async def found(window: Window, text: str) -> None:
    """Type until the index has the message: it is indexed within a second of its post."""
    page = window.page
    field = page.get_by_role("combobox", name="Search messages")
    for _ in range(30):
        await field.fill("")
        await field.fill(text)
        try:
            await expect(page.get_by_test_id("result").first).to_be_visible(timeout=1_000)
            return
        except AssertionError:
            continue
    raise AssertionError(text)


async def test_a_result_is_found_by_half_a_word_and_opened_at_its_message(world: World, enter: EnterRoom) -> None:
    world.seed("room", "finds", owner="alice", members=["bob"], title="Finds")
    world.seed("room", "far-off", owner="alice", members=["bob"])
    world.seed(
        "say",
        "finds",
        [
            ["alice", "Older telemetry, of 京"],
            ["alice", "The telemetry of 東京 is late"],
            *(["alice", f"line {n}"] for n in range(90)),
        ],
    )
    bob = await enter("bob", "finds")
    page = bob.page
    await page.keyboard.press("Control+Shift+F")
    pane = page.get_by_test_id("search-pane")
    field = page.get_by_role("combobox", name="Search messages")
    await expect(field).to_be_focused()
    await expect(pane.get_by_role("button", name="Remove the filter in: #Finds")).to_be_visible()
    await found(bob, "tele 京")
    row = pane.get_by_test_id("result")
    await expect(row).to_have_count(2)
    assert await row.first.locator("mark").all_inner_texts() == ["tele", "京"]
    assert "search=in%3Afinds" in page.url.replace("in:", "in%3A")
    await field.press("ArrowDown")
    await expect(row.first).to_be_focused()
    await page.keyboard.press("Enter")
    message = page.get_by_test_id("message").filter(has_text="The telemetry of")
    await expect(message).to_be_in_viewport()
    await expect(message).to_have_attribute("data-linked", "true")
    await page.wait_for_function("CSS.highlights.get('search-hit')?.size === 2")
    await expect(pane).to_be_visible()
    older = page.get_by_test_id("message").filter(has_text="Older telemetry")
    await page.keyboard.press("n")
    await expect(older).to_have_attribute("data-linked", "true")
    await page.keyboard.press("Shift+N")
    await expect(message).to_have_attribute("data-linked", "true")


async def test_nothing_found_offers_a_wider_search_and_filters_come_and_go(world: World, enter: EnterRoom) -> None:
    world.seed("room", "needle", owner="alice", members=["bob"])
    world.seed("room", "wide", owner="alice", members=["bob"])
    world.seed("say", "wide", [["alice", "porcupine"]])
    bob = await enter("bob", "needle")
    page = bob.page
    await page.get_by_role("button", name="Search messages").click()
    field = page.get_by_role("combobox", name="Search messages")
    await field.fill("porcupi")
    await expect(page.get_by_text("No messages match “porcupi” in #needle.")).to_be_visible()
    await expect(page.get_by_role("button", name="In", exact=True)).to_have_count(0)
    await page.get_by_role("button", name="Search all rooms").click()
    await expect(page.get_by_role("button", name="In", exact=True)).to_be_visible()
    await found(bob, "porcupi")
    await field.press_sequentially(" from:m")
    await expect(page.get_by_role("listbox", name="from:").get_by_role("option")).to_contain_text(["Me"])
    await field.press("Tab")
    await expect(page.get_by_role("button", name="Remove the filter from: me")).to_be_visible()
    await expect(page.get_by_text("No messages match “porcupi”.")).to_be_visible()
    await field.fill("")
    await field.press("Backspace")
    await expect(field).to_have_value("from:me")
    await page.keyboard.press("Escape")
    await expect(page.get_by_test_id("search-pane")).to_have_count(0)


async def test_the_quick_switch_leads_to_the_search(world: World, enter: EnterRoom) -> None:
    world.seed("room", "swift", owner="alice", members=["bob"])
    world.seed("say", "swift", [["alice", "zebrafish"]])
    bob = await enter("bob", "swift", viewport={"width": 390, "height": 800})
    page = bob.page
    await page.keyboard.press("Control+k")
    await page.get_by_role("combobox", name="Room or person").fill("zebraf")
    await expect(page.get_by_role("option").first).to_have_text(re.compile("Search messages for “zebraf”"))
    await page.keyboard.press("Enter")
    await found(bob, "zebraf")
    await page.get_by_test_id("result").click()
    await expect(page.get_by_test_id("search-pane")).to_have_count(0)
    await expect(page.get_by_test_id("message").filter(has_text="zebrafish")).to_be_in_viewport()
    await page.get_by_role("button", name="Back to results").click()
    await expect(page.get_by_test_id("result")).to_be_visible()
    await expect(page.get_by_role("button", name="Back to results")).to_have_count(0)


async def test_a_phone_searches_all_rooms_from_the_list_of_rooms(world: World, enter: EnterRoom) -> None:
    world.seed("room", "satchel", owner="alice", members=["bob"])
    bob = await enter("bob", "satchel", viewport={"width": 390, "height": 800})
    page = bob.page
    await page.get_by_test_id("back").click()
    await page.get_by_test_id("sidebar").get_by_role("button", name="Search messages").click()
    await expect(page.get_by_role("combobox", name="Search messages")).to_be_focused()
    await expect(page.get_by_role("button", name=re.compile("Remove the filter"))).to_have_count(0)


async def test_what_is_indexed_meanwhile_is_shown_without_asking_again(world: World, enter: EnterRoom) -> None:
    world.seed("room", "reindexed", owner="alice", members=["bob"])
    world.seed("say", "reindexed", [["alice", "the albatross came back"]])
    unindexed: list[object] = []

    def door(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def pass_on(text: str | bytes) -> None:
            came = json.loads(text)
            for frame in came if isinstance(came, list) else [came]:
                if frame["type"] == "search" and not unindexed:
                    unindexed.append(frame)
                    frame |= {"results": [], "next": None, "indexed_until": "2026-05-01T12:00:00+00:00"}
            route.send(json.dumps(came))

        server.on_message(pass_on)

    bob = await enter(
        "bob", "reindexed?search=albatross", prepare=lambda page: page.route_web_socket("**/ws/chat/", door)
    )
    pane = bob.page.get_by_test_id("search-pane")
    await expect(pane.get_by_text("still being indexed")).to_be_visible()
    await expect(pane.get_by_test_id("result")).to_have_count(1)
    await expect(pane.get_by_text("still being indexed")).to_have_count(0)
