"""The process that opens what people upload and link to: `python -m chat.media.worker`, started by
`chat.media.process`.

It reads one job a line, `{"path", "folder"}`, and answers each with a line: what `Prepared` holds, or `{"refused"}`. A
job with `page` is a page that a message links to, and answered with its `PageFacts`.
Each job runs in a fork of it, which has the libraries loaded already, with limits on memory, time and what it writes,
and without the environment of the server: a decoder that is taken over finds no key, and is gone with its file.
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

# Address space: what the libraries map themselves is 400 MB; a picture of 40 million pixels takes 500 more.
MEMORY_BYTES = 1536 * 1024 * 1024
CPU_SECONDS = 40
PAGE_CPU_SECONDS = 2
# A PNG of 40 million pixels takes 2 s.
PREVIEW_CPU_SECONDS = 5
WALL_SECONDS = 60.0
# Written at most, in one file, and for a larger file twice its size: a small GIF can grow.
WRITTEN_BYTES = 256 * 1024 * 1024
ANSWER_BYTES = 64 * 1024
# Of lower priority than the sockets.
NICE = 10

logger = logging.getLogger(__name__)


def prepare(path: Path, folder: Path, *, only: str = "") -> Prepared:
    """A harmless copy of the file, or the file itself where nothing opens it; or `only` squares ("square") or an
    "emoji" of a picture of ours, or the thumbnail of a picture that is not to move ("preview").

    Raises:
        Refused: it cannot be taken.
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
        # Each decoder raises what it likes: OSError, ValueError, SyntaxError, struct.error.
        traceback.print_exc()
        raise Refused(
            f"The {what} is damaged, or of a kind that cannot be opened here. Send it in a ZIP file."
        ) from None
    return prepared


def page(path: Path, content_type: str, address: str) -> dict[str, Any]:
    """What a page says of itself.

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
    """In the fork: do the job and write the answer to the pipe `answer`."""
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
    """Do one job in a fork; its answer, or `refused` when it died or took too long.

    A file that no decoder opens needs none: a fork takes 5 ms of CPU, and an archive to import has thousands.
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
    # It has answered, died of a limit, or hangs.
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    if said:
        found: dict[str, Any] = json.loads(said)
        return found
    return {"refused": "The file takes too long or too much memory to open. Make it smaller and send it again."}


def main() -> None:
    """Do the jobs of standard input until it ends."""
    os.nice(NICE)
    # A service manager sends it to every process of the server, which opens what has arrived before it stops. The end
    # of the server ends standard input.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    for line in sys.stdin:
        print(json.dumps(_run(json.loads(line))), flush=True)  # noqa: T201 -- the answer


if __name__ == "__main__":
    main()
