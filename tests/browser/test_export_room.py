"""An owner exports a room from its menu."""

import re
import zipfile

from playwright.async_api import expect

from support.password import PASSWORD
from support.world import World
from tests.browser.conftest import EnterRoom


async def test_an_owner_prepares_an_archive_and_finds_it_in_the_settings(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"oona": "Oona"})
    world.seed("room", "granary", owner="oona", members=["bob"], said=3)
    oona = await enter("oona", "granary")
    await oona.page.get_by_role("button", name="Room options").click()
    await oona.page.get_by_role("menuitem", name="Export this room").click()
    await expect(oona.dialog.get_by_role("radio", name="Pages to read")).to_be_focused()
    await oona.dialog.get_by_role("radio", name="JSON lines").check()
    await oona.dialog.get_by_role("button", name="Prepare export").click()
    await expect(oona.dialog.get_by_role("progressbar")).to_be_visible()
    await expect(oona.dialog).to_contain_text("The export is ready", timeout=60_000)
    await oona.dialog.get_by_label("Your password").fill("wrong")
    await oona.dialog.get_by_role("button", name="Download").click()
    await expect(oona.dialog.get_by_role("alert").filter(has_text="That is not your password.")).to_be_visible()
    # The browser logs each refused request as an error.
    oona.errors.clear()
    await oona.dialog.get_by_label("Your password").fill(PASSWORD)
    async with oona.page.expect_download() as found:
        await oona.dialog.get_by_role("button", name="Download").click()
    archive = await (await found.value).path()
    with zipfile.ZipFile(archive) as packed:
        assert len(packed.read("messages.jsonl").splitlines()) == 3
    await expect(oona.dialog).to_be_hidden()
    await oona.page.goto(f"{world.server.url}/settings/#data")
    await expect(oona.page).to_have_url(re.compile("/settings/#data$"))
    await expect(oona.page.locator("#exports")).to_contain_text("#granary")


async def test_a_second_export_at_a_time_is_refused_in_the_dialog(world: World, enter: EnterRoom) -> None:
    world.seed("people", {"otis": "Otis"})
    world.seed("room", "pantry", owner="otis")
    otis = await enter("otis", "pantry")
    conflict = '{"code": "conflict", "message": "Another export of yours is being prepared. Wait until it is ready."}'
    await otis.page.route(
        "**/api/v1/exports", lambda route: route.fulfill(status=409, body=conflict, content_type="application/json")
    )
    await otis.page.get_by_role("button", name="Room options").click()
    await otis.page.get_by_role("menuitem", name="Export this room").click()
    await otis.dialog.get_by_role("button", name="Prepare export").click()
    refusal = "Another export of yours is being prepared. Wait until it is ready."
    await expect(otis.dialog.get_by_role("alert").filter(has_text=refusal)).to_be_visible()
    # The browser logs each refused request as an error.
    otis.errors.clear()
