"""The server's side of the worker processes of `chat.media.worker`. It blocks: call it in threads."""

import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chat.lib.web_page import PageFacts
from chat.media.pictures import Prepared
from chat.media.refused import Refused

logger = logging.getLogger(__name__)

# Workers per server process: for uploaded files, and for pages and pictures of link previews.
WORKERS = 2
PREVIEW_WORKERS = 1
# Idle workers end after this time: each holds 60 MB.
IDLE_SECONDS = 60.0
_ROOT = Path(__file__).resolve().parent.parent.parent


class _Ended(Exception):
    """Raised when a worker has ended without an answer."""


class Workers:
    """At most `number` processes, started on demand."""

    def __init__(self, number: int = WORKERS) -> None:
        self._places = threading.BoundedSemaphore(number)
        self._lock = threading.Lock()
        self._idle: list[subprocess.Popen[str]] = []
        self._timer: threading.Timer | None = None

    def prepare(self, path: Path, folder: Path, *, only: str = "") -> Prepared:
        """Write a harmless copy of the file at `path` into `folder`. `only`: "square" or "emoji" makes just those from
        a picture that was prepared before, "preview" makes a still thumbnail of any picture.

        Raises:
            Refused: the file cannot be accepted; with a sentence for the person.
        """
        job = {"path": str(path), "folder": str(folder)} | ({"only": only} if only else {})
        return Prepared(**self._done(job))

    def read_page(self, path: Path, *, content_type: str, address: str) -> PageFacts:
        """Return the metadata of the page at `path`, which came from `address`.

        Raises:
            Refused: it has no title, or takes too long to read.
        """
        return PageFacts(**self._done({"path": str(path), "page": address, "content_type": content_type}))

    def _done(self, job: dict[str, str]) -> dict[str, Any]:
        try:
            answer = self._answer(job)
        except _Ended:
            # Try again: an operator or a lack of memory ended the worker, not the file.
            try:
                answer = self._answer(job)
            except _Ended:
                raise Refused("The file could not be opened just now. Send it again.") from None
        if refused := answer.get("refused"):
            raise Refused(refused)
        return answer

    def _answer(self, job: dict[str, str]) -> dict[str, Any]:
        with self._worker() as worker:
            return _ask(worker, job)

    def stop(self) -> None:
        """End the idle processes."""
        with self._lock:
            idle, self._idle = self._idle, []
        for worker in idle:
            _end(worker)

    @contextmanager
    def _worker(self) -> Iterator[subprocess.Popen[str]]:
        with self._places:
            with self._lock:
                if self._timer:
                    self._timer.cancel()
                    self._timer = None
                worker = self._idle.pop() if self._idle else None
            if worker is None or worker.poll() is not None:
                worker = _start()
            try:
                yield worker
            except BaseException:
                _end(worker)
                raise
            with self._lock:
                self._idle.append(worker)
                if self._timer:
                    # The timer of another worker that became idle.
                    self._timer.cancel()
                self._timer = threading.Timer(IDLE_SECONDS, self.stop)
                self._timer.daemon = True
                self._timer.start()


def _start() -> "subprocess.Popen[str]":
    # Not the server's environment, which holds the keys.
    env = {"PYTHONPATH": str(_ROOT), "PATH": os.defpath, "LC_ALL": "C.UTF-8"}
    return subprocess.Popen(
        [sys.executable, "-m", "chat.media.worker"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=env,
        cwd=_ROOT,
        # Ctrl+C in the terminal must reach only the server, which then ends this process.
        start_new_session=True,
    )


def _ask(worker: "subprocess.Popen[str]", job: dict[str, str]) -> dict[str, Any]:
    assert worker.stdin
    assert worker.stdout
    try:
        worker.stdin.write(json.dumps(job) + "\n")
        worker.stdin.flush()
        said = worker.stdout.readline()
    except OSError:
        said = ""
    if not said:
        logger.error("The process that opens files has ended with %s.", worker.wait())
        raise _Ended
    answer: dict[str, Any] = json.loads(said)
    return answer


def _end(worker: "subprocess.Popen[str]") -> None:
    for pipe in (worker.stdin, worker.stdout):
        if pipe:
            pipe.close()
    try:
        worker.wait(2)
    except subprocess.TimeoutExpired:
        worker.kill()
        worker.wait()


workers = Workers()
preview_workers = Workers(PREVIEW_WORKERS)
