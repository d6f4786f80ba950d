"""A running server and the people at their browsers."""

import json
import socket
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, BrowserContext, Error, Page, expect

from support import forks
from support.chat_page import ChatPage
from support.console import console_errors
from support.servers import PYTHON, Server

CAST = {"alice": "Alice Arden", "bob": "Bob Birch", "charlie": "Charlie Cole"}

# Gathered in the page itself: what the browser refused to load or run because of the policy.
_WATCH_POLICY = """
window.refusedByPolicy = [];
addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
  refusedByPolicy.push(`${violatedDirective} ${blockedURI}`);
});
"""


class Seeder:
    """`support.seed` on the database of a server."""

    def __init__(self, server: Server) -> None:
        asked, here = socket.socketpair()
        with asked:
            self._process = forks.start(
                [PYTHON, "-m", "support.seed"],
                env=server.env | {"DJANGO_SETTINGS_MODULE": "your_project.settings"},
                stdin=asked.fileno(),
                stdout=asked.fileno(),
                stderr=2,
            )
        self._lines = here.makefile("rw")
        here.close()

    def call(self, function: str, args: Sequence[object], kwargs: Mapping[str, object]) -> Any:
        self._lines.write(json.dumps([function, args, kwargs]) + "\n")
        self._lines.flush()
        answer = json.loads(self._lines.readline())
        assert answer, f"{function} failed, see above"
        return answer["returned"]

    def close(self) -> None:
        """It ends when nothing more can be asked."""
        self._lines.close()
        self._process.wait()


@dataclass
class World:
    """One server. Its people sign in once; each test opens windows of its own."""

    browser: Browser
    server: Server
    _states: dict[str, Any] = field(default_factory=dict)
    _seeder: "Seeder | None" = None
    # Unused contexts, by the options they were made with.
    _idle: dict[str, list[BrowserContext]] = field(default_factory=dict)
    closed: bool = False

    def seed(self, function: str, *args: object, **kwargs: object) -> Any:
        """Call a function of `support.seed` in the server's database; returns what it returns."""
        self._seeder = self._seeder or Seeder(self.server)
        return self._seeder.call(function, args, kwargs)

    async def close(self) -> None:
        self.closed = True
        for context in [context for idle in self._idle.values() for context in idle]:
            await context.close()
        if self._seeder:
            self._seeder.close()

    async def window(self, username: str, room: str, **options: Any) -> "Window":
        """`username` opens `room` in a browser of their own."""
        # Nothing moves but where a test asks for it: each frame of a movement costs as much as the last one.
        still = {"viewport": {"width": 1280, "height": 800}, "locale": "en-GB", "reduced_motion": "reduce"}
        # Each page would install the worker anew, which fetches the shell once more; a test of it has
        # `service_workers="allow"`.
        options = still | {"service_workers": "block"} | options
        # Half of what a page costs is to fetch and compile its scripts; a browser that had it before need not.
        idle = self._idle.setdefault(repr(sorted(options.items())), [])
        context = idle.pop() if idle else await self.browser.new_context(**options)
        await context.add_cookies(self.signed_in(username)["cookies"])
        # The page that cleared the context is used by nothing yet; another one would be another process.
        page = context.pages[0] if context.pages else await context.new_page()
        window = Window(self, username, context, page, idle)
        await window.open(room)
        return window

    def signed_in(self, username: str) -> Any:
        """What a browser keeps of `username` having signed in."""
        if username not in self._states:
            place = {"domain": "127.0.0.1", "path": "/", "httpOnly": True, "sameSite": "Lax"}
            cookies = self.seed("signed_in", username)
            kept = [{"name": name, "value": value, **place} for name, value in cookies.items()]
            self._states[username] = {"cookies": kept}
        return self._states[username]

    def forget(self, username: str) -> None:
        """The next window of `username` begins with a sign-in of its own."""
        self._states.pop(username, None)


class Window(ChatPage):
    """The browser window of one person."""

    def __init__(
        self, world: World, username: str, context: BrowserContext, page: Page, idle: list[BrowserContext] | None = None
    ) -> None:
        """`idle`: where the context goes when the window is closed; None ends it."""
        super().__init__(page)
        self.world = world
        self.username = username
        self.context = context
        self.idle = idle
        # Errors of scripts, and what else the console calls an error.
        self.errors = console_errors(page)
        page.on("pageerror", lambda error: self.errors.append(_text(error)))

    async def open(self, room: str) -> None:
        await self.page.add_init_script(_WATCH_POLICY)
        await self.page.goto(f"{self.world.server.url}/rooms/{room}/")
        await expect(self.timeline).to_be_visible()
        await self.is_connected()

    async def close(self) -> None:
        """Nothing of the person stays in the browser but the static files it has fetched. The next window has a page of
        its own: a page that is sent to `about:blank` leaves a process of the browser behind."""
        if self.idle is None or self.world.closed:
            await self.context.close()
            return
        page = await self.context.new_page()
        for other in self.context.pages:
            if other is not page:
                await other.close()
        await self.context.set_offline(False)
        browser = await self.context.new_cdp_session(page)
        await browser.send("Storage.clearDataForOrigin", {"origin": self.world.server.url, "storageTypes": "all"})
        await browser.detach()
        await self.context.clear_cookies()
        await self.context.clear_permissions()
        self.idle.append(self.context)

    async def is_connected(self) -> None:
        """The rooms are listed, so the socket speaks; and the conversation is there."""
        await expect(self.account).to_have_attribute("data-connected", "true")
        await expect(self.page.get_by_test_id("rooms-loading")).to_have_count(0)
        await expect(self.timeline).to_have_attribute("aria-busy", "false")
        await expect(self.offline).to_have_count(0)
        # What comes after the first paint is there too.
        await expect(self.page.get_by_test_id("toasts")).to_be_attached()

    async def say(self, text: str) -> None:
        await self.composer.fill(text)
        await self.composer.press("Enter")

    async def sees(self, text: str, *, times: int = 1) -> None:
        await expect(self.row(text)).to_have_count(times)

    async def has_sent(self, text: str) -> None:
        """The row is there and no longer pending."""
        await expect(self.sent.filter(has_text=text)).to_have_count(1)

    async def texts(self) -> list[str]:
        return await self.texts_shown.all_inner_texts()

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


def _text(error: Error) -> str:
    return f"{error.name}: {error.message}"
