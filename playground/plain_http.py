"""What a browser sees that opens the address of a tutorial server."""

from asgiref.typing import ASGIReceiveCallable, ASGISendCallable, Scope


async def upgrade_required(_scope: Scope, _receive: ASGIReceiveCallable, send: ASGISendCallable) -> None:
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"upgrade", b"websocket")]
    await send({"type": "http.response.start", "status": 426, "headers": headers, "trailers": False})
    body = b"This is a WebSocket server: connect to it with a WebSocket client.\n"
    await send({"type": "http.response.body", "body": body, "more_body": False})
