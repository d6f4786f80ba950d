"""Turns conversations into numbered history: messages, their times, and later edits, deletions and reactions."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial
from heapq import heappop, heappush
from random import Random

from accounts.management.demo.talk import AFTERTHOUGHTS, TALK, WORDS
from chat.models import AuditEntry, Mention, Message, Participant, Reaction, Room
from chat.services.imports.threads import threads_rebuild
from chat.services.mentions import mentions_of, named_in
from chat.services.posting import new_message
from chat.services.publishing import take_rev

EMOJI = ["👍", "🎉", "❤️", "😂", "👀", "🚀", "✅", "🙏"]
# Rows per insert. Changes of a message are applied before its batch is written.
BATCH = 5000
ROOTS_STEP = 500
# Messages per working day; a longer history reaches further back.
DAILY = 400
LAST_SAID = timedelta(minutes=3)
# One of this many replies is in a thread.
THREADS_EACH = 4


@dataclass(frozen=True, slots=True)
class Line:
    """One message to write."""

    author: Participant
    text: str
    at: datetime
    # It replies to the line this many lines before it; 0: no reply.
    answers: int = 0


def days_for(messages: int) -> int:
    """The number of days over which these messages are spread."""
    return max(21, messages // DAILY)


def conversations(
    *, talk: str, people: list[Participant], count: int, days: int, now: datetime, rng: Random
) -> Iterator[Line]:
    """Yield `count` lines over the last `days`, in working hours, in the order of their times."""
    said, before = 0, now - timedelta(days=days)
    script = TALK[talk]
    hours = _working_hours(now, days)
    total = sum((end - start for start, end in hours), timedelta())
    recent: list[int] = []
    while said < count:
        at = max(_moment(hours, total * ((said + rng.random()) / count)), before)
        which = rng.choice([n for n in range(len(script)) if n not in recent])
        recent = [*recent, which][-min(5, len(script) - 2) :]
        for line in _play(script[which], people, rng):
            at += timedelta(seconds=rng.uniform(8, 180))
            # The newest lines lie right before `now`, one second apart.
            at = max(min(at, now - LAST_SAID - timedelta(seconds=count - said)), before + timedelta(milliseconds=1))
            yield Line(line.author, line.text, at, line.answers)
            said, before = said + 1, at
            if said == count:
                return


@dataclass
class History:
    """Writes lines into a room, numbered from its current `seq` and `rev` on.

    The caller must lock the room's row, and save it at the end.
    """

    room: Room
    people: list[Participant]
    rng: Random
    # Deletes other people's messages; None in a direct room.
    moderator: Participant | None
    last_seq_of: dict[int, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._names = {user.username.lower(): user for user in self.people}
        self._batch: list[Message] = []
        self._reactions: dict[tuple[int, str, int], Reaction] = {}
        self._deleted: list[AuditEntry] = []
        self._due: list[tuple[int, int, Callable[[], None]]] = []
        self._order = 0
        # seq of a reply in a thread -> seq of the thread's root.
        self._thread_of: dict[int, int] = {}

    def note(self, author: Participant, text: str, at: datetime, **facts: str) -> None:
        """Add a system line, such as "ines joined"."""
        self._add(new_message(self.room, author, text=text, system=facts, now=at))

    def say(self, line: Line) -> None:
        """Add a message, and plan its changes."""
        reply_to = self.room.last_seq + 1 - line.answers if line.answers else None
        message = new_message(self.room, line.author, text=line.text, reply_to=reply_to, now=line.at)
        if reply_to and message.seq % THREADS_EACH == 0:
            message.thread = self._thread_of[message.seq] = self._thread_of.get(reply_to, reply_to)
            message.in_room = False
        self._add(message)
        self.last_seq_of[line.author.pk] = message.seq
        self._plan(message)
        self._happen(upto=message.seq)
        if len(self._batch) >= BATCH:
            self.flush()

    def end(self) -> None:
        """Write the rest, and the threads. The caller saves the room."""
        self.flush()
        roots = sorted(set(self._thread_of.values()))
        for start in range(0, len(roots), ROOTS_STEP):
            threads_rebuild(self.room, roots[start : start + ROOTS_STEP])

    def _named(self, text: str) -> list[int]:
        return [self._names[name].pk for name in named_in(text) if name in self._names]

    def flush(self) -> None:
        """Apply all pending changes, and write the batch."""
        self._happen(upto=None)
        Message.objects.bulk_create(self._batch)
        Reaction.objects.bulk_create(self._reactions.values())
        Mention.objects.bulk_create(
            mention
            for message in self._batch
            if message.kind == Message.Kind.TEXT and "@" in message.text
            for mention in mentions_of(message, self._named(message.text), {})
        )
        AuditEntry.objects.bulk_create(self._deleted)
        self._batch.clear()
        self._reactions.clear()
        self._deleted.clear()

    def _add(self, message: Message) -> None:
        self._batch.append(message)

    def _plan(self, message: Message) -> None:
        """Choose the changes of the message, to be applied up to 4 messages later."""
        chance = self.rng.random()
        if chance < 0.012:
            self._later(message, partial(self._delete, message))
        elif chance < 0.05:
            self._later(message, partial(self._edit, message))
        elif chance < 0.22:
            emoji = self.rng.choice(EMOJI)
            for user in self.rng.sample(self.people, k=min(len(self.people), self.rng.choice([1, 1, 2, 3, 4]))):
                self._later(message, partial(self._react, message, user, emoji))

    def _later(self, message: Message, act: Callable[[], None]) -> None:
        self._order += 1
        heappush(self._due, (message.seq + self.rng.randint(0, 4), self._order, act))

    def _happen(self, *, upto: int | None) -> None:
        while self._due and (upto is None or self._due[0][0] <= upto):
            heappop(self._due)[2]()

    def _react(self, message: Message, user: Participant, emoji: str) -> None:
        message.rev = take_rev(self.room)
        self._reactions[message.seq, emoji, user.pk] = Reaction(
            message=message, user=user, emoji=emoji, author_id=message.author_id
        )

    def _edit(self, message: Message) -> None:
        message.rev = take_rev(self.room)
        message.edited_at = message.created_at + timedelta(seconds=self.rng.randint(20, 120))

    def _delete(self, message: Message) -> None:
        message.rev = take_rev(self.room)
        message.text = ""
        message.deleted_at = message.created_at + timedelta(seconds=self.rng.randint(30, 150))
        message.deleted_by = message.author
        if self.moderator and message.author != self.moderator and self.rng.random() < 0.3:
            message.deleted_by = self.moderator
            self._deleted.append(
                AuditEntry(
                    at=message.deleted_at,
                    actor=self.moderator.username,
                    action=AuditEntry.Action.DELETE_MESSAGE,
                    room=self.room.slug,
                    target=message.author.username,
                    reason="off topic",
                    detail={"seq": message.seq},
                )
            )


def _play(script: list[str], people: list[Participant], rng: Random) -> Iterator[Line]:
    cast = dict(zip("abc", rng.sample(people, k=min(3, len(people))) + people, strict=False))
    words = {name: rng.choice(choices) for name, choices in WORDS.items()}
    words |= {letter: f"@{user.username}" for letter, user in cast.items()}
    for n, line in enumerate(script):
        head, _, text = line.partition(" ")
        yield _line(cast[head[0]], text, words, answers=n if head.endswith(">") else 0)
    if rng.random() < 0.35:
        yield _line(rng.choice(people), rng.choice(AFTERTHOUGHTS), {}, answers=0)


def _line(author: Participant, text: str, words: dict[str, str], *, answers: int) -> Line:
    for name, word in words.items():
        text = text.replace("{" + name + "}", word)
    return Line(author, text[:1].upper() + text[1:], datetime.min, answers)


def _working_hours(now: datetime, days: int) -> list[tuple[datetime, datetime]]:
    """The spans from 07:30 to 18:30 on weekdays, up to `now`."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    found = []
    for back in range(days, -1, -1):
        day = midnight - timedelta(days=back)
        start, end = day + timedelta(hours=7.5), min(day + timedelta(hours=18.5), now - LAST_SAID)
        if day.weekday() < 5 and start < end:
            found.append((start, end))
    return found


def _moment(hours: list[tuple[datetime, datetime]], elapsed: timedelta) -> datetime:
    """The time at which `elapsed` of the working hours has passed."""
    for start, end in hours:
        if elapsed <= end - start:
            return start + elapsed
        elapsed -= end - start
    return hours[-1][1]
