"""Decides whether a server may start, for `manage.py serve` and every other ASGI server alike."""

import logging
import sys
import threading
from collections.abc import Sequence
from typing import NamedTuple

from django.conf import settings
from django.core.checks import ERROR, CheckMessage, Tags, run_checks
from django.core.management import call_command
from django.db import connection

from chat.management.database import database_problem
from chat.server.health import is_migrated

logger = logging.getLogger(__name__)

# A permanent error. gunicorn stops when a worker exits with this code, and restarts a worker with any other.
EXIT_PERMANENT = 3
# An error that may pass: a database that cannot be reached.
EXIT_TEMPORARY = 1


class Refusal(NamedTuple):
    """Why a server must not start: sentences that each name the cure, and the exit code for a worker."""

    sentences: Sequence[str]
    code: int


class _State:
    checked = False


def settle() -> None:
    """Make `check_once` do nothing in this process: `serve` has checked, and tests check themselves."""
    _State.checked = True


def refusal(*, migrate: bool = False) -> Refusal | None:
    """Check the settings, then the database; None when a server may start. Warnings are logged.

    Call it outside of an event loop: it queries the database. `migrate`: apply migrations.
    """
    if wrong := _errors(run_checks()):
        return Refusal(wrong, EXIT_PERMANENT)
    if problem := database_problem():
        return Refusal([f"Backchannel cannot reach its database: {problem}"], EXIT_TEMPORARY)
    # Before the migrations: a wrong encoding or a standby needs a different cure.
    if wrong := _errors(run_checks(tags=[Tags.database], databases=["default"])):
        return Refusal(wrong, EXIT_TEMPORARY)
    if migrate:
        call_command("migrate", verbosity=0, skip_checks=True)
    if not is_migrated():
        cure = "run manage.py migrate, or serve --migrate."
        return Refusal([f"The database lacks migrations of this version: {cure}"], EXIT_PERMANENT)
    return None


def check_once() -> None:
    """For `asgi.py`: end the process with the reason on stderr when it must not serve. Checks in a thread, because some
    servers import that file inside an event loop.

    Raises:
        SystemExit: with `Refusal.code`.
    """
    if _State.checked:
        return
    settle()
    results: list[Refusal | None] = []
    thread = threading.Thread(target=lambda: results.append(_refusal_and_disconnect()), name="may-it-start")
    thread.start()
    thread.join()
    if not results:
        # The check raised, and the thread has logged the traceback.
        sys.exit(EXIT_TEMPORARY)
    if found := results[0]:
        for sentence in found.sentences:
            logger.critical("%s", sentence)
        sys.exit(found.code)
    if settings.CHAT_SERVE_ONLY_GIVEN:
        logger.warning(
            "%s: only manage.py serve reads this. Other servers have their own options, see docs/self-hosting.md.",
            ", ".join(settings.CHAT_SERVE_ONLY_GIVEN),
        )


def _refusal_and_disconnect() -> Refusal | None:
    try:
        return refusal()
    finally:
        connection.close()
        # A server that forks later must not share the connections or the pool's threads.
        if hasattr(connection, "close_pool"):
            connection.close_pool()


def _errors(found: Sequence[CheckMessage]) -> list[str]:
    """The sentences of the errors; warnings are logged."""
    shown = [message for message in found if not message.is_silenced()]
    for message in shown:
        if message.level < ERROR:
            logger.warning("%s", _sentence(message))
    return [f"Backchannel cannot start: {_sentence(message)}" for message in shown if message.level >= ERROR]


def _sentence(message: CheckMessage) -> str:
    hint = f" {message.hint}" if message.hint else ""
    return f"{message.msg}{hint} ({message.id})"
