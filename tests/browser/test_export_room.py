"""An owner exports a room from its menu."""

import re
import zipfile

from playwright.async_api import expect

from support.password import PASSWORD
from support.world import World
from tests.browser.conftest import EnterRoom


async def test_an_owner_prepares_an_archive_and_finds_it_in_the_settings(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"olga": "Olga"})
    world.seed("room", "granary", owner="olga", members=["bob"], said=3)
    bob = await enter("bob", "granary")
    await bob.page.get_by_role("button", name="Room options").click()
    await expect(bob.page.get_by_role("menuitem", name="Copy link")).to_be_visible()
    await expect(bob.page.get_by_role("menuitem", name="Export this room")).to_have_count(0)
    olga = await enter("olga", "granary")
    await olga.page.get_by_role("button", name="Room options").click()
    await olga.page.get_by_role("menuitem", name="Export this room").click()
    await expect(olga.dialog.get_by_role("radio", name="Pages to read")).to_be_focused()
    await olga.dialog.get_by_role("radio", name="JSON lines").check()
    await olga.dialog.get_by_role("button", name="Prepare export").click()
    await expect(olga.dialog.get_by_role("progressbar")).to_be_visible()
    await expect(olga.dialog).to_contain_text("The export is ready", timeout=60_000)
    await olga.dialog.get_by_label("Your password").fill("wrong")
    await olga.dialog.get_by_role("button", name="Download").click()
    await expect(olga.dialog.get_by_role("alert")).to_have_text("That is not your password.")
    # The browser names each refused request.
    olga.errors.clear()
    await olga.dialog.get_by_label("Your password").fill(PASSWORD)
    async with olga.page.expect_download() as found:
        await olga.dialog.get_by_role("button", name="Download").click()
    archive = await (await found.value).path()
    with zipfile.ZipFile(archive) as packed:
        assert len(packed.read("messages.jsonl").splitlines()) == 3
    await expect(olga.dialog).to_be_hidden()
    await olga.page.goto(f"{world.server.url}/settings/#data")
    await expect(olga.page).to_have_url(re.compile("/settings/#data$"))
    await expect(olga.page.locator("#exports")).to_contain_text("#granary")


async def test_a_second_export_at_a_time_is_refused_in_the_dialog(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"otto": "Otto"})
    world.seed("room", "pantry", owner="otto")
    otto = await enter("otto", "pantry")
    conflict = '{"code": "conflict", "message": "Another export of yours is being prepared. Wait until it is ready."}'
    await otto.page.route(
        "**/api/v1/exports", lambda route: route.fulfill(status=409, body=conflict, content_type="application/json")
    )
    await otto.page.get_by_role("button", name="Room options").click()
    await otto.page.get_by_role("menuitem", name="Export this room").click()
    await otto.dialog.get_by_role("button", name="Prepare export").click()
    await expect(otto.dialog.get_by_role("alert")).to_have_text(
        "Another export of yours is being prepared. Wait until it is ready."
    )
    # The browser names each refused request.
    otto.errors.clear()
