"""A running server and the people at their browsers."""

import json
import re
import subprocess
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Error, Locator, Page, expect

from tests.support.password import PASSWORD
from tests.support.servers import PYTHON, ROOT, Server

CAST = {"alice": "Alice Arden", "bob": "Bob Birch", "charlie": "Charlie Cole"}

# Gathered in the page itself: what the browser refused to load or run because of the policy.
_WATCH_POLICY = """
window.refusedByPolicy = [];
addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
  refusedByPolicy.push(`${violatedDirective} ${blockedURI}`);
});
"""


@dataclass
class World:
    """One server. Its people sign in once; each test opens windows of its own."""

    browser: Browser
    server: Server
    _states: dict[str, Any] = field(default_factory=dict)
    _seeder: "subprocess.Popen[str] | None" = None

    def seed(self, function: str, *args: object, **kwargs: object) -> None:
        """Call a function of `tests.browser.seed` in the server's database."""
        self._seeder = self._seeder or self._start_seeder()
        assert self._seeder.stdin
        assert self._seeder.stdout
        self._seeder.stdin.write(json.dumps([function, args, kwargs]) + "\n")
        self._seeder.stdin.flush()
        assert self._seeder.stdout.readline() == "done\n", f"{function} failed, see above"

    def close(self) -> None:
        if self._seeder:
            self._seeder.communicate()

    def _start_seeder(self) -> "subprocess.Popen[str]":
        command = [PYTHON, "-m", "tests.browser.seed"]
        env = self.server.env | {"DJANGO_SETTINGS_MODULE": "your_project.settings"}
        pipe = subprocess.PIPE
        return subprocess.Popen(command, cwd=ROOT, env=env, text=True, stdin=pipe, stdout=pipe)

    async def window(self, username: str, room: str, **options: Any) -> "Window":
        """`username` opens `room` in a browser of their own."""
        state = await self.signed_in(username)
        options = {"viewport": {"width": 1280, "height": 800}, "locale": "en-GB"} | options
        context = await self.browser.new_context(storage_state=state, **options)
        window = Window(self, username, context, await context.new_page())
        await window.open(room)
        return window

    async def signed_in(self, username: str) -> Any:
        """What a browser keeps of `username` having signed in."""
        if username not in self._states:
            self._states[username] = await self._sign_in(username)
        return self._states[username]

    def forget(self, username: str) -> None:
        """The next window of `username` begins with a sign-in of its own."""
        self._states.pop(username, None)

    async def _sign_in(self, username: str) -> Any:
        context = await self.browser.new_context()
        page = await context.new_page()
        await page.goto(f"{self.server.url}/accounts/login/")
        await page.get_by_label("Username").fill(username)
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.get_by_role("button", name="Sign in").click()
        await page.wait_for_url(re.compile("/rooms/"))
        state = await context.storage_state()
        await context.close()
        return state


class Window:
    """One person's browser window, in the words of somebody who looks at it."""

    def __init__(self, world: World, username: str, context: BrowserContext, page: Page) -> None:
        self.world = world
        self.username = username
        self.context = context
        self.page = page
        # Errors of scripts, and what else the console calls an error.
        self.errors: list[str] = []
        page.on("pageerror", lambda error: self.errors.append(_text(error)))
        page.on("console", self._hear)

    async def open(self, room: str) -> None:
        await self.page.add_init_script(_WATCH_POLICY)
        await self.page.goto(f"{self.world.server.url}/rooms/{room}/")
        await expect(self.page.locator(".log")).to_be_visible()
        await self.is_connected()

    async def is_connected(self) -> None:
        """The rooms are listed, so the socket speaks; and the conversation is there."""
        await expect(self.page.locator("#sidebar .sk-row")).to_have_count(0)
        await expect(self.page.locator(".scroll")).to_have_attribute("aria-busy", "false")
        await expect(self.page.locator(".over .ban.warn")).to_have_count(0)
        # What comes after the first paint is there too.
        await expect(self.page.locator(".toasts")).to_be_attached()

    @property
    def composer(self) -> Locator:
        return self.page.locator("#composer textarea")

    def row(self, text: str) -> Locator:
        """The row of the conversation that holds `text`."""
        return self.page.locator(".log article").filter(has_text=text)

    async def say(self, text: str) -> None:
        await self.composer.fill(text)
        await self.composer.press("Enter")

    async def sees(self, text: str, *, times: int = 1) -> None:
        await expect(self.row(text)).to_have_count(times)

    async def has_sent(self, text: str) -> None:
        """The row is there and no longer pending."""
        await expect(self.page.locator(".log article[data-seq]").filter(has_text=text)).to_have_count(1)

    async def texts(self) -> list[str]:
        return await self.page.locator(".log article .tx").all_inner_texts()

    async def act(self, text: str, action: str) -> None:
        """Choose an entry of the menu of the row that holds `text`."""
        await self.row(text).hover()
        await self.row(text).get_by_role("button", name="More actions").click()
        await self.page.get_by_role("menuitem", name=action, exact=True).click()

    async def confirm(self, verb: str) -> None:
        await self.page.get_by_role("alertdialog").get_by_role("button", name=verb).click()

    async def refused_by_policy(self) -> list[str]:
        refused: list[str] = await self.page.evaluate("window.refusedByPolicy")
        return refused

    def _hear(self, message: ConsoleMessage) -> None:
        # A connection that was refused is told by the browser, whatever the page makes of it.
        if message.type == "error" and not message.text.startswith("WebSocket connection to"):
            self.errors.append(message.text)


def _text(error: Error) -> str:
    return f"{error.name}: {error.message}"
