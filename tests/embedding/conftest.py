"""Projects around the chat, each with its own fully migrated database."""

from pathlib import Path

import pytest

# Migrations take 5 s of a core, and several processes start: minutes on a machine that runs other tests.
LONGEST_SECONDS = 300


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.timeout(LONGEST_SECONDS))
