"""The modules that are mutated, each with the tests that should notice it."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
# Mutants that behave as the module does: [{"module": …, "line": text of the line, "change": …, "why": one sentence}].
EQUIVALENT = Path(__file__).with_name("equivalent.json")


@dataclass(frozen=True, slots=True)
class Target:
    """A module and its tests, as paths below the root."""

    name: str
    module: str
    tests: tuple[str, ...]

    @property
    def text(self) -> str:
        """The text of the module at the first access: it may be edited during a run."""
        return _text(ROOT / self.module)

    @property
    def is_script(self) -> bool:
        return self.module.endswith(".js")

    def test_files(self) -> Iterator[Path]:
        """The files of the tests, and the helpers beside them."""
        for test in self.tests:
            path = ROOT / test
            yield path
            yield from sorted(path.parent.glob("conftest.py"))


@cache
def _text(path: Path) -> str:
    return path.read_text("utf-8")


TARGETS = [
    Target("rules", "chat/rules.py", ("tests/chat/test_rules.py", "tests/chat/test_refusals.py")),
    Target(
        "access",
        "chat/access.py",
        ("tests/chat/test_access.py", "tests/chat/test_access_together.py", "tests/chat/test_access_files.py"),
    ),
    Target("rate_limits", "chat/live/rate_limits.py", ("tests/live/test_limits.py",)),
    Target("room_stream", "chat/live/room_stream.py", ("tests/live/test_room_stream.py",)),
    Target(
        "send_queue",
        "chat/live/send_queue.py",
        ("tests/live/test_send_queue.py", "tests/live/test_send_queue_bounds.py"),
    ),
    Target(
        "credentials",
        "chat/identity/credentials.py",
        (
            *("tests/accounts/test_identify.py", "tests/accounts/test_identify_jwt.py"),
            *("tests/accounts/test_identify_tokens.py", "tests/identity/test_identify_all.py"),
            *("tests/identity/test_tokens.py", "tests/identity/test_participants.py"),
        ),
    ),
    Target("history", "chat/queries/history.py", ("tests/queries/test_history.py",)),
    *(
        Target(
            f"commands_{topic}",
            f"chat/protocol/commands/{topic}.py",
            ("tests/protocol/test_command_declarations.py", "tests/protocol/test_commands.py"),
        )
        for topic in ("base", "connection", "messages", "moderation", "people", "reading", "rooms", "search")
    ),
    Target(
        "parsing",
        "chat/protocol/parsing.py",
        ("tests/protocol/test_commands.py", "tests/protocol/test_command_declarations.py"),
    ),
    Target(
        "posting",
        "chat/services/posting.py",
        (
            *("tests/services/test_posting.py", "tests/services/test_mentions.py", "tests/services/test_races.py"),
            *("tests/services/test_threads.py", "tests/services/test_files.py", "tests/services/test_forwarding.py"),
            *("tests/services/test_groups.py", "tests/services/test_drafts.py", "tests/public/test_public.py"),
            *("tests/services/test_people.py", "tests/services/test_rooms.py", "tests/services/test_thread_calls.py"),
        ),
    ),
    Target(
        "session",
        "chatclient/session.py",
        (
            *("tests/chatclient/test_session.py", "tests/chatclient/test_session_messages.py"),
            *("tests/chatclient/test_session_commands.py", "tests/chatclient/test_outbox.py"),
            *("tests/chatclient/test_outbox_file.py", "tests/chatclient/test_emoji_list.py"),
            *("tests/chatclient/test_reconnecting.py", "tests/chatclient/test_session_properties.py"),
        ),
    ),
    Target("room_timeline", "chat/static/chat/js/state/room_timeline.js", ("tests/js/room_timeline.test.mjs",)),
]


@cache
def equivalents() -> set[tuple[str, str, str]]:
    """Module, line and change of the mutants that are not faults."""
    entries = json.loads(EQUIVALENT.read_text("utf-8")) if EQUIVALENT.exists() else []
    return {(entry["module"], entry["line"], entry["change"]) for entry in entries}
