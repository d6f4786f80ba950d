"""An idle server asks the database one cheap question, and everything else only when something was committed."""

import asyncio
from collections.abc import Callable, Sequence
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
from chat.live import db, reconciler, subscribe
from chat.live.database_watch import DatabaseWatch
from chat.live.hub import Hub
from chat.models import Participant, PreviewWork, ProcessLease, Room
from chat.queries.database_state import DatabaseState, _next
from chat.services import link_previews
from chat.services.connections import lease_renew
from support import people
from tests.live.test_costs import open_socket

pytestmark = pytest.mark.django_db(transaction=True)


async def quiet(watch: DatabaseWatch) -> int:
    """The number when two looks after each other found the same: other tests may write to the same server."""
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
        """As if another process committed meanwhile, with a connection of its own."""
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
        await watch.unseen(partial(lease_renew, process))
        if await watch.look() == number:
            break
    else:
        pytest.fail("the lease is always seen")
    number = await quiet(watch)
    await watch.unseen(beside)
    assert await watch.look() > number
    number = await quiet(watch)
    # Before the lease is written, and not looked at yet.
    await db.run(Participant.objects.update, display_name="Another")
    await watch.unseen(partial(lease_renew, process))
    assert await watch.look() > number


@pytest.mark.parametrize(
    ("before", "after"),
    [("7:7:", "8:8:"), ("9:9:", "10:10:"), ("7:8:7", None), ("7:9:", None), ("17:7:", None)],
)
def test_the_next_snapshot_is_known_only_where_nothing_is_under_way(before: str, after: str | None) -> None:
    found = _next(DatabaseState(None, before))
    assert (found and found.value) == after


# --- Who asks it ------------------------------------------------------------------------------------


@pytest.fixture
def hub(unclocked_hub: Hub, monkeypatch: pytest.MonkeyPatch) -> Hub:
    """One whose watch says what the test does."""

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
        """Statements of one full comparison."""
        statements()
        await hub.reconciler.compare()
        return statements()

    assert await compared() > 0
    assert await compared() == 0
    hub.watch.number += 1
    assert await compared() > 0
    assert await compared() == 0
    socket, _ear = open_socket(hub, alice)
    assert await compared() > 0
    # The record has no row of the socket here: the sums differ, and are compared until they are equal.
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
    # Its notification is lost, and the watch has seen the commit before the room was opened.
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
    hub.watch.number += 1
    assert not await fetching._is_due()
    await asyncio.sleep(0.3)
    statements()
    assert await fetching._is_due()
    assert statements() == 0
