"""Signals of the services, sent after the commit in the thread that committed, brought to the event loop.

Services know nothing of sockets; what each signal carries stands beside it (`services.publishing`, `accounts.signals`).
"""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.dispatch import Signal

Receiver = Callable[..., object]


class Receivers:
    def __init__(self, receivers: Mapping[Signal, Receiver]) -> None:
        """`receivers`: called on this event loop with what their signal carries."""
        loop = asyncio.get_running_loop()
        self._connected = {signal: partial(_call_soon, loop, receiver) for signal, receiver in receivers.items()}

    def connect(self) -> None:
        for signal, receiver in self._connected.items():
            signal.connect(receiver, weak=False)

    def disconnect(self) -> None:
        for signal, receiver in self._connected.items():
            signal.disconnect(receiver)


def _call_soon(
    loop: asyncio.AbstractEventLoop, receiver: Receiver, *, signal: Signal, sender: object, **carried: Any
) -> None:
    del signal, sender
    if not loop.is_closed():
        loop.call_soon_threadsafe(partial(receiver, **carried))
