"""Debian's Firefox ESR, by Marionette: https://firefox-source-docs.mozilla.org/testing/marionette/Protocol.html"""

import asyncio
import json
from contextlib import suppress
from pathlib import Path
from typing import Any, Self

from support.engines.webdriver import WebDriver, WebDriverError
from support.processes import Child, scratch
from support.programs import need

# A page costs 40 % less CPU where all tabs share one process.
_PREFERENCES = {
    "marionette.port": 0,
    "fission.autostart": False,
    "dom.ipc.processCount": 1,
    "dom.ipc.processPrelaunch.enabled": False,
    "browser.newtabpage.enabled": False,
    "browser.aboutwelcome.enabled": False,
    "extensions.enabledScopes": 0,
    "gfx.webrender.software": True,
    "intl.accept_languages": "en-GB",
    "ui.prefersReducedMotion": 1,
    # Loads the style sheet below.
    "toolkit.legacyUserProfileCustomizations.stylesheets": True,
}
# Firefox makes no window narrower than 450 pixels, but a phone is narrower.
_STYLE = ":root { min-width: 0 !important; }"
# A screenshot is one line.
_LINE_BYTES = 32 * 1024 * 1024


class Firefox(WebDriver):
    name = "firefox"

    def __init__(self, child: Child, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._child = child
        self._reader, self._writer = reader, writer
        self._number = 0

    @classmethod
    async def start(cls) -> Self:
        program = need("firefox-esr", "firefox", package="firefox-esr")
        profile = scratch("firefox")
        (profile / "chrome").mkdir()
        (profile / "chrome" / "userChrome.css").write_text(_STYLE)
        (profile / "user.js").write_text(
            "".join(f"user_pref({json.dumps(name)}, {json.dumps(value)});\n" for name, value in _PREFERENCES.items())
        )
        command: list[str | Path] = [program, "--headless", "--marionette", "--no-remote", "--profile", profile]
        child = Child(command, log=profile / "firefox.log")
        port = profile / "MarionetteActivePort"
        child.wait_until(lambda: port.exists() and port.read_text().isdigit(), seconds=60)
        reader, writer = await asyncio.open_connection("127.0.0.1", int(port.read_text()), limit=_LINE_BYTES)
        made = cls(child, reader, writer)
        try:
            await made._receive()
            await made.command("NewSession", capabilities={})
        except BaseException:
            await made.close()
            raise
        return made

    async def command(self, name: str, **parameters: Any) -> Any:
        self._number += 1
        frame = json.dumps([0, self._number, f"WebDriver:{name}", parameters]).encode()
        self._writer.write(b"%d:%b" % (len(frame), frame))
        _kind, _number, error, answer = await self._receive()
        if error:
            raise WebDriverError(error["error"], error["message"])
        return answer.get("value", answer)

    async def close(self) -> None:
        self._child.kill()
        self._writer.close()
        with suppress(ConnectionError):
            await self._writer.wait_closed()

    async def _receive(self) -> Any:
        length = await self._reader.readuntil(b":")
        return json.loads(await self._reader.readexactly(int(length[:-1])))
