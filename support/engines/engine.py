"""What a person does with a browser, independent of the engine."""

import asyncio
import time
from abc import ABC, abstractmethod
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import Any

# Width and height of the page.
DESKTOP = (1280, 800)
PHONE = (390, 844)

# Enough for a busy machine.
_PATIENCE_SECONDS = 30.0
_POLL_SECONDS = 0.05
# Finds the last visible match, the one nearest to the composer; an element with exactly this text comes first.
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
# Its place, and the element over its centre: the tag, id and test id of that element and of its ancestors.
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
    """The page is not ready for what was asked: an element is covered or moving, or another page is loading."""


class Engine(ABC):
    """One browser with one window, in which one person is signed in at a time.

    An element is found by a CSS selector and by its text or label.
    """

    name: str

    @abstractmethod
    async def open(self, url: str) -> None: ...

    @abstractmethod
    async def run(self, script: str, *arguments: Any) -> Any:
        """Run the body of a function in the page; returns JSON, or an element as the engine refers to it.

        Raises NotYet when the page was left meanwhile.
        """

    @abstractmethod
    async def keep(self, cookies: dict[str, str]) -> None:
        """Replace all cookies of the page's host with these."""

    @abstractmethod
    async def resize(self, width: int, height: int) -> None:
        """Give the page this size in CSS pixels."""

    @abstractmethod
    async def press(self, key: str, *, control: bool = False) -> None:
        """Press a letter, "Enter" or "Escape" in the focused element."""

    @abstractmethod
    async def screenshot(self) -> bytes:
        """The content of the window, as PNG."""

    @abstractmethod
    async def close(self) -> None: ...

    @abstractmethod
    async def _click(self, element: Any) -> None: ...

    @abstractmethod
    async def _type(self, element: Any, text: str) -> None: ...

    async def see(self, css: str, text: str = "") -> Any:
        """Wait until the element is shown; returns it."""
        return await self._wait(lambda found: found, f"{css} {text!r} is not there", _FIND, css, text)

    async def miss(self, css: str, text: str = "") -> None:
        """Wait until the element is no longer shown."""
        await self._wait(lambda found: not found, f"{css} {text!r} is there", _FIND, css, text)

    async def until(self, script: str, *arguments: Any) -> Any:
        """Wait until the body of a function returns a true value; returns that."""
        return await self._wait(lambda value: value, f"it does not come true: {script}", script, *arguments)

    async def click(self, css: str, text: str = "") -> None:
        await self._act(self._click, css, text)

    async def type(self, css: str, text: str = "", *, typed: str) -> None:
        """Type into a field, after its present text."""
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
