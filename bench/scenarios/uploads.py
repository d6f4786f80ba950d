"""Uploads and downloads: what 100 MB cost the server in CPU time and memory, beside others that only keep the bytes.

Ours also looks at what arrives, in a process of its own, and counts it against quotas; both are in its figures.
"""

import contextlib
import http.client
import os
import threading
from collections.abc import Callable, Generator, Iterator
from functools import partial
from pathlib import Path

from bench.client import form_headers
from bench.machine import cpu_seconds, memory_bytes
from bench.measuring import Case, Effort, Figure, Measure, Plan, Sample, Scenario
from bench.npm import install
from bench.runner import wait_until_idle
from bench.servers import DAPHNE_COMMAND, SQLITE, Server, World, launch
from support.processes import scratch
from support.programs import need
from support.servers import clean_environment

MB = 1024 * 1024
PART = 4 * MB
# MB of one upload, rounds.
PLANS = {Effort.FULL: (100, 5), Effort.QUICK: (100, 2), Effort.SMALLEST: (1, 1)}
LOOK_SECONDS = 0.01
_TUS = {"Tus-Resumable": "1.0.0"}
_BOUNDARY = "measured"

Send = Callable[[http.client.HTTPConnection, Path], str]


class Watched:
    """`with Watched(pid) as seen: …`: CPU seconds and the most memory of a process and those that it has started."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._over = threading.Event()

    def __enter__(self) -> "Watched":
        self._cpu, self._began = self._sum(cpu_seconds), self._sum(memory_bytes)
        self._most = self._began
        self._thread = threading.Thread(target=self._look)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self.cpu = self._sum(cpu_seconds) - self._cpu
        self.grown = (self._most - self._began) / MB

    def _look(self) -> None:
        while not self._over.wait(LOOK_SECONDS):
            self._most = max(self._most, self._sum(memory_bytes))

    def _sum(self, measure: Callable[[int], float]) -> float:
        found = 0.0
        for pid in _family(self._pid):
            with contextlib.suppress(OSError, IndexError):
                found += measure(pid)
        return found


def _family(pid: int) -> Iterator[int]:
    yield pid
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            for child in task.read_text().split():
                yield from _family(int(child))


def measure(server: Server, send: Send, film: Path, *, reads: bool) -> Sample:
    """One file up, and down again where the server sends files."""
    wait_until_idle(server)
    line = http.client.HTTPConnection("127.0.0.1", server.ports[0], timeout=120)
    scale = 100 * MB / film.stat().st_size
    with Watched(server.children[0].pid) as up:
        address = send(line, film)
    sample = {"cpu": up.cpu * scale, "grown": max(up.grown, 0.0), "lost": 0.0}
    if reads:
        wait_until_idle(server)
        with Watched(server.children[0].pid) as down:
            line.request("GET", address, headers=_headers(server))
            response, size = line.getresponse(), 0
            while data := response.read(256 * 1024):
                size += len(data)
        sample |= {"down_cpu": down.cpu * scale, "down_grown": max(down.grown, 0.0)}
        sample["lost"] = float(size != film.stat().st_size)
    line.close()
    return sample


def in_parts(path: str, server: Server | None, line: http.client.HTTPConnection, film: Path) -> str:
    """An upload by tus; returns the address to read it from, of ours."""
    extra = _headers(server) if server else {}
    size = film.stat().st_size
    location = _asked(line, "POST", path, b"", _TUS | extra | {"Upload-Length": str(size)})
    place = "/" + location.split("/", 3)[-1] if "://" in location else location
    with film.open("rb") as source:
        for offset in range(0, size, PART):
            kind = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
            _asked(line, "PATCH", place, source.read(PART), _TUS | extra | kind)
    return f"/files/{place.rpartition('/')[2]}/film"


def as_form(path: str, server: Server | None, line: http.client.HTTPConnection, film: Path) -> str:
    """An upload by a form, as a page without scripts sends it."""
    head = f'--{_BOUNDARY}\r\nContent-Disposition: form-data; name="file"; filename="film"\r\n\r\n'.encode()
    kind = {"Content-Type": f"multipart/form-data; boundary={_BOUNDARY}"}
    body = b"".join((head, film.read_bytes(), f"\r\n--{_BOUNDARY}--\r\n".encode()))
    _asked(line, "POST", path, body, kind | (_headers(server) if server else {}))
    return ""


def _asked(line: http.client.HTTPConnection, method: str, path: str, body: bytes, headers: dict[str, str]) -> str:
    line.request(method, path, body, headers)
    response = line.getresponse()
    said = response.read()
    if response.status not in (200, 201, 204):
        raise RuntimeError(f"{method} {path} was answered with {response.status}: {said[:300]!r}")
    return response.headers.get("Location", "")


def _headers(server: Server) -> dict[str, str]:
    return form_headers(server.enter(0, server.ports[0]))


def _tus() -> Server:
    node, folder = need("node", package="nodejs"), install("tus")
    command = [str(node), str(folder / "server.mjs"), "{port}", str(scratch("bench"))]
    child, port = launch(command, clean_environment())
    return Server([child], [port], lambda *_: None, lambda *_: b"")  # type: ignore[arg-type]


def _django() -> Server:
    command = [*DAPHNE_COMMAND[:-1], "bench.peers.django_upload:application"]
    child, port = launch(command, clean_environment(UPLOADS=str(scratch("bench"))))
    return Server([child], [port], lambda *_: None, lambda *_: b"")  # type: ignore[arg-type]


@contextlib.contextmanager
def _opened(
    start: Callable[[], Server], send: Callable[..., str], path: str, megabytes: int, *, ours: bool
) -> Generator[Measure]:
    film = scratch("bench") / "film"
    film.write_bytes(os.urandom(megabytes * MB))
    server = start()
    bound = partial(send, path, server if ours else None)
    try:
        # Warm-up: loading for the first file is no cost of the second.
        small = film.with_name("small")
        small.write_bytes(os.urandom(MB))
        measure(server, bound, small, reads=False)
        yield partial(measure, server, bound, film, reads=ours and send is in_parts)
    finally:
        server.stop()
        film.unlink()


def plan(effort: Effort) -> Plan:
    """The cases and rounds."""
    megabytes, rounds = PLANS[effort]

    def case(name: str, title: str, start: Callable[[], Server], send: Callable[..., str], path: str) -> Case:
        ours = name in {"parts", "form"}
        return Case(name, title, partial(_opened, start, send, path, megabytes, ours=ours))

    def backchannel() -> Server:
        return SQLITE.start(World(people=2))

    cases = [
        case("tus", "@tus/server on Node, in parts: keeps the bytes", _tus, in_parts, "/files"),
        case("parts", "Backchannel, in parts", backchannel, in_parts, "/api/v1/uploads/"),
        case("form", "Backchannel, a form", backchannel, as_form, "/api/v1/files"),
        case("django", "Django's upload view on daphne, a form: keeps the bytes", _django, as_form, "/upload"),
    ]
    return Plan(cases, rounds, f"random bytes, {megabytes} MB in parts of 4 MB or in one form, on one connection")


UPLOADS = Scenario(
    "uploads",
    "Uploads and downloads",
    (
        Figure("cpu", "CPU s per 100 MB up", ".2f"),
        Figure("grown", "MiB more meanwhile", ".1f"),
        Figure("down_cpu", "CPU s per 100 MB down", ".2f"),
        Figure("down_grown", "MiB more meanwhile", ".1f"),
        Figure("lost", "lost", ".0f"),
    ),
    plan,
    compared=True,
)
