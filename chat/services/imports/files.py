"""Files of the export, kept like uploads: copied, made harmless, and taken by their message.

Threads do this ahead of the writing, in two steps: while one window of messages is written, the files of the next
window are opened and stored, and those of the window after it are copied out of the archive.
"""

import threading
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Self

from django.conf import settings

from chat.importing.archives import Archive
from chat.importing.documents import DAMAGE
from chat.importing.stream import File, Message, Notes
from chat.importing.words import link
from chat.media.process import WORKERS
from chat.models import File as Kept
from chat.protocol.errors import ChatError
from chat.services.file_batches import Arrived, Begun, files_begin, files_discard, files_end
from chat.services.files import arrivals, check_size
from chat.services.imports.pauses import pausing
from chat.services.imports.people import People
from chat.services.imports.windows import one_behind

# The author where the export names none.
NOBODY = ""
_PIECE_BYTES = 256 * 1024


class _Stopped(Exception):
    """Raised in a thread when the import ends before its files are needed."""


@dataclass(slots=True, eq=False)
class _Window:
    """Messages that are written together, with the progress of their files."""

    known: int
    messages: list[Message]
    files: list[tuple[Message, File]]
    copies: "list[Future[tuple[Path, int]]]"
    # The files that could be copied.
    copied: list[tuple[Message, File, Arrived]] = field(default_factory=list)
    begun: Begun = field(default_factory=lambda: Begun([]))


class FilesAhead:
    """Stores files of messages before the messages are written. On exit it deletes the files that no message took."""

    def __init__(self, archive: Archive, people: People, notes: Notes) -> None:
        self._archive, self._people, self._notes = archive, people, notes
        # One thread, because archive readers are not thread-safe.
        self._copying = ThreadPoolExecutor(1, "import-copy")
        self._opening = ThreadPoolExecutor(WORKERS, "import-open")
        self._under_way: list[_Window] = []
        self._stopped = threading.Event()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stopped.set()
        self._copying.shutdown(cancel_futures=True)
        try:
            for window in self._under_way:
                files_discard(window.begun)
        finally:
            self._opening.shutdown(cancel_futures=True)
            for window in self._under_way:
                _remove(window)

    def stored(
        self, windows: Iterable[tuple[int, list[Message]]]
    ) -> Iterator[tuple[int, list[Message], dict[str, list[Kept]]]]:
        """Yield each window with its messages' stored files by message id. Takes these files off the messages' lists;
        refused files stay there, so that the message names them.

        A window is a number and messages whose authors exist; it is written before the next one is requested.
        """
        copied = (self._copied(known, messages) for known, messages in windows)
        for window in one_behind(map(self._begun, one_behind(copied))):
            yield window.known, window.messages, self._kept(window)
            self._under_way.remove(window)

    def _copied(self, known: int, messages: list[Message]) -> _Window:
        """Start copying the window's files."""
        files = list(_with_bytes(messages))
        window = _Window(known, messages, files, [self._copying.submit(self._copy, file) for _, file in files])
        self._under_way.append(window)
        return window

    def _begun(self, window: _Window) -> _Window:
        """Start opening and storing the copies."""
        for (message, file), copy in zip(window.files, window.copies, strict=True):
            try:
                path, size = copy.result()
            except DAMAGE as error:
                self._notes.lose("file", f"could not be kept: {str(error)[:80]}", file.path)
                continue
            except ChatError as refused:
                self._notes.lose("file", refused.message, file.path)
                continue
            user = self._people.id_of(message.author or NOBODY)
            window.copied.append((message, file, Arrived(user, path, size, file.name)))
        if window.copied:
            with pausing():
                window.begun = files_begin([one for _, _, one in window.copied], self._opening)
        return window

    def _kept(self, window: _Window) -> dict[str, list[Kept]]:
        kept: dict[str, list[Kept]] = {}
        if window.copied:
            # Outside of `pausing`, whose pause is as long as its block.
            wait(window.begun.opened.values())
            with pausing():
                found = files_end(window.begun)
            for (message, file, _), one in zip(window.copied, found, strict=True):
                if isinstance(one, ChatError):
                    self._notes.lose("file", one.message, file.path)
                else:
                    kept.setdefault(message.id, []).append(one)
                    message.files.remove(file)
            _remove(window)
        return kept

    def _copy(self, file: File) -> tuple[Path, int]:
        """Copy a file in a thread; returns the path and size. Checks the size first, so that no file fills the disk:
        compressed, it may have a hundredth of its size."""
        check_size(self._archive.size(file.path), file.name)
        with NamedTemporaryFile(dir=arrivals(), prefix="import-", delete=False) as out:
            path = Path(out.name)
            try:
                with self._archive.open(file.path) as source:
                    while piece := source.read(_PIECE_BYTES):
                        if self._stopped.is_set():
                            raise _Stopped
                        out.write(piece)
                out.flush()
            except BaseException:
                path.unlink(missing_ok=True)
                raise
            return path, out.tell()


def file_line(file: File) -> str:
    """The text line for a file whose bytes are not kept: name, size and URL."""
    size = f" ({file.size} bytes)" if file.size is not None else ""
    words = link(file.name, file.url) if file.url else file.name
    if file.state in {"deleted", "hidden", "denied", "omitted"}:
        words = f"{words} [file {file.state}]".strip()
    return f"{words}{size}"


def _with_bytes(messages: Iterable[Message]) -> Iterator[tuple[Message, File]]:
    for one in messages:
        yield from (
            (one, file) for file in [file for file in one.files if file.path][: settings.CHAT_FILES_PER_MESSAGE]
        )


def _remove(window: _Window) -> None:
    """Delete the copies that did not become files."""
    for copy in window.copies:
        if not copy.cancelled() and not copy.exception():
            copy.result()[0].unlink(missing_ok=True)
