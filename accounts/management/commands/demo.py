"""`manage.py demo`: fills a workspace with realistic rooms and messages."""

import secrets
from argparse import ArgumentParser
from datetime import datetime
from random import Random
from typing import Any

from django.contrib.auth.hashers import make_password
from django.core.management import BaseCommand, CommandError, call_command
from django.db import connection, transaction
from django.db.models.functions import Length
from django.utils import timezone

from accounts.management.demo.cast import LONG, PEOPLE, ROOMS, Setting
from accounts.management.demo.history import History, conversations, days_for
from accounts.models import User
from accounts.services import account_create
from chat.identity.participants import follow
from chat.models import Membership, Message, Participant, Room
from chat.services.publishing import take_rev

MESSAGES = 3000
# Messages beyond this number go into one room.
SPREAD_MAX = 6000
# Numbers of unread messages to choose from; about half of the members have read everything.
UNREAD = [0, 0, 0, 0, 1, 2, 4, 9, 23]
PROGRESS_EVERY = 5000


class Command(BaseCommand):
    """Creates the demo's accounts, rooms and messages in one transaction."""

    help = "Makes a workspace to look at: eight people, six rooms, three weeks of talk; where needed, tables."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--messages", type=int, default=MESSAGES, help=f"how many (default {MESSAGES})")
        parser.add_argument("--seed", type=int, help="the same number makes the same talk again")
        parser.add_argument("--force", action="store_true", help="also where people have already written something")

    def handle(self, *args: Any, messages: int, seed: int | None, force: bool, **options: Any) -> None:
        if not 100 <= messages <= 10_000_000:
            raise CommandError("--messages must be a number from 100 to 10000000.")
        # Only an empty database: upgrading one in use is the operator's decision.
        if not connection.introspection.table_names():
            call_command("migrate", verbosity=0, skip_checks=True)
        if not force and Message.objects.filter(kind=Message.Kind.TEXT).exists():
            raise CommandError("People have written here already. --force adds the demo beside what is there.")
        password = secrets.token_urlsafe(12)
        rng = Random(seed)  # noqa: S311 -- talk, not secrets
        try:
            with transaction.atomic():
                people = self._people(password)
                for setting, count in _shares(messages):
                    self._room(setting, count, people, rng)
        except KeyboardInterrupt:
            raise CommandError("Stopped; nothing was written.") from None
        self._print_accounts(people, password)

    def _people(self, password: str) -> dict[str, Participant]:
        """Create the users: part -> participant. If a name is taken, the new account gets a number."""
        found = {part: _account(part, shown) for part, shown in PEOPLE.items()}
        hashed = make_password(password)
        User.objects.filter(participant__in=found.values()).update(password=hashed)
        for user in found.values():
            follow(user.user_id)
        return found

    def _room(self, setting: Setting, count: int, accounts: dict[str, Participant], rng: Random) -> None:
        people = [accounts[part] for part in setting.people]
        owner, moderator = people[0], people[1]
        now = timezone.now()
        room = _open(setting, people)
        direct = room.kind == Room.Kind.DIRECT
        history = History(room, people, rng, None if direct else moderator)
        lines = conversations(talk=setting.talk, people=people, count=count, days=days_for(count), now=now, rng=rng)
        name = " and ".join(setting.people) if direct else f"#{room.slug}"
        for n, line in enumerate(lines):
            if n == 0 and not direct:
                self._found(history, room, setting, owner, line.at)
            history.say(line)
            if (n + 1) % PROGRESS_EVERY == 0:
                self._progress(f"{name}: {n + 1:,} of {count:,}")
        history.end()
        room.save()
        if not direct:
            self._pin(room, owner)
        self._members(history, rng)
        self._progress(f"{name}: {count:,} messages", done=True)

    def _found(self, history: History, room: Room, setting: Setting, owner: Participant, at: datetime) -> None:
        for user in history.people:
            history.note(user, f"{user.username} joined", at, event="joined", username=user.username)
        room.title, room.topic = setting.title, setting.topic
        text = f"{owner.username} changed the topic to {room.topic}"
        history.note(owner, text, at, event="topic", username=owner.username, to=room.topic)
        room.facts_rev = take_rev(room)

    def _pin(self, room: Room, owner: Participant) -> None:
        """Pin the owner's longest message: the one that people are most likely to come back to."""
        said = Message.objects.filter(room=room, author=owner, kind=Message.Kind.TEXT, deleted_at=None, in_room=True)
        message = said.order_by(Length("text").desc(), "seq").first()
        if message is None:
            return
        message.pinned_at, message.pinned_by, message.rev = message.created_at, owner, take_rev(room)
        message.save(update_fields=["pinned_at", "pinned_by", "rev"])
        room.pins, room.facts_rev = [message.seq], take_rev(room)
        room.save()

    def _members(self, history: History, rng: Random) -> None:
        last, direct = history.room.last_seq, history.room.kind == Room.Kind.DIRECT
        roles = [Membership.Role.OWNER, Membership.Role.MODERATOR]
        for n, user in enumerate(history.people):
            own = history.last_seq_of.get(user.pk, 0)
            role = roles[n] if n < len(roles) and not direct else Membership.Role.MEMBER
            read_seq = max(own, last - rng.choice(UNREAD))
            Membership.objects.create(room=history.room, user=user, role=role, read_seq=read_seq)

    def _progress(self, text: str, *, done: bool = False) -> None:
        if self.stdout.isatty():
            self.stdout.write(f"\r\033[K  {text}", ending="\n" if done else "")
            self.stdout.flush()
        elif done:
            self.stdout.write(f"  {text}")

    def _print_accounts(self, people: dict[str, Participant], password: str) -> None:
        names = [user.username for user in people.values()]
        self.stdout.write(f"Sign in as {', '.join(names[:-1])} or {names[-1]}.")
        self.stdout.write(f"Their password, shown this once: {password}")
        if User.objects.filter(participant=people["ines"], is_superuser=True).exists():
            self.stdout.write(f"{names[0]} is the administrator (/admin/): the first account always is.")


def _shares(messages: int) -> list[tuple[Setting, int]]:
    spread = min(messages, SPREAD_MAX)
    counts = {setting: spread * setting.share // 100 for setting in ROOMS}
    rest = messages - sum(counts.values())
    return [(setting, count + (rest if setting.slug == LONG else 0)) for setting, count in counts.items()]


def _account(name: str, shown: str) -> Participant:
    free = _free(name, "", lambda candidate: Participant.objects.filter(username__iexact=candidate).exists())
    return account_create(username=free, password=None, display_name=shown).participant


def _open(setting: Setting, people: list[Participant]) -> Room:
    if setting.kind == Room.Kind.DIRECT:
        return Room.objects.create(slug=Room.direct_slug(people[0].pk, people[1].pk), kind=setting.kind)
    # The lobby if it is unused, else a room with a number after its name.
    slug = _free(
        setting.slug,
        "-",
        lambda candidate: Room.objects.filter(slug__iexact=candidate).exclude(slug="lobby", last_seq=0).exists(),
    )
    room = Room.objects.select_for_update().filter(slug=slug).first()
    return room or Room.objects.create(slug=slug, kind=setting.kind)


def _free(name: str, separator: str, taken: Any) -> str:
    candidate, n = name, 2
    while taken(candidate):
        candidate, n = f"{name}{separator}{n}", n + 1
    return candidate
