"""What a person may do has changed: count it, and tell whoever holds their open sockets."""

from collections.abc import Iterable

from django.contrib.auth import get_user_model
from django.db import models, transaction

from accounts import signals


def access_changed(user_ids: Iterable[int]) -> None:
    """Raise `User.access_rev` of these people; after the commit, send `signals.access_changed`.

    Call it inside the transaction that makes the change: processes that miss the signal find the
    raised number by asking the database.
    """
    changed = frozenset(user_ids)
    if not changed:
        return
    get_user_model().objects.filter(pk__in=changed).update(access_rev=models.F("access_rev") + 1)
    transaction.on_commit(lambda: _tell(changed))


def _tell(changed: frozenset[int]) -> None:
    # Robust: the change is committed, a listener's trouble must not look like its failure.
    signals.access_changed.send_robust(sender=get_user_model(), user_ids=changed)
