"""Whether and how a message reaches a member: notified now, by e-mail later, or not at all. Pure.

The page's notifier decides with `chat/static/chat/js/state/reaching.js`; one table of cases tests both for the same
results (`tests/conformance/reaching.json`).
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
    # A user reacted to one of the member's own messages.
    REACTION = "reaction"


class Silence(StrEnum):
    """Why a member is not notified now."""

    # The member's own message, a system line, or a deleted message.
    NOTHING_SAID = "nothing_said"
    BLOCKED = "blocked"
    LEVEL = "level"
    MUTED = "muted"
    READ = "read"
    PRESENT = "present"
    PAUSED = "paused"
    BUSY = "busy"
    QUIET = "quiet"


# These count as a mention, pass a mute, and go into the e-mail of missed messages.
CALLS = frozenset({Reason.MENTION, Reason.DIRECT, Reason.KEYWORD})
# The member wants silence now, but may still get the e-mail later.
_LATER = frozenset({None, Silence.PAUSED, Silence.BUSY, Silence.QUIET})
# Reasons that a user can turn sounds on and off for. A keyword sounds like a mention.
SOUNDS = (Reason.MENTION, Reason.DIRECT, Reason.THREAD, Reason.ROOM, Reason.REACTION)


@dataclass(frozen=True, slots=True)
class Said:
    """A message in relation to one member, or a reaction to one of the member's own."""

    own: bool = False
    text: bool = True
    deleted: bool = False
    direct: bool = False
    mentioned: bool = False
    keyword: bool = False
    # A reply in a thread that the member follows.
    followed: bool = False
    # False: a reply shown only in its thread.
    in_room: bool = True
    # A reaction to one of the member's messages; with `own`, the member's own reaction.
    reaction: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """The member's state in the room. `level`: `default`, `all`, `mentions` or `nothing`."""

    level: str = "default"
    muted: bool = False
    # The member blocks the author.
    blocks: bool = False
    read: bool = False
    # The member has the room open in front of them.
    present: bool = False


@dataclass(frozen=True, slots=True)
class Wishes:
    """The user's choices for all rooms, and their current state. `level`: `all`, `mentions` or `nothing`."""

    level: str = "mentions"
    threads: bool = True
    reactions: bool = False
    paused: bool = False
    busy: bool = False
    quiet: bool = False
    # Notify about direct messages even in quiet hours.
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
        """Whether the message belongs in the e-mail of missed messages if it stays unread."""
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
    """Return whether a notification makes no sound; `silent`: the SOUNDS that the user turned off."""
    return (Reason.MENTION if reason is Reason.KEYWORD else reason) in silent


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `start` to `end`, in minutes after midnight in `zone`, on the weekdays on which they begin (0 is Monday). If
    `end` is not after `start`, it is on the next day."""

    start: int
    end: int
    days: frozenset[int]
    zone: str

    def at(self, now: datetime) -> bool:
        """Whether `now` is in quiet hours. When the clock is put back, the repeated hour counts both times."""
        local = now.astimezone(ZoneInfo(self.zone))
        minute, today = local.hour * 60 + local.minute, local.weekday()
        if self.start < self.end:
            return today in self.days and self.start <= minute < self.end
        return (today in self.days and minute >= self.start) or ((today - 1) % 7 in self.days and minute < self.end)


def keyword_in(text: str, keywords: Iterable[str]) -> bool:
    """Return whether `text` contains one of `keywords` as a whole word, ignoring case."""
    wanted = tuple(keywords)
    return bool(wanted) and _pattern(wanted).search(text.lower()) is not None


@lru_cache(1_000)
def _pattern(keywords: tuple[str, ...]) -> re.Pattern[str]:
    words = "|".join(re.escape(keyword.lower()) for keyword in keywords)
    return re.compile(rf"(?<!\w)(?:{words})(?!\w)")
