"""What a row has to pass: two people write to each other while a server is stopped, killed and started again."""

import asyncio
import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from support.programs import find
from support.servers import Server
from tools.faults.site import Site
from tools.faults.traffic import Traffic
from tools.matrix.row import Failed, NotRun, Outcome

# Messages between two stops.
MESSAGES = 40
SETTLE_SECONDS = 60.0
GONE_SECONDS = 15.0


async def converse(site: Site, *, version: str, proxy: Callable[[Site], str] | None = None) -> Outcome:
    """Two people with two sockets each send numbered messages. In the middle of them one server gets SIGTERM, then
    kill -9, and starts again at its port and with its data.

    `proxy` starts the proxy in front of the running site, and returns its URL.

    Raises:
        Failed: If a message was lost, came twice or out of order, or a client gave up.
    """
    groups: set[int] = set()
    try:
        async with site:
            groups |= {server.pid for server in site.servers}
            address = proxy(site) if proxy else ""
            async with Traffic(
                site, voices=4, speakers=2, interval=0.1, url=(lambda _: address) if proxy else None
            ) as traffic:
                await traffic.until_said(MESSAGES)
                ending = await asyncio.to_thread(_stop, site.servers[-1])
                await site.start_again(site.processes - 1)
                groups.add(site.servers[-1].pid)
                await traffic.until_said(MESSAGES)
                kill(site.servers[-1].pid)
                site.servers[-1].kill()
                await site.start_again(site.processes - 1)
                groups.add(site.servers[-1].pid)
                await traffic.until_said(MESSAGES)
                verdict = await traffic.settle(seconds=SETTLE_SECONDS)
                verdict.expect(traffic.closes, "no connection ended: nothing was proven")
    finally:
        # Workers outlive a master that was killed.
        for group in groups:
            kill(group)
    if not verdict.whole:
        counts = f"lost {verdict.lost}, doubled {verdict.doubled}, misordered {verdict.misordered}"
        raise Failed("; ".join([counts, *verdict.broken[:1]]), version=version)
    return Outcome(
        version,
        f"{verdict.messages} messages, {verdict.deliveries} deliveries, none lost, doubled or misordered; {ending}",
    )


def _stop(server: Server) -> str:
    try:
        said = f"SIGTERM ends it with {server.stop()}"
    except subprocess.TimeoutExpired:
        said = "SIGTERM does not end it within 15 s"
    if not _gone(server.pid, GONE_SECONDS):
        said += ", its workers do not end with it"
        kill(server.pid)
    return said


def kill(group: int) -> None:
    """End a server and its workers at once. A worker that still runs would hold the SQLite file."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(group, signal.SIGKILL)
    _gone(group, GONE_SECONDS)


def _gone(group: int, seconds: float) -> bool:
    """Wait until no process of the group runs; False when some still do. One that init has not reaped has ended."""
    until = time.monotonic() + seconds
    while _running(group):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def _running(group: int) -> bool:
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            # proc(5): after the name in brackets come the state, the parent and the process group.
            state, _, its_group = stat.read_text().rpartition(")")[2].split()[:3]
            if int(its_group) == group and state != "Z":
                return True
    return False


def program(name: str, *, reason: str = "") -> Path:
    """The path of a program.

    Raises:
        NotRun: If it is not installed.
    """
    found = find(name)
    if not found:
        raise NotRun(reason or f"{name} is not installed")
    return found


def printed(*command: str | Path) -> str:
    """What a program prints, such as its version."""
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, timeout=30)
    return f"{done.stdout}{done.stderr}".strip()


def word(text: str, *, behind: str) -> str:
    """The word after another one: `word("nginx version: nginx/1.22.1", behind="nginx/")` is `1.22.1`."""
    return (text.partition(behind)[2].split() or ["unknown"])[0].rstrip(",;")


def versions(python: Sequence[str | Path], *packages: str) -> str:
    """The installed versions of these packages, each after its name."""
    code = f"import importlib.metadata as m; print(', '.join(p + ' ' + m.version(p) for p in {packages!r}))"
    return printed(*python, "-c", code)
