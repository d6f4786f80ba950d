"""The commands of WebDriver, independent of the browser's transport."""

import base64
from abc import abstractmethod
from typing import Any

from support.engines.engine import Engine, NotYet

# The key of an element reference in JSON: https://www.w3.org/TR/webdriver2/#elements
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
# https://www.w3.org/TR/webdriver2/#keyboard-actions
_KEYS = {"Enter": "\ue007", "Escape": "\ue00c", "Control": "\ue009"}
_PASSING = {"element click intercepted", "element not interactable", "stale element reference"}


class WebDriverError(Exception):
    def __init__(self, error: str, message: str) -> None:
        super().__init__(f"{error}: {message}")
        self.error = error


class WebDriver(Engine):
    @abstractmethod
    async def command(self, name: str, **parameters: Any) -> Any:
        """Send one command by its Marionette name; raises WebDriverError."""

    async def open(self, url: str) -> None:
        await self.command("Navigate", url=url)

    async def run(self, script: str, *arguments: Any) -> Any:
        return await self.command("ExecuteScript", script=script, args=list(arguments))

    async def keep(self, cookies: dict[str, str]) -> None:
        await self.command("DeleteAllCookies")
        for name, value in cookies.items():
            await self.command("AddCookie", cookie={"name": name, "value": value, "path": "/"})

    async def resize(self, width: int, height: int) -> None:
        """Resize the window, which is higher than its page by the browser's bars."""
        for _ in range(2):
            bars: int = await self.run("return outerHeight - innerHeight")
            await self.command("SetWindowRect", width=width, height=height + bars)
        await self.until("return innerWidth === arguments[0] && innerHeight === arguments[1]", width, height)

    async def press(self, key: str, *, control: bool = False) -> None:
        keys = [_KEYS["Control"], _KEYS.get(key, key)] if control else [_KEYS.get(key, key)]
        down = [{"type": "keyDown", "value": value} for value in keys]
        up = [{"type": "keyUp", "value": value} for value in reversed(keys)]
        await self.command("PerformActions", actions=[{"type": "key", "id": "keyboard", "actions": down + up}])

    async def screenshot(self) -> bytes:
        return base64.b64decode(await self.command("TakeScreenshot", full=False))

    async def _click(self, element: Any) -> None:
        # WebKit does not scroll to an element that its list clips, when it is inside the window.
        await self.run("arguments[0].scrollIntoView({ block: 'nearest', inline: 'nearest' })", element)
        await self._try("ElementClick", id=element[_ELEMENT])

    async def _type(self, element: Any, text: str) -> None:
        await self._try("ElementSendKeys", id=element[_ELEMENT], text=text)

    async def _try(self, name: str, **parameters: Any) -> None:
        try:
            await self.command(name, **parameters)
        except WebDriverError as error:
            if error.error in _PASSING:
                raise NotYet(str(error)) from error
            raise
