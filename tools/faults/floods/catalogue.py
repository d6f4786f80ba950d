"""Every attack by its name, and its expectations besides those about pings and memory."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from tools.faults.floods.attacks import files, http, log, protocol, rooms, transport
from tools.faults.floods.seen import Seen
from tools.faults.floods.target import Target

# The default of `CHAT_SEND_LIMIT`, 30 in 10 s, and the rate of its refill.
SENDS, SENDS_PER_SECOND = 30, 3
# The limit of unfinished uploads of one person.
UNFINISHED = 100


@dataclass(frozen=True)
class Attack:
    """`expect`: returns a sentence for each broken promise. `prepare`: Python that gives the site what the attack
    needs, with the `size` of the `Target` as SIZE."""

    name: str
    run: Callable[[Target], Any]
    expect: Callable[[Seen], Iterable[str]] = lambda _seen: ()
    prepare: str = ""

    @property
    def about(self) -> str:
        return (self.run.__doc__ or "").splitlines()[0]


def _log_stays_short(seen: Seen) -> Iterable[str]:
    if seen.long and not seen.count["HTTP 400"] + seen.count["HTTP 404"]:
        yield "no request was refused"
    if seen.log_bytes > 64 * 1024:
        yield f"{seen.log_bytes:,} bytes of log were written"


def _pays_for_lines(seen: Seen) -> Iterable[str]:
    # Two people pay, each from their own budget.
    most = 2 * (SENDS + SENDS_PER_SECOND * seen.seconds)
    if seen.lines > most:
        yield f"{seen.lines} lines were written, not {most:.0f} at most"


def _rooms_are_limited(seen: Seen) -> Iterable[str]:
    if seen.count["rooms"] > 60:
        yield f"{seen.count['rooms']} rooms were made"
    if seen.long and not seen.count["HTTP 429"]:
        yield "no request was refused"


def _is_greeted(seen: Seen) -> Iterable[str]:
    if seen.long and not seen.count["greeted"]:
        yield "no socket was greeted with all rooms"


def _is_limited(seen: Seen) -> Iterable[str]:
    if seen.long and not seen.count["rate_limited"]:
        yield "no frame was refused with rate_limited"


def _sends_every_command(seen: Seen) -> Iterable[str]:
    yield from _is_limited(seen)
    if seen.count["invalid"]:
        yield f"{seen.count['invalid']} frames were invalid, so that their commands did nothing"


def _http_is_limited(seen: Seen) -> Iterable[str]:
    if seen.long and not seen.count["HTTP 429"]:
        yield "no request was refused with 429"


def _uploads_are_limited(seen: Seen) -> Iterable[str]:
    if seen.count["HTTP 201"] > UNFINISHED:
        yield f"{seen.count['HTTP 201']} uploads were begun by one person"
    asked = sum(number for name, number in seen.count.items() if name.startswith("HTTP "))
    if asked > 2 * UNFINISHED and not seen.count["HTTP 507"]:
        yield "no upload was refused with 507"


ATTACKS = [
    Attack("bad-hosts", log.hosts, _log_stays_short),
    Attack("bad-paths", log.paths, _log_stays_short),
    Attack("join-leave", rooms.join_leave, _pays_for_lines),
    Attack("topics", rooms.topics, _pays_for_lines, rooms.MODERATE),
    Attack("rooms-made", rooms.making, _rooms_are_limited),
    Attack("owner-returns", rooms.owner_returns, _is_greeted, rooms.OWN_MANY),
    Attack("every-command", protocol.commands_at_once, _sends_every_command, rooms.MODERATE),
    Attack("small-frames", protocol.small_frames, _is_limited),
    Attack("unread-answers", protocol.unread_answers),
    Attack("api", http.api, _http_is_limited),
    Attack("pages", http.pages),
    Attack("handshakes", http.handshakes),
    Attack("unread-pings", transport.unread_pings),
    Attack("endless-fragments", transport.endless_fragments),
    Attack("unfinished-messages", transport.unfinished_messages),
    Attack("large-bodies", transport.large_bodies),
    Attack("left-uploads", files.left_uploads, _uploads_are_limited),
    Attack("unread-files", transport.unread_files),
]
