"""Whether and how a message reaches a member: notified now, by e-mail later, or not at all. Pure.

The page's notifier decides by `chat/static/chat/js/state/reaching.js`, which the same table holds to the same results
(`tests/conformance/reaching.json`).
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from functools import lru_cache
from zoneinfo import ZoneInfo


class Reason(StrEnum):
    """Why a message concerns a member."""

    MENTION = "mention"
    DIRECT = "direct"
    KEYWORD = "keyword"
    THREAD = "thread"
    ROOM = "room"
    # Somebody reacted to a message of the member's own.
    REACTION = "reaction"


class Silence(StrEnum):
    """Why a member is not notified now."""

    # One's own message, a system line, or one that was deleted.
    NOTHING_SAID = "nothing_said"
    BLOCKED = "blocked"
    LEVEL = "level"
    MUTED = "muted"
    READ = "read"
    PRESENT = "present"
    PAUSED = "paused"
    BUSY = "busy"
    QUIET = "quiet"


# What the member would miss: it counts as a mention, passes a mute, and goes into the e-mail of missed messages.
CALLS = frozenset({Reason.MENTION, Reason.DIRECT, Reason.KEYWORD})
# The member asked for silence now, and may still be sent the e-mail later.
_LATER = frozenset({None, Silence.PAUSED, Silence.BUSY, Silence.QUIET})
# What a person may have sounds for, one by one. A keyword sounds as a mention does.
SOUNDS = (Reason.MENTION, Reason.DIRECT, Reason.THREAD, Reason.ROOM, Reason.REACTION)


@dataclass(frozen=True, slots=True)
class Said:
    """A message as it concerns one member, or a reaction to one of the member's own."""

    own: bool = False
    text: bool = True
    deleted: bool = False
    direct: bool = False
    mentioned: bool = False
    keyword: bool = False
    # A reply of a thread that the member follows.
    followed: bool = False
    # False: a reply that is shown in its thread only.
    in_room: bool = True
    # Somebody reacted to a message of the member; `own` is a reaction of the member's own.
    reaction: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """The member in the room. `level`: `default`, `all`, `mentions` or `nothing`."""

    level: str = "default"
    muted: bool = False
    # The member blocks the author.
    blocks: bool = False
    read: bool = False
    # The room is in front of the member.
    present: bool = False


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the person chose for all rooms, and their state at the moment. `level`: `all`, `mentions` or `nothing`."""

    level: str = "mentions"
    threads: bool = True
    reactions: bool = False
    paused: bool = False
    busy: bool = False
    quiet: bool = False
    # Direct messages are notified in quiet hours.
    direct_in_quiet: bool = False


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision. Without a reason the message does not concern the member."""

    reason: Reason | None
    silence: Silence | None

    @property
    def now(self) -> bool:
        """Whether the member is notified now: on open pages, and by push."""
        return self.reason is not None and self.silence is None

    @property
    def by_mail(self) -> bool:
        """Whether the message belongs into the e-mail of missed messages, if it stays unread."""
        return self.reason in CALLS and self.silence in _LATER


def reach(said: Said, place: Place, wishes: Wishes) -> Verdict:
    """Decide for one message and one member."""
    if said.own or said.deleted or not said.text:
        return Verdict(None, Silence.NOTHING_SAID)
    level = wishes.level if place.level == "default" else place.level
    reason = _reason(said, level, wishes)
    return Verdict(reason, _silence(reason, level, place, wishes))


def _reason(said: Said, level: str, wishes: Wishes) -> Reason | None:
    if said.reaction:
        return Reason.REACTION if wishes.reactions else None
    if said.direct:
        return Reason.DIRECT
    if said.mentioned:
        return Reason.MENTION
    if said.keyword:
        return Reason.KEYWORD
    if said.followed and wishes.threads:
        return Reason.THREAD
    return Reason.ROOM if level == "all" and said.in_room else None


def _silence(reason: Reason | None, level: str, place: Place, wishes: Wishes) -> Silence | None:
    if place.blocks:
        return Silence.BLOCKED
    if reason is None or level == "nothing":
        return Silence.LEVEL
    if place.muted and reason not in CALLS:
        return Silence.MUTED
    if place.read:
        return Silence.READ
    if place.present:
        return Silence.PRESENT
    if wishes.paused:
        return Silence.PAUSED
    if wishes.busy:
        return Silence.BUSY
    if wishes.quiet and not (wishes.direct_in_quiet and reason is Reason.DIRECT):
        return Silence.QUIET
    return None


def is_silent(reason: Reason, silent: Collection[str]) -> bool:
    """Whether a notification makes no sound; `silent`: the SOUNDS that the person turned off."""
    return (Reason.MENTION if reason is Reason.KEYWORD else reason) in silent


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` to `end`, in minutes after midnight by the clock of `zone`, on the days on which they begin (0 is
    Monday). An `end` that is not after `start` is on the next day."""

    start: int
    end: int
    days: frozenset[int]
    zone: str

    def at(self, now: datetime) -> bool:
        """Whether `now` is in them. Where the clock is put back, an hour that it shows twice counts twice."""
        local = now.astimezone(ZoneInfo(self.zone))
        minute, today = local.hour * 60 + local.minute, local.weekday()
        if self.start < self.end:
            return today in self.days and self.start <= minute < self.end
        return (today in self.days and minute >= self.start) or ((today - 1) % 7 in self.days and minute < self.end)


def keyword_in(text: str, keywords: Iterable[str]) -> bool:
    """Whether one of `keywords` is in `text` as a whole word, in any case."""
    wanted = tuple(keywords)
    return bool(wanted) and _pattern(wanted).search(text.lower()) is not None


@lru_cache(1_000)
def _pattern(keywords: tuple[str, ...]) -> re.Pattern[str]:
    words = "|".join(re.escape(keyword.lower()) for keyword in keywords)
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)")
