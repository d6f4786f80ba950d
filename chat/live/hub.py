"""The live part of one process: its sockets, the rooms they hold, its tasks, and the bus to the other processes."""

import asyncio
import logging
import sys
import weakref
from collections.abc import Sequence
from contextlib import suppress
from contextvars import Context
from functools import partial
from typing import Any
from uuid import uuid4

from django.conf import settings

from chat.lib import memory, waits
from chat.live import db
from chat.live.arrivals import GREETED_AT_ONCE, Arrivals
from chat.live.broker import Broker, Message
from chat.live.cluster import ClusterBus
from chat.live.group_commit import GroupCommit, MessageWriter
from chat.live.indexer import Indexer
from chat.live.link_fetching import LinkFetching
from chat.live.message_reads import MessageReads
from chat.live.name_changes import NameChanges
from chat.live.notifying import Notifying
from chat.live.presence import Presence
from chat.live.publisher import Publisher
from chat.live.rate_limits import SharedBuckets
from chat.live.read_marks import ReadMarks
from chat.live.receivers import Receivers
from chat.live.reconciler import Reconciler
from chat.live.resumes import Resumes
from chat.live.room_presence import RoomPresence
from chat.live.rooms import LocalRooms, room_of
from chat.live.scheduled_sending import ScheduledSending
from chat.live.snapshot_cache import RoomSizeCache, RoomSnapshotCache
from chat.live.socket import Socket
from chat.live.steps import STEP, steps
from chat.live.subscriptions import Subscriptions
from chat.live.sweeping import keep_sweeping
from chat.live.thread_marks import ThreadMarks
from chat.live.transfers import Transfers
from chat.live.turns import Turns
from chat.live.user_sockets import UserSockets
from chat.protocol.commands import Budget
from chat.protocol.errors import Close
from chat.services.publishing import (
    Moved,
    Publication,
    ThreadChange,
    announced,
    marks_moved,
    member_left,
    person_told,
    pushes_wanted,
    rooms_changed,
    threads_changed,
)
from chat.services.read_state import Mark, marks_save
from chat.signals import access_changed, names_changed

logger = logging.getLogger(__name__)

# Seconds of the interpreter's switch interval. A commit releases the GIL about twenty times in its thread; while the
# event loop is busy, each release costs one interval: with the default of 5 ms, 100 ms per commit. The same holds for
# the loop while a thread is busy.
SWITCH_SECONDS = 0.0005
# Seconds between two transactions that write the read and typing marks of all sockets.
MARKS_SECONDS = 0.5
# Seconds between two reports of spent tokens to the other processes.
REPORT_SECONDS = 1.0
# A user's reads of history pages, over all sockets: 120 at once, refilled in 6 seconds. Enough for a page of replies
# whose messages are fetched one by one; without the limit, twenty sockets of one user delayed all other users by
# seconds.
PAGES_AT_ONCE = 120
PAGES_SECONDS = 6.0
# Shutdown: the number of batches in which sockets are closed.
DRAIN_STEPS = 100
# Shutdown: seconds to finish the commits under way, and then to delete the lease and leave the groups.
COMMIT_SECONDS = 2.0
RELEASE_SECONDS = 2.0
CLOSING = "closing a socket"


class Hub:
    """Starts, wires and stops the live parts of one event loop; see `current_hub`."""

    def __init__(self) -> None:
        self.process_id = uuid4()
        self.name = self.process_id.hex
        self.writer = MessageWriter()
        self.marks: GroupCommit[Mark, int | None] = GroupCommit(_save_marks, pause=MARKS_SECONDS)
        self.broker = Broker()
        self.bus = ClusterBus(self.name, self.broker)
        self.rooms = LocalRooms(self.name, self.broker)
        self.snapshots = RoomSnapshotCache()
        self.room_sizes = RoomSizeCache()
        self.message_reads = MessageReads()
        self.resumes = Resumes()
        self.room_presence = RoomPresence(self.bus, self.rooms)
        self.subscriptions = Subscriptions(self.rooms, self.room_presence)
        self.user_sockets = UserSockets(self.bus, self.rooms, self.subscriptions, self.spawn)
        self.reconciler = Reconciler(self.process_id, self.rooms, self.user_sockets, self.broker, self.snapshots)
        self.watch = self.reconciler.watch
        self.presence = Presence(
            *(self.process_id, self.bus, self.rooms, self.room_sizes, self.room_presence, self.watch),
            on_recorded=self.user_sockets.record,
        )
        self.name_changes = NameChanges(self.bus, self.user_sockets, self.rooms, self.watch)
        self.indexer = Indexer(self.process_id, self.watch)
        self.link_fetching = LinkFetching(self.process_id, self.watch)
        self.notifying = Notifying(self.process_id, self.bus, self.watch)
        self.scheduled = ScheduledSending(self.process_id, self.writer)
        self.transfers = Transfers(self.process_id, self.watch)
        self.read_marks = ReadMarks(self.bus, self.user_sockets, self.spawn)
        self.thread_marks = ThreadMarks(self.bus, self.rooms, self.user_sockets, self.spawn)
        self.publisher = Publisher(self.bus, self.rooms, self.read_marks)
        self._receivers = Receivers(
            {
                rooms_changed: self._on_rooms_changed,
                marks_moved: self._on_marks_moved,
                threads_changed: self._on_threads_changed,
                member_left: self.user_sockets.member_left,
                announced: self.user_sockets.announce,
                access_changed: self.user_sockets.access_changed,
                names_changed: self._on_names_changed,
                person_told: self.user_sockets.tell,
                pushes_wanted: self.notifying.device_added,
            }
        )
        self.draining = False
        self.arrivals = Arrivals(self.snapshots, self.room_sizes, self.presence)
        self.greeting = Turns(GREETED_AT_ONCE)
        # Room lists beyond their first page are read one page at a time: each takes 3 MB until it is sent.
        self.further_pages = asyncio.Semaphore(1)
        self.send_limit = SharedBuckets(*settings.CHAT_SEND_LIMIT)
        self.connect_limit = SharedBuckets(*settings.CHAT_CONNECT_LIMIT)
        # A browser page sends `read` up to once a second, and `typing` every few seconds.
        self.signal_limit = SharedBuckets(2 * settings.CHAT_SEND_LIMIT.events, settings.CHAT_SEND_LIMIT.seconds)
        self.read_limit = SharedBuckets(PAGES_AT_ONCE if settings.CHAT_SEND_LIMIT.events else 0, PAGES_SECONDS)
        self.invite_limit = SharedBuckets(*settings.CHAT_INVITE_LIMIT)
        self.room_limit = SharedBuckets(*settings.CHAT_ROOM_LIMIT)
        self.command_budgets = {
            Budget.SENDS: self.send_limit,
            Budget.SIGNALS: self.signal_limit,
            Budget.READS: self.read_limit,
        }
        self._budgets = {
            "sends.spent": self.send_limit,
            "signals.spent": self.signal_limit,
            "connects.spent": self.connect_limit,
            "questions.spent": self.read_limit,
            "invitations.spent": self.invite_limit,
            "creations.spent": self.room_limit,
        }
        self._loop = asyncio.get_running_loop()
        self._tasks: set[asyncio.Task[Any]] = set()
        for kind, buckets in self._budgets.items():
            self.bus.on(kind, partial(_debit, buckets))

    def start(self) -> None:
        """Connect to the cluster and start the tasks."""
        sys.setswitchinterval(SWITCH_SECONDS)
        memory.settle()
        self.broker.start(self.bus.receive, self._on_listening, origin=self.name)
        self._receivers.connect()
        self.spawn(self.presence.run())
        self.spawn(self.reconciler.run())
        self.spawn(self.name_changes.run())
        self.spawn(self.indexer.run())
        self.spawn(self.link_fetching.run())
        self.spawn(self.notifying.run())
        self.spawn(self.scheduled.run())
        self.spawn(self._report_spent())
        self.spawn(self.snapshots.run())
        self.spawn(keep_sweeping())
        self.spawn(self.transfers.run())

    async def drain(self, seconds: float) -> None:
        """Stop without loss: finish and acknowledge the current commits, close each socket with 1012, spread over
        `seconds`, and delete the process' lease."""
        self.draining = True
        for room in self.rooms.values():
            room.release()
        # Do not wait for a hanging database: the client sends an unacknowledged message again to another process.
        with suppress(TimeoutError):
            async with asyncio.timeout(COMMIT_SECONDS):
                await self.writer.idle()
        sockets = self.user_sockets.all_sockets()
        steps = min(len(sockets), DRAIN_STEPS)
        for step in range(steps):
            for socket in sockets[step::steps]:
                socket.close(Close.RESTART)
            await asyncio.sleep(seconds / steps)
        while closing := [task for task in self._tasks if task.get_name() == CLOSING]:
            await asyncio.wait(closing)
        await self.stop()

    async def stop(self) -> None:
        """Cancel the tasks and recoveries, and leave the cluster. The caller must have closed the sockets."""
        self._receivers.disconnect()
        for task in list(self._tasks):
            task.cancel()
        for room in self.rooms.values():
            room.stop()
        # If this fails, the lease expires, and other processes notice that.
        with suppress(TimeoutError):
            async with asyncio.timeout(RELEASE_SECONDS):
                await asyncio.gather(
                    *(self.broker.stop(), self.presence.end(), self.notifying.end()),
                    *(self.link_fetching.end(), self.scheduled.end(), self.transfers.end()),
                    return_exceptions=True,
                )

    def spawn(self, work: Any, name: str | None = None) -> "asyncio.Task[Any]":
        """Run the coroutine `work` in a task that the hub keeps a reference to, and cancels in `stop`."""
        task = self._loop.create_task(work, name=name)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    # --- Sockets ---------------------------------------------------------------------------------

    def sockets_of(self, user_id: int) -> int:
        """The user's number of sockets: here, and on other processes as last read by `Presence`."""
        return len(self.user_sockets.sockets(user_id)) + self.presence.elsewhere.get(user_id, 0)

    def add(self, socket: Socket) -> None:
        """Register an open socket."""
        self.user_sockets.add(socket)
        self.presence.opened(socket)

    def remove(self, socket: Socket) -> None:
        """Remove a socket from its rooms and from presence."""
        socket.open = False
        self.subscriptions.detach_step(socket, list(socket.opened))
        if len(socket.rooms) > STEP:
            # Its send queue is closed: events offered until it is detached are dropped.
            self.spawn(self.subscriptions.detach_all(socket))
        else:
            self.subscriptions.detach_step(socket, list(socket.rooms))
        self.user_sockets.remove(socket)
        self.presence.closed(socket)

    async def is_large(self, room_id: int) -> bool:
        """Return whether the room is so large that typing, joins and leaves are not sent to its members."""
        large = self.room_sizes.known(room_id)
        return not await db.run(self.room_sizes.small, [room_id]) if large is None else large

    # --- The other processes -----------------------------------------------------------------------

    def _on_rooms_changed(self, committed_at: float, changes: list[Publication], moved: Sequence[Moved]) -> None:
        self.publisher.publish(committed_at, changes, moved)
        self.notifying.stir()

    def _on_marks_moved(self, moved: list[Moved]) -> None:
        self.read_marks.moved(moved)
        self.notifying.stir()

    def _on_threads_changed(self, changed: list[ThreadChange]) -> None:
        self.thread_marks.changed(changed)
        self.notifying.stir()

    def _on_names_changed(self, **_: Any) -> None:
        # Statuses and presence changes come with the same signal as names.
        self.name_changes.changed()
        self.presence.changed()

    async def _report_spent(self) -> None:
        while True:
            await waits.every(REPORT_SECONDS)
            for kind, buckets in self._budgets.items():
                if spent := buckets.report(self._loop.time()):
                    self.bus.notify(kind, payers=list(spent), spent=list(spent.values()))

    def _on_listening(self, groups: list[str]) -> None:
        """Compare the rooms of newly joined groups: events committed before the join were not received."""
        listening = [room_id for group in groups if (room_id := room_of(group)) in self.rooms and room_id]
        if listening:
            self.spawn(self._catch_up(listening))

    async def _catch_up(self, room_ids: list[int]) -> None:
        self.room_presence.ask(room_ids)
        async for step in steps(room_ids):
            await self.reconciler.compare_rooms(step)


def _debit(buckets: SharedBuckets, report: Message) -> None:
    buckets.debit(dict(zip(report["payers"], report["spent"], strict=True)), asyncio.get_running_loop().time())


async def _save_marks(marks: Sequence[Mark]) -> Sequence[int | None]:
    return await db.run(marks_save, marks)


_hubs: "weakref.WeakKeyDictionary[asyncio.AbstractEventLoop, Hub]" = weakref.WeakKeyDictionary()


def running_hub() -> Hub | None:
    """The hub of this event loop; None before its first socket."""
    return _hubs.get(asyncio.get_running_loop())


def current_hub() -> Hub:
    """The hub of this event loop, started with its first socket: daphne has no ASGI lifespan to start it in."""
    hub = running_hub()
    if hub is None:
        hub = _hubs[asyncio.get_running_loop()] = Hub()
        # In an empty context: its tasks outlive the request that starts them, and must not log its ids.
        Context().run(hub.start)
    return hub
