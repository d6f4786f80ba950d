"""The answers of the tutorial servers to plain HTTP."""

import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qs

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, HTTPScope, Scope

from playground.members import Doorkeeper

BODY_MAX_BYTES = 8_192


async def upgrade_required(_scope: Scope, _receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    """ASGI application: answers 426 to a browser that opens the address of a tutorial server."""
    body = b"This is a WebSocket server: connect to it with a WebSocket client.\n"
    await _answer(send, 426, body, (b"content-type", b"text/plain; charset=utf-8"), (b"upgrade", b"websocket"))


class TokenEndpoint:
    """ASGI application: `POST /token` with `username` and `password`, in the query, in a form or as JSON."""

    def __init__(self, doorkeeper: Doorkeeper) -> None:
        self._doorkeeper = doorkeeper

    async def __call__(self, scope: HTTPScope, receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
        if not scope["path"].rstrip("/").endswith("/token"):
            await upgrade_required(scope, receive, send)
        elif scope["method"] != "POST":
            await _json(send, 405, {"detail": "Method Not Allowed"}, (b"allow", b"POST"))
        else:
            fields = await _fields(scope, receive)
            client = scope["client"]
            token = await self._doorkeeper.sign_in(
                username=fields.get("username", ""),
                password=fields.get("password", ""),
                address=client[0] if client else None,
            )
            if token is None:
                await _json(send, 401, {"detail": "Invalid credentials"}, (b"www-authenticate", b"Bearer"))
            else:
                await _json(send, 200, {"access_token": token, "token_type": "bearer"})


async def _fields(scope: HTTPScope, receive: ASGIReceiveCallable) -> dict[str, str]:
    found = _of_query(scope["query_string"])
    body = b""
    while len(body) <= BODY_MAX_BYTES:
        event = await receive()
        if event["type"] != "http.request":
            break
        body += event["body"]
        if not event["more_body"]:
            break
    kind = dict(scope["headers"]).get(b"content-type", b"").partition(b";")[0].strip().lower()
    if len(body) > BODY_MAX_BYTES or not body:
        return found
    if kind == b"application/json":
        try:
            given = json.loads(body)
        except (ValueError, RecursionError):
            return found
        return found | {k: v for k, v in given.items() if isinstance(v, str)} if isinstance(given, dict) else found
    return found | _of_query(body)


def _of_query(raw: bytes) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(raw.decode("latin-1"), max_num_fields=None).items()}


async def _json(send: ASGISendCallable, status: int, fields: Mapping[str, Any], *more: tuple[bytes, bytes]) -> None:
    await _answer(send, status, json.dumps(fields).encode(), (b"content-type", b"application/json"), *more)


async def _answer(send: ASGISendCallable, status: int, body: bytes, *headers: tuple[bytes, bytes]) -> None:
    length = (b"content-length", str(len(body)).encode())
    await send({"type": "http.response.start", "status": status, "headers": [*headers, length], "trailers": False})
    await send({"type": "http.response.body", "body": body, "more_body": False})
