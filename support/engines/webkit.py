"""WebKitGTK's MiniBrowser, by Debian's webkit2gtk-driver, on an X server of its own: it has no headless mode."""

import asyncio
import os
import re
from contextlib import suppress
from typing import Any, Self

import httpx

from support.engines.webdriver import WebDriver, WebDriverError
from support.processes import Child, answers, free_port, scratch
from support.programs import need

# https://www.w3.org/TR/webdriver2/#endpoints
_ENDPOINTS = {
    "Navigate": ("POST", "/url"),
    "ExecuteScript": ("POST", "/execute/sync"),
    "ElementClick": ("POST", "/element/{id}/click"),
    "ElementSendKeys": ("POST", "/element/{id}/value"),
    "PerformActions": ("POST", "/actions"),
    "SetWindowRect": ("POST", "/window/rect"),
    "TakeScreenshot": ("GET", "/screenshot"),
    "DeleteAllCookies": ("DELETE", "/cookie"),
    "AddCookie": ("POST", "/cookie"),
    "GetCookies": ("GET", "/cookie"),
}
# Its buttons allow no window narrower than 447 pixels, but a phone is narrower.
_STYLE = "* { min-width: 0; padding: 0; margin: 0; } * { transition: none; }"
_ANSWER_SECONDS = 60


class WebKit(WebDriver):
    name = "webkit"

    def __init__(self, children: list[Child], client: httpx.AsyncClient) -> None:
        self._children = children
        self._client = client
        self._session = ""

    @classmethod
    async def start(cls) -> Self:
        driver = need("WebKitWebDriver", package="webkit2gtk-driver")
        screen = need("Xvfb", package="xvfb")
        folder = scratch("webkit")
        (folder / "gtk-3.0").mkdir()
        (folder / "gtk-3.0" / "gtk.css").write_text(_STYLE)
        display = Child(
            [screen, "-displayfd", "1", "-screen", "0", "1400x1100x24", "-nolisten", "tcp"], log=folder / "xvfb.log"
        )
        number = re.compile(r"^\d+$", re.MULTILINE)
        display.wait_until(lambda: number.search(display.output()) is not None)
        found = number.search(display.output())
        assert found
        # Isolated from the account that runs the tests: no theme, no history.
        home = {name: str(folder) for name in ("HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME")}
        port = free_port()
        child = Child(
            [driver, f"--port={port}"],
            log=folder / "driver.log",
            env={
                "PATH": os.environ["PATH"],
                "DISPLAY": f":{found[0]}",
                "LANG": "en_GB.UTF-8",
                "LANGUAGE": "en_GB",
                **home,
            },
        )
        child.wait_until(lambda: answers(port))
        client = httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=_ANSWER_SECONDS, trust_env=False)
        made = cls([child, display], client)
        try:
            session = await made._ask("POST", "/session", {"capabilities": {"alwaysMatch": {}}})
        except BaseException:
            await client.aclose()
            for started in made._children:
                started.kill()
            raise
        made._session = f"/session/{session['sessionId']}"
        return made

    async def command(self, name: str, **parameters: Any) -> Any:
        method, path = _ENDPOINTS[name]
        return await self._ask(method, self._session + path.format(id=parameters.pop("id", "")), parameters)

    async def keep(self, cookies: dict[str, str]) -> None:
        await super().keep({})
        # It may answer before the cookie process deletes them, which could then delete those of the next page.
        async with asyncio.timeout(_ANSWER_SECONDS):
            while await self.command("GetCookies"):
                await asyncio.sleep(0.02)
        await super().keep(cookies)

    async def close(self) -> None:
        # The driver ends the browser with its session.
        with suppress(httpx.HTTPError, WebDriverError):
            await self._ask("DELETE", self._session, {})
        await self._client.aclose()
        for child in self._children:
            child.stop()

    async def _ask(self, method: str, path: str, parameters: dict[str, Any]) -> Any:
        body = parameters if method == "POST" else None
        answer = (await self._client.request(method, path, json=body)).json()["value"]
        if isinstance(answer, dict) and "error" in answer:
            raise WebDriverError(answer["error"], answer["message"])
        return answer
