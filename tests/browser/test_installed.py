"""The chat as an installed app: offline, after a deploy, and what it caches."""

import json
from collections.abc import AsyncGenerator, Callable, Iterator
from typing import Any

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Page, expect

from support.servers import Server, free_port
from support.world import CAST, Window, World


@pytest.fixture
def own_server(start_server: Callable[..., Server]) -> Iterator[Callable[..., Server]]:
    """Start a server, or another version of it in its place: same port, same data."""
    running: list[Server] = []
    port = free_port()

    def start(**env: str) -> Server:
        data_dir = running[-1].data_dir if running else None
        running.append(start_server(env={"PORT": str(port), "CHAT_DRAIN_SECONDS": "0", **env}, data_dir=data_dir))
        return running[-1]

    yield start
    running[-1].kill()


@pytest_asyncio.fixture(loop_scope="session")
async def place(browser: Browser, own_server: Callable[..., Server]) -> AsyncGenerator[World]:
    made = World(browser, own_server())
    made.seed("people", CAST)
    made.seed("room", "boat", owner="alice", members=["bob"], said=1)
    yield made
    await made.close()


async def installed(place: World, room: str = "boat") -> Window:
    """A window of Alice with an active service worker."""
    window = await place.window("alice", room, service_workers="allow")
    await window.page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    await expect(window.page.locator("html")).to_be_visible()
    return window


async def kept(page: Page) -> dict[str, dict[str, str]]:
    """The content of the browser's caches: cache -> address -> body."""
    found: Any = await page.evaluate(
        """async () => {
          const found = {};
          for (const name of await caches.keys()) {
            const cache = await caches.open(name);
            found[name] = {};
            for (const request of await cache.keys()) {
              found[name][new URL(request.url).pathname] = await (await cache.match(request)).text();
            }
          }
          return JSON.stringify(found);
        }"""
    )
    return dict(json.loads(found))


async def test_a_reload_without_the_server_shows_the_offline_page_until_it_is_back(
    place: World, own_server: Callable[..., Server]
) -> None:
    alice = await installed(place)
    place.server.kill()
    await alice.page.reload()
    await expect(alice.page.get_by_role("heading", name="The server cannot be reached")).to_be_visible()
    assert alice.page.url.endswith("/rooms/boat/")
    background = "getComputedStyle(document.body).backgroundColor"
    assert await alice.page.evaluate(background) == "rgb(252, 253, 252)", "in the design, from the worker's cache"
    own_server()
    await alice.sees("line 1")
    await alice.context.close()


async def test_a_deploy_is_announced_and_taken_with_a_reload(place: World, own_server: Callable[..., Server]) -> None:
    alice = await installed(place)
    [before] = await kept(alice.page)
    assert place.server.stop() == 0
    own_server(DEBUG="1")  # with another version of the static files
    banner = alice.new_version
    await expect(banner).to_be_visible(timeout=30_000)
    await alice.composer.fill("not yet sent")
    await banner.get_by_role("button", name="Reload").click()
    await expect(alice.composer).to_have_value("not yet sent")
    await expect(banner).to_have_count(0)
    scripts = await alice.page.locator("script[type=module]").evaluate_all("all => all.map(one => one.src)")
    assert all("/static/debug/" in script for script in scripts)
    assert list(await kept(alice.page)) == ["shell-debug"] != [before]
    await alice.context.close()


async def test_a_page_of_the_new_version_that_meets_the_old_worker_is_new(
    place: World, own_server: Callable[..., Server]
) -> None:
    alice = await installed(place)
    address = alice.page.url
    await alice.page.goto("about:blank")
    assert place.server.stop() == 0
    own_server(DEBUG="1")
    await alice.page.goto(address)
    await alice.sees("line 1")
    scripts = await alice.page.locator("script[type=module]").evaluate_all("all => all.map(one => one.src)")
    assert all("/static/debug/" in script for script in scripts)
    await expect(alice.new_version).to_have_count(0)
    await alice.context.close()


async def test_no_personal_data_is_cached(world: World) -> None:
    # She signs out of a separate session.
    world.forget("alice")
    alice = await installed(world, "base")
    world.forget("alice")
    await alice.page.reload()
    await alice.is_connected()
    await alice.page.goto(f"{world.server.url}/settings/")
    await alice.page.goto(f"{world.server.url}/accounts/logout/")
    await alice.page.get_by_role("button", name="Sign out", exact=True).click()
    await expect(alice.page.get_by_role("button", name="Sign in")).to_be_visible()
    [cache] = (await kept(alice.page)).values()
    assert {path.split("/")[1] for path in cache} == {"static", "offline"}
    for body in cache.values():
        assert "Alice Arden" not in body
        assert 'csrfmiddlewaretoken" value' not in body
    await alice.page.get_by_label("Username").fill("bob")
    await alice.page.get_by_label("Password", exact=True).fill("correct horse battery")
    await alice.page.get_by_role("button", name="Sign in").click()
    await expect(alice.account).to_contain_text("Bob Birch")
    # Not the whole page: rooms that both are in may contain messages addressed to her.
    assert "alice" not in (await alice.account.inner_text()).lower()
    await alice.context.close()


async def test_it_can_be_installed(world: World) -> None:
    alice = await installed(world, "base")
    manifest = await alice.page.evaluate("fetch(document.querySelector('link[rel=manifest]').href).then(r => r.json())")
    assert (manifest["start_url"], manifest["scope"], manifest["display"]) == ("/", "/", "standalone")
    for icon in manifest["icons"]:
        size = await alice.page.evaluate(
            "src => fetch(src).then(r => r.blob()).then(createImageBitmap).then(i => `${i.width}x${i.height}`)",
            icon["src"],
        )
        assert size == icon["sizes"]
    session = await alice.context.new_cdp_session(alice.page)
    problems = await session.send("Page.getInstallabilityErrors")
    assert [one["errorId"] for one in problems["installabilityErrors"] if one["errorId"] != "in-incognito"] == []
    await alice.context.close()
