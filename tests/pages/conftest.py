"""Browsers without scripts: Django's test client is one."""

import pytest

from chat.identity import throttle


@pytest.fixture(autouse=True)
def _no_attempts_yet() -> None:
    throttle._memory.cache_clear()
