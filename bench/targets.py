"""Targets, and whether a run met them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from bench.measuring import Result


@dataclass(frozen=True)
class Aim:
    """A target. `read` takes the figure from the rows of its scenario by name."""

    what: str
    scenario: str
    read: Callable[["Read"], float]
    limit: float
    unit: str
    form: str = ".1f"
    at_least: bool = False

    def reached(self, value: float) -> bool:
        """Whether the value meets the target."""
        return value >= self.limit if self.at_least else value <= self.limit

    @property
    def limit_text(self) -> str:
        """The limit in words."""
        return f"at {'least' if self.at_least else 'most'} {self.limit:,g} {self.unit}"


Read = Callable[[str, str], float]


def _figure(row: str, key: str) -> Callable[[Read], float]:
    return lambda read: read(row, key)


def _growth(rows: tuple[str, ...], key: str) -> Callable[[Read], float]:
    """The last of the rows relative to the first."""
    return lambda read: read(rows[-1], key) / read(rows[0], key)


def _spread(rows: tuple[str, ...], key: str) -> Callable[[Read], float]:
    """The greatest ratio of a row to the first."""
    return lambda read: max(read(row, key) for row in rows) / read(rows[0], key)


AIMS = (
    Aim("fan-out, `manage.py serve`", "fanout", _figure("daphne", "us"), 9, "µs per delivery"),
    Aim("fan-out, uvicorn", "fanout", _figure("uvicorn", "us"), 5.5, "µs per delivery"),
    Aim("fan-out under load, `chat.v1.batch`, `manage.py serve`", "burst", _figure("daphne-batch", "us"), 3, "µs"),
    Aim("fan-out under load, `chat.v1.batch`, uvicorn", "burst", _figure("uvicorn-batch", "us"), 1.6, "µs"),
    *(
        Aim(
            f"ingest, {what}",
            "ingest",
            _figure(row, "per_cpu_second"),
            limit,
            "messages per CPU second",
            ",.0f",
            at_least=True,
        )
        for what, row, limit in (
            ("`manage.py serve`, PostgreSQL", "daphne", 4_000),
            ("uvicorn, PostgreSQL", "uvicorn", 5_000),
            ("`manage.py serve`, SQLite, a sync for each commit", "sqlite", 3_500),
        )
    ),
    *(
        Aim(
            f"pushes, {what}",
            "notifications",
            _figure(row, "per_cpu_second"),
            1_000,
            "pushes per CPU second",
            ",.0f",
            at_least=True,
        )
        for what, row in (("SQLite", "sqlite"), ("PostgreSQL", "daphne"))
    ),
    *(
        Aim(
            f"ingest with a device to notify of each message, beside without, {what}",
            "away",
            _figure(row, "ratio"),
            0.98,
            "times",
            ".3f",
            at_least=True,
        )
        for what, row in (("SQLite", "sqlite"), ("PostgreSQL", "daphne"))
    ),
    Aim("100 MB up in parts, CPU beside @tus/server", "uploads", _growth(("tus", "parts"), "cpu"), 1.5, "times", ".2f"),
    Aim(
        "100 MB up in parts, memory beside @tus/server",
        "uploads",
        _growth(("tus", "parts"), "grown"),
        1,
        "times",
        ".2f",
    ),
    Aim("100 MB down, memory", "uploads", _figure("parts", "down_grown"), 20, "MiB"),
    *(
        Aim(f"delay of delivery, {key}, {what}", "latency", _figure(row, key), limit, "ms")
        for row, what in (("daphne", "`manage.py serve`"), ("uvicorn", "uvicorn"))
        for key, limit in (("p50", 10), ("p99", 40))
    ),
    *(
        Aim(f"{name}, {what}", "sockets", _figure(row, key), limit, unit)
        for row, what in (("daphne", "`manage.py serve`"), ("uvicorn", "uvicorn"))
        for name, key, limit, unit in (("memory of an idle socket", "kb", 16, "KB"), ("connecting", "ms", 2, "CPU ms"))
    ),
    *(
        Aim(name.format(what), "crowd", _figure(row, key), limit, unit, form)
        for row, what, seconds in (("daphne", "`manage.py serve`", 2), ("uvicorn", "uvicorn", 1))
        for name, key, limit, unit, form in (
            ("10,000 people let in by one process, {}", "open_seconds", 20, "s", ".0f"),
            ("10,000 idle sockets on one process, {}", "idle_share", 0.02, "of a core", ".3f"),
            ("a message to all 10,000, {}", "seconds", seconds, "s", ".2f"),
        )
    ),
    *(
        aim
        for question, what in (
            ("newest", "newest page of history"),
            ("older", "older page of history"),
            ("unread", "unread counts"),
            ("resume", "resume of 500 changes"),
        )
        for aim in (
            Aim(
                f"{what}, 5,000,000 messages",
                "queries",
                _figure(f"{question}-5000000", "server_ms"),
                5,
                "ms at PostgreSQL",
                ".2f",
            ),
            Aim(
                f"{what}, beside a hundredth of the rows",
                "queries",
                _growth((f"{question}-50000", f"{question}-5000000"), "server_ms"),
                1.3,
                "times",
                ".2f",
            ),
        )
    ),
    *(
        Aim(
            f"cost of a delivery on 2 and 4 processes beside 1, {program}",
            "processes",
            _spread(tuple(f"{program}-{count}" for count in (1, 2, 4)), "us"),
            1.15,
            "times",
            ".2f",
        )
        for program in ("serve", "uvicorn")
    ),
    Aim("first page, nothing cached, interactive", "browser", _figure("daphne", "interactive"), 1_000, "ms", ".0f"),
    Aim("another room, cached", "browser", _figure("daphne", "switch"), 100, "ms", ".0f"),
    Aim("script before first paint", "browser", _figure("daphne", "script_kb"), 60, "KB gzipped"),
    Aim("CSS before first paint", "browser", _figure("daphne", "style_kb"), 20, "KB gzipped"),
    *(
        Aim(f"first page, nothing cached, {what}, {where}", "page", _figure(row, key), limit, "ms", ".0f")
        for row, where, readable, interactive in (
            ("usual", "this machine", 250, 300),
            ("slow", "slow phone and network", 1_200, 2_000),
        )
        for what, key, limit in (("readable", "readable", readable), ("interactive", "interactive", interactive))
    ),
    Aim(
        "first page, Lighthouse's performance on a phone",
        "lighthouse",
        _figure("phone", "score"),
        98,
        "of 100",
        ".0f",
        True,
    ),
    *(
        Aim(f"{what}, {where}", "page", _figure(row, key), limit, unit, ".0f")
        for row, where in (("usual", "this machine"), ("slow", "slow phone and network"))
        for what, key, limit, unit in (
            ("a room seen before", "switch", 100, "ms"),
            ("a room not seen before", "switch_new", 300, "ms"),
            ("one's own message", "own", 50, "ms"),
            ("quick switch, opened", "palette", 50, "ms"),
            ("quick switch, a key", "palette_key", 16, "ms"),
            ("rows in the page", "rows", 410, "rows"),
        )
    ),
)


def measured(aim: Aim, results: Mapping[str, Result]) -> float | None:
    """The figure of a target, or None when the run does not have it."""
    result = results.get(aim.scenario)
    if result is None:
        return None

    def read(name: str, key: str) -> float:
        row = result.row(name)
        # Results of an older run may lack a figure.
        if row is None or not row.values(key):
            raise KeyError(name)
        return row.median(key)

    try:
        return aim.read(read)
    except KeyError:
        return None
