"""The process for exports and imports, which a server starts and stops."""

import asyncio
import os
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from chat.live import db, transfers
from chat.live.database_watch import DatabaseWatch
from chat.queries.people import first_process


async def test_the_command_has_ended_when_the_server_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An orphaned command kept the database open, and a later test collected its transport."""
    process, said = uuid4(), tmp_path / "pid"
    (tmp_path / "django").mkdir()
    (tmp_path / "django" / "__init__.py").touch()
    # Stands in for the command: writes its pid and runs until it is stopped.
    (tmp_path / "django" / "__main__.py").write_text(
        f"import os, time\nopen({str(said)!r}, 'w').write(str(os.getpid()))\ntime.sleep(60)\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(transfers, "LOOK_SECONDS", 0)

    async def run(query: Any) -> Any:
        return process if query is first_process else True

    monkeypatch.setattr(db, "run", run)
    monkeypatch.setattr(db, "index", run)
    working = transfers.Transfers(process, DatabaseWatch())
    task = asyncio.create_task(working.run())
    async with asyncio.timeout(30):
        while not (said.exists() and said.read_text()):
            await asyncio.sleep(0.02)
        task.cancel()
        await working.end()
    assert task.cancelled()
    with pytest.raises(ProcessLookupError):
        os.kill(int(said.read_text()), 0)
