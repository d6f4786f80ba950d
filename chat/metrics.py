"""The Prometheus metrics of this process; `docs/operations.md` explains each of them.

On the path of a message a metric costs at most an addition: events per frame or delivery are counted in plain
attributes, of the process or of the socket, and summed when the metrics are read. A counter of the library has a lock.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
    generate_latest,
)
from prometheus_client.core import CounterMetricFamily, Metric
from prometheus_client.registry import Collector

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
REGISTRY = CollectorRegistry()
# The `_created` series repeat process_start_time_seconds.
disable_created_metrics()  # type: ignore[no-untyped-call]

# Seconds: from a commit on a laptop's SSD to a commit on a busy network disk; from a local delivery to a recovered one.
_QUICK = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
_LIFETIME = (1.0, 10.0, 60.0, 600.0, 3600.0, 6 * 3600.0, 24 * 3600.0)
_BATCH = (1, 2, 4, 8, 16, 32, 64, 128, 256)


def _counter(name: str, meaning: str, *labels: str) -> Counter:
    return Counter(f"backchannel_{name}", meaning, labels, registry=REGISTRY)


def _gauge(name: str, meaning: str) -> Gauge:
    return Gauge(f"backchannel_{name}", meaning, registry=REGISTRY)


def _histogram(name: str, meaning: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
    return Histogram(f"backchannel_{name}", meaning, labels, buckets=buckets, registry=REGISTRY)


SOCKETS = _gauge("sockets", "Sockets that are open on this process.")
CONNECTS = _counter("connects", "Sockets that were opened, by what became of them.", "outcome")
CLOSES = _counter("closes", "Sockets that ended, by close code; 4008 is one that did not keep up.", "code")
LIFETIME = _histogram("connection_seconds", "How long a socket was open.", _LIFETIME)

ERRORS = _counter("errors", "Errors sent to clients, by code.", "code")

HTTP_REQUESTS = _counter("http_requests", "Requests to pages and the API.", "route", "method", "status")
HTTP_SECONDS = _histogram("http_request_seconds", "How long such a request took until its answer.", _QUICK, "route")
HTTP_IN_PROGRESS = _gauge("http_requests_in_progress", "Such requests that are being answered.")

COMMIT = _histogram("commit_seconds", "How long a transaction took that posted messages.", _QUICK)
BATCH = _histogram("commit_messages", "How many messages one transaction posted.", _BATCH)
DELIVERY = _histogram(
    "delivery_seconds", "From the commit to the sockets of a process: the same one, or another.", _QUICK, "process"
)
GAPS = _counter("gaps", "Times that a number was missing in a room's stream.")
HEALS = _counter("heals", "Reads from the database because a missing number did not arrive by itself.")
HEALED = _counter("healed_events", "Events that came from such reads.")
HINTS_LOST = _counter("publish_failures", "Notifications to other processes that the channel layer did not accept.")
DATABASE_WELL = _gauge("database_well", "1 while the database answers this process, can be written and is migrated.")
LAYER_WELL = _gauge("layer_well", "1 while this process receives its own messages through the channel layer.")
PUSHES_SENT = _counter("pushes_sent", "Pushes that a push service has taken.")
PUSHES_WITHDRAWN = _counter(
    "pushes_withdrawn", "Pushes that were not sent, because there was no need any more.", "reason"
)
PUSHES_FAILED = _counter("pushes_failed", "Attempts to send a push that failed, by reason.", "reason")
PUSHES_QUEUED = _counter("pushes_queued", "Pushes that were put in the queue.")
PUSH_DELAY = _histogram("push_delay_seconds", "From the decision about a message until its push was taken.", _LIFETIME)
MAILS = _counter(
    "missed_mails", "E-mails of missed messages, by what became of them: sent, refused, waits, later.", "outcome"
)
LINKS = _counter(
    "links", "Pages of links, by what became of them: shown, nothing, refused, limited, or the failure.", "outcome"
)
FILES_RUN_OUT = _gauge("files_run_out", "1 while this process can open no more files and connections.")
FILES = _counter("files", "Files that people uploaded, by what became of them: stored, refused, deleted.", "outcome")
FILE_SCANS = _counter("file_scans", "Files that the scanner was asked about: clean, found, failed.", "outcome")
FILE_BYTES = _counter("file_bytes", "Bytes of files: received, stored, sent.", "direction")
FILE_OPENING = _histogram("file_opening_seconds", "How long it took to open, write anew and store a file.", _QUICK)
LOOP_LAG = _gauge("loop_lag_seconds", "The longest the event loop kept something waiting in the last ten seconds.")


@dataclass(eq=False, slots=True)
class Traffic:
    """Counts the events sent to one socket. Its send queue adds to them directly: a call would double the cost."""

    events: int = 0
    bytes: int = 0
    dropped: int = 0

    def drop(self, text: str) -> None:
        """Count a text as dropped that was counted as sent."""
        self.events -= 1
        self.bytes -= size(text)
        self.dropped += 1


def size(text: str) -> int:
    """Return the length of `text` in bytes of UTF-8, without encoding ASCII."""
    return len(text) if text.isascii() else len(text.encode())


class _Received(Collector):
    """Counts what all clients have sent. The event loop's thread adds to the attributes."""

    def __init__(self) -> None:
        self.frames = 0
        self.bytes = 0
        # Name of the command -> number of valid ones.
        self.commands: defaultdict[str, int] = defaultdict(int)

    def collect(self) -> Iterator[Metric]:
        """Called by the registry at each scrape."""
        yield CounterMetricFamily(
            "backchannel_received_frames", "Frames from clients, whatever was in them.", value=self.frames
        )
        yield CounterMetricFamily(
            "backchannel_received_bytes", "Bytes of the text frames from clients.", value=self.bytes
        )
        commands = CounterMetricFamily(
            "backchannel_commands", "Commands that were understood, by type.", labels=["command"]
        )
        for name, number in self.commands.items():
            commands.add_metric([name], number)
        yield commands


class _Sent(Collector):
    """Sums the traffic of the open and the closed sockets."""

    def __init__(self) -> None:
        self._open: set[Traffic] = set()
        self._ended = Traffic()

    def begin(self, traffic: Traffic) -> None:
        """Add an open socket."""
        self._open.add(traffic)

    def end(self, traffic: Traffic) -> None:
        """Keep the totals of a closed socket."""
        self._open.discard(traffic)
        self._ended.events += traffic.events
        self._ended.bytes += traffic.bytes
        self._ended.dropped += traffic.dropped

    def collect(self) -> Iterator[Metric]:
        """Called by the registry at each scrape."""
        parts = [*self._open, self._ended]
        sums = {
            ("sent_events", "Events offered to sockets."): sum(part.events for part in parts),
            ("sent_bytes", "Bytes of these events."): sum(part.bytes for part in parts),
            ("dropped_events", "Events without a number that a slow socket did not get."): sum(
                part.dropped for part in parts
            ),
        }
        for (name, meaning), value in sums.items():
            yield CounterMetricFamily(f"backchannel_{name}", meaning, value=value)


RECEIVED = _Received()
REGISTRY.register(RECEIVED)
SENT = _Sent()
REGISTRY.register(SENT)
ProcessCollector(registry=REGISTRY)


def exposition() -> bytes:
    """Return all metrics in Prometheus' text format. Call it in the event loop's thread, which changes them."""
    return generate_latest(REGISTRY)
