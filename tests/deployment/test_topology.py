import asyncio
import json
import re
import ssl
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin

from support import compose
from support.password import PASSWORD
from support.processes import scratch
from support.servers import Server
from support.topology import ENV, Nginx, Topology

ROOM = "/ws/chat/lobby/"
NAME = "chat.example.org"


@pytest.fixture(scope="module")
def tokens(topology: Topology) -> dict[str, str]:
    return topology.web1.make_people("alice", "bob")


def visitor(topology: Topology) -> httpx.Client:
    return httpx.Client(base_url=topology.nginx.url, headers={"Host": NAME}, follow_redirects=True, timeout=20)


def socket(nginx: Nginx, path: str, **options: Any) -> connect:
    """Open a socket under the public host name."""
    return connect(f"ws://{NAME}{path}", host="127.0.0.1", port=nginx.port, proxy=None, **options)


@contextmanager
def signed_in(topology: Topology, name: str) -> Generator[httpx.Client]:
    """A signed-in browser: it reads the sign-in page, submits its form, and keeps the cookies."""
    with visitor(topology) as browser:
        assert browser.get("/accounts/login/").status_code == 200
        answer = browser.post(
            "/accounts/login/",
            data={"login": name, "password": PASSWORD, "csrfmiddlewaretoken": browser.cookies["csrftoken"]},
            headers={"Origin": f"http://{NAME}", "Referer": f"http://{NAME}/accounts/login/"},
        )
        assert "sessionid" in browser.cookies, answer.text
        yield browser


async def hear(socket: ClientConnection, kind: str) -> Any:
    async with asyncio.timeout(20):
        while True:
            event = json.loads(await socket.recv())
            if event["type"] == kind:
                return event


async def read(socket: ClientConnection) -> str:
    """The next message written by a person."""
    while True:
        message = await hear(socket, "message")
        if message["kind"] == "text":
            return str(message["message"])


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def test_people_sign_in_on_the_pages_and_talk_across_the_two_processes(
    topology: Topology, tokens: dict[str, str]
) -> None:
    with signed_in(topology, "alice") as browser:
        assert browser.get("/").status_code == 200
        cookie = {"Cookie": f"sessionid={browser.cookies['sessionid']}"}
    async with (
        socket(topology.nginx, ROOM, origin=Origin(f"http://{NAME}"), additional_headers=cookie) as alice,
        socket(topology.nginx, ROOM, additional_headers=bearer(tokens["bob"])) as bob,
    ):
        assert (await hear(alice, "authenticated"))["username"] == "alice"
        await hear(bob, "history")
        await alice.send('{"type": "chat_message", "message": "Hello from the other process"}')
        assert await read(bob) == "Hello from the other process"
    served = re.findall(r'"GET /ws/chat/lobby/" 101 .* 127\.0\.0\.1:(\d+)$', topology.nginx.logs(), re.MULTILINE)
    assert sorted(map(int, served[-2:])) == sorted([topology.web1.port, topology.web2.port])


async def test_a_page_of_another_origin_opens_no_socket_with_the_cookie(
    topology: Topology, tokens: dict[str, str]
) -> None:
    with signed_in(topology, "alice") as browser:
        cookie = {"Cookie": f"sessionid={browser.cookies['sessionid']}"}
    with pytest.raises(InvalidStatus) as refused:
        async with socket(
            topology.nginx, "/ws/chat/", origin=Origin("http://elsewhere.example"), additional_headers=cookie
        ):
            pass
    assert refused.value.response.status_code == 403


def test_nginx_serves_the_static_files_itself(topology: Topology) -> None:
    with visitor(topology) as browser:
        [version] = (topology.data_dir / "static").iterdir()
        style = browser.get(f"/static/{version.name}/chat/css/base.css", headers={"Accept-Encoding": "gzip"})
        assert style.status_code == 200
        assert style.headers["Content-Type"] == "text/css"
        assert style.headers["Content-Encoding"] == "gzip"
        assert style.headers["X-Content-Type-Options"] == "nosniff"
        assert "immutable" in style.headers["Cache-Control"]
        vendored = next((version / "chat" / "vendor").rglob("*.js"))
        module = browser.get(f"/static/{vendored.relative_to(topology.data_dir / 'static')}")
        assert module.content == vendored.read_bytes()
        assert "javascript" in module.headers["Content-Type"]
        assert "immutable" in module.headers["Cache-Control"]
        assert browser.get("/static/../secret_key").status_code == 404
        assert browser.get("/static/%2e%2e/%2e%2e/etc/passwd").status_code in (400, 404)


async def test_the_servers_hear_nothing_that_a_client_makes_up(topology: Topology) -> None:
    heard: list[str] = []

    async def repeat_headers(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        heard.append((await reader.readuntil(b"\r\n\r\n")).decode())
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(repeat_headers, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        nginx = topology.start_nginx(servers=f"server 127.0.0.1:{port};")
        forged = {
            "X-Forwarded-For": "6.6.6.6",
            "X-Forwarded-Proto": "https",
            "X-Forwarded-Host": "evil.example",
            "X-Real-IP": "6.6.6.6",
            "Forwarded": "for=6.6.6.6",
            "Daphne-Root-Path": "/evil",
            "daphne_root_path": "/evil",
        }
        async with httpx.AsyncClient() as client:
            for path in ("/", "/ws/chat/"):
                assert (await client.get(nginx.url + path, headers=forged)).status_code == 200
        nginx.stop()
    assert len(heard) == 2
    for request in heard:
        assert "X-Forwarded-For: 127.0.0.1\r\n" in request
        assert "X-Forwarded-Proto: http\r\n" in request
        assert f"Host: 127.0.0.1:{nginx.port}\r\n" in request
        assert not re.search(r"evil|6\.6\.6\.6|https", request)


def test_a_forged_root_path_changes_no_page(topology: Topology) -> None:
    with visitor(topology) as browser:
        plain = browser.get("/accounts/login/")
        forged = browser.get("/accounts/login/", headers={"Daphne-Root-Path": "/evil"})
    assert plain.status_code == forged.status_code == 200
    assert "/evil" not in forged.text


def test_what_is_for_the_operator_stays_inside(topology: Topology) -> None:
    with visitor(topology) as browser:
        for path in ("/metrics", "/readyz"):
            assert browser.get(path).status_code == 404
        assert browser.get("/healthz").status_code == 200


def test_a_body_that_is_too_large_is_refused(topology: Topology) -> None:
    with visitor(topology) as browser:
        assert browser.post("/accounts/login/", content=b"x" * 3_000_000).status_code == 413


def test_a_name_that_is_not_ours_is_refused(topology: Topology) -> None:
    assert httpx.get(f"{topology.nginx.url}/accounts/login/").status_code == 400


def healthy(server: Server) -> bool:
    """Run the health check of the compose file in the container's environment."""
    check = compose.service("web1", ENV)["healthcheck"]["test"]
    assert check[0] == "CMD"
    command = [part.replace(":8000/", f":{server.port}/") for part in check[1:]]
    return subprocess.run(command, env=server.env, capture_output=True).returncode == 0


async def test_when_a_process_is_killed_nginx_goes_round_it(topology: Topology, tokens: dict[str, str]) -> None:
    assert healthy(topology.web1)
    assert healthy(topology.web2)
    headers = bearer(tokens["alice"])
    async with (
        socket(topology.nginx, ROOM, additional_headers=headers) as one,
        socket(topology.nginx, ROOM, additional_headers=headers) as two,
    ):
        await hear(one, "history")
        await hear(two, "history")
        topology.web2.kill()
        assert not healthy(topology.web2)
        with visitor(topology) as browser:
            assert [browser.get("/accounts/login/").status_code for _ in range(10)] == [200] * 10
        secret = f"{ROOM}?token={tokens['bob']}"
        async with socket(topology.nginx, secret) as bob, socket(topology.nginx, secret) as again:
            await hear(bob, "history")
            await hear(again, "history")
            await bob.send('{"type": "chat_message", "message": "Still here"}')
            assert await read(again) == "Still here"
    assert tokens["bob"] not in topology.nginx.logs()
    topology.restart_web2()
    assert healthy(topology.web2)


async def test_no_token_is_logged_when_no_server_answers(topology: Topology) -> None:
    nginx = topology.start_nginx(servers="server 127.0.0.1:9;")
    with pytest.raises(InvalidStatus) as refused:
        await socket(nginx, "/ws/chat/?token=s3cret").__aenter__()
    assert refused.value.response.status_code == 502
    secret = [
        "/api/v1/me?token=s3cret",
        "/accounts/signup/?invitation=s3cret",
        "/accounts/password/reset/key/1-s3cret/",
        "/settings/mail/confirm/s3cret:1x:y/",
        "/unsubscribe/3:s3cret/",
        "/join/s3cret/",
    ]
    with httpx.Client(base_url=nginx.url) as browser:
        assert {browser.get(path).status_code for path in secret} == {502}
    nginx.stop()
    assert '"GET /ws/chat/" 502' in nginx.logs()
    assert '"GET /api/v1/me" 502' in nginx.logs()
    assert '"GET /join/" 502' in nginx.logs()
    assert "s3cret" not in nginx.logs()


def test_tls_is_switched_on_by_the_second_compose_file(topology: Topology) -> None:
    folder = scratch("certificates")
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "privkey.pem", "-out", "fullchain.pem"),
        ],
        cwd=folder,
        check=True,
        capture_output=True,
    )
    nginx = topology.start_nginx(certificates=folder)
    trust = ssl.create_default_context(cafile=str(folder / "fullchain.pem"))
    with httpx.Client(verify=trust, headers={"Host": NAME}) as browser:
        page = browser.get(f"https://127.0.0.1:{nginx.tls_port}/accounts/login/")
        assert page.status_code == 200
        assert page.headers["Strict-Transport-Security"] == "max-age=31536000"
        plain = browser.get(f"{nginx.url}/accounts/login/?next=/")
        assert plain.status_code == 301
        assert plain.headers["Location"] == f"https://{NAME}/accounts/login/?next=/"
    nginx.stop()
