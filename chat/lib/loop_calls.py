"""Calls on the event loop from a thread, several with one wake-up: each takes two system calls and a switch of threads.

Services import it, which know no event loop.
"""

import threading
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Protocol

Callback = Callable[[], object]


class Loop(Protocol):
    """The part of asyncio's loop that is used here."""

    def call_soon_threadsafe(self, callback: Callback, /) -> Any:
        """Call it in the next turn of the loop."""

    def is_closed(self) -> bool:
        """Whether nothing is called any more."""

    def call_exception_handler(self, context: dict[str, Any], /) -> None:
        """Report an exception of a callback."""


class _Held(threading.local):
    """What is held back in this thread, and for which loop; None: nothing is."""

    loop: Loop | None = None

    def __init__(self) -> None:
        self.callbacks: list[Callback] = []


_held = _Held()


def call_soon(loop: Loop, callback: Callback) -> None:
    """Call `callback` on `loop` soon; between `hold` and `take` of this thread, with what the thread then calls."""
    if _held.loop is loop:
        _held.callbacks.append(callback)
    else:
        loop.call_soon_threadsafe(callback)


def call_held() -> None:
    """Call now what is held back: what follows in this thread may take long."""
    loop, callbacks = _held.loop, _held.callbacks
    _held.callbacks = []
    if callbacks and loop and not loop.is_closed():
        loop.call_soon_threadsafe(partial(call_all, loop, callbacks))


def hold(loop: Loop) -> None:
    """From now on this thread holds back what it calls on `loop`."""
    _held.loop = loop


def take() -> Sequence[Callback]:
    """What was held back, in order. The caller calls it; nothing is held back any more."""
    callbacks = _held.callbacks
    _held.loop, _held.callbacks = None, []
    return callbacks


def call_all(loop: Loop, callbacks: Sequence[Callback]) -> None:
    """Call these, on the loop. The exception of one keeps no other from being called."""
    for callback in callbacks:
        try:
            callback()
        except Exception as error:  # as the loop does with each callback
            loop.call_exception_handler({"message": f"Exception in callback {callback!r}", "exception": error})
