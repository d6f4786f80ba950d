"""The signals of this app, and the function that increments `access_rev` before `access_changed` is sent."""

from collections.abc import Iterable

from django.apps import apps
from django.db import models, transaction
from django.dispatch import Signal

# After the commit: the permissions of these users have changed. Argument: user_ids (frozenset of int).
access_changed = Signal()
# A participant is about to be deactivated: lock the rows that this will change, before any row of a person. In its
# transaction, possibly more than once. Argument: user, the Participant.
account_closing = Signal()
# The row of a participant was deactivated, in the same transaction. Argument: user, the Participant.
account_closed = Signal()
# A user signed up with an invitation into rooms, in the same transaction. Arguments: user, rooms (slugs).
invited = Signal()
# After the commit: the shown names of these users have changed. Argument: user_ids (frozenset of int).
names_changed = Signal()
# After the commit, in the committing thread: a message was posted. A slow receiver delays the sender's acknowledgement.
# Arguments: room (Room), author (Participant), seq (int), text (str).
on_message = Signal()
# A signed-in user opened a page of the chat; a receiver may return facts for the page's scripts, a dict. Argument:
# request.
page_opened = Signal()
# The server has stopped; its process ends when the receivers return. Argument: seconds (how long they may take).
server_stopped = Signal()
# The settings page is shown: a receiver returns the context of its own parts' templates, a dict. Argument: request.
settings_shown = Signal()


def mark_access_changed(user_ids: Iterable[int]) -> None:
    """Increment `Participant.access_rev` of these users; after the commit, send `access_changed`.

    Call it inside the transaction that makes the change: a process that misses the signal finds the
    incremented number when it next compares its sockets with the database.
    """
    changed = frozenset(user_ids)
    if not changed:
        return
    apps.get_model("chat", "Participant").objects.filter(pk__in=changed).update(access_rev=models.F("access_rev") + 1)
    transaction.on_commit(lambda: _send(changed))


def _send(changed: frozenset[int]) -> None:
    # Robust: the change is committed, so an error of one receiver must not look like a failure of the change.
    access_changed.send_robust(sender=None, user_ids=changed)
