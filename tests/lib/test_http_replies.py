"""Every valid form of an HTTP/1.1 response, in any pieces, and invalid ones."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat.lib.http_replies import HEAD_MAX_BYTES, BadReply, Exchange, Reply

EMPTY = b"HTTP/1.1 201 Created\r\nLocation: /x\r\nContent-Length: 0\r\n\r\n"
CHUNKED = b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n"
# The bytes, the status, and whether the connection can be reused.
WHOLE = [
    (EMPTY, 201, True),
    (b"HTTP/1.1 201\r\ncontent-length:0\r\n\r\n", 201, True),
    (b"HTTP/1.1 204 No Content\r\n\r\n", 204, True),
    (b"HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\n\r\n", 304, True),
    (b'HTTP/1.1 410 Gone\r\nContent-Length: 13\r\n\r\n{"errno":106}', 410, True),
    (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + EMPTY, 201, True),
    (CHUNKED + b"0\r\n\r\n", 201, True),
    (CHUNKED + b"3;a=b\r\nabc\r\n0A \r\n0123456789\r\n000\r\nTrailer: x\r\n\r\n", 201, True),
    (CHUNKED.replace(b"\r\n\r\n", b"\r\nContent-Length: 3\r\n\r\n") + b"0\r\n\r\n", 201, False),
    (EMPTY.replace(b"Location: /x", b"Connection: Keep-Alive, Close"), 201, False),
    (EMPTY.replace(b"1.1", b"1.0"), 201, False),
]
BAD = [
    b"220 mail.example.org ESMTP",
    b"SSH",
    b"HTTP/2 201\r\n\r\n",
    b"HTTP/1.1 2O1 Created\r\n\r\n",
    b"HTTP/1.1 099 Nothing\r\n\r\n",
    b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n",
    b"HTTP/1.1 201 Created\r\nno colon\r\n\r\n",
    b"HTTP/1.1 201 Created\r\nContent-Length : 0\r\n\r\n",
    b"HTTP/1.1 201 Created\r\nContent-Length: -1\r\n\r\n",
    b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\nContent-Length: 5\r\n\r\n",
    b"HTTP/1.1 201 Created\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
    CHUNKED + b"g\r\n",
    CHUNKED + b"+1\r\n",
    CHUNKED + b"\r\n",
    b"HTTP/1.1 201 Created\r\nA: " + b"x" * HEAD_MAX_BYTES,
    CHUNKED + b"0\r\nA: " + b"x" * HEAD_MAX_BYTES,
]
# Examples per response: 31 responses are cut in 900 ways.
PIECES = settings(max_examples=30)
LARGE = [
    b"HTTP/1.1 200 OK\r\nContent-Length: 101\r\n\r\n",
    b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 101,
    CHUNKED + b"ffffffff\r\n" + b"x" * 101,
    CHUNKED + b"1\r\nx\r\n" * HEAD_MAX_BYTES,
]


def asked() -> Exchange:
    """An exchange whose request was sent."""
    exchange = Exchange(100)
    exchange.request("/x", {"Host": "push.test"}, b"abc")
    return exchange


def read(data: bytes, cuts: list[int]) -> tuple[Reply | None, Exchange]:
    """Feed the bytes in pieces until the response is complete."""
    reader, reply = asked(), None
    places = sorted({min(cut, len(data)) for cut in cuts} | {0, len(data)})
    for start, end in pairwise(places):
        if reply := reader.feed(data[start:end]):
            break
    return reply, reader


@pytest.mark.parametrize(("data", "status", "keeps"), WHOLE)
@given(cuts=st.lists(st.integers(1, 200), max_size=6))
@PIECES
def test_an_answer_ends_where_its_head_says(data: bytes, status: int, keeps: bool, cuts: list[int]) -> None:
    reply, reader = read(data, cuts)
    assert reply is not None
    assert (reply.status, reader.keeps) == (status, keeps)


@pytest.mark.parametrize("data", [data for data, _, _ in WHOLE])
def test_a_connection_with_more_than_the_answer_is_not_used_again(data: bytes) -> None:
    reply, reader = read(data + b"H", [])
    assert reply is not None
    assert not reader.keeps


@pytest.mark.parametrize("data", [data for data, _, keeps in WHOLE if keeps])
def test_an_answer_does_not_end_before_its_last_byte(data: bytes) -> None:
    reader = asked()
    for number in range(len(data) - 1):
        assert reader.feed(data[number : number + 1]) is None
    assert reader.feed(data[-1:])
    cut = asked()
    cut.feed(data[:-1])
    with pytest.raises(BadReply, match=r"^protocol$"):
        cut.end()


@pytest.mark.parametrize("data", BAD)
@given(cuts=st.lists(st.integers(1, 200), max_size=6))
@PIECES
def test_what_is_no_answer_is_refused_at_once(data: bytes, cuts: list[int]) -> None:
    with pytest.raises(BadReply, match=r"^protocol$"):
        read(data, cuts)


@pytest.mark.parametrize("data", LARGE)
@given(cuts=st.lists(st.integers(1, 200), max_size=6))
@PIECES
def test_a_body_is_not_read_beyond_its_limit(data: bytes, cuts: list[int]) -> None:
    with pytest.raises(BadReply, match=r"^too_large$"):
        read(data, cuts)


def test_a_body_without_a_length_ends_with_the_connection() -> None:
    reply, reader = read(b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 7\r\n\r\nlater", [])
    assert reply is None
    assert reader.end() == Reply(429, {"retry-after": "7"})
    assert not reader.keeps


def test_a_connection_that_ends_without_an_answer() -> None:
    with pytest.raises(BadReply, match=r"^network$"):
        asked().end()


def test_headers_have_lower_case_names_and_are_joined() -> None:
    reply, _ = read(b"HTTP/1.1 201 Created\r\nX-A:  b \r\nx-a: c\r\nContent-Length: 0\r\n\r\n", [])
    assert reply == Reply(201, {"x-a": "b, c", "content-length": "0"})


def test_a_request_is_one_head_and_its_content() -> None:
    sent = Exchange(100).request("/wpush/1?a=b", {"Host": "push.test:8443", "TTL": "60"}, b"abc")
    assert sent == b"POST /wpush/1?a=b HTTP/1.1\r\nHost: push.test:8443\r\nTTL: 60\r\nContent-Length: 3\r\n\r\nabc"


@pytest.mark.parametrize("value", ["60\r\nX: y", "60\nX: y", "60\0"])
def test_a_header_has_one_line(value: str) -> None:
    with pytest.raises(ValueError, match="header"):
        Exchange(100).request("/", {"Host": "push.test", "TTL": value}, b"")
