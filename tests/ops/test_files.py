"""Out of file descriptors: operator and members read what is wrong."""

import logging
import os
import resource
from collections.abc import Generator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
from django.db import OperationalError

from chat import metrics
from chat.files import Files
from chat.live import db
from chat.protocol.errors import ChatError


@contextmanager
def nothing_to_open() -> Generator[list[int]]:
    """Exhaust this process's file descriptors; those in the list can be closed."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    used = max(int(path.name) for path in Path("/proc/self/fd").iterdir())
    resource.setrlimit(resource.RLIMIT_NOFILE, (used + 8, hard))
    opened: list[int] = []
    with suppress(OSError):
        while True:
            opened.append(os.open(os.devnull, os.O_RDONLY))
    try:
        yield opened
    finally:
        for one in opened:
            os.close(one)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_it_is_said_once_and_again_when_it_is_over(caplog: pytest.LogCaptureFixture) -> None:
    files = Files()
    with caplog.at_level(logging.WARNING, logger="chat.files"), nothing_to_open() as opened:
        assert [files.look() for _ in range(5)] == [True] * 5
        assert len(caplog.messages) == 1
        assert "Out of file descriptors" in caplog.messages[0]
        assert b"backchannel_files_run_out 1.0" in metrics.exposition()
        os.close(opened.pop())
        assert not files.look()
    assert caplog.messages[1:] == ["File descriptors are available again."]
    assert b"backchannel_files_run_out 0.0" in metrics.exposition()


async def test_members_read_that_and_not_that_the_database_is_away() -> None:
    def fail() -> None:
        raise OperationalError("unable to open database file")

    # From here on the database thread exists, with all that it needs.
    with pytest.raises(ChatError, match="cannot reach its database"):
        await db.run(fail)
    with nothing_to_open(), pytest.raises(ChatError, match="too many connections open") as caught:
        await db.run(fail)
    assert caught.value.code == "unavailable"
