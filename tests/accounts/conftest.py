"""Shared by the account tests: reset attempt counters, and the signals of changed access."""

from collections.abc import Generator
from typing import Any

import pytest

from chat import signals
from chat.identity import throttle


@pytest.fixture(autouse=True)
def _no_attempts_yet() -> None:
    throttle._memory.cache_clear()
    throttle._redis.cache_clear()


@pytest.fixture
def told() -> Generator[list[int]]:
    """The ids of the people whose open sockets must be checked again, in order."""
    heard: list[int] = []

    def hear(*, user_ids: frozenset[int], **_: Any) -> None:
        heard.extend(sorted(user_ids))

    signals.access_changed.connect(hear)
    yield heard
    signals.access_changed.disconnect(hear)
