"""May a server start? The same answer for `manage.py serve` and for every other ASGI server."""

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

# gunicorn starts a worker that ends with another code again and again, and stops with this one.
WRONG_FOR_GOOD = 3
# What may be better in a moment: a database that cannot be reached.
WRONG_NOW = 1


class Refusal(NamedTuple):
    """Why a server must not start: sentences that each name the cure, and the exit code of a worker."""

    sentences: Sequence[str]
    code: int


class _State:
    answered = False


def settle() -> None:
    """The question needs no more answer in this process: `serve` has asked, tests ask by themselves."""
    _State.answered = True


def refusal(*, migrate: bool = False) -> Refusal | None:
    """Look at the settings, then at the database; None when a server may start. Warnings are logged.

    Not from the thread of an event loop: it asks the database. `migrate`: bring it up to date on the way.
    """
    if wrong := _errors(run_checks()):
        return Refusal(wrong, WRONG_FOR_GOOD)
    if problem := database_problem():
        return Refusal([f"Backchannel cannot reach its database: {problem}"], WRONG_NOW)
    # First: one of the wrong encoding or on a standby needs another cure than migrations.
    if wrong := _errors(run_checks(tags=[Tags.database], databases=["default"])):
        return Refusal(wrong, WRONG_NOW)
    if migrate:
        call_command("migrate", verbosity=0, skip_checks=True)
    if not is_migrated():
        cure = "run manage.py migrate, or serve --migrate."
        return Refusal([f"The database lacks migrations of this version: {cure}"], WRONG_FOR_GOOD)
    return None


def check_once() -> None:
    """For `asgi.py`: end this process with the reason on stderr when it must not serve. Which thread imports that
    file, and whether it has an event loop, depends on the server.

    Raises:
        SystemExit: with `Refusal.code`.
    """
    if _State.answered:
        return
    settle()
    answers: list[Refusal | None] = []
    thread = threading.Thread(target=lambda: answers.append(_ask_and_hang_up()), name="may-it-start")
    thread.start()
    thread.join()
    if not answers:
        # It failed, and the thread has written the traceback.
        sys.exit(WRONG_NOW)
    if found := answers[0]:
        for sentence in found.sentences:
            logger.critical("%s", sentence)
        sys.exit(found.code)
    if settings.SERVE_ONLY_GIVEN:
        logger.warning(
            "%s: only manage.py serve goes by it. Other servers have options of their own, see docs/self-hosting.md.",
            ", ".join(settings.SERVE_ONLY_GIVEN),
        )


def _ask_and_hang_up() -> Refusal | None:
    try:
        return refusal()
    finally:
        connection.close()
        # A server that forks after this must not share them, nor the pool's threads.
        if hasattr(connection, "close_pool"):
            connection.close_pool()


def _errors(found: Sequence[CheckMessage]) -> list[str]:
    """The sentences of the errors; warnings go to the log."""
    told = [message for message in found if not message.is_silenced()]
    for message in told:
        if message.level < ERROR:
            logger.warning("%s", _sentence(message))
    return [f"Backchannel cannot start: {_sentence(message)}" for message in told if message.level >= ERROR]


def _sentence(message: CheckMessage) -> str:
    hint = f" {message.hint}" if message.hint else ""
    return f"{message.msg}{hint} ({message.id})"
