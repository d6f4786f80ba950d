"""Makes the rows that browser tests begin with.

`python -m support.seed` waits for calls, one JSON array `[function, args, kwargs]` a line, and makes
them in the database of its environment: a process for each call would cost more than the test. It answers each
with a line of JSON: `{"returned": …}`, or `null` when it failed.
"""

import json
import sys
import traceback
from collections.abc import Sequence

import django
from django.test import Client
from django.utils import timezone

if __name__ == "__main__":
    django.setup()

from chat.identity import Identity
from chat.models import Attention, Membership, Message, Participant, Preferences, PushSubscription, Reaction, Room
from chat.services.members import room_join, room_leave
from chat.services.posting import Draft, Posted, messages_post
from chat.services.profile import preferences_change
from chat.services.push_subscriptions import subscription_add
from support.people import login_of, person
from support.push_service import Browser


def people(names: dict[str, str], *, staff: Sequence[str] = ()) -> None:
    for username, display_name in names.items():
        person(username, display_name=display_name, is_staff=username in staff)


def founder(username: str) -> None:
    """An administrator with all rights."""
    login = login_of(person(username, is_staff=True))
    login.is_superuser = True
    login.save()


def room(
    slug: str, *, owner: str, members: Sequence[str] = (), kind: str = "public", said: int = 0, **facts: str
) -> None:
    """A room with `said` numbered lines, all of which its owner and members have read."""
    made = Room.objects.create(slug=slug, kind=kind, **facts)
    for username in (owner, *members):
        role = Membership.Role.OWNER if username == owner else Membership.Role.MEMBER
        Membership.objects.create(room=made, user=Participant.objects.get(username=username), role=role)
    say(slug, [(owner, f"line {number}") for number in range(1, said + 1)])
    Membership.objects.filter(room=made).update(read_seq=said)


def hostile_names(texts: Sequence[str], *, owner: str) -> None:
    """A room for each text, as its title and topic; the first has a person of each name, who all have posted."""
    host = Participant.objects.get(username=owner)
    made = Room.objects.bulk_create(
        Room(slug=f"named-{number}", title=text[:100], topic=text[:500]) for number, text in enumerate(texts)
    )
    guests = Participant.objects.bulk_create(
        Participant(username=f"named-{number}", display_name=text[:64]) for number, text in enumerate(texts)
    )
    Membership.objects.bulk_create(Membership(room=one, user=host) for one in made)
    Membership.objects.bulk_create(Membership(room=made[0], user=guest) for guest in guests)
    say(made[0].slug, [(guest.username, "good morning") for guest in guests])


def say(slug: str, lines: Sequence[tuple[str, str]]) -> None:
    authors = {user.username: user for user in Participant.objects.filter(username__in={name for name, _ in lines})}
    for outcome in messages_post([Draft(authors[name], slug, text) for name, text in lines]):
        assert isinstance(outcome, Posted), outcome


def join(slug: str, usernames: Sequence[str]) -> None:
    for username in usernames:
        room_join(user=Participant.objects.get(username=username), room=slug)


def leave(slug: str, username: str) -> None:
    room_leave(user=Participant.objects.get(username=username), room=slug)


def promote(slug: str, username: str, role: str) -> None:
    Membership.objects.filter(room__slug=slug, user__username=username).update(role=role)


def crowd(slug: str, names: Sequence[str], *, size: int) -> None:
    """Add `size` people to the room, `crowd-0` and so on, who have these names in turn and are away."""
    Participant.objects.bulk_create(
        Participant(username=f"crowd-{number}", display_name=names[number % len(names)]) for number in range(size)
    )
    made = Room.objects.get(slug=slug)
    people = Participant.objects.filter(username__startswith="crowd-")
    Membership.objects.bulk_create(Membership(room=made, user=user) for user in people)


def react(slug: str, seq: int, emoji: Sequence[str]) -> None:
    """Let one of the crowd after the other react to the message with one of these."""
    message = Message.objects.get(room__slug=slug, seq=seq)
    users = Participant.objects.filter(username__startswith="crowd-").order_by("id")
    Reaction.objects.bulk_create(
        Reaction(message=message, user=user, emoji=sign) for user, sign in zip(users, emoji, strict=False)
    )


def read_all(slug: str, *, back: int = 0) -> None:
    """Mark the room as read by all members, except for the last `back` messages."""
    made = Room.objects.get(slug=slug)
    made.memberships.update(read_seq=made.last_seq - back)


def unread(slug: str, count: int) -> None:
    """Number the room as if `count` messages had been sent, which are gone; messages may follow."""
    Room.objects.filter(slug=slug).update(last_seq=count, last_rev=count)


def signed_in(username: str) -> dict[str, str]:
    """Sign in without the page, which costs a second and a half; returns the cookie."""
    client = Client()
    client.force_login(login_of(Participant.objects.get(username=username)))
    return {name: cookie.value for name, cookie in client.cookies.items()}


def prefer(username: str, **choices: object) -> None:
    preferences_change(user=Participant.objects.get(username=username), **choices)


def attend(username: str, **choices: object) -> None:
    Attention.objects.update_or_create(user=Participant.objects.get(username=username), defaults=choices)


def device(username: str, name: str, *, ended: bool = False) -> None:
    """A browser of the person that receives pushes; `ended`: its push service no longer knows it."""
    user, known = Participant.objects.get(username=username), PushSubscription.objects.count()
    facts = Browser(f"https://push.vendor.net/{known}").subscription
    made = subscription_add(
        identity=Identity(user, "token", "seeded"), endpoint=facts["endpoint"], name=name, **facts["keys"]
    )
    now = timezone.now()
    PushSubscription.objects.filter(pk=made.pk).update(sent_at=now, ended_at=now if ended else None)


def forget_preferences() -> None:
    Preferences.objects.all().delete()
    Attention.objects.all().delete()


def _serve() -> None:
    making = (people, founder, room, hostile_names, say, join, leave, promote, crowd, react, read_all, unread)
    acts = (*making, signed_in, prefer, attend, device, forget_preferences)
    known = {function.__name__: function for function in acts}
    for line in sys.stdin:
        function, args, kwargs = json.loads(line)
        try:
            answer = {"returned": known[function](*args, **kwargs)}
        except Exception:
            # One test fails, not all that come after it.
            traceback.print_exc()
            answer = None
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    _serve()
