"""Runs our code on a database other than the tests' own: one with a default that causes trouble."""

from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.db.utils import load_backend

from your_project.databases import database


@contextmanager
def database_at(url: str, monkeypatch: pytest.MonkeyPatch, *, pool: bool = False, timeout: int = 4) -> Generator[Any]:
    """In the block, this thread's Django connection uses `url`, configured as the settings do for DATABASE_URL."""
    with monkeypatch.context() as patch:
        patch.setenv("DATABASE_URL", url)
        config = database("DATABASE_URL", Path("/nowhere"), timeout=timeout)
    settings = connections.configure_settings({"default": config})["default"]
    if not pool:
        settings["OPTIONS"].pop("pool", None)
    usual = connections["default"]
    other = load_backend(settings["ENGINE"]).DatabaseWrapper(settings, "default")
    connections["default"] = other
    try:
        yield other
    finally:
        connections["default"] = usual
        other.close()
        if pool:
            other.close_pool()
