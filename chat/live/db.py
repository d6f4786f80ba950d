"""Runs synchronous services and queries in threads: the event loop's only access to the database."""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any, ParamSpec, TypeVar

from django.conf import settings
from django.db import DatabaseError, InterfaceError

from chat.files import files
from chat.lib import outage
from chat.lib.db_threads import ConnectedThread, DatabaseThreads
from chat.protocol.errors import not_storable, too_many_files, unavailable

# Seconds. Looks follow each other every half second.
WATCH_KEEP_SECONDS = 1.5

P = ParamSpec("P")
T = TypeVar("T")

_threads = DatabaseThreads(settings.CHAT_DATABASE_THREADS, "chat-db")
# Group commit has its own thread, so that slow reads do not delay an acknowledgement.
_writer = ConnectedThread("chat-db-writer")
# Searches have their own threads, so that no page waits for one; so has the indexer.
_searches = DatabaseThreads(2, "chat-db-search")
_indexing = DatabaseThreads(1, "chat-db-index")
# Its connection writes nothing that a look has to see, see `chat.queries.database_state`. It is kept between looks:
# taking it from the pool and returning it cost as much as the look.
_watching = ConnectedThread("chat-db-watch", keep=WATCH_KEEP_SECONDS)
# Checking a password takes 0.3 s of a core: a hundred simultaneous attempts delay only each other.
_passwords = DatabaseThreads(2, "chat-db-passwords")

# Reading, writing and opening files takes long on a slow disk or a remote storage.
_files = DatabaseThreads(4, "chat-files")
# As many as there are processes that open files (`chat.media.process`).
_media = DatabaseThreads(2, "chat-media")
# Link previews have their own thread: no user waits for one, and uploads must not wait for them.
_previews = DatabaseThreads(1, "chat-previews")


async def run(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Run synchronous database code in a thread.

    Raises:
        ChatError: `unavailable` when the database does not answer, `invalid` when it cannot store the values.

    Other exceptions of `function` propagate.
    """
    return await _run(_threads, function, *args, **kwargs)


async def write(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`run` in the writer's thread."""
    return await _run(_writer, function, *args, **kwargs)


async def search(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`run` in the threads of searches."""
    return await _run(_searches, function, *args, **kwargs)


async def index(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`run` in the thread that maintains the search index."""
    return await _run(_indexing, function, *args, **kwargs)


async def watch(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`run` in the thread that notices changes."""
    return await _run(_watching, function, *args, **kwargs)


async def sign_in(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`run` in the threads that check passwords."""
    return await _run(_passwords, function, *args, **kwargs)


async def on_files(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`run` in the threads that read and write files. A cancelled task ends only after its thread: until then it keeps
    the file and the lock that the thread uses."""
    return await _to_the_end(_run(_files, function, *args, **kwargs))


async def on_media(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`on_files` in the threads that wait for the processes that open files."""
    return await _to_the_end(_run(_media, function, *args, **kwargs))


async def on_previews(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """`on_files` in the thread that waits for the process that opens pages and pictures for link previews."""
    return await _to_the_end(_run(_previews, function, *args, **kwargs))


async def _to_the_end(work: Coroutine[Any, Any, T]) -> T:
    task = asyncio.ensure_future(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


async def _run(
    threads: DatabaseThreads | ConnectedThread, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs
) -> T:
    try:
        return await threads.run(function, *args, **kwargs)
    except (DatabaseError, InterfaceError) as error:
        if files.look():
            # Without free file descriptors, SQLite reports that it cannot open its file, libpq that there is no server.
            raise too_many_files() from error
        outage.report(error)
        raise (not_storable() if outage.fails_again(error) else unavailable()) from error
