"""What this process tells: its own sockets at once, and the other processes by hints, which `hearing` takes there."""

import time
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from chat import metrics
from chat.live.broker import EVERYBODY, Broker
from chat.live.name_changes import NameChanges
from chat.live.read_marks import ReadMarks, event_of
from chat.live.room_stream import Numbered
from chat.live.rooms import LocalRooms, group_of
from chat.live.user_sockets import UserSockets
from chat.models import Room
from chat.protocol.events import Event, LeftReason
from chat.services.publishing import Change, Moved


class Telling:
    def __init__(
        self,
        process: str,
        broker: Broker,
        rooms: LocalRooms,
        user_sockets: UserSockets,
        reading: ReadMarks,
        names: NameChanges,
    ) -> None:
        self._names = names
        self._process = process
        self._broker = broker
        self._rooms = rooms
        self._user_sockets = user_sockets
        self._read_marks = reading

    def publish(self, changes: Iterable[Change], committed_at: float, moved: Sequence[Moved] = ()) -> None:
        """Durable events were committed here, and moved their authors' reading marks: offer them to the sockets of this
        process, hint the others."""
        by_room: defaultdict[int, list[Numbered]] = defaultdict(list)
        # With the hint of the events: who reads in a room holds it.
        reads: defaultdict[int, list[tuple[int, str, int]]] = defaultdict(list)
        for mark in moved:
            reads[mark.room_id].append((mark.user_id, mark.room, mark.seq))
        for change in changes:
            by_room[change.room_id].append(Numbered(change.rev, change.text))
        for room_id, numbered in by_room.items():
            if room := self._rooms.get(room_id):
                room.offer(numbered)
                metrics.DELIVERY.labels("same").observe(time.time() - committed_at)
            revs, texts = [event.rev for event in numbered], [event.text for event in numbered]
            marks = {"reads": reads[room_id]} if room_id in reads else {}
            self.hint_room(room_id, "room.events", revs=revs, texts=texts, at=committed_at, **marks)
        for mark in moved:
            self._read_marks.posted(mark)

    def marks_moved(self, moved: Iterable[Moved]) -> None:
        """The person's other sockets are sent `read`, and where more is left, how much of it counts."""
        for mark in moved:
            self._read_marks.tell(mark)
            self.hint(EVERYBODY, "person.tell", user=mark.user_id, text=event_of(mark).encode())
            if mark.more:
                # Who marks unread does not know either what counts of it; who reads has it in view.
                self._read_marks.bring_counts(mark.user_id, mark.room_id, but="" if mark.unread else mark.socket)
                self.hint(EVERYBODY, "person.counts", user=mark.user_id, room=mark.room_id)

    def tell_room(self, room_id: int, event: Event, *, but_user: int) -> None:
        """Tell what has no number to everybody in the room but one person."""
        text = event.encode()
        if room := self._rooms.get(room_id):
            room.tell(text, but_user=but_user)
        self.hint_room(room_id, "room.live", text=text, but_user=but_user)

    def tell_everybody(self, event: Event) -> None:
        text = event.encode()
        self._user_sockets.tell(text)
        self.hint(EVERYBODY, "everybody.tell", text=text)

    def member_left(self, user_id: int, room_id: int, reason: LeftReason, why: str, until: str | None) -> None:
        self._user_sockets.drop(user_id, room_id, reason, why, until)
        self.hint(EVERYBODY, "person.left", user=user_id, room=room_id, reason=reason, why=why, until=until or "")

    def access_changed(self, user_ids: list[int]) -> None:
        """What these people may do has changed: their sockets are checked again, everywhere."""
        self._user_sockets.check(user_ids)
        self.hint(EVERYBODY, "people.check", users=user_ids)

    def names_changed(self) -> None:
        """Somebody's name has changed: every process looks whose."""
        self._names.look_soon()
        self.hint(EVERYBODY, "names.changed")

    async def open_direct(self, room: Room, people: set[int]) -> None:
        """Give a direct room to every socket of its two people, so that the message about to be posted reaches them."""
        facts = {"seq": room.last_seq, "rev": room.last_rev, "users": sorted(people)}
        self.hint(EVERYBODY, "direct.opened", room=room.pk, **facts)
        await self._user_sockets.give_direct(room.pk, people, seq=room.last_seq, rev=room.last_rev)

    def hint(self, group: str, kind: str, **facts: Any) -> None:
        self._broker.send(group, {"type": kind, "origin": self._process, **facts})

    def hint_room(self, room_id: int, kind: str, **facts: Any) -> None:
        self.hint(group_of(room_id), kind, room=room_id, **facts)
