"""A team's first ten minutes, by clicks: five people, from the first sign-up until one of them leaves."""

import re
from collections.abc import AsyncGenerator, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, Locator, Page, ViewportSize, expect

from support.chat_page import ChatPage
from support.password import PASSWORD
from support.servers import Server

PHONE, WIDE = ViewportSize(width=390, height=780), ViewportSize(width=1280, height=800)


class Newcomer(ChatPage):
    """A person in a separate browser, without an account yet."""

    def __init__(self, page: Page, name: str, pictures: Path | None) -> None:
        super().__init__(page)
        self.name = name
        self._pictures = pictures

    async def picture(self, step: str) -> None:
        """Save a screenshot of this person's page if the run is recorded (`--pictures`)."""
        if self._pictures:
            number = len(list(self._pictures.glob("*.png"))) + 1
            path = self._pictures / f"{number:02} {step}, {self.name.split()[0]}.png"
            await self.page.screenshot(path=path)

    async def sign_up(self) -> None:
        await self.page.get_by_label("Display name").fill(self.name)
        await self.page.get_by_label("Username").fill(self.name.split()[0].lower())
        await self.page.get_by_label("Password", exact=True).fill(PASSWORD)
        await self.page.get_by_role("button", name="Create account").click()
        await expect(self.page).not_to_have_url(re.compile("/accounts/"))

    async def is_in(self, room: str) -> None:
        await expect(self.page).to_have_url(re.compile(f"/rooms/{room}/"))
        await expect(self.timeline).to_have_attribute("aria-busy", "false")
        await expect(self.page.get_by_test_id("toasts")).to_be_attached()

    async def say(self, text: str) -> None:
        await self.composer.fill(text)
        await self.composer.press("Enter")
        await expect(self.sent.filter(has_text=text)).to_have_count(1)

    async def room_settings(self, part: str) -> Locator:
        await self.page.get_by_role("button", name="Room options").click()
        await self.page.get_by_role("menuitem", name="Room settings").click()
        pane = self.page.get_by_test_id("settings-pane")
        await pane.get_by_role("button", name=part).click()
        return pane


@pytest_asyncio.fixture(loop_scope="session")
async def five(
    browser: Browser, start_server: Callable[..., Server], pytestconfig: pytest.Config
) -> AsyncGenerator[tuple[str, list[Newcomer]]]:
    """The address of an empty server, and five people at it; the third has a phone."""
    contexts: list[BrowserContext] = []
    folder = pytestconfig.getoption("--pictures")
    pictures = Path(folder) if folder else None
    if pictures:
        pictures.mkdir(parents=True, exist_ok=True)
    names = ("Ada Aster", "Max Moor", "Petra Lang", "Omar Oak", "Dora Dale")
    with start_server(env={"CHAT_SEND_LIMIT": "0"}) as server:
        people = []
        for name in names:
            size = PHONE if name == "Petra Lang" else WIDE
            contexts.append(await browser.new_context(locale="en-GB", viewport=size, reduced_motion="reduce"))
            people.append(Newcomer(await contexts[-1].new_page(), name, pictures))
        yield server.url, people
        for context in contexts:
            await context.close()


async def test_a_team_of_five_meets_no_dead_end(five: tuple[str, list[Newcomer]]) -> None:
    address, (ada, max_, petra, omar, dora) = five

    # Ada names the workspace, creates a room and opens registration.
    await ada.page.goto(f"{address}/")
    await ada.sign_up()
    await expect(ada.page).to_have_url(re.compile("/welcome/"))
    await ada.page.get_by_label("Name of your workspace").fill("Harbour")
    await ada.picture("the workspace gets a name")
    await ada.page.get_by_role("button", name="Continue").click()
    await ada.page.get_by_label("A room of your own").fill("Night Shift")
    await ada.picture("first rooms")
    await ada.page.get_by_role("button", name="Continue").click()
    await ada.page.get_by_role("radio", name="With an invitation").check()
    await ada.page.get_by_role("button", name="Save and show the link").click()
    # The link has this computer's name where the tests use its IP address: a cookie belongs to only one of them.
    link = address + re.sub("^https?://[^/]+", "", await ada.page.get_by_label("Link", exact=True).input_value())
    await ada.page.get_by_text("QR code", exact=True).click()
    await expect(ada.page.get_by_role("img", name="QR code of the link above")).to_be_visible()
    await ada.picture("a link and its QR code")
    await ada.page.get_by_role("button", name="Go to the chat").click()
    await expect(ada.page.get_by_test_id("first-steps")).to_contain_text("Invite your team")
    await ada.picture("what is left to do")

    # The others join by the link; the card for new members disappears with the first message.
    for person in (max_, petra, omar, dora):
        await person.page.goto(link)
        await expect(person.page.get_by_text("You were invited to Harbour by")).to_be_visible()
        await person.picture("invited")
        await person.sign_up()
        await person.is_in("lobby")
        await expect(person.composer).to_be_editable()
        await person.page.goto(f"{address}/rooms/night-shift/")
        await person.is_in("night-shift")
        await person.page.get_by_role("button", name="Join", exact=True).first.click()
        await expect(person.composer).to_be_editable()
        await person.picture("in the room")
    steps = max_.page.get_by_test_id("first-steps")
    await expect(steps).to_contain_text("Welcome to Harbour, Max Moor.")
    await max_.say("Good evening")
    await expect(steps).to_have_count(0)
    await petra.say("Hello from the quay")
    await omar.say("Buy my boat")

    # Ada promotes Max and lets only moderators write for a while.
    await ada.page.goto(f"{address}/rooms/night-shift/")
    await ada.is_in("night-shift")
    await expect(ada.row("Hello from the quay")).to_be_visible()
    pane = await ada.room_settings("People")
    await pane.get_by_label("Role of Max Moor").select_option("moderator")
    await expect(pane.get_by_label("Role of Max Moor")).to_have_value("moderator")
    await pane.get_by_role("button", name="Conversation").click()
    await pane.get_by_label("Who can write").select_option("moderators")
    await expect(petra.dock).to_contain_text("Only moderators write in this room.")
    await ada.picture("only moderators write")
    await petra.picture("only moderators write")
    await max_.say("The ferry leaves at nine")
    await pane.get_by_label("Who can write").select_option("everyone")
    await expect(petra.composer).to_be_editable()
    await pane.get_by_role("button", name="Close").click()

    # Dora reports Omar; Max handles the report and bans him.
    await dora.row("Buy my boat").hover()
    await dora.row("Buy my boat").get_by_role("button", name="More actions").click()
    await dora.page.get_by_role("menuitem", name="Report", exact=True).click()
    await dora.picture("a report")
    await dora.dialog.get_by_role("button", name="Send report").click()
    await expect(dora.toasts.filter(has_text="Thank you.")).to_be_visible()
    reports = await max_.room_settings("Reports")
    await expect(reports).to_contain_text("Reported by Dora Dale: Spam")
    await max_.picture("the report is looked at")
    await reports.get_by_role("button", name="Dismiss").click()
    await reports.get_by_role("button", name="Close").click()
    await max_.composer.fill("/ban @omar 60 selling boats")
    await max_.composer.press("Enter")
    await expect(max_.dialog.get_by_label("How long")).to_have_value("60")
    await max_.picture("a ban")
    await max_.page.get_by_role("button", name="Ban Omar Oak").click()
    await expect(omar.dock).to_contain_text("Reason: selling boats")
    await omar.picture("banned")

    # Ada transfers ownership of the room and leaves.
    await ada.page.get_by_role("button", name="Room options").click()
    await ada.page.get_by_role("menuitem", name="Leave room").click()
    leaving = ada.page.get_by_role("alertdialog")
    await leaving.get_by_label("New owner").select_option("max")
    await ada.picture("the room is handed over")
    await leaving.get_by_role("button", name="Hand over and leave").click()
    await expect(ada.toasts).to_contain_text("Left #")
    await expect(max_.member("Max Moor").first).to_contain_text("Owner")
    await max_.picture("the new owner")
