"""People whose browsers run no scripts: sign-in, rooms, history, writing."""

import io
import re
from collections.abc import AsyncGenerator, Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest_asyncio
from PIL import Image
from playwright.async_api import FilePayload, Page, expect

from support.people import PASSWORD
from support.world import World
from tests.browser.conftest import Elsewhere
from tests.browser.test_files import large

OpenPlain = Callable[[str, str], Awaitable[Page]]


@pytest_asyncio.fixture(loop_scope="session")
async def plain(world: World) -> AsyncGenerator[OpenPlain]:
    """`await plain("bob", "/rooms/garden/")`: a page of a browser without scripts."""
    contexts = []

    async def open_page(username: str, path: str) -> Page:
        state: Any = world.signed_in(username)
        context = await world.browser.new_context(java_script_enabled=False, storage_state=state)
        contexts.append(context)
        page = await context.new_page()
        await page.goto(world.server.url + path)
        return page

    yield open_page
    for context in contexts:
        await context.close()


async def test_a_person_signs_in_reads_and_writes(world: World, elsewhere: Elsewhere) -> None:
    world.seed("room", "paper", owner="alice", members=["bob"], said=3)
    alice = await elsewhere("alice")
    context = await world.browser.new_context(java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"{world.server.url}/rooms/paper/")
    await page.get_by_label("Username").fill("bob")
    await page.get_by_label("Password", exact=True).fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page).to_have_url(re.compile(r"/rooms/paper/\?plain=1#write$"))
    await expect(page.get_by_test_id("message-text")).to_have_text(["line 1", "line 2", "line 3"])
    await page.get_by_label("Message #paper").fill("ink\nand paper")
    await page.get_by_role("button", name="Send").click()
    await expect(page).to_have_url(re.compile(r"/rooms/paper/\?plain=1#m4$"))
    await expect(page.get_by_test_id("message-text").last).to_have_text("ink\nand paper", use_inner_text=True)
    await alice.next("message", room="paper", message="ink\nand paper")
    await alice.say("paper", "seen")
    await page.get_by_role("link", name="Check for new messages").click()
    await expect(page.get_by_test_id("message-text").last).to_have_text("seen")
    await context.close()


async def test_rooms_are_listed_with_unread_counts_that_reading_clears(world: World, plain: OpenPlain) -> None:
    world.seed("room", "shelf", owner="alice", members=["bob"])
    world.seed("room", "desk", owner="alice", members=["bob"])
    world.seed("say", "shelf", [["alice", "one"], ["alice", "@bob two"]])
    page = await plain("bob", "/rooms/desk/?plain=1")
    entry = page.get_by_role("link", name="#shelf")
    await expect(entry).to_contain_text("@ 1")
    await entry.click()
    await expect(page.get_by_test_id("message").last).to_have_attribute("data-mentioned", "true")
    await expect(page.get_by_test_id("message-text").last).to_have_text("@Bob Birch two")
    await page.get_by_role("link", name="#desk", exact=True).click()
    await expect(entry).to_have_text("#shelf")


async def test_history_is_read_in_pages(world: World, plain: OpenPlain) -> None:
    world.seed("room", "tome", owner="alice", members=["bob"], said=120)
    page = await plain("bob", "/rooms/tome/?plain=1")
    await expect(page.get_by_test_id("message-text").first).to_have_text("line 71")
    await page.get_by_role("link", name="Earlier messages").click()
    await expect(page.get_by_test_id("message-text").last).to_have_text("line 70")
    await page.get_by_role("link", name="Earlier messages").click()
    await expect(page.get_by_test_id("message-text").first).to_have_text("line 1")
    await expect(page.get_by_text("This is the start of the conversation.")).to_be_visible()
    await page.get_by_role("link", name="Jump to latest").click()
    await expect(page.get_by_test_id("message-text").last).to_have_text("line 120")


async def test_files_go_with_the_form_and_are_shown_as_links(world: World, plain: OpenPlain, tmp_path: Path) -> None:
    world.seed("room", "album", owner="alice", members=["bob"])
    page = await plain("bob", "/rooms/album/?plain=1")
    data = io.BytesIO()
    Image.new("RGB", (40, 30), "teal").save(data, "PNG")
    log = FilePayload(name="log.txt", mimeType="text/plain", buffer=b"calm")
    pier = FilePayload(name="pier.png", mimeType="image/png", buffer=data.getvalue())
    await page.get_by_label("Files").set_input_files([pier, log])
    await page.get_by_role("button", name="Send").click()
    await expect(page).to_have_url(re.compile(r"#m1$"))
    await expect(page.get_by_role("img", name="pier.png")).to_be_visible()
    await expect(page.get_by_role("link", name="log.txt")).to_be_visible()
    broken = tmp_path / "cat.png"
    broken.write_bytes(b"\x89PNG\r\n\x1a\n no")
    await page.get_by_label("Message #album").fill("our cat")
    await page.get_by_label("Files").set_input_files([large(tmp_path, "large.txt", 6_400_000), broken])
    await page.get_by_role("button", name="Send").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(page.get_by_label("Message #album")).to_have_value("our cat")
    await expect(page.get_by_role("checkbox", name="large.txt")).to_be_checked()
    await page.get_by_role("button", name="Send").click()
    await expect(page).to_have_url(re.compile(r"#m2$"))
    await expect(page.get_by_role("link", name="large.txt")).to_be_visible()
    await expect(page.get_by_role("checkbox")).to_have_count(0)


async def test_a_form_submitted_twice_posts_once(world: World, plain: OpenPlain) -> None:
    world.seed("room", "echo", owner="alice", members=["bob"])
    page = await plain("bob", "/rooms/echo/?plain=1")
    form: dict[str, Any] = {
        name: await page.locator(f"#write [name={name}]").input_value() for name in ("client_id", "csrfmiddlewaretoken")
    }
    for _ in range(2):
        answer = await page.request.post(f"{world.server.url}/rooms/echo/messages/", form=form | {"message": "once"})
        assert answer.url.endswith("/rooms/echo/?plain=1#m1")
    again = await page.request.post(f"{world.server.url}/rooms/echo/messages/", form=form | {"message": "another"})
    assert again.status == 409
    html = await again.text()
    assert "You sent another message from this form already." in html
    assert "another</textarea>" in html
    assert form["client_id"] not in html, "the next try is a message of its own"
    await page.reload()
    await expect(page.get_by_test_id("message-text")).to_have_text(["once"])


async def test_a_refused_message_is_kept_with_its_reason(world: World, plain: OpenPlain) -> None:
    world.seed("room", "strict", owner="alice", members=["bob"])
    page = await plain("bob", "/rooms/strict/?plain=1")
    token = await page.locator("#write [name=csrfmiddlewaretoken]").input_value()
    address = f"{world.server.url}/rooms/strict/messages/"

    async def send(message: str, client_id: str = "") -> tuple[int, str]:
        form: dict[str, Any] = {
            "csrfmiddlewaretoken": token,
            "client_id": client_id or message[:20] or "x",
            "message": message,
        }
        answer = await page.request.post(address, form=form)
        return answer.status, await answer.text()

    for message, sentence in {
        " \n ": "needs at least one visible character",
        "w" * 10_001: "The message is too long",
    }.items():
        status, html = await send(message)
        assert status == 422
        assert sentence in html
        assert message.replace("\n", "") in html.replace("\n", "")
    status, html = await send("fine", "c" * 65)
    assert status == 422
    status, html = await send("<script>alert(1)</script>")
    assert status == 200
    assert "<script>alert" not in html
    answer = await page.request.post(address, form={"message": "forged", "client_id": "f"})
    assert answer.status == 403
    await page.reload()
    await expect(page.get_by_test_id("message-text")).to_have_text(["<script>alert(1)</script>"])


async def test_a_newcomer_previews_and_joins(world: World, plain: OpenPlain) -> None:
    world.seed("room", "open", owner="alice", said=1)
    page = await plain("charlie", "/rooms/open/?plain=1")
    await expect(page.get_by_test_id("message-text")).to_have_text("line 1")
    await expect(page.get_by_role("button", name="Send")).to_have_count(0)
    await page.get_by_role("button", name="Join").click()
    await expect(page.get_by_role("button", name="Send")).to_be_visible()


async def test_a_hidden_room_and_an_absent_one_look_the_same(world: World, plain: OpenPlain) -> None:
    world.seed("room", "cellar", owner="alice", kind="private")
    page = await plain("charlie", "/rooms/cellar/?plain=1")
    hidden = await page.content()
    await page.goto(f"{world.server.url}/rooms/nothing/?plain=1")
    assert hidden == await page.content()
    token = (await page.context.cookies())[0]
    for path in ("messages", "join"):
        answers = [
            await page.request.post(
                f"{world.server.url}/rooms/{slug}/{path}/", form={"message": "hi", "client_id": "h"}
            )
            for slug in ("cellar", "nothing")
        ]
        assert {answer.status for answer in answers} == {403}, f"no CSRF token: {token['name']}"


async def test_settings_are_saved_by_their_buttons(world: World, plain: OpenPlain) -> None:
    world.seed("room", "plainset", owner="bob")
    page = await plain("bob", "/settings/")
    await page.get_by_role("radio", name="Dark").check()
    await page.get_by_role("button", name="Save appearance").click()
    await expect(page.get_by_role("region", name="Appearance").get_by_role("status")).to_have_text("Saved.")
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    await page.goto(f"{world.server.url}/rooms/plainset/?plain=1")
    await expect(page.locator("html")).to_have_attribute("data-theme", "dark")
    world.seed("forget_preferences")


async def test_a_message_is_scheduled_and_sent_by_form(world: World, plain: OpenPlain) -> None:
    world.seed("room", "slow-post", owner="alice")
    page = await plain("alice", "/rooms/slow-post/?plain=1")
    await page.get_by_label("Message #slow-post").fill("Good morning")
    for at, problem in (("", "Choose a day and a time."), ("2020-01-01T09:00", "2020-01-01 09:00 in UTC is over.")):
        await page.get_by_text("Send later").click()
        await page.get_by_label("Day and time").fill(at)
        await page.get_by_role("button", name="Schedule").click()
        await expect(page.get_by_role("alert")).to_contain_text(problem)
    await page.get_by_text("Send later").click()
    await page.get_by_label("Day and time").fill(f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT%H:%M}")
    await page.get_by_role("button", name="Schedule").click()
    await expect(page.get_by_test_id("scheduled")).to_contain_text("Good morning")
    await page.get_by_role("button", name="Send now").click()
    await expect(page.get_by_text("Nothing is scheduled.")).to_be_visible()
    await page.get_by_role("link", name="Back to the conversation").click()
    await expect(page.get_by_test_id("message-text")).to_have_text(["Good morning"])
    await page.get_by_role("button", name="Mark all rooms as read").click()
    await expect(page.get_by_test_id("message-text")).to_have_text(["Good morning"])
    # In a thread, the message goes to the thread.
    await page.get_by_role("link", name="Reply in thread").click()
    await page.get_by_label("Reply in thread").fill("A reply")
    await page.get_by_text("Send later").click()
    await page.get_by_label("Day and time").fill(f"{datetime.now(UTC) + timedelta(days=1):%Y-%m-%dT%H:%M}")
    await page.get_by_role("button", name="Schedule").click()
    await page.get_by_role("button", name="Send now").click()
    await page.get_by_role("link", name="Back to the conversation").click()
    await expect(page.get_by_test_id("message-text")).to_have_text(["Good morning"])
    await page.get_by_role("link", name="1 reply").click()
    await expect(page.get_by_test_id("message-text")).to_have_text(["Good morning", "A reply"])


async def test_a_message_is_forwarded_by_a_form(world: World, plain: OpenPlain) -> None:
    world.seed("room", "inkwell", owner="alice", members=["bob"], said=1)
    world.seed("room", "blotter", owner="bob")
    page = await plain("bob", "/rooms/inkwell/?plain=1")
    await page.get_by_test_id("message").get_by_role("link", name="Forward").click()
    await page.get_by_label("To").select_option("blotter")
    await page.get_by_label("Comment").fill("Look at this")
    await page.get_by_role("button", name="Forward").click()
    await expect(page).to_have_url(re.compile(r"/rooms/blotter/\?plain=1#m1$"))
    text = page.get_by_test_id("message-text")
    await expect(text).to_contain_text("Look at this")
    await expect(text.locator("blockquote")).to_contain_text("line 1")


async def test_a_form_of_a_room_whose_address_has_changed_since_is_taken(world: World, plain: OpenPlain) -> None:
    world.seed("room", "mooring", owner="alice")
    page = await plain("alice", "/rooms/mooring/settings/")
    other = await page.context.new_page()
    for address in ("anchorage", "haven"):
        await page.get_by_label("Address").fill(address)
        await page.get_by_role("button", name="Save").click()
        await expect(page).to_have_url(re.compile(f"/rooms/{address}/settings/$"))
        if address == "anchorage":
            await other.goto(f"{world.server.url}/rooms/anchorage/?plain=1")
            await other.get_by_label("Message #mooring").fill("Still here")
    await other.get_by_role("button", name="Send", exact=True).click()
    await expect(other).to_have_url(re.compile(r"/rooms/haven/\?plain=1"))
    await expect(other.get_by_test_id("message-text")).to_have_text(["Still here"])
