"""POST requests: what is sent, and when a connection is reused."""

import asyncio
import contextlib
import datetime
import socket
import ssl
from collections.abc import AsyncGenerator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from chat.lib import outbound, outbound_posts
from chat.lib.address_guard import Guard, Refused
from chat.lib.outbound import Failed
from chat.lib.outbound_posts import OutboundPosts

CREATED = b"HTTP/1.1 201 Created\r\nContent-Length: 0\r\n\r\n"
NAME = "push.example.net"


class Place:
    """A server that gives these answers in turn, from the start again on each connection."""

    def __init__(self, *answers: bytes) -> None:
        self.answers = answers
        self.requests: list[bytes] = []
        self.writers: list[asyncio.StreamWriter] = []
        self._server: asyncio.Server

    async def start(self, context: ssl.SSLContext | None = None) -> str:
        self._server = await asyncio.start_server(self._handle, "127.0.0.1", 0, ssl=context)
        return f"127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    async def _handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.writers.append(writer)
        try:
            while True:
                head = await reader.readuntil(b"\r\n\r\n")
                length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
                self.requests.append(head + await reader.readexactly(length))
                writer.write(self.answers[(len(self.requests) - 1) % len(self.answers)])
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    async def lost(self) -> None:
        """Wait until all its connections have closed."""
        async with asyncio.timeout(5):
            for writer in self.writers:
                with contextlib.suppress(ConnectionError):
                    await writer.wait_closed()

    def stop(self) -> None:
        self._server.close()
        for writer in self.writers:
            writer.close()


Serve = Callable[..., Awaitable[tuple[Place, str]]]


@pytest.fixture
async def serve() -> AsyncGenerator[Serve]:
    places: list[Place] = []

    async def start(*answers: bytes) -> tuple[Place, str]:
        places.append(Place(*answers))
        return places[-1], f"http://{await places[-1].start()}/push"

    yield start
    for place in places:
        place.stop()


@pytest.fixture
async def client() -> AsyncGenerator[OutboundPosts]:
    made = OutboundPosts(Guard({"127.0.0.1", NAME}), seconds=5, max_bytes=10_000, connections=2)
    yield made
    await made.close()


async def post(client: OutboundPosts, url: str) -> int:
    return (await client.post(url, headers={}, content=b"x")).status


async def test_what_is_sent_is_what_was_given_and_nothing_else(serve: Serve, client: OutboundPosts) -> None:
    place, there = await serve(CREATED)
    reply = await client.post(f"{there}/a%2Fb?q=1#part", headers={"TTL": "60", "Topic": "t"}, content=b"\x00\xff")
    assert (reply.status, dict(reply.headers)) == (201, {"content-length": "0"})
    host = there.split("/")[2].encode()
    assert place.requests == [
        b"POST /push/a%2Fb?q=1 HTTP/1.1\r\nHost: "
        + host
        + b"\r\nTTL: 60\r\nTopic: t\r\nContent-Length: 2\r\n\r\n\x00\xff"
    ]


@pytest.mark.parametrize("value", ["a\r\nX: b", "a\nX: b", "a\rX: b"])
async def test_a_header_cannot_bring_others(serve: Serve, client: OutboundPosts, value: str) -> None:
    place, there = await serve(CREATED)
    with pytest.raises(ValueError, match="more than one line"):
        await client.post(there, headers={"Topic": value}, content=b"")
    assert place.requests == []


@pytest.mark.parametrize(
    "answer",
    [
        CREATED,
        b"HTTP/1.1 410 Gone\r\nContent-Length: 4\r\n\r\ngone",
        b"HTTP/1.1 201 Created\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    ],
)
async def test_a_connection_is_used_again(serve: Serve, client: OutboundPosts, answer: bytes) -> None:
    place, there = await serve(answer)
    assert len({await post(client, there) for _ in range(5)}) == 1
    assert (len(place.requests), len(place.writers)) == (5, 1)


@pytest.mark.parametrize(
    "answer",
    [
        CREATED.replace(b"\r\n\r\n", b"\r\nConnection: close\r\n\r\n"),
        CREATED + CREATED,
        b"HTTP/1.0 201 Created\r\nContent-Length: 0\r\n\r\n",
    ],
)
async def test_a_connection_whose_next_answer_could_be_another_one_is_not(
    serve: Serve, client: OutboundPosts, answer: bytes
) -> None:
    place, there = await serve(answer)
    assert [await post(client, there) for _ in range(3)] == [201] * 3
    assert len(place.writers) == 3


async def test_what_comes_without_a_request_ends_the_connection(serve: Serve, client: OutboundPosts) -> None:
    place, there = await serve(CREATED)
    assert await post(client, there) == 201
    place.writers[0].write(CREATED.replace(b"201", b"410"))
    await place.lost()
    assert await post(client, there) == 201
    assert len(place.writers) == 2


async def test_a_connection_that_the_server_ended_is_replaced(serve: Serve, client: OutboundPosts) -> None:
    place, there = await serve(CREATED)
    assert await post(client, there) == 201
    place.writers[0].close()
    while client._kept:
        await asyncio.sleep(0.01)
    assert await post(client, there) == 201
    assert len(place.writers) == 2


async def test_an_idle_connection_is_ended(
    serve: Serve, client: OutboundPosts, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(outbound_posts, "IDLE_SECONDS", 0.1)
    place, there = await serve(CREATED)
    assert await post(client, there) == 201
    await place.lost()


async def test_no_more_connections_than_allowed_are_used_at_a_time_or_kept(serve: Serve, client: OutboundPosts) -> None:
    place, there = await serve(CREATED)
    assert await asyncio.gather(*(post(client, there) for _ in range(20))) == [201] * 20
    assert len(place.writers) == 2
    others = [await serve(CREATED) for _ in range(2)]
    for _, other in others:
        assert await post(client, other) == 201
    # The most recently used connections are kept: those to the first place are closed.
    await place.lost()
    for other_place, other in others:
        assert await post(client, other) == 201
        assert len(other_place.writers) == 1


async def test_an_answer_that_is_too_large_or_not_whole(serve: Serve, client: OutboundPosts) -> None:
    for answer, failure in (
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10000000\r\n\r\n" + b"x" * 100_000, "too_large"),
        (b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 100_000, "too_large"),
        (b"HTTP/9.9 200 OK\r\n\r\n", "protocol"),
    ):
        _, there = await serve(answer)
        with pytest.raises(Failed, match=f"^{failure}$"):
            await post(client, there)
    place, there = await serve(b"HTTP/1.1 201 Created\r\nContent-Length: 5\r\n\r\nx")
    asking = asyncio.create_task(post(client, there))
    while not place.requests:
        await asyncio.sleep(0.01)
    place.writers[0].close()
    with pytest.raises(Failed, match=r"^protocol$"):
        await asking


async def test_a_request_that_is_not_waited_for_leaves_no_answer_to_another(
    serve: Serve, client: OutboundPosts
) -> None:
    place, there = await serve(b"", CREATED)
    asking = asyncio.create_task(post(client, there))
    while not place.requests:
        await asyncio.sleep(0.01)
    asking.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asking
    assert await post(client, there) == 201
    assert len(place.writers) == 2


@pytest.mark.parametrize(
    "url", ["http://push.example.org/", "https://10.0.0.1/", "https://a@1.1.1.1/", "https://[::1]/"]
)
async def test_an_address_that_is_refused_is_not_connected_to(client: OutboundPosts, url: str) -> None:
    with pytest.raises(Refused):
        await post(client, url)


@pytest.fixture
def authority(tmp_path: Path) -> ssl.SSLContext:
    """The context of a server with a self-signed certificate for NAME, which `authority.pem` makes trusted."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, NAME)])
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(NAME)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .sign(key, hashes.SHA256())
    )
    (tmp_path / "authority.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    (tmp_path / "key.pem").write_bytes(key.private_bytes(*form))
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(tmp_path / "authority.pem", tmp_path / "key.pem")
    return context


async def test_a_certificate_has_to_be_known_and_of_the_name(
    authority: ssl.SSLContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Place(CREATED)
    port = (await place.start(authority)).partition(":")[2]

    def getaddrinfo(_host: str, port: int, *_: Any) -> list[Any]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", getaddrinfo)
    stranger, client = (OutboundPosts(Guard({"127.0.0.1", NAME}), seconds=5, max_bytes=1, connections=2) for _ in "12")
    try:
        outbound.trust.cache_clear()
        with pytest.raises(Failed, match=r"^network$"):
            await post(stranger, f"https://{NAME}:{port}/")
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "authority.pem"))
        outbound.trust.cache_clear()
        with pytest.raises(Failed, match=r"^network$"):
            await post(client, f"https://127.0.0.1:{port}/")
        assert place.requests == []
        assert [await post(client, f"https://{NAME}:{port}/") for _ in range(3)] == [201] * 3
        assert len({writer for writer in place.writers if not writer.is_closing()}) == 1
    finally:
        outbound.trust.cache_clear()
        await stranger.close()
        await client.close()
        place.stop()
