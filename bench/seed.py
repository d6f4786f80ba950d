"""`python -m bench.seed`: fill the database of the environment with people and rooms; prints their session cookies.

A process of its own, because Django reads the settings of a database once in a process.
"""

import json
import sys
from collections.abc import Sequence

import django

if __name__ == "__main__":
    django.setup()

from datetime import timedelta

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session
from django.utils import timezone
from django.utils.crypto import get_random_string

from accounts.models import User
from accounts.session_store import SessionStore
from chat.identity.participants import password_mark
from chat.lib import push_keys
from chat.models import Membership, Message, Participant, Preferences, PushSubscription, Room
from chat.services import push_subscriptions

BACKEND = "accounts.backends.AuthenticationBackend"
AT_ONCE = 5_000


def fill(
    *, people: int, rooms: int, lines: int, everywhere: bool, devices: str = "", sizes: Sequence[int] = ()
) -> list[str]:
    """Create people, each a member of one of the rooms (`everywhere`: of all of them), and messages in each room.
    `devices`: the push service of a device of each. `sizes`: everybody is also in a room of each of these sizes.

    Returns a session key for each person.
    """
    password = make_password(None)
    logins = User.objects.bulk_create(
        [User(username=f"person{number}", password=password) for number in range(people)], batch_size=AT_ONCE
    )
    users = Participant.objects.bulk_create(
        [Participant(user=login, username=login.username, password_mark=password_mark(password)) for login in logins],
        batch_size=AT_ONCE,
    )
    made = Room.objects.bulk_create(
        Room(slug=f"room-{number}", title=f"Room {number}", last_seq=lines, last_rev=lines) for number in range(rooms)
    )
    Membership.objects.bulk_create(
        [
            Membership(room=room, user=user, read_seq=lines)
            for number, user in enumerate(users)
            for room in (made if everywhere else [made[number % rooms]])
        ],
        batch_size=AT_ONCE,
    )
    for size in sizes:
        _add_rooms_of(size, users)
    _say(made, users[0], lines)
    if devices:
        _add_devices(users, devices)
    sessions = [_session(user) for user in logins]
    Session.objects.bulk_create(sessions, batch_size=AT_ONCE)
    return [session.session_key for session in sessions]


def _add_rooms_of(size: int, users: list[Participant]) -> None:
    slugs = [f"of-{size}-{number}" for number in range(-(-len(users) // size))]
    made = Room.objects.bulk_create(Room(slug=slug, title=slug) for slug in slugs)
    Membership.objects.bulk_create(
        [Membership(room=made[number // size], user=user) for number, user in enumerate(users)], batch_size=AT_ONCE
    )


def _add_devices(users: list[Participant], service: str) -> None:
    Preferences.objects.bulk_create([Preferences(user=user, notify="all") for user in users], batch_size=AT_ONCE)
    PushSubscription.objects.bulk_create(
        [
            PushSubscription(
                user=user,
                endpoint=f"{service}/push/{number}",
                # As a browser makes it: a point on the curve. Any point will do.
                p256dh=push_subscriptions.public_key(),
                auth=push_keys.text_of(bytes(16)),
                public_key=push_subscriptions.public_key(),
                kind="session",
                access_rev=user.access_rev,
                created_at=timezone.now() - timedelta(minutes=1),
            )
            for number, user in enumerate(users)
        ],
        batch_size=AT_ONCE,
    )


def _say(rooms: list[Room], author: Participant, lines: int) -> None:
    now = timezone.now()
    Message.objects.bulk_create(
        [
            Message(
                room=room,
                seq=number,
                rev=number,
                author=author,
                text=f"{room.slug} {number} ".ljust(100, "x"),
                created_at=now,
            )
            for room in rooms
            for number in range(1, lines + 1)
        ],
        batch_size=AT_ONCE,
    )


def _session(user: User) -> Session:
    kept = {
        SESSION_KEY: str(user.pk),
        BACKEND_SESSION_KEY: BACKEND,
        HASH_SESSION_KEY: user.get_session_auth_hash(),
    }
    return Session(
        session_key=get_random_string(32, "abcdefghijklmnopqrstuvwxyz0123456789"),
        session_data=SessionStore().encode(kept),
        expire_date=timezone.now() + timedelta(days=1),
    )


if __name__ == "__main__":
    json.dump(fill(**json.loads(sys.argv[1])), sys.stdout)
