"""The output of the load test: progress while it runs, then a table, JSON or a chart."""

import json
import sys
from dataclasses import dataclass
from pathlib import Path

from chatclient.display import plain
from chatclient.errors import ConnectionFailed
from chatclient.loadtest.chart import draw
from chatclient.loadtest.latency_stats import Figures, table
from chatclient.loadtest.plan import Outcome, Plan
from chatclient.loadtest.run import Run

if sys.platform != "win32":
    import resource


@dataclass(frozen=True, slots=True)
class Report:
    """The output: a table or JSON, and optionally a chart."""

    json: bool = False
    chart: Path | None = None


async def run_load(plan: Plan, report: Report) -> int:
    """Run the test and print its results. Returns the exit code: 0 if everything arrived, once and in order."""
    _allow_sockets(plan.clients)
    outcome = await Run(plan).go(_Progress())
    if not outcome.connected:
        raise ConnectionFailed(outcome.errors.most_common(1)[0][0].removeprefix("connect: "))
    if report.chart is not None:
        report.chart.write_text(
            draw(
                outcome.series,
                title=f"{outcome.connected} connections, {outcome.acknowledged} messages",
                subtitle=f"{plan.address.host}, {outcome.received} deliveries, {outcome.lost} lost, "
                f"{outcome.duplicates} twice, {outcome.order_errors} out of order",
            ),
            "utf-8",
        )
    text = json.dumps(outcome.as_json(), indent=1) if report.json else _told(outcome)
    sys.stdout.write(text + "\n")
    return 0 if outcome.good else 1


def _told(outcome: Outcome) -> str:
    rate = outcome.received / outcome.seconds if outcome.seconds else 0.0
    lines = [
        table([(name, Figures.of(times)) for name, times in outcome.series]),
        "",
        f"{outcome.connected} of {outcome.plan.clients} connected, {outcome.acknowledged} of "
        f"{outcome.plan.clients * outcome.plan.messages} messages acknowledged, {outcome.received} deliveries "
        f"in {outcome.seconds:.1f} s ({rate:.0f}/s)",
        f"lost {outcome.lost}, twice {outcome.duplicates}, out of order {outcome.order_errors}, "
        f"made to wait by limits {outcome.waits}",
    ]
    lines += [f"{count} x {plain(what)}" for what, count in outcome.errors.most_common()]
    return "\n".join(lines)


class _Progress:
    """A line on stderr: rewritten in place on a terminal, otherwise a new line at intervals."""

    def __init__(self) -> None:
        self._last = ""
        self._calls = 0

    def __call__(self, outcome: Outcome) -> None:
        plan = outcome.plan
        line = (
            f"connected {outcome.connected}/{plan.clients}, acknowledged {outcome.acknowledged}/"
            f"{plan.clients * plan.messages}, delivered {outcome.received}, errors {outcome.errors.total()}"
        )
        self._calls += 1
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[2K{line}" + ("\n" if outcome.seconds else ""))
        elif line != self._last and (self._calls % 4 == 1 or outcome.seconds):
            sys.stderr.write(line + "\n")
        sys.stderr.flush()
        self._last = line


def _allow_sockets(clients: int) -> None:
    """Raise the limit of open files as far as this process may."""
    if sys.platform == "win32":
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = clients + 100
    if soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (min(wanted, hard) if hard > 0 else wanted, hard))
