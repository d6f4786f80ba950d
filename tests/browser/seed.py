"""Rows that browser tests begin with; run inside a server's own database by `World.seed`."""

from collections.abc import Sequence

from accounts.models import User
from chat.models import Membership, Room
from chat.services.posting import Draft, Posted, messages_post
from tests.support.people import person


def people(names: dict[str, str], *, staff: Sequence[str] = ()) -> None:
    for username, display_name in names.items():
        person(username, display_name=display_name, is_staff=username in staff)


def room(slug: str, *, owner: str, members: Sequence[str] = (), kind: str = "public", said: int = 0) -> None:
    """A room in which owner and members have read everything; `said` numbered lines stand in it."""
    made = Room.objects.create(slug=slug, kind=kind)
    for username in (owner, *members):
        role = Membership.Role.OWNER if username == owner else Membership.Role.MEMBER
        Membership.objects.create(room=made, user=User.objects.get(username=username), role=role)
    say(slug, [(owner, f"line {number}") for number in range(1, said + 1)])
    Membership.objects.filter(room=made).update(read_seq=said)


def say(slug: str, lines: Sequence[tuple[str, str]]) -> None:
    authors = {user.username: user for user in User.objects.filter(username__in={name for name, _ in lines})}
    for outcome in messages_post([Draft(authors[name], slug, text) for name, text in lines]):
        assert isinstance(outcome, Posted), outcome
