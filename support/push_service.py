"""A push service of our own: accepts pushes like a vendor's, opens them with the browser's keys, and fails on request.

It runs in a thread, so that tests of the event loop, of commands and of whole servers can use it.
"""

import json
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import http_ece
import jwt
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chat.lib.push_keys import bytes_of, text_of


@dataclass
class Push:
    """A push as the browser's worker gets it."""

    device: str
    headers: dict[str, str]
    size: int
    claims: dict[str, Any]
    facts: dict[str, Any]


@dataclass
class Browser:
    """The keys of one subscription."""

    endpoint: str
    private: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    secret: bytes = b"sixteen bytes ok"

    @property
    def subscription(self) -> dict[str, Any]:
        """As `PushSubscription.toJSON()` gives it."""
        point = self.private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        keys = {"p256dh": text_of(point), "auth": text_of(self.secret)}
        return {"endpoint": self.endpoint, "expirationTime": None, "keys": keys}

    def open(self, body: bytes) -> dict[str, Any]:
        """The JSON of an encrypted body."""
        text = http_ece.decrypt(body, private_key=self.private, auth_secret=self.secret, version="aes128gcm")
        facts: dict[str, Any] = json.loads(text)
        return facts


Answer = tuple[int, dict[str, str]]


class PushService:
    """`with PushService() as service: …`; `pushes` are those that it accepted."""

    def __init__(self) -> None:
        self.pushes: list[Push] = []
        self.attempts: list[str] = []
        self.browsers: dict[str, Browser] = {}
        # Device -> the answers to its next pushes; later ones are accepted.
        self.answers: dict[str, list[Answer]] = {}
        # Called with each device before its answer.
        self.on_push: Callable[[str], None] = lambda _device: None
        self._changed = threading.Condition()
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            # Headers and body leave in one piece.
            wbufsize = -1

            def log_message(self, *_args: Any) -> None:
                pass

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                device = self.path.rpartition("/")[2]
                status, headers = service._take(device, dict(self.headers), body)
                self.send_response(status)
                for name, value in {"Content-Length": "0", **headers}.items():
                    self.send_header(name, value)
                self.end_headers()

        self._server = _Quiet(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self) -> "PushService":
        return self

    def __exit__(self, *_error: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def browser(self, device: str) -> Browser:
        """A browser that has subscribed here."""
        made = self.browsers[device] = Browser(f"{self.origin}/push/{device}")
        return made

    def _take(self, device: str, headers: dict[str, str], body: bytes) -> Answer:
        self.on_push(device)
        with self._changed:
            self.attempts.append(device)
            status, more = self.answers[device].pop(0) if self.answers.get(device) else (201, {})
            if status == 201:
                token, key = _vapid(headers["Authorization"])
                public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), bytes_of(key))
                claims = jwt.decode(token, public, algorithms=["ES256"], audience=self.origin)
                facts = self.browsers[device].open(body)
                self.pushes.append(Push(device, headers, len(body), claims, facts))
            self._changed.notify_all()
        return status, more

    def wait_for(self, count: int, *, seconds: float = 30) -> list[Push]:
        """The pushes, when there are `count` of them.

        Raises:
            AssertionError: fewer came in time.
        """
        until = time.monotonic() + seconds
        with self._changed:
            while len(self.pushes) < count:
                left = until - time.monotonic()
                assert left > 0, f"{len(self.pushes)} of {count} pushes came"
                self._changed.wait(left)
            return list(self.pushes)


class _Quiet(ThreadingHTTPServer):
    """Ignores broken connections: a sender may be killed in the middle of a push."""

    def handle_error(self, request: Any, client_address: Any) -> None:
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


def _vapid(header: str) -> tuple[str, str]:
    scheme, _, values = header.partition(" ")
    assert scheme == "vapid"
    parts = dict(part.strip().split("=", 1) for part in values.split(","))
    return parts["t"], parts["k"]
