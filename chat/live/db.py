"""The one seam between the event loop and the synchronous code: threads that run services and queries."""

from collections.abc import Callable
from typing import ParamSpec, TypeVar

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from accounts import outage
from chat.files import files
from chat.protocol.errors import not_storable, too_many_files, unavailable
from lib.db_threads import DatabaseThreads

P = ParamSpec("P")
T = TypeVar("T")

_threads = DatabaseThreads(settings.DATABASE_THREADS, "chat-db")
# Group commit has a thread of its own, so that slow reads never delay an acknowledgement.
_writer = DatabaseThreads(1, "chat-db-writer")
# Trying a password takes a third of a second of a core: a hundred guesses at once delay each other and nobody else.
_passwords = DatabaseThreads(2, "chat-db-passwords")


async def run(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run synchronous database code in a thread.

    Raises:
        ChatError: `unavailable` when the database does not answer, `invalid` when it can never store what it was
            given, and whatever `function` raises.
    """
    return await _run(_threads, function, *args, **kwargs)


async def write(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The same in the writer's thread."""
    return await _run(_writer, function, *args, **kwargs)


async def sign_in(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The same in the threads for what tries a password."""
    return await _run(_passwords, function, *args, **kwargs)


async def _run(threads: DatabaseThreads, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    try:
        return await threads.run(function, *args, **kwargs)
    except (DatabaseError, InterfaceError) as error:
        if files.look():
            # SQLite says that it cannot open its file, PostgreSQL's client that there is no server.
            raise too_many_files() from error
        outage.report(error)
        raise (not_storable() if outage.fails_again(error) else unavailable()) from error
