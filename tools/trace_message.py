#!/usr/bin/env python3
"""List the modules that one message passes: `.venv/bin/python -m tools.trace_message`.

A server of one process runs on SQLite and the in-memory layer in a temporary folder; one socket sends messages, another
receives them. Every function of the project that is called between the client's frame and the frames to both sockets is
noted by its module. What runs beside it (looks at the database each second, heartbeats) is left out: a module counts
only when all of the messages passed it.
"""

import argparse
import dis
import json
import os
import sys
import tempfile
import threading
import time
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("chat", "accounts", "your_project")
# Modules that only describe values or count.
VALUES = ("chat/protocol/", "chat/models/", "accounts/models", "chat/rules", "chat/metrics")
MESSAGES = 10
# Pause between two messages, so that work done each second falls into few of them.
PAUSE_SECONDS = 0.37


class Recorder:
    """Notes the files whose functions are called, in all threads, in the order of their first call."""

    def __init__(self) -> None:
        self._seen: dict[str, None] | None = None

    def install(self) -> None:
        threading.setprofile(self._note)
        sys.setprofile(self._note)

    def _note(self, frame: FrameType, event: str, _argument: Any) -> None:
        # The client's thread may end the recording meanwhile.
        seen = self._seen
        if seen is not None and event == "call" and frame.f_lasti <= _start_of(frame.f_code):
            seen.setdefault(frame.f_code.co_filename)

    def during(self, work: Callable[[], None]) -> list[str]:
        """The project's files, relative to its root, that were called while `work` ran."""
        self._seen = {}
        work()
        seen, self._seen = self._seen, None
        inside = [Path(name).relative_to(ROOT) for name in seen if Path(name).is_relative_to(ROOT)]
        return [str(path) for path in inside if path.parts[0] in PACKAGES]


@cache
def _start_of(code: CodeType) -> int:
    """The offset up to which a frame has only been called, not resumed as a coroutine that waited."""
    begins = [one.offset for one in dis.get_instructions(code) if one.opname == "RETURN_GENERATOR"]
    return begins[0] + 4 if begins else len(code.co_code)


def modules_passed(port: int, tokens: list[str], recorder: Recorder) -> list[str]:
    """Send `MESSAGES` messages; the modules that every one of them passed, in the order of the first."""
    from websockets.sync.client import connect

    def opened(token: str) -> Any:
        for _ in range(100):
            try:
                return connect(
                    f"ws://127.0.0.1:{port}/ws/chat/lobby/",
                    additional_headers={"Authorization": f"Bearer {token}"},
                    subprotocols=["chat.v1"],  # type: ignore[list-item]
                    compression=None,
                )
            except OSError:
                time.sleep(0.1)
        raise SystemExit("The server does not answer.")

    def until(socket: Any, *kinds: str) -> None:
        due = set(kinds)
        while due:
            due.discard(json.loads(socket.recv(timeout=10))["type"])

    with opened(tokens[0]) as speaker, opened(tokens[1]) as listener:
        until(speaker, "history")
        until(listener, "history")
        time.sleep(2)
        found: list[list[str]] = []
        for number in range(MESSAGES):
            time.sleep(PAUSE_SECONDS)

            def one_message(number: int = number) -> None:
                speaker.send(json.dumps({"type": "chat_message", "message": "hello", "client_id": f"trace-{number}"}))
                until(speaker, "ack", "message")
                until(listener, "message")

            found.append(recorder.during(one_message))
    return [module for module in found[0] if all(module in others for others in found)]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n", maxsplit=1)[0])
    parser.add_argument("--most", type=int, help="end with 1 when there are more modules than this")
    most = parser.parse_args().most

    with tempfile.TemporaryDirectory(prefix="backchannel-trace-") as folder:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "your_project.settings", "DATA_DIR": folder, "LOG_LEVEL": "warning"}
        for name in ("DATABASE_URL", "REDIS_URL"):
            os.environ.pop(name, None)
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        tokens = _people()
        port = _free_port()
        recorder = Recorder()
        recorder.install()

        def client() -> None:
            passed = modules_passed(port, tokens, recorder)
            print("\n".join(passed))
            values = [module for module in passed if module.startswith(VALUES)]
            print(f"{len(passed)} modules for one message, {len(values)} of them without effects")
            sys.stdout.flush()
            # The server's own loop runs in the main thread.
            os._exit(int(most is not None and len(passed) > most))

        threading.Thread(target=client, daemon=True).start()
        call_command("serve", port=port)


def _people() -> list[str]:
    """Two members of a room; their tokens."""
    from chat.models import Participant, Room
    from chat.services.members import room_join
    from chat.services.tokens import token_issue

    people = [Participant.objects.create(username=name) for name in ("alice", "bob")]
    Room.objects.get_or_create(slug="lobby", defaults={"title": "Lobby"})
    for user in people:
        room_join(user=user, room="lobby")
    return [token_issue(user=user, name="trace")[1] for user in people]


def _free_port() -> int:
    import socket

    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


if __name__ == "__main__":
    main()
