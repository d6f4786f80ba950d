"""The windows of these tests: contexts are reused, and the next person finds nothing of the one before."""

from typing import Any

from playwright.async_api import Page

from support.world import World

_FACTS = """async () => ({
  kept: [localStorage.length, sessionStorage.length, await indexedDB.databases(), await caches.keys(), document.cookie],
  page: [window.name, history.length > 2, window.opener, window.left ?? null, typeof told],
  look: [innerWidth, innerHeight, devicePixelRatio, matchMedia("(prefers-color-scheme: dark)").matches,
    matchMedia("(prefers-reduced-motion)").matches, matchMedia("(forced-colors: active)").matches],
  browser: [navigator.language, (await navigator.permissions.query({ name: "clipboard-read" })).state],
})"""
_LEAVE = """async () => {
  localStorage.kept = sessionStorage.kept = document.cookie = window.name = "left";
  history.pushState(null, "", "#left");
  await (await caches.open("left")).put("/left", new Response("left"));
  await new Promise((opened) => (indexedDB.open("left").onsuccess = opened));
  // As the page does with what it has not saved yet.
  addEventListener("pagehide", () => (localStorage.late = "left"));
}"""


async def test_a_window_has_nothing_of_the_one_before(world: World) -> None:
    world.seed("room", "let", owner="alice", members=["bob"])
    alice = await world.window("alice", "let")
    await alice.page.add_init_script("window.left = 1")
    await alice.page.expose_function("told", lambda: None)
    await alice.page.route("**/healthz", lambda route: route.fulfill(body="left"))
    await alice.page.emulate_media(color_scheme="dark", forced_colors="active")
    await alice.page.set_viewport_size({"width": 400, "height": 400})
    await alice.context.grant_permissions(["clipboard-read"])
    await alice.page.evaluate(_LEAVE)
    await (await alice.context.new_page()).goto(f"{world.server.url}/rooms/let/")
    await alice.close()

    bob = await world.blank("bob")
    assert bob.context is alice.context
    assert await _facts(bob.page, world) == await _facts_of_a_new_context(world)
    assert "left" not in await bob.page.content()
    await bob.open("let")
    await bob.say("In a room of my own")
    await bob.has_sent("In a room of my own")
    assert bob.errors == []
    await bob.close()


async def test_the_pages_of_a_window_share_the_process_that_its_context_keeps(world: World) -> None:
    world.seed("room", "lodging", owner="alice")
    alice = await world.window("alice", "lodging")
    assert await alice.context.pages[0].evaluate("opened.location.pathname") == "/rooms/lodging/"
    await alice.close()


async def _facts(page: Page, world: World) -> Any:
    await page.goto(f"{world.server.url}/healthz")
    return await page.evaluate(_FACTS)


async def _facts_of_a_new_context(world: World) -> Any:
    context = await world.browser.new_context(
        viewport={"width": 1280, "height": 800}, locale="en-GB", reduced_motion="reduce", service_workers="block"
    )
    await context.add_cookies(world.signed_in("bob")["cookies"])
    facts = await _facts(await context.new_page(), world)
    await context.close()
    return facts
