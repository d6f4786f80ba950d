"""Calls callbacks on the event loop from a thread, several with one wake-up, which takes two system calls and a thread
switch. Services import it: they know no event loop.
"""

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

Callback = Callable[[], object]


class Loop(Protocol):
    """The part of asyncio's loop that is used here."""

    def call_soon_threadsafe(self, callback: Callback, /) -> Any:
        """Call the callback in the next turn of the loop."""

    def is_closed(self) -> bool:
        """Whether the loop runs no more callbacks."""

    def call_exception_handler(self, context: dict[str, Any], /) -> None:
        """Report an exception of a callback."""


class _Held(threading.local):
    """The callbacks that this thread holds back, and their loop; None: it holds nothing back."""

    loop: Loop | None = None

    def __init__(self) -> None:
        self.callbacks: list[Callback] = []


_held = _Held()


def call_soon(loop: Loop, callback: Callback) -> None:
    """Call `callback` on `loop` soon; between `hold` and `take` in this thread, hold it back until `take`."""
    if _held.loop is loop:
        _held.callbacks.append(callback)
    else:
        loop.call_soon_threadsafe(callback)


def call_held() -> None:
    """Call the held callbacks now, before this thread does something that may take long."""
    loop, callbacks = _held.loop, _held.callbacks
    _held.callbacks = []
    if callbacks and loop and not loop.is_closed():
        loop.call_soon_threadsafe(partial(call_all, loop, callbacks))


def hold(loop: Loop) -> None:
    """Make this thread hold back its calls on `loop` from now on."""
    _held.loop = loop


def take() -> Sequence[Callback]:
    """Stop holding back, and return the held callbacks in order. The caller must call them."""
    callbacks = _held.callbacks
    _held.loop, _held.callbacks = None, []
    return callbacks


def call_all(loop: Loop, callbacks: Sequence[Callback]) -> None:
    """Call these callbacks, on the loop. An exception in one does not stop the others."""
    for callback in callbacks:
        try:
            callback()
        except Exception as error:  # as the loop does with each callback
            loop.call_exception_handler({"message": f"Exception in callback {callback!r}", "exception": error})
