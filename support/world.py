"""A running server and the people at their browsers."""

import json
import re
import socket
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from playwright.async_api import Browser, BrowserContext, Error, Page, expect
from websockets.asyncio.client import connect
from websockets.typing import Origin

from support import forks
from support.chat_page import ChatPage
from support.console import console_errors
from support.servers import PYTHON, Server
from support.wire import Wire

CAST = {"alice": "Alice Arden", "bob": "Bob Birch", "charlie": "Charlie Cole"}

# Collected in the page itself: what the browser refused to load or run because of the policy.
_WATCH_POLICY = """
window.refusedByPolicy = [];
addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) => {
  refusedByPolicy.push(`${violatedDirective} ${blockedURI}`);
});
"""

# So that a test can close the sockets. After that none opens until the network is back: the page tries again within
# half a second, which may be before its network is cut.
_KEEP_SOCKETS = """
window.sockets = [];
window.cut = false;
addEventListener("online", () => { cut = false; });
window.WebSocket = class extends WebSocket {
  constructor(...told) {
    super(...told);
    sockets.push(this);
    if (cut) this.close();
  }
};
"""
_CLOSE_SOCKET = """() => new Promise((closed) => {
  const socket = sockets.at(-1);
  socket.addEventListener("close", () => closed());
  cut = true;
  socket.close();
})"""

# The appearance of a window, which can differ per page. Nothing is animated unless a test asks for it: each frame of an
# animation costs as much as the last one.
_LOOK: dict[str, Any] = {
    "viewport": {"width": 1280, "height": 800},
    "color_scheme": "light",
    "reduced_motion": "reduce",
    "forced_colors": "none",
}


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
        """The process ends when its input is closed."""
        self._lines.close()
        self._process.wait()


@dataclass
class World:
    """One server. Its people sign in once; each test opens windows of its own."""

    browser: Browser
    server: Server
    _states: dict[str, Any] = field(default_factory=dict)
    _seeder: "Seeder | None" = None
    # Emptied contexts, by the options they were made with.
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

    async def window(
        self, username: str, room: str, *, prepare: Callable[[Page], Awaitable[Any]] | None = None, **options: Any
    ) -> "Window":
        """`username` opens `room` in a browser of their own. `prepare`: called with the page before that."""
        window = await self.blank(username, **options)
        if prepare:
            await prepare(window.page)
        await window.open(room)
        return window

    @asynccontextmanager
    async def elsewhere(self, username: str) -> AsyncGenerator[Wire]:
        """`username` on another device without a page: its socket.

        A window costs as much as a hundred of these.
        """
        cookie = "; ".join(f"{one['name']}={one['value']}" for one in self.signed_in(username)["cookies"])
        async with connect(
            f"{self.server.ws_url}/ws/chat/",
            additional_headers={"Cookie": cookie},
            origin=Origin(self.server.url),
            max_size=None,
            max_queue=None,
        ) as connection:
            wire = Wire(connection)
            wire.hello = await wire.next("authenticated")
            wire.first = await wire.next("rooms")
            yield wire

    async def blank(self, username: str = "", *, alone: bool = False, **options: Any) -> "Window":
        """A window that shows nothing yet, of `username` or of a stranger. `alone`: its page shares no process.

        A window that goes offline has to be alone: if two share a process, the page learns of it before its network is
        cut, and still reaches the server.
        """
        # Each page would install the worker again, which fetches the shell once more; a test of the worker passes
        # `service_workers="allow"`. A worker knows every page of its origin, also the one that opens the others.
        options = _LOOK | {"locale": "en-GB", "device_scale_factor": 1, "service_workers": "block"} | options
        if alone or options["service_workers"] == "allow":
            context, idle = await self.browser.new_context(**options), None
            if alone:
                await context.add_init_script(_KEEP_SOCKETS)
            page = await context.new_page()
        else:
            shared = options | _LOOK
            if options.get("is_mobile"):
                shared["viewport"] = options["viewport"]
            own = {name: options[name] for name in _LOOK if options[name] != shared[name]}
            idle = self._idle.setdefault(repr(sorted(shared.items())), [])
            context = idle.pop() if idle else await self._context(**shared)
            # A page shares the process of the page that opens it, with its compiled scripts and fonts: in a process of
            # its own it costs twice as much.
            async with context.expect_page() as opened:
                await context.pages[0].evaluate("() => { window.opened = open('about:blank'); }")
            page = await opened.value
            if viewport := own.pop("viewport", None):
                await page.set_viewport_size(viewport)
            if own:
                await page.emulate_media(**own)
        if username:
            await context.add_cookies(self.signed_in(username)["cookies"])
        return Window(self, username, context, page, idle)

    async def _context(self, **options: Any) -> BrowserContext:
        """A context whose first page stays open, shows nothing, and opens the others."""
        context = await self.browser.new_context(**options)
        context.set_offline = _refuse_offline  # type: ignore[method-assign]
        await context.add_init_script("window.opener = null")
        page = await context.new_page()
        # With the policy of the server's pages, or they would not share its process.
        headers = {"Content-Type": "text/html", "Cross-Origin-Opener-Policy": "same-origin"}
        await page.route("**", lambda route: route.fulfill(headers=headers, body=""))
        await page.goto(self.server.url)
        return context

    def signed_in(self, username: str) -> Any:
        """The browser state of `username` after signing in."""
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
        # Errors of scripts, and all other errors in the console.
        self.errors = console_errors(page)
        page.on("pageerror", lambda error: self.errors.append(_text(error)))

    async def open(self, room: str) -> None:
        """`room`: its slug and the part of the URL after it; or the path of a page that is not a room."""
        await self.page.add_init_script(_WATCH_POLICY)
        if room.startswith("/"):
            await self.page.goto(f"{self.world.server.url}{room}")
            return
        slug, rest = re.match(r"([\w-]+)(.*)", room).groups()  # type: ignore[union-attr]  # every room has one
        await self.page.goto(f"{self.world.server.url}/rooms/{slug}/{rest}")
        await expect(self.timeline).to_be_visible()
        await self.is_connected()

    async def close(self) -> None:
        """Close the window. Only the fetched and compiled static files stay in the browser, nothing of the person."""
        if self.idle is None or self.world.closed:
            await self.context.close()
            return
        first, *others = self.context.pages
        for page in others:
            await page.close()
        # Data that those pages left: it is in the memory of this process, which the browser does not clear at once.
        await first.evaluate("localStorage.clear()")
        browser = await self.context.new_cdp_session(first)
        await browser.send("Storage.clearDataForOrigin", {"origin": self.world.server.url, "storageTypes": "all"})
        await browser.detach()
        await self.context.clear_cookies()
        await self.context.clear_permissions()
        self.idle.append(self.context)

    async def goes_offline(self) -> None:
        """Cut the network and the socket of this window, which has to be `alone`.

        Without a network, an open socket keeps a core busy in Chromium's network service. That the page gives up such a
        socket is proved by `test_an_offline_member_misses_nothing`, which calls `set_offline` itself.
        """
        await self.page.evaluate(_CLOSE_SOCKET)
        await self.context.set_offline(True)

    async def is_connected(self) -> None:
        """The rooms are listed, so the socket works; and the conversation is shown."""
        await expect(self.account).to_have_attribute("data-connected", "true")
        await expect(self.page.get_by_test_id("rooms-loading")).to_have_count(0)
        await expect(self.timeline).to_have_attribute("aria-busy", "false")
        await expect(self.offline).to_have_count(0)
        # Parts that load after the first paint are there, too.
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
        """Choose an entry of the menu of the row that contains `text`."""
        await self.row(text).hover()
        await self.row(text).get_by_role("button", name="More actions").click()
        await self.page.get_by_role("menuitem", name=action, exact=True).click()

    async def confirm(self, verb: str) -> None:
        await self.page.get_by_role("alertdialog").get_by_role("button", name=verb).click()

    async def refused_by_policy(self) -> list[str]:
        refused: list[str] = await self.page.evaluate("window.refusedByPolicy")
        return refused


async def _refuse_offline(offline: bool) -> None:
    raise AssertionError("open the window `alone`: the first page of this one would say so to the process too early")


def _text(error: Error) -> str:
    return f"{error.name}: {error.message}"
