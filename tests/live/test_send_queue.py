"""Messages waiting for one socket: sent at once while it keeps up, bounded when it does not."""

import asyncio
import json
from collections.abc import Sequence
from typing import Any

import pytest

from chat.live import send_queue as batch_module
from chat.live import send_queue as queue_module
from chat.live.send_queue import GATHERED, QUEUE_FRAMES, FrameBatch, SendQueue, frame_batches
from chat.protocol.errors import Close


class Wire:
    """A transport that can be made to block or fail."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.free = asyncio.Event()
        self.free.set()
        self.broken = False
        self.calls = 0

    async def send(self, message: dict[str, Any]) -> None:
        if self.broken:
            raise ConnectionError
        if not self.free.is_set():
            await self.free.wait()
        if self.broken:
            raise ConnectionError
        self.calls += 1
        self.sent += message["texts"] if message["type"] == GATHERED else [message["text"]]


class Calls:
    def __init__(self) -> None:
        self.slow = self.gone = 0

    def end(self, code: Close) -> None:
        self.slow += code is Close.TOO_SLOW
        self.gone += code is Close.GOING_AWAY


@pytest.fixture
async def wire() -> Wire:
    return Wire()


@pytest.fixture
def calls() -> Calls:
    return Calls()


def queue(wire: Wire, calls: Calls, *, batch: bool = False, gather: bool = False) -> SendQueue:
    return SendQueue(wire.send, batch=batch, gather=gather, end=calls.end)


async def test_a_socket_that_keeps_up_is_written_to_in_the_same_step(wire: Wire, calls: Calls) -> None:
    box = queue(wire, calls)
    assert box.offer("one")
    assert box.offer("two", ephemeral=True)
    assert wire.sent == ["one", "two"]


async def test_what_follows_a_wait_comes_in_order(wire: Wire, calls: Calls) -> None:
    box = queue(wire, calls)
    wire.free.clear()
    for n in range(10):
        assert box.offer(str(n))
    await asyncio.sleep(0)
    assert wire.sent == []
    wire.free.set()
    await box.flushed()
    box.offer("10")
    assert wire.sent == [str(n) for n in range(11)]
    assert (calls.slow, calls.gone) == (0, 0)


@pytest.mark.parametrize("batch", [False, True])
async def test_what_is_offered_while_the_first_text_is_made_comes_behind_it(
    wire: Wire, calls: Calls, batch: bool
) -> None:
    box = queue(wire, calls, batch=batch)
    with box.behind_first() as first:
        box.offer("second")
        box.offer_all(FrameBatch(("third", "fourth")))
        await asyncio.sleep(0)
        assert wire.sent == []
        first.append("first")
    await box.flushed()
    assert wire.sent == (["[first,second,third,fourth]"] if batch else ["first", "second", "third", "fourth"])
    box.offer("fifth")
    await box.flushed()
    assert wire.sent[-1] == ("[fifth]" if batch else "fifth")


async def test_without_a_first_text_the_rest_is_dropped_and_a_waiter_goes_on(wire: Wire, calls: Calls) -> None:
    box = queue(wire, calls)
    with box.behind_first():
        box.offer("second")
        waiting = asyncio.create_task(box.flushed())
        await asyncio.sleep(0)
    await asyncio.wait_for(waiting, 5)
    box.offer("why")
    assert wire.sent == ["why"]


async def test_a_socket_that_is_closed_while_its_first_text_is_made_is_sent_nothing(wire: Wire, calls: Calls) -> None:
    box = queue(wire, calls)
    with box.behind_first() as first:
        box.offer("second")
        box.close()
        first.append("first")
    await box.flushed()
    assert wire.sent == []


async def test_a_socket_may_fall_behind_and_catch_up_any_number_of_times(wire: Wire, calls: Calls) -> None:
    box = queue(wire, calls)
    third = "x" * (queue_module.QUEUE_CHARS // 3)
    for _ in range(100):
        wire.free.clear()
        for _ in range(3):
            assert box.offer(third)
        wire.free.set()
        await box.flushed()
        wire.sent.clear()
    assert (box.closed, calls.slow) == (False, 0)


async def test_a_socket_that_begins_to_wait_in_the_middle_of_a_flush_is_written_to_by_one_task(
    wire: Wire, calls: Calls
) -> None:
    writing = 0

    async def send_slowly(message: dict[str, Any]) -> None:
        nonlocal writing
        writing += 1
        assert writing == 1, "two writers at once"
        try:
            await wire.send(message)
            # The first frame goes out at once and fills the transport.
            wire.free.clear()
        finally:
            writing -= 1

    box = SendQueue(send_slowly, batch=True, end=calls.end)
    texts = [json.dumps(letter * (batch_module.BATCH_CHARS - 10)) for letter in "abcd"]
    for text in texts:
        assert box.offer(text)
    await asyncio.sleep(0)
    assert wire.sent == [f"[{texts[0]}]"]
    for _ in texts[1:]:
        wire.free.set()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    wire.free.set()
    await box.flushed()
    assert wire.sent == [f"[{text}]" for text in texts]
    assert (calls.slow, calls.gone) == (0, 0)


async def test_it_can_wait_again_and_again(wire: Wire, calls: Calls) -> None:
    box = queue(wire, calls)
    for n in range(0, 9, 3):
        wire.free.clear()
        for k in range(3):
            box.offer(str(n + k))
        wire.free.set()
        await box.flushed()
    assert wire.sent == [str(n) for n in range(9)]


async def test_a_slow_socket_loses_typing_first_and_is_reported_once(wire: Wire, calls: Calls) -> None:
    box = queue(wire, calls)
    wire.free.clear()
    box.offer("on its way")
    for n in range(QUEUE_FRAMES // 4):
        assert box.offer(f"{n}")
    assert not box.offer("typing", ephemeral=True)
    assert (calls.slow, box.closed) == (0, False)
    for n in range(QUEUE_FRAMES // 4, QUEUE_FRAMES):
        assert box.offer(f"{n}")
    assert not box.offer("one too many")
    assert not box.offer("after that")
    assert (calls.slow, calls.gone, box.closed) == (1, 0, True)
    wire.free.set()
    await box.flushed()
    assert wire.sent == []


async def test_few_large_frames_are_too_much_as_well(wire: Wire, calls: Calls) -> None:
    box = queue(wire, calls)
    wire.free.clear()
    box.offer("on its way")
    large = "x" * (queue_module.QUEUE_CHARS + 1)
    assert box.offer(large), "one frame is always taken"
    assert not box.offer("and another")
    assert calls.slow == 1
    await box.flushed()


@pytest.mark.parametrize("batch", [False, True])
@pytest.mark.parametrize("waits", [False, True])
async def test_a_socket_that_is_gone_is_reported_once(wire: Wire, calls: Calls, waits: bool, batch: bool) -> None:
    box = queue(wire, calls, batch=batch)
    if waits:
        wire.free.clear()
        box.offer("on its way")
        await asyncio.sleep(0)
    wire.broken = True
    wire.free.set()
    box.offer("into the void")
    await box.flushed()
    assert not box.offer("more")
    assert (calls.gone, calls.slow, wire.sent) == (1, 0, [])


@pytest.mark.parametrize("batch", [False, True])
async def test_a_server_whose_send_can_only_be_awaited_is_awaited(wire: Wire, calls: Calls, batch: bool) -> None:
    def send(message: dict[str, Any]) -> asyncio.Future[None]:
        return asyncio.ensure_future(wire.send(message))

    box = SendQueue(send, batch=batch, end=calls.end)
    for n in range(3):
        assert box.offer(str(n))
        await asyncio.sleep(0)
    await box.flushed()
    assert "".join(wire.sent).strip("[]").replace("][", "").replace(",", "") == "012"
    assert (calls.slow, calls.gone) == (0, 0)


@pytest.mark.parametrize("waits", [False, True])
async def test_what_a_server_raises_is_logged_once(calls: Calls, caplog: pytest.LogCaptureFixture, waits: bool) -> None:
    class OutOfOrderError(Exception):
        pass

    async def send(_message: dict[str, Any]) -> None:
        if waits:
            await asyncio.sleep(0)
        raise OutOfOrderError("not now")

    for _ in range(3):
        box = SendQueue(send, batch=False, end=calls.end)
        box.offer("1")
        await box.flushed()
    assert calls.gone == 3
    assert [record.getMessage().rpartition(": ")[2] for record in caplog.records] == ["not now"]


async def test_one_step_of_the_loop_travels_in_one_batch(wire: Wire, calls: Calls) -> None:
    box = queue(wire, calls, batch=True)
    for n in range(3):
        box.offer(json.dumps({"n": n}))
    assert wire.sent == []
    await asyncio.sleep(0)
    box.offer('{"n": 3}')
    await box.flushed()
    assert [json.loads(text) for text in wire.sent] == [[{"n": 0}, {"n": 1}, {"n": 2}], [{"n": 3}]]


async def test_a_batch_gathers_while_the_socket_waits(wire: Wire, calls: Calls) -> None:
    box = queue(wire, calls, batch=True)
    wire.free.clear()
    box.offer("0")
    await asyncio.sleep(0)
    for n in range(1, 5):
        box.offer(str(n))
    wire.free.set()
    await box.flushed()
    assert [json.loads(text) for text in wire.sent] == [[0], [1, 2, 3, 4]]


async def test_much_in_one_step_is_no_sign_of_a_slow_socket(wire: Wire, calls: Calls) -> None:
    box = queue(wire, calls, batch=True)
    for n in range(3 * QUEUE_FRAMES):
        assert box.offer(str(n))
    await box.flushed()
    assert [n for text in wire.sent for n in json.loads(text)] == [*range(3 * QUEUE_FRAMES)]
    assert calls.slow == 0


async def test_a_batch_fits_into_a_frame(wire: Wire, calls: Calls) -> None:
    box = queue(wire, calls, batch=True)
    texts = [json.dumps("𝔘" * 10_000, ensure_ascii=False) for _ in range(50)]
    for text in texts:
        assert box.offer(text)
    await box.flushed()
    assert max(len(frame.encode()) for frame in wire.sent) < 1024 * 1024
    assert [json.dumps(one, ensure_ascii=False) for frame in wire.sent for one in json.loads(frame)] == texts


async def test_nothing_is_written_after_the_close(wire: Wire, calls: Calls) -> None:
    box = queue(wire, calls, batch=True)
    box.offer("1")
    box.close()
    await box.flushed()
    await asyncio.sleep(0)
    assert not box.offer("2")
    assert wire.sent == []


BURST = FrameBatch(("1", "2", "3"))


@pytest.mark.parametrize(("gather", "writes"), [(True, 1), (False, 3)])
async def test_a_burst_is_one_call_of_a_server_that_takes_many_frames(
    wire: Wire, calls: Calls, gather: bool, writes: int
) -> None:
    box = queue(wire, calls, gather=gather)
    box.offer_all(BURST)
    assert wire.sent == ["1", "2", "3"]
    assert wire.calls == writes
    assert (box.traffic.events, box.traffic.bytes) == (3, 3)


@pytest.mark.parametrize("gather", [True, False])
async def test_a_burst_is_one_frame_for_who_asked_for_batches(wire: Wire, calls: Calls, gather: bool) -> None:
    box = queue(wire, calls, batch=True, gather=gather)
    box.offer_all(BURST)
    assert wire.sent == ["[1,2,3]"]


@pytest.mark.parametrize(("gather", "kind"), [(True, GATHERED), (False, "websocket.send")])
async def test_what_comes_alone_is_written_as_it_is_where_the_server_can(
    wire: Wire, calls: Calls, gather: bool, kind: str
) -> None:
    kinds = []

    async def send(message: dict[str, Any]) -> None:
        kinds.append(message["type"])
        await wire.send(message)

    box = SendQueue(send, batch=False, gather=gather, end=calls.end)
    box.offer("1")
    assert (wire.sent, kinds) == (["1"], [kind])


async def test_what_a_burst_needs_is_made_once_for_all_sockets() -> None:
    assert BURST.gathered is BURST.gathered
    assert BURST.together.gathered is BURST.together.gathered


@pytest.mark.parametrize("batch", [False, True])
async def test_a_burst_queues_up_behind_what_waits(wire: Wire, calls: Calls, batch: bool) -> None:
    box = queue(wire, calls, batch=batch, gather=True)
    wire.free.clear()
    box.offer_all(FrameBatch(("0",)))
    box.offer_all(BURST)
    box.offer("4")
    box.offer_all(FrameBatch(("5",)))
    await asyncio.sleep(0)
    assert wire.sent == []
    wire.free.set()
    await box.flushed()
    assert wire.sent == (["[0]", "[1,2,3,4,5]"] if batch else [*"012345"])
    assert wire.calls == 2


async def test_a_burst_comes_after_what_the_same_step_of_the_loop_brought(wire: Wire, calls: Calls) -> None:
    box = queue(wire, calls, batch=True)
    box.offer("0")
    box.offer_all(BURST)
    await box.flushed()
    assert wire.sent == ["[0,1,2,3]"]


async def test_what_the_server_can_write_at_once_takes_no_coroutine_and_the_rest_comes_behind(
    wire: Wire, calls: Calls
) -> None:
    written: list[Sequence[str]] = []
    free = True

    def write(texts: Sequence[str]) -> bool:
        if free:
            written.append(texts)
        return free

    box = SendQueue(wire.send, batch=False, gather=True, write=write, end=calls.end)
    box.offer("0")
    box.offer_all(BURST)
    assert (written, wire.calls) == ([("0",), BURST.texts], 0)
    free = False
    wire.free.clear()
    box.offer("4")
    free = True
    box.offer("5")
    assert written[2:] == []
    wire.free.set()
    await box.flushed()
    assert wire.sent == ["4", "5"]
    box.offer("6")
    assert written[2:] == [("6",)]


async def test_answers_of_one_step_are_one_write_in_order_with_what_comes_between(wire: Wire, calls: Calls) -> None:
    box = queue(wire, calls, gather=True)
    box.offer("0")
    box.offer("1", soon=True)
    box.offer("2", soon=True)
    box.offer_all(BURST)
    box.offer("4")
    assert wire.sent == ["0"]
    await asyncio.sleep(0)
    assert wire.sent == ["0", "1", "2", *BURST.texts, "4"]
    assert wire.calls == 2
    box.offer("5")
    assert wire.sent[-1] == "5"


async def test_answers_are_written_before_the_socket_closes(wire: Wire, calls: Calls) -> None:
    box = queue(wire, calls, gather=True)
    box.offer("1", soon=True)
    await box.flushed()
    box.close()
    assert wire.sent == ["1"]


async def test_a_server_without_gathered_writes_is_given_an_answer_at_once(wire: Wire, calls: Calls) -> None:
    box = queue(wire, calls)
    box.offer("1", soon=True)
    assert wire.sent == ["1"]


async def test_a_burst_is_too_much_for_a_socket_that_is_too_far_behind(wire: Wire, calls: Calls) -> None:
    box = queue(wire, calls, gather=True)
    wire.free.clear()
    box.offer("on its way")
    for _ in range(QUEUE_FRAMES // 2 + 1):
        box.offer_all(FrameBatch(("1", "2")))
    assert (calls.slow, box.closed) == (1, True)
    box.offer_all(BURST)
    assert calls.slow == 1


def test_bursts_hold_everything_in_order_and_fit_into_a_frame() -> None:
    texts = [f"{n}".ljust(batch_module.BATCH_CHARS // 3) for n in range(7)]
    made = [*frame_batches(texts), *frame_batches(["x" * (batch_module.BATCH_CHARS + 1)]), *frame_batches([])]
    assert [text for one in made[:-1] for text in one.texts] == texts
    assert [len(one.texts) for one in made] == [3, 3, 1, 1]
