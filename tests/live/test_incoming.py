"""Frames from a client, wherever the network cuts them; `test_rfc6455` tests the rules themselves."""

import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.server.incoming import MESSAGE_SECONDS, Arrived, Incoming, Inflater, Opcode, Violation
from chat.server.receive_queue import INBOUND_BYTES, INBOUND_FRAMES, ReceiveQueue
from support.rawframes import BINARY, CONTINUATION, PING, PONG, TEXT, frame


def all_of(incoming: Incoming) -> list[Arrived]:
    taken = []
    while arrived := incoming.take():
        taken.append(arrived)
    return taken


@given(
    messages=st.lists(st.text(max_size=250), max_size=4),
    fragment=st.integers(1, 200),
    chunk=st.integers(1, 300),
    mask=st.binary(min_size=4, max_size=4),
)
def test_a_message_comes_out_whole_wherever_it_was_cut(
    messages: list[str], fragment: int, chunk: int, mask: bytes
) -> None:
    wire = b""
    for message in messages:
        payload = message.encode()
        parts = [payload[at : at + fragment] for at in range(0, len(payload), fragment)] or [b""]
        for number, part in enumerate(parts):
            kind = CONTINUATION if number else TEXT
            wire += frame(part, kind, final=number == len(parts) - 1, mask=mask)
            # A socket may send 300 pings at once.
            wire += b"" if number % 20 else frame(b"?", PING, mask=mask)
    incoming = Incoming()
    arrived = []
    for at in range(0, len(wire), chunk):
        incoming.feed(wire[at : at + chunk])
        arrived += [one for one in all_of(incoming) if one.opcode == Opcode.TEXT]
    assert [one.data for one in arrived] == messages
    assert not incoming.unfinished


@pytest.mark.parametrize("takeover", [True, False])
def test_compressed_messages_are_inflated_one_after_the_other(takeover: bool) -> None:
    incoming = Incoming(Inflater(window_bits=15, takeover=takeover))
    deflater = zlib.compressobj(wbits=-15)
    for number in range(3):
        payload = b"the same again and again %d" % number
        wire = (deflater.compress(payload) + deflater.flush(zlib.Z_SYNC_FLUSH))[:-4]
        if not takeover:
            deflater = zlib.compressobj(wbits=-15)
        incoming.feed(frame(wire, reserved=4))
        assert all_of(incoming) == [Arrived(Opcode.TEXT, payload.decode())]


@pytest.mark.parametrize(
    "beginning",
    [b"\x81", frame(b"x" * 100)[:50], frame(b"{", final=False), frame(b"\0", BINARY, final=False)],
    ids=["half a head", "half a frame", "a fragment", "a binary fragment"],
)
def test_a_message_has_only_so_much_time(beginning: bytes) -> None:
    incoming = Incoming()
    incoming.feed(beginning)
    assert incoming.take() is None
    assert not incoming.overdue(now=100.0)
    assert not incoming.overdue(now=100.0 + MESSAGE_SECONDS)
    assert incoming.overdue(now=101.0 + MESSAGE_SECONDS)


def test_control_frames_win_a_message_no_time() -> None:
    incoming = Incoming()
    incoming.feed(frame(b"{", final=False))
    incoming.take()
    assert not incoming.overdue(now=0.0)
    incoming.feed(frame(b"", PING) + frame(b" ", CONTINUATION, final=False))
    assert incoming.take() == Arrived(Opcode.PING, b"")
    assert incoming.overdue(now=1.0 + MESSAGE_SECONDS)


def test_another_message_has_its_own_time() -> None:
    incoming = Incoming()
    incoming.feed(frame(b"{", final=False))
    incoming.take()
    assert not incoming.overdue(now=0.0)
    incoming.feed(frame(b"}", CONTINUATION) + frame(b"{", final=False))
    assert incoming.take() == Arrived(Opcode.TEXT, "{}")
    assert incoming.take() is None
    assert not incoming.overdue(now=1.0 + MESSAGE_SECONDS)


def test_time_in_which_a_socket_was_not_read_does_not_count() -> None:
    incoming = Incoming()
    incoming.feed(frame(b"{", final=False))
    incoming.take()
    assert not incoming.overdue(now=0.0)
    incoming.restart_timer()
    assert not incoming.overdue(now=1.0 + MESSAGE_SECONDS)


def test_fragments_of_nothing_are_not_kept() -> None:
    incoming = Incoming()
    incoming.feed(frame(b"", final=False) + frame(b"", CONTINUATION, final=False) * 2_000)
    with pytest.raises(Violation) as failed:
        incoming.take()
    assert failed.value.code == 1008


@pytest.mark.parametrize(
    ("size", "most"), [(1, INBOUND_FRAMES), (INBOUND_BYTES // 4, 4)], ids=["many frames", "large frames"]
)
async def test_a_socket_is_read_again_when_half_of_what_waits_is_done(size: int, most: int) -> None:
    inbox = ReceiveQueue()
    for _ in range(most):
        assert not inbox.full()
        inbox.put_nowait({"type": "websocket.receive", "text": "x" * size})
    assert inbox.full()
    while inbox.full(2):
        await inbox.get()
    assert inbox.qsize() == most // 2 - 1


@pytest.mark.parametrize(
    ("before", "data", "answer"),
    [
        (b"", frame(b"", PONG), True),
        # Frames that need the parser: a payload, another opcode, several frames, or the middle of a message or frame.
        (b"", frame(b"?", PONG), False),
        (b"", frame(b"", PING), False),
        (b"", frame(b"", PONG) * 2, False),
        (b"", frame(b"", PONG)[:5], False),
        (frame(b"a", TEXT, final=False), frame(b"", PONG), False),
        (frame(b"a", TEXT)[:3], frame(b"", PONG), False),
    ],
)
def test_the_answer_to_a_ping_needs_no_parsing(before: bytes, data: bytes, answer: bool) -> None:
    incoming = Incoming()
    incoming.feed(before)
    assert all_of(incoming) == []
    assert incoming.is_answer(data) is answer
