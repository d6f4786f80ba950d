"""What is typed stays on the device of who typed it, and where nothing can be kept the page says so."""

import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import EnterRoom
from tests.browser.world import World

_KEYS = """async () => {
  const keys = [];
  for (const { name } of await indexedDB.databases()) {
    const done = (request) => new Promise((resolve) => (request.onsuccess = resolve));
    const opened = indexedDB.open(name);
    await done(opened);
    const asked = opened.result.transaction("kept").objectStore("kept").getAllKeys();
    await done(asked);
    keys.push(...asked.result);
    opened.result.close();
  }
  return keys;
}"""
FORBIDDEN = "indexedDB.open = () => { throw new DOMException('no', 'SecurityError'); };"
SILENT = "indexedDB.open = () => ({});"
FULL = "IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); };"


async def test_a_draft_is_kept_room_by_room_to_the_last_letter(world: World, enter: EnterRoom) -> None:
    world.seed("room", "keep-desk", owner="alice")
    world.seed("room", "keep-shelf", owner="alice")
    alice = await enter("alice", "keep-desk")
    await alice.composer.press_sequentially("For the desk")
    await alice.page.locator('#sidebar a[href="/rooms/keep-shelf/"]').click()
    await expect(alice.composer).to_have_value("")
    await alice.composer.press_sequentially("For the shelf")
    await alice.page.reload()
    await alice.is_connected()
    await expect(alice.composer).to_have_value("For the shelf")
    await expect(alice.page.locator('#sidebar a[href="/rooms/keep-desk/"]')).to_contain_text("draft")
    await alice.page.locator('#sidebar a[href="/rooms/keep-desk/"]').click()
    await expect(alice.composer).to_have_value("For the desk")


async def test_a_draft_is_in_the_other_tab_too(world: World, enter: EnterRoom) -> None:
    world.seed("room", "keep-left", owner="alice")
    world.seed("room", "keep-right", owner="alice")
    alice = await enter("alice", "keep-left")
    other = await alice.context.new_page()
    await other.goto(f"{world.server.url}/rooms/keep-right/")
    await expect(other.locator("#sidebar .sk-row")).to_have_count(0)
    await other.evaluate(
        """async () => {
             const [{ name }] = await indexedDB.databases();
             window.channel = new BroadcastChannel(name);
             window.channel.onmessage = ({ data }) => (window.heard = data[1]?.text);
           }"""
    )
    await alice.composer.press_sequentially("Begun on the left")
    await other.wait_for_function("() => window.heard === 'Begun on the left'")
    await other.locator('#sidebar a[href="/rooms/keep-left/"]').click()
    await expect(other.locator("#composer textarea")).to_have_value("Begun on the left")


async def test_two_people_at_one_browser_see_nothing_of_each_other(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"lea": "Lea Lark", "max": "Max Moss"})
    world.seed("room", "library", owner="lea", members=["max"])
    lea = await enter("lea", "library")
    await lea.composer.press_sequentially("Only Lea's")
    await _has_kept(lea.page, "draft:library")
    states = {name: (await world.signed_in(name))["cookies"] for name in ("lea", "max")}
    await lea.context.clear_cookies()
    await lea.context.add_cookies(states["max"])
    theirs = await lea.context.new_page()
    await theirs.goto(f"{world.server.url}/rooms/library/")
    await expect(theirs.locator(".side__foot")).to_contain_text("Max Moss")
    await expect(theirs.locator("#composer textarea")).to_have_value("")
    await theirs.locator("#composer textarea").press_sequentially("Only Max's")
    await theirs.locator("#composer textarea").press("Shift+Enter")
    await lea.context.clear_cookies()
    await lea.context.add_cookies(states["lea"])
    await lea.page.reload()
    await lea.is_connected()
    await expect(lea.composer).to_have_value("Only Lea's")


async def test_signing_out_leaves_no_words_on_the_device(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"noa": "Noa Nettle"})
    world.seed("room", "doorway", owner="noa")
    noa = await enter("noa", "doorway")
    await noa.composer.press_sequentially("Forget this")
    await _has_kept(noa.page, "draft:doorway")
    await noa.page.get_by_role("button", name="Settings").click()
    await noa.page.get_by_role("menuitem", name="Sign out").click()
    await noa.page.wait_for_url("**/accounts/**")
    kept = await noa.page.evaluate(_KEYS)
    assert [key for key in kept if key.startswith(("draft:", "outbox:"))] == []


@pytest.mark.parametrize(
    ("name", "broken"),
    [("forbidden", FORBIDDEN), ("silent", SILENT), ("full", FULL)],
    ids=["forbidden", "silent", "full"],
)
async def test_without_storage_the_chat_works_and_says_so_once(
    world: World, enter: EnterRoom, name: str, broken: str
) -> None:
    username, slug = f"olu-{name}", f"storage-{name}"
    world.seed("people", {username: "Olu Oak"})
    world.seed("room", slug, owner=username)
    world.seed("room", f"{slug}-b", owner=username)
    olu = await enter(username, slug)
    await olu.page.add_init_script(broken)
    await olu.page.reload()
    await olu.is_connected()
    for number in range(3):
        await olu.say(f"Sent all the same {number}")
        await olu.has_sent(f"Sent all the same {number}")
    await olu.composer.press_sequentially("Half a thought")
    await olu.page.locator(f'#sidebar a[href="/rooms/{slug}-b/"]').click()
    await expect(olu.composer).to_have_value("")
    await olu.page.locator(f'#sidebar a[href="/rooms/{slug}/"]').click()
    await expect(olu.composer).to_have_value("Half a thought")
    await expect(olu.page.locator(".toast")).to_have_count(1)
    await expect(olu.page.locator(".toast")).to_contain_text("stores nothing for now")


async def _has_kept(page: Page, key: str) -> None:
    await page.wait_for_function(f"async (key) => (await ({_KEYS})()).includes(key)", arg=key)
