"""Group commit: what arrives during a transaction goes into the next one; order is kept, failures stay apart."""

import asyncio
from collections.abc import Sequence

import pytest

from chat.live import db
from chat.live.group_commit import BATCH_MAX, GroupCommit, MessageWriter
from chat.models import Participant
from chat.protocol.errors import ChatError, Code, unavailable
from chat.services.posting import Draft, Outcome, Posted, RoomBusy


class Table:
    """Commits one batch at a time, whenever `go` is set."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.go = asyncio.Event()
        self.go.set()

    async def commit(self, items: Sequence[int]) -> Sequence[int]:
        self.batches.append(list(items))
        await self.go.wait()
        if 13 in items:
            raise ChatError(Code.UNAVAILABLE, "Bad luck.")
        return [item * 10 for item in items]


async def test_what_arrives_meanwhile_is_committed_together() -> None:
    table = Table()
    group: GroupCommit[int, int] = GroupCommit(table.commit)
    table.go.clear()
    first = group.submit(0)
    await asyncio.sleep(0)
    others = [group.submit(n) for n in range(1, 6)]
    table.go.set()
    assert await asyncio.gather(first, *others) == [0, 10, 20, 30, 40, 50]
    assert table.batches == [[0], [1, 2, 3, 4, 5]]
    await group.idle()


async def test_a_batch_is_bounded() -> None:
    table = Table()
    group: GroupCommit[int, int] = GroupCommit(table.commit)
    numbers = [n + 100 for n in range(2 * BATCH_MAX + 1)]
    await asyncio.gather(*(group.submit(n) for n in numbers))
    assert [len(batch) for batch in table.batches] == [BATCH_MAX, BATCH_MAX, 1]
    assert [n for batch in table.batches for n in batch] == numbers


async def test_a_failed_batch_fails_alone() -> None:
    table = Table()
    group: GroupCommit[int, int] = GroupCommit(table.commit)
    table.go.clear()
    unlucky = [group.submit(12), group.submit(13)]
    await asyncio.sleep(0)
    lucky = group.submit(14)
    table.go.set()
    results = await asyncio.gather(*unlucky, lucky, return_exceptions=True)
    assert [str(result) for result in results] == ["unavailable: Bad luck."] * 2 + ["140"]


async def test_an_answer_is_made_of_the_result_or_is_its_error() -> None:
    group: GroupCommit[int, int] = GroupCommit(Table().commit)
    good, bad = group.submit(1, lambda result: f"{result}!"), group.submit(2, lambda _result: 1 // 0)
    assert await good == "10!"
    with pytest.raises(ZeroDivisionError):
        await bad


async def test_a_cancelled_call_disturbs_no_other() -> None:
    table = Table()
    group: GroupCommit[int, int] = GroupCommit(table.commit)
    gone, stays = group.submit(1), group.submit(2)
    gone.cancel()
    assert await stays == 20


class Rooms:
    """Stands in for `messages_post`: rooms held elsewhere return RoomBusy to callers that do not wait."""

    def __init__(self) -> None:
        self.held: set[str] = set()
        self.posted: list[str] = []
        self.free = asyncio.Event()
        # Set while a call is waiting for the held rooms.
        self.waits = asyncio.Event()
        self.down = False

    def outcome(self, draft: Draft, wait: bool) -> Outcome:
        if draft.room in self.held and not wait:
            return RoomBusy()
        self.posted.append(draft.text)
        return Posted(draft.room, len(self.posted), len(self.posted), "")

    async def run(self, _function: object, drafts: Sequence[Draft], *, wait: bool) -> list[Outcome]:
        if self.down and not wait:
            raise unavailable()
        if wait:
            self.waits.set()
            await self.free.wait()
            self.held.clear()
        else:
            await asyncio.sleep(0)
        return [self.outcome(draft, wait) for draft in drafts]


@pytest.fixture
async def rooms(monkeypatch: pytest.MonkeyPatch) -> Rooms:
    rooms = Rooms()
    monkeypatch.setattr(db, "run", rooms.run)
    monkeypatch.setattr(db, "write", rooms.run)
    return rooms


def draft(room: str, text: str) -> Draft:
    return Draft(Participant(username="ada"), room, text)


async def test_a_held_room_keeps_its_order_and_delays_no_other(rooms: Rooms) -> None:
    rooms.held = {"held"}
    posts = MessageWriter()
    waiting = [posts.post(draft("held", f"held {n}")) for n in range(3)]
    await rooms.waits.wait()
    waiting += [posts.post(draft("held", f"held {n}")) for n in range(3, 6)]
    free = [await posts.post(draft("free", f"free {n}")) for n in range(3)]
    assert [posted.seq for posted in free] == [1, 2, 3]
    assert not any(task.done() for task in waiting)
    rooms.free.set()
    await asyncio.gather(*waiting)
    await posts.idle()
    assert rooms.posted == [*(f"free {n}" for n in range(3)), *(f"held {n}" for n in range(6))]
    assert (await posts.post(draft("held", "afterwards"))).seq == 10
    assert not posts._blocked_rooms, "nothing is kept of a room that is free again"


async def test_an_error_of_the_batch_does_not_reach_those_who_wait_for_a_room(rooms: Rooms) -> None:
    rooms.held = {"held"}
    posts = MessageWriter()
    first = posts.post(draft("held", "first"))
    await rooms.waits.wait()
    rooms.down = True
    second, other = (posts.post(draft(room, "x")) for room in ("held", "free"))
    with pytest.raises(ChatError, match="unavailable"):
        await other
    assert not second.done()
    rooms.free.set()
    assert [(await first).seq, (await second).seq] == [1, 2]


async def test_an_answer_is_made_of_what_waited_for_a_room(rooms: Rooms) -> None:
    rooms.held = {"held"}
    posts = MessageWriter()
    seq = posts.post(draft("held", "first"), lambda posted: posted.seq)
    await rooms.waits.wait()
    gone = posts.post(draft("held", "second"))
    await asyncio.sleep(0)
    gone.cancel()
    rooms.free.set()
    assert await seq == 1
    await posts.idle()
    assert rooms.posted == ["first", "second"]


async def test_a_refusal_is_raised_to_its_sender_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    async def post(_function: object, drafts: Sequence[Draft], *, wait: bool) -> list[Outcome]:
        return [ChatError(Code.FORBIDDEN, "No.") if one.text == "bad" else Posted("r", 1, 1, "") for one in drafts]

    monkeypatch.setattr(db, "write", post)
    posts = MessageWriter()
    good, bad = await asyncio.gather(
        posts.post(draft("r", "good")), posts.post(draft("r", "bad")), return_exceptions=True
    )
    assert isinstance(good, Posted)
    assert str(bad) == "forbidden: No."
