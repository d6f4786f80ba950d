"""What services committed, brought from the thread that did it to the event loop.

They tell it by Django's signals, which are sent after the commit: services know nothing of sockets.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.dispatch import Signal

from accounts.signals import access_changed, names_changed
from chat.live.telling import Telling
from chat.protocol.events import Announcement, LeftReason
from chat.services.publishing import Change, Moved, announced, marks_moved, member_left, rooms_changed


class Commits:
    def __init__(self, telling: Telling) -> None:
        self._telling = telling
        self._loop = asyncio.get_running_loop()
        self._receivers: dict[Signal, Callable[..., Any]] = {
            rooms_changed: self._rooms_changed,
            marks_moved: self._marks_moved,
            member_left: self._member_left,
            announced: self._announced,
            access_changed: self._access_changed,
            names_changed: self._names_changed,
        }

    def listen(self) -> None:
        for signal, receiver in self._receivers.items():
            signal.connect(receiver)

    def stop(self) -> None:
        for signal, receiver in self._receivers.items():
            signal.disconnect(receiver)

    def _rooms_changed(self, changes: list[Change], moved: Sequence[Moved] = (), **_: Any) -> None:
        self._soon(self._telling.publish, changes, time.time(), moved)

    def _marks_moved(self, moved: Sequence[Moved], **_: Any) -> None:
        self._soon(self._telling.marks_moved, moved)

    def _member_left(
        self, room_id: int, user_id: int, reason: LeftReason, why: str = "", until: str | None = None, **_: Any
    ) -> None:
        self._soon(self._telling.member_left, user_id, room_id, reason, why, until)

    def _announced(self, announcement: Announcement, **_: Any) -> None:
        self._soon(self._telling.tell_everybody, announcement)

    def _access_changed(self, user_ids: Iterable[int], **_: Any) -> None:
        self._soon(self._telling.access_changed, list(user_ids))

    def _names_changed(self, **_: Any) -> None:
        self._soon(self._telling.names_changed)

    def _soon(self, call: Callable[..., object], *args: Any) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(call, *args)
