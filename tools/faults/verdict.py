"""The outcome of a fault: the numbers, and the promises that were broken. No I/O."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from chatclient.loadtest.latency_stats import Figures

LOSSES_TOLD = 5


@dataclass(frozen=True, slots=True)
class Row:
    """A message as the database keeps it."""

    seq: int
    rev: int
    client_id: str | None
    text: str


@dataclass(frozen=True, slots=True)
class Told:
    """A message as a client received it."""

    seq: int
    rev: int
    client_id: str | None
    text: str
    delay: float | None  # seconds since it was submitted; None for those that no client of this run sent


@dataclass
class Held:
    """What one client sent and received."""

    name: str
    # By client_id, in the order they were submitted.
    said: dict[str, str] = field(default_factory=dict)
    acknowledged: dict[str, int | None] = field(default_factory=dict)
    told: list[Told] = field(default_factory=list)
    # What the client keeps, by seq, from `since` on: it should never receive earlier messages.
    kept: dict[int, str] = field(default_factory=dict)
    since: int = 0


@dataclass
class Verdict:
    """`broken` has a sentence for each promise that was broken, `late` for each that was kept too late.

    A busy machine makes things late, so `bin/faults` requires `good`, and the tests require `whole`.
    """

    repetitions: int = 1
    messages: int = 0
    deliveries: int = 0
    lost: int = 0
    doubled: int = 0
    misordered: int = 0
    longest_delay: float = 0.0
    figures: dict[str, str] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)

    @property
    def whole(self) -> bool:
        return not (self.lost or self.doubled or self.misordered or self.broken)

    @property
    def good(self) -> bool:
        return self.whole and not self.late

    def lose(self, sentence: str) -> None:
        """Count one lost message at one client; the first few are named."""
        self.lost += 1
        if self.lost <= LOSSES_TOLD:
            self.broken.append(sentence)

    def expect(self, kept: object, sentence: str) -> None:
        if not kept:
            self.broken.append(sentence)

    def in_time(self, kept: object, sentence: str) -> None:
        if not kept:
            self.late.append(sentence)

    def __str__(self) -> str:
        figures = "".join(f", {name} {value}" for name, value in self.figures.items())
        return (
            f"{self.messages} messages, {self.deliveries} deliveries, lost {self.lost}, doubled {self.doubled}, "
            f"misordered {self.misordered}, longest delay {self.longest_delay:.2f} s{figures}"
            + "".join(f"\n  BROKEN: {sentence}" for sentence in self.broken)
            + "".join(f"\n  LATE: {sentence}" for sentence in self.late)
        )

    def add(self, other: "Verdict") -> None:
        """Add another run of the same fault."""
        self.repetitions += other.repetitions
        self.messages += other.messages
        self.deliveries += other.deliveries
        self.lost += other.lost
        self.doubled += other.doubled
        self.misordered += other.misordered
        self.longest_delay = max(self.longest_delay, other.longest_delay)
        self.figures = other.figures
        self.broken += other.broken
        self.late += other.late


def compare(rows: Sequence[Row], clients: Sequence[Held]) -> Verdict:
    """Compare what every client sent, received and keeps with the database, message by message."""
    verdict = Verdict(messages=sum(len(client.said) for client in clients))
    # Messages other than the numbered ones may be repeated.
    numbered = {text for client in clients for text in client.said.values()}
    texts = Counter(row.text for row in rows if row.text in numbered)
    verdict.doubled += sum(count - 1 for count in texts.values())
    by_id = {row.client_id: row for row in rows if row.client_id}
    for client in clients:
        verdict.deliveries += len(client.told)
        for client_id, text in client.said.items():
            row = by_id.get(client_id)
            seq = client.acknowledged.get(client_id)
            if row is None or row.text != text or (seq is not None and seq != row.seq):
                verdict.lose(f"what {client.name} said as {client_id} is not in the database, or not at {seq}")
        places = [by_id[client_id].seq for client_id in client.said if client_id in by_id]
        verdict.misordered += _descents(places)
        _compare_told(rows, client, verdict)
    return verdict


def _compare_told(rows: Sequence[Row], client: Held, verdict: Verdict) -> None:
    due = {row.seq: row.text for row in rows if row.seq > client.since}
    for seq, text in due.items():
        if client.kept.get(seq) != text:
            verdict.lose(f"{client.name} does not hold {seq}, or holds another text there")
    extra = client.kept.keys() - {row.seq for row in rows}
    verdict.expect(not extra, f"{client.name} keeps {len(extra)} messages that the database does not have")
    told = Counter((told.seq, told.rev) for told in client.told)
    verdict.doubled += sum(count - 1 for count in told.values())
    # The first received state of each message: later ones, of a root whose thread grew, come by `rev`. Pages come by
    # `seq`, changes by `rev`: only a message that is lower in both is out of order.
    first = {told.seq: told for told in reversed(client.told)}
    came = [told for told in client.told if first[told.seq] is told]
    verdict.misordered += sum(later.seq < earlier.seq and later.rev < earlier.rev for earlier, later in pairwise(came))
    for delay in (told.delay for told in client.told if told.delay is not None):
        verdict.longest_delay = max(verdict.longest_delay, delay)


def _descents(places: Sequence[int]) -> int:
    return sum(later < earlier for earlier, later in pairwise(places))


def percentile_99(seconds: Sequence[float]) -> float:
    figures = Figures.of(seconds)
    return figures.p99 / 1000 if figures else 0.0


def merged(parts: Mapping[str, Verdict]) -> Verdict:
    """Several parts of one fault as one verdict."""
    whole = Verdict(repetitions=0)
    for name, part in parts.items():
        figures = whole.figures
        whole.add(part)
        whole.figures = figures | {f"{name}, {key}": value for key, value in part.figures.items()}
    return whole
