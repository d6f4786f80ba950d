"""An archive to import: uploaded in parts, interrupted by a pause and a reload, checked and discarded."""

import asyncio
import os
import re
import zipfile
from pathlib import Path
from typing import Any

from playwright.async_api import Route, expect

from support.world import Window, World
from tests.browser.conftest import EnterRoom
from tests.importing.samples import SAMPLES

PARTS = "**/api/v1/uploads/*"
PART_BYTES = 4 * 1024 * 1024


def packed(folder: Path) -> Path:
    """A Slack export that takes three parts."""
    path = folder / "slack.zip"
    with zipfile.ZipFile(path, "w") as out:
        for file in sorted((SAMPLES / "slack" / "export").rglob("*")):
            out.write(file, file.relative_to(SAMPLES / "slack" / "export"))
        out.writestr("__uploads/F0/padding.bin", os.urandom(2 * PART_BYTES + 1000))
    return path


async def manage(world: World, enter: EnterRoom, username: str, **options: Any) -> Window:
    world.seed("founder", username)
    return await enter(username, "/manage/transfers/", **options)


async def test_an_upload_is_paused_and_goes_on_after_a_reload(world: World, enter: EnterRoom, tmp_path: Path) -> None:
    window, archive = await manage(world, enter, "imre"), packed(tmp_path)
    page = window.page
    offsets: list[int] = []
    free = asyncio.Event()

    async def one_part(route: Route) -> None:
        if route.request.method == "PATCH":
            offsets.append(int(route.request.headers["upload-offset"]))
            if len(offsets) == 2:
                # The page aborts the request when it pauses, but the browser may not know that yet.
                await free.wait()
                await route.abort()
                return
        await route.continue_()

    await page.route(PARTS, one_part)
    field = page.get_by_label("Archive", exact=True)
    await field.set_input_files(archive)
    await expect(page.locator("[data-upload-sent]")).to_have_text("4 MB of 8 MB")
    await expect(page.locator("[data-upload-said]")).to_have_text("25 % are uploaded.")
    await page.get_by_role("button", name="Pause").click()
    await expect(page.locator("[data-upload-state]")).to_have_text("Paused")
    free.set()
    await page.reload()
    await expect(page.locator("[data-upload-state]")).to_have_text("Choose slack.zip again to go on with its upload.")
    other = tmp_path / "other.zip"
    other.write_bytes(b"PK")
    await field.set_input_files(other)
    await expect(page.get_by_role("alert")).to_contain_text("slack.zip is partly uploaded.")
    await field.set_input_files(archive)
    await expect(page.locator("[data-upload-state]")).to_have_text("slack.zip is uploaded.")
    assert 0 not in offsets[2:]
    assert offsets[-1] == 2 * PART_BYTES
    await page.get_by_label("Export of", exact=True).select_option("slack")
    await page.get_by_role("button", name="Check archive").click()
    row = page.locator("#imports > li").filter(has_text="slack.zip")
    await expect(row).to_contain_text("checked, not imported", timeout=60_000)
    await page.reload()
    await page.locator("#our-people").evaluate("list => list.replaceChildren()")
    await row.get_by_label("Ada", exact=True).select_option("is")
    await row.get_by_label("Who Ada is here").press_sequentially("@ali")
    await expect(page.locator('#our-people option[value="@alice"]')).to_have_count(1)
    await row.get_by_role("button", name="Discard").click()
    await expect(row).to_contain_text("discarded")
    # The server no longer has the upload, so the page does not offer to resume it; the browser logs that answer.
    await expect(page.locator("[data-upload]")).to_be_hidden()
    window.errors.clear()


async def test_what_is_no_archive_or_too_large_is_refused_before_a_byte_is_sent(
    world: World, enter: EnterRoom, tmp_path: Path
) -> None:
    page = (await manage(world, enter, "iris")).page
    film, large = tmp_path / "film.mp4", tmp_path / "large.zip"
    film.write_bytes(b"film")
    large.write_bytes(b"PK" * 600)
    sent: list[str] = []
    page.on("request", lambda request: sent.append(request.url) if "/uploads/" in request.url else None)
    field, alert = page.get_by_label("Archive", exact=True), page.get_by_role("alert")
    await field.set_input_files(film)
    await expect(alert).to_contain_text("film.mp4 is no export of a chat.")
    await page.locator("form[data-import]").evaluate("form => (form.dataset.most = 1000)")
    await field.set_input_files(large)
    await expect(alert).to_have_text("large.zip is 2 kB. The limit is 1 kB.")
    assert sent == []


async def test_the_progress_of_an_import_is_said_at_each_quarter(world: World, enter: EnterRoom) -> None:
    bar = '<li data-row="1" data-refresh><b>slack.zip</b><progress max="100" value="{}"></progress></li>'
    rows = [bar.format(n) for n in (10, 30, 40)]
    rows.append('<li data-row="1"><b>slack.zip</b><span role="status">imported</span></li>')
    asked = 0

    async def answer(route: Route) -> None:
        nonlocal asked
        row = rows[min(asked, len(rows) - 1)]
        asked += 1
        found = await route.fetch()
        body = re.sub(r'(<ul id="imports" data-live>).*?</ul>', rf"\1{row}</ul>", await found.text(), flags=re.DOTALL)
        await route.fulfill(response=found, body=body)

    page = (await manage(world, enter, "isa", prepare=lambda page: page.route("**/manage/transfers/", answer))).page
    said = page.locator("#imports + [data-live-said]")
    await expect(said).to_have_text("slack.zip: 25 %", timeout=15_000)
    await expect(said).to_have_text("slack.zip: imported", timeout=15_000)
    assert asked == len(rows)
