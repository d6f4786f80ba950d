"""Runs receivers of the services' signals on the event loop; the committing thread sends them after the commit.

Services do not know sockets. Each signal documents its arguments (`services.publishing`, `chat.signals`).
"""

import asyncio
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from django.dispatch import Signal

from chat.lib.loop_calls import call_soon

Receiver = Callable[..., object]


class Receivers:
    """Calls receivers of Django signals on the event loop it was created on."""

    def __init__(self, receivers: Mapping[Signal, Receiver]) -> None:
        """`receivers`: signal -> callable, called on the running event loop with the signal's arguments."""
        loop = asyncio.get_running_loop()
        self._connected = {signal: partial(_call_soon, loop, receiver) for signal, receiver in receivers.items()}

    def connect(self) -> None:
        """Receive signals from now on."""
        for signal, receiver in self._connected.items():
            signal.connect(receiver, weak=False)

    def disconnect(self) -> None:
        """Receive no more signals."""
        for signal, receiver in self._connected.items():
            signal.disconnect(receiver)


def _call_soon(
    loop: asyncio.AbstractEventLoop, receiver: Receiver, *, signal: Signal, sender: object, **carried: Any
) -> None:
    del signal, sender
    if not loop.is_closed():
        call_soon(loop, partial(receiver, **carried))
