"""What most scenarios share: a running server, and the CPU time of a period of work."""

import contextlib
import time
from collections.abc import Callable, Generator

from bench.build import Build
from bench.load import Crowd, Round
from bench.measuring import Case, Measure, Sample
from bench.servers import Contestant, Server, World

WARM_UP_MESSAGES = 20
# A server counts as idle when it used less than this share of a core for this long.
IDLE_SHARE = 0.03
IDLE_SECONDS = 0.4
IDLE_PATIENCE_SECONDS = 10.0


def case_of(contestant: Contestant, world: World, measure: Callable[[Server], Sample]) -> Case:
    """A row that starts this contestant, and measures it with `measure`."""

    @contextlib.contextmanager
    def opened() -> Generator[Measure]:
        server = contestant.start(world)
        try:
            yield lambda: _or_last_words(server, measure)
        finally:
            server.stop()

    def beside(build: Build) -> Case | None:
        other = contestant.beside(build)
        return case_of(other, world, measure) if other else None

    return Case(contestant.name, contestant.title, opened, beside=beside)


def wait_until_idle(server: Server, *, patience: float = IDLE_PATIENCE_SECONDS) -> None:
    """Wait until the server uses nearly no CPU."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        before = server.cpu_seconds()
        time.sleep(IDLE_SECONDS)
        if server.cpu_seconds() - before < IDLE_SHARE * IDLE_SECONDS:
            return


def work(
    server: Server, crowd: Crowd, *, messages: int, outstanding: int, speakers: int = 1, rotate: bool = False
) -> tuple[Round, float]:
    """Let a connected crowd send; returns the round, and the CPU seconds of the server."""
    crowd.settle()
    crowd.speak(
        server.say,
        messages=max(WARM_UP_MESSAGES, speakers),
        outstanding=outstanding,
        speakers=speakers,
        rotate=rotate,
    )
    wait_until_idle(server)
    before = server.cpu_seconds()
    done = crowd.speak(
        server.say, messages=messages, outstanding=outstanding, speakers=speakers, rotate=rotate, acks=server.acks
    )
    used = server.cpu_seconds() - before
    if not done.deliveries:
        raise RuntimeError("Nothing was delivered.")
    return done, used


def _or_last_words(server: Server, measure: Callable[[Server], Sample]) -> Sample:
    try:
        return measure(server)
    except (OSError, RuntimeError) as error:
        raise RuntimeError(f"{error} The server's last words: {server.last_words()}") from error
