"""Two writers at the same moment: threads with separate connections, on the database of the run."""

import threading
import time
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar

import pytest
from django.db import connection, connections, transaction
from django.utils import timezone

from accounts.models import User
from accounts.services import LastAdministrator, account_deactivate, account_delete
from chat.models import Membership, Participant, Room
from chat.protocol.errors import ChatError
from chat.services import members, posting_sql
from chat.services.moderation import room_clear
from chat.services.posting import Draft, Outcome, Posted, RoomBusy, messages_post, new_message
from chat.services.read_state import ReadMark, marks_save
from chat.services.rooms import direct_room_open
from support import people

pytestmark = pytest.mark.django_db(transaction=True)

T = TypeVar("T")
only_postgres = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")


def at_once(*calls: Callable[[], T]) -> list[T]:
    """Run the calls in threads that start together; returns their results."""
    together = threading.Barrier(len(calls))

    def run(call: Callable[[], T]) -> T:
        together.wait(timeout=10)
        try:
            return call()
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(calls)) as threads:
        return list(threads.map(run, calls))


@contextmanager
def room_held_elsewhere(room: Room) -> Generator[Callable[[], None]]:
    """Another connection holds the lock on the room's row; yields a function that releases it."""
    held, let_go = threading.Event(), threading.Event()

    def hold() -> None:
        try:
            with transaction.atomic():
                Room.objects.select_for_update(no_key=True).get(pk=room.pk)
                held.set()
                let_go.wait(10)
        finally:
            connections.close_all()

    thread = threading.Thread(target=hold)
    thread.start()
    assert held.wait(10)
    try:
        yield let_go.set
    finally:
        let_go.set()
        thread.join()


@pytest.fixture
def garden() -> Room:
    return people.room("garden", owner=people.alice(), members=[people.bob()])


@pytest.fixture
def bob(garden: Room) -> Participant:
    return Participant.objects.get(username="bob")


def test_messages_of_many_threads_are_numbered_without_a_hole(garden: Room, bob: Participant) -> None:
    def talk(name: str) -> Callable[[], list[Outcome]]:
        return lambda: [messages_post([Draft(bob, "garden", f"{name}{n}")])[0] for n in range(8)]

    outcomes = at_once(*map(talk, "abcd"))
    assert all(isinstance(outcome, Posted) for told in outcomes for outcome in told)
    assert list(garden.messages.order_by("seq").values_list("seq", "rev")) == [(n, n) for n in range(1, 33)]
    for name, told in zip("abcd", outcomes, strict=True):
        mine = list(garden.messages.filter(text__startswith=name).order_by("seq").values_list("text", "seq"))
        assert mine == [(f"{name}{n}", outcome.seq) for n, outcome in enumerate(told) if isinstance(outcome, Posted)]


def test_one_send_over_four_threads_is_one_message(garden: Room, bob: Participant) -> None:
    outcomes = at_once(*[lambda: messages_post([Draft(bob, "garden", "once", client_id="c")])[0]] * 4)
    assert [outcome.seq for outcome in outcomes if isinstance(outcome, Posted)] == [1] * 4
    assert sorted(outcome.duplicate for outcome in outcomes if isinstance(outcome, Posted)) == [False, True, True, True]
    garden.refresh_from_db()
    assert (garden.last_seq, garden.last_rev) == (1, 1)


def test_in_slow_mode_two_devices_of_a_person_send_one_message(garden: Room, bob: Participant) -> None:
    Room.objects.filter(pk=garden.pk).update(slow_seconds=60)
    outcomes = at_once(*[lambda: messages_post([Draft(bob, "garden", "mine first")])[0]] * 2)
    # And twice in one batch.
    outcomes += messages_post([Draft(bob, "garden", "again"), Draft(bob, "garden", "and again")])
    assert len([outcome for outcome in outcomes if isinstance(outcome, Posted)]) == 1
    refused = [outcome for outcome in outcomes if isinstance(outcome, ChatError)]
    assert [outcome.code for outcome in refused] == ["rate_limited"] * 3
    assert garden.messages.count() == 1


@pytest.mark.parametrize("alone", [True, False])
def test_an_id_taken_between_look_and_insert_is_found_at_the_second_look(
    garden: Room, bob: Participant, monkeypatch: pytest.MonkeyPatch, alone: bool
) -> None:
    people.room("shed", owner=bob)
    messages_post([Draft(bob, "shed", "once", client_id="c"), Draft(bob, "shed", "twice", client_id="d")])

    def looked_too_early(*wanted: Any, wait: bool) -> posting_sql.Held:
        monkeypatch.undo()
        return replace(posting_sql.lock_and_read(*wanted, wait=wait), firsts=[])

    monkeypatch.setattr(posting_sql, "lock_and_read", looked_too_early)
    drafts = [
        Draft(bob, "shed", "once", client_id="c"),
        Draft(bob, "garden", "before"),
        Draft(bob, "garden", "other words", client_id="d"),
        Draft(bob, "garden", "after"),
    ]
    outcomes = messages_post(drafts[:1] if alone else drafts)
    assert isinstance(outcomes[0], Posted)
    assert (outcomes[0].duplicate, outcomes[0].seq) == (True, 1)
    if not alone:
        _, before, conflict, after = outcomes
        assert isinstance(conflict, ChatError)
        assert conflict.code == "conflict"
        assert isinstance(before, Posted)
        assert isinstance(after, Posted)
        assert (before.seq, after.seq) == (1, 2)


@only_postgres
def test_a_room_held_elsewhere_delays_only_its_own_drafts(garden: Room, bob: Participant) -> None:
    people.room("shed", owner=bob)
    drafts = [Draft(bob, "garden", "later"), Draft(bob, "shed", "now"), Draft(bob, "nowhere", "never")]
    with room_held_elsewhere(garden):
        later, now, never = messages_post(drafts, wait=False)
    assert isinstance(later, RoomBusy)
    assert isinstance(now, Posted)
    assert isinstance(never, ChatError)
    assert never.code == "not_found"
    [posted] = messages_post(drafts[:1], wait=False)
    assert isinstance(posted, Posted)


@only_postgres
def test_a_post_that_waits_for_a_held_room_is_written_when_it_is_free(garden: Room, bob: Participant) -> None:
    with room_held_elsewhere(garden) as let_go:
        timer = threading.Timer(0.2, let_go)
        timer.start()
        [outcome] = messages_post([Draft(bob, "garden", "patience")], wait=True)
    assert isinstance(outcome, Posted)


def test_the_two_sockets_of_one_person_make_one_member(garden: Room) -> None:
    lobby = Room.objects.get(slug="lobby")
    charlie = people.charlie()
    told = at_once(*[lambda: members.room_join(user=charlie, room="lobby")] * 4)
    assert sorted(is_new for _, is_new in told) == [False, False, False, True]
    assert lobby.memberships.filter(user=charlie).count() == 1
    assert lobby.messages.count() == 1


def test_two_first_private_messages_open_one_room(garden: Room, bob: Participant) -> None:
    alice = Participant.objects.get(username="alice")
    told = at_once(
        lambda: direct_room_open(user=alice, username="bob"), lambda: direct_room_open(user=bob, username="alice")
    )
    assert {room.pk for room, _ in told} == {Room.objects.get(kind="direct").pk}
    assert Membership.objects.filter(room__kind="direct").count() == 2


def test_reading_and_posting_never_wait_for_each_other_in_a_ring(garden: Room, bob: Participant) -> None:
    alice = Participant.objects.get(username="alice")
    rooms = [garden, *(people.room(f"r{n}", owner=alice, members=[bob]) for n in range(4))]

    def read(order: int) -> Callable[[], object]:
        marks = [ReadMark(who.pk, room.pk, 10**9) for room in rooms for who in (alice, bob)][::order]
        return lambda: [marks_save(marks) for _ in range(10)]

    def talk(order: int) -> Callable[[], object]:
        drafts = [Draft(who, room.slug, "hello") for room in rooms for who in (alice, bob)][::order]
        return lambda: [messages_post(drafts) for _ in range(10)]

    # PostgreSQL would break a deadlock with an error, which at_once would raise.
    at_once(read(1), read(-1), talk(1), talk(-1))
    for room in rooms:
        room.refresh_from_db()
        assert room.last_seq == 40
        assert set(room.memberships.values_list("read_seq", flat=True)) <= set(range(1, 41))


def test_posts_edits_and_clearings_share_one_count(garden: Room, bob: Participant) -> None:
    alice = Participant.objects.get(username="alice")
    at_once(
        lambda: [messages_post([Draft(bob, "garden", f"{n}")]) for n in range(10)],
        lambda: [room_clear(user=alice, room="garden") for _ in range(5)],
        lambda: [messages_post([Draft(alice, "garden", f"{n}")]) for n in range(10)],
    )
    garden.refresh_from_db()
    # A clearing takes a number and adds a system line, which takes another.
    assert (garden.last_seq, garden.last_rev) == (25, 30)
    assert len(set(garden.messages.values_list("rev", flat=True)) | {garden.cleared_rev}) == 26


@only_postgres
def test_somebody_goes_while_their_last_message_is_posted(garden: Room, bob: Participant) -> None:
    def go() -> None:
        try:
            account_delete(user=people.login_of(bob))
        finally:
            connections.close_all()

    with ThreadPoolExecutor(1) as threads:
        with transaction.atomic():
            room = Room.objects.select_for_update(no_key=True).get(pk=garden.pk)
            going = threads.submit(go)
            _until_somebody_waits_for_a_lock()
            new_message(room, bob, text="goodbye", now=timezone.now()).save()
            room.save()
        going.result(timeout=10)
    assert list(garden.messages.order_by("seq").values_list("seq", "author__display_name", "kind")) == [
        (1, "Deleted account", "text"),
        (2, "Deleted account", "system"),
    ]


def _go(goes: Callable[..., object], user: User) -> str:
    try:
        goes(user=user)
    except (ChatError, LastAdministrator) as refused:
        return str(refused)
    return ""


@pytest.mark.parametrize("one_goes_by", [account_delete, account_deactivate])
@pytest.mark.parametrize("other_goes_by", [account_delete, account_deactivate])
@pytest.mark.parametrize("count", [2, 3])
def test_of_the_last_administrators_who_go_at_once_one_stays(
    one_goes_by: Callable[..., object], other_goes_by: Callable[..., object], count: int
) -> None:
    for n in range(count):
        people.person(f"admin{n}", is_staff=True)
    User.objects.update(is_superuser=True)
    administrators = list(User.objects.order_by("pk"))
    ways = [one_goes_by, *[other_goes_by] * (count - 1)]
    told = at_once(*[partial(_go, way, who) for way, who in zip(ways, administrators, strict=True)])
    [refused] = [sentence for sentence in told if sentence]
    assert "only administrator" in refused
    assert User.objects.filter(is_superuser=True, is_active=True).count() == 1


def _until_somebody_waits_for_a_lock() -> None:
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
    with connection.cursor() as cursor:
        for _ in range(1000):
            # Within a transaction the view is a snapshot, until it is cleared.
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(waiting)
            if cursor.fetchone()[0]:
                return
            time.sleep(0.01)
    raise AssertionError("Nobody waits.")
