"""Signals of this app, and the one function that counts a change of what people may do before it is sent."""

from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.dispatch import Signal

# After the commit: what these people may do has changed. Argument: user_ids (frozenset of int).
access_changed = Signal()
# An account is about to be closed: lock what its closing will change, before any row of a person. In its transaction,
# possibly more than once. Argument: user.
account_closing = Signal()
# The row of an account was closed, in the same transaction. Argument: user.
account_closed = Signal()
# After the commit: the names these people are shown by have changed. Argument: user_ids (frozenset of int).
names_changed = Signal()


def mark_access_changed(user_ids: Iterable[int]) -> None:
    """Increment `User.access_rev` of these people; after the commit, send `access_changed`.

    Call it inside the transaction that makes the change: a process that misses the signal finds the
    incremented number when it next compares its sockets with the database.
    """
    changed = frozenset(user_ids)
    if not changed:
        return
    get_user_model().objects.filter(pk__in=changed).update(access_rev=models.F("access_rev") + 1)
    transaction.on_commit(lambda: _send(changed))


def _send(changed: frozenset[int]) -> None:
    # Robust: the change is committed, so an error of one receiver must not look like a failure of the change.
    access_changed.send_robust(sender=get_user_model(), user_ids=changed)
