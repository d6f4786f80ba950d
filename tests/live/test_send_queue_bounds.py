"""The limits of a socket's send queue: to the character, to the call, and at the close."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest

from chat.live import send_queue
from chat.live.send_queue import BATCH_CHARS, GATHERED, QUEUE_CHARS, FrameBatch, SendQueue, frame_batches

Message = dict[str, Any]


class Line:
    """A queue and its transport: what was written, and the callbacks to the socket's owner."""

    def __init__(self, *, batch: bool = False, **options: Any) -> None:
        self.messages: list[Message] = []
        self.calls: list[str] = []
        self.free = asyncio.Event()
        self.free.set()
        # Called during each write.
        self.on_write: Callable[[], object] = lambda: None
        self.queue = SendQueue(
            self._send,
            batch=batch,
            **options,
            end=lambda code: self.calls.append(code.name),
            on_drop=lambda: self.calls.append("drop"),
        )

    async def _send(self, message: Message) -> None:
        if not self.free.is_set():
            await self.free.wait()
        self.messages.append(message)
        self.on_write()

    @property
    def texts(self) -> list[str]:
        return [text for message in self.messages for text in message.get("texts") or [message["text"]]]

    def wait(self) -> None:
        """Block the transport until `free` is set; one frame is in flight."""
        self.free.clear()
        self.queue.offer("on its way")


def test_a_batch_is_half_of_what_daphne_takes_in_a_frame_and_a_socket_may_be_two_mebibytes_behind() -> None:
    assert BATCH_CHARS * 4 * 2 == 1024 * 1024
    assert QUEUE_CHARS == 2 * 1024 * 1024


def test_servers_that_take_many_frames_name_the_extension_in_the_scope() -> None:
    assert GATHERED == "backchannel.gathered"


def test_texts_that_just_fit_share_a_batch() -> None:
    half = "x" * (BATCH_CHARS // 2)
    assert [len(batch.texts) for batch in frame_batches([half] * 5)] == [2, 2, 1]
    assert [len(batch.texts) for batch in frame_batches([half, f"{half}x", half])] == [1, 1, 1]


async def test_a_socket_may_be_behind_by_the_bound_and_by_no_character_more() -> None:
    line = Line()
    line.wait()
    for _ in range(2):
        assert line.queue.offer("x" * (QUEUE_CHARS // 2)) is True
    assert line.calls == []
    assert line.queue.offer("x") is False
    assert line.calls == ["drop", "TOO_SLOW"]
    assert line.queue.offer("x") is False
    assert line.calls == ["drop", "TOO_SLOW"]


async def test_ephemeral_events_are_dropped_from_a_quarter_of_the_bound_and_the_first_is_reported() -> None:
    line = Line()
    line.wait()
    line.queue.offer("x" * (QUEUE_CHARS // 4))
    assert line.queue.offer("typing", ephemeral=True) is False
    assert (line.calls, line.queue.traffic.dropped) == (["drop"], 1)
    assert line.queue.offer("typing", ephemeral=True) is False
    assert (line.calls, line.queue.traffic.dropped) == (["drop"], 2)
    assert line.queue.offer("a message") is True
    line.free.set()
    await line.queue.flushed()
    assert line.texts[-1] == "a message"


async def test_bytes_are_counted_as_they_travel() -> None:
    line = Line()
    line.queue.offer("plain")
    line.queue.offer("größer 🎉")
    assert line.queue.traffic.bytes == len("plain") + len("größer 🎉".encode())


@pytest.mark.parametrize("batch", [False, True])
async def test_a_server_that_takes_one_frame_at_a_time_is_given_one(batch: bool) -> None:
    line = Line(batch=batch)
    line.queue.offer("1")
    await line.queue.flushed()
    line.queue.offer_all(FrameBatch(("2", "3")))
    await line.queue.flushed()
    assert {message["type"] for message in line.messages} == {"websocket.send"}


async def test_each_step_of_the_loop_is_flushed_once_and_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    line = Line(batch=True)
    loop = asyncio.get_running_loop()
    soon: list[object] = []
    call_soon = loop.call_soon

    def noted(callback: Any, *args: Any, **options: Any) -> asyncio.Handle:
        if getattr(callback, "__self__", None) is line.queue:
            soon.append(callback)
        return call_soon(callback, *args, **options)

    monkeypatch.setattr(loop, "call_soon", noted)
    for step in range(3):
        for _ in range(4):
            line.queue.offer(f"{step}")
        assert len(soon) == step + 1
        await asyncio.sleep(0)
        assert line.texts[step] == f"[{step},{step},{step},{step}]"


@pytest.mark.parametrize("batch", [False, True])
async def test_what_waits_for_the_transport_asks_for_no_step_of_the_loop(
    batch: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    line = Line(batch=batch)
    line.wait()
    await asyncio.sleep(0)
    loop = asyncio.get_running_loop()
    with monkeypatch.context() as patched:
        patched.setattr(loop, "call_soon", lambda *_args, **_options: pytest.fail("a step was asked for"))
        for n in range(3):
            line.queue.offer(f"{n}")
    line.free.set()
    await line.queue.flushed()
    assert "".join(line.texts).endswith("[0,1,2]" if batch else "012")


async def test_what_waited_and_just_fits_is_one_batch() -> None:
    line = Line(batch=True)
    line.wait()
    await asyncio.sleep(0)
    half = "x" * (BATCH_CHARS // 2)
    for _ in range(4):
        line.queue.offer(half)
    line.free.set()
    await line.queue.flushed()
    assert [text.count(half) for text in line.texts[1:]] == [2, 2]


@pytest.mark.parametrize(("batch", "frames"), [(False, ("1", "2")), (True, ("[1,2]",))])
async def test_what_a_server_writes_without_a_wait_is_the_frames_of_the_client(
    batch: bool, frames: tuple[str, ...]
) -> None:
    written: list[tuple[str, ...]] = []

    def write(texts: Sequence[str]) -> bool:
        written.append(tuple(texts))
        return True

    line = Line(batch=batch, gather=True, write=write)
    line.queue.offer_all(FrameBatch(("1", "2")))
    await line.queue.flushed()
    assert (written, line.messages) == ([frames], [])
    assert line.queue.traffic.events == 2


@pytest.mark.parametrize("first", ["", "x" * 100], ids=["without", "with"])
async def test_behind_the_first_text_a_socket_may_be_behind_by_the_same_bound(first: str) -> None:
    line = Line()
    line.free.clear()
    with line.queue.behind_first() as texts:
        line.queue.offer("y")
        if first:
            texts.append(first)
    if not first:
        line.queue.offer("on its way")
    waiting = len("y") if first else 0
    assert line.queue.offer("x" * (QUEUE_CHARS - waiting)) is True
    assert line.calls == []
    assert line.queue.offer("x") is False
    assert line.calls == ["drop", "TOO_SLOW"]


async def test_the_first_text_is_counted_unless_the_socket_was_closed_meanwhile() -> None:
    line = Line()
    with line.queue.behind_first() as first:
        first.append("größer")
    assert (line.queue.traffic.events, line.queue.traffic.bytes) == (1, len("größer".encode()))
    with line.queue.behind_first() as first:
        line.queue.close()
        first.append("größer")
    assert (line.queue.traffic.events, line.texts) == (1, ["größer"])


@pytest.mark.parametrize("options", [{"batch": True}, {"gather": True}], ids=["batch", "gather"])
async def test_a_burst_after_the_close_is_not_written(options: dict[str, bool]) -> None:
    line = Line(**options)
    line.queue.close()
    line.queue.offer_all(FrameBatch(("1", "2")))
    await line.queue.flushed()
    assert line.messages == []


async def test_a_close_within_a_write_lets_nothing_follow() -> None:
    line = Line()
    line.wait()
    line.queue.offer("1")
    line.queue.offer("2")
    line.on_write = line.queue.close
    line.free.set()
    await line.queue.flushed()
    await asyncio.sleep(0)
    assert line.texts == ["on its way"]


async def test_a_write_that_fails_after_the_close_is_not_reported() -> None:
    line = Line()

    def close_and_fail() -> None:
        line.queue.close()
        raise ConnectionError

    line.on_write = close_and_fail
    line.queue.offer("1")
    assert line.calls == []


async def test_a_peer_that_is_gone_is_nothing_to_log(caplog: pytest.LogCaptureFixture) -> None:
    line = Line()

    def fail() -> None:
        raise ConnectionResetError

    line.on_write = fail
    line.queue.offer("1")
    assert (line.calls, caplog.messages) == (["GOING_AWAY"], [])


async def test_a_close_ends_a_write_that_waits(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(send_queue, "_logged", set())
    ended: list[str] = []

    async def send(_message: Message) -> None:
        try:
            await asyncio.Event().wait()
        finally:
            ended.append("write")

    queue = SendQueue(send, batch=False, end=lambda code: ended.append(code.name))
    queue.offer("1")
    await asyncio.sleep(0)
    queue.close()
    await queue.flushed()
    assert (ended, caplog.messages) == (["write"], [])
