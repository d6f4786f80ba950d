"""Warnings about other ASGI servers: how each treats sockets unless it is started as documented."""

import functools
import logging
import sys
from typing import Any

from chat.live.send_queue import GATHERED

logger = logging.getLogger(__name__)

# Module name -> advice. A server is recognised by its loaded module; `daphne` is loaded under every server.
_OURS = "manage.py serve, or uvicorn with --ws chat.uvicorn:SocketProtocol"
_ADVICE = {
    "hypercorn": "hypercorn pings no socket unless it is started with --websocket-ping-interval 20: peers that vanish "
    "stay online",
    "uvicorn": "uvicorn compresses each socket by itself and writes each event by itself unless it is started with "
    "--ws chat.uvicorn:SocketProtocol",
    "granian": f"granian writes each event by itself; {_OURS}, write them together",
}
_OTHERS = f"This server writes each event by itself; {_OURS}, write them together"


def warn_if_unknown(scope: dict[str, Any]) -> None:
    """Log one warning per process if its server does not support the extension GATHERED."""
    if GATHERED not in scope.get("extensions", ()):
        _warn()


@functools.cache
def _warn() -> None:
    advice = next((advice for name, advice in _ADVICE.items() if name in sys.modules), _OTHERS)
    logger.warning('%s: docs/self-hosting.md, "Other servers".', advice)
