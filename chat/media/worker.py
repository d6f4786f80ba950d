"""The process that opens uploaded files and linked pages: `python -m chat.media.worker`, started by
`chat.media.process`.

It reads one job per line, `{"path", "folder"}`, and answers each with a line: the fields of `Prepared`, or
`{"refused"}`. A job with `page` is a linked page, and its answer has the fields of `PageFacts`.
Each job runs in a fork, which has the libraries loaded already, with limits on memory, time and writing, and without
the server's environment: an exploited decoder finds no keys, and ends with its file.
"""

import json
import logging
import os
import resource
import select
import signal
import sys
import traceback
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from typing import Any

from chat.lib.web_page import facts_of_page
from chat.media import pictures, recordings
from chat.media.kinds import PICTURES, RECORDINGS, kind_of, kind_of_unopened
from chat.media.pictures import Prepared
from chat.media.refused import Refused

# Address space: the libraries map 400 MB; a picture of 40 million pixels takes 500 MB more.
MEMORY_BYTES = 1536 * 1024 * 1024
CPU_SECONDS = 40
PAGE_CPU_SECONDS = 2
# A PNG of 40 million pixels takes 2 s.
PREVIEW_CPU_SECONDS = 5
WALL_SECONDS = 60.0
# The maximum size of a written file; twice the input for larger inputs, and this much because a small GIF can grow.
WRITTEN_BYTES = 256 * 1024 * 1024
ANSWER_BYTES = 64 * 1024
# A lower priority than the sockets.
NICE = 10

logger = logging.getLogger(__name__)


def prepare(path: Path, folder: Path, *, only: str = "") -> Prepared:
    """Make a harmless copy of the file, or keep it as it is if no decoder opens it. `only`: "square" or "emoji" makes
    just those from a picture of ours, "preview" makes a still thumbnail of a picture.

    Raises:
        Refused: the file cannot be accepted.
    """
    kind = kind_of(path)
    if only == "preview":
        if kind not in PICTURES:
            raise Refused("This is no picture.")
        return _opened(pictures.preview, path, folder, kind, "picture")
    if only:
        make = pictures.emoji if only == "emoji" else pictures.square
        return _opened(lambda *given: make(*given[:2]), path, folder, kind, "picture")
    if kind in PICTURES:
        return _opened(pictures.prepare, path, folder, kind, "picture")
    if kind in RECORDINGS:
        return _opened(recordings.prepare, path, folder, kind, "recording")
    return Prepared(kind, "")


def _opened(prepare: Any, path: Path, folder: Path, kind: str, what: str) -> Prepared:
    try:
        prepared: Prepared = prepare(path, folder, kind)
    except Refused:
        raise
    except MemoryError:
        raise Refused(f"The {what} takes too much memory to open. Make it smaller and send it again.") from None
    except Exception:
        # Decoders raise all kinds of errors: OSError, ValueError, SyntaxError, struct.error.
        traceback.print_exc()
        raise Refused(
            f"The {what} is damaged, or of a kind that cannot be opened here. Send it in a ZIP file."
        ) from None
    return prepared


def page(path: Path, content_type: str, address: str) -> dict[str, Any]:
    """Return the metadata of a page.

    Raises:
        Refused: it has no title.
    """
    found = facts_of_page(path.read_bytes(), content_type=content_type, address=address)
    if found is None:
        raise Refused("The page has no title.")
    return asdict(found)


def _limit(path: Path, cpu_seconds: int = CPU_SECONDS) -> None:
    written = max(WRITTEN_BYTES, 2 * path.stat().st_size)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (written, written))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def _job(job: dict[str, str], answer: int) -> None:
    """Do the job in the fork, and write the answer to the pipe `answer`."""
    path = Path(job["path"])
    is_preview = job.get("only") == "preview"
    _limit(path, PAGE_CPU_SECONDS if "page" in job else PREVIEW_CPU_SECONDS if is_preview else CPU_SECONDS)
    try:
        if "page" in job:
            found = page(path, job["content_type"], job["page"])
        else:
            found = asdict(prepare(path, Path(job["folder"]), only=job.get("only", "")))
    except Refused as refused:
        found = {"refused": str(refused)}
    os.write(answer, json.dumps(found).encode())


def _run(job: dict[str, str]) -> dict[str, Any]:
    """Do one job in a fork; returns its answer, or `refused` if it died or took too long.

    A file that no decoder opens needs no fork, which takes 5 ms of CPU: an archive to import has thousands of files.
    """
    if job.keys() == {"path", "folder"}:
        with suppress(OSError):
            if kind := kind_of_unopened(Path(job["path"])):
                return asdict(Prepared(kind, ""))
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        status = 1
        try:
            os.close(reading)
            _job(job, writing)
            status = 0
        except BaseException:
            traceback.print_exc()
        finally:
            os._exit(status)
    os.close(writing)
    try:
        ready, _, _ = select.select([reading], [], [], WALL_SECONDS)
        said = os.read(reading, ANSWER_BYTES) if ready else b""
    finally:
        os.close(reading)
    # The fork has answered, hit a limit, or hangs.
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    if said:
        found: dict[str, Any] = json.loads(said)
        return found
    return {"refused": "The file takes too long or too much memory to open. Make it smaller and send it again."}


def main() -> None:
    """Do the jobs on standard input until it ends."""
    os.nice(NICE)
    # Ignore SIGTERM: a service manager sends it to every process, but the server still opens the files that arrived
    # before it stops. When the server ends, standard input ends.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for line in sys.stdin:
        print(json.dumps(_run(json.loads(line))), flush=True)  # noqa: T201 -- the answer


if __name__ == "__main__":
    main()
