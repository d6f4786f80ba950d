"""Accounts whose shown name looks like that of another account: stored with each account, to save a query."""

from collections.abc import Iterable
from functools import partial, reduce
from operator import or_

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from chat import signals
from chat.lib.lookalikes import looks
from chat.models.validators import is_erased


def looks_of(*, username: str, display_name: str) -> tuple[str, str]:
    """The looks of an account's shown name and of its username; empty for a deleted account."""
    if is_erased(username):
        return "", ""
    return looks(display_name or username), looks(username)


def names_an_account() -> Q:
    """A condition: the display name looks as if it contained a username. Sentences write "Ada @ada" for a person whose
    name looks like another's."""
    connection.ensure_connection()
    signs = "@\ufe6b\uff20"
    if connection.vendor == "postgresql" and connection.connection.info.parameter_status("server_encoding") != "UTF8":
        # In LATIN1 and similar encodings no name can contain the other two signs, and a query with them is an error.
        signs = "@"
    return reduce(or_, (Q(display_name__contains=sign) for sign in signs))


def names_compare(changed: Iterable[str]) -> None:
    """Update `name_shared` of all accounts whose shown name has one of these looks: whether another account has the
    same look, or the name looks as if it contained a username.

    Two names that change at the same moment do not see each other before the commit, so this is called again after it.
    """
    participants = apps.get_model("chat", "Participant").objects
    users = participants.filter(name_look__in=set(changed) - {""})
    others = participants.exclude(pk=OuterRef("pk"))
    taken = Exists(others.filter(Q(name_look=OuterRef("name_look")) | Q(username_look=OuterRef("name_look"))))
    doubtful = Q(taken) | names_an_account()
    for shared, found in (
        (True, users.filter(doubtful, name_shared=False)),
        (False, users.filter(~doubtful, name_shared=True)),
    ):
        if ids := list(found.values_list("pk", flat=True)):
            # The UPDATE checks again: another name may have appeared or disappeared since.
            found.filter(pk__in=ids).update(name_shared=shared, named_at=timezone.now())
            publish_names_changed(ids)


def publish_names_changed(user_ids: Iterable[int]) -> None:
    """Send `signals.names_changed` after the commit, for these people with a new `named_at`."""
    if changed := frozenset(user_ids):
        # Robust: the change is committed, so an error in a receiver must not look like a failure of the change.
        transaction.on_commit(partial(signals.names_changed.send_robust, sender=None, user_ids=changed))
