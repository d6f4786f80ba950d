"""An idle server asks the database one cheap question, and everything else only after a commit."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import timedelta
from functools import partial
from threading import Thread
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper
from django.utils import timezone

from chat.lib import joined_statements
from chat.live import db, indexer, link_fetching, notification_lease, reconciler, subscribe, transfers
from chat.live.database_watch import DatabaseWatch
from chat.live.first_process import FirstProcess
from chat.live.hub import Hub
from chat.live.notification_lease import NotificationLease
from chat.models import (
    Attention,
    Connection,
    Message,
    Participant,
    PreviewWork,
    ProcessLease,
    Room,
    SearchCursor,
    SearchDocument,
)
from chat.queries.database_state import DatabaseState, next_state
from chat.services import link_previews
from chat.services.connections import lease_renew
from chat.services.posting import Draft, messages_post
from chat.services.search_index import index_step
from support import people
from tests.live.test_costs import open_socket

pytestmark = pytest.mark.django_db(transaction=True)


async def quiet(watch: DatabaseWatch) -> int:
    """The number once two looks in a row return the same: other tests may write to the same server."""
    number = await watch.look()
    for _ in range(1000):
        before, number = number, await watch.look()
        if before == number:
            return number
    pytest.fail("two looks always differ")


async def test_the_number_stays_while_nothing_is_committed_and_changes_with_each_commit() -> None:
    watch = DatabaseWatch()
    number = await quiet(watch)
    alice = await db.run(people.alice)
    assert (after := await watch.look()) > number
    await quiet(watch)
    number = watch.number
    await db.run(Participant.objects.filter(pk=alice.pk).update, display_name="Other")
    assert await watch.look() > number
    assert after < watch.number


async def test_a_change_is_noticed_when_it_is_committed_not_when_it_is_written() -> None:
    watch = DatabaseWatch()
    alice = await db.run(people.alice)
    written, commit = asyncio.Event(), asyncio.Event()
    loop = asyncio.get_running_loop()

    def write() -> None:
        with transaction.atomic():
            Participant.objects.filter(pk=alice.pk).update(display_name="Other")
            loop.call_soon_threadsafe(written.set)
            asyncio.run_coroutine_threadsafe(commit.wait(), loop).result(5)

    writing = asyncio.create_task(db.run(write))
    await written.wait()
    number = await watch.look()
    commit.set()
    await writing
    assert await watch.look() > number


async def test_a_look_that_failed_counts_as_a_change(monkeypatch: pytest.MonkeyPatch) -> None:
    watch = DatabaseWatch()
    number = await quiet(watch)

    async def fail(*_: Any) -> None:
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr(db, "watch", fail)
        with pytest.raises(ConnectionError):
            await watch.look()
    assert watch.number == number
    assert await watch.look() > number


async def test_the_lease_of_this_process_is_not_seen_and_what_others_write_beside_it_is() -> None:
    watch, process = DatabaseWatch(), uuid4()
    await watch.unseen(partial(lease_renew, process))
    assert await db.run(lambda: ProcessLease.objects.filter(pk=process).exists())

    def beside() -> bool:
        """Simulate another process that commits meanwhile, on its own connection."""
        writing = Thread(target=others)
        writing.start()
        writing.join()
        return lease_renew(process)

    def others() -> None:
        Participant.objects.update(display_name="Other")
        connection.close()

    await db.run(people.alice)
    # Other tests may write to the same server.
    for _ in range(1000):
        number = await quiet(watch)
        # Both at once, as in a step of `chat.lib.waits`.
        await asyncio.gather(watch.unseen(partial(lease_renew, process)), watch.look())
        if await watch.look() == number:
            break
    else:
        pytest.fail("the lease is always seen")
    number = await quiet(watch)
    await watch.unseen(beside)
    assert await watch.look() > number
    number = await quiet(watch)
    # Committed before the lease is written, and not looked at yet.
    await db.run(Participant.objects.update, display_name="Another")
    await watch.unseen(partial(lease_renew, process))
    assert await watch.look() > number


@pytest.mark.parametrize(
    ("before", "after"),
    [("7:7:", "8:8:"), ("9:9:", "10:10:"), ("7:8:7", None), ("7:9:", None), ("17:7:", None)],
)
def test_the_next_snapshot_is_known_only_where_nothing_is_under_way(before: str, after: str | None) -> None:
    found = next_state(DatabaseState(None, before))
    assert (found and found.value) == after


# --- Who asks the watch -----------------------------------------------------------------------------


@pytest.fixture
def hub(unclocked_hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """A hub whose watch returns the number that the test sets."""

    async def look() -> int:
        return unclocked_hub.watch.number

    monkeypatch.setattr(unclocked_hub.watch, "look", look)
    return unclocked_hub


@pytest.fixture
def statements(monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """The number of statements since the last call, on all threads."""
    ran: list[str] = []
    execute = CursorWrapper.execute

    def noted(self: CursorWrapper, sql: Any, params: Any = None) -> Any:
        ran.append(str(sql))
        return execute(self, sql, params)

    executed = joined_statements._executed

    def noted_joined(raw: Any, text: str, values: Sequence[Any]) -> Any:
        ran.append(text)
        return executed(raw, text, values)

    monkeypatch.setattr(CursorWrapper, "execute", noted)
    monkeypatch.setattr(joined_statements, "_executed", noted_joined)

    def since() -> int:
        number = len([sql for sql in ran if "chat_" in sql])
        ran.clear()
        return number

    return since


async def test_the_reconciler_compares_again_when_the_database_or_what_is_here_has_changed(
    hub: Hub, statements: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    alice = await db.run(people.alice)
    for slug in ("garden", "kitchen"):
        await db.run(people.room, slug, owner=alice)

    async def compared() -> int:
        """The number of statements of one full comparison."""
        statements()
        await hub.reconciler.compare()
        return statements()

    assert await compared() > 0
    assert await compared() == 0
    hub.watch.note_change()
    assert await compared() > 0
    assert await compared() == 0
    socket, _ear = open_socket(hub, alice)
    assert await compared() > 0
    # The record has no row for the socket here: the sums differ, and are compared again until they are equal.
    assert await compared() > 0
    hub.user_sockets.remove(socket)
    await compared()
    assert await compared() == 0
    await subscribe.enter_room(hub, socket, "garden", with_history=False)
    assert await compared() > 0
    assert await compared() == 0
    monkeypatch.setattr(reconciler, "COMPARED_SECONDS", 0)
    assert await compared() > 0


async def test_a_lost_event_that_was_committed_before_a_room_was_opened_here_is_found(hub: Hub) -> None:
    alice = await db.run(people.alice)
    room = await db.run(people.room, "garden", owner=alice)
    await hub.reconciler.compare()
    socket, _ear = open_socket(hub, alice)
    await subscribe.enter_room(hub, socket, "garden", with_history=False)
    # Its notification is lost, and the watch saw the commit before the room was opened.
    await db.run(Room.objects.filter(pk=room.pk).update, last_rev=room.last_rev + 5)
    await hub.reconciler.compare()
    assert hub.rooms[room.pk].stream.head == room.last_rev + 5


async def test_the_queue_of_previews_is_read_when_something_changed_or_is_due(
    hub: Hub, statements: Callable[[], int]
) -> None:
    room = await db.run(people.room, "garden", owner=await db.run(people.alice))
    fetching = hub.link_fetching
    assert not await fetching._is_due()
    statements()
    assert not await fetching._is_due()
    assert statements() == 0
    later = timezone.now() + timedelta(seconds=0.3)
    await db.run(PreviewWork.objects.create, room=room, seq=1, due_at=later)
    assert await db.run(link_previews.work_due_at) == later
    hub.watch.note_change()
    assert not await fetching._is_due()
    await asyncio.sleep(0.3)
    statements()
    assert await fetching._is_due()
    assert statements() == 0


async def test_who_started_first_is_asked_again_when_something_was_committed(
    hub: Hub, statements: Callable[[], int]
) -> None:
    first = FirstProcess(hub.process_id, hub.watch)
    assert not await first.is_here(), "its lease is not there"
    await db.run(lease_renew, hub.process_id)
    assert await first.is_here(), "it was asked again: the lease of another one may end without a commit"
    statements()
    assert await first.is_here()
    assert statements() == 0
    now, hour = timezone.now(), timedelta(hours=1)
    before = ProcessLease(host="there", pid=1, started_at=now - hour, expires_at=now + hour)
    await db.run(before.save, force_insert=True)
    hub.watch.note_change()
    assert not await first.is_here()
    await db.run(ProcessLease.objects.filter(pk=before.pk).update, expires_at=timezone.now())
    assert await first.is_here()


async def test_who_is_connected_is_read_again_when_something_changed_or_another_process_is_there(
    hub: Hub, statements: Callable[[], int]
) -> None:
    alice = await db.run(people.alice)

    async def online() -> dict[int, int]:
        return (await hub.presence._attending()).online

    assert await online() == {}
    statements()
    await db.run(lease_renew, hub.process_id)
    assert await online() == {}
    assert statements() > 1, "without its lease it was read again"
    assert await online() == {}
    assert statements() == 0
    other = uuid4()
    await db.run(lease_renew, other)
    await db.run(Connection.objects.create, process_id=other, user=alice)
    hub.watch.note_change()
    assert await online() == {alice.pk: 1}
    # Its lease runs out with time, without a commit.
    await db.run(ProcessLease.objects.filter(pk=other).update, expires_at=timezone.now())
    assert await online() == {}
    statements()
    assert await online() == {}
    assert statements() == 0
    hub.presence.changed()
    await online()
    assert statements() > 0, "what this process has just committed, the watch may not have noticed"


async def test_what_was_not_read_because_the_database_was_away_is_read_next(
    hub: Hub, statements: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    await db.run(lease_renew, hub.process_id)
    await hub.presence._attending()
    hub.presence.changed()

    async def fail(*_: Any) -> None:
        raise ConnectionError

    with monkeypatch.context() as patched:
        patched.setattr(db, "run", fail)
        with pytest.raises(ConnectionError):
            await hub.presence._attending()
    statements()
    await hub.presence._attending()
    assert statements() > 0


def post(alice: Participant) -> None:
    people.room("garden", owner=alice)
    messages_post([Draft(alice, "garden", "sown")])


async def test_the_index_is_tidied_when_something_was_committed(hub: Hub, statements: Callable[[], int]) -> None:
    indexer = hub.indexer
    await db.run(lease_renew, hub.process_id)
    await indexer._tidy()
    await indexer._tidy()
    statements()
    await indexer._tidy()
    assert statements() == 0
    cursor = SearchCursor(room_id=10**6, rev=0, back_seq=0, cleared_seq=0, version="")
    await db.run(cursor.save, force_insert=True)
    await db.run(post, await db.run(people.alice))
    while await db.index(index_step):
        pass
    assert await db.run(SearchDocument.objects.exists)
    # Retention and the deletion of a room leave the tables like this.
    await db.run(Message.objects.all().delete)
    hub.watch.note_change()
    await indexer._tidy()
    assert not await db.run(SearchCursor.objects.filter(pk=cursor.pk).exists)
    assert not await db.run(SearchDocument.objects.exists)


async def test_whether_there_is_work_is_asked_again_when_something_was_committed(
    hub: Hub, statements: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(notification_lease, "WAIT_SECONDS", 0)
    lease = NotificationLease(hub.process_id, watch=hub.watch)
    assert not await lease.keep()
    statements()
    assert not await lease.keep()
    assert statements() == 0
    alice = await db.run(people.alice)
    await db.run(Attention.objects.create, user=alice, mail=Attention.Mail.HOUR)
    lease.ask_soon()
    assert await lease.keep(), "a device was registered here: the watch may not have noticed"
    await lease.leave()
    await db.run(Attention.objects.all().delete)
    assert not await NotificationLease(hub.process_id, watch=hub.watch).keep()


# --- Who waits for the watch ------------------------------------------------------------------------


async def test_who_polls_asks_once_and_then_waits_for_a_commit(
    hub: Hub, statements: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    await db.run(lease_renew, hub.process_id)
    for module in (indexer, link_fetching, transfers):
        monkeypatch.setattr(module, "LOOK_SECONDS", 0)
    looked: dict[Callable[[], Coroutine[Any, Any, None]], Callable[[], bool]] = {
        hub.name_changes.run: lambda: True,
        hub.indexer.run: lambda: hub.indexer._done_at == hub.indexer._swept_at == hub.watch.number,
        hub.link_fetching.run: lambda: hub.link_fetching._read_at == hub.watch.number,
        hub.transfers.run: lambda: hub.transfers._nothing_at == hub.watch.number,
    }
    for run, done in looked.items():
        task = hub.spawn(run())
        for _ in range(2):
            async with asyncio.timeout(10):
                while not done() or not statements():
                    await asyncio.sleep(0.01)
            await asyncio.sleep(0.05)
            statements()
            # Without the wait, this would be hundreds of turns.
            await asyncio.sleep(0.1)
            assert statements() == 0
            hub.watch.note_change()
        task.cancel()
        await asyncio.wait([task])
