"""The cast: Alice owns the room, Bob belongs to it, Charlie is outside."""

import functools
from collections.abc import Iterable

from django.contrib.auth.hashers import make_password

from accounts.models import User
from chat.models import Membership, Participant, Room
from support.password import PASSWORD as PASSWORD


def person(username: str, *, display_name: str = "", is_staff: bool = False, is_active: bool = True) -> Participant:
    """Somebody with a login, `user`, and a password."""
    facts = {"display_name": display_name, "is_staff": is_staff, "is_active": is_active}
    login = User.objects.create(username=username, password=_hash(), **facts)
    made = login.participant
    made.user = login
    return made


def administrator(made: Participant) -> Participant:
    """The same person, with all rights, as the next request reads them."""
    login = login_of(made)
    login.is_staff = login.is_superuser = True
    login.save()
    return Participant.objects.get(pk=made.pk)


def login_of(person: Participant) -> User:
    """The login, for what signs in or has rights in the admin."""
    assert isinstance(person.user, User)
    return person.user


@functools.cache
def _hash() -> str:
    # Made to take half a second.
    return make_password(PASSWORD)


def alice() -> Participant:
    return person("alice", display_name="Alice")


def bob() -> Participant:
    return person("bob", display_name="Bob")


def charlie() -> Participant:
    return person("charlie", display_name="Charlie")


def room(
    slug: str = "garden", *, owner: Participant, members: Iterable[Participant] = (), kind: str = Room.Kind.PRIVATE
) -> Room:
    """A room with its owner and members, and nothing said in it."""
    made = Room.objects.create(slug=slug, kind=kind, title=slug.capitalize())
    Membership.objects.create(room=made, user=owner, role=Membership.Role.OWNER)
    Membership.objects.bulk_create(Membership(room=made, user=user) for user in members)
    return made
