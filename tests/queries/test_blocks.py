"""Unread counts by blocks equal those counted message by message, whatever is deleted, cleared or unread."""

import random
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.models import BLOCK, Membership, Message, Participant, Room, UncountedBlock
from chat.queries.counts import counted, unread
from chat.queries.rooms import room_entries
from chat.services.data_checks.copies import check_blocks
from chat.services.emptying import messages_empty
from chat.services.messages import message_delete
from chat.services.uncounted import blocks_sweep
from support import people
from tests.queries.test_plans import SERIES, explain

# Three blocks, and part of the next.
LAST = 3 * BLOCK + 1_000
FILL = """
INSERT INTO chat_message
    (room_id, seq, rev, kind, author_id, text, created_at, client_digest, thread, in_room, reply_count)
SELECT %(room)s, n, n, 'text', %(author)s, 'text ' || n, '2026-11-21 10:00:00+00', '',
    CASE WHEN n %% 7 = 3 THEN 1 END, n %% 7 <> 3, 0
FROM ({series}) AS numbers
"""


@pytest.fixture
def filled(db: None) -> Room:
    """A room of Alice in which every seventh message is a reply that only its thread shows; Bob has read nothing."""
    alice, bob = people.alice(), people.bob()
    room = people.room("garden", owner=alice, members=[bob])
    with connection.cursor() as cursor:
        cursor.execute(
            FILL.format(series=SERIES[connection.vendor]), {"room": room.pk, "author": alice.pk, "last": LAST}
        )
    Room.objects.filter(pk=room.pk).update(last_seq=LAST, last_rev=LAST)
    room.refresh_from_db()
    return room


def differences(room: Room, marks: list[tuple[int, int]]) -> list[object]:
    """The read marks and clearings for which the count differs from counting the messages one by one."""
    shown = Message.objects.filter(room=room, system__isnull=True, deleted_at=None, in_room=True)
    counting = list(shown.order_by("seq").values_list("seq", flat=True))
    wrong: list[object] = []
    bob = Participant.objects.get(username="bob")
    for read, cleared in marks:
        Membership.objects.filter(room=room, user=bob).update(read_seq=read)
        Room.objects.filter(pk=room.pk).update(cleared_before_seq=cleared)
        expected = sum(seq > read and seq >= cleared for seq in counting)
        [entry] = [held.entry for held in room_entries(bob) if held.entry.room == room.slug]
        member = counted(Membership.objects.select_related("room").get(room=room, user=bob))
        if not entry.unread == unread(member) == expected:
            wrong.append((read, cleared, entry.unread, unread(member), expected))
    Room.objects.filter(pk=room.pk).update(cleared_before_seq=0)
    return wrong


def marks(seed: int) -> list[tuple[int, int]]:
    chance = random.Random(seed)
    edges = [*(block * BLOCK + step for block in range(4) for step in (-1, 0, 1)), LAST - 1, LAST]
    reads = [max(edge, 0) for edge in edges] + [chance.randrange(LAST) for _ in range(6)]
    return [(read, max(chance.choice([0, 0, *edges]), 0)) for read in reads]


def test_counts_by_blocks_are_the_counts_message_by_message(filled: Room) -> None:
    assert differences(filled, marks(1)) == []
    blocks_sweep()
    filled.refresh_from_db()
    assert filled.counted_blocks == 3
    assert UncountedBlock.objects.count() == 3
    assert differences(filled, marks(2)) == []


def test_deleting_and_emptying_keep_the_blocks_right(filled: Room) -> None:
    blocks_sweep()
    alice, chance = Participant.objects.get(username="alice"), random.Random(3)
    for seq in (1, BLOCK, BLOCK + 1, 3 * BLOCK, 3 * BLOCK + 1, LAST, *chance.sample(range(2, LAST), 10)):
        message_delete(user=alice, room="garden", seq=seq)
        # A second deletion changes nothing.
        message_delete(user=alice, room="garden", seq=seq)
    some = list(Message.objects.filter(room=filled, seq__in=chance.sample(range(2, LAST), 300)))
    message_delete(user=alice, room="garden", seq=some[0].seq)
    messages_empty(filled, some)
    messages_empty(filled, some)
    assert differences(filled, marks(4)) == []
    assert list(check_blocks(Room.objects.all(), repair=False)) == []


def test_a_wrong_count_is_found_repaired_and_counted_again_after_a_day(filled: Room) -> None:
    blocks_sweep()
    for _ in range(2):
        # A process of an older version deletes like this.
        Message.objects.filter(room=filled, seq=2).update(deleted_at=timezone.now(), text="")
        [finding] = check_blocks(Room.objects.all(), repair=True)
        assert (finding.place, finding.repaired) == ("garden", True)
        assert differences(filled, [(0, 0)]) == []
        Message.objects.filter(room=filled, seq=2).update(deleted_at=None, text="x")
        list(check_blocks(Room.objects.all(), repair=True))
    Message.objects.filter(room=filled, seq=2).update(deleted_at=timezone.now(), text="")
    blocks_sweep()
    assert differences(filled, [(0, 0)]) != []
    UncountedBlock.objects.update(counted_at=timezone.now() - timedelta(days=2))
    blocks_sweep()
    assert differences(filled, [(0, 0)]) == []


def test_the_count_of_who_has_read_nothing_reads_the_blocks(filled: Room) -> None:
    blocks_sweep()
    bob = Participant.objects.get(username="bob")
    with CaptureQueriesContext(connection) as captured:
        room_entries(bob)
    plan = explain(captured[0]["sql"])
    assert "uncounted_block_once" in plan or "chat_uncountedblock_1 (room_id=? AND number>?)" in plan, plan
    assert "SCAN chat_message" not in plan, plan


def test_a_deletion_among_the_newest_messages_asks_for_no_block(filled: Room) -> None:
    blocks_sweep()
    alice = Participant.objects.get(username="alice")
    with CaptureQueriesContext(connection) as newest:
        message_delete(user=alice, room="garden", seq=LAST)
    with CaptureQueriesContext(connection) as old:
        message_delete(user=alice, room="garden", seq=5)
    assert len(old) == len(newest) + 1
