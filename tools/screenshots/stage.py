"""The stage of a scene: one size of screen, and the people whose windows it needs."""

import functools
import shutil
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.async_api import Locator, Page

from support.chat_page import ChatPage
from support.processes import scratch
from support.servers import Server, clean_environment, manage, migrated_sqlite, start_server
from support.wire import Wire
from support.world import Window, World
from tools.screenshots.cast import VIEWER


@dataclass(frozen=True, slots=True)
class Size:
    """A screen of the gallery, by its width in pixels."""

    width: int
    height: int
    phone: bool = False

    def options(self, scale: int) -> dict[str, Any]:
        """The options of a browser context. Without animations: a picture shows one moment."""
        touch = {"has_touch": True, "is_mobile": True} if self.phone else {}
        viewport = {"width": self.width, "height": self.height}
        still = {"reduced_motion": "reduce", "color_scheme": "light"}
        return {"viewport": viewport, "device_scale_factor": scale, **still, **touch}


DESKTOP = Size(1280, 800)
TABLET = Size(768, 1024)
PHONE = Size(390, 844, phone=True)
SIZES = (DESKTOP, TABLET, PHONE)


@dataclass
class Stage:
    """The means of a scene. `me` is the window that the pictures show."""

    world: World
    size: Size
    scale: int = 1
    windows: list[Window] = field(default_factory=list)
    _sockets: AsyncExitStack = field(default_factory=AsyncExitStack)
    _page: Page | None = None

    @property
    def page(self) -> Page:
        """The page that is shown now."""
        assert self._page, "the scene has opened nothing yet"
        return self._page

    async def enter(
        self,
        room: str,
        *,
        username: str = VIEWER,
        looking: bool = True,
        prepare: Callable[[Page], Awaitable[Any]] | None = None,
        **options: Any,
    ) -> Window:
        """Open the window that the pictures show, in `room`; not `looking`: it is behind another window."""

        async def begin(page: Page) -> None:
            if not looking:
                await page.add_init_script("document.hasFocus = () => false")
            if prepare:
                await prepare(page)

        me = await self.world.window(username, room, prepare=begin, **self.size.options(self.scale), **options)
        self.windows.append(me)
        self._page = me.page
        return me

    async def guest(self, username: str) -> Wire:
        """Another user, who is online and whose page is not shown."""
        return await self._sockets.enter_async_context(self.world.elsewhere(username))

    async def visit(self, path: str, *, as_user: str = "") -> Page:
        """A page that is not the chat, for a stranger or for a signed-in user."""
        window = await self.world.blank(as_user, **self.size.options(self.scale))
        self.windows.append(window)
        await window.page.goto(f"{self.world.server.url}{path}")
        self._page = window.page
        return window.page

    # --- What differs on a phone -----------------------------------------------------------------

    async def show_rooms(self) -> None:
        """The list of rooms fills a phone's screen; elsewhere it is visible already."""
        if self.size.phone:
            await self.page.get_by_test_id("back").tap()

    async def show_members(self) -> None:
        """Show the members: in a column on a wide screen, else in a drawer."""
        shown = ChatPage(self.page)
        if not await shown.member_list.count():
            await shown.member_count.click()

    async def act_on(self, row: Locator) -> None:
        """Open the actions of a message: by its toolbar, or by a long press."""
        if self.size.phone:
            await row.dispatch_event("touchstart")
            await ChatPage(self.page).popover.wait_for()
        else:
            await row.hover()
            await row.get_by_role("button", name="More actions").click()

    async def say(self, text: str) -> None:
        """Send a message by the button: on a phone Enter breaks the line."""
        await ChatPage(self.page).composer.fill(text)
        await self.page.get_by_role("button", name="Send message").click()

    async def close(self) -> None:
        await self._sockets.aclose()
        for window in self.windows:
            await window.close()


def start_workspace() -> Server:
    """A server with the workspace as it was made, untouched by earlier scenes."""
    folder = scratch("gallery")
    shutil.copy(_workspace_sqlite(), folder / "backchannel.sqlite3")
    return start_server(env={"CHAT_SEND_LIMIT": "0"}, data_dir=folder)


@functools.cache
def _workspace_sqlite() -> Path:
    folder = scratch("workspace")
    shutil.copy(migrated_sqlite(), folder / "backchannel.sqlite3")
    call = "from tools.screenshots.workspace import workspace; workspace()"
    manage("shell", "-v0", "-c", call, env=clean_environment(DATA_DIR=str(folder)))
    return folder / "backchannel.sqlite3"


Scene = Callable[[Stage], AsyncIterator[str]]


@asynccontextmanager
async def played(
    scene: Scene, world: World, size: Size, *, scale: int = 1
) -> AsyncGenerator[AsyncIterator[tuple[str, Stage]]]:
    """The states of a scene, one after the other, each with its stage; at the end its windows are closed."""
    stage = Stage(world, size, scale)

    async def states() -> AsyncIterator[tuple[str, Stage]]:
        async for name in scene(stage):
            yield name, stage

    try:
        yield states()
    finally:
        await stage.close()
