"""Drafts, edits and unsent messages are kept per device and person; without storage the page says so."""

import re

import pytest
from playwright.async_api import Page, expect

from support.chat_page import ChatPage
from support.world import World
from tests.browser.conftest import EnterRoom

_KEPT = """async () => {
  const kept = {};
  for (const { name } of await indexedDB.databases()) {
    const done = (request) => new Promise((resolve) => (request.onsuccess = resolve));
    const opened = indexedDB.open(name);
    await done(opened);
    const objects = opened.result.transaction("kept").objectStore("kept");
    const [keys, values] = [objects.getAllKeys(), objects.getAll()];
    await done(values);
    keys.result.forEach((key, at) => (kept[key] = values.result[at]));
    opened.result.close();
  }
  return kept;
}"""
# The database exists, and answers only when the test lets it.
LATE = """
window.answered = new Promise((resolve) => (window.answer = resolve));
const open = IDBFactory.prototype.open;
IDBFactory.prototype.open = function (...name) {
  const asked = open.apply(this, name);
  const late = { get result() { return asked.result; }, get error() { return asked.error; } };
  asked.onsuccess = () => answered.then(() => late.onsuccess());
  return late;
};
"""
# Writes that start while the page unloads are never committed.
HASTY = """
let leaving = false;
addEventListener("pagehide", () => (leaving = true), { capture: true });
const put = IDBObjectStore.prototype.put;
IDBObjectStore.prototype.put = function (...what) {
  const asked = put.apply(this, what);
  if (leaving) this.transaction.abort();
  return asked;
};
"""
FORBIDDEN = "indexedDB.open = () => { throw new DOMException('no', 'SecurityError'); };"
SILENT = "indexedDB.open = () => ({});"
FULL = "IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); };"


async def test_each_room_keeps_its_draft(world: World, enter: EnterRoom) -> None:
    world.seed("room", "keep-desk", owner="alice")
    world.seed("room", "keep-shelf", owner="alice")
    alice = await enter("alice", "keep-desk")
    await alice.composer.press_sequentially("For the desk")
    await alice.room_link("keep-shelf").click()
    await expect(alice.composer).to_have_value("")
    await alice.composer.press_sequentially("For the shelf")
    await alice.page.reload()
    await alice.is_connected()
    await expect(alice.composer).to_have_value("For the shelf")
    await expect(alice.room_link("keep-desk")).to_contain_text("draft")
    await alice.room_link("keep-desk").click()
    await expect(alice.composer).to_have_value("For the desk")


async def test_a_draft_is_shared_between_tabs(world: World, enter: EnterRoom) -> None:
    world.seed("room", "keep-left", owner="alice")
    world.seed("room", "keep-right", owner="alice")
    alice = await enter("alice", "keep-left")
    other = await alice.context.new_page()
    await other.goto(f"{world.server.url}/rooms/keep-right/")
    await expect(other.get_by_test_id("rooms-loading")).to_have_count(0)
    await other.evaluate(
        """async () => {
             const [{ name }] = await indexedDB.databases();
             window.channel = new BroadcastChannel(name);
             window.channel.onmessage = ({ data }) => (window.heard = data[1]?.text);
           }"""
    )
    await alice.composer.press_sequentially("Begun on the left")
    await other.wait_for_function("() => window.heard === 'Begun on the left'")
    await ChatPage(other).room_link("keep-left").click()
    await expect(ChatPage(other).composer).to_have_value("Begun on the left")


async def test_a_late_database_restores_drafts_and_unsent_messages(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"tao": "Tao Thyme"})
    world.seed("room", "keep-late", owner="tao")
    tao = await enter("tao", "keep-late", alone=True)
    await tao.goes_offline()
    await expect(tao.offline).to_be_visible()
    await tao.say("Sent in the end")
    await tao.composer.press_sequentially("Begun before")
    await _has_kept(tao.page, "draft:keep-late", "Begun before")
    await tao.page.close()
    await tao.context.set_offline(False)
    tao.page = await tao.context.new_page()
    # A page that closes before it learns of the commit leaves a copy for the next one.
    await tao.page.goto(f"{world.server.url}/healthz")
    await tao.page.evaluate("localStorage.clear()")
    await tao.page.add_init_script(LATE)
    await tao.open("keep-late")
    await expect(tao.composer).to_have_value("")
    await tao.say("Sent meanwhile")
    await tao.has_sent("Sent meanwhile")
    await tao.composer.press_sequentially("Begun since")
    await tao.page.evaluate("answer()")
    await expect(tao.composer).to_have_value("Begun before\nBegun since")
    await tao.has_sent("Sent in the end")
    await tao.page.reload()
    await tao.page.evaluate("answer()")
    await expect(tao.composer).to_have_value("Begun before\nBegun since")
    await expect(tao.toasts).to_have_count(0)


async def test_a_draft_outlives_a_page_closed_before_its_database_answers(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"vito": "Vito Vetch"})
    world.seed("room", "keep-gone", owner="vito")
    vito = await enter("vito", "keep-gone")
    await vito.composer.fill("Begun before")
    await _has_kept(vito.page, "draft:keep-gone")
    # A page that had nothing to write leaves no copy for the next one.
    await vito.page.reload()
    await vito.page.wait_for_function("() => !Object.values(localStorage).join().includes('Begun')")
    await vito.page.add_init_script(LATE)
    await vito.page.reload()
    await vito.is_connected()
    await vito.composer.press_sequentially("Begun since")
    await vito.page.wait_for_function("() => Object.values(localStorage).join().includes('Begun since')")
    await vito.page.reload()
    # The server may already have sent the older text.
    await expect(vito.composer).to_have_value(re.compile("Begun since$"))
    await vito.page.evaluate("answer()")
    await expect(vito.composer).to_have_value(re.compile("^Begun before\n?Begun since$"))
    await vito.page.wait_for_function("() => !Object.values(localStorage).join().includes('Begun')")


async def test_an_aborted_last_write_is_recovered_by_the_next_page_or_another_tab(
    world: World, enter: EnterRoom
) -> None:
    world.seed("people", {"wim": "Wim Willow"})
    for room in ("keep-hasty", "keep-calm"):
        world.seed("room", room, owner="wim")
    wim = await enter("wim", "keep-hasty", prepare=lambda page: page.add_init_script(HASTY))
    await wim.composer.fill("Begun")
    await _has_kept(wim.page, "draft:keep-hasty")
    await wim.composer.fill("Begun, and gone on with")
    await wim.page.reload()
    await wim.is_connected()
    await expect(wim.composer).to_have_value("Begun, and gone on with")
    await wim.page.wait_for_function("() => !Object.values(localStorage).join().includes('Begun')")

    hasty, wim.page = wim.page, await wim.context.new_page()
    await wim.open("keep-calm")
    await ChatPage(hasty).composer.fill("Ended")
    await hasty.close()
    await _has_kept(wim.page, "draft:keep-hasty", "Ended")
    await wim.room_link("keep-hasty").click()
    await expect(wim.composer).to_have_value("Ended")


async def test_an_edit_outlives_other_rooms_reloads_and_a_lost_connection(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"uma": "Uma Umber"})
    world.seed("room", "keep-edit", owner="uma", said=2)
    world.seed("room", "keep-other", owner="uma")
    uma = await enter("uma", "keep-edit", alone=True)
    edit = uma.page.get_by_label("Edit message")
    await uma.act("line 1", "Edit")
    # The field moves the caret to the end on focus, which may fall between the two steps of `fill`.
    await expect(edit).to_be_focused()
    await edit.fill("line one, of many")
    await uma.room_link("keep-other").click()
    await expect(edit).to_have_count(0)
    await uma.room_link("keep-edit").click()
    await expect(edit).to_have_value("line one, of many")
    await uma.page.reload()
    await uma.is_connected()
    await expect(edit).to_have_value("line one, of many")
    await uma.goes_offline()
    await expect(uma.offline).to_be_visible()
    await edit.press("Enter")
    await expect(uma.toasts).to_contain_text("The connection was lost")
    await expect(edit).to_have_value("line one, of many")
    await uma.context.set_offline(False)
    await uma.is_connected()
    await edit.press("Enter")
    await uma.sees("line one, of many")
    await uma.page.reload()
    await uma.is_connected()
    await expect(edit).to_have_count(0)


async def test_two_people_at_one_browser_see_nothing_of_each_other(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"lea": "Lea Lark", "max": "Max Moss"})
    world.seed("room", "library", owner="lea", members=["max"])
    lea = await enter("lea", "library")
    await lea.composer.press_sequentially("Only Lea's")
    await _has_kept(lea.page, "draft:library")
    states = {name: world.signed_in(name)["cookies"] for name in ("lea", "max")}
    await lea.context.clear_cookies()
    await lea.context.add_cookies(states["max"])
    theirs = ChatPage(await lea.context.new_page())
    await theirs.page.goto(f"{world.server.url}/rooms/library/")
    await expect(theirs.account).to_contain_text("Max Moss")
    await expect(theirs.composer).to_have_value("")
    await theirs.composer.press_sequentially("Only Max's")
    await theirs.composer.press("Shift+Enter")
    await lea.context.clear_cookies()
    await lea.context.add_cookies(states["lea"])
    await lea.page.reload()
    await lea.is_connected()
    await expect(lea.composer).to_have_value("Only Lea's")


async def test_two_people_in_two_tabs_of_one_browser_stay_apart(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"pia": "Pia Plum", "quin": "Quin Quince"})
    world.seed("room", "two-tabs", owner="pia", members=["quin"])
    pia = await enter("pia", "two-tabs")
    cookies = world.signed_in("quin")["cookies"]
    await pia.context.clear_cookies()
    await pia.context.add_cookies(cookies)
    quin = ChatPage(await pia.context.new_page())
    await quin.page.goto(f"{world.server.url}/rooms/two-tabs/")
    await expect(quin.account).to_contain_text("Quin Quince")
    # Pia's tab is still connected as Pia, and neither tab receives what the other stores.
    await pia.composer.press_sequentially("Pia's words")
    await _has_kept(pia.page, "draft:two-tabs")
    await expect(quin.composer).to_have_value("")
    await pia.composer.press("Enter")
    await pia.has_sent("Pia's words")
    await quin.composer.fill("Quin's words")
    await quin.composer.press("Enter")
    await pia.has_sent("Quin's words")
    names = await pia.timeline.get_by_test_id("author").all_inner_texts()
    assert names == ["Pia Plum", "Quin Quince"]


async def test_signing_out_leaves_no_words_on_the_device(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"noa": "Noa Nettle"})
    world.seed("room", "doorway", owner="noa")
    noa = await enter("noa", "doorway")
    await noa.composer.press_sequentially("Forget this")
    await _has_kept(noa.page, "draft:doorway")
    await noa.page.get_by_role("button", name="Settings").click()
    await noa.page.get_by_role("menuitem", name="Sign out").click()
    await noa.page.wait_for_url("**/accounts/**")
    kept = await noa.page.evaluate(_KEPT)
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
    olu = await enter(username, slug, prepare=lambda page: page.add_init_script(broken))
    for number in range(3):
        await olu.say(f"Sent all the same {number}")
        await olu.has_sent(f"Sent all the same {number}")
    await olu.composer.press_sequentially("Half a thought")
    await olu.room_link(f"{slug}-b").click()
    await expect(olu.composer).to_have_value("")
    await olu.room_link(f"{slug}").click()
    await expect(olu.composer).to_have_value("Half a thought")
    await expect(olu.toasts).to_have_count(1)
    await expect(olu.toasts).to_contain_text("isn't storing anything")


async def _has_kept(page: Page, key: str, text: str = "") -> None:
    there = f"async ([key, text]) => JSON.stringify((await ({_KEPT})())[key] ?? null).includes(text || '{{')"
    await page.wait_for_function(there, arg=[key, text])
