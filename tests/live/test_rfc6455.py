"""What RFC 6455 requires of a server, frame by frame, on the socket classes of both servers: each bypasses the library
underneath in its own way."""

import asyncio
import json
import struct
import zlib
from collections.abc import AsyncGenerator, Callable, Generator, Sequence
from contextlib import asynccontextmanager
from typing import NamedTuple

import pytest

from support.rawframes import (
    BINARY,
    CLOSE,
    CONTINUATION,
    HANDSHAKE,
    PING,
    PONG,
    TEXT,
    Heard,
    RawSocket,
    closing,
    frame,
    raw_socket,
)
from support.servers import Server, start_server
from support.wire import NO_LIMITS, SERVE, UVICORN

DEFLATE = HANDSHAKE | {"Sec-WebSocket-Extensions": "permessage-deflate; client_no_context_takeover"}
MESSAGE_BYTES = 1024 * 1024
ALIVE = b"still here?"


class Place(NamedTuple):
    server: Server
    token: str


@pytest.fixture(scope="module", params=[SERVE, UVICORN], ids=["serve", "uvicorn"])
def place(request: pytest.FixtureRequest) -> Generator[Place]:
    with start_server(command=request.param, env=NO_LIMITS | {"CHAT_DEFLATE": "1"}) as server:
        yield Place(server, server.make_people("ada")["ada"])
        # Members of an enumeration, and exceptions that no code handles.
        for word in ("Traceback", "CloseCode", "<Breach"):
            assert word not in server.log


def ask(request_id: str, **fields: str) -> bytes:
    """A command that the application answers with `request_id`."""
    return json.dumps({"type": "ping", "request_id": request_id, **fields}, ensure_ascii=False).encode()


def text(payload: bytes, *, final: bool = True) -> bytes:
    return frame(payload, TEXT, final=final)


def more(payload: bytes = b"", *, final: bool = False) -> bytes:
    return frame(payload, CONTINUATION, final=final)


def cut(payload: bytes, size: int) -> bytes:
    """One message in fragments of `size` bytes."""
    parts = [payload[at : at + size] for at in range(0, len(payload), size)]
    return b"".join(frame(part, CONTINUATION if n else TEXT, final=n == len(parts) - 1) for n, part in enumerate(parts))


def deflated(payload: bytes) -> bytes:
    deflater = zlib.compressobj(wbits=-15)
    return (deflater.compress(payload) + deflater.flush(zlib.Z_SYNC_FLUSH))[:-4]


UNICODE = "κόσμε 🎉 größer".encode()
LONG_TEXT = ask("long", pad="x" * 60_000)

# Section, subject, the frames, and the code of the close frame in reply.
FAILED: list[tuple[str, str, bytes, int]] = [
    *(("5.2", f"reserved bits {bits:03b} on a text", frame(ask("a"), reserved=bits), 1002) for bits in range(1, 8)),
    ("5.2", "reserved bit on a ping", frame(b"", PING, reserved=4), 1002),
    ("5.2", "reserved bit on a close", frame(b"\x03\xe8", CLOSE, reserved=1), 1002),
    ("5.2", "reserved bit on a continuation", text(b"{", final=False) + frame(b"}", CONTINUATION, reserved=2), 1002),
    *(("5.2", f"reserved opcode {code:#x}", frame(b"x", code), 1002) for code in (3, 4, 5, 6, 7, 11, 12, 13, 14, 15)),
    ("5.2", "reserved opcode without payload", frame(b"", 3), 1002),
    ("5.2", "reserved opcode inside a message", text(b"{", final=False) + frame(b"", 7), 1002),
    ("5.2", "length of 2^63", frame(b"", length=b"\x7f\x80" + bytes(7)), 1002),
    ("5.2", "length of 2^64-1", frame(b"", length=b"\x7f" + b"\xff" * 8), 1002),
    ("5.2", "125 bytes with a length of 16 bits", frame(b"x" * 125, length=b"\x7e\x00\x7d"), 1002),
    ("5.2", "126 bytes with a length of 64 bits", frame(b"x" * 126, length=b"\x7f" + struct.pack("!Q", 126)), 1002),
    ("5.1", "unmasked text", frame(ask("a"), mask=None), 1002),
    ("5.1", "unmasked ping", frame(b"", PING, mask=None), 1002),
    ("5.1", "unmasked close", frame(b"\x03\xe8", CLOSE, mask=None), 1002),
    ("5.1", "unmasked continuation", text(b"{", final=False) + frame(b"}", CONTINUATION, mask=None), 1002),
    ("5.4", "continuation of nothing", more(b"x", final=True), 1002),
    ("5.4", "continuation of nothing that goes on", more(b"x"), 1002),
    ("5.4", "continuation after a whole message", text(ask("a")) + more(b"x", final=True), 1002),
    ("5.4", "text inside a message", text(b"{", final=False) + text(b"}"), 1002),
    ("5.4", "binary inside a message", text(b"{", final=False) + frame(b"}", BINARY), 1002),
    ("5.4", "text inside a binary message", frame(b"{", BINARY, final=False) + text(b"}"), 1002),
    ("5.5", "fragmented ping", frame(b"a", PING, final=False), 1002),
    ("5.5", "fragmented pong", frame(b"a", PONG, final=False), 1002),
    ("5.5", "fragmented close", frame(b"\x03\xe8", CLOSE, final=False), 1002),
    ("5.5", "ping of 126 bytes", frame(b"x" * 126, PING), 1002),
    ("5.5", "pong of 126 bytes", frame(b"x" * 126, PONG), 1002),
    ("5.5", "close of 126 bytes", frame(b"\x03\xe8" + b"x" * 124, CLOSE), 1002),
    ("5.5", "ping of 70,000 bytes", frame(b"x" * 70_000, PING), 1002),
    ("5.5.1", "close with half a code", frame(b"\x03", CLOSE), 1002),
    *(
        ("7.4", f"close code {code}", closing(code), 1002)
        for code in (0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535)
    ),
    ("5.5.1", "close reason that is no UTF-8", closing(1000, b"\xff\xfe"), 1007),
    ("5.5.1", "close reason that ends in a character", closing(1000, b"\xc3"), 1007),
    ("8.1", "text of a lone continuation byte", text(b"\x80"), 1007),
    ("8.1", "text of a byte that is never UTF-8", text(UNICODE + b"\xfe"), 1007),
    ("8.1", "text that ends in a character", text(UNICODE[:-1] + b"\xc3"), 1007),
    ("8.1", "text of an overlong slash", text(b"\xc0\xaf"), 1007),
    ("8.1", "text of half a surrogate pair", text(b"\xed\xa0\x80"), 1007),
    ("8.1", "text beyond U+10FFFF", text(b"\xf4\x90\x80\x80"), 1007),
    ("8.1", "fragments that end in a character", text(UNICODE, final=False) + more(b"\xf0\x9f", final=True), 1007),
    ("8.1", "a character broken by a fragment", text(b"\xc3", final=False) + more(b"x", final=True), 1007),
    # Closed before the rest arrives.
    ("8.1", "first fragment wrong", text(b"\xff", final=False), 1007),
    ("8.1", "second fragment wrong", text(UNICODE, final=False) + more(b"\xed\xa0\x80"), 1007),
    ("8.1", "wrong in the middle of a frame", frame(b"\xc0" * 50, length=b"\x7e\x40\x00"), 1007),
    # Closed after the header, before the payload.
    ("7.4.1", "a frame of a byte too much", frame(b"", length=b"\x7f" + struct.pack("!Q", MESSAGE_BYTES + 1)), 1009),
    ("7.4.1", "a frame of 2^62 bytes", frame(b"", length=b"\x7f" + struct.pack("!Q", 2**62)), 1009),
    ("7.4.1", "a whole frame of 2 MiB", frame(b"x" * 2 * MESSAGE_BYTES, mask=b"\0\0\0\0"), 1009),
    ("7.4.1", "a binary frame of 2^40 bytes", frame(b"", BINARY, length=b"\x7f" + struct.pack("!Q", 2**40)), 1009),
    ("7.4.1", "fragments of 1.5 MiB", cut(b"x" * (MESSAGE_BYTES * 3 // 2), 64 * 1024), 1009),
    ("7.4.1", "more fragments than one reads", text(b"{", final=False) + more() * 5_000, 1008),
    ("7.4.1", "more fragments with bytes", text(b"{", final=False) + more(b" ") * 5_000, 1008),
    ("5.5", "more pings than one answers", frame(b"", PING) * 1_000, 4029),
    ("5.5", "more pongs than one hears", frame(b"", PONG) * 1_000, 4029),
]

# Section, subject, the frames, and the application's answer, if there is one.
UNDERSTOOD: list[tuple[str, str, bytes, str]] = [
    ("5.2", "a text", text(ask("a")), "a"),
    ("5.2", "an empty text", text(b""), "bad_json"),
    ("5.2", "a text of 126 bytes", text(ask("a", pad="x" * (126 - len(ask("a", pad=""))))), "a"),
    ("5.2", "a text of 60,000 bytes", text(LONG_TEXT), "long"),
    ("5.2", "a text of 1 MiB", frame(b"x" * MESSAGE_BYTES, mask=b"\0\0\0\0"), "too_large"),
    ("5.3", "a mask of noughts", frame(ask("a"), mask=b"\0\0\0\0"), "a"),
    ("5.4", "two fragments", text(ask("a")[:9], final=False) + more(ask("a")[9:], final=True), "a"),
    ("5.4", "a fragment for each byte", cut(ask("a", pad=UNICODE.decode()), 1), "a"),
    ("5.4", "1,000 fragments", cut(ask("a", pad="x" * (1_000 - len(ask("a", pad="")))), 1), "a"),
    ("5.4", "empty fragments", text(b"", final=False) + more() + more(ask("a")) + more(final=True), "a"),
    ("5.4", "1 MiB in fragments", cut(b"x" * MESSAGE_BYTES, 64 * 1024), "too_large"),
    (
        "5.4",
        "a ping between fragments",
        text(ask("a")[:9], final=False) + frame(b"p", PING) + more(ask("a")[9:], final=True),
        "a",
    ),
    ("5.5.3", "a pong that nobody asked for", frame(b"nobody asked", PONG) + text(ask("a")), "a"),
    # This protocol is text: a binary message gets an error and the socket stays open.
    ("5.6", "a binary message", frame(b"\x00\xff", BINARY), "bad_json"),
    (
        "5.6",
        "a binary message in fragments",
        frame(b"\xff", BINARY, final=False) + more(b"\xfe", final=True),
        "bad_json",
    ),
    ("8.1", "text in any script", text(ask("a", pad=UNICODE.decode())), "a"),
    ("8.1", "U+10FFFF, U+FFFF and U+0000", text(ask("a", pad="\U0010ffff\uffff\x01")), "a"),
    ("5.2", "a frame that comes in two", frame(LONG_TEXT), "long"),
]


# The rest of a close frame, after the code; the server echoes it.
CLOSES = [
    b"",
    *(struct.pack("!H", code) for code in (1000, 1001, 1002, 1003, 1007, 1011, 1012, 1014, 3000, 3999, 4000, 4999)),
]
CLOSES += [b"\x03\xe8" + UNICODE, b"\x03\xe8" + b"x" * 123]

# Section, subject, changed headers of the handshake, and the statuses that may refuse it.
HANDSHAKES: list[tuple[str, str, dict[str, str], set[int]]] = [
    ("4.2.1", "no key", {"Sec-WebSocket-Key": ""}, {400}),
    ("4.2.1", "a key of 15 bytes", {"Sec-WebSocket-Key": "AAAAAAAAAAAAAAAAAAAA"}, {400}),
    ("4.2.1", "a key that is no base64", {"Sec-WebSocket-Key": "!" * 24}, {400}),
    ("4.2.1", "no version", {"Sec-WebSocket-Version": ""}, {400, 426}),
    ("4.4", "version 12", {"Sec-WebSocket-Version": "12"}, {400, 426}),
    ("4.4", "a version that is no number", {"Sec-WebSocket-Version": "x"}, {400, 426}),
    ("4.2.1", "no upgrade", {"Upgrade": ""}, {400, 404, 426}),
    ("4.2.1", "an upgrade to something else", {"Upgrade": "h2c"}, {400, 404, 426}),
    ("4.2.1", "no connection", {"Connection": ""}, {400, 404, 426}),
    ("4.2.1", "a connection that is kept", {"Connection": "keep-alive"}, {400, 404, 426}),
]


def names(cases: Sequence[tuple[object, ...]]) -> list[str]:
    return [f"{case[0]} {case[1]}" for case in cases]


@asynccontextmanager
async def opened(place: Place, *, headers: dict[str, str] | None = None) -> AsyncGenerator[RawSocket]:
    path = "/ws/chat/lobby/"
    async with raw_socket(place.server.port, path, token=place.token, headers=headers) as socket:
        assert " 101 " in socket.head
        yield socket


def answers(wanted: str) -> Callable[[Heard], bool]:
    """Match the application's answer to a command, or an error with this code."""

    def found(heard: Heard) -> bool:
        if heard.opcode != TEXT:
            return False
        event = json.loads(heard.payload)
        return wanted in (event.get("request_id"), event.get("code"))

    return found


def answers_ping(heard: Heard) -> bool:
    return heard[:2] == (PONG, ALIVE)


@pytest.mark.parametrize(("section", "about", "frames", "code"), FAILED, ids=names(FAILED))
async def test_a_violation_is_answered_by_its_code(
    place: Place, section: str, about: str, frames: bytes, code: int
) -> None:
    async with opened(place) as socket:
        await socket.send(frames)
        heard = await socket.ending()
        assert heard[-1].code == code, (section, about)
        assert heard[-1].payload[2:].decode().endswith(".")
        assert sum(one.opcode == CLOSE for one in heard) == 1


@pytest.mark.parametrize(("section", "about", "frames", "answer"), UNDERSTOOD, ids=names(UNDERSTOOD))
async def test_what_is_allowed_is_understood(
    place: Place, section: str, about: str, frames: bytes, answer: str
) -> None:
    async with opened(place) as socket:
        half = len(frames) // 2
        await socket.send(frames[:half])
        await socket.send(frames[half:] + frame(ALIVE, PING))
        heard = await socket.hear(answers(answer), answers_ping)
        assert any(map(answers(answer), heard)), (section, about)
        assert any(map(answers_ping, heard))
        assert CLOSE not in {one.opcode for one in heard}


@pytest.mark.parametrize("payload", CLOSES, ids=[repr(one[:8]) for one in CLOSES])
async def test_a_close_is_answered_with_what_it_says(place: Place, payload: bytes) -> None:
    """5.5.1"""
    async with opened(place) as socket:
        await socket.send(frame(payload, CLOSE))
        assert (await socket.ending())[-1][:2] == (CLOSE, payload)


@pytest.mark.parametrize(
    "after",
    [closing(1000), closing(4000), text(ask("late")), frame(ALIVE, PING), frame(b"", 3), b"\0"],
    ids=["close", "another close", "text", "ping", "violation", "half a frame"],
)
async def test_nothing_is_answered_after_a_close(place: Place, after: bytes) -> None:
    """5.5.1, 1.4"""
    async with opened(place) as socket:
        await socket.send(closing(1001) + after)
        heard = await socket.ending()
        assert [one.code for one in heard if one.opcode == CLOSE] == [1001]
        assert heard[-1].opcode == CLOSE
        assert not any(map(answers("late"), heard))


@pytest.mark.parametrize("payload", [b"", b"x", b"\x00\xff\xfe", b"x" * 125], ids=["empty", "one", "bytes", "longest"])
async def test_a_ping_is_answered_with_its_payload(place: Place, payload: bytes) -> None:
    """5.5.2, 5.5.3"""
    async with opened(place) as socket:
        await socket.send(frame(payload, PING))
        assert (await socket.hear(lambda one: one.opcode == PONG))[-1][:2] == (PONG, payload)


async def test_of_many_pings_the_last_is_answered_before_a_close(place: Place) -> None:
    """5.5.3"""
    async with opened(place) as socket:
        await socket.send(b"".join(frame(b"%d" % n, PING) for n in range(100)) + closing(1000))
        heard = [one for one in await socket.ending() if one.opcode != TEXT]
        numbers = [int(one.payload) for one in heard[:-1]]
        assert numbers[-1] == 99
        assert numbers == sorted(set(numbers))
        assert heard[-1].code == 1000


@pytest.mark.parametrize(
    ("frames", "code"),
    [
        (frame(deflated(ask("a")), reserved=4), None),
        (frame(deflated(ask("a"))[:7], reserved=4, final=False) + more(deflated(ask("a"))[7:], final=True), None),
        (text(ask("a")), None),
        (frame(b"\xff\xff\xff", reserved=4), 1007),
        (frame(deflated(b"\xff\xfe"), reserved=4), 1007),
        (frame(deflated(b"0" * 2 * MESSAGE_BYTES), reserved=4), 1009),
        (text(b"{", final=False) + frame(b"}", CONTINUATION, reserved=4), 1002),
        (frame(b"", PING, reserved=4), 1002),
        (frame(ask("a"), reserved=2), 1002),
    ],
    ids=["whole", "fragments", "plain", "no deflate", "no text", "a bomb", "continuation", "ping", "another bit"],
)
async def test_compressed_messages_keep_to_the_same_rules(place: Place, frames: bytes, code: int | None) -> None:
    """RFC 7692, 6"""
    async with opened(place, headers=DEFLATE) as socket:
        assert "permessage-deflate" in socket.head
        await socket.send(frames)
        if code:
            assert (await socket.ending())[-1].code == code
            return
        # Answers are compressed; a pong is not.
        await socket.send(frames + frame(ALIVE, PING))
        heard = await socket.hear(answers_ping, lambda one: one.opcode == TEXT and one.reserved == 4)
        assert CLOSE not in {one.opcode for one in heard}
        assert len(heard) >= 2


@pytest.mark.parametrize(("section", "about", "headers", "statuses"), HANDSHAKES, ids=names(HANDSHAKES))
async def test_a_handshake_that_is_none_is_refused(
    place: Place, section: str, about: str, headers: dict[str, str], statuses: set[int]
) -> None:
    async with raw_socket(place.server.port, "/ws/chat/lobby/", headers=HANDSHAKE | headers) as socket:
        status = int(socket.head.split()[1])
        assert status in statuses, (section, about)
        if section == "4.4":
            assert "sec-websocket-version: 13" in socket.head.lower()


async def test_a_handshake_proves_that_it_was_read(place: Place) -> None:
    """4.2.2, with the key of the RFC"""
    async with opened(place) as socket:
        assert "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=" in socket.head


async def test_a_violation_is_one_plain_line(place: Place) -> None:
    async with opened(place) as socket:
        await socket.hear(lambda one: one.opcode == TEXT and b'"history"' in one.payload)
        before = len(place.server.log)
        await socket.send(text(b"\xff"))
        await socket.ending()
    async with asyncio.timeout(20):
        while "code=1007" not in (log := place.server.log[before:]):
            await asyncio.sleep(0.05)
    [line] = [line for line in log.splitlines() if "1007" in line]
    assert "socket closed" in line
    assert len([line for line in log.splitlines() if "socket" not in line]) == 0
