"""What a person does with a browser, whichever it is."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

# Width and height of what a page has.
DESKTOP = (1280, 800)
PHONE = (390, 844)

# However busy the machine is.
_PATIENCE_SECONDS = 30.0
_POLL_SECONDS = 0.05
# The last that is shown: of two that are alike, the one nearest to where one writes. One that says just this is first.
_FIND = """
const [css, text] = arguments;
const words = (element) => [element.ariaLabel, element.textContent, element.labels?.[0]?.textContent]
  .filter(Boolean).map((said) => said.replace(/\\s+/g, " ").trim());
const shown = [...document.querySelectorAll(css)].filter((element) => element.getClientRects().length);
const says = (wanted) => shown.findLast((element) => words(element).some(wanted));
return says((said) => said === text) ?? says((said) => said.includes(text));
"""
_SPILL = """
const { scrollWidth, scrollHeight } = document.documentElement;
return [Math.max(0, scrollWidth - innerWidth), Math.max(0, scrollHeight - innerHeight)];
"""
# Where it is, and what lies over its middle: the tag, the id and the name for tests of that and of what holds it.
_PLACE = """
const { x, y, width, height } = arguments[0].getBoundingClientRect();
const named = ({ localName, id, dataset }) => [localName, id, dataset.testid].filter(Boolean).join(".");
const over = [];
let at = document.elementFromPoint(x + width / 2, y + height / 2);
for (; at; at = at.parentElement) over.unshift(named(at));
const place = `at ${[x, y, width, height].map(Math.round)} of ${[innerWidth, innerHeight]}`;
return `${place}, its middle is ${over.join(" > ") || "outside"}`;
"""


class NotYet(Exception):
    """The page is not ready for what was asked: an element is covered or moving, or another page is coming."""


class Engine(ABC):
    """One browser with one window, in which one person is signed in at a time.

    An element is named by a CSS selector and words it shows, or is labelled with.
    """

    name: str

    @abstractmethod
    async def open(self, url: str) -> None: ...

    @abstractmethod
    async def run(self, script: str, *arguments: Any) -> Any:
        """What the body of a function returns in the page: JSON, or an element as the engine names it.

        Raises NotYet when the page went away meanwhile.
        """

    @abstractmethod
    async def keep(self, cookies: dict[str, str]) -> None:
        """Forget every cookie of the page's host, and take these."""

    @abstractmethod
    async def resize(self, width: int, height: int) -> None:
        """Give the page this size in CSS pixels."""

    @abstractmethod
    async def press(self, key: str, *, control: bool = False) -> None:
        """A letter, or "Enter" or "Escape", to what has the focus."""

    @abstractmethod
    async def screenshot(self) -> bytes:
        """What is in the window, as PNG."""

    @abstractmethod
    async def close(self) -> None: ...

    @abstractmethod
    async def _click(self, element: Any) -> None: ...

    @abstractmethod
    async def _type(self, element: Any, text: str) -> None: ...

    async def see(self, css: str, text: str = "") -> Any:
        """Wait until it is shown; returns it."""
        return await self._wait(lambda found: found, f"{css} {text!r} is not there", _FIND, css, text)

    async def miss(self, css: str, text: str = "") -> None:
        """Wait until it is no longer shown."""
        await self._wait(lambda found: not found, f"{css} {text!r} is there", _FIND, css, text)

    async def until(self, script: str, *arguments: Any) -> Any:
        """Wait until the body of a function returns something true; returns that."""
        return await self._wait(lambda value: value, f"it does not come true: {script}", script, *arguments)

    async def click(self, css: str, text: str = "") -> None:
        await self._act(self._click, css, text)

    async def type(self, css: str, text: str = "", *, typed: str) -> None:
        """Add to what is in a field."""
        await self._act(lambda element: self._type(element, typed), css, text)

    async def spill(self) -> list[int]:
        """By how many pixels the document is wider and higher than the window."""
        spilt: list[int] = await self.run(_SPILL)
        return spilt

    async def _act(self, act: Callable[[Any], Awaitable[None]], css: str, text: str) -> None:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            element = await self.see(css, text)
            try:
                await act(element)
                return
            except NotYet as not_yet:
                if time.monotonic() > deadline:
                    raise NotYet(f"{not_yet}; {css} {text!r} is {await self.run(_PLACE, element)}") from not_yet
                await asyncio.sleep(_POLL_SECONDS)

    async def _wait(self, good: Callable[[Any], Any], complaint: str, script: str, *arguments: Any) -> Any:
        deadline = time.monotonic() + _PATIENCE_SECONDS
        while True:
            with suppress(NotYet):
                value = await self.run(script, *arguments)
                if good(value):
                    return value
            if time.monotonic() > deadline:
                shown = await self.run("return document.body.innerText")
                raise AssertionError(f"{self.name}: {complaint}; the page says:\n{shown}")
            await asyncio.sleep(_POLL_SECONDS)
