"""The cast: Alice owns the room, Bob belongs to it, Charlie is outside."""

import functools
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.contrib.auth.hashers import make_password
from django.db import connection

from accounts.models import User
from chat.identity.participants import password_mark
from chat.models import Membership, Participant, Room
from chat.models.namesakes import looks_of, names_compare
from support.password import PASSWORD as PASSWORD


def person(username: str, *, display_name: str = "", is_staff: bool = False, is_active: bool = True) -> Participant:
    """A person with a login, `user`, and a password."""
    return persons({username: {"display_name": display_name, "is_staff": is_staff, "is_active": is_active}})[0]


def persons(facts: Mapping[str, Mapping[str, Any]]) -> list[Participant]:
    """People of these usernames, each as `person` makes one.

    It inserts rows as services leave them: `save` compares the names of each person with all others twice, which would
    take a third of the time of a test.
    """
    rights = [(name, {key: given[key] for key in given if key != "display_name"}) for name, given in facts.items()]
    logins = User.objects.bulk_create(User(username=name, password=_hash(), **given) for name, given in rights)
    made = []
    for login in logins:
        display_name = facts[login.username].get("display_name", "")
        one = Participant(user=login, username=login.username, display_name=display_name)
        one.is_active, one.is_staff = login.is_active, login.is_staff
        one.password_mark = password_mark(login.password)
        one.name_look, one.username_look = looks_of(username=one.username, display_name=display_name)
        made.append(one)
    Participant.objects.bulk_create(made)
    if _alike(made):
        names_compare({look for one in made for look in (one.name_look, one.username_look)})
    # Read them again: both models compare saved values with those that were read.
    found = Participant.objects.select_related("user").in_bulk([one.pk for one in made])
    return [found[one.pk] for one in made]


def _alike(made: Sequence[Participant]) -> bool:
    """Whether a name of theirs may be taken for another's: few are, and comparing is most of the work per person."""
    looks = [{one.name_look, one.username_look} for one in made]
    each = sorted(set().union(*looks))
    places = ", ".join(["%s"] * len(each))
    with connection.cursor() as cursor:
        where = f"name_look IN ({places}) OR username_look IN ({places})"
        cursor.execute(f"SELECT count(*) FROM chat_participant WHERE {where}", [*each, *each])
        [known] = cursor.fetchone()
    as_usernames = any(sign in one.display_name for one in made for sign in "@\ufe6b\uff20")
    return known > len(made) or sum(map(len, looks)) > len(each) or as_usernames


def administrator(made: Participant) -> Participant:
    """The same person, with all rights, as the next request reads them."""
    login = login_of(made)
    login.is_staff = login.is_superuser = True
    login.save()
    return Participant.objects.get(pk=made.pk)


def login_of(person: Participant) -> User:
    """The login, for signing in and for rights in the admin."""
    assert isinstance(person.user, User)
    return person.user


@functools.cache
def _hash() -> str:
    # Takes half a second by design.
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
    """A room with its owner and members, and no messages."""
    made = Room.objects.create(slug=slug, kind=kind, title=slug.capitalize())
    Membership.objects.create(room=made, user=owner, role=Membership.Role.OWNER)
    Membership.objects.bulk_create(Membership(room=made, user=user) for user in members)
    return made
